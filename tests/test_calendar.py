"""Working days, against a walk from day to day over holidays in any order."""

import csv
import random
from datetime import date, time, timedelta

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from cooperatives.calendar import WorkCalendar, add_months
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


# --- Terms ----------------------------------------------------------------------------------------


@given(some_days, some_days, days, st.integers(min_value=0, max_value=200))
def test_working_days_between_two_days_are_those_one_walks_over(off, made_up, start, length):
    end = start + timedelta(days=length)
    calendar = WorkCalendar(off, made_up)
    walked = sum(worked(start + timedelta(days=n), off, made_up) for n in range(1, length + 1))
    assert calendar.working_days_between(start, end) == walked
    assert calendar.working_days_between(end, start) == -walked


@given(some_days, some_days, days, st.integers(min_value=1, max_value=60))
def test_going_back_ends_on_the_working_day_from_which_so_many_were_used_up(off, made_up, start, count):
    """The oracle tries every earlier day, nearest first."""
    calendar = WorkCalendar(off, made_up)
    earlier = (start - timedelta(days=n) for n in range(1, 800))
    expected = next(
        day
        for day in earlier
        if worked(day, off, made_up)
        and sum(worked(day + timedelta(days=n), off, made_up) for n in range(1, (start - day).days + 1)) == count
    )
    assert calendar.shift(start, -count) == expected
    assert calendar.working_days_between(start, expected) == -count


@given(some_days, some_days, days, st.integers(min_value=0, max_value=90))
def test_going_forward_is_adding_working_days(off, made_up, start, count):
    calendar = WorkCalendar(off, made_up)
    assert calendar.shift(start, count) == calendar.add_working_days(start, count)


@given(some_days, some_days, days, st.integers(min_value=0, max_value=200))
def test_a_term_in_calendar_days_ends_on_a_worked_day(off, made_up, start, count):
    last = start + timedelta(days=count)
    expected = last if worked(last, off, made_up) else worked_days_after(last, off, made_up)[0]
    assert WorkCalendar(off, made_up).add_calendar_days(start, count) == expected


@given(some_days, some_days, days, st.times())
def test_what_comes_in_after_the_hour_or_on_a_day_off_counts_as_come_in_on_the_next_worked_day(off, made_up, day, at):
    calendar = WorkCalendar(off, made_up)
    three = time(15)
    first = day + timedelta(days=1) if at > three else day
    expected = next(d for d in (first + timedelta(days=n) for n in range(800)) if worked(d, off, made_up))
    assert calendar.reception_day(day, at, three) == expected
    assert calendar.reception_day(day, None, three) == calendar.next_working_day(day)


def test_three_o_clock_sharp_is_not_late():
    thursday, calendar = date(2023, 9, 21), WorkCalendar()
    assert calendar.reception_day(thursday, time(15), time(15)) == thursday
    assert calendar.reception_day(thursday, time(15, 0, 1), time(15)) == date(2023, 9, 22)
    assert calendar.reception_day(date(2023, 9, 22), time(16), time(15)) == date(2023, 9, 25)


@given(st.dates(date(1990, 1, 1), date(2060, 12, 31)), st.integers(min_value=-240, max_value=240))
def test_months_later_is_the_same_number_or_the_last_day_of_the_month(day, months):
    """The oracle walks from month to month."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        year, month = (year + 1, 1) if month > 12 else (year - 1, 12) if month < 1 else (year, month)
    number = day.day
    while True:
        try:
            expected = date(year, month, number)
            break
        except ValueError:
            number -= 1
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2023, 3, 31), -1, date(2023, 2, 28)),
        (date(2023, 12, 15), 1, date(2024, 1, 15)),
    ],
)
def test_the_end_of_february_is_met(day, months, expected):
    assert add_months(day, months) == expected


def test_a_term_of_the_rules_is_counted_in_its_own_unit():
    calendar = WorkCalendar()
    friday = date(2023, 9, 22)
    ends = {unit: calendar.end_of(friday, 1, unit) for unit in ("working_day", "calendar_day", "month", "year")}
    assert ends == {
        "working_day": date(2023, 9, 25),
        "calendar_day": date(2023, 9, 25),
        "month": date(2023, 10, 23),
        "year": date(2024, 9, 23),
    }
    with pytest.raises(ValueError, match="percent"):
        calendar.end_of(friday, 1, "percent")
