"""The loan of a case in the register: written at the submission, kept up when the answer is known."""

from datetime import date

from cooperatives.choices import CicState, Collateral, LoanResult
from cooperatives.lending import Payment, record_loan
from cooperatives.models import Loan
from support_cases.support_types.loan.details import ANSWER, SHARED, LoanDetails
from support_cases.support_types.loan.readiness import missing


def note_submission(case, day: date) -> None:
    """Let the day of the step be that of the submission, where none was written down; and the case be filed."""
    if case.milestone in ("", "loan_plan"):
        case.milestone = "loan_filed"
    details = case.details
    if details is not None and details.lender and details.submitted_on is None:
        details.submitted_on = day
        details.save(update_fields=["submitted_on"])


def write_loan(case, *, day: date, by, withdrawn: bool) -> None:
    """Write the loan of the case into the register, a new row or the one it wrote before.

    What the register cannot hold, because lender, amount or day are missing, is left to later.
    """
    details = case.details
    if details is None or missing(case):
        return
    found = None if details.loan else _same_request(case)
    loan = details.loan or found or Loan(cooperative=case.cooperative)
    # A loan somebody else recorded keeps its answer until this case has one.
    kept = ANSWER if found and not details.is_answered and not withdrawn else frozenset()
    for name in SHARED:
        if name in kept:
            continue
        value = getattr(details, name)
        setattr(loan, name, 0 if name == "approved" and value is None else value)
    loan.collateral = details.collateral or Collateral.NONE
    loan.cic = details.cic or CicState.UNKNOWN
    if withdrawn:
        loan.result = LoanResult.WITHDRAWN
    elif not kept:
        loan.result = details.result or LoanResult.PENDING
    payments = [Payment(row.paid_on, row.amount) for row in case.loanpayment_rows.all()]
    reasons = case.loanfurtherreason_rows.exclude(reason=loan.refusal_reason).values_list("reason", flat=True)
    # Days that came from today were checked when they were typed; the step itself may be of an earlier day.
    days = [loan.submitted_on, loan.decided_on or day, *(payment.paid_on for payment in payments)]
    details.loan = record_loan(
        loan, further=reasons, payments=payments, source=case.reference, by=by, today=max(day, *days)
    )
    details.save(update_fields=["loan"])


def _same_request(case) -> Loan | None:
    """Return the loan the register already has of this very request and no other case stands for."""
    details = case.details
    rows = Loan.objects.filter(
        cooperative=case.cooperative,
        lender=details.lender,
        submitted_on=details.submitted_on,
        requested=details.requested,
    )
    taken = LoanDetails.objects.filter(loan__isnull=False).exclude(pk=case.pk)
    return rows.exclude(pk__in=taken.values("loan")).order_by("pk").first()
