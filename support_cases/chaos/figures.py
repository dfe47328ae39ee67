"""What a rehearsal came to, in figures."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from htx_portal.rehearsal import now
from support_cases.chaos.rehearsal import Rehearsal
from support_cases.choices import ReminderChannel, ReminderState
from support_cases.models import ReminderMessage
from support_cases.reminders.accounting import Account
from support_cases.reminders.invariants import violations
from support_cases.reminders.occasions import Scene


def figures_of(rehearsal: Rehearsal, account: Account, kills: int, seconds: float) -> dict[str, Any]:
    """Return every figure; of ``violations`` there are none when all promises were kept."""
    account.note("out_of_hours", _out_of_hours())
    account.note("invariant", map(str, violations(now())))
    processes = (*rehearsal.crew.workers, *rehearsal.crew.beats, rehearsal.crew.broker)
    counted = {name: dict(value) if isinstance(value, dict) else value for name, value in vars(account).items()}
    return counted | {
        "day": account.day.isoformat(),
        "kills": kills,
        "happened": {name: count for name, count in sorted(rehearsal.done.items()) if name and count},
        "restarts": {process.name: process.starts - 1 for process in processes},
        "connections": dict(sorted(rehearsal.sink.moods.items())),
        "most_mails": _most_mails(rehearsal),
        "seconds": round(seconds, 1),
    }


def lines_of_figures(figures: dict[str, Any]) -> list[str]:
    """Return in words what happened besides what the account says."""
    happened = ", ".join(f"{name} {count}" for name, count in figures["happened"].items())
    restarts = ", ".join(f"{name} {count}" for name, count in figures["restarts"].items())
    connections = ", ".join(f"{name} {count}" for name, count in figures["connections"].items())
    return [
        _("Đã giết %(n)s lần trong %(seconds)s giây. Đã xảy ra: %(happened)s.")
        % {"n": figures["kills"], "seconds": figures["seconds"], "happened": happened},
        _("Khởi động lại: %(restarts)s.") % {"restarts": restarts},
        _("Kết nối tới máy chủ thư: %(connections)s.") % {"connections": connections},
        _("Nhiều nhất %(n)s thư cho một người trong một ngày.") % {"n": figures["most_mails"]},
    ]


def _most_mails(rehearsal: Rehearsal) -> int:
    """Return the most mails one address was sent on one day."""
    days: Counter[tuple[str, date]] = Counter()
    with rehearsal.journal.open(encoding="utf-8") as lines:
        for line in lines:
            mail = json.loads(line)
            days[mail["to"], timezone.localdate(datetime.fromisoformat(mail["at"]))] += 1
    return max(days.values(), default=0)


def _out_of_hours() -> Iterator[str]:
    """Yield the messages that were sent when the office was closed."""
    scene_of = cache(Scene.on)
    sent = ReminderMessage.objects.filter(state=ReminderState.SENT).exclude(channel=ReminderChannel.APP)
    for row in sent.order_by("pk").iterator(500):
        if not scene_of(timezone.localdate(row.sent_at)).is_open(row.sent_at):
            yield f"{row.identity} {row.sent_at.isoformat()}"
