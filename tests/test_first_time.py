"""First-time cooperatives: those not served before the period in the same year of the calendar."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from support_cases.reports.counting import first_time_entries
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Month, Period
from support_cases.reports.served import served
from tests.factories import make_consultation, make_cooperative, make_founding_group, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2024, 6, 1)


@pytest.fixture(autouse=True)
def counted_anew(settings):
    """No cache, said explicitly: every report is counted."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


@pytest.fixture
def officer(db):
    return make_user()


@pytest.fixture
def serve(officer):
    """Record a consultation of a party on a day."""
    return lambda party, *days: [make_consultation(party, by=officer, today=TODAY, held_on=day) for day in days]


def first_time(first: Month, last: Month | None = None, calendar: str = MONTH, as_of: date | None = None) -> int:
    report = served(Period(calendar, first, last or first), frame="2022", today=TODAY, as_of=as_of)
    return report.first_time


def by_month(year: int, calendar: str = MONTH) -> list[int]:
    return [first_time(Month(year, number), calendar=calendar) for number in range(1, 13)]


def test_a_cooperative_is_new_in_the_first_month_it_was_served_and_in_no_other(serve):
    serve(make_cooperative(), date(2023, 2, 3), date(2023, 2, 20), date(2023, 5, 9), date(2023, 12, 31))
    assert by_month(2023) == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]


def test_the_months_of_a_year_add_up_to_the_distinct_cooperatives_of_the_year(serve):
    for days in (
        [date(2023, 1, 1)],
        [date(2023, 1, 31), date(2023, 2, 1)],
        [date(2023, 3, 5), date(2023, 11, 5)],
        [date(2023, 12, 31)],
        [date(2022, 12, 31)],
    ):
        serve(make_cooperative(), *days)
    year = served(Period(MONTH, Month(2023, 1), Month(2023, 12)), frame="2022", today=TODAY)
    assert by_month(2023) == [2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert year.first_time == year.cooperatives == sum(by_month(2023)) == 4


def test_in_a_longer_period_who_was_served_twice_within_it_is_new_once(serve):
    serve(make_cooperative(), date(2023, 3, 1), date(2023, 4, 1))
    assert first_time(Month(2023, 3), Month(2023, 4)) == 1
    assert first_time(Month(2023, 4), Month(2023, 5)) == 0


def test_a_new_year_makes_everybody_new_again(serve):
    serve(make_cooperative(), date(2022, 6, 1), date(2023, 6, 1))
    assert (first_time(Month(2022, 6)), first_time(Month(2023, 6))) == (1, 1)


def test_the_administrative_year_begins_on_15_december(serve):
    before, within = make_cooperative(), make_cooperative()
    serve(before, date(2022, 12, 14), date(2023, 3, 1))
    serve(within, date(2022, 12, 15), date(2023, 3, 1))
    assert first_time(Month(2023, 3), calendar=ADMINISTRATIVE) == 1  # the one last served in the year before
    assert first_time(Month(2023, 1), calendar=ADMINISTRATIVE) == 1
    assert first_time(Month(2022, 12), calendar=ADMINISTRATIVE) == 1
    assert first_time(Month(2023, 3)) == 2


def test_the_year_is_that_of_the_first_month_of_a_period_over_new_year(serve):
    serve(make_cooperative(), date(2023, 2, 1), date(2024, 2, 1))
    serve(make_cooperative(), date(2024, 2, 1))
    assert first_time(Month(2023, 11), Month(2024, 2)) == 1


def test_founding_groups_are_never_counted_as_new_cooperatives(serve):
    group = make_founding_group(formed_on=date(2023, 1, 1))
    cooperative = make_cooperative(registered_on=date(2023, 3, 1))
    serve(group, date(2023, 2, 1))
    group.cooperative = cooperative
    group.save()
    assert first_time(Month(2023, 2)) == 0
    serve(cooperative, date(2023, 4, 1))
    assert first_time(Month(2023, 4)) == 1


def test_a_late_entry_for_an_earlier_month_takes_the_newness_from_the_later_one(serve):
    cooperative = make_cooperative()
    serve(cooperative, date(2023, 5, 1))
    assert by_month(2023).index(1) == 4
    serve(cooperative, date(2023, 2, 1))
    assert by_month(2023).index(1) == 1
    assert sum(by_month(2023)) == 1


def test_as_of_an_earlier_day_what_was_typed_later_does_not_count(serve, officer):
    cooperative = make_cooperative()
    [late] = serve(cooperative, date(2023, 2, 1))
    [prompt] = serve(cooperative, date(2023, 5, 1))
    type(late).objects.filter(pk=late.pk).update(recorded_at=datetime(2023, 8, 1, 0, 0, tzinfo=HERE))
    type(late).objects.filter(pk=prompt.pk).update(recorded_at=datetime(2023, 5, 2, 9, 0, tzinfo=HERE))
    assert first_time(Month(2023, 5), as_of=date(2023, 7, 31)) == 1
    assert first_time(Month(2023, 5), as_of=date(2023, 8, 1)) == 0
    assert first_time(Month(2023, 2), as_of=date(2023, 7, 31)) == 0
    assert first_time(Month(2023, 2), as_of=date(2023, 8, 1)) == 1


def test_the_entries_behind_the_number_are_all_entries_of_the_new_ones_in_the_period(serve):
    new, known = make_cooperative(), make_cooperative()
    shown = serve(new, date(2023, 3, 1), date(2023, 3, 2))
    serve(known, date(2023, 1, 1), date(2023, 3, 3))
    period = Period(MONTH, Month(2023, 3), Month(2023, 3))
    assert sorted(row.pk for row in first_time_entries(period)) == sorted(row.pk for row in shown)
    assert first_time(Month(2023, 3)) == 1
