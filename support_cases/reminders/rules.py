"""What is due: each due occasion becomes rows in the ledger, once."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Exists, OuterRef

from support_cases.choices import ReminderChannel
from support_cases.models import FollowUp, Reminder

FOLLOW_UP_DUE = "follow_up_due"
BATCH = 1000


def due_follow_ups(today: date):
    """Return open appointments of standing entries whose day is today or past and which have no row in the
    ledger for that day.
    """
    entered = Reminder.objects.filter(
        rule=FOLLOW_UP_DUE, follow_up=OuterRef("pk"), occurrence_on=OuterRef("due_on")
    ).order_by()
    return (
        FollowUp.objects.filter(
            ~Exists(entered), consultation__voided_at__isnull=True, done_on__isnull=True, due_on__lte=today
        )
        .select_related("officer")
        .prefetch_related("consultation__cases__officer")
        .order_by("due_on", "pk")
    )


def enter_due(today: date, now: datetime) -> int:
    """Enter due appointments into the ledger, one row per recipient and channel; return how many rows were owed.

    Safe to run twice at once: the unique constraint lets each row in once. A sweep takes at most ``BATCH``
    appointments, the next minute takes the rest.
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
    Reminder.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return len(rows)


def recipients_of(follow_up: FollowUp) -> Iterable:
    """Return the people who must know of an appointment: its officer and those of the linked cases, once each."""
    people = [follow_up.officer, *(case.officer for case in follow_up.consultation.cases.all())]
    return list({person.pk: person for person in people}.values())


def reason_to_skip(reminder: Reminder) -> str:
    """Return why a reminder must not go out any more, in words, or nothing; asked again just before sending."""
    follow_up = reminder.follow_up
    if follow_up.done_on is not None:
        return "done"
    if follow_up.consultation.is_void:
        return "voided"
    if follow_up.due_on != reminder.occurrence_on:
        return "moved"
    if not reminder.recipient.is_active:
        return "inactive"
    if reminder.channel == ReminderChannel.MAIL and not reminder.recipient.email:
        return "no_address"
    return ""
