"""What is overdue and what nobody touches at the end of a day, counted again in plain Python and told by hand."""

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support_cases.models import Case, CaseEvent
from support_cases.reports.answers import answer
from support_cases.reports.attention import ATTENTION, BANDS, NUMBERS
from support_cases.reports.periods import MONTH, Period
from support_cases.reports.tables import ROWS
from support_cases.support_types import topic_label
from support_cases.workflow import take_step
from tests.case_lives import HERE, LIVES, Office, last_standing, spells_of
from tests.factories import make_case, make_consultation, make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2025, 1, 31)
GROUPS = ("total", "topic", "district", "commune", "officer")


@pytest.fixture
def office() -> Office:
    return Office()


def counted(office: Office, day: date, moment: datetime | None) -> tuple[dict, dict]:
    """The numbers by group and by band, one open case after the other."""
    found: dict[str, dict[str, Counter]] = {group: {} for group in GROUPS}
    bands: dict[str, Counter] = {name: Counter() for name in BANDS}
    for life in office.lives:
        spell = next(
            (one for one in spells_of(life, moment) if one.began <= day and not (one.ended and one.ended <= day)), None
        )
        if spell is None:
            continue
        stood = last_standing(life, day, moment)
        touched = [line.day for line in life.lines if line.day <= day and (moment is None or line.typed < moment)]
        waits = stood.after == "waiting_cooperative"
        late = (day - stood.due_on).days if stood.due_on and not waits else 0
        idle = (day - max(spell.began, *touched)).days
        keys = {"total": "", "topic": life.topic, "officer": str(stood.officer)} | office.places(life, moment)
        for group, key in keys.items():
            n = found[group].setdefault(key, Counter())
            n.update({"open": 1, "waiting": waits, "overdue": late > 0, "stale": idle > 30})
        for name, days in (("overdue", late), ("stale", idle), ("age", (day - spell.began).days)):
            bands[name].update(f"{a}-{b}" if b else f"{a}+" for a, b in BANDS[name] if a <= days <= (b or days))
    return found, bands


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lives=st.lists(LIVES, min_size=2, max_size=4),
    day=st.dates(date(2024, 1, 20), date(2024, 8, 31)),
    as_of=st.one_of(st.none(), st.dates(date(2024, 1, 20), date(2024, 9, 30))),
)
def test_what_needs_attention_is_what_a_count_by_hand_finds_now_and_on_every_past_day(office, lives, day, as_of):
    with transaction.atomic():
        office.lives.clear()
        office.live(lives)
        found = answer(ATTENTION, Period.from_day_to_day(MONTH, day, day), frame="2022", today=TODAY, as_of=as_of)
        moment = None if as_of is None else datetime.combine(as_of + timedelta(days=1), time.min, HERE)
        groups, bands = counted(office, min(day, as_of or day), moment)
        for group in GROUPS:
            expected = {key: [int(n[one]) for one in NUMBERS] for key, n in groups[group].items()}
            assert found.figures[group] == expected, group
        for name, n in bands.items():
            assert {code: one for code, (one,) in found.figures[name].items() if one} == n, name
        assert_lists_hold_what_they_say(found)
        transaction.set_rollback(True)


def assert_lists_hold_what_they_say(found) -> None:
    for table in found.tables:
        for row in table.rows if not table.is_list else ():
            for column, cell in zip(table.column_codes, row.cells, strict=True):
                assert (cell.behind == ROWS) == bool(cell.value)
                if cell.value and (table.code in ("totals", *BANDS) or row.is_total):
                    listed = ATTENTION.behind(found.basis.scope, table.code, row.code, column)
                    assert len(listed.rows) == cell.value, (table.code, row.code, column)
                    assert len(listed.line(listed.rows[0])) == len(listed.columns)


@pytest.fixture
def officer():
    return make_user(full_name="Hoàng Thị Tiếp")


@pytest.fixture
def case(officer) -> Case:
    """A case opened on 3 June 2024 and due on the 20th."""
    return make_case(by=officer, today=TODAY, opened_on=date(2024, 6, 3), due_on=date(2024, 6, 20))


def totals(day: date) -> dict[str, int]:
    found = answer(ATTENTION, Period.from_day_to_day(MONTH, day, day), frame="2025", today=TODAY)
    return {row.code: row.cells[0].value for row in found.table("totals").rows if row.cells[0].value}


def step(case, code, day, officer):
    return take_step(case, code, by=officer, today=TODAY, note="Lý do", effective_on=day)


def test_a_case_is_overdue_from_the_day_after_its_last_day_until_it_ends(case, officer):
    step(case, "withdraw", date(2024, 6, 25), officer)
    assert totals(date(2024, 6, 20)) == {"open": 1}
    assert totals(date(2024, 6, 21)) == {"open": 1, "overdue": 1}
    assert totals(date(2024, 6, 24)) == {"open": 1, "overdue": 1}
    assert totals(date(2024, 6, 25)) == {}


def test_a_case_that_waits_for_the_cooperative_is_never_overdue_but_may_be_stale(case, officer):
    step(case, "start", date(2024, 6, 4), officer)
    step(case, "request_papers", date(2024, 6, 10), officer)
    assert totals(date(2024, 7, 10)) == {"open": 1, "waiting": 1}
    assert totals(date(2024, 7, 11)) == {"open": 1, "waiting": 1, "stale": 1}
    step(case, "papers_received", date(2024, 7, 12), officer)
    assert totals(date(2024, 7, 22)) == {"open": 1}


def test_a_consultation_about_the_case_is_work_on_it_and_a_line_of_the_portal_itself_is_none(case, officer):
    CaseEvent.objects.create(
        case=case, step="referral_escalated", from_status="new", to_status="new", officer=officer,
        due_on=case.due_on, effective_on=date(2024, 6, 20), recorded_at=datetime(2024, 6, 20, 9, tzinfo=HERE),
    )  # fmt: skip
    assert totals(date(2024, 7, 5)) == {"open": 1, "overdue": 1, "stale": 1}
    make_consultation(case.cooperative, by=officer, cases=[case], held_on=date(2024, 6, 28))
    assert totals(date(2024, 7, 5)) == {"open": 1, "overdue": 1}


def test_today_the_report_says_what_the_lists_of_cases_say(case, officer):
    step(
        make_case(by=officer, today=TODAY, opened_on=date(2025, 1, 2), due_on=date(2025, 1, 31)),
        "start",
        date(2025, 1, 9),
        officer,
    )
    make_case(by=officer, today=TODAY, opened_on=date(2025, 1, 2), due_on=date(2025, 1, 30))
    found = totals(TODAY)
    assert found["open"] == Case.objects.open().count() == 3
    assert found["overdue"] == Case.objects.overdue(TODAY).count() == 2


def test_the_longest_overdue_cases_are_named_the_longest_first(case, officer):
    later = make_case(by=officer, topic="tax", today=TODAY, opened_on=date(2024, 6, 3), due_on=date(2024, 6, 21))
    day = date(2024, 6, 24)
    table = answer(ATTENTION, Period.from_day_to_day(MONTH, day, day), frame="2022", today=TODAY).table("longest")
    assert [(row.code, *(cell.value for cell in row.cells)) for row in table.rows] == [
        (case.reference, topic_label("ocop"), "Hoàng Thị Tiếp", date(2024, 6, 20), 4),
        (later.reference, topic_label("tax"), "Hoàng Thị Tiếp", date(2024, 6, 21), 3),
    ]


@pytest.mark.parametrize(
    "cell",
    [
        ("totals", "nonsense", "cases"), ("totals", "open", "nonsense"), ("overdue", "1-8", "cases"),
        ("overdue", "1-7", "open"), ("nonsense", "ocop", "open"), ("topic", "ocop", "cases"),
        ("district", "999", "open"), ("longest", "total", "days"), ("nonsense", "total", "open"),
    ],
)  # fmt: skip
def test_a_cell_there_is_not_has_no_list(cell):
    found = answer(ATTENTION, Period.parse("2024-06", MONTH), frame="2022", today=TODAY)
    assert ATTENTION.behind(found.basis.scope, *cell) is None


def test_the_report_takes_as_many_questions_however_many_cases_there_are(officer, django_assert_num_queries):
    for _ in range(3):
        make_case(make_cooperative(), by=officer, today=TODAY, opened_on=date(2024, 6, 3))
    for more in (0, 4):
        for _ in range(more):
            make_case(by=officer, today=TODAY, opened_on=date(2024, 6, 3))
        with django_assert_num_queries(5):
            found = answer(ATTENTION, Period.parse("2024-06", MONTH), frame="2022", today=TODAY)
            assert found.tables
        scope = found.basis.scope
        with django_assert_num_queries(1):
            listed = ATTENTION.behind(scope, "totals", "open", "cases")
            assert [listed.line(row) for row in listed.rows]
