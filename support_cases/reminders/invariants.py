"""What must hold of the ledger and of every open case, whatever happened. Pure reading, in bounded memory."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cooperatives.errors import Words
from support_cases.choices import ReminderChannel, ReminderState
from support_cases.models import Case, Reminder, ReminderMessage
from support_cases.reminders.next_ones import Next, NoNext, next_reminders
from support_cases.reminders.occasions import Scene

_CHUNK = 200
_HELD = (ReminderState.CLAIMED, ReminderState.SENDING)
_LONGEST_LEASE = timedelta(hours=1)
#: What waits for longer than its rule looks back, and this outage besides, was forgotten by the portal.
_LONGEST_OUTAGE = timedelta(days=14)
#: Nobody decided that a case with one of these is never to be reminded of again.
_FORGOTTEN = (NoNext.NOBODY, NoNext.NOTHING_AHEAD)


class Violation(NamedTuple):
    """One thing that cannot be: which row it is found at, and what is wrong with it."""

    where: str
    what: Words

    def __str__(self):
        return f"{self.where}: {self.what}"


def violations(now: datetime) -> Iterator[Violation]:
    """Yield everything that does not hold at ``now``."""
    yield from _cases(now)
    for rows, what in _reminders(now):
        for row in rows.order_by("pk").iterator(_CHUNK):
            yield Violation(f"reminder {row.pk} {row.rule} {row.subject}", what)
    for messages, what in _messages(now):
        for message in messages.order_by("pk").iterator(_CHUNK):
            yield Violation(f"message {message.pk} {message.identity}", what)


def _cases(now: datetime) -> Iterator[Violation]:
    """Yield open cases without one next reminder or a reason somebody gave."""
    scene = Scene.on(timezone.localdate(now))
    cases = Case.objects.open().only("pk", "reference", "status").order_by("pk")
    rows = cases.iterator(_CHUNK)
    while chunk := list(islice(rows, _CHUNK)):
        found = next_reminders(chunk, scene, now)
        for case in chunk:
            said = found[case.pk]
            if isinstance(said, Next):
                if said.day < scene.today or not said.told:
                    yield Violation(case.reference, _("Lần nhắc tiếp không có ngày hoặc không có người nhận."))
            elif said.why in _FORGOTTEN:
                yield Violation(case.reference, said.why.label)


def _reminders(now: datetime) -> Iterator[tuple]:
    """Yield rows of the ledger that cannot be, with what is wrong."""
    rows = Reminder.objects.all()
    seen_only_when_there = Q(channel=ReminderChannel.APP, state=ReminderState.SENT)
    yield (
        rows.exclude(message=None).exclude(state=F("message__state")),
        _("Trạng thái khác với tin chứa nó."),
    )
    yield rows.filter(message=None, state__in=_HELD), _("Đang gửi mà không nằm trong tin nào.")
    yield (
        rows.exclude(message=None).exclude(recipient=F("message__recipient"), channel=F("message__channel")),
        _("Nằm trong tin của người khác hoặc kênh khác."),
    )
    yield rows.filter(state=ReminderState.SENT, sent_at=None), _("Đã gửi mà không có giờ gửi.")
    yield rows.filter(sent_at__isnull=False).exclude(state=ReminderState.SENT), _("Có giờ gửi mà chưa gửi.")
    yield rows.filter(state=ReminderState.SKIPPED, reason=""), _("Bỏ qua mà không có lý do.")
    yield (
        rows.filter(
            channel=ReminderChannel.APP,
            state__in=(ReminderState.SENDING, ReminderState.FAILED, ReminderState.UNKNOWN),
        ),
        _("Nhắc trong cổng không thể hỏng hay dở dang."),
    )
    yield rows.filter(seen_at__isnull=False).exclude(seen_only_when_there), _("Đã xem mà chưa từng tới.")
    for rule, days in _look_backs(now).items():
        oldest = now - timedelta(days=days) - _LONGEST_OUTAGE
        # What a person sends again may be as old as it likes.
        waiting = rows.filter(rule=rule, state=ReminderState.DUE, run_at__lt=oldest, message__resent_at=None)
        yield waiting, _("Đến hạn quá lâu mà chưa gửi.")


def _look_backs(now: datetime) -> dict[str, int]:
    rules = Scene.on(timezone.localdate(now)).rules
    return {code: max(rule.look_back_days for rule in some) for code, some in rules.items()}


def _messages(now: datetime) -> Iterator[tuple]:
    """Yield messages that cannot be, with what is wrong."""
    messages = ReminderMessage.objects.all()
    working = Q(state=ReminderState.CLAIMED, lease_until__gte=now)
    yield messages.filter(rows=None).exclude(working), _("Tin không chứa nhắc việc nào.")
    yield messages.filter(state=ReminderState.SENT, sent_at=None), _("Đã gửi mà không có giờ gửi.")
    stale = Q(lease_until__lt=now - _LONGEST_LEASE) | Q(lease_until=None) | Q(token=None)
    yield messages.filter(stale, state__in=_HELD), _("Bị giữ quá lâu hoặc không rõ ai giữ.")
    yield messages.filter(state=ReminderState.SKIPPED, reason=""), _("Bỏ qua mà không có lý do.")
    yield (
        messages.filter(state__in=(ReminderState.FAILED, ReminderState.UNKNOWN), reason=""),
        _("Không gửi được mà không có lý do."),
    )
