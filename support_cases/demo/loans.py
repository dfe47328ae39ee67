"""The loans of the demo set with what was paid out of them, entered by the act of the register."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from cooperatives.lending import Payment, record_loan
from cooperatives.models import Cooperative, Loan, LoanProgramme
from htx_portal.accounts.models import User
from support_cases.demo.files import DemoFiles, Row

_WORDS = ("lender", "programme_note", "purpose", "result", "refusal_reason", "collateral", "cic")


def enter_loans(files: DemoFiles, cooperatives: Mapping[str, Cooperative], officer: User) -> None:
    """Enter the loans and their payments. Raises ``BadDataFile``."""
    payments = _payments(files)
    for row in files.rows("loans"):
        with row.told():
            loan = _loan(row, cooperatives[row.text("cooperative")])
            paid = payments[row.text("cooperative"), loan.submitted_on]
            record_loan(loan, further=row.parts("further_reasons"), payments=paid, by=officer, today=row.today)


def _payments(files: DemoFiles) -> dict[tuple, list[Payment]]:
    """Return the payments of each loan, by the key of its cooperative and the day it was submitted."""
    found: dict[tuple, list[Payment]] = defaultdict(list)
    for row in files.rows("disbursements"):
        with row.told():
            payment = Payment(row.day("paid_on"), row.number("amount"))
            found[row.text("cooperative"), row.day("submitted_on")].append(payment)
    return found


def _loan(row: Row, cooperative: Cooperative) -> Loan:
    """Return the unsaved loan of one line; its programme is the one of that code on the day of submission."""
    rate, submitted_on = row.text("rate_percent"), row.day("submitted_on")
    programmes = LoanProgramme.objects.in_force(submitted_on)
    return Loan(
        cooperative=cooperative,
        programme=programmes.get(code=row.text("programme")) if row.text("programme") else None,
        requested=row.number("requested"),
        approved=row.number("approved") or 0,
        rate_percent=Decimal(rate) if rate else None,
        term_months=row.number("term_months"),
        own_capital_percent=row.number("own_capital_percent"),
        submitted_on=submitted_on,
        decided_on=row.day("decided_on"),
        plan_ready=row.text("plan_ready") == "1",
        statements_ready=row.text("statements_ready") == "1",
        **{name: row.text(name) for name in _WORDS},
    )
