"""The arithmetic of reminders against a slow walk from day to day; Tết, make-up days and month ends mixed in."""

from calendar import monthrange
from datetime import date, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from cooperatives.calendar import WorkCalendar
from support_cases.models import ReminderRule
from support_cases.reminders.entering import made_up_since, timely
from support_cases.reminders.occasions import Anchor, Scene, anchor_span, fire_on, occurrences_of, run_on

ONE = timedelta(days=1)
START, END = date(2025, 10, 1), date(2027, 6, 30)
#: Nine days off in a row, and a Saturday worked for them.
TET = {date(2026, 2, 14) + timedelta(days=n) for n in range(9)}
MAKE_UP = {date(2026, 2, 28)}

days = st.integers(min_value=0, max_value=(END - START).days).map(lambda n: START + timedelta(days=n))
single_days_off = st.sets(days.filter(lambda day: day.isoweekday() <= 5), max_size=20)
saturdays = st.sets(days.filter(lambda day: day.isoweekday() == 6), max_size=6)
units = st.sampled_from(["calendar_day", "working_day", "month"])
calendars = st.builds(lambda off, worked: (TET | off, MAKE_UP | worked), single_days_off, saturdays)


@st.composite
def rules(draw, unit=None):
    """A rule of a few offsets, now and then one that repeats, or one that is in force for a while only."""
    unit = unit or draw(units)
    most = {"calendar_day": 60, "working_day": 40, "month": 14}[unit]
    offsets = draw(st.sets(st.integers(min_value=-most, max_value=most), min_size=1, max_size=4))
    rule = ReminderRule(
        key="rule",
        occasion="case_deadline",
        unit=unit,
        offsets=", ".join(map(str, sorted(offsets))),
        repeat_every=draw(st.none() | st.integers(min_value=1, max_value=30 if unit != "month" else 3)),
        look_back_days=draw(st.integers(min_value=0, max_value=40)),
        valid_from=draw(st.just(date(2022, 1, 1)) | days),
    )
    rule.valid_to = draw(st.none() | days.filter(lambda day: day >= rule.valid_from))
    return rule


# --- The walk: nothing but one day after the other ---------------------------------------------------------


def works(day: date, off: set[date], worked: set[date]) -> bool:
    return day in worked or (day.isoweekday() <= 5 and day not in off)


def day_of(anchor: date, offset: int, unit: str, off: set[date], worked: set[date]) -> date:
    """The day so many units away, gone to step by step."""
    if unit == "month":
        year, month = anchor.year, anchor.month
        for _step in range(abs(offset)):
            month += 1 if offset > 0 else -1
            year, month = (year + 1, 1) if month == 13 else (year - 1, 12) if month == 0 else (year, month)
        return date(year, month, min(anchor.day, monthrange(year, month)[1]))
    day = anchor
    if unit == "calendar_day" or offset >= 0:
        for _step in range(abs(offset)):
            day += ONE if offset > 0 else -ONE
            while unit == "working_day" and not works(day, off, worked):
                day += ONE
        return day
    # Back: the working day after which, up to the anchor, lie exactly so many working days.
    passed = 0
    while True:
        passed += works(day, off, worked)
        day -= ONE
        if passed == -offset and works(day, off, worked):
            return day


def told_on(day: date, *, after: bool, off: set[date], worked: set[date]) -> date:
    while not works(day, off, worked):
        day += ONE if after else -ONE
    return day


def expected(anchor: date, rule: ReminderRule, first: date, last: date, off, worked) -> list[tuple[date, date]]:
    """The days a rule names between two days, with the days people are told."""
    offsets = sorted(int(text) for text in rule.offsets.split(","))
    found = {day_of(anchor, offset, rule.unit, off, worked): offset for offset in offsets}
    if rule.repeat_every:
        offset = offsets[-1]
        while (day := day_of(anchor, offset := offset + rule.repeat_every, rule.unit, off, worked)) <= last:
            found[day] = offset
    return [
        (day, told_on(day, after=offset > 0, off=off, worked=worked))
        for day, offset in sorted(found.items())
        if first <= day <= last and rule.valid_from <= day and (rule.valid_to is None or day <= rule.valid_to)
    ]


def counted(anchor: date, rule: ReminderRule, first: date, last: date, calendar: WorkCalendar):
    found = occurrences_of(Anchor("case/1", anchor), [rule], first, last, calendar)
    return [(one.occurrence_on, one.run_on) for one in found]


# --- What holds ---------------------------------------------------------------------------------------------


@given(days, st.integers(min_value=-60, max_value=60), units, calendars)
@example(date(2026, 2, 23), -1, "working_day", (TET, MAKE_UP))
@example(date(2026, 2, 13), 1, "working_day", (TET, MAKE_UP))
@example(date(2024, 2, 29), 12, "month", (set(), set()))
@example(date(2026, 10, 31), -8, "month", (set(), set()))
def test_an_offset_leads_to_the_day_a_walk_leads_to(anchor, offset, unit, calendar):
    if unit == "month":
        offset //= 3
    assert fire_on(anchor, offset, unit, WorkCalendar(*calendar)) == day_of(anchor, offset, unit, *calendar)


@given(days, st.integers(min_value=-3, max_value=3), calendars)
@example(date(2026, 2, 17), 0, (TET, MAKE_UP))
@example(date(2026, 2, 17), 1, (TET, MAKE_UP))
@example(date(2026, 2, 28), 0, (TET, MAKE_UP))
def test_people_are_told_before_days_off_of_what_is_due_in_them_and_after_them_of_what_follows(day, offset, calendar):
    off, worked = calendar
    expected_day = told_on(day, after=offset > 0, off=off, worked=worked)
    assert run_on(day, offset, WorkCalendar(*calendar)) == expected_day


@given(days, rules(), days, st.integers(min_value=0, max_value=120), calendars)
def test_the_occurrences_between_two_days_are_those_of_the_walk(anchor, rule, first, length, calendar):
    last = first + timedelta(days=length)
    found = counted(anchor, rule, first, last, WorkCalendar(*calendar))
    assert found == expected(anchor, rule, first, last, *calendar)


def test_a_rule_that_repeats_every_working_day_passes_over_none_after_tet():
    rule = ReminderRule(
        key="rule", occasion="referral_late", unit="working_day", offsets="0", repeat_every=1, valid_from=START
    )
    found = counted(date(2026, 2, 13), rule, date(2026, 2, 21), date(2026, 2, 27), WorkCalendar(TET, MAKE_UP))
    assert [day.day for day, _run in found] == [23, 24, 25, 26, 27]


def test_a_rule_that_repeats_goes_on_for_as_long_as_the_matter_stands():
    rule = ReminderRule(key="rule", occasion="no_contact", offsets="14", repeat_every=1, valid_from=date(1990, 1, 1))
    found = counted(date(1995, 1, 1), rule, date(2026, 11, 1), date(2026, 11, 2), WorkCalendar())
    assert [day for day, _run in found] == [date(2026, 11, 1), date(2026, 11, 2)]


@given(days, rules(), days, st.integers(min_value=0, max_value=60), calendars)
@example(
    date(2026, 2, 23),
    ReminderRule(key="rule", occasion="case_deadline", unit="working_day", offsets="-1", valid_from=START),
    date(2026, 2, 13),
    0,
    (TET, MAKE_UP),
)
def test_the_span_anchors_are_asked_for_in_holds_every_anchor_with_an_occurrence(anchor, rule, first, length, calendar):
    last = first + timedelta(days=length)
    if expected(anchor, rule, first, last, *calendar):
        low, high = anchor_span([rule], first, last)
        assert low <= anchor <= high


@given(st.lists(rules(), min_size=2, max_size=4), days, days, calendars)
def test_rules_that_name_one_day_are_one_occurrence(several, anchor, first, calendar):
    last = first + timedelta(days=30)
    for place, rule in enumerate(several):
        rule.key = f"rule-{place}"
    found = occurrences_of(Anchor("case/1", anchor), several, first, last, WorkCalendar(*calendar))
    named = {(one.occurrence_on, rule.key) for one in found for rule in one.rules}
    assert named == {(d, rule.key) for rule in several for d, _run in expected(anchor, rule, first, last, *calendar)}
    assert len({one.occurrence_on for one in found}) == len(found)


@given(days, rules(), days, calendars)
@example(
    date(2026, 2, 14),
    ReminderRule(key="rule", occasion="case_deadline", offsets="1", look_back_days=0, valid_from=START),
    date(2026, 2, 23),
    (TET, MAKE_UP),
)
def test_what_may_be_told_today_is_what_was_to_be_told_by_now_and_is_not_too_old(anchor, rule, today, calendar):
    off, worked = calendar
    scene = Scene(today=told_on(today, after=True, off=off, worked=worked), calendar=WorkCalendar(*calendar))
    first = made_up_since([rule], scene)
    found = occurrences_of(Anchor("case/1", anchor), [rule], first, scene.horizon, scene.calendar)
    wanted = [
        day
        for day, run in expected(anchor, rule, START - timedelta(days=400), scene.today + timedelta(days=40), *calendar)
        if run <= scene.today and (scene.today - max(day, run)).days <= rule.look_back_days
    ]
    assert [one.occurrence_on for one in found if timely(one, scene)] == wanted
