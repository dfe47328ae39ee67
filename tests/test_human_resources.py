"""A case of human-resource support: its stops, what it warns of, and the register after it ends, row by row."""

from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.models import ApprovedSupport, LegalRule, Placement
from cooperatives.models.workforce import SupportResult
from cooperatives.reference import add_missing
from cooperatives.workforce.acts import confirm_month
from support_cases.cases import change_case
from support_cases.choices import Status
from support_cases.models import Case
from support_cases.support_types import SUPPORT_TYPES
from support_cases.workflow import steps_from, take_step
from tests.factories import make_case, make_cooperative, make_founding_group, make_user
from tests.test_workflow import WAY_TO

pytestmark = pytest.mark.django_db

OPENED, TODAY = date(2024, 5, 20), date(2024, 9, 20)
KIND = SUPPORT_TYPES["human_resources"]
STOPS = ["proposed", "appraised", "decided", "contracted", "supporting"]
DECISION = {"decision_no": "77/QĐ-UBND", "decision_on": date(2024, 5, 27), "job": "accountant", "posts": 1}
CONTRACT = {
    "person_label": "Lao động 01",
    "degree": "college",
    "major": "Kế toán",
    "contract_no": "01/2024/HĐLĐ",
    "started_on": date(2024, 6, 3),
    "ends_on": date(2026, 5, 31),
}
PLACED = {name: CONTRACT[name] for name in ("person_label", "degree", "major", "contract_no", "started_on", "ends_on")}


@pytest.fixture(autouse=True)
def rules(db):
    """The rules as they are shipped."""
    add_missing(settings.FIXTURES_DIR / "reference" / "legal_rules.csv", LegalRule, ("key", "valid_from"))


@pytest.fixture
def cooperative():
    """A cooperative in a district."""
    return make_cooperative()


def open_case(party=None, **details) -> Case:
    """A case opened on 20/05/2024 with these details."""
    return make_case(party, topic="human_resources", today=TODAY, opened_on=OPENED, details=details)


def step(case, *codes, note=""):
    """Take steps today."""
    for code in codes:
        case = take_step(case, code, by=case.officer, today=TODAY, note=note)
    return case


def write(case, **details):
    """Write details."""
    return change_case(Case.objects.get(pk=case.pk), {"details": details}, by=case.officer, today=TODAY)


def refused(case, code, note="") -> list[str]:
    """The words with which a step is refused."""
    with pytest.raises(NotAllowedNow) as refusal:
        step(case, code, note=note)
    return refusal.value.problems


# --- The register after the end --------------------------------------------------------------------------------


def test_a_completed_case_writes_the_line_of_the_list_and_the_placement(cooperative):
    case = step(open_case(cooperative, **DECISION, **CONTRACT), "start", "complete")
    (line,) = ApprovedSupport.objects.values()
    assert {name: line[name] for name in line if name not in ("id", "edited_at")} == {
        "cooperative_id": cooperative.pk,
        "decision_no": "77/QĐ-UBND",
        "decided_on": date(2024, 5, 27),
        "posts": 1,
        "job": "accountant",
        "monthly_amount": None,
        "valid_from": date(2024, 5, 27),
        "valid_to": None,
        "source": f"Hồ sơ {case.reference}",
        "revoked_on": None,
        "edited_by_id": case.officer.pk,
    }
    (placement,) = Placement.objects.values()
    assert placement == PLACED | {
        "id": placement["id"],
        "cooperative_id": cooperative.pk,
        "approved_id": line["id"],
        "job": "accountant",
        "left_on": None,
        "leave_reason": "",
        "replaced_by_id": None,
        "result": SupportResult.UNKNOWN,
        "exception_note": "",
    }
    case.refresh_from_db()
    assert (case.details.listed_id, case.details.approved_id, case.details.placement_id) == (
        line["id"], line["id"], placement["id"]
    )  # fmt: skip


def test_a_case_reopened_and_completed_again_changes_the_same_rows(cooperative):
    case = step(open_case(cooperative, **DECISION, **CONTRACT), "start", "complete")
    rows = ApprovedSupport.objects.get().pk, Placement.objects.get().pk
    case = step(case, "reopen", note="Sai số quyết định")
    case = step(case, "complete")
    assert (ApprovedSupport.objects.get().pk, Placement.objects.get().pk) == rows
    case = step(case, "reopen", note="Sai số quyết định")
    write(case, decision_no="78/QĐ-UBND", posts=2, person_label="Lao động 02", ends_on=date(2026, 6, 30))
    step(Case.objects.get(pk=case.pk), "complete")
    line, placement = ApprovedSupport.objects.get(), Placement.objects.get()
    assert ((line.pk, placement.pk), line.decision_no, line.posts) == (rows, "78/QĐ-UBND", 2)
    assert (placement.person_label, placement.ends_on) == ("Lao động 02", date(2026, 6, 30))


def test_what_the_register_holds_already_is_reused_and_keeps_what_only_it_knows(cooperative):
    line = cooperative.approved_support.create(
        decision_no="77/QĐ-UBND", decided_on=date(2024, 5, 20), posts=3, job="accountant",
        valid_from=date(2024, 6, 1), monthly_amount=6_000_000,
    )  # fmt: skip
    there = cooperative.placements.create(
        **PLACED | {"major": ""}, job="accountant", approved=line, result=SupportResult.KEPT
    )
    case = step(open_case(cooperative, **DECISION, **CONTRACT), "start", "complete")
    assert ApprovedSupport.objects.get().posts == 3
    placement = Placement.objects.get()
    assert (placement.pk, placement.approved, placement.major, placement.result) == (
        there.pk, line, "Kế toán", SupportResult.KEPT
    )  # fmt: skip
    case.refresh_from_db()
    assert (case.details.approved, case.details.listed) == (line, None)


def test_a_line_chosen_from_the_list_is_left_as_it_is(cooperative):
    line = cooperative.approved_support.create(
        decision_no="77/QĐ-UBND", decided_on=date(2024, 5, 20), posts=3, valid_from=date(2024, 6, 1)
    )
    step(open_case(cooperative, approved=line, **CONTRACT | {"job": "accountant"}), "start", "complete")
    assert [one.pk for one in ApprovedSupport.objects.all()] == [line.pk]
    assert Placement.objects.get().approved == line


def test_a_decision_without_a_contract_writes_the_list_alone_and_a_bare_case_writes_nothing(cooperative):
    step(open_case(cooperative), "start", "complete")
    step(open_case(cooperative, posts=2, job="accountant", decision_no="9/QĐ"), "start", "complete")
    assert not ApprovedSupport.objects.exists() and not Placement.objects.exists()
    step(open_case(cooperative, **DECISION), "start", "complete")
    assert (ApprovedSupport.objects.count(), Placement.objects.count()) == (1, 0)


def test_a_case_that_ends_otherwise_or_belongs_to_a_founding_group_writes_nothing(cooperative):
    for code in ("withdraw", "not_eligible", "unreachable", "not_ours", "stop"):
        step(open_case(cooperative, **DECISION, **CONTRACT), code, note="Lý do")
    step(open_case(make_founding_group(), **DECISION, **CONTRACT), "start", "complete")
    assert not ApprovedSupport.objects.exists() and not Placement.objects.exists()


def test_partly_completed_writes_what_there_is(cooperative):
    step(open_case(cooperative, **DECISION), "start", "complete_partly", note="Chưa ký hợp đồng")
    assert ApprovedSupport.objects.count() == 1


# --- Limits ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"degree": "intermediate"}, "Trình độ Trung cấp thấp hơn mức tối thiểu: Cao đẳng."),
        ({"ends_on": date(2027, 7, 31)}, "Hợp đồng có 38 tháng được tính, hỗ trợ nhiều nhất 36 tháng."),
    ],
)
def test_going_over_a_limit_asks_for_a_reason_and_keeps_it(cooperative, changed, words):
    case = step(open_case(cooperative, **DECISION, **CONTRACT | changed), "start")
    assert refused(case, "complete") == [words, "Nếu vẫn tiếp tục, hãy ghi lý do vào ghi chú."]
    assert not Placement.objects.exists() and not ApprovedSupport.objects.exists()
    step(case, "complete", note="Tỉnh đồng ý")
    assert Placement.objects.get().exception_note == "Tỉnh đồng ý"
    assert f"Đã tiếp tục dù: {words}" in case.events.last().note


def test_a_third_person_at_one_time_asks_for_a_reason(cooperative):
    for label in ("A", "B"):
        cooperative.placements.create(
            person_label=label, degree="college", job="technician",
            started_on=date(2024, 1, 1), ends_on=date(2024, 12, 31),
        )  # fmt: skip
    case = step(open_case(cooperative, **DECISION, **CONTRACT), "start")
    assert refused(case, "complete")[0] == "HTX có 3 người được hỗ trợ cùng lúc, nhiều nhất 2."


def test_limits_are_read_from_their_rows(cooperative):
    LegalRule.objects.filter(key="hr.min_degree").update(value="Đại học")
    LegalRule.objects.filter(key="hr.max_months").update(value="12")
    case = step(open_case(cooperative, **DECISION, **CONTRACT), "start")
    assert refused(case, "complete")[:-1] == [
        "Trình độ Cao đẳng thấp hơn mức tối thiểu: Đại học.",
        "Hợp đồng có 24 tháng được tính, hỗ trợ nhiều nhất 12 tháng.",
    ]
    LegalRule.objects.filter(key__in=["hr.min_degree", "hr.max_months"]).delete()
    assert step(case, "complete").status == Status.COMPLETED


# --- What cannot be right --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"decision_on": date(2024, 9, 21)}, "decision_on"),
        ({"decision_on": date(1990, 1, 1)}, "decision_on"),
        ({"started_on": date(2024, 6, 3), "ends_on": date(2024, 6, 3)}, "ends_on"),
        (CONTRACT | {"job": "accountant", "ends_on": date(2024, 6, 1)}, "ends_on"),
        (CONTRACT | {"job": "accountant", "ends_on": date(2044, 6, 1)}, "ends_on"),
        (CONTRACT | {"job": "accountant", "started_on": date(1900, 6, 1)}, "started_on"),
        ({"degree": "doctor"}, "degree"),
    ],
)
def test_impossible_details_are_refused_at_their_fields(cooperative, details, field):
    with pytest.raises(InvalidEntry) as refusal:
        open_case(cooperative, **details)
    assert list(refusal.value.problems) == [field]
    assert not Case.objects.exists()


def test_a_line_of_another_cooperative_or_another_decision_is_refused(cooperative):
    other = make_cooperative().approved_support.create(decision_no="1", decided_on=OPENED, posts=1, valid_from=OPENED)
    own = cooperative.approved_support.create(decision_no="2", decided_on=OPENED, posts=1, valid_from=OPENED)
    for details, field in (({"approved": other}, "approved"), ({"approved": own, "decision_no": "3"}, "decision_no")):
        with pytest.raises(InvalidEntry) as refusal:
            open_case(cooperative, **details)
        assert list(refusal.value.problems) == [field]
    with pytest.raises(InvalidEntry):
        open_case(make_founding_group(), approved=own)


def test_a_contract_is_not_moved_away_from_confirmed_months(cooperative):
    case = step(open_case(cooperative, **DECISION, **CONTRACT), "start", "complete")
    days = {"days_worked": Decimal(22), "standard_days": Decimal(26)}
    confirm_month(Placement.objects.get(), date(2024, 6, 1), **days, by=make_user(), today=TODAY)
    case = step(case, "reopen", note="Sai ngày")
    with pytest.raises(InvalidEntry) as refusal:
        write(case, started_on=date(2024, 8, 1))
    assert refusal.value.problems == {
        "ends_on": ["Các tháng đã xác nhận hoặc đã chi trả không còn trong hợp đồng: 06/2024."]
    }


def test_a_case_does_not_end_before_its_own_decision(cooperative):
    case = open_case(cooperative, **DECISION | {"decision_on": date(2024, 9, 1)})
    case = take_step(case, "start", by=case.officer, today=TODAY, effective_on=OPENED)
    with pytest.raises(NotAllowedNow) as refusal:
        take_step(case, "complete", by=case.officer, today=TODAY, effective_on=date(2024, 8, 1))
    assert refusal.value.problems == ["Quyết định có ngày sau ngày hoàn thành hồ sơ."]


def test_a_line_that_came_into_the_list_meanwhile_is_told_in_words(cooperative):
    case = step(open_case(cooperative, **DECISION), "start", "complete")
    case = step(case, "reopen", note="Sai số")
    write(case, decision_no="78/QĐ-UBND")
    cooperative.approved_support.create(
        decision_no="78/QĐ-UBND", decided_on=OPENED, posts=1, job="accountant", valid_from=OPENED
    )
    assert refused(Case.objects.get(pk=case.pk), "complete") == [
        "Danh sách đã có HTX này với quyết định và vị trí này."
    ]


# --- Stops -----------------------------------------------------------------------------------------------------

NEEDS = {
    "decided": "Ghi số và ngày quyết định, hoặc chọn dòng trong danh sách phê duyệt trước.",
    "contracted": "Ghi đủ thông tin hợp đồng lao động trước.",
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("filled", [False, True])
def test_every_stop_from_every_state_is_reached_or_refused_in_words(cooperative, status, filled):
    case = open_case(cooperative, **(DECISION | CONTRACT if filled else {}))
    case = step(case, *WAY_TO[status], note="Lý do")
    may = status in (Status.ADVISING, Status.SUBMITTED, Status.WAITING_RESULT)
    assert [one.code for one in steps_from(case)][: len(STOPS)] == STOPS if may else True
    for code in STOPS:
        label = {stop.code: stop.label for stop in KIND.milestones}[code]
        if not may:
            said = f"Không thể “{label}” khi hồ sơ đang ở trạng thái “{case.get_status_display()}”."
            assert refused(case, code) == [said]
        elif not filled and code in NEEDS:
            assert refused(case, code) == [NEEDS[code]]
        else:
            case = step(case, code)
            assert (case.milestone, case.status) == (code, status)
            assert refused(case, code) == [f"Hồ sơ đã qua giai đoạn “{label}”."]


def test_the_public_words_follow_the_stops(cooperative):
    case = step(open_case(cooperative, **DECISION, **CONTRACT), "start")
    words = []
    for code in STOPS:
        case = step(case, code)
        words.append((str(KIND.stage(case)), str(KIND.next_step(case))))
    assert words == [
        ("HTX đã đề nghị hỗ trợ nhân lực", "Cơ quan chuyên môn thẩm định đề nghị của HTX."),
        ("Đề nghị đang được thẩm định", "HTX chờ quyết định phê duyệt danh sách hỗ trợ."),
        ("Đã có quyết định hỗ trợ nhân lực", "HTX ký hợp đồng lao động và gửi một bản cho cán bộ."),
        ("Đã ký hợp đồng lao động", "HTX xác nhận ngày công sau mỗi tháng để được chi hỗ trợ."),
        ("Đang được hỗ trợ hằng tháng", "HTX xác nhận ngày công sau mỗi tháng để được chi hỗ trợ."),
    ]


# --- Guidance and reminders ------------------------------------------------------------------------------------


def hints(case) -> list[str]:
    """What an officer is told."""
    return [str(hint.text) for hint in KIND.guidance(case, TODAY)]


def test_guidance_names_the_limits_and_what_the_first_month_is_worth_with_its_inputs(cooperative):
    case = open_case(cooperative, **DECISION, **CONTRACT)
    assert hints(case) == [
        "Giới hạn: 2 người cùng lúc ở một HTX, 36 tháng mỗi người, trình độ từ Cao đẳng trở lên.",
        "Hỗ trợ tháng 06/2024: 4.875.000 đ. 1,5 × 3.250.000 đ (lương tối thiểu vùng 4) = 4.875.000 đ.",
    ]
    write(case, started_on=date(2024, 7, 1), degree="intermediate")
    case = Case.objects.get(pk=case.pk)
    assert hints(case)[1:] == [
        "Hỗ trợ tháng 07/2024: 5.175.000 đ. 1,5 × 3.450.000 đ (lương tối thiểu vùng 4) = 5.175.000 đ.",
        "Trình độ Trung cấp thấp hơn mức tối thiểu: Cao đẳng.",
    ]


def test_guidance_says_what_the_register_will_lack(cooperative):
    assert hints(open_case(cooperative, job="accountant"))[2:] == [
        "Chưa ghi quyết định phê duyệt nên danh sách không thay đổi khi hoàn thành.",
        "Chưa ghi lao động vào sổ khi hoàn thành, còn thiếu: Lao động (ký hiệu), Trình độ, Hợp đồng từ ngày, "
        "Hợp đồng đến ngày.",
    ]
    assert hints(open_case(make_founding_group())) == ["Hỗ trợ nhân lực chỉ ghi vào sổ cho HTX đã thành lập."]


def test_guidance_says_that_a_region_is_provisional(cooperative):
    case = open_case(cooperative, **DECISION, **CONTRACT | {"started_on": date(2025, 7, 1)})
    assert hints(case)[1] == (
        "Hỗ trợ tháng 07/2025: 5.175.000 đ. 1,5 × 3.450.000 đ (lương tối thiểu vùng 4) = 5.175.000 đ. "
        "Tạm tính theo vùng cao nhất của các xã gộp."
    )


def test_facts_count_people_and_months(cooperative):
    case = step(open_case(cooperative, **DECISION, **CONTRACT), "start", "complete")
    assert [(str(label), str(words)) for label, words in KIND.facts(case, TODAY)] == [
        ("Đang được hỗ trợ tại HTX", "1 người"),
        ("Tháng của hợp đồng", "24, được hỗ trợ 24"),
    ]
