"""What is due: each due occasion becomes rows in the ledger, once."""

from collections.abc import Iterable
from datetime import date, datetime

from support_cases.choices import ReminderChannel
from support_cases.models import FollowUp, Reminder

FOLLOW_UP_DUE = "follow_up_due"
#: Occasions turned into rows by one sweep; the next minute takes the rest.
BATCH = 1000


def due_follow_ups(today: date):
    """Return open appointments whose day is today or past and which have no row in the ledger yet."""
    return (
        FollowUp.objects.filter(done_on__isnull=True, due_on__lte=today)
        .exclude(reminders__rule=FOLLOW_UP_DUE)
        .select_related("officer")
        .prefetch_related("consultation__cases__officer")
        .order_by("due_on", "pk")
    )


def enter_due(today: date, now: datetime) -> int:
    """Enter every due appointment into the ledger, one row per recipient and channel; return the new rows.

    Safe to run twice at once: the unique constraint lets each row in once.
    """
    rows = [
        Reminder(
            rule=FOLLOW_UP_DUE,
            follow_up=follow_up,
            occurrence_on=follow_up.due_on,
            recipient=person,
            channel=channel,
            run_at=now,
        )
        for follow_up in due_follow_ups(today)[:BATCH]
        for person in recipients_of(follow_up)
        for channel in ReminderChannel.values
    ]
    before = Reminder.objects.count()
    Reminder.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return Reminder.objects.count() - before


def recipients_of(follow_up: FollowUp) -> Iterable:
    """Return the people who must know of an appointment: its officer and those of the linked cases, once each."""
    people = [follow_up.officer, *(case.officer for case in follow_up.consultation.cases.all())]
    return list({person.pk: person for person in people}.values())


def reason_to_skip(reminder: Reminder) -> str:
    """Return why a reminder must not go out any more, in words, or nothing; asked again just before sending."""
    follow_up = reminder.follow_up
    if follow_up.done_on is not None:
        return "done"
    if follow_up.due_on != reminder.occurrence_on:
        return "moved"
    if not reminder.recipient.is_active:
        return "inactive"
    if reminder.channel == ReminderChannel.MAIL and not reminder.recipient.email:
        return "no_address"
    return ""
