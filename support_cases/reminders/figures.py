"""How the sending fares: what waits, since when, what went wrong."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Case, Count, F, Min, Q, When
from django.db.models.functions import Greatest
from django.utils import timezone

from support_cases.choices import UNDER_WAY, ReminderState
from support_cases.models import Reminder, ReminderMessage
from support_cases.reminders.occasions import Scene
from support_cases.reminders.resending import TROUBLED
from support_cases.reminders.signs import SILENT, Sign, signs


class Figures(NamedTuple):
    """``waiting`` reminders are due and not sent, the oldest since ``oldest_at``; messages failed or are unknown."""

    signs: list[Sign]
    waiting: int
    oldest_at: datetime | None
    failed: int
    unknown: int

    @property
    def in_trouble(self) -> int:
        """How many messages somebody must look at."""
        return self.failed + self.unknown

    @property
    def silent(self) -> bool:
        """Whether worker or beat has not been heard of for too long."""
        return any(sign.state == SILENT for sign in self.signs)


class Window(NamedTuple):
    """Whether messages may leave now, and if not from when on."""

    is_open: bool
    opens_at: datetime


def figures(now: datetime) -> Figures:
    """Return the figures of this moment. Four queries."""
    troubled = ReminderMessage.objects.filter(state__in=TROUBLED).aggregate(
        failed=Count("pk", filter=Q(state=ReminderState.FAILED)),
        unknown=Count("pk", filter=Q(state=ReminderState.UNKNOWN)),
    )
    number, oldest_at = _due(now)
    return Figures(signs(now), number, oldest_at, **troubled)


def sent_today(now: datetime) -> int:
    """Return how many messages that leave the house were accepted since midnight."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = ReminderMessage.objects.filter(state=ReminderState.SENT, sent_at__gte=midnight)
    return today.filter(sent_at__lt=midnight + timedelta(days=1)).count()


def window(now: datetime) -> Window:
    """Return whether and when messages may leave."""
    scene = Scene.on(timezone.localdate(now))
    return Window(scene.is_open(now), scene.next_opening(now))


def _due(now: datetime) -> tuple[int, datetime | None]:
    """Return how many reminders are due and not sent, and since when the oldest; those for later are not counted."""
    # What was tried before waits for its next attempt, but has been due since it was entered; what was entered late,
    # in the first hour of a new office, has waited no longer than that either.
    since = Min(Case(When(attempts__gt=0, then=F("created_at")), default=Greatest("run_at", "created_at")))
    mine = Q(run_at__lte=now) | Q(attempts__gt=0)
    apart = Reminder.objects.filter(mine, state=ReminderState.DUE, message__isnull=True)
    together = Reminder.objects.filter(mine, message__state__in=UNDER_WAY)
    found = [rows.aggregate(number=Count("pk"), since=since) for rows in (apart, together)]
    return sum(one["number"] for one in found), min((one["since"] for one in found if one["since"]), default=None)
