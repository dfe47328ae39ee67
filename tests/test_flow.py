"""The flow of cases told by hand: what a day counts for, what is late, whose a case is, and what was known when."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from cooperatives.models import Cooperative, FoundingGroup
from support_cases.cases import change_case
from support_cases.closings import close_period, reopen_period
from support_cases.models import Case, CaseEvent
from support_cases.reports.answers import Answer, answer
from support_cases.reports.attention import ATTENTION
from support_cases.reports.flow import FLOW
from support_cases.reports.periods import MONTH, Period
from support_cases.workflow import take_step
from tests.factories import make_case, make_commune, make_consultation, make_cooperative, make_founding_group, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2024, 9, 30)


@pytest.fixture
def officer():
    return make_user(full_name="Hoàng Thị Tiếp")


@pytest.fixture
def case(officer) -> Case:
    """A case opened on 3 June 2024 and due on the 20th."""
    return opened(officer)


def opened(officer, **fields) -> Case:
    values = {"opened_on": date(2024, 6, 3), "due_on": date(2024, 6, 20)} | fields
    return make_case(values.pop("party", None), by=officer, today=TODAY, **values)


def step(case: Case, code: str, day: date, officer) -> Case:
    return take_step(case, code, by=officer, today=TODAY, note="Lý do", effective_on=day)


def flow(name: str, as_of: date | None = None) -> Answer:
    return answer(FLOW, Period.parse(name, MONTH), frame="2022", today=TODAY, as_of=as_of)


def totals(name: str, as_of: date | None = None) -> dict[str, int]:
    """What is not zero among the totals of a period."""
    rows = flow(name, as_of).table("totals").rows
    return {row.code: row.cells[0].value for row in rows if row.cells[0].value}


def test_a_case_is_received_carried_on_carried_in_and_finished_once(case, officer):
    step(case, "start", date(2024, 6, 4), officer)
    step(case, "complete_partly", date(2024, 8, 5), officer)
    assert totals("2024-06") == {"received": 1, "to_do": 1, "carried_on": 1}
    assert totals("2024-07") == {"carried_in": 1, "to_do": 1, "carried_on": 1}
    assert totals("2024-08") == {"carried_in": 1, "to_do": 1, "finished": 1, "late": 1}
    assert totals("2024-09") == {}
    assert totals("2024") == {"received": 1, "to_do": 1, "finished": 1, "late": 1}


def test_a_case_finished_on_its_last_day_is_in_time_and_a_day_later_it_is_late(officer):
    for day in (20, 21):
        case = step(opened(officer), "start", date(2024, 6, 4), officer)
        step(case, "complete", date(2024, 6, day), officer)
    found = flow("2024-06")
    assert totals("2024-06") == {"received": 2, "to_do": 2, "finished": 2, "on_time": 1, "late": 1}
    assert found.table("topic").value("ocop", "on_time_percent") == 50.0
    assert found.table("topic").value("ocop", "average_days") == 17.5


def test_correction_rounds_are_counted_and_never_make_a_case_late(case, officer):
    step(case, "start", date(2024, 6, 4), officer)
    for asked, answered in ((10, 18), (19, 28)):
        step(case, "request_papers", date(2024, 6, asked), officer)
        step(case, "papers_received", date(2024, 6, answered), officer)
    step(case, "complete", date(2024, 7, 1), officer)
    assert totals("2024-06")["rounds"] == 2
    assert totals("2024-07") == {"carried_in": 1, "to_do": 1, "finished": 1, "on_time": 1}


def test_a_case_that_ended_while_it_waited_is_no_finished_one(case, officer):
    step(case, "start", date(2024, 6, 4), officer)
    step(case, "request_papers", date(2024, 6, 10), officer)
    step(case, "unreachable", date(2024, 8, 10), officer)
    assert totals("2024-08") == {"carried_in": 1, "to_do": 1, "ended": 1, "unreachable": 1}


def test_a_case_without_a_due_day_is_in_time(officer):
    case = opened(officer, due_on=None)
    Case.objects.filter(pk=case.pk).update(due_on=None)
    CaseEvent.objects.filter(case=case).update(due_on=None)
    step(Case.objects.get(pk=case.pk), "start", date(2024, 6, 4), officer)
    step(case, "complete", date(2024, 8, 1), officer)
    assert totals("2024-08")["on_time"] == 1


def test_a_reopened_case_comes_in_again_and_ends_again(case, officer):
    step(case, "withdraw", date(2024, 6, 10), officer)
    step(case, "reopen", date(2024, 7, 2), officer)
    step(case, "complete", date(2024, 7, 12), officer)
    assert totals("2024-07") == {"reopened": 1, "to_do": 1, "finished": 1, "late": 1}
    assert flow("2024-07").table("topic").value("ocop", "average_days") == 10.0
    assert totals("2024-Q2") == {"received": 1, "to_do": 1, "ended": 1, "withdrawn": 1}


def test_a_reopening_typed_under_a_day_before_the_end_counts_on_the_day_of_the_end(case, officer):
    step(case, "withdraw", date(2024, 7, 10), officer)
    step(case, "reopen", date(2024, 6, 15), officer)
    assert totals("2024-06") == {"received": 1, "to_do": 1, "carried_on": 1}
    assert totals("2024-07") == {
        "carried_in": 1, "reopened": 1, "to_do": 2, "ended": 1, "withdrawn": 1, "carried_on": 1,
    }  # fmt: skip


def test_an_end_typed_under_a_day_before_the_reopening_counts_on_the_day_of_the_reopening(case, officer):
    step(case, "start", date(2024, 6, 4), officer)
    step(case, "complete_partly", date(2024, 7, 10), officer)
    step(case, "reopen", date(2024, 9, 5), officer)
    step(case, "complete_partly", date(2024, 8, 20), officer)
    assert totals("2024-08") == {}
    assert totals("2024-09") == {"reopened": 1, "to_do": 1, "finished": 1, "late": 1}


def test_a_period_joins_what_the_one_before_was_sent_with_when_it_was_closed_again(case, officer):
    june, leader = Period.parse("2024-06", MONTH), make_user("manager")
    first = close_period(june, by=leader, today=TODAY)
    reopen_period(first, by=leader, reason="Sai", now=timezone.now())
    step(case, "withdraw", date(2024, 6, 28), officer)
    close_period(june, by=leader, today=TODAY)
    july = flow("2024-07").table("totals")
    assert [july.value(line, "cases") for line in ("sent", "adjustment", "carried_in")] == [0, 0, 0]


def test_what_was_typed_later_was_not_known_before(case, officer):
    step(case, "withdraw", date(2024, 6, 28), officer)
    for code, moment in (
        ("open", datetime(2024, 6, 3, 9, tzinfo=HERE)),
        ("withdraw", datetime(2024, 7, 4, 9, tzinfo=HERE)),
    ):
        CaseEvent.objects.filter(case=case, step=code).update(recorded_at=moment)
    assert totals("2024-06", date(2024, 7, 3)) == {"received": 1, "to_do": 1, "carried_on": 1}
    assert totals("2024-06", date(2024, 7, 4)) == {"received": 1, "to_do": 1, "ended": 1, "withdrawn": 1}
    assert totals("2024-06") == {"received": 1, "to_do": 1, "ended": 1, "withdrawn": 1}


def test_a_case_is_his_who_has_it_at_the_end_of_the_period(case, officer):
    other = make_user(full_name="Ma Văn Nhận")
    change_case(case, {"officer": other}, by=officer, today=date(2024, 7, 15))
    june, july = (flow(name).figures["officer"] for name in ("2024-06", "2024-07"))
    assert list(june) == [str(officer.pk)]
    assert list(july) == [str(other.pk)]


def test_a_case_handed_over_tells_it_in_its_history(case, officer):
    other = make_user(full_name="Ma Văn Nhận")
    change_case(case, {"officer": other, "due_on": date(2024, 6, 18)}, by=officer, today=TODAY)
    line = case.events.last()
    assert (line.step, line.officer, line.due_on) == ("change", other, date(2024, 6, 18))
    assert line.note.split("\n") == [
        "Cán bộ phụ trách: Hoàng Thị Tiếp → Ma Văn Nhận.",
        "Hạn xử lý: 20/06/2024 → 18/06/2024.",
    ]
    change_case(Case.objects.get(pk=case.pk), {"title": "Tên khác"}, by=officer, today=TODAY)
    assert case.events.count() == 2


@pytest.mark.parametrize(("frame", "place"), [("2022", "district"), ("2025", "commune")])
@pytest.mark.parametrize(("kind", "column"), [(FLOW, "received"), (ATTENTION, "open")], ids=["flow", "attention"])
def test_cases_of_founding_groups_have_a_line_of_their_own_that_opens_into_them(officer, kind, column, frame, place):
    ours = opened(officer, party=make_founding_group(), topic="registration")
    nowhere = make_cooperative()
    Cooperative.objects.filter(pk=nowhere.pk).update(old_district=None, new_commune=None)
    other = opened(officer, party=nowhere)
    found = answer(kind, Period.parse("2024-06", MONTH), frame=frame, today=TODAY)
    lines = [(row.code, str(row.name)) for row in found.table(place).rows][-3:]
    assert lines == [("founding_groups", "Nhóm sáng lập"), ("", "Chưa xác định"), ("total", "Cộng")]
    for code, cases in (("founding_groups", {ours}), ("", {other}), ("total", {ours, other})):
        assert found.table(place).value(code, column) == len(cases)
        assert {row.case for row in kind.behind(found.basis.scope, place, code, column).rows} == cases


def test_a_group_that_moves_and_becomes_a_cooperative_changes_nothing_that_was_counted(officer):
    group = make_founding_group()
    case = opened(officer, party=group, topic="registration")
    step(case, "start", date(2024, 6, 4), officer)
    step(case, "request_papers", date(2024, 6, 10), officer)
    before = flow("2024-06").figures
    assert list(before["district"]) == list(before["commune"]) == ["0"]
    assert FLOW.behind(flow("2024-06").basis.scope, "district", "founding_groups", "rounds").rows.count() == 1
    FoundingGroup.objects.filter(pk=group.pk).update(commune=make_commune("Côn Minh", code="02206"))
    Case.objects.filter(pk=case.pk).update(cooperative=make_cooperative())
    assert flow("2024-06").figures == before


def test_what_ended_is_told_by_topic_and_result_and_opens_into_the_cases(officer):
    ends = [("ocop", "complete"), ("ocop", "complete_partly"), ("ocop", "unreachable"), ("tax", "withdraw")]
    cases = [opened(officer, topic=topic) for topic, _code in ends]
    for case, (_topic, code) in zip(cases, ends, strict=True):
        step(step(case, "start", date(2024, 6, 5), officer), code, date(2024, 6, 10), officer)
    found = flow("2024-06")
    rows = {row.code: [cell.value for cell in row.cells] for row in found.table("results").rows}
    assert rows["ocop"] == [2, 0, 0, 1, 0, 66.7]
    assert rows["tax"] == [0, 1, 0, 0, 0, 0.0]
    assert rows["loan"] == [0, 0, 0, 0, 0, None]
    assert rows["total"] == [2, 1, 0, 1, 0, 50.0]
    for row, column, behind in (("ocop", "finished", cases[:2]), ("total", "withdrawn", cases[3:])):
        listed = FLOW.behind(found.basis.scope, "results", row, column)
        assert {line.case for line in listed.rows} == set(behind)


def test_a_list_behind_a_figure_names_the_cases_and_leads_to_them(case, officer):
    found = flow("2024-06")
    listed = FLOW.behind(found.basis.scope, "totals", "received", "cases")
    (row,) = listed.rows
    assert listed.address(row) == ("support:case", (case.reference,))
    assert listed.line(row)[:3] == (case.reference, case.cooperative.name, case.title)
    assert FLOW.behind(found.basis.scope, "topic", "ocop", "received").rows.count() == 1
    assert FLOW.behind(found.basis.scope, "topic", "loan", "received").rows.count() == 0


@pytest.mark.parametrize(
    "cell",
    [
        ("totals", "nonsense", "cases"),
        ("totals", "received", "share"),
        ("topic", "ocop", "average_days"),
        ("nonsense", "ocop", "received"),
        ("month", "2023-01", "received"),
        ("month", "", "received"),
        ("district", "999", "received"),
        ("topic", "founding_groups", "average_days"),
        ("results", "ocop", "received"),
        ("results", "ocop", "percent"),
        ("officer", "x' OR 1=1", "received"),
        ("officer", "9" * 30, "received"),
    ],
)
def test_a_cell_there_is_not_has_no_list(case, cell):
    assert FLOW.behind(flow("2024-06").basis.scope, *cell) is None


def test_the_flow_takes_as_many_questions_however_many_cases_there_are(officer, django_assert_num_queries):
    make_consultation(make_cooperative(), by=officer)
    for number in range(3):
        opened(officer, topic=("ocop", "loan", "tax")[number])
    with django_assert_num_queries(7):
        assert len(flow("2024-06").tables) == 6
    for _ in range(4):
        step(opened(officer), "start", date(2024, 6, 5), officer)
    with django_assert_num_queries(7):
        assert len(flow("2024-06").tables) == 6
