"""The reminders a person reads in the portal."""

from datetime import datetime

from django.db.models import F

from support_cases.access import reminders_for
from support_cases.choices import ReminderChannel, ReminderState


def inbox(user):
    """Return the delivered in-app reminders of ``user``: unread before read, then the latest day first."""
    return (
        _delivered(user)
        .select_related("case", "cooperative", "founding_group", "instead_of")
        .order_by(F("seen_at").desc(nulls_first=True), "-occurrence_on", "-pk")
    )


def mark_seen(user, now: datetime, **which) -> int:
    """Note that ``user`` has seen the unread reminders ``which`` describes; return how many that were.

    Other people's reminders and those read before are left alone, so a second click changes nothing.
    """
    return _delivered(user).filter(seen_at__isnull=True, **which).update(seen_at=now)


def _delivered(user):
    return reminders_for(user).filter(channel=ReminderChannel.APP, state=ReminderState.SENT)
