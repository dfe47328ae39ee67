"""Working days, against a walk from day to day over holidays in any order."""

import csv
import random
from datetime import date, timedelta

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from cooperatives.calendar import WorkCalendar
from cooperatives.choices import DayKind
from cooperatives.models import Holiday

FIRST = date(2023, 1, 1)
days = st.integers(min_value=0, max_value=365).map(lambda n: FIRST + timedelta(days=n))
some_days = st.lists(days, max_size=60)


def worked(day: date, off: list[date], made_up: list[date]) -> bool:
    """The rule said once more: a make-up day is worked; a weekend or a day off is not; the rest is."""
    if day in made_up:
        return True
    if day in off:
        return False
    return day.isoweekday() not in (6, 7)


def worked_days_after(start: date, off: list[date], made_up: list[date]) -> list[date]:
    """Every worked day of the two years after ``start``, in order."""
    following = [start + timedelta(days=n) for n in range(1, 800)]
    return [day for day in following if worked(day, off, made_up)]


@given(some_days, some_days, days, st.integers(min_value=0, max_value=90))
def test_a_term_ends_on_the_nth_worked_day_after_the_event(off, made_up, start, count):
    calendar = WorkCalendar(off, made_up)
    end = calendar.add_working_days(start, count)
    assert end == ([start, *worked_days_after(start, off, made_up)])[count]


@given(some_days, some_days, days)
def test_the_next_working_day_is_the_day_itself_or_the_first_worked_one_after(off, made_up, day):
    expected = day if worked(day, off, made_up) else worked_days_after(day, off, made_up)[0]
    assert WorkCalendar(off, made_up).next_working_day(day) == expected


@given(some_days, some_days, st.randoms())
def test_the_order_of_the_days_in_the_table_does_not_matter(off, made_up, chance):
    shuffled_off, shuffled_made_up = off * 2, made_up * 2
    chance.shuffle(shuffled_off)
    chance.shuffle(shuffled_made_up)
    one, other = WorkCalendar(off, made_up), WorkCalendar(frozenset(shuffled_off), shuffled_made_up)
    year = [FIRST + timedelta(days=n) for n in range(366)]
    assert [one.is_working_day(day) for day in year] == [other.is_working_day(day) for day in year]


@given(days, st.integers(min_value=0, max_value=40), st.integers(min_value=0, max_value=40))
def test_two_terms_one_after_the_other_are_one_term_of_both(start, one, other):
    calendar = WorkCalendar({date(2023, 4, 29), date(2023, 5, 1)}, {date(2023, 5, 6)})
    at_once = calendar.add_working_days(start, one + other)
    assert calendar.add_working_days(calendar.add_working_days(start, one), other) == at_once


def test_an_ordinary_week_has_five_working_days():
    week = [date(2023, 9, 4) + timedelta(days=n) for n in range(7)]
    assert [WorkCalendar().is_working_day(day) for day in week] == [True] * 5 + [False] * 2


def test_a_term_cannot_be_negative():
    with pytest.raises(ValueError, match="negative"):
        WorkCalendar().add_working_days(FIRST, -1)


@pytest.mark.django_db
@pytest.mark.database
def test_the_table_of_days_gives_the_calendar_in_whatever_order_it_was_filled(django_assert_num_queries):
    with (settings.FIXTURES_DIR / "reference" / "holidays.csv").open(encoding="utf-8", newline="") as file:
        rows = [(date.fromisoformat(row["day"]), row["kind"]) for row in csv.DictReader(file)]
    rows.append((date(2023, 4, 22), DayKind.WORKING))
    random.Random(23).shuffle(rows)
    Holiday.objects.bulk_create([Holiday(day=day, kind=kind, name="Ngày thử") for day, kind in rows])
    with django_assert_num_queries(1):
        calendar = Holiday.objects.work_calendar()
    assert {day for day, kind in rows if kind == DayKind.OFF} == calendar.days_off
    assert calendar.worked_days == {date(2023, 4, 22)}
    # Thursday 19/01/2023 before Tết (20–26/01): the three working days are the 27th, the 30th and the 31st.
    assert calendar.add_working_days(date(2023, 1, 19), 3) == date(2023, 1, 31)
    # Friday 28/04/2023: the 30th and 1 May are off.
    assert calendar.add_working_days(date(2023, 4, 28), 3) == date(2023, 5, 4)
    # Saturday 22/04/2023 makes up for a swap.
    assert calendar.add_working_days(date(2023, 4, 21), 1) == date(2023, 4, 22)
