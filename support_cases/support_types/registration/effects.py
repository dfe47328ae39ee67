"""What the answer of the registrar changes in the register, by the effect the catalogue names."""

from collections.abc import Callable
from datetime import date

from cooperatives.agencies import registrar_for
from cooperatives.choices import Kind, LegalStatus
from cooperatives.models import Effect, RegisteredFact, RegistrationProcedure
from cooperatives.registration import (
    CertificateData,
    change_registration,
    close_branch,
    found_cooperative,
    note_capital_paid,
    open_branch,
    resume,
    suspend,
)
from support_cases.support_types.registration.details import FACTS, RegistrationDetails, kind_of

#: Under which name the case about the capital follows that of the founding.
CAPITAL_KEY = "capital"
_LONGEST_BASIS = 200


def write_result(case, details: RegistrationDetails, procedure: RegistrationProcedure, day: date) -> None:
    """Write what the registrar answered into the register; a group that was registered makes the case a cooperative's.

    Done again, it writes over what the same case wrote before. Needs what :func:`has_result` asks for.

    Raises:
        InvalidEntry: where the register refuses what the details say.
    """
    # A step may be noted for a day before the certificate; the register must not take that for the future.
    today = max(day, details.certificate_on or day)
    act = _ACTS.get(procedure.effect)
    if act is not None and (case.cooperative is not None or procedure.effect == Effect.FOUND):
        act(case, details, procedure.source[:_LONGEST_BASIS], today)


def has_result(details: RegistrationDetails, effect: str) -> bool:
    """Whether the details say that the matter came to its end: by the day of the registrar's answer.

    No registrar answers when members pay in; there the day they had done so counts.
    """
    return (details.changed_on if effect == Effect.CAPITAL else details.certificate_on) is not None


def _found(case, details: RegistrationDetails, basis: str, today: date) -> None:
    if case.founding_group is None:
        _change(case, details, basis, today)
        return
    registrar = registrar_for(case.founding_group, details.certificate_on)
    certificate = CertificateData(
        name=details.name,
        kind=kind_of(case, details),
        number=details.certificate_no,
        issued_on=details.certificate_on,
        commune=details.commune,
        address=details.address,
        charter_capital=details.charter_capital,
        representative=details.representative,
        members=details.members,
        tax_code=details.tax_code,
        issuer=str(registrar or case.receiving_agency),
    )
    case.cooperative = found_cooperative(case.founding_group, certificate, today=today)


def _change(case, details: RegistrationDetails, basis: str, today: date) -> None:
    """Change the facts of the procedure that are filled in, and what the certificate is known by."""
    # Written first, so that in a history read from the top the matter itself stands above its number.
    names = ("certificate_no", "certificate_change_no", *FACTS.get(details.procedure, ()))
    facts = {name: getattr(details, name) for name in names}
    row = case.cooperative
    if _founds(details) and row.registered_on is None:
        facts[RegisteredFact.REGISTERED_ON.value] = details.certificate_on
    case.cooperative = change_registration(
        row,
        {name: value for name, value in facts.items() if value not in (None, "")},
        _since(details),
        today=today,
        source=case.reference,
        legal_basis=basis,
        certificate_change_no=details.certificate_change_no,
    )
    if case.follow_key == CAPITAL_KEY and RegisteredFact.CHARTER_CAPITAL in facts:
        # Registered anew as high as it was paid in: nothing is owed any more.
        _capital(case, details, basis, today)


def _founds(details: RegistrationDetails) -> bool:
    """Whether the certificate of this procedure is the first of its cooperative."""
    return "kind" in FACTS.get(details.procedure, ())


def _branch(case, details: RegistrationDetails, _basis: str, _today: date) -> None:
    if details.branch_closed is not None:
        close_branch(details.branch_closed, _since(details))
    if details.branch_kind and details.branch_name:
        open_branch(
            case.cooperative,
            kind=details.branch_kind,
            name=details.branch_name,
            address=details.branch_address,
            code=details.branch_code,
            opened_on=_since(details),
            source=case.reference,
        )


def _suspend(case, details: RegistrationDetails, basis: str, today: date) -> None:
    start, end = details.suspended_from, details.suspended_to
    case.cooperative = suspend(case.cooperative, start, end, today=today, source=case.reference, legal_basis=basis)


def _resume(case, details: RegistrationDetails, basis: str, today: date) -> None:
    case.cooperative = resume(case.cooperative, _since(details), today=today, source=case.reference, legal_basis=basis)


def _dissolving(case, details: RegistrationDetails, basis: str, today: date) -> None:
    _set_status(LegalStatus.DISSOLVING, case, details, basis, today)


def _dissolved(case, details: RegistrationDetails, basis: str, today: date) -> None:
    _set_status(LegalStatus.DISSOLVED, case, details, basis, today)


def _set_status(status: str, case, details: RegistrationDetails, basis: str, today: date) -> None:
    """Write the legal status from the day of the registrar's answer on."""
    changes = {RegisteredFact.LEGAL_STATUS.value: status}
    case.cooperative = change_registration(
        case.cooperative, changes, details.certificate_on, today=today, source=case.reference, legal_basis=basis
    )


def _capital(case, details: RegistrationDetails, _basis: str, today: date) -> None:
    case.cooperative = note_capital_paid(case.cooperative, _since(details), today=today)


def _since(details: RegistrationDetails) -> date:
    """Return the day from which what the certificate says is true: that of the change, else of the certificate."""
    return details.changed_on or details.certificate_on


_ACTS: dict[str, Callable[..., None]] = {
    Effect.FOUND: _found,
    Effect.CHANGE: _change,
    Effect.BRANCH: _branch,
    Effect.SUSPEND: _suspend,
    Effect.RESUME: _resume,
    Effect.DISSOLVING: _dissolving,
    Effect.DISSOLVED: _dissolved,
    Effect.CAPITAL: _capital,
}
#: Kinds whose members owe their capital within a term after the certificate.
OWE_CAPITAL = frozenset({Kind.HTX, Kind.LHHTX})
