"""The reminders a person reads in the portal."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q

from support_cases.access import reminders_for
from support_cases.choices import Occasion, ReminderChannel, ReminderState
from support_cases.models import FollowUp, Reminder
from support_cases.reminders.channels.base import Line
from support_cases.reminders.envelopes import lines_for
from support_cases.reminders.sources import SOURCES


class Item(NamedTuple):
    """One reminder as it is shown.

    ``days`` are those left to its day, None where that is no deadline or the thing is over; ``over`` says why it is
    over in a code: ``done``, ``voided`` or ``closed``, else "".
    """

    row: Reminder
    line: Line
    days: int | None
    over: str
    may_finish: bool
    may_mute: bool


class Kind(NamedTuple):
    """One kind of reminder in an inbox, with how many there are and how many of them unread."""

    code: str
    label: str
    number: int
    unread: int


def inbox(user):
    """Return the delivered in-app reminders of ``user``: unread before read, then the latest day first.

    Of several about one thing only the latest is there: it says all that those before it said.
    """
    return (
        _latest(user)
        .select_related("case", "cooperative", "founding_group", "recipient", "instead_of")
        .order_by(F("seen_at").desc(nulls_first=True), "-occurrence_on", "-pk")
    )


def kinds_of(user) -> list[Kind]:
    """Return the kinds of reminders in the inbox of ``user``, in the order of the choices. One query."""
    unread = Count("pk", filter=Q(seen_at__isnull=True))
    rows = _latest(user).order_by().values("rule").annotate(number=Count("pk"), unread=unread)
    found = {row["rule"]: row for row in rows}
    return [
        Kind(code, str(label), found[code]["number"], found[code]["unread"])
        for code, label in Occasion.choices
        if code in found
    ]


def items(rows: Sequence[Reminder], user, today) -> list[Item]:
    """Return ``rows`` ready to be shown; one query for their appointments and one or none for each kind."""
    rows = list(rows)
    ends = _ends_of_follow_ups(rows)
    found = []
    for row, line in zip(rows, lines_for(rows), strict=True):
        over = ends.get(row.subject, "") if row.rule == Occasion.FOLLOW_UP_DUE else _end_of_case(row)
        counts = SOURCES[row.rule].is_deadline and not over
        found.append(
            Item(
                row,
                line,
                days=(row.anchor_on - today).days if counts else None,
                over=over,
                may_finish=row.rule == Occasion.FOLLOW_UP_DUE and row.subject in ends and not over and user.may_work,
                may_mute=bool(row.case_id or row.cooperative_id),
            )
        )
    return found


def mark_seen(user, now: datetime, **which) -> int:
    """Note that ``user`` has seen the unread reminders ``which`` describes; return of how many things those were.

    Other people's reminders and those read before are left alone, so a second click changes nothing.
    """
    rows = _delivered(user).filter(seen_at__isnull=True, **which)
    things = rows.order_by().values("rule", "subject").distinct().count()
    rows.update(seen_at=now)
    return things


def mark_one_seen(user, now: datetime, pk: int) -> int:
    """Note that ``user`` has seen one reminder, and those about the same thing before it; return 1, or 0 for none."""
    row = _delivered(user).filter(pk=pk).only("rule", "subject", "occurrence_on").first()
    if row is None:
        return 0
    return mark_seen(user, now, rule=row.rule, subject=row.subject, occurrence_on__lte=row.occurrence_on)


def _delivered(user):
    return reminders_for(user).filter(channel=ReminderChannel.APP, state=ReminderState.SENT)


def _latest(user):
    newer = _delivered(user).filter(rule=OuterRef("rule"), subject=OuterRef("subject"))
    return _delivered(user).filter(~Exists(newer.filter(occurrence_on__gt=OuterRef("occurrence_on")).order_by()))


def _end_of_case(row: Reminder) -> str:
    return "closed" if row.case is not None and not row.case.is_open else ""


def _ends_of_follow_ups(rows: Sequence[Reminder]) -> dict[str, str]:
    """Return what became of the appointments among ``rows`` by subject: "" where one is still to be kept."""
    entries = {row.subject_id for row in rows if row.rule == Occasion.FOLLOW_UP_DUE}
    if not entries:
        return {}
    done = {f"consultation/{pk}": "voided" for pk in entries}
    standing = FollowUp.objects.filter(consultation__in=entries, consultation__voided_at__isnull=True)
    for entry, day in standing.values_list("consultation", "done_on"):
        done[f"consultation/{entry}"] = "done" if day else ""
    return done
