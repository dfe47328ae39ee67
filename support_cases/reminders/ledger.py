"""The ledger: a message is claimed by one conditional update and work goes on only if that update changed it.

States: due → claimed → sending → sent | failed | unknown; a row may be skipped besides. What is ``claimed`` may be
taken again when its lease runs out, for nothing has left the house yet. What is ``sending`` may not: the message may
have gone, so it ends as ``unknown`` and a person decides, unless the rule says to repeat. The rows of a message move
with it in one transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Least

from support_cases.choices import UNDER_WAY, ReminderState, SkipReason
from support_cases.models import Reminder, ReminderMessage

LEASE = timedelta(minutes=5)
#: A message nobody took up by then was lost with the broker; its rows go with whatever came due since.
LOST_AFTER = timedelta(minutes=10)
MOST_ATTEMPTS = 8
#: A channel that is down as a whole uses up no more of the attempts than these, however long it is down.
_ATTEMPTS_OF_OUTAGE = 6
#: So often no worker dies by chance with one message in its hands: it is the message, and a person has to look.
MOST_INTERRUPTIONS = 16
#: No clock that is right gives a longer lease; one that was ahead may have, and has been set back since.
_LONGEST_LEASE = 3 * LEASE


def ready(now: datetime, most: int = 500) -> list[int]:
    """Return the primary keys of messages whose time has come, oldest first."""
    rows = _under_way(ReminderState.DUE).filter(run_at__lte=now).order_by("run_at", "pk")
    return list(rows.values_list("pk", flat=True)[:most])


def claim(pk: int, now: datetime) -> UUID | None:
    """Take a due message for this worker and return its token, or None when another worker has it."""
    token = uuid4()
    with transaction.atomic():
        due = ReminderMessage.objects.filter(pk=pk, state=ReminderState.DUE, run_at__lte=now)
        if due.update(state=ReminderState.CLAIMED, token=token, lease_until=now + LEASE, attempts=F("attempts") + 1):
            Reminder.objects.filter(message=pk).update(state=ReminderState.CLAIMED, attempts=F("attempts") + 1)
            return token
    return None


def begin_sending(pk: int, token: UUID, now: datetime) -> bool:
    """Note that the message is about to leave; return whether it is still ours."""
    return _move(pk, token, [ReminderState.CLAIMED], state=ReminderState.SENDING, lease_until=now + LEASE)


def sent(pk: int, token: UUID, now: datetime) -> bool:
    """Note that the message was accepted."""
    return _arrived(pk, token, ReminderState.SENDING, now)


def sent_at_once(pk: int, token: UUID, now: datetime) -> bool:
    """Note in one step that a message which never leaves the house is there."""
    return _arrived(pk, token, ReminderState.CLAIMED, now)


def _arrived(pk: int, token: UUID, from_state: str, now: datetime) -> bool:
    done: dict[str, Any] = {"sent_at": now, "reason": ""}
    return _move(pk, token, [from_state], done, state=ReminderState.SENT, lease_until=None, **done)


def failed(pk: int, token: UUID, reason: str) -> bool:
    """Note that the message cannot be delivered."""
    held = [ReminderState.CLAIMED, ReminderState.SENDING]
    words = {"reason": reason[:200]}
    return _move(pk, token, held, words, state=ReminderState.FAILED, lease_until=None, **words)


def uncertain(pk: int, token: UUID, now: datetime, reason: str) -> bool:
    """Note that the message may or may not have gone; it is not sent again by itself, unless its rules say so."""
    again = ReminderMessage.objects.filter(pk=pk, may_repeat=True, attempts__lt=MOST_ATTEMPTS).first()
    state = ReminderState.DUE if again else ReminderState.UNKNOWN
    later = {"run_at": now + timedelta(minutes=2**again.attempts)} if again else {}
    words = {"reason": reason[:200]}
    return _move(pk, token, [ReminderState.SENDING], words, state=state, lease_until=None, **words, **later)


def not_sent(pk: int, token: UUID, now: datetime, reason: str, *, outage: bool = False) -> None:
    """Note that the message surely did not leave: its rows are due again, ever more patiently, and at last fail.

    In an ``outage`` of the whole channel nothing fails, for it says nothing about this message.
    """
    with transaction.atomic():
        row = _still_ours(pk, token)
        if row is None:
            return
        tried = _tried(row)
        if outage:
            tried = min(tried, _ATTEMPTS_OF_OUTAGE)
        if tried >= MOST_ATTEMPTS:
            failed(pk, token, reason)
        else:
            until = now + timedelta(minutes=2**tried)
            _give_back(row, attempts=Least(F("attempts"), tried), reason=reason[:200], run_at=until)


def put_back(pk: int, token: UUID, until: datetime) -> None:
    """Give a claimed message back, because this is no hour to send before ``until``; that was no attempt."""
    with transaction.atomic():
        if row := _still_ours(pk, token):
            _give_back(row, attempts=F("attempts") - 1, run_at=until)


def skip(pk: int, token: UUID, rows: Iterable[int], reason: str) -> None:
    """Take rows out of a claimed message because they are not wanted any more, and say why."""
    _take_out(pk, token, rows, state=ReminderState.SKIPPED, reason=reason)


def hold(pk: int, token: UUID, rows: Iterable[int], until: datetime, reason: str) -> None:
    """Take rows out of a claimed message until later, and say why."""
    values = {"run_at": until, "reason": reason, "attempts": F("attempts") - 1}
    _take_out(pk, token, rows, state=ReminderState.DUE, **values)


def stays_unknown(pk: int, token: UUID, reason: str) -> bool:
    """Note that a message which may have gone before is not to go again: nobody knows, and it stays so."""
    words = {"reason": reason[:200]}
    return _move(pk, token, [ReminderState.CLAIMED], words, state=ReminderState.UNKNOWN, lease_until=None, **words)


def close_if_empty(pk: int, token: UUID) -> bool:
    """Throw a claimed message away that has no rows left; return whether it was so."""
    with transaction.atomic():
        if _still_ours(pk, token) and not Reminder.objects.filter(message=pk).exists():
            ReminderMessage.objects.filter(pk=pk).delete()
            return True
    return False


def release_expired(now: datetime) -> tuple[int, int]:
    """Free what dead workers held: return how many messages were taken apart and how many ended as unknown.

    Messages that nobody ever took up are taken apart as well; one that may have left before, or that a person sent
    again, keeps its identity and stays whole.
    """
    expired = Q(lease_until__lt=now) | Q(lease_until__gt=now + _LONGEST_LEASE)
    held = _under_way(ReminderState.CLAIMED).filter(expired)
    lost = _under_way(ReminderState.DUE).filter(created_at__lt=now - LOST_AFTER, attempts=0, resent_at__isnull=True)
    again = sum(_free(pk) for rows in (held, lost) for pk in rows.values_list("pk", flat=True))
    cut_off = _under_way(ReminderState.SENDING).filter(expired)
    ended = [
        uncertain(pk, token, now, SkipReason.INTERRUPTED) for pk, token in cut_off.values_list("pk", "token") if token
    ]
    return again, sum(ended)


def _under_way(state: str) -> QuerySet[ReminderMessage]:
    """Return the messages in one of the states that do not last.

    All of them are named besides, word for word as in the condition of the index: SQLite does not conclude that one
    is among them, and would read the ledger of years at every pass.
    """
    return ReminderMessage.objects.filter(state=state, state__in=UNDER_WAY)


def _free(pk: int) -> bool:
    """Give one message back that is still as it was found: due, or claimed by a worker that is gone."""
    with transaction.atomic():
        row = ReminderMessage.objects.select_for_update().filter(pk=pk).first()
        if row is None or row.state not in (ReminderState.DUE, ReminderState.CLAIMED):
            return False
        if row.state == ReminderState.DUE:
            _give_back(row)
        elif _tried(row) < MOST_INTERRUPTIONS:
            _give_back(row, reason=SkipReason.INTERRUPTED)
        elif row.token:
            failed(pk, row.token, SkipReason.INTERRUPTED)
    return True


def _tried(row: ReminderMessage) -> int:
    """Return how often the rows of a message were taken up."""
    return Reminder.objects.filter(message=row).aggregate(most=Max("attempts"))["most"] or 0


def may_be_out(row: ReminderMessage) -> bool:
    """Whether a copy of a claimed message may have left before, so that it has to keep its identity and its rows."""
    return row.attempts > 1 and (row.may_repeat or row.resent_at is not None)


def _give_back(row: ReminderMessage, **values: Any) -> None:
    """Make the rows of a locked message due again; the message stays if a copy may be out or a person sent it again."""
    rows = Reminder.objects.filter(message=row)
    if row.resent_at is not None or may_be_out(row):
        rows.update(state=ReminderState.DUE, **values)
        free = {"state": ReminderState.DUE, "token": None, "lease_until": None}
        ReminderMessage.objects.filter(pk=row.pk).update(**free, **values)
    else:
        rows.update(state=ReminderState.DUE, message=None, **values)
        row.delete()


def _take_out(pk: int, token: UUID, rows: Iterable[int], **values: Any) -> None:
    with transaction.atomic():
        if _still_ours(pk, token):
            Reminder.objects.filter(pk__in=list(rows), message=pk).update(message=None, **values)


def _still_ours(pk: int, token: UUID) -> ReminderMessage | None:
    """Return the message if this worker holds it; locks it until the transaction ends."""
    held = (ReminderState.CLAIMED, ReminderState.SENDING)
    return ReminderMessage.objects.select_for_update().filter(pk=pk, token=token, state__in=held).first()


def _move(
    pk: int, token: UUID, from_states: Sequence[str], rows: dict[str, Any] | None = None, *, state: str, **values: Any
) -> bool:
    """Move a message that is still ours, and its rows with it."""
    with transaction.atomic():
        mine = ReminderMessage.objects.filter(pk=pk, token=token, state__in=from_states)
        if mine.update(state=state, **values) != 1:
            return False
        Reminder.objects.filter(message=pk).update(state=state, **(rows or {}))
    return True
