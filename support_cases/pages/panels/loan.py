"""The panel of a case about a loan: papers of the cooperative that stand in the way, and the loan in the register."""

from cooperatives.lending import hindrances

TEMPLATE = "support/panels/loan.html"


def panel(case, user, today) -> dict:
    """Return the hindrances of an open case, and for the office the loan with what was paid out of it."""
    details = case.details
    loan = details.loan if details is not None and user.may_review else None
    return {
        "hindrances": hindrances(case.cooperative, today) if case.cooperative and case.is_open else [],
        "cooperative": case.cooperative,
        "loan": loan,
        "payments": list(loan.disbursements.standing()) if loan else [],
    }
