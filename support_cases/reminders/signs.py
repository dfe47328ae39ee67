"""Signs of life of the processes that bring reminders out, and since when one is silent."""

from datetime import datetime, timedelta
from typing import NamedTuple

from support_cases.models import SignOfLife

WORKER, BEAT = "worker", "beat"
#: How often each says that it lives, and after how long a silence it is taken for dead.
NOTE_EVERY = timedelta(seconds=20)
SILENT_AFTER = timedelta(minutes=3)

ALIVE, STARTING, SILENT = "ok", "starting", "silent"


class Sign(NamedTuple):
    """What is known of a process: ``ok``, ``starting`` or ``silent``, and when it was last heard of."""

    process: str
    state: str
    seen_at: datetime | None


def note(process: str, now: datetime) -> None:
    """Write down that ``process`` lives. One statement, whether it was heard of before or not.

    Raises:
        django.db.Error: when the database does not take it.
    """
    row = SignOfLife(process=process, seen_at=now)
    SignOfLife.objects.bulk_create([row], update_conflicts=True, unique_fields=["process"], update_fields=["seen_at"])


def signs(now: datetime, up_for: timedelta = SILENT_AFTER) -> list[Sign]:
    """Return the signs of worker and beat; ``up_for`` is how long the portal itself runs. One query.

    As long as it runs for a short time only, who was not heard of yet may be about to start.
    """
    seen = dict(SignOfLife.objects.filter(process__in=(WORKER, BEAT)).values_list("process", "seen_at"))
    missing = STARTING if up_for < SILENT_AFTER else SILENT
    return [
        Sign(process, ALIVE if _is_recent(seen.get(process), now) else missing, seen.get(process))
        for process in (WORKER, BEAT)
    ]


def _is_recent(seen_at: datetime | None, now: datetime) -> bool:
    # What lies ahead was written by a clock that has been set back since.
    return seen_at is not None and abs(now - seen_at) <= SILENT_AFTER
