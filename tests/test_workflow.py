"""Steps of a case: every state against every step, the clock over correction rounds, two people at once."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.choices import DayKind
from cooperatives.errors import InvalidEntry, NotAllowedNow, StaleVersion
from cooperatives.models import Holiday
from support_cases.choices import CLOSED_STATUSES, OPEN_STATUSES, RUNNING_STATUSES, Status
from support_cases.models import Case, ChecklistRule
from support_cases.papers import mark_papers
from support_cases.workflow import STEPS, steps_from, take_step
from tests.contents import nothing_written
from tests.factories import change, make_case, make_cooperative, make_user
from tests.racing import at_once, of_kind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2023, 9, 20)
OPENED = date(2023, 1, 2)

# Written by hand from the way the office works, not read from the code: where each step leads from each state.
CLOSING = {
    "withdraw": "withdrawn", "not_eligible": "not_eligible", "unreachable": "unreachable", "not_ours": "stopped",
    "stop": "stopped",
}  # fmt: skip
DONE = {"complete": "completed", "complete_partly": "completed"}
TABLE = {
    "new": {"start": "advising"} | CLOSING,
    "advising": {"request_papers": "waiting_cooperative", "submit": "submitted"} | DONE | CLOSING,
    "waiting_cooperative": {"papers_received": "advising"} | CLOSING,
    "submitted": {"request_papers": "waiting_cooperative", "await_result": "waiting_result"} | DONE | CLOSING,
    "waiting_result": {"request_papers": "waiting_cooperative"} | DONE | CLOSING,
    "completed": {"reopen": "advising"},
    "withdrawn": {"reopen": "advising"},
    "not_eligible": {"reopen": "advising"},
    "unreachable": {"reopen": "advising"},
    "stopped": {"reopen": "advising"},
}
ALL_STEPS = [
    "start", "request_papers", "papers_received", "submit", "await_result", "complete", "complete_partly",
    "withdraw", "not_eligible", "unreachable", "not_ours", "stop", "reopen",
]  # fmt: skip
NEED_A_REASON = ["complete_partly", "withdraw", "not_eligible", "unreachable", "not_ours", "stop", "reopen"]
NEED_THE_PAPERS = ["submit", "complete"]
WAY_TO = {
    "new": [],
    "advising": ["start"],
    "waiting_cooperative": ["start", "request_papers"],
    "submitted": ["start", "submit"],
    "waiting_result": ["start", "submit", "await_result"],
    "completed": ["start", "complete"],
    "withdrawn": ["withdraw"],
    "not_eligible": ["not_eligible"],
    "unreachable": ["unreachable"],
    "stopped": ["stop"],
}


@pytest.fixture
def officer(db):
    return make_user(full_name="Hoàng Thị Thử")


@pytest.fixture
def cooperative(db):
    return make_cooperative()


def step(case: Case, code: str, by, **how) -> Case:
    """Take a step with a reason, today unless told otherwise."""
    return take_step(case, code, by=by, **{"today": TODAY, "note": "Lý do thử"} | how)


def case_in(status: str, party, by, **fields) -> Case:
    """A case brought to a state by its steps."""
    case = make_case(party, by=by, today=TODAY, opened_on=OPENED, **fields)
    for code in WAY_TO[status]:
        case = step(case, code, by)
    assert case.status == status
    return case


# --- The table ------------------------------------------------------------------------------------


def test_the_states_and_the_steps_are_those_of_the_table():
    assert sorted(Status.values) == sorted(TABLE) == sorted(WAY_TO)
    assert list(STEPS) == ALL_STEPS
    assert sorted(OPEN_STATUSES) == ["advising", "new", "submitted", "waiting_cooperative", "waiting_result"]
    assert sorted(RUNNING_STATUSES) == ["advising", "new", "submitted", "waiting_result"]
    assert sorted(CLOSED_STATUSES) == ["completed", "not_eligible", "stopped", "unreachable", "withdrawn"]


@pytest.mark.parametrize("status", TABLE)
@pytest.mark.once
def test_the_steps_offered_are_those_the_state_allows(cooperative, officer, status):
    case = case_in(status, cooperative, officer)
    offered = [one.code for one in steps_from(case) if one.target]
    assert offered == [code for code in ALL_STEPS if code in TABLE[status]]


@pytest.mark.parametrize("code", ALL_STEPS)
@pytest.mark.parametrize("status", TABLE)
@pytest.mark.once
def test_every_step_from_every_state_does_what_the_table_says(cooperative, officer, status, code):
    case = case_in(status, cooperative, officer)
    target = TABLE[status].get(code)
    if target is None:
        with nothing_written(), pytest.raises(NotAllowedNow) as refused:
            step(case, code, officer, version=case.version)
        assert refused.value.problems == [
            f"Không thể “{STEPS[code].label}” khi hồ sơ đang ở trạng thái “{case.get_status_display()}”."
        ]
        return
    lines = case.events.count()
    after = step(case, code, officer, version=case.version)
    stored = Case.objects.get(pk=case.pk)
    assert (stored.status, stored.version) == (after.status, after.version) == (target, case.version + 1)
    assert stored.closed_on == (TODAY if target in CLOSED_STATUSES else None)
    assert stored.clock_stopped_on == (TODAY if target == "waiting_cooperative" else None)
    assert stored.events.count() == lines + 1
    line = stored.events.last()
    assert (line.step, line.from_status, line.to_status) == (code, status, target)
    assert (line.actor, line.note, line.effective_on) == (officer, "Lý do thử", TODAY)


def test_a_step_that_does_not_exist_is_refused(cooperative, officer):
    case = case_in("advising", cooperative, officer)
    for code in ("", "open", "advising", "delete", None):
        with nothing_written(), pytest.raises(InvalidEntry) as refused:
            step(case, code, officer)
        assert {k: [str(m) for m in v] for k, v in refused.value.problems.items()} == {"step": ["Không có bước này."]}


# --- Reasons and papers ---------------------------------------------------------------------------


@pytest.mark.parametrize("code", ALL_STEPS)
@pytest.mark.once
def test_closing_and_reopening_need_a_reason_and_other_steps_do_not(cooperative, officer, code):
    status = next(status for status in TABLE if code in TABLE[status])
    case = case_in(status, cooperative, officer)
    for note in ["", "  \n ", "\u200b", None] if code in NEED_A_REASON else []:
        with nothing_written(), pytest.raises(NotAllowedNow) as refused:
            step(case, code, officer, note=note)
        assert refused.value.problems == ["Cần ghi lý do."]
    note = "HTX xin rút" if code in NEED_A_REASON else ""
    assert step(case, code, officer, note=note).events.last().note == note


@pytest.mark.parametrize("code", ALL_STEPS)
@pytest.mark.once
def test_missing_papers_stand_in_the_way_of_handing_in_and_completing_only(cooperative, officer, code):
    started = date(2022, 1, 1)
    for position, (paper, required) in enumerate([("charter", True), ("plan", True), ("photos", False)]):
        ChecklistRule.objects.create(
            topic="ocop", code=paper, label_vi=f"Giấy {paper}", required=required, position=position,
            valid_from=started,
        )  # fmt: skip
    case = make_case(cooperative, by=officer, today=TODAY, opened_on=OPENED)
    charter, plan, _photos = case.checklist.all()
    way = WAY_TO[next(status for status in TABLE if code in TABLE[status])]
    mark_papers(case, {charter.pk, plan.pk}, by=officer, today=TODAY)
    for passed in way:
        step(case, passed, officer)
    mark_papers(case, {charter.pk}, by=officer, today=TODAY)
    if code in NEED_THE_PAPERS:
        with nothing_written(), pytest.raises(NotAllowedNow) as refused:
            step(case, code, officer)
        assert refused.value.problems == ["Còn thiếu giấy tờ: Giấy plan."]
        mark_papers(case, set(), by=officer, today=TODAY)
        with pytest.raises(NotAllowedNow) as refused:
            step(case, code, officer)
        assert refused.value.problems == ["Còn thiếu giấy tờ: Giấy charter.", "Còn thiếu giấy tờ: Giấy plan."]
        mark_papers(case, {charter.pk, plan.pk}, by=officer, today=TODAY)
    assert step(case, code, officer).events.last().step == code


def test_papers_that_come_with_a_step_are_written_with_it_or_not_at_all(cooperative, officer):
    for code in ("charter", "plan"):
        rule = {"topic": "ocop", "code": code, "label_vi": f"Giấy {code}", "valid_from": date(2022, 1, 1)}
        ChecklistRule.objects.create(**rule)
    case = case_in("advising", cooperative, officer)
    charter, plan = case.checklist.all()
    with nothing_written(), pytest.raises(NotAllowedNow) as refused:
        step(case, "submit", officer, received={charter.pk})
    assert refused.value.problems == ["Còn thiếu giấy tờ: Giấy plan."]
    with nothing_written(), pytest.raises(StaleVersion):
        step(case, "submit", officer, received={charter.pk, plan.pk}, version=case.version + 1)
    day = TODAY - timedelta(days=2)
    after = step(case, "submit", officer, received={charter.pk, plan.pk}, effective_on=day)
    assert (after.status, after.version) == ("submitted", case.version + 1)
    assert set(after.checklist.values_list("received_on", flat=True)) == {day}
    assert list(after.events.values_list("step", flat=True)) == ["open", "start", "papers", "submit"]
    taken_back = step(after, "request_papers", officer, received={charter.pk})
    assert taken_back.checklist.get(code="plan").received_on is None


def test_what_a_kind_of_support_demands_stands_in_the_way_too(cooperative, officer, monkeypatch):
    case = case_in("advising", cooperative, officer)
    asked = []

    def problems_before(self, code, row, day):
        asked.append((code, row.pk))
        return ["HTX còn nhiệm kỳ."] if code == "complete" else []

    monkeypatch.setattr(type(case.kind), "problems_before", problems_before)
    with nothing_written(), pytest.raises(NotAllowedNow) as refused:
        step(case, "complete", officer)
    assert refused.value.problems == ["HTX còn nhiệm kỳ."]
    assert step(case, "submit", officer).status == "submitted"
    assert asked == [("complete", case.pk), ("submit", case.pk)]


def test_what_follows_in_the_register_and_fails_takes_the_step_back(cooperative, officer, monkeypatch):
    case = case_in("advising", cooperative, officer)

    def after(self, code, row, *, day, by):
        raise RuntimeError("the register refuses")

    monkeypatch.setattr(type(case.kind), "after", after)
    with nothing_written(), pytest.raises(RuntimeError):
        step(case, "complete", officer)


# --- Days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [OPENED, TODAY])
def test_a_step_can_be_entered_late_for_any_day_since_the_opening(cooperative, officer, day):
    case = case_in("new", cooperative, officer)
    after = step(case, "withdraw", officer, effective_on=day)
    assert after.closed_on == after.events.last().effective_on == day


@pytest.mark.parametrize("day", [OPENED - timedelta(days=1), TODAY + timedelta(days=1)])
def test_a_step_cannot_be_before_the_opening_or_in_the_future(cooperative, officer, day):
    case = case_in("new", cooperative, officer)
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        step(case, "start", officer, effective_on=day)
    assert list(refused.value.problems) == ["effective_on"]


def test_a_reopened_case_is_open_again_with_its_whole_history(cooperative, officer):
    case = case_in("unreachable", cooperative, officer)
    after = step(case, "reopen", officer, note="HTX gọi lại")
    assert (after.status, after.closed_on) == ("advising", None)
    assert list(after.events.values_list("step", flat=True)) == ["open", "unreachable", "reopen"]


# --- The clock ------------------------------------------------------------------------------------


def test_a_correction_round_moves_the_due_day_by_the_days_waited(cooperative, officer):
    case = case_in("advising", cooperative, officer, due_on=date(2023, 2, 1))
    step(case, "request_papers", officer, effective_on=date(2023, 1, 20))
    waiting = Case.objects.get(pk=case.pk)
    assert (waiting.due_on, waiting.clock_stopped_on) == (date(2023, 2, 1), date(2023, 1, 20))
    assert waiting.days_left(date(2023, 6, 1)) is None
    step(case, "papers_received", officer, effective_on=date(2023, 3, 1))
    going_on = Case.objects.get(pk=case.pk)
    assert (going_on.due_on, going_on.clock_stopped_on) == (date(2023, 3, 13), None)


def test_papers_dated_before_the_request_do_not_shorten_the_term(cooperative, officer):
    case = case_in("advising", cooperative, officer, due_on=date(2023, 2, 1))
    step(case, "request_papers", officer, effective_on=date(2023, 1, 20))
    assert step(case, "papers_received", officer, effective_on=date(2023, 1, 10)).due_on == date(2023, 2, 1)


@pytest.mark.parametrize("code", list(CLOSING))
@pytest.mark.once
def test_a_case_closed_while_it_waited_is_not_late_and_not_overdue_when_opened_again(cooperative, officer, code):
    case = case_in("advising", cooperative, officer, due_on=date(2023, 2, 1))
    step(case, "request_papers", officer, effective_on=date(2023, 1, 20))
    closed = step(case, code, officer, effective_on=date(2023, 5, 1))
    assert closed.closed_on <= closed.due_on
    reopened = step(case, "reopen", officer, effective_on=date(2023, 5, 1))
    # Eight working days were left on 20 January, so eight are left from 1 May.
    assert reopened.due_on == date(2023, 5, 11)
    assert not reopened.is_overdue(date(2023, 5, 11))
    assert reopened.is_overdue(date(2023, 5, 12))


def test_a_case_without_a_due_day_has_none_after_a_correction_round(cooperative, officer):
    case = case_in("waiting_cooperative", cooperative, officer)
    assert step(case, "papers_received", officer).due_on is None


def test_overdue_means_past_the_due_day_and_nothing_on_the_day_itself(cooperative, officer):
    case = case_in("advising", cooperative, officer, due_on=date(2023, 2, 1))
    days = [date(2023, 1, 31), date(2023, 2, 1), date(2023, 2, 2)]
    assert [case.days_left(day) for day in days] == [1, 0, -1]
    assert [case.is_overdue(day) for day in days] == [False, False, True]
    assert [Case.objects.overdue(day).count() for day in days] == [0, 0, 1]


@pytest.mark.parametrize("status", ["waiting_cooperative", "completed", "withdrawn", "not_eligible", "stopped"])
def test_waiting_and_closed_cases_are_never_overdue(cooperative, officer, status):
    case = case_in(status, cooperative, officer, due_on=date(2023, 2, 1))
    assert not case.is_overdue(date(2033, 1, 1))
    assert case.days_left(date(2033, 1, 1)) is None
    assert not Case.objects.overdue(date(2033, 1, 1)).exists()


rounds = st.lists(st.tuples(st.integers(min_value=0, max_value=12), st.integers(min_value=0, max_value=20)), max_size=4)
special_days = st.dictionaries(
    st.integers(min_value=0, max_value=150).map(lambda n: OPENED + timedelta(days=n)), st.sampled_from(DayKind.values)
)


def is_worked(day: date, special: dict[date, str]) -> bool:
    """The rule said once more: what the table says of the day, else Monday to Friday."""
    return special[day] == "working" if day in special else day.isoweekday() < 6


def walked_due_day(today: date, left: int, special: dict[date, str]) -> date:
    """The day on which so many working days after today are used up."""
    while left:
        today += timedelta(days=1)
        left -= is_worked(today, special)
    return today


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=rounds, term=st.integers(min_value=0, max_value=25), special=special_days)
def test_over_any_correction_rounds_the_case_is_overdue_exactly_when_its_running_days_are_used_up(
    cooperative, officer, rounds, term, special
):
    """The oracle walks from day to day; a working day is used up only when the case did not wait over it."""
    Holiday.objects.all().delete()
    Holiday.objects.bulk_create([Holiday(day=day, kind=kind, name="Thử") for day, kind in special.items()])
    due_on = walked_due_day(OPENED, term, special)
    case = make_case(cooperative, by=officer, today=TODAY, opened_on=OPENED, due_on=due_on)
    case = step(case, "start", officer, effective_on=OPENED)
    steps: dict[date, list[str]] = {}
    day = OPENED
    for worked, waited in rounds:
        day += timedelta(days=worked)
        steps.setdefault(day, []).append("request_papers")
        day += timedelta(days=waited)
        steps.setdefault(day, []).append("papers_received")
    waiting, left, over, today, stopped_on = False, term, 0, OPENED, OPENED
    while today <= day + timedelta(days=term + 3):
        for code in steps.get(today, []):
            case = step(case, code, officer, effective_on=today)
            # A term used up waits with nothing left; the free days after its end are not held against it.
            over = 0 if waiting and today > stopped_on else over
            stopped_on = today
            waiting = code == "request_papers"
        overdue = not waiting and (left < 0 or over > 0)
        assert case.is_overdue(today) == overdue, today
        assert Case.objects.overdue(today).filter(pk=case.pk).exists() == overdue, today
        if not waiting and not overdue:
            assert case.due_on == walked_due_day(today, left, special), today
        today += timedelta(days=1)
        over += not waiting and left <= 0
        left -= not waiting and is_worked(today, special)


# --- Two people at once ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_take_a_step_at_once_one_wins_and_the_other_is_told(cooperative, officer):
    case = case_in("advising", cooperative, officer)
    colleague = make_user()
    results = at_once(
        lambda: step(case, "submit", officer, version=case.version),
        lambda: step(case, "request_papers", colleague, version=case.version),
        lambda: step(case, "submit", colleague, version=case.version),
    )
    winners = of_kind(results, Case)
    assert (len(winners), len(of_kind(results, StaleVersion))) == (1, 2)
    stored = Case.objects.get(pk=case.pk)
    assert (stored.status, stored.version) == (winners[0].status, case.version + 1)
    assert stored.events.count() == case.events.count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_double_click_without_a_version_takes_the_step_once(cooperative, officer):
    case = case_in("new", cooperative, officer)
    results = at_once(*[lambda: step(case, "start", officer)] * 4)
    assert (len(of_kind(results, Case)), len(of_kind(results, NotAllowedNow))) == (1, 3)
    assert list(case.events.values_list("step", flat=True)) == ["open", "start"]


@pytest.mark.django_db(transaction=True)
def test_a_step_and_a_change_of_the_case_at_once_do_not_undo_each_other(cooperative, officer):
    case = case_in("advising", cooperative, officer)
    at_once(
        lambda: step(case, "submit", officer),
        lambda: change(case, {"title": "Tên mới"}),
        lambda: mark_papers(case, set(), by=officer, today=TODAY),
    )
    stored = Case.objects.get(pk=case.pk)
    assert (stored.status, stored.title, stored.version) == ("submitted", "Tên mới", case.version + 3)


@pytest.mark.parametrize("version", [0, 1, 3, 99])
def test_a_step_from_a_stale_page_is_refused_and_leaves_nothing(cooperative, officer, version):
    case = case_in("advising", cooperative, officer)
    assert case.version == 2
    with nothing_written(), pytest.raises(StaleVersion) as refused:
        step(case, "submit", officer, version=version)
    assert refused.value.problems == ["Hồ sơ vừa được người khác cập nhật. Hãy tải lại trang rồi làm tiếp."]
