"""Celery doors: ids in, one call each, no rule inside."""

from django.utils import timezone

from htx_portal.celery import app
from support_cases.referrals import escalate_late
from support_cases.reminders.delivery import deliver
from support_cases.reminders.ledger import ready, release_expired
from support_cases.reminders.rules import enter_due


@app.task
def send_due_reminders() -> int:
    """Enter what is due, free what dead workers held, and queue what is ready; return how many were queued."""
    now = timezone.now()
    enter_due(timezone.localdate(now), now)
    release_expired(now)
    due = ready(now)
    for pk in due:
        deliver_reminder.delay(pk)
    return len(due)


@app.task
def deliver_reminder(pk: int) -> str:
    """Deliver one reminder."""
    return deliver(pk, timezone.now())


@app.task
def escalate_late_referrals() -> int:
    """Tell the leaders of referrals whose answer is too late; return how many those were."""
    return escalate_late(timezone.localdate())
