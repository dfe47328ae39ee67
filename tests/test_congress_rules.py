"""Rules of general meetings, each against a slow and obvious way to count the same."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cooperatives.calendar import WorkCalendar
from cooperatives.governance import congress_rules as rules
from tests.law import lawbook

BOOK = lawbook()
NEW_LAW = date(2024, 7, 1)
days = st.dates(date(2015, 1, 1), date(2031, 12, 31))
some_days = st.lists(st.dates(date(2023, 1, 1), date(2028, 12, 31)), max_size=80)
people = st.integers(min_value=1, max_value=3000)


def under(day: date, old, new):
    """The value of the law in force on ``day``."""
    return new if day >= NEW_LAW else old


def least(enough) -> int:
    """The least whole number that is enough, found by trying."""
    return next(n for n in range(1, 10_000) if enough(n))


@given(days, st.integers(1, 3), people, st.integers(0, 3000))
def test_a_call_needs_the_share_of_members_its_law_asks_for(day, call_no, members, present):
    share = {1: under(day, 75, 50), 2: under(day, 50, 33), 3: 0}[call_no]
    percent = rules.quorum_percent(BOOK, call_no, day)
    needed = least(lambda n: n * 100 >= members * share)
    assert rules.quorum(percent, members, present) == (needed, present >= needed)


@given(st.integers(1, 2), people, people, st.integers(0, 3000))
def test_among_delegates_the_share_is_of_those_invited(call_no, members, delegates, present):
    share = {1: 50, 2: 33}[call_no]
    percent = rules.quorum_percent(BOOK, call_no, NEW_LAW)
    needed = least(lambda n: n * 100 >= delegates * share)
    assert rules.quorum(percent, members, present, delegates) == (needed, present >= needed)


@pytest.mark.parametrize(("members", "present", "met"), [(10, 5, True), (11, 5, False), (11, 6, True)])
def test_half_of_an_odd_number_is_the_larger_half(members, present, met):
    assert rules.quorum(50, members, present).met is met


def test_figures_that_are_not_known_leave_the_quorum_open():
    assert rules.quorum(50, None, 5) == (None, None)
    assert rules.quorum(None, 10, 5) == (None, None)
    assert rules.quorum(50, 10, None) == (5, None)
    assert rules.quorum(0, None, 4) == (1, True)


@given(st.integers(1, 5000))
def test_delegates_are_a_share_that_shrinks_with_size_and_200_beyond_1000(members):
    if members > 1000:
        expected = 200
    else:
        share = 50 if members <= 100 else 30 if members <= 300 else 20
        expected = least(lambda n: n * 100 >= members * share)
    assert rules.delegates_needed(BOOK, members, NEW_LAW) == expected
    assert rules.may_send_delegates(BOOK, members, NEW_LAW) is (members >= 50)


def test_the_old_law_holds_no_figures_for_delegates_so_nothing_is_claimed():
    assert rules.delegates_needed(BOOK, 80, date(2024, 6, 30)) is None
    assert rules.may_send_delegates(BOOK, 80, date(2024, 6, 30)) is None


@given(days)
def test_the_notice_goes_out_whole_days_before_the_meeting(meeting):
    last = rules.last_notice_day(BOOK, meeting)
    between = 0
    while last + timedelta(days=between) < meeting:
        between += 1
    assert between == under(meeting, 7, 3)


@given(some_days, some_days, st.dates(NEW_LAW, date(2027, 12, 31)), st.integers(1, 2))
def test_the_next_call_comes_within_its_days_and_never_ends_on_a_day_off(off, made_up, failed_on, call_no):
    calendar = WorkCalendar(off, made_up)
    day, allowed = failed_on, {1: 30, 2: 20}[call_no]
    for _ in range(allowed):
        day += timedelta(days=1)
    end = day
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    assert rules.next_call_by(lawbook(calendar), call_no, failed_on) == (end, day)


def test_no_call_follows_the_third():
    assert rules.next_call_by(BOOK, 3, NEW_LAW) is None


@given(some_days, st.dates(NEW_LAW, date(2027, 12, 31)))
def test_an_extraordinary_meeting_is_convened_within_15_days(off, asked_on):
    day = asked_on
    for _ in range(15):
        day += timedelta(days=1)
    end = day
    while day in off or day.isoweekday() > 5:
        day += timedelta(days=1)
    assert rules.extraordinary_by(lawbook(WorkCalendar(off)), asked_on) == (end, day)


def months_by_walking(start: date, months: int) -> date:
    """The day of the same number so many months on, or the last day of a month without it; found day by day."""
    month_no, day = 0, start
    while month_no < months:
        day += timedelta(days=1)
        month_no += day.day == 1
    wanted = day
    while wanted.day < start.day and (wanted + timedelta(days=1)).month == day.month:
        wanted += timedelta(days=1)
    return wanted


@given(some_days, st.integers(1, 12), st.integers(2019, 2027))
def test_the_annual_meeting_is_due_months_after_the_year_by_the_law_of_its_end(off, month, year):
    end = rules.year_end(month, year)
    assert end.month == month
    assert (end + timedelta(days=1)).day == 1
    plain = months_by_walking(end, under(end, 3, 4))
    last = plain
    while last in off or last.isoweekday() > 5:
        last += timedelta(days=1)
    assert rules.annual_deadline(lawbook(WorkCalendar(off)), end) == (plain, last)


@given(st.integers(1, 12), days)
def test_the_last_financial_year_is_the_latest_that_has_ended(month, day):
    walked = day
    while not (walked.month == month and (walked + timedelta(days=1)).month != month):
        walked -= timedelta(days=1)
    assert rules.last_year_end(month, day) == walked


def test_the_121st_day_after_a_year_of_365_days_is_past_the_four_months():
    end = date(2025, 12, 31)
    assert rules.annual_deadline(BOOK, end).ends_on == end + timedelta(days=120) == date(2026, 4, 30)


def test_a_year_that_ended_in_february_counts_from_its_last_day_leap_or_not():
    assert rules.annual_deadline(BOOK, rules.year_end(2, 2028)).ends_on == date(2028, 6, 29)
    assert rules.annual_deadline(BOOK, rules.year_end(2, 2027)).ends_on == date(2027, 6, 28)


@given(days, st.integers(1, 2000))
def test_a_special_decision_needs_its_share_and_an_ordinary_one_more_than_half(day, present):
    share = under(day, 75, 65)
    special = least(lambda n: n * 100 >= present * share)
    assert rules.votes_needed(BOOK, present, day, special=True) == special
    ordinary = least(lambda n: n * 2 > present) if day >= NEW_LAW else None
    assert rules.votes_needed(BOOK, present, day, special=False) == ordinary


@given(days, st.integers(1, 6))
def test_a_term_ends_on_the_last_day_before_its_anniversary(started_on, years):
    anniversary = (started_on.year + years, started_on.month, started_on.day)
    day = started_on
    while (day.year, day.month, day.day) < anniversary:
        day += timedelta(days=1)
    assert rules.term_last_day(started_on, years) == day - timedelta(days=1)


def test_terms_around_29_february():
    assert rules.term_last_day(date(2024, 2, 29), 5) == date(2029, 2, 28)
    assert rules.term_last_day(date(2024, 2, 29), 4) == date(2028, 2, 28)
    assert rules.term_last_day(date(2023, 3, 1), 5) == date(2028, 2, 29)
