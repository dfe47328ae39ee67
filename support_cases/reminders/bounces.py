"""Delivery status notifications (RFC 3464): a mail server says later that a mail did not arrive."""

import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import Message
from typing import NamedTuple

from django.db import transaction

from support_cases.choices import ReminderChannel, ReminderState, SkipReason
from support_cases.models import Reminder, ReminderMessage
from support_cases.reminders.addresses import refuse_address
from support_cases.reminders.channels.mail import means_nobody

#: A notification of ours is a few kilobytes; what is longer is none.
MOST_BYTES = 1_000_000
_FOR_GOOD = re.compile(r"5\.[0-9]{1,3}\.[0-9]{1,3}")
_WENT_OUT = (ReminderState.SENT, ReminderState.UNKNOWN)


class Bounce(NamedTuple):
    """One recipient a mail did not reach for good: the Message-ID, the address as told, the status 5.x.x."""

    identity: str
    address: str
    status: str


def read_bounce(raw: bytes, now: datetime) -> list[ReminderMessage]:
    """Note what a notification says of mails of ours; return the messages that failed by it.

    Anybody may send us a mail, so nothing is believed of a message we did not send to that very address. A
    notification read twice changes nothing the second time.
    """
    return [message for bounce in bounces_in(raw) if (message := _apply(bounce, now))]


def bounces_in(raw: bytes) -> list[Bounce]:
    """Return the failures a mail reports; none for any other mail, however broken."""
    if len(raw) > MOST_BYTES:
        return []
    mail = message_from_bytes(raw, policy=policy.compat32)
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return []
    identity = next(_identities(mail), "")
    return [Bounce(identity, *pair) for pair in dict.fromkeys(_failures(mail))] if identity else []


def _parts(mail: Message, *kinds: str) -> Iterator[Message]:
    """Yield the direct parts of these kinds: what lies in the returned mail is not the server's word."""
    for part in mail.get_payload():
        if isinstance(part, Message) and part.get_content_type() in kinds:
            yield part


def _identities(mail: Message) -> Iterator[str]:
    """Yield the Message-ID of the mail that was returned, whole or by its headers."""
    for part in _parts(mail, "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"):
        inner = part.get_payload()
        if isinstance(inner, list):
            found = inner[0]
        else:
            found = message_from_bytes(part.get_payload(decode=True) or b"", policy=policy.compat32)
        identity = str(found.get("Message-ID", "")).strip()
        # Some databases refuse to be asked for a text with other characters.
        if identity and identity.isprintable():
            yield identity


def _failures(mail: Message) -> Iterator[tuple[str, str]]:
    """Yield address and status of each recipient that failed for good."""
    for part in _parts(mail, "message/delivery-status", "message/global-delivery-status"):
        groups = part.get_payload()
        for group in groups if isinstance(groups, list) else []:
            status = str(group.get("Status", "")).split(" ")[0].strip()
            if str(group.get("Action", "")).strip().casefold() == "failed" and _FOR_GOOD.fullmatch(status):
                for name in ("Final-Recipient", "Original-Recipient"):
                    if address := str(group.get(name, "")).partition(";")[2].strip().strip("<>"):
                        yield address, status


def _apply(bounce: Bounce, now: datetime) -> ReminderMessage | None:
    """Fail the message if it is ours and went to that address."""
    found = ReminderMessage.objects.select_related("recipient").filter(
        identity=bounce.identity[:120], channel=ReminderChannel.MAIL
    )
    message = found.first()
    if message is None or message.recipient.email.casefold() != bounce.address.casefold():
        return None
    with transaction.atomic():
        went_out = ReminderMessage.objects.filter(pk=message.pk, state__in=_WENT_OUT)
        values = {"state": ReminderState.FAILED, "reason": SkipReason.BOUNCED, "sent_at": None}
        if went_out.update(**values) != 1:
            return None
        Reminder.objects.filter(message=message.pk).update(**values)
        if means_nobody(bounce.status):
            refuse_address(bounce.address, bounce.status, now)
    return message
