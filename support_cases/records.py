"""A case under its lock, and the lines of its history: what every act on a case begins and ends with."""

from datetime import date

from cooperatives.errors import StaleVersion
from cooperatives.models import moment_to_record
from cooperatives.text import nfc_lines
from support_cases.models import Case, CaseEvent

#: The line of history of a due day put off.
EXTENDED = "extend"
#: The line of history of another officer, or of a due day set by hand.
CHANGED = "change"


def lock_case(case: Case, version: int | None) -> Case:
    """Return the case read again under a row lock; must run inside a transaction.

    Raises:
        StaleVersion: when ``version`` is given and is not the present one.
    """
    locked = Case.objects.select_for_update(of=("self",)).with_parties().get(pk=case.pk)
    if version is not None and version != locked.version:
        raise StaleVersion
    return locked


def add_line(case: Case, step: str, *, by, day: date, note: str = "", from_status: str | None = None) -> CaseEvent:
    """Write one line of the history of ``case``, which stands in its present state; ``day`` is when it counts for."""
    return CaseEvent.objects.create(
        case=case,
        step=step,
        from_status=case.status if from_status is None else from_status,
        to_status=case.status,
        note=nfc_lines(note),
        actor=by,
        officer_id=case.officer_id,
        due_on=case.due_on,
        effective_on=day,
        recorded_at=moment_to_record(),
    )
