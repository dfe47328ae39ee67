"""Changing a registered fact so that the register keeps what was true when."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db import models, transaction

from cooperatives.models import AdminUnit, Cooperative, RegisteredFact, RegistrationChange, moment_to_record
from cooperatives.register import enter_cooperative
from cooperatives.text import nfc


class _Stored(NamedTuple):
    """A value as the history keeps it: text, and the row for a commune."""

    text: str
    unit: AdminUnit | None = None


def fact_on(cooperative: Cooperative, fact: str, day: date) -> str:
    """Return, as text, what a fact of a cooperative was at the end of ``day``, as far as its history goes back."""
    later = cooperative.registration_changes.filter(fact=fact).after(day).first()
    return later.old if later else _stored(getattr(cooperative, fact)).text


def change_registration(
    cooperative: Cooperative,
    changes: Mapping[str, Any],
    on: date,
    *,
    today: date,
    source: str,
    legal_basis: str = "",
    certificate_change_no: int | None = None,
) -> Cooperative:
    """Write new values of registered facts that hold from ``on``, with the history, and return the fresh cooperative.

    ``changes`` maps facts to values. A change typed late takes its place in the history: the register shows the value
    of the latest day, whatever was typed last. Under the same ``source`` everything is written anew: what it said
    before and says no longer is taken back.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    wanted = {fact: nfc(value) if isinstance(value, str) else value for fact, value in changes.items()}
    with transaction.atomic():
        row = Cooperative.objects.select_for_update(of=("self",)).get(pk=cooperative.pk)
        kept = set()
        for change in row.registration_changes.filter(source=source).select_related("old_unit", "new_unit"):
            fact = change.fact
            if fact in wanted and change.changed_on == on and _of(change, "new") == _stored(wanted[fact]):
                kept.add(fact)
            else:
                _take_out(row, change)
        for fact in [fact for fact in wanted if fact not in kept]:
            _put_in(row, fact, wanted[fact], on, source=source, legal_basis=legal_basis, no=certificate_change_no)
        return enter_cooperative(row, today=today)


def _put_in(row: Cooperative, fact: str, value: Any, on: date, *, source: str, legal_basis: str, no: int | None):
    """Put a change into the chain of its fact; nothing where the fact was so already."""
    new = _stored(value)
    following = row.registration_changes.filter(fact=fact).after(on).select_related("old_unit").first()
    old = _of(following, "old") if following else _stored(getattr(row, fact))
    if old == new:
        return
    RegistrationChange.objects.create(
        cooperative=row,
        fact=fact,
        old=old.text,
        new=new.text,
        old_unit=old.unit,
        new_unit=new.unit,
        changed_on=on,
        certificate_change_no=no,
        legal_basis=legal_basis,
        source=source,
        recorded_at=moment_to_record(),
    )
    _pass_on(row, fact, new, following)


def _take_out(row: Cooperative, change: RegistrationChange) -> None:
    """Take a change out of the chain of its fact, as if it had never been."""
    later = row.registration_changes.filter(fact=change.fact).exclude(pk=change.pk)
    later = later.filter(changed_on__gte=change.changed_on).exclude(changed_on=change.changed_on, pk__lt=change.pk)
    following = later.order_by("changed_on", "pk").first()
    _pass_on(row, change.fact, _of(change, "old"), following)
    change.delete()


def _pass_on(row: Cooperative, fact: str, value: _Stored, following: RegistrationChange | None) -> None:
    """Let ``value`` be what the next change of the fact started from, or, without one, what holds now."""
    if following is not None:
        following.old, following.old_unit = value
        following.save(update_fields=["old", "old_unit"])
        return
    if fact == RegisteredFact.COMMUNE:
        row.commune = value.unit
        if row.old_district_id and not value.unit.predecessors.filter(parent=row.old_district_id).exists():
            row.old_district = None
        return
    column = Cooperative._meta.get_field(fact)
    setattr(row, fact, column.to_python(value.text or None) if column.null else value.text)


def _stored(value: Any) -> _Stored:
    """Return a value of a column as the history keeps it."""
    if value is None:
        return _Stored("")
    if isinstance(value, models.Model):
        return _Stored(str(value), value)
    return _Stored(value.isoformat() if isinstance(value, date) else str(value))


def _of(change: RegistrationChange, side: str) -> _Stored:
    """Return what a change says on its ``side``, old or new."""
    return _Stored(getattr(change, side), getattr(change, f"{side}_unit"))
