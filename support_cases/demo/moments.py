"""Lets the register of the demo set read as if each fact had been written down on its day, not all of them today."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Model

from cooperatives.models import (
    COUNTED_FACTS,
    Cooperative,
    Disbursement,
    ListRevision,
    PastState,
    PaymentBatch,
    RegistrationChange,
)
from support_cases.demo.work import afternoon_of


def tell_when_written(cooperatives: Iterable[Cooperative]) -> None:
    """Give everything of these cooperatives that reports judge by its moment the afternoon of its own day."""
    mine = list(cooperatives)
    for row in mine:
        row.created_at = afternoon_of(row.registered_on)
    Cooperative.objects.bulk_update(mine, ["created_at"])
    own = {"cooperative__in": mine}
    _move(Disbursement.objects.filter(loan__cooperative__in=mine), "recorded_at", "paid_on")
    _move(RegistrationChange.objects.filter(**own), "recorded_at", "changed_on")
    _move(ListRevision.objects.filter(**own), "recorded_at", "changed_on")
    batches = PaymentBatch.objects.filter(items__placement__cooperative__in=mine).distinct()
    _move(batches, "made_at", "decided_on")
    states = list(PastState.objects.filter(**own))
    for state in states:
        state.until = _changed_at(state) or state.until
    PastState.objects.bulk_update(states, ["until"])


def _move(rows, moment: str, day: str) -> None:
    """Set the column ``moment`` of rows to the afternoon of their ``day``."""
    found: list[Model] = list(rows)
    for row in found:
        setattr(row, moment, afternoon_of(getattr(row, day)))
    rows.model.objects.bulk_update(found, [moment])


def _changed_at(state: PastState) -> datetime | None:
    """Return when the change that ended a past state was written down."""
    changes = RegistrationChange.objects.filter(cooperative=state.cooperative_id, fact__in=COUNTED_FACTS)
    day: date | None = changes.order_by("-changed_on").values_list("changed_on", flat=True).first()
    return afternoon_of(day) if day else None
