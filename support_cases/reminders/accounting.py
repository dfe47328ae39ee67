"""The books closed: every occurrence due has its rows or a reason, no mail went twice, none went past the ledger.

Only reads. What is due is computed anew from the sources, never taken from the ledger.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from support_cases.choices import ReminderChannel, ReminderState
from support_cases.models import Reminder, ReminderMessage
from support_cases.reminders.channels import CHANNELS
from support_cases.reminders.entering import RETURNING, AlreadyTold, due_in_chunks
from support_cases.reminders.occasions import Occurrence, Scene
from support_cases.reminders.recipients import recipients_of
from support_cases.reminders.sources import SOURCES
from support_cases.reminders.sources.base import CHUNK

#: So many of each kind are named; all are counted.
MOST_NAMED = 20
_LEFT = (ReminderState.SENT, ReminderState.UNKNOWN)
_ENDED = (*_LEFT, ReminderState.FAILED)
VIOLATIONS = {
    "not_entered": _("Việc đến hạn mà sổ không có dòng nào"),
    "given_up": _("Việc vẫn còn mà mọi dòng đều bỏ qua"),
    "two_rows": _("Một việc ghi đã gửi hai lần"),
    "empty_message": _("Tin đã gửi mà không có dòng nào"),
    "accepted_twice": _("Thư tới máy chủ nhiều lần mà không được gửi lại"),
    "not_in_ledger": _("Thư tới máy chủ mà sổ không biết"),
    "not_accepted": _("Thư ghi đã gửi mà máy chủ không nhận"),
    "out_of_hours": _("Thư gửi ngoài giờ làm việc"),
    "invariant": _("Sổ hoặc hồ sơ không như phải có"),
}


@dataclass
class Account:
    """What was found: how many of each, and the names of some."""

    day: date
    occurrences: int = 0
    entered: int = 0
    nobody_to_tell: int = 0
    overtaken: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    repeated: int = 0
    unknown: list[str] = field(default_factory=list)
    violations: Counter[str] = field(default_factory=Counter)
    named: dict[str, list[str]] = field(default_factory=dict)

    def note(self, kind: str, names: Iterable[str]) -> None:
        """Count violations of one kind and keep the names of the first."""
        for name in names:
            self.violations[kind] += 1
            kept = self.named.setdefault(kind, [])
            if len(kept) < MOST_NAMED:
                kept.append(name)


def close_books(day: date, journal: Path | None = None) -> Account:
    """Return the account of everything due by ``day``; ``journal`` is what a mail server says it accepted.

    Memory grows with the mails of the journal (their identities), not with what is due.
    """
    account = Account(day)
    scene = Scene.on(day)
    for source in SOURCES.values():
        for due in due_in_chunks(source, scene):
            _occurrences(account, due, source.occasion, scene)
    _ledger(account)
    if journal is not None:
        _mails(account, accepted_in(journal))
    return account


def accepted_in(journal: Path) -> Counter[str]:
    """Return how often each Message-ID was accepted; a last line cut short was never answered."""
    found: Counter[str] = Counter()
    with journal.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                found[json.loads(line)["identity"]] += 1
    return found


def _occurrences(account: Account, due: list[Occurrence], occasion: str, scene: Scene) -> None:
    """Account for some occurrences of one kind."""
    states: dict[tuple, set[tuple]] = {}
    rows = Reminder.objects.filter(rule=occasion, subject__in={one.anchor.subject for one in due})
    told_before = AlreadyTold()
    columns = ("subject", "anchor_on", "occurrence_on", "state", "reason")
    for subject, anchor_on, day, state, reason in rows.values_list(*columns):
        states.setdefault((subject, day), set()).add((state, reason))
        told_before.note(subject, anchor_on, day, state)
    known = [one for one in due if (one.anchor.subject, one.occurrence_on) in states]
    absent = [one for one in due if (one.anchor.subject, one.occurrence_on) not in states]
    missing = [one for one in absent if not told_before.overtakes(one)]
    account.overtaken += len(absent) - len(missing)
    told = recipients_of(missing, scene) if missing else {}
    owed = [one for one in missing if _reaches_anybody(told[one.key])]
    account.occurrences += len(due)
    account.entered += len(known)
    account.nobody_to_tell += len(missing) - len(owed)
    account.note("not_entered", (f"{occasion} {one.anchor.subject} {one.occurrence_on}" for one in owed))
    account.note(
        "given_up",
        (
            f"{occasion} {one.anchor.subject} {one.occurrence_on}"
            for one in known
            if _is_given_up(states[one.anchor.subject, one.occurrence_on])
        ),
    )


def _is_given_up(states: set[tuple]) -> bool:
    """Whether all rows of an occurrence that stands were skipped, some because it did not stand."""
    return all(state == ReminderState.SKIPPED for state, _ in states) and any(why in RETURNING for _, why in states)


def _reaches_anybody(told) -> bool:
    return any(CHANNELS[channel].is_on() for person in told for channel in person.channels)


def _ledger(account: Account) -> None:
    """Count rows and messages by state, and look for what no ledger may hold."""
    counts = Reminder.objects.order_by().values_list("state", "reason").annotate(n=Count("pk"))
    for state, reason, count in counts:
        account.rows[state] += count
        if state == ReminderState.SKIPPED:
            account.skipped[reason] += count
    messages = ReminderMessage.objects.order_by()
    account.messages.update(dict(messages.values_list("state").annotate(n=Count("pk"))))
    unknown = messages.filter(state=ReminderState.UNKNOWN).order_by("pk")
    account.unknown = list(unknown.values_list("identity", flat=True)[:MOST_NAMED])
    one = ("rule", "subject", "occurrence_on", "recipient", "channel")
    twice = (
        Reminder.objects.filter(state__in=_LEFT).order_by().values_list(*one).annotate(n=Count("pk")).filter(n__gt=1)
    )
    account.note("two_rows", (" ".join(map(str, row[:5])) for row in twice.iterator(CHUNK)))
    empty = messages.filter(state__in=_ENDED, rows__isnull=True)
    account.note("empty_message", empty.values_list("identity", flat=True).iterator(CHUNK))


def _mails(account: Account, accepted: Counter[str]) -> None:
    """Hold what a mail server accepted against the messages of the ledger."""
    account.accepted = accepted.total()
    account.repeated = account.accepted - len(accepted)
    for chunk in _chunks(accepted):
        mine = {row.identity: row for row in ReminderMessage.objects.filter(identity__in=chunk)}
        account.note("not_in_ledger", (name for name in chunk if name not in mine or not _may_have_left(mine[name])))
        again = [name for name in chunk if accepted[name] > 1 and not (name in mine and _may_go_again(mine[name]))]
        account.note("accepted_twice", again)
    sent = ReminderMessage.objects.filter(channel=ReminderChannel.MAIL, state=ReminderState.SENT).order_by("pk")
    identities = sent.values_list("identity", flat=True).iterator(CHUNK)
    account.note("not_accepted", (name for name in identities if name not in accepted))


def _may_have_left(message: ReminderMessage) -> bool:
    return message.state in _LEFT or _may_go_again(message)


def _may_go_again(message: ReminderMessage) -> bool:
    """Whether its rules or a person let a message go although it may have gone before."""
    return message.may_repeat or message.resent_at is not None


def _chunks(names: Iterable[str]) -> Iterator[list[str]]:
    names = iter(names)
    while chunk := list(islice(names, CHUNK)):
        yield chunk
