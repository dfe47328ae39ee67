"""What is due is entered into the ledger, once."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from itertools import islice

from django.db import transaction

from support_cases.choices import ReminderState, SkipReason
from support_cases.models import Reminder, ReminderRule
from support_cases.reminders.channels import CHANNELS
from support_cases.reminders.occasions import Occurrence, Scene, Within, anchor_span, occurrences_of
from support_cases.reminders.recipients import recipients_of
from support_cases.reminders.sources import SOURCES
from support_cases.reminders.sources.base import CHUNK, Source

#: What was skipped for one of these is owed again when it turns out to stand after all.
RETURNING = (SkipReason.DONE, SkipReason.MOVED, SkipReason.CLOSED, SkipReason.OVER)

#: Somebody else has to know instead, or the same person by another way.
PASSED_ON = (SkipReason.INACTIVE, SkipReason.OTHER_RECIPIENT, SkipReason.OTHER_CHANNEL)


def enter_due(today: date, *, occasions: Collection[str] | None = None, scene: Scene | None = None) -> int:
    """Enter what is due on ``today`` into the ledger, and return how many rows that were.

    Safe to run twice at once: the unique constraint lets each row in once. All rows of one occurrence are written
    together, so that an occurrence with any row is dealt with. Memory does not grow with what is due.
    """
    scene = scene or Scene.on(today)
    chosen = (source for code, source in SOURCES.items() if occasions is None or code in occasions)
    return sum(
        enter(occurrences, source.occasion, scene) for source in chosen for occurrences in due_in_chunks(source, scene)
    )


def due_in_chunks(source: Source, scene: Scene, within: Within | None = None) -> Iterator[list[Occurrence]]:
    """Yield what is due of one source, some hundreds at a time."""
    due = due_occurrences(source, scene, within or Within())
    while chunk := list(islice(due, CHUNK)):
        yield chunk


def due_occurrences(source: Source, scene: Scene, within: Within) -> Iterator[Occurrence]:
    """Yield the occurrences that people are to be told of by today and that are not too old to make up for."""
    rules = scene.rules.get(source.occasion, ())
    if not any(rule.offset_list for rule in rules):
        return
    first = made_up_since(rules, scene)
    for anchor in source.anchors(*anchor_span(rules, first, scene.horizon), scene.today, within):
        if within.admits(anchor):
            for one in occurrences_of(anchor, rules, first, scene.horizon, scene.calendar):
                if kept := timely(one, scene):
                    yield kept


def enter(occurrences: list[Occurrence], occasion: str, scene: Scene) -> int:
    """Write the rows of those ``occurrences`` the ledger knows nothing of; bring back those wrongly given up."""
    subjects = {one.anchor.subject for one in occurrences}
    known: dict[tuple, list[tuple]] = {}
    told = AlreadyTold()
    lines = Reminder.objects.filter(rule=occasion, subject__in=subjects)
    columns = ("pk", "subject", "anchor_on", "occurrence_on", "state", "reason")
    for pk, subject, anchor_on, day, state, reason in lines.values_list(*columns):
        known.setdefault((occasion, subject, day), []).append((pk, state, reason))
        told.note(subject, anchor_on, day, state)
    fresh = [one for one in occurrences if one.key not in known and not told.overtakes(one)]
    back = [pk for one in occurrences for pk in _returning(known.get(one.key, ()))]
    if back:
        Reminder.objects.filter(pk__in=back, state=ReminderState.SKIPPED, reason__in=RETURNING).update(
            state=ReminderState.DUE, reason=""
        )
    return write_rows(fresh, occasion, scene) if fresh else 0


class AlreadyTold:
    """Up to which day people were told of each day of each matter.

    A day off entered late, or a rule given one more day, names days that lie before what people were told already:
    to tell them now would be to tell them twice.
    """

    def __init__(self) -> None:
        self._last: dict[tuple[str, date], date] = {}

    def note(self, subject: str, anchor_on: date, occurrence_on: date, state: str) -> None:
        """Take one row of the ledger into account."""
        if state == ReminderState.SENT:
            key = subject, anchor_on
            self._last[key] = max(occurrence_on, self._last.get(key, date.min))

    def overtakes(self, one: Occurrence) -> bool:
        """Whether people were told of the same later already, or just then."""
        return self._last.get((one.anchor.subject, one.anchor.anchor_on), date.min) >= one.occurrence_on


def write_rows(occurrences: Iterable[Occurrence], occasion: str, scene: Scene) -> int:
    """Write one row per recipient and channel for each of ``occurrences``; rows that are there stay as they are."""
    occurrences = list(occurrences)
    told = recipients_of(occurrences, scene)
    rows = [
        one.anchor.row(
            occasion,
            occurrence_on=one.occurrence_on,
            recipient=who.person,
            instead_of=who.instead_of,
            channel=channel,
            run_at=scene.opening(one.run_on),
        )
        for one in occurrences
        for who in told[one.key]
        for channel in sorted(who.channels)
        if CHANNELS[channel].is_on()
    ]
    with transaction.atomic():
        Reminder.objects.bulk_create(rows, ignore_conflicts=True, batch_size=CHUNK)
    return len(rows)


def hand_over(one: Occurrence, occasion: str, scene: Scene) -> None:
    """Enter an occurrence for those who are to be told now; bring back what was taken from them meanwhile."""
    write_rows([one], occasion, scene)
    for told in recipients_of([one], scene)[one.key]:
        Reminder.objects.filter(
            rule=occasion,
            subject=one.anchor.subject,
            occurrence_on=one.occurrence_on,
            recipient=told.person,
            channel__in=told.channels,
            state=ReminderState.SKIPPED,
            reason__in=PASSED_ON,
        ).update(state=ReminderState.DUE, reason="")


def made_up_since(rules: Iterable[ReminderRule], scene: Scene) -> date:
    """Return the first day whose occurrences may still be made up for; those of days off are told after them."""
    first = scene.today - timedelta(days=max(rule.look_back_days for rule in rules))
    while not scene.calendar.is_working_day(first - date.resolution):
        first -= date.resolution
    return first


def timely(one: Occurrence, scene: Scene) -> Occurrence | None:
    """Return the occurrence with those of its rules that still make up for it today, or None for none."""
    if one.run_on > scene.today:
        return None
    late = (scene.today - max(one.run_on, one.occurrence_on)).days
    rules = tuple(rule for rule in one.rules if late <= rule.look_back_days)
    return one._replace(rules=rules) if rules else None


def _returning(rows: Iterable[tuple]) -> list[int]:
    """Return the keys of rows that were given up, where all of an occurrence were, for a reason that may pass."""
    rows = list(rows)
    if any(state != ReminderState.SKIPPED for _pk, state, _reason in rows):
        return []
    return [pk for pk, _state, reason in rows if reason in RETURNING]
