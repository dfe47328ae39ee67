"""The ledger: a row is claimed by one conditional update and work goes on only if that update changed it.

States: due → claimed → sending → sent | failed | unknown | skipped. ``claimed`` may be taken again when its
lease runs out, for nothing has left the house yet. ``sending`` may not: the message may have gone, so the row
ends as ``unknown`` and a person decides. That makes mail at most once, and never silently lost.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db.models import F

from support_cases.choices import ReminderState
from support_cases.models import Reminder

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 8


def ready(now: datetime, most: int = 500) -> list[int]:
    """Return the primary keys of rows whose time has come, oldest first."""
    rows = Reminder.objects.filter(state=ReminderState.DUE, run_at__lte=now).order_by("run_at", "pk")
    return list(rows.values_list("pk", flat=True)[:most])


def claim(pk: int, now: datetime) -> UUID | None:
    """Take a due row for this worker and return its token, or None when another worker has it."""
    token = uuid4()
    taken = Reminder.objects.filter(pk=pk, state=ReminderState.DUE, run_at__lte=now).update(
        state=ReminderState.CLAIMED, token=token, lease_until=now + LEASE, attempts=F("attempts") + 1
    )
    return token if taken == 1 else None


def begin_sending(pk: int, token: UUID, now: datetime) -> bool:
    """Note that the message is about to leave; return whether the row is still ours."""
    return _move(pk, token, ReminderState.CLAIMED, state=ReminderState.SENDING, lease_until=now + LEASE)


def sent(pk: int, token: UUID, now: datetime) -> bool:
    """Note that the message was accepted."""
    return _move(pk, token, ReminderState.SENDING, state=ReminderState.SENT, sent_at=now, lease_until=None)


def skipped(pk: int, token: UUID, reason: str) -> bool:
    """Note that the message is no longer wanted, and why."""
    return _move(pk, token, ReminderState.CLAIMED, state=ReminderState.SKIPPED, reason=reason, lease_until=None)


def not_sent(pk: int, token: UUID, now: datetime, attempts: int, reason: str) -> bool:
    """Note that the message surely did not leave: try again later, ever more patiently, at last give up."""
    given_up = attempts >= MOST_ATTEMPTS
    return bool(
        Reminder.objects.filter(pk=pk, token=token, state__in=(ReminderState.CLAIMED, ReminderState.SENDING)).update(
            state=ReminderState.FAILED if given_up else ReminderState.DUE,
            run_at=now + timedelta(minutes=2**attempts),
            reason=reason[:200],
            lease_until=None,
        )
    )


def uncertain(pk: int, token: UUID, reason: str) -> bool:
    """Note that the message may or may not have gone; it is not sent again by itself."""
    return _move(pk, token, ReminderState.SENDING, state=ReminderState.UNKNOWN, reason=reason[:200], lease_until=None)


def release_expired(now: datetime) -> tuple[int, int]:
    """Free rows whose worker died: return how many became due again and how many unknown."""
    again = Reminder.objects.filter(state=ReminderState.CLAIMED, lease_until__lt=now).update(
        state=ReminderState.DUE, token=None, lease_until=None
    )
    lost = Reminder.objects.filter(state=ReminderState.SENDING, lease_until__lt=now).update(
        state=ReminderState.UNKNOWN, reason="interrupted", lease_until=None
    )
    return again, lost


def _move(pk: int, token: UUID, from_state: str, **values: Any) -> bool:
    return Reminder.objects.filter(pk=pk, token=token, state=from_state).update(**values) == 1
