"""Access to loans: from a plan a lender can read to the answer of the lender and the money."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Kind
from cooperatives.errors import Words
from cooperatives.lending import checks, hindrances
from cooperatives.models import Cooperative, LoanProgramme
from cooperatives.models.loans import result_problems
from htx_portal.templatetags.portal import vnd
from support_cases.choices import Status
from support_cases.support_types.base import Hint, Milestone, NextCase, Problems, SupportType
from support_cases.support_types.loan.details import GROUPS, LoanDetails, LoanFurtherReason, LoanPayment
from support_cases.support_types.loan.readiness import (
    kept_in_register,
    kind_of,
    missing,
    money_problems,
    programme_problems,
    readiness,
)
from support_cases.support_types.loan.recording import note_submission, write_loan

#: Steps with which the lender's answer is known: then the register says it.
_ANSWERED = frozenset({"complete", "complete_partly", "not_eligible", "withdraw"})
_AT_THE_LENDER = frozenset({Status.SUBMITTED, Status.WAITING_RESULT, Status.WAITING_COOPERATIVE})
_EARLIEST = date(1945, 9, 2)


class LoanSupport(SupportType):
    """Helping a cooperative to ask for a loan."""

    code = "loan"
    position = 50
    label = _("Tiếp cận vốn vay")
    public_label = _("Vay vốn")
    details = LoanDetails
    field_groups = GROUPS
    rows = {"disbursements": LoanPayment, "further_reasons": LoanFurtherReason}
    office_only = frozenset(
        {"requested", "approved", "refusal_reason", "cic", "own_capital_percent", "disbursements", "further_reasons"}
    )
    milestones = (
        Milestone(
            "loan_plan",
            _("Đã hoàn thiện phương án"),
            _("Phương án vay vốn đã hoàn thiện"),
            frozenset({Status.ADVISING, Status.WAITING_COOPERATIVE}),
            _("HTX nộp hồ sơ cho nơi cho vay."),
        ),
        Milestone(
            "loan_filed",
            _("Đã nộp nơi cho vay"),
            _("Hồ sơ đang ở nơi cho vay"),
            _AT_THE_LENDER,
            _("Nơi cho vay thẩm định hồ sơ và trả lời HTX."),
        ),
        Milestone(
            "loan_appraisal",
            _("Nơi cho vay đang thẩm định"),
            _("Nơi cho vay đang thẩm định"),
            _AT_THE_LENDER,
            _("Nơi cho vay trả lời HTX sau khi thẩm định."),
        ),
        Milestone(
            "loan_decided",
            _("Đã có quyết định"),
            _("Nơi cho vay đã có quyết định"),
            _AT_THE_LENDER,
            _("Cán bộ phụ trách báo kết quả và việc cần làm tiếp cho HTX."),
        ),
        Milestone(
            "loan_disbursed",
            _("Đã giải ngân"),
            _("Tiền vay đã được giải ngân"),
            _AT_THE_LENDER,
            _("HTX dùng vốn đúng mục đích và trả nợ đúng hạn."),
        ),
    )
    stages = {
        Status.ADVISING: _("Đang hoàn thiện phương án vay vốn"),
        Status.SUBMITTED: _("Hồ sơ đang ở nơi cho vay"),
        Status.COMPLETED: _("Đã có kết quả vay vốn"),
    }
    next_steps = {Status.SUBMITTED: _("Nơi cho vay thẩm định hồ sơ và trả lời HTX.")}

    def event_day(self, details) -> date | None:
        """Return the day the papers went to the lender."""
        return details.submitted_on

    def limit(self, name: str, party):
        """Return the programmes open to borrowers of the party's kind."""
        if name != "programme":
            return None
        return LoanProgramme.objects.for_kind(party.kind if isinstance(party, Cooperative) else Kind.HTX)

    def check(self, case, details, today: date) -> Problems:
        """Return what contradicts itself, the calendar, the programme, or the register of a case that has ended."""
        problems = result_problems(details)
        for name in ("submitted_on", "decided_on"):
            day = getattr(details, name)
            if day and not _EARLIEST <= day <= today:
                problems[name] = [_("Ngày này không thể ở tương lai hay quá xa trong quá khứ.")]
        return problems | programme_problems(case, details) | kept_in_register(case, details)

    def check_row(self, name: str, row, today: date) -> Problems:
        """Return what cannot be right in a payment or a further reason."""
        details = row.case.details
        if not row.case.is_open:
            column = "reason" if name == "further_reasons" else "paid_on"
            return {column: [_("Hồ sơ đã kết thúc: ghi ở trang khoản vay, hoặc mở lại hồ sơ rồi ghi.")]}
        if name == "further_reasons":
            twice = LoanFurtherReason.objects.filter(case=row.case, reason=row.reason).exclude(pk=row.pk).exists()
            if twice or (details and row.reason == details.refusal_reason):
                return {"reason": [_("Lý do này đã được ghi.")]}
            return {}
        earliest = (details and (details.decided_on or details.submitted_on)) or _EARLIEST
        if not earliest <= row.paid_on <= today:
            return {"paid_on": [_("Ngày giải ngân phải từ ngày quyết định đến hôm nay.")]}
        if details and details.approved and row.amount > details.approved:
            return {"amount": [_("Số giải ngân lớn hơn số được duyệt %(most)s.") % {"most": vnd(details.approved)}]}
        return {}

    def problems_before(self, step: str, case, day: date) -> list[Words]:
        """Return what would make the register false: an answer without a lender, money without an approval."""
        if step not in _ANSWERED | {"submit", "loan_disbursed"}:
            return []
        problems, details = money_problems(case), case.details
        if step == "submit" or details is None or not details.is_answered:
            return problems
        problems += [_("Ghi %(what)s trước, vì kết quả đã ghi.") % {"what": what} for what in missing(case)]
        if step == "loan_disbursed" and not details.is_granted:
            problems.append(_("Kết quả không phải là được vay nên không có giải ngân."))
        if step == "withdraw" and details.is_granted:
            problems.append(_("Kết quả đã ghi là được vay; HTX rút thì sửa kết quả trước."))
        return problems

    def warnings_before(self, step: str, case, day: date) -> list[Words]:
        """Return what the lender will hold against the request, once it says whom it goes to."""
        details = case.details
        if step != "submit" or details is None or not details.lender:
            return []
        concerns = checks(details, kind_of(case), case.event_on)
        papers = hindrances(case.cooperative, day) if case.cooperative else []
        return [one.text for one in (*papers, *concerns)]

    def after(self, step: str, case, *, day: date, by) -> list[NextCase]:
        """Write what is known into the register: at the submission what was asked, at the end what came of it."""
        answered = case.details is not None and case.details.is_answered
        if step == "submit":
            note_submission(case, day)
        if step == "submit" or (step in _ANSWERED and answered):
            write_loan(case, day=day, by=by, withdrawn=False)
        elif step == "withdraw":
            write_loan(case, day=day, by=by, withdrawn=True)
        return []

    def guidance(self, case, day: date) -> list[Hint]:
        """Return how ready the request is, what speaks against it, and what is still to be written down."""
        details = case.details or LoanDetails()
        hints = [*readiness(details, case.event_on)]
        hints += [Hint(one.text, "warn", one.source) for one in checks(details, kind_of(case), case.event_on)]
        if not details.is_answered:
            words = _("Chưa ghi kết quả của nơi cho vay: nếu hoàn thành hồ sơ thì sổ đăng ký chưa có kết quả.")
            hints.append(Hint(words))
        return hints
