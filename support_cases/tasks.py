"""Celery doors: ids in, one call each, no rule inside."""

from uuid import UUID

from django.utils import timezone

from htx_portal.celery import app
from htx_portal.rehearsal import now
from support_cases.closings import closings_to_count, keep_figures
from support_cases.drafts import make_drafts
from support_cases.referrals import escalate_late
from support_cases.reminders.delivery import deliver
from support_cases.reminders.sweep import sweep
from support_cases.report_files import delete_old_files, files_to_write, write_file


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


@app.task(soft_time_limit=25 * 60, time_limit=30 * 60)
def write_report_file(pk: str) -> str:
    """Write one file of a report."""
    return write_file(UUID(pk), timezone.now())


@app.task
def write_waiting_report_files() -> int:
    """Queue every file nobody is writing; return how many those were."""
    waiting = files_to_write(timezone.now())
    for pk in waiting:
        write_report_file.delay(str(pk))
    return len(waiting)


@app.task
def delete_old_report_files() -> int:
    """Delete the files of days ago; return how many."""
    return delete_old_files(timezone.now())


@app.task(soft_time_limit=25 * 60, time_limit=30 * 60)
def count_closing(pk: int) -> bool:
    """Count and keep the figures of one closing."""
    return keep_figures(pk, timezone.now())


@app.task
def count_waiting_closings() -> int:
    """Queue every closing whose figures nobody is counting; return how many those were."""
    waiting = closings_to_count(timezone.now())
    for pk in waiting:
        count_closing.delay(pk)
    return len(waiting)


@app.task
def make_period_drafts() -> int:
    """Make the draft reports of periods that ended; return how many those were."""
    return make_drafts(now())
