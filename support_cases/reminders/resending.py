"""Messages that failed, or of which nobody knows: sending one again, or letting it be."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.text import nfc
from htx_portal.accounts.models import User
from support_cases.access import messages_for
from support_cases.choices import ReminderState, reason_words
from support_cases.models import Reminder, ReminderMessage
from support_cases.reasons import reason_problems
from support_cases.reminders.addresses import is_refused
from support_cases.reminders.channels.base import Line
from support_cases.reminders.envelopes import lines_for

TROUBLED = (ReminderState.FAILED, ReminderState.UNKNOWN)
MOST_CHARACTERS = 120
_MOST_LINES = 5


class Undelivered(NamedTuple):
    """A message in trouble as it is shown: its first matters, and how many more it held."""

    message: ReminderMessage
    why: str
    lines: Sequence[Line]
    more: int
    address_refused: bool


def undelivered_for(user: User):
    """Return the failed and unknown messages ``user`` may see, newest first."""
    return messages_for(user).filter(state__in=TROUBLED).order_by("-pk")


def shown(messages: Sequence[ReminderMessage]) -> list[Undelivered]:
    """Return ``messages`` ready to be shown. Queries: two, one for the addresses, one for each kind of occasion."""
    pks = [message.pk for message in messages]
    place = Window(RowNumber(), partition_by="message", order_by=["anchor_on", "pk"])
    rows = list(
        Reminder.objects.filter(message__in=pks)
        .annotate(place=place)
        .filter(place__lte=_MOST_LINES)
        .select_related("case", "cooperative", "founding_group", "recipient", "instead_of")
        .order_by("message", "place")
    )
    numbers = dict(
        Reminder.objects.filter(message__in=pks).order_by().values_list("message").annotate(number=Count("pk"))
    )
    held: dict[int | None, list[Line]] = {}
    for row, line in zip(rows, lines_for(rows), strict=True):
        held.setdefault(row.message_id, []).append(line)
    refused = is_refused(messages)
    return [
        Undelivered(
            message,
            reason_words(message.reason),
            held.get(message.pk, []),
            numbers.get(message.pk, 0) - len(held.get(message.pk, [])),
            message.pk in refused,
        )
        for message in messages
    ]


def resend(message: ReminderMessage, *, by: User, now: datetime) -> bool:
    """Let a failed or unknown message go once more under the same identity; return whether this call did it.

    Of two calls at once only one does. Before it leaves it is asked again whether it is still wanted.

    Raises:
        NotAllowedNow: while its address is one that refuses.
    """
    if is_refused([message]):
        raise NotAllowedNow([_("Địa chỉ này đang bị từ chối. Sửa địa chỉ của tài khoản, hoặc bỏ nó khỏi danh sách.")])
    # Of what failed at once surely nothing arrived; of what is unknown, or was repeated, a copy may be out.
    attempts = int(message.state == ReminderState.UNKNOWN or message.may_repeat)
    values = {"run_at": now, "token": None, "lease_until": None, "resent_by": by, "resent_at": now}
    return _move(message, state=ReminderState.DUE, attempts=attempts, reason="", **values)


def let_be(message: ReminderMessage, reason: str, *, by: User) -> bool:
    """Note that a failed or unknown message need not be sent, and why; return whether this call did it.

    Raises:
        InvalidEntry: without a reason.
    """
    reason = nfc(reason or "")
    if wrong := reason_problems(reason, MOST_CHARACTERS):
        raise InvalidEntry({"reason": wrong})
    return _move(message, state=ReminderState.SKIPPED, reason=f"{reason} ({by})"[:200])


def _move(message: ReminderMessage, *, state: str, reason: str, **values) -> bool:
    """Move a message in trouble, and its rows with it, if nobody else has done so."""
    with transaction.atomic():
        troubled = ReminderMessage.objects.filter(pk=message.pk, state__in=TROUBLED)
        if troubled.update(state=state, reason=reason, **values) != 1:
            return False
        attempts = {"attempts": 0} if state == ReminderState.DUE else {}
        Reminder.objects.filter(message=message.pk).update(state=state, reason=reason, **attempts)
    return True
