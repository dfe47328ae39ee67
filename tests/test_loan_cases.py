"""Cases about loans: what may be written, what stands in the way of a step, the register after it row by row."""

from datetime import date, timedelta
from itertools import count

import pytest
from django.utils import timezone

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.lending import add_disbursement, record_loan
from cooperatives.models import Disbursement, LegalRule, Loan, LoanProgramme
from support_cases.case_rows import drop_row, save_row
from support_cases.cases import change_case, open_case
from support_cases.choices import Status
from support_cases.models import Case, ChecklistRule
from support_cases.public_status import status_of
from support_cases.support_types.loan.details import LoanDetails
from support_cases.workflow import take_step
from tests.contents import nothing_written
from tests.factories import make_cooperative, make_founding_group, make_user
from tests.racing import at_once, of_kind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OPENED, SUBMITTED, DECIDED, TODAY = date(2023, 2, 13), date(2023, 3, 20), date(2023, 4, 10), date(2023, 9, 20)
MILLION = 1_000_000
_numbers = count(14)
ASKED = {
    "lender": "provincial_fund", "requested": 350 * MILLION, "purpose": "Mua nguyên liệu làm miến",
    "own_capital_percent": 30, "collateral": "asset", "cic": "none", "term_months": 24,
}  # fmt: skip
GRANTED = {"submitted_on": SUBMITTED, "decided_on": DECIDED, "result": "approved", "approved": 350 * MILLION}
REFUSED = {"submitted_on": SUBMITTED, "decided_on": DECIDED, "result": "refused", "refusal_reason": "weak_plan"}
PAID = [
    {"paid_on": date(2023, 4, 14), "amount": 200 * MILLION},
    {"paid_on": date(2023, 6, 20), "amount": 100 * MILLION},
]


@pytest.fixture
def officer(db):
    return make_user()


def sound_cooperative(**fields):
    """A cooperative nothing can be held against in 2023."""
    fields.setdefault("tax_code", f"47009900{next(_numbers):02d}")
    row = make_cooperative(**{"charter_review": "conforms"} | fields)
    row.terms.create(started_on=date(2021, 4, 1), ends_on=date(2026, 3, 31))
    return row


def loan_case(officer, party=None, **details) -> Case:
    """An open case about a loan."""
    return open_case(
        party=party or sound_cooperative(), topic="loan", title="Vay vốn", by=officer, today=TODAY, opened_on=OPENED,
        details=details,
    )  # fmt: skip


def step(case: Case, code: str, note: str = "", day: date = TODAY) -> Case:
    return take_step(case, code, by=case.officer, today=TODAY, effective_on=day, note=note)


def submitted(officer, party=None, **details) -> Case:
    case = step(loan_case(officer, party, **details), "start")
    return step(case, "submit", day=SUBMITTED)


def refused_step(case: Case, code: str, note: str = "") -> list[str]:
    """The words with which a step is refused, and nothing written."""
    with nothing_written(), pytest.raises(NotAllowedNow) as refused:
        step(case, code, note)
    return refused.value.problems


def refused_details(officer, **details) -> dict[str, list[str]]:
    """The messages by column with which details are refused when the case is opened."""
    with pytest.raises(InvalidEntry) as refused:
        loan_case(officer, **details)
    return {name: [str(said) for said in messages] for name, messages in refused.value.problems.items()}


# --- Bare cases --------------------------------------------------------------------------------------------


def test_a_bare_case_passes_every_step_and_leaves_the_register_as_it_was(officer):
    case = loan_case(officer, make_cooperative())
    for code in ("start", "submit", "await_result", "complete"):
        case = step(case, code)
    assert (case.status, Loan.objects.count()) == (Status.COMPLETED, 0)
    hints = [str(hint.text) for hint in case.kind.guidance(case, TODAY)]
    assert "Chưa ghi kết quả của nơi cho vay: nếu hoàn thành hồ sơ thì sổ đăng ký chưa có kết quả." in hints


# --- Details -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("details", "column"),
    [
        (ASKED | GRANTED | {"approved": 1}, "approved"),
        (ASKED | GRANTED | {"result": "partial"}, "approved"),
        (ASKED | REFUSED | {"refusal_reason": ""}, "refusal_reason"),
        (ASKED | {"refusal_reason": "weak_plan"}, "refusal_reason"),
        (ASKED | {"approved": 5}, "approved"),
        (ASKED | GRANTED | {"decided_on": SUBMITTED - timedelta(days=1)}, "decided_on"),
        (ASKED | {"submitted_on": TODAY + timedelta(days=1)}, "submitted_on"),
        (ASKED | {"submitted_on": date(1023, 3, 20)}, "submitted_on"),
        (ASKED | {"requested": 0}, "requested"),
        (ASKED | {"requested": 10**15 + 1}, "requested"),
        (ASKED | {"own_capital_percent": 101}, "own_capital_percent"),
        (ASKED | {"rate_percent": "101"}, "rate_percent"),
        (ASKED | {"term_months": 0}, "term_months"),
    ],
)
@pytest.mark.once
def test_what_cannot_be_right_is_refused_beside_its_column(officer, details, column):
    assert column in refused_details(officer, **details)
    assert Case.objects.count() == 0


def test_a_programme_must_be_of_the_lender_of_the_day_and_of_the_kind_of_borrower(officer):
    start, end = date(2022, 1, 1), date(2023, 3, 19)
    of_bank = LoanProgramme.objects.create(code="a", name_vi="A", lender="vbsp", valid_from=start)
    ended = LoanProgramme.objects.create(code="b", name_vi="B", valid_from=start, valid_to=end)
    for_tht = LoanProgramme.objects.create(code="c", name_vi="C", cap_tht=1, valid_from=start)
    right = LoanProgramme.objects.create(code="d", name_vi="D", lender="provincial_fund", valid_from=start)
    asked = ASKED | {"submitted_on": SUBMITTED}
    assert refused_details(officer, **asked, programme=of_bank)["programme"] == [
        "Chương trình này không phải của nơi cho vay đã chọn."
    ]
    assert refused_details(officer, **asked, programme=ended)["programme"] == [
        "Chương trình này không có hiệu lực vào ngày 20/03/2023."
    ]
    assert "programme" in refused_details(officer, **asked, programme=for_tht)
    case = loan_case(officer, **asked, programme=right)
    assert (case.event_on, case.details.programme) == (SUBMITTED, right)


def test_rows_are_checked_one_by_one(officer):
    case = submitted(officer, **ASKED, **GRANTED)
    for values, column in (
        ({"paid_on": DECIDED - timedelta(days=1), "amount": 1}, "paid_on"),
        ({"paid_on": TODAY + timedelta(days=1), "amount": 1}, "paid_on"),
        ({"paid_on": TODAY, "amount": 0}, "amount"),
        ({"paid_on": TODAY, "amount": 350 * MILLION + 1}, "amount"),
    ):
        with nothing_written(), pytest.raises(InvalidEntry) as refused:
            save_row(case, "disbursements", values, by=officer, today=TODAY)
        assert refused.value.problems.keys() == {column}
    case = submitted(officer, sound_cooperative(), **ASKED, **REFUSED)
    save_row(case, "further_reasons", {"reason": "bad_debt"}, by=officer, today=TODAY)
    for reason in ("bad_debt", "weak_plan"):
        with nothing_written(), pytest.raises(InvalidEntry):
            save_row(case, "further_reasons", {"reason": reason}, by=officer, today=TODAY)


# --- Steps -------------------------------------------------------------------------------------------------


def test_what_speaks_against_a_request_asks_for_a_reason_and_is_kept_in_the_history(officer):
    LegalRule.objects.create(key="fund.own_capital_pct", value="20", unit="percent", valid_from=date(2021, 5, 15))
    party = make_cooperative(tax_code="4700990014", charter_review="conforms")
    party.terms.create(started_on=date(2018, 1, 1), ends_on=date(2022, 12, 31))
    case = step(loan_case(officer, party, **ASKED | {"own_capital_percent": 10, "cic": "has"}), "start")
    words = [
        "Nhiệm kỳ của người đại diện, HĐQT đã hết ngày 31/12/2022.",
        "Vốn đối ứng 10%, nơi cho vay yêu cầu ít nhất 20%.",
        "HTX còn nợ xấu theo CIC: nơi cho vay không giải ngân khi còn nợ xấu.",
    ]
    assert refused_step(case, "submit") == [*words, "Nếu vẫn tiếp tục, hãy ghi lý do vào ghi chú."]
    case = step(case, "submit", note="HTX vẫn xin nộp")
    assert case.status == Status.SUBMITTED
    note = case.events.get(step="submit").note
    assert note.splitlines() == ["HTX vẫn xin nộp", *[f"Đã tiếp tục dù: {said}" for said in words]]


def test_an_answer_without_lender_amount_or_cooperative_does_not_end_a_case(officer):
    details = {"result": "refused", "refusal_reason": "weak_plan"}
    case = step(loan_case(officer, **details), "start")
    assert refused_step(case, "complete") == [
        f"Ghi {name} trước, vì kết quả đã ghi." for name in ("Nơi cho vay", "Số tiền đề nghị vay (đồng)", "Ngày nộp")
    ]
    group = step(loan_case(officer, make_founding_group(), **ASKED, **REFUSED), "start")
    assert refused_step(group, "complete") == [
        "Ghi HTX vay vốn (nhóm sáng lập chưa vay được) trước, vì kết quả đã ghi."
    ]
    assert step(group, "stop", note="Nhóm tan").status == Status.STOPPED


@pytest.mark.parametrize("code", ["complete", "loan_disbursed", "not_eligible"])
def test_money_without_an_approval_or_more_of_it_is_refused(officer, code):
    case = submitted(officer, **ASKED)
    for values in PAID:
        save_row(case, "disbursements", values, by=officer, today=TODAY)
    assert refused_step(case, code, "Lý do") == ["Đã ghi giải ngân nhưng kết quả chưa phải là được vay."]
    partial = GRANTED | {"result": "partial", "approved": 250 * MILLION}
    case = submitted(officer, sound_cooperative(), **ASKED, **partial)
    for values in PAID:
        save_row(case, "disbursements", values, by=officer, today=TODAY)
    (problem,) = refused_step(case, code, "Lý do")
    assert (
        problem.replace("\N{NO-BREAK SPACE}", " ")
        == "Tổng giải ngân 300.000.000 đ lớn hơn số được duyệt 250.000.000 đ."
    )


def test_money_before_an_answer_is_not_submitted(officer):
    case = step(loan_case(officer, **ASKED, disbursements=PAID), "start")
    assert refused_step(case, "submit") == ["Đã ghi giải ngân nhưng kết quả chưa phải là được vay."]


def test_a_granted_loan_is_not_withdrawn_and_a_refused_one_not_paid(officer):
    granted = submitted(officer, **ASKED, **GRANTED)
    assert refused_step(granted, "withdraw", "HTX rút") == [
        "Kết quả đã ghi là được vay; HTX rút thì sửa kết quả trước."
    ]
    refused = submitted(officer, sound_cooperative(), **ASKED, **REFUSED)
    assert refused_step(refused, "loan_disbursed") == ["Kết quả không phải là được vay nên không có giải ngân."]


MILESTONES = ["loan_plan", "loan_filed", "loan_appraisal", "loan_decided", "loan_disbursed"]
AT_LENDER = {"waiting_cooperative", "submitted", "waiting_result"}
WAYS = {
    "new": [],
    "advising": ["start"],
    "waiting_cooperative": ["start", "request_papers"],
    "submitted": ["start", "submit"],
    "waiting_result": ["start", "submit", "await_result"],
    "completed": ["start", "complete"],
}


@pytest.mark.parametrize("status", WAYS)
@pytest.mark.parametrize("stop", MILESTONES)
@pytest.mark.once
def test_every_milestone_from_every_state_is_reached_or_refused_in_words(officer, status, stop):
    case = loan_case(officer)
    for code in WAYS[status]:
        case = step(case, code)
    allowed = status in ({"advising", "waiting_cooperative"} if stop == "loan_plan" else AT_LENDER)
    passed = stop == "loan_filed" and status in ("submitted", "waiting_result")
    if allowed and not passed:
        assert (step(case, stop).milestone, case.status) == (stop, status)
    else:
        (words,) = refused_step(case, stop)
        label = next(each.label for each in case.kind.milestones if each.code == stop)
        assert words == (
            f"Hồ sơ đã qua giai đoạn “{label}”."
            if passed
            else f"Không thể “{label}” khi hồ sơ đang ở trạng thái “{case.get_status_display()}”."
        )


def test_public_words_follow_the_milestones_without_amounts_and_reasons(officer):
    case = submitted(officer, **ASKED, **GRANTED, disbursements=PAID)
    said = []
    for code in ("loan_appraisal", "loan_decided", "loan_disbursed", "complete"):
        case = step(case, code)
        public = status_of(case)
        said.append(public.stage)
        assert not any(word in str(public) for word in ("350", "000.000", "khả thi"))
    assert said == [
        "Nơi cho vay đang thẩm định", "Nơi cho vay đã có quyết định", "Tiền vay đã được giải ngân",
        "Đã có kết quả vay vốn",
    ]  # fmt: skip


# --- The register afterwards -------------------------------------------------------------------------------


def test_a_submission_is_in_the_register_as_pending(officer):
    case = submitted(officer, **ASKED)
    loan = Loan.objects.get()
    assert (loan.cooperative, loan.lender, loan.requested, loan.purpose) == (
        case.cooperative, "provincial_fund", 350 * MILLION, "Mua nguyên liệu làm miến",
    )  # fmt: skip
    assert (loan.result, loan.approved, loan.submitted_on, loan.decided_on) == ("pending", 0, SUBMITTED, None)
    details = LoanDetails.objects.get(pk=case.pk)
    assert (details.loan, details.submitted_on, case.milestone) == (loan, SUBMITTED, "loan_filed")


def test_a_completed_case_puts_loan_and_payments_into_the_register(officer):
    case = step(submitted(officer, **ASKED, **GRANTED, disbursements=PAID), "complete")
    loan = Loan.objects.get()
    assert (loan.result, loan.approved, loan.disbursed, loan.decided_on) == (
        "approved", 350 * MILLION, 300 * MILLION, DECIDED,
    )  # fmt: skip
    assert (loan.collateral, loan.own_capital_percent, loan.cic, loan.term_months) == ("asset", 30, "none", 24)
    assert [(row.paid_on, row.amount, row.source) for row in Disbursement.objects.all()] == [
        (date(2023, 4, 14), 200 * MILLION, case.reference),
        (date(2023, 6, 20), 100 * MILLION, case.reference),
    ]


@pytest.mark.parametrize("code", ["complete", "complete_partly", "not_eligible", "withdraw"])
def test_a_refusal_is_in_the_register_with_all_its_reasons(officer, code):
    case = submitted(officer, **ASKED, **REFUSED, further_reasons=[{"reason": "bad_debt"}, {"reason": "no_collateral"}])
    step(case, code, note="Ngân hàng từ chối")
    loan = Loan.objects.get()
    assert (loan.result, loan.refusal_reason, loan.approved) == ("refused", "weak_plan", 0)
    assert [row.reason for row in loan.further_refusals.all()] == ["bad_debt", "no_collateral"]


def test_a_case_withdrawn_without_an_answer_is_a_loan_withdrawn(officer):
    step(submitted(officer, **ASKED), "withdraw", note="HTX đổi phương án")
    assert Loan.objects.get().result == "withdrawn"
    step(loan_case(officer, sound_cooperative(), **ASKED), "withdraw", note="Không vay nữa")
    assert Loan.objects.count() == 1


def test_completing_without_an_answer_leaves_the_loan_pending(officer):
    step(submitted(officer, **ASKED), "complete")
    assert Loan.objects.get().result == "pending"


def test_a_case_reopened_and_completed_again_doubles_nothing_and_follows_its_changes(officer):
    case = step(submitted(officer, **ASKED, **GRANTED, disbursements=PAID), "complete")
    loan = Loan.objects.get()
    add_disbursement(loan, paid_on=date(2023, 7, 1), amount=10 * MILLION, by=officer, today=TODAY)
    case = step(case, "reopen", note="Sửa số liệu")
    first = case.loanpayment_rows.first()
    drop_row(case, "disbursements", first.pk, by=officer, today=TODAY)
    changes = {"details": {"result": "partial", "approved": 150 * MILLION}}
    case = change_case(case, changes, by=officer, today=TODAY)
    for _ in range(2):
        case = step(case, "complete")
        case = step(case, "reopen", note="Lần nữa")
    loan = Loan.objects.get()
    assert (loan.result, loan.approved, loan.disbursed) == ("partial", 150 * MILLION, 110 * MILLION)
    assert [(row.amount, bool(row.voided_at)) for row in loan.disbursements.all()] == [
        (200 * MILLION, True),
        (100 * MILLION, False),
        (10 * MILLION, False),
    ]


def test_a_loan_the_register_already_has_is_taken_up_and_not_entered_twice(officer):
    party = sound_cooperative()
    there = record_loan(
        Loan(cooperative=party, lender="provincial_fund", requested=350 * MILLION, submitted_on=SUBMITTED),
        by=officer, today=TODAY,
    )  # fmt: skip
    case = step(submitted(officer, party, **ASKED, **GRANTED), "complete")
    assert Loan.objects.get() == there == LoanDetails.objects.get(pk=case.pk).loan
    second = step(submitted(officer, party, **ASKED, **GRANTED), "complete")
    assert LoanDetails.objects.get(pk=second.pk).loan != there
    assert Loan.objects.count() == 2


def test_an_answer_recorded_by_hand_stays_until_the_case_has_one(officer):
    party = sound_cooperative()
    values = {"lender": "provincial_fund", "requested": 350 * MILLION, "submitted_on": SUBMITTED}
    loan = record_loan(
        Loan(cooperative=party, result="approved", approved=350 * MILLION, **values), by=officer, today=TODAY
    )
    add_disbursement(loan, paid_on=TODAY, amount=MILLION, by=officer, today=TODAY)
    submitted(officer, party, **ASKED)
    loan.refresh_from_db()
    assert (loan.result, loan.approved, loan.disbursed, loan.purpose) == (
        "approved", 350 * MILLION, MILLION, ASKED["purpose"],
    )  # fmt: skip


def test_what_the_register_holds_is_not_changed_on_a_case_that_has_ended(officer):
    case = step(submitted(officer, **ASKED, **GRANTED), "complete")
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        change_case(case, {"details": {"purpose": "Khác"}}, by=officer, today=TODAY)
    assert refused.value.problems.keys() == {"purpose"}
    with nothing_written(), pytest.raises(NotAllowedNow):
        save_row(case, "disbursements", PAID[0], by=officer, today=TODAY)
    with nothing_written(), pytest.raises(InvalidEntry):
        change_case(case, {"details": {"disbursements": PAID}}, by=officer, today=TODAY)
    assert change_case(case, {"title": "Tên khác", "details": {}}, by=officer, today=TODAY).title == "Tên khác"
    row = add_disbursement(Loan.objects.get(), paid_on=TODAY, amount=MILLION, by=officer, today=TODAY)
    assert row.loan.disbursements.count() == 1


def test_papers_still_missing_stand_in_the_way_as_ever(officer):
    ChecklistRule.objects.create(topic="loan", code="plan", label_vi="Phương án", valid_from="2020-01-01")
    case = step(loan_case(officer, **ASKED, **GRANTED), "start")
    assert refused_step(case, "submit") == ["Còn thiếu giấy tờ: Phương án."]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_complete_at_once_one_is_told_and_the_register_has_one_loan():
    officer = make_user()
    case = submitted(officer, **ASKED, **GRANTED, disbursements=PAID)

    def complete():
        return take_step(case, "complete", by=officer, today=TODAY, version=case.version)

    results = at_once(complete, complete)
    assert len(of_kind(results, Case)) == len(of_kind(results, NotAllowedNow)) == 1
    loan = Loan.objects.get()
    assert (loan.disbursed, loan.disbursements.count()) == (300 * MILLION, 2)


@pytest.mark.django_db(transaction=True)
def test_two_cases_of_the_same_request_at_once_take_up_two_loans():
    officer, party = make_user(), sound_cooperative()
    cases = [step(loan_case(officer, party, **ASKED, **GRANTED), "start") for _ in range(2)]
    results = at_once(*[lambda case=case: step(case, "submit", day=SUBMITTED) for case in cases])
    assert of_kind(results, Exception) == []
    assert Loan.objects.count() == 2
    assert LoanDetails.objects.values("loan").distinct().count() == 2
    assert timezone.localdate() > TODAY
