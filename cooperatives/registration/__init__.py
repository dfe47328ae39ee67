"""Acts of registration: founding, changes, units, suspensions; and what the registrar refuses."""

from cooperatives.registration.facts import change_registration, fact_on
from cooperatives.registration.founding import (
    CertificateData,
    found_cooperative,
    least_members,
    name_problem,
    same_named,
)
from cooperatives.registration.grounds import Ground, refusal_grounds
from cooperatives.registration.notices import note_violation, pending_notice
from cooperatives.registration.terms import CapitalTerms, appointment_day, capital_terms, filing_day
from cooperatives.registration.units import close_branch, note_capital_paid, open_branch, resume, suspend

__all__ = [
    "CapitalTerms",
    "CertificateData",
    "Ground",
    "appointment_day",
    "capital_terms",
    "change_registration",
    "close_branch",
    "fact_on",
    "filing_day",
    "found_cooperative",
    "least_members",
    "name_problem",
    "note_capital_paid",
    "note_violation",
    "open_branch",
    "pending_notice",
    "refusal_grounds",
    "resume",
    "same_named",
    "suspend",
]
