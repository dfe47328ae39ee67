"""Congress cases: warnings with a reason, the register row by row afterwards, what follows and by when."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.choices import CongressKind
from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.models import Congress, Holiday, RegistrationProcedure, Term
from cooperatives.reference import add_missing
from support_cases.cases import change_case
from support_cases.choices import Status
from support_cases.management.commands import load_reference
from support_cases.models import Case, ChecklistRule
from support_cases.support_types.base import CaseDetails
from support_cases.support_types.term_congress import TermCongress
from support_cases.workflow import take_step
from tests.contents import nothing_written
from tests.factories import make_case, make_cooperative, make_founding_group, make_user
from tests.law import load_rules
from tests.racing import at_once, of_kind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2026, 11, 28)
OPENED = date(2026, 3, 2)
HELD = date(2026, 4, 10)
#: A term congress as it should be.
DETAILS = {
    "congress_kind": "term", "call_no": 1, "planned_on": HELD, "notice_on": date(2026, 4, 3), "held_on": HELD,
    "official_members": 20, "present": 15, "term_years": 5, "chair": "Nông Thị Mai", "resolution_no": "01/NQ-ĐHTV",
    "decisions": "Bầu HĐQT khóa mới.",
}  # fmt: skip
NEEDS_A_REASON = "Nếu vẫn tiếp tục, hãy ghi lý do vào ghi chú."
MILESTONES = ["congress_preparing", "congress_invited", "congress_held", "congress_reported"]


@pytest.fixture(autouse=True)
def law():
    """The reference rules and holidays."""
    load_rules()


@pytest.fixture
def staff():
    return make_user()


@pytest.fixture
def cooperative():
    return make_cooperative("Hợp tác xã Chè Khuổi Slao", charter_review="must_amend", representative="Ma Văn Cũ")


def open_congress(party, staff, **changes) -> Case:
    """A case about a congress, opened in March 2026 and started; details as in DETAILS with changes."""
    details = {name: value for name, value in (DETAILS | changes).items() if value is not None}
    opened_on = min(OPENED, max(details.get("held_on", OPENED), date(2020, 1, 1)))
    case = make_case(party, topic="term_congress", by=staff, today=TODAY, opened_on=opened_on, details=details)
    return take_step(case, "start", by=staff, today=TODAY, effective_on=opened_on)


def complete(case: Case, staff, note: str = "", day: date = TODAY) -> Case:
    """Complete a case; hand back the fresh row."""
    take_step(case, "complete", by=staff, today=TODAY, effective_on=day, note=note)
    return Case.objects.get(pk=case.pk)


def refusal(case: Case, staff, step: str = "complete", day: date = TODAY) -> list[str]:
    """What is said when the step is refused; nothing is written."""
    with nothing_written(), pytest.raises(NotAllowedNow) as refused:
        take_step(Case.objects.get(pk=case.pk), step, by=staff, today=TODAY, effective_on=day)
    return refused.value.problems


# --- The register afterwards -------------------------------------------------------------------------------


def test_a_completed_term_congress_is_in_the_register_row_by_row(cooperative, staff):
    old = Term.objects.create(cooperative=cooperative, started_on=date(2021, 6, 1), ends_on=date(2026, 5, 31))
    case = complete(open_congress(cooperative, staff, changes_charter=True), staff)
    congress = Congress.objects.get()
    assert (congress.cooperative, congress.kind, congress.held_on, congress.call_no) == (cooperative, "term", HELD, 1)
    assert (congress.official_members, congress.present, congress.quorum_met) == (20, 15, True)
    assert (congress.resolution_no, congress.decisions) == ("01/NQ-ĐHTV", "Bầu HĐQT khóa mới.")
    term = Term.objects.latest().get()
    assert (term.started_on, term.ends_on, term.years) == (HELD, date(2031, 4, 9), 5)
    assert (term.chair, term.elected_by) == ("Nông Thị Mai", congress)
    old.refresh_from_db()
    assert (old.ends_on, old.ended_on) == (date(2026, 5, 31), date(2026, 4, 9))
    cooperative.refresh_from_db()
    assert (cooperative.charter_review, cooperative.charter_amended_on) == ("amended", HELD)
    # Who represents the cooperative is changed by registration alone.
    assert cooperative.representative == "Ma Văn Cũ"
    assert (case.details.congress, case.details.term) == (congress, term)


def test_the_new_term_begins_on_the_day_named_and_a_row_that_is_there_is_that_term(cooperative, staff):
    there = Term.objects.create(cooperative=cooperative, started_on=date(2026, 6, 1), ends_on=date(2031, 5, 31))
    complete(open_congress(cooperative, staff, term_from=date(2026, 6, 1)), staff)
    assert [(t.pk, t.started_on, t.ends_on) for t in Term.objects.all()] == [
        (there.pk, date(2026, 6, 1), date(2031, 5, 31))
    ]


def test_completed_again_with_another_day_the_same_rows_follow(cooperative, staff):
    case = complete(open_congress(cooperative, staff), staff)
    before = (Congress.objects.get().pk, Term.objects.get().pk)
    take_step(case, "reopen", by=staff, today=TODAY, note="Ghi nhầm ngày")
    later = HELD + timedelta(days=1)
    change_case(case, {"details": {"held_on": later}}, by=staff, today=TODAY)
    complete(Case.objects.get(pk=case.pk), staff)
    assert (Congress.objects.get().pk, Term.objects.get().pk) == before
    assert (Congress.objects.get().held_on, Term.objects.get().started_on) == (later, later)


def test_completed_again_without_a_quorum_the_term_is_taken_back(cooperative, staff):
    case = complete(open_congress(cooperative, staff), staff)
    take_step(case, "reopen", by=staff, today=TODAY, note="Đếm lại")
    change_case(case, {"details": {"present": 9}}, by=staff, today=TODAY)
    complete(Case.objects.get(pk=case.pk), staff, note="Ghi lại cho đúng biên bản")
    assert Term.objects.count() == 0
    assert list(Congress.objects.values_list("quorum_met", flat=True)) == [False]


def test_the_day_of_a_meeting_in_the_register_is_corrected_and_never_emptied(cooperative, staff):
    case = complete(open_congress(cooperative, staff), staff)
    take_step(case, "reopen", by=staff, today=TODAY, note="Xem lại")
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        change_case(case, {"details": {"held_on": None}}, by=staff, today=TODAY)
    assert list(refused.value.problems) == ["held_on"]


@pytest.mark.parametrize("kind", ["annual", "extraordinary"])
def test_a_meeting_that_elects_nobody_begins_no_term(cooperative, staff, kind):
    complete(open_congress(cooperative, staff, congress_kind=kind), staff)
    assert (Congress.objects.get().kind, Term.objects.count()) == (kind, 0)


def test_a_bare_case_is_completed_and_the_register_stays_as_it_was(cooperative, staff):
    case = make_case(cooperative, topic="term_congress", by=staff, today=TODAY)
    for step in ("start", "submit", "await_result", "complete"):
        case = take_step(case, step, by=staff, today=TODAY)
    assert case.status == "completed"
    assert (Congress.objects.count(), Term.objects.count(), case.followers.count()) == (0, 0, 0)


def test_a_founding_conference_of_a_group_changes_no_register(staff):
    complete(open_congress(make_founding_group(), staff, congress_kind="founding"), staff)
    assert (Congress.objects.count(), Term.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_complete_at_once_one_is_told_and_the_register_has_one_meeting(cooperative, staff):
    case = open_congress(cooperative, staff, changes_lines=True)

    def finish():
        return take_step(Case.objects.get(pk=case.pk), "complete", by=staff, today=TODAY, version=case.version)

    results = at_once(finish, finish)
    assert len(of_kind(results, Case)) == 1
    assert (Congress.objects.count(), Term.objects.count(), case.followers.count()) == (1, 1, 1)


# --- What follows ------------------------------------------------------------------------------------------

FOLLOWING: dict[str, tuple[str, str, dict[str, Any]]] = {
    "changes_representative": ("representative", "registration", {"procedure": "change_representative"}),
    "changes_name_or_address": ("certificate", "registration", {"procedure": "change"}),
    "changes_capital": ("certificate", "registration", {"procedure": "change"}),
    "changes_lines": ("lines", "business_lines", {"resolution_on": HELD}),
    "changes_tax_info": ("tax", "registration", {"procedure": "tax_data", "changed_on": HELD}),
}


@pytest.fixture
def procedures(settings):
    """The procedures of the registrar, as they are shipped."""
    add_missing(settings.FIXTURES_DIR / "reference" / "procedures.csv", RegistrationProcedure, ("code", "valid_from"))


def test_under_the_old_law_tax_data_are_a_matter_for_the_tax_office(cooperative, staff, procedures):
    case = open_congress(
        cooperative, staff, held_on=date(2024, 3, 20), planned_on=None, notice_on=None, changes_tax_info=True
    )
    complete(case, staff)
    assert list(case.followers.values_list("topic", "due_on")) == [("tax", TODAY)]


@pytest.mark.parametrize("decided", FOLLOWING)
def test_each_decision_opens_its_case_due_ten_days_after_the_meeting(cooperative, staff, procedures, decided):
    case = open_congress(cooperative, staff, **{decided: True})
    complete(case, staff, day=date(2026, 4, 13))
    key, topic, details = FOLLOWING[decided]
    follower = case.followers.get()
    assert (follower.follow_key, follower.topic, follower.cooperative) == (key, topic, cooperative)
    assert (follower.event_on, follower.due_on, follower.officer) == (HELD, date(2026, 4, 20), staff)
    assert {name: getattr(follower.details, name) for name in details} == details


def test_all_decisions_at_once_open_four_cases_and_a_second_completion_none_more(cooperative, staff, procedures):
    case = complete(open_congress(cooperative, staff, **dict.fromkeys(FOLLOWING, True)), staff)
    keys = ["certificate", "lines", "representative", "tax"]
    assert sorted(case.followers.values_list("follow_key", flat=True)) == keys
    take_step(case, "reopen", by=staff, today=TODAY, note="Xem lại")
    complete(Case.objects.get(pk=case.pk), staff)
    assert sorted(case.followers.values_list("follow_key", flat=True)) == keys


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.dates(date(2022, 1, 3), date(2027, 6, 1)), st.lists(st.integers(1, 30), max_size=12), st.randoms())
@pytest.mark.once
def test_the_term_to_notify_is_15_or_10_days_and_ends_on_a_working_day(held_on, off, chance):
    Holiday.objects.all().delete()
    days_off = [held_on + timedelta(days=n) for n in set(off)]
    chance.shuffle(days_off)
    Holiday.objects.bulk_create([Holiday(day=day, name="Nghỉ thử") for day in days_off])
    case = Case(topic="term_congress", event_on=held_on)
    details = TermCongress.details(case=case, held_on=held_on, changes_lines=True)
    case.termcongressdetails = details
    (follower,) = TermCongress().following(case)
    end = held_on
    for _ in range(10 if held_on >= date(2024, 7, 1) else 15):
        end += timedelta(days=1)
    while end.isoweekday() > 5 or end in days_off:
        end += timedelta(days=1)
    assert (follower.key, follower.due_on) == ("lines", end)


def test_nothing_follows_from_a_meeting_without_a_quorum(cooperative, staff):
    case = open_congress(cooperative, staff, present=9, changes_lines=True, changes_charter=True)
    complete(case, staff, note="Ghi để triệu tập lần hai")
    cooperative.refresh_from_db()
    assert (case.followers.count(), Term.objects.count(), cooperative.charter_review) == (0, 0, "must_amend")


# --- Warnings with a reason --------------------------------------------------------------------------------

WARNED = [
    ({"notice_on": date(2026, 4, 8)}, "Giấy mời gửi ngày 08/04/2026 là muộn: chậm nhất phải gửi ngày 07/04/2026."),
    ({"present": 9}, "Không đủ số người dự để họp lần thứ 1: cần 10, có 9."),
    ({"term_years": 6}, "Nhiệm kỳ 6 năm dài hơn mức 5 năm của luật."),
    ({"call_no": 2}, "Đây là lần triệu tập thứ 2 nhưng chưa ghi ngày họp lần trước."),
    (
        {"call_no": 2, "previous_call_on": date(2026, 3, 10)},
        "Lần triệu tập thứ 2 phải họp chậm nhất 09/04/2026.",
    ),
    (
        {"call_no": 3, "previous_call_on": date(2026, 3, 16)},
        "Lần triệu tập thứ 3 phải họp chậm nhất 05/04/2026 (là ngày nghỉ, tính đến hết 06/04/2026).",
    ),
    (
        {"changes_charter": True, "votes_for": 9},
        "Sửa điều lệ cần ít nhất 10 phiếu tán thành, biên bản ghi 9.",
    ),
    (
        {"official_members": 40, "delegates_invited": 20},
        "HTX dưới 50 thành viên chính thức không họp đại hội đại biểu.",
    ),
    (
        {"official_members": 120, "delegates_invited": 20},
        "HTX có 120 thành viên phải có ít nhất 36 đại biểu, đang mời 20.",
    ),
    (
        {"congress_kind": "extraordinary", "request_on": date(2026, 3, 24)},
        "Đại hội bất thường phải triệu tập chậm nhất 08/04/2026, kể từ yêu cầu ngày 24/03/2026.",
    ),
    (
        # The 121st day after the year.
        {"congress_kind": "annual", "held_on": date(2026, 5, 1), "notice_on": date(2026, 4, 20)},
        "Đại hội về năm tài chính kết thúc 31/12/2025 phải họp sau ngày đó và chậm nhất "
        "30/04/2026 (là ngày nghỉ, tính đến hết 04/05/2026).",
    ),
    (
        {"congress_kind": "annual", "fiscal_year": 2026},
        "Đại hội về năm tài chính kết thúc 31/12/2026 phải họp sau ngày đó và chậm nhất 30/04/2027.",
    ),
]


@pytest.mark.parametrize(("changes", "warning"), WARNED)
@pytest.mark.once
def test_what_the_law_would_have_had_otherwise_needs_a_reason_which_the_history_keeps(
    cooperative, staff, changes, warning
):
    case = open_congress(cooperative, staff, **changes)
    assert refusal(case, staff) == [warning, NEEDS_A_REASON]
    case = complete(case, staff, note="Cơ quan đăng ký đã đồng ý")
    assert case.events.last().note == f"Cơ quan đăng ký đã đồng ý\nĐã tiếp tục dù: {warning}"
    assert Congress.objects.count() == 1


def test_the_120th_day_is_in_time(cooperative, staff):
    case = open_congress(
        cooperative, staff, congress_kind="annual", held_on=date(2026, 4, 30), notice_on=date(2026, 4, 20)
    )
    assert complete(case, staff).status == "completed"


def test_a_congress_before_july_2024_is_measured_by_the_old_law(cooperative, staff):
    held = date(2024, 3, 20)
    case = open_congress(
        cooperative, staff, planned_on=None, held_on=held, notice_on=date(2024, 3, 15), present=14, changes_lines=True
    )
    assert case.event_on == held
    assert refusal(case, staff) == [
        "Giấy mời gửi ngày 15/03/2024 là muộn: chậm nhất phải gửi ngày 13/03/2024.",
        "Không đủ số người dự để họp lần thứ 1: cần 15, có 14.",
        NEEDS_A_REASON,
    ]


# --- Problems ----------------------------------------------------------------------------------------------

REFUSED = [
    ({"held_on": TODAY + timedelta(1)}, "held_on"),
    ({"held_on": date(1800, 1, 1), "notice_on": None}, "held_on"),
    ({"notice_on": HELD}, "notice_on"),
    ({"previous_call_on": date(2026, 3, 20)}, "previous_call_on"),
    ({"call_no": 2, "previous_call_on": HELD}, "previous_call_on"),
    ({"request_on": HELD + timedelta(1)}, "request_on"),
    ({"term_from": HELD - timedelta(1)}, "term_from"),
    ({"present": 21}, "present"),
    ({"delegates_invited": 21}, "delegates_invited"),
    ({"official_members": 100, "delegates_invited": 60, "present": 61}, "present"),
    ({"votes_for": 16}, "votes_for"),
    ({"call_no": 4}, "call_no"),
    ({"term_years": 0}, "term_years"),
    ({"fiscal_year": 99}, "fiscal_year"),
    ({"congress_kind": "party"}, "congress_kind"),
    ({"decisions": "x" * 4001}, "decisions"),
]


@pytest.mark.parametrize(("changes", "column"), REFUSED)
@pytest.mark.once
def test_details_that_cannot_be_right_are_refused_beside_their_field(cooperative, staff, changes, column):
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        open_congress(cooperative, staff, **changes)
    assert list(refused.value.problems) == [column]


def test_no_case_ends_before_its_meeting(cooperative, staff):
    case = open_congress(cooperative, staff)
    assert refusal(case, staff, day=HELD - timedelta(1)) == ["Bước này không thể ghi cho ngày trước ngày họp."]


# --- Milestones --------------------------------------------------------------------------------------------

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
RUNNING = ("advising", "submitted", "waiting_result")


@pytest.mark.parametrize("milestone", MILESTONES)
@pytest.mark.parametrize("status", WAY_TO)
@pytest.mark.once
def test_every_stop_is_reached_from_running_states_and_no_other(cooperative, staff, status, milestone):
    case = make_case(cooperative, topic="term_congress", by=staff, today=TODAY, opened_on=OPENED, details=DETAILS)
    for step in WAY_TO[status]:
        case = take_step(case, step, by=staff, today=TODAY, note="Vì")
    if status in RUNNING:
        case = take_step(case, milestone, by=staff, today=TODAY)
        assert (case.status, case.milestone) == (status, milestone)
    else:
        label = next(stop.label for stop in TermCongress.milestones if stop.code == milestone)
        assert refusal(case, staff, milestone) == [
            f"Không thể “{label}” khi hồ sơ đang ở trạng thái “{Status(status).label}”."
        ]


def test_stops_only_go_forward(cooperative, staff):
    case = open_congress(cooperative, staff)
    take_step(case, "congress_held", by=staff, today=TODAY)
    assert refusal(case, staff, "congress_invited") == ["Hồ sơ đã qua giai đoạn “Đã gửi giấy mời”."]


@pytest.mark.parametrize(
    ("milestone", "words"),
    [
        ("congress_invited", "Cần ghi ngày gửi giấy mời vào chi tiết hồ sơ."),
        ("congress_held", "Cần ghi ngày họp vào chi tiết hồ sơ."),
        ("congress_reported", "Cần ghi ngày họp vào chi tiết hồ sơ."),
    ],
)
def test_a_stop_needs_its_day(cooperative, staff, milestone, words):
    case = make_case(cooperative, topic="term_congress", by=staff, today=TODAY)
    case = take_step(case, "start", by=staff, today=TODAY)
    assert refusal(case, staff, milestone) == [words]


def test_a_late_notice_is_said_at_its_own_stop(cooperative, staff):
    case = open_congress(cooperative, staff, notice_on=date(2026, 4, 9))
    assert refusal(case, staff, "congress_invited") == [
        "Giấy mời gửi ngày 09/04/2026 là muộn: chậm nhất phải gửi ngày 07/04/2026.",
        NEEDS_A_REASON,
    ]


@pytest.mark.parametrize(
    ("milestone", "stage", "next_step"),
    [
        ("congress_invited", "HTX đã gửi giấy mời họp", "HTX tổ chức đại hội đúng ngày đã mời."),
        ("congress_held", "Đại hội đã họp", "HTX hoàn thiện biên bản, nghị quyết và báo cáo kết quả."),
    ],
)
def test_a_cooperative_reads_where_its_congress_stands(cooperative, staff, milestone, stage, next_step):
    case = take_step(open_congress(cooperative, staff), milestone, by=staff, today=TODAY)
    assert (str(case.kind.stage(case)), str(case.kind.next_step(case))) == (stage, next_step)


# --- Guidance ----------------------------------------------------------------------------------------------


def led(case: Case) -> list[str]:
    """What an officer is told."""
    return [str(hint.text) for hint in case.kind.guidance(case, TODAY)]


def test_an_officer_is_led_before_the_meeting(cooperative, staff):
    case = open_congress(
        cooperative, staff, held_on=None, present=None, planned_on=date(2026, 12, 20), congress_kind="annual",
        notice_on=None, fiscal_year=2025,
    )  # fmt: skip
    assert led(case) == [
        "Gửi giấy mời chậm nhất ngày 17/12/2026.",
        "Lần triệu tập thứ 1 phải có ít nhất 10 người dự.",
        "Họp đại hội thường niên chậm nhất 30/04/2026 (là ngày nghỉ, tính đến hết 04/05/2026).",
        "Chưa ghi kết quả đại hội nên khi hoàn thành sổ đăng ký không thay đổi.",
    ]
    hint = case.kind.guidance(case, TODAY)[0]
    assert (hint.source, hint.tone) == ("Luật số 17/2023/QH15, Điều 56–70", "info")


def test_an_officer_is_led_to_the_next_call_when_too_few_came(cooperative, staff):
    case = open_congress(cooperative, staff, present=9)
    assert led(case)[1] == (
        "Cuộc họp không đủ người nên chưa có giá trị: triệu tập lần thứ 2 chậm nhất 10/05/2026 "
        "(là ngày nghỉ, tính đến hết 11/05/2026)."
    )


def test_an_officer_is_led_to_what_must_be_registered(cooperative, staff):
    case = open_congress(cooperative, staff, changes_representative=True, changes_lines=True)
    assert led(case)[-3:] == [
        "Đăng ký thay đổi chậm nhất 20/04/2026.",
        "Thông báo thay đổi cho cơ quan đăng ký chậm nhất 20/04/2026.",
        "Hoàn thành hồ sơ này thì cổng mở các hồ sơ đăng ký, thông báo tiếp theo.",
    ]


def test_an_officer_is_told_when_the_day_lies_under_another_law(cooperative, staff):
    case = open_congress(cooperative, staff, held_on=None, present=None, planned_on=date(2024, 6, 20), notice_on=None)
    assert case.event_on == date(2024, 6, 20)
    case = change_case(case, {"details": {"planned_on": date(2024, 7, 5)}}, by=staff, today=TODAY)
    assert "Ngày họp thuộc thời kỳ luật khác với luật đang áp dụng cho hồ sơ: xem lại căn cứ pháp lý." in led(case)


def test_a_bare_case_is_led_to_its_first_entry(cooperative, staff):
    case = make_case(cooperative, topic="term_congress", by=staff, today=TODAY)
    assert led(case) == ["Chưa ghi ngày dự kiến họp: ghi vào để cổng tính hạn gửi giấy mời và số người phải dự."]


def test_what_was_computed_is_shown(cooperative, staff):
    case = open_congress(cooperative, staff, present=9)
    assert [(str(name), str(words)) for name, words in case.kind.facts(case, TODAY)] == [
        ("Số người dự", "cần 10, có 9"),
        ("Nhiệm kỳ mới", "10/04/2026 – 09/04/2031"),
        ("Hạn triệu tập lần sau", "10/05/2026 (là ngày nghỉ, tính đến hết 11/05/2026)"),
    ]


def reminded(case) -> list[tuple[str, date]]:
    """The dated occasions of a case, each with words."""
    found = list(case.kind.remind_on(case, case.kind.law_of_days()))
    assert {code for code, _day in found} <= case.kind.day_words.keys()
    return found


def test_an_officer_is_reminded_of_the_notice_and_of_the_next_call(cooperative, staff):
    planned = {"planned_on": date(2026, 12, 20), "held_on": None, "present": None}
    case = open_congress(cooperative, staff, notice_on=None, **planned)
    assert reminded(case) == [("notice", date(2026, 12, 17))]
    case = open_congress(cooperative, staff, notice_on=date(2026, 12, 10), **planned)
    assert reminded(case) == []
    case = open_congress(cooperative, staff, present=9)
    assert reminded(case) == [("next_call", date(2026, 5, 11))]
    case = complete(case, staff, note="Ghi để triệu tập lần hai")
    assert reminded(case) == []


# --- Over the API ------------------------------------------------------------------------------------------


def test_details_are_typed_over_the_api_and_warnings_answer_409(client, cooperative, staff):
    client.force_login(staff)
    details = {name: f"{value}" if isinstance(value, date) else value for name, value in DETAILS.items()}
    body = {"cooperative": cooperative.pk, "topic": "term_congress", "title": "Đại hội", "details": details}
    made = client.post("/api/v1/cases/", body, content_type="application/json").json()
    assert made["details"] == {
        "fiscal_year": None, "request_on": None, "previous_call_on": None, "delegates_invited": None, "votes_for": None,
        "changes_charter": False, "changes_representative": False, "changes_name_or_address": False,
        "changes_capital": False, "changes_lines": False, "changes_tax_info": False, "term_from": None,
    } | details  # fmt: skip
    url = f"/api/v1/cases/{made['reference']}/"
    client.patch(url, {"details": {"term_years": 6}}, content_type="application/json")
    client.post(f"{url}steps/", {"step": "start"}, content_type="application/json")
    answer = client.post(f"{url}steps/", {"step": "complete"}, content_type="application/json")
    assert answer.status_code == 409
    assert answer.json()["problems"] == ["Nhiệm kỳ 6 năm dài hơn mức 5 năm của luật.", NEEDS_A_REASON]
    answer = client.post(f"{url}steps/", {"step": "complete", "note": "Điều lệ cũ"}, content_type="application/json")
    assert (answer.status_code, answer.json()["status"]) == (200, "completed")


@pytest.mark.parametrize(
    "details",
    [
        {"held_on": "hôm qua"}, {"present": -1}, {"present": 10**30}, {"term_years": "năm"}, {"congress_kind": 5},
        {"changes_charter": "có lẽ"}, {"congress": 1}, {"term": 1}, {"decisions": "x" * 5000}, {"fiscal_year": 1e300},
    ],
)  # fmt: skip
@pytest.mark.once
def test_wrong_details_answer_400_and_nothing_is_written(client, cooperative, staff, details):
    client.force_login(staff)
    body = {"cooperative": cooperative.pk, "topic": "term_congress", "title": "Đại hội", "details": details}
    with nothing_written():
        answer = client.post("/api/v1/cases/", body, content_type="application/json")
    assert (answer.status_code, list(answer.json())) == (400, ["details"])


# --- Papers ------------------------------------------------------------------------------------------------

PAPERS = {
    "term": 17, "annual": 11, "extraordinary": 8, "founding": 11,
}  # fmt: skip


@pytest.mark.parametrize("kind", CongressKind.values)
def test_each_kind_of_meeting_asks_for_its_own_papers(cooperative, staff, settings, kind):
    load_reference.Command().handle(folder=settings.FIXTURES_DIR / "reference", verbosity=0)
    case = make_case(cooperative, topic="term_congress", by=staff, today=TODAY, details={"congress_kind": kind})
    assert case.checklist.count() == PAPERS.get(kind, PAPERS["annual"])
    assert ChecklistRule.objects.filter(topic="term_congress").count() == 26


def test_delegates_who_elect_need_the_papers_of_a_term_congress():
    details = TermCongress.details
    assert issubclass(details, CaseDetails)
    assert TermCongress().variant(details(congress_kind="delegates", term_years=5)) == "term"
    assert TermCongress().variant(details(congress_kind="delegates")) == "annual"
