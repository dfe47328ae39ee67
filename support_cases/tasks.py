"""Celery doors: ids in, one call each, no rule inside."""

from django.utils import timezone

from htx_portal.celery import app
from htx_portal.rehearsal import now
from support_cases.referrals import escalate_late
from support_cases.reminders.delivery import deliver
from support_cases.reminders.sweep import sweep


@app.task
def send_due_reminders() -> int:
    """Do one pass over what is due and queue the messages it made; return how many were queued."""
    due = sweep(now())
    for pk in due:
        deliver_message.delay(pk)
    return len(due)


@app.task
def deliver_message(pk: int) -> str:
    """Deliver one message."""
    return deliver(pk, now())


@app.task
def escalate_late_referrals() -> int:
    """Tell the leaders of referrals whose answer is too late; return how many those were."""
    return escalate_late(timezone.localdate(now()))
