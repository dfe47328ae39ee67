"""The flow of cases: what came in equals what went out, counted again in plain Python over random lives of cases."""

import itertools
from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support_cases.choices import Status
from support_cases.reports.answers import answer
from support_cases.reports.flow import FLOW, NUMBERS
from support_cases.reports.kinds import Figures
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Period
from support_cases.reports.tables import ROWS
from tests.case_lives import HERE, LIVES, Life, Office, Spell, last_standing, spells_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

GROUPS = ("topic", "district", "commune", "officer")
TODAY = date(2025, 1, 31)
PERIODS = st.one_of(
    st.builds(
        Period.parse,
        st.sampled_from(["2024-02", "2024-03", "2024-05", "2024-Q2", "2024-H1", "2024-9M", "2024", "2023", "2025-01"]),
        st.sampled_from([MONTH, ADMINISTRATIVE]),
    ),
    st.builds(
        lambda start, days: Period.from_day_to_day(MONTH, start, start + timedelta(days=days)),
        st.dates(date(2024, 1, 1), date(2024, 7, 31)),
        st.integers(0, 60),
    ),
)
KNOWN = st.one_of(st.none(), st.dates(date(2024, 1, 20), date(2024, 9, 30)))


def counted(office: Office, period: Period, moment: datetime | None) -> Figures:
    """The figures by hand: every spell and every correction round put into its groups one by one."""
    found: dict[str, dict[str, Counter]] = {group: {} for group in ("total", "month", *GROUPS)}

    def add(keys: dict[str, str], number: str, by: int = 1) -> None:
        for group, key in keys.items():
            found[group].setdefault(key, Counter())[number] += by

    for life in office.lives:
        facts = {"total": "", "topic": life.topic} | office.places(life, moment)
        for spell in spells_of(life, moment):
            if spell.began > period.end or (spell.ended and spell.ended < period.start):
                continue
            keys = facts | {"officer": officer_of(life, spell, period, moment)}
            for number, by in numbers_of(spell, period):
                add(keys, number, by)
        for line in known(life, moment):
            asks = line.after == Status.WAITING_COOPERATIVE != line.before
            if asks and period.start <= line.day <= period.end:
                add(facts | {"officer": str(line.officer)}, "rounds")
    return {group: {key: [n[one] for one in NUMBERS] for key, n in rows.items()} for group, rows in found.items()}


def known(life: Life, moment: datetime | None):
    return [line for line in life.lines if moment is None or line.typed < moment]


def officer_of(life: Life, spell: Spell, period: Period, moment: datetime | None) -> str:
    if spell.end is not None and spell.ended is not None and spell.ended <= period.end:
        return str(spell.end.officer)
    return str(last_standing(life, period.end, moment).officer)


def numbers_of(spell: Spell, period: Period):
    """Yield what one spell adds to the numbers of a period it touches."""
    if spell.began < period.start:
        yield "carried_in", 1
    else:
        yield "reopened" if spell.is_reopened else "received", 1
    if spell.end is None or spell.ended is None or spell.ended > period.end:
        yield "carried_on", 1
    elif spell.end.after == Status.COMPLETED:
        due_on = spell.end.due_on
        yield "late" if due_on and due_on < spell.ended else "on_time", 1
        yield "days", (spell.ended - spell.began).days
    else:
        yield spell.end.after, 1


def end_of(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days=1), time.min, HERE)


@settings(max_examples=16, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lives=st.lists(LIVES, min_size=2, max_size=4),
    move=st.one_of(st.none(), st.tuples(st.integers(0, 3), st.dates(date(2024, 2, 1), date(2024, 8, 1)))),
    period=PERIODS,
    as_of=KNOWN,
    lists=st.sampled_from(["totals", "month", "topic", "results", "district", "officer"]),
)
def test_the_flow_is_what_a_count_by_hand_finds_now_and_on_every_past_day(office, lives, move, period, as_of, lists):
    with transaction.atomic():
        office.lives.clear()
        office.moved.clear()
        office.live(lives)
        if move:
            office.move(*move)
        found = answer(FLOW, period, frame="2022", today=TODAY, as_of=as_of)
        expected = counted(office, period, end_of(as_of))
        for group in ("total", *GROUPS):
            assert found.figures[group] == expected[group], group
        assert_flow_adds_up(found)
        assert_lists_hold_what_they_say(found, lists)
        transaction.set_rollback(True)
    for row in office.cooperatives:
        row.refresh_from_db()


@pytest.fixture
def office() -> Office:
    return Office()


def assert_flow_adds_up(found) -> None:
    """What was there and came in is what went out and is there, in every line of every table; months join up."""
    for table in found.tables:
        for row in table.rows if table.code not in ("totals", "results") else ():
            n = {code: cell.value for code, cell in zip(table.column_codes, row.cells, strict=True)}
            assert n["carried_in"] + n["received"] + n["reopened"] == n["finished"] + n["ended"] + n["carried_on"]
    months = [[cell.value for cell in row.cells] for row in found.table("month").rows]
    totals = {row.code: row.cells[0].value for row in found.table("totals").rows}
    assert months[0][0] == totals["carried_in"]
    assert months[-1][6] == totals["carried_on"]
    for one, following in itertools.pairwise(months):
        assert one[6] == following[0]
    for code in ("topic", "district", "officer"):
        rows = found.table(code).rows
        for at in range(8):
            assert sum(row.cells[at].value for row in rows[:-1]) == rows[-1].cells[at].value


def assert_lists_hold_what_they_say(found, code: str) -> None:
    """Every number of a table opens into as many lines as it says."""
    table = found.table(code)
    for row in table.rows:
        for column, cell in zip(table.column_codes, row.cells, strict=True):
            if cell.behind == ROWS:
                listed = FLOW.behind(found.basis.scope, table.code, row.code, column)
                assert len(listed.rows) == cell.value, (table.code, row.code, column)
                assert all(len(listed.line(line)) == len(listed.columns) for line in listed.rows[:1])
            else:
                assert not cell.value or column in ("share", "percent", "on_time_percent", "average_days")
