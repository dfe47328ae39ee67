"""Rows that wait are put into messages: few one by one, many of a morning or after an outage as one."""

from collections.abc import Iterable
from datetime import datetime
from email.utils import parseaddr
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from htx_portal.accounts.models import User
from support_cases.choices import ReminderState, SkipReason
from support_cases.models import Reminder, ReminderMessage
from support_cases.reminders.channels import CHANNELS
from support_cases.reminders.occasions import Scene

#: No message lists more matters; the rest goes with the next one.
MOST_LINES = 300
_MOST_RECIPIENTS = 2000
#: Taken up so often and never brought to an end: something may be wrong with the row itself.
_SUSPECT = 4


def bundle(now: datetime, scene: Scene) -> int:
    """Put rows whose time has come into messages and return how many messages that made.

    A recipient's account is locked meanwhile, so that two sweeps at once make one message and not two halves.
    """
    # At night what waits for the morning must not crowd out what may go.
    is_open = scene.is_open(now)
    may_go = [code for code, channel in CHANNELS.items() if is_open or not channel.disturbs]
    waiting = (
        _unbundled()
        .filter(run_at__lte=now, channel__in=may_go)
        .order_by("recipient", "channel")
        .values_list("recipient", "channel")
        .distinct()
    )
    return sum(_for_one(recipient, channel, now, scene) for recipient, channel in waiting[:_MOST_RECIPIENTS])


def _unbundled():
    return Reminder.objects.filter(state=ReminderState.DUE, message__isnull=True)


def _for_one(recipient: int, channel: str, now: datetime, scene: Scene) -> int:
    with transaction.atomic():
        person = User.objects.select_for_update(of=("self",)).get(pk=recipient)
        # What waits for another try goes along, so that a mail server that was down for days sends one mail.
        mine = _unbundled().filter(Q(run_at__lte=now) | Q(attempts__gt=0), recipient=person, channel=channel)
        rows = list(mine.only("pk", "rule", "run_at", "attempts", "reason").order_by("run_at", "pk")[:MOST_LINES])
        groups = _groups(rows, channel, scene)
        for group in groups:
            message = ReminderMessage.objects.create(
                recipient=person,
                channel=channel,
                identity=_new_identity(),
                may_repeat=all(_may_repeat(row, scene) for row in group),
                run_at=now,
                created_at=now,
            )
            Reminder.objects.filter(pk__in=[row.pk for row in group]).update(message=message)
    return len(groups)


def _groups(rows: list[Reminder], channel: str, scene: Scene) -> list[list[Reminder]]:
    """Return what goes together: all of it where it is much, late, or disturbs nobody, else one by one.

    What workers died of before goes alone, so that one row nobody can deliver holds no other back.
    """
    suspect = [row for row in rows if row.reason == SkipReason.INTERRUPTED and row.attempts >= _SUSPECT]
    rest = [row for row in rows if row not in suspect]
    late = any(row.attempts or row.run_at < scene.opening(scene.today) for row in rest)
    together = late or len(rest) > scene.digest_above or not CHANNELS[channel].disturbs
    alone = suspect if together else rows
    return [*([rest] if together and rest else []), *([row] for row in alone)]


def _may_repeat(row: Reminder, scene: Scene) -> bool:
    rules: Iterable = scene.rules.get(row.rule, ())
    in_force = [rule for rule in rules if rule.in_force(scene.today)]
    return bool(in_force) and all(rule.retry_unknown for rule in in_force)


def _new_identity() -> str:
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<htx-{uuid4().hex}@{host}>"
