"""Bringing one message to its recipient by its channel."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from support_cases.models import Reminder, ReminderMessage
from support_cases.reminders import ledger
from support_cases.reminders.addresses import refuse_address
from support_cases.reminders.channels import CHANNELS
from support_cases.reminders.channels.base import AddressRefused, ChannelDown, NotSent, Uncertain
from support_cases.reminders.entering import PASSED_ON, hand_over
from support_cases.reminders.envelopes import envelope_for
from support_cases.reminders.holds import grouped, standing_occurrences, verdicts
from support_cases.reminders.occasions import Scene


def deliver(pk: int, now: datetime) -> str:
    """Deliver message ``pk`` if it is due and nobody else has it; return the state it ended in, or "".

    "" also means that it was taken apart: nothing of it was wanted, or this is no hour to send.
    """
    token = ledger.claim(pk, now)
    if token is None:
        return ""
    message = ReminderMessage.objects.select_related("recipient").get(pk=pk)
    scene = Scene.on(timezone.localdate(now))
    if CHANNELS[message.channel].disturbs and not scene.is_open(now):
        ledger.put_back(pk, token, scene.next_opening(now))
        return ""
    rows = _wanted(message, token, scene, now)
    if rows:
        _send(message, rows, token, now)
    else:
        ledger.close_if_empty(pk, token)
    return ReminderMessage.objects.filter(pk=pk).values_list("state", flat=True).first() or ""


def _wanted(message: ReminderMessage, token: UUID, scene: Scene, now: datetime) -> list[Reminder]:
    """Take out of a message what is not wanted now, tell whoever is to be told instead, and return the rest."""
    rows = list(
        Reminder.objects.filter(message=message)
        .select_related("recipient", "instead_of", "case", "cooperative", "founding_group")
        .order_by("run_at", "pk")
    )
    found = verdicts(rows, scene, now)
    is_out = ledger.may_be_out(message)
    if is_out:
        # Told later it would be told under another identity, and a copy could not be known for one.
        found = {pk: verdict for pk, verdict in found.items() if verdict.until is None}
    # First, so that a worker that dies in between has not left a matter with nobody.
    _pass_on([row for row in rows if row.pk in found and found[row.pk].reason in PASSED_ON], scene)
    if is_out and len(found) == len(rows):
        # Taken apart it would be forgotten, and its copy would be a mail the ledger knows nothing of.
        ledger.stays_unknown(message.pk, token, found[rows[0].pk].reason if rows else message.reason)
        return []
    for verdict, pks in grouped(found):
        if verdict.until is None:
            ledger.skip(message.pk, token, pks, verdict.reason)
        else:
            ledger.hold(message.pk, token, pks, scene.opening(verdict.until), verdict.reason)
    return [row for row in rows if row.pk not in found]


def _pass_on(rows: list[Reminder], scene: Scene) -> None:
    """Enter what is not to go to this person by this way any more for whoever is told now, as they are told now."""
    rules = {row.pk: row.rule for row in rows}
    for pk, occurrence in standing_occurrences(rows, scene).items():
        hand_over(occurrence, rules[pk], scene)


def _send(message: ReminderMessage, rows: list[Reminder], token: UUID, now: datetime) -> None:
    """Send what is left of a claimed message and note what is known of its fate."""
    pk, channel = message.pk, CHANNELS[message.channel]
    if not channel.disturbs:
        ledger.sent_at_once(pk, token, now)
        return
    try:
        channel.send(envelope_for(message, rows), lambda: ledger.begin_sending(pk, token, now))
    except NotSent as trouble:
        ledger.not_sent(pk, token, now, str(trouble), outage=isinstance(trouble, ChannelDown))
    except Uncertain as trouble:
        ledger.uncertain(pk, token, now, str(trouble))
    except AddressRefused as trouble:
        ledger.failed(pk, token, str(trouble))
        refuse_address(channel.address_of(message.recipient), str(trouble), now)
    else:
        ledger.sent(pk, token, now)
