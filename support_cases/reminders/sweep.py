"""One pass: enter what is due, free what dead workers held, put rows into messages. Any number may run at once."""

from datetime import datetime, timedelta

from django.utils import timezone

from support_cases.models import SignOfLife
from support_cases.reminders.bundles import bundle
from support_cases.reminders.entering import enter_due
from support_cases.reminders.ledger import ready, release_expired
from support_cases.reminders.occasions import Scene
from support_cases.reminders.signs import note
from support_cases.reminders.sources import QUICK

#: How often the whole register is gone through; in between only the daily work is.
REGISTER_EVERY = timedelta(minutes=15)
#: The sign of life of a pass that went through the register.
REGISTER = "register"


def swept_at() -> datetime | None:
    """Return when the whole register was last gone through; None before the first time."""
    return SignOfLife.objects.filter(process=REGISTER).values_list("seen_at", flat=True).first()


def sweep(now: datetime) -> list[int]:
    """Do one pass and return the keys of the messages to deliver.

    The first pass after a pause goes through the register before anything is put into messages, so that a
    recipient gets one message and not one for the work and one for the register.
    """
    scene = Scene.on(timezone.localdate(now))
    last = swept_at()
    whole = last is None or not now - REGISTER_EVERY < last <= now or _of_yesterday(last, now)
    enter_due(scene.today, occasions=None if whole else QUICK, scene=scene)
    if whole:
        note(REGISTER, now)
    release_expired(now)
    bundle(now, scene)
    return ready(now)


def _of_yesterday(last: datetime, now: datetime) -> bool:
    return timezone.localdate(last) != timezone.localdate(now)
