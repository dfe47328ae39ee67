"""Dependent units of a cooperative, the times it does not trade, its capital paid in."""

from datetime import date

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from cooperatives.choices import LegalStatus
from cooperatives.errors import WHOLE, InvalidEntry
from cooperatives.models import Branch, Cooperative, RegisteredFact, Suspension
from cooperatives.register import enter_cooperative
from cooperatives.registration.facts import change_registration
from cooperatives.text import nfc

_STATUS = RegisteredFact.LEGAL_STATUS.value


def open_branch(
    cooperative: Cooperative, *, kind: str, name: str, address: str, code: str, opened_on: date, source: str
) -> Branch:
    """Enter a unit that was registered under ``source``, once, and return it; done again it is written over.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    with transaction.atomic():
        row = Branch.objects.select_for_update().filter(cooperative=cooperative, source=source).first()
        row = row or Branch(cooperative=cooperative, source=source)
        row.kind, row.opened_on, row.code = kind, opened_on, code.strip()
        row.name, row.address = nfc(name), nfc(address)
        _kept(row)
    return row


def close_branch(branch: Branch, on: date) -> Branch:
    """Write the day a unit was closed and return it. Raises ``InvalidEntry``; nothing is written."""
    branch.closed_on = on
    _kept(branch)
    return branch


def suspend(
    cooperative: Cooperative, starts_on: date, ends_on: date, *, today: date, source: str, legal_basis: str = ""
) -> Cooperative:
    """Enter a suspension filed under ``source``, once, with the legal status it brings; return the cooperative.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    with transaction.atomic():
        row = Suspension.objects.filter(cooperative=cooperative, source=source).first()
        row = row or Suspension(cooperative=cooperative, source=source)
        row.starts_on, row.ends_on = starts_on, ends_on
        _kept(row)
        changes = {_STATUS: LegalStatus.SUSPENDED}
        return change_registration(cooperative, changes, starts_on, today=today, source=source, legal_basis=legal_basis)


def resume(cooperative: Cooperative, on: date, *, today: date, source: str, legal_basis: str = "") -> Cooperative:
    """Let a cooperative go on from ``on``: its last suspension ends there, its status is active again.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    with transaction.atomic():
        last = cooperative.suspensions.filter(starts_on__lte=on).order_by("-starts_on", "-pk").first()
        if last is not None:
            last.resumed_on = on
            _kept(last)
        changes = {_STATUS: LegalStatus.ACTIVE}
        return change_registration(cooperative, changes, on, today=today, source=source, legal_basis=legal_basis)


def note_capital_paid(cooperative: Cooperative, on: date, *, today: date) -> Cooperative:
    """Write the day the members had paid in the charter capital, and return the fresh cooperative.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    with transaction.atomic():
        row = Cooperative.objects.select_for_update(of=("self",)).get(pk=cooperative.pk)
        row.capital_paid_on = on
        return enter_cooperative(row, today=today)


def _kept(row: Branch | Suspension) -> None:
    """Check a row as a form would and save it. Raises ``InvalidEntry``."""
    try:
        row.full_clean()
    except ValidationError as refusal:
        problems = refusal.message_dict
        raise InvalidEntry(
            {WHOLE if name == NON_FIELD_ERRORS else name: said for name, said in problems.items()}
        ) from refusal
    row.save()
