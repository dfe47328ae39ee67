"""``log_consultation()``: the only act that records a lượt."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.models import Cooperative, FoundingGroup, moment_to_record
from cooperatives.text import nfc_lines
from support_cases.cases import open_case
from support_cases.choices import Channel, Outcome
from support_cases.models import Case, Consultation, ConsultationTopic, FollowUp
from support_cases.models.consultation import end_of
from support_cases.reports.tallies import count_entry
from support_cases.reports.versions import raise_version
from support_cases.support_types import SUPPORT_TYPES

MOST_CHARACTERS = 10_000
_EARLIEST = date(2000, 1, 1)
_FURTHEST_FOLLOW_UP = timedelta(days=2 * 366)


class SameIdOtherEntry(NotAllowedNow):
    """The ``client_id`` was used before for an entry that says something else."""

    def __init__(self):
        super().__init__([_("Mã lần gửi này đã dùng cho một lần tư vấn có nội dung khác.")])


@dataclass(frozen=True)
class Entry:
    """What an officer records of one consultation with one party.

    ``cases`` are existing cases of the same party; ``open_topics`` are topics for which a new case is to be
    opened along with the entry.
    """

    client_id: UUID
    party: Cooperative | FoundingGroup
    held_on: date
    channel: str
    topics: Sequence[str]
    question: str
    outcome: str
    advice: str = ""
    follow_up_on: date | None = None
    cases: Sequence[Case] = field(default_factory=tuple)
    open_topics: Sequence[str] = field(default_factory=tuple)

    def fingerprint(self) -> str:
        """Return a digest of everything but the id: equal for a repeat, different for another entry."""
        said = [
            type(self.party).__name__,
            self.party.pk,
            self.held_on.isoformat(),
            self.channel,
            sorted(set(self.topics)),
            sorted(case.reference for case in self.cases),
            sorted(set(self.open_topics)),
            nfc_lines(self.question),
            nfc_lines(self.advice),
            self.outcome,
            self.follow_up_on.isoformat() if self.follow_up_on else None,
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def log_consultation(
    entry: Entry,
    *,
    by,
    today: date,
    officer=None,
    recorded_at: datetime | None = None,
    is_demo: bool = False,
) -> tuple[Consultation, bool]:
    """Record one consultation, one lượt, and return it with whether it is new.

    One transaction holds the entry, its topics, its links, the cases it opens, its follow-up and the
    version of the figures. The same ``client_id`` sent again returns the first row and records nothing,
    also when both requests run at the same moment.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
        SameIdOtherEntry: when the id was used for another entry.
    """
    first = _already_recorded(entry)
    if first is not None:
        return first, False
    problems = _problems(entry, today)
    if problems:
        raise InvalidEntry(problems)
    try:
        with transaction.atomic():
            row = _write(entry, by, officer or by, today, recorded_at, is_demo)
    except IntegrityError:
        # Another request with the same id won the race; anything else is a real error.
        first = _already_recorded(entry)
        if first is None:
            raise
        return first, False
    return row, True


def finish_follow_up(follow_up: FollowUp, *, by, today: date) -> bool:
    """Mark an appointment as done and return whether this call did it.

    A second click changes nothing, and nothing is left to do for an entry that was voided. It is done on a day that no
    closing has counted as over.
    """
    # Without a join: with one the condition on the row moves into a sub-query, which PostgreSQL does not ask again
    # after it waited for another click, and both of two would have done it.
    standing = Consultation.objects.standing().order_by()
    still_open = FollowUp.objects.filter(pk=follow_up.pk, done_on__isnull=True, consultation__in=standing)
    with transaction.atomic():
        moment = moment_to_record(end_of(today) - timedelta.resolution)
        return bool(still_open.update(done_on=timezone.localdate(moment), done_by=by))


def follow_up_problems(held_on: date | None, follow_up_on: date | None, outcome: str | None) -> list[str]:
    """Return what is wrong with the day of an appointment; ``held_on`` is None while that day is not known."""
    if follow_up_on is None:
        return [_("Kết quả là hẹn làm việc tiếp thì cần ngày hẹn.")] if outcome == Outcome.FOLLOW_UP else []
    if held_on is None:
        return []
    if follow_up_on < held_on:
        return [_("Ngày hẹn không thể trước ngày tư vấn.")]
    if follow_up_on > held_on + _FURTHEST_FOLLOW_UP:
        return [_("Ngày hẹn xa quá hai năm, xin kiểm tra năm.")]
    return []


def _already_recorded(entry: Entry) -> Consultation | None:
    """Return the row recorded under this id, or None.

    Raises:
        SameIdOtherEntry: when it says something else.
    """
    first = next(iter(Consultation.objects.order_by().filter(client_id=entry.client_id)[:1]), None)
    if first is not None and first.fingerprint != entry.fingerprint():
        raise SameIdOtherEntry
    return first


def _write(entry: Entry, by, officer, today: date, recorded_at: datetime | None, is_demo: bool) -> Consultation:
    """Write all rows of one entry; runs inside the transaction of the caller."""
    recorded_at = moment_to_record(recorded_at)
    raise_version(entry.held_on)
    row = Consultation.objects.create(
        client_id=entry.client_id,
        fingerprint=entry.fingerprint(),
        cooperative=entry.party if isinstance(entry.party, Cooperative) else None,
        founding_group=entry.party if isinstance(entry.party, FoundingGroup) else None,
        held_on=entry.held_on,
        recorded_at=recorded_at,
        officer=officer,
        recorded_by=by,
        channel=entry.channel,
        question=nfc_lines(entry.question),
        advice=nfc_lines(entry.advice),
        outcome=entry.outcome,
        is_demo=is_demo,
    )
    topics = dict.fromkeys([*entry.topics, *entry.open_topics])
    ConsultationTopic.objects.bulk_create([ConsultationTopic(consultation=row, topic=t) for t in topics])
    count_entry(row, topics, 1)
    opened = [
        open_case(
            party=entry.party,
            topic=topic,
            title=_title_from(entry.question),
            by=by,
            officer=officer,
            today=today,
            opened_on=entry.held_on,
            is_demo=is_demo,
        )
        for topic in dict.fromkeys(entry.open_topics)
    ]
    linked = [*entry.cases, *opened]
    if linked:
        row.cases.add(*linked)
    if entry.follow_up_on:
        FollowUp.objects.create(consultation=row, due_on=entry.follow_up_on, officer=officer)
    row.remember_lists(list(topics), linked, entry.follow_up_on)
    return row


def _title_from(question: str) -> str:
    """Return the first line of the question, shortened at a word to fit a title."""
    line = nfc_lines(question).split("\n")[0]
    return line if len(line) <= 120 else line[:119].rsplit(" ", 1)[0] + "…"


def _problems(entry: Entry, today: date) -> dict[str, list[str]]:
    """Return what cannot be right in ``entry``, by field."""
    held_problems = _held_problems(entry, today)
    found = {
        "held_on": held_problems,
        "topics": _topic_problems(entry),
        "channel": [] if entry.channel in Channel.values else [_("Không có hình thức này.")],
        "outcome": [] if entry.outcome in Outcome.values else [_("Không có kết quả này.")],
        "question": _text_problems(entry.question, _("Cần ghi nội dung HTX hỏi.")),
        "advice": _text_problems(entry.advice, None),
        # Measured from the day of the consultation, so a wrong day there would only double the message.
        "follow_up_on": [] if held_problems else follow_up_problems(entry.held_on, entry.follow_up_on, entry.outcome),
        "cases": _case_problems(entry),
    }
    return {name: messages for name, messages in found.items() if messages}


def _held_problems(entry: Entry, today: date) -> list[str]:
    if entry.held_on > today:
        return [_("Ngày tư vấn không thể ở tương lai.")]
    if entry.held_on < _EARLIEST:
        return [_("Ngày tư vấn quá xa trong quá khứ, xin kiểm tra năm.")]
    if isinstance(entry.party, Cooperative):
        began = entry.party.registered_on
        if began and entry.held_on < began:
            return [
                _(
                    "HTX đăng ký ngày %(day)s, chưa thể được tư vấn trước ngày đó. "
                    "Nếu khi ấy còn là nhóm sáng lập, hãy ghi cho nhóm."
                )
                % {"day": f"{began:%d/%m/%Y}"}
            ]
    elif entry.held_on < entry.party.formed_on:
        return [_("Nhóm sáng lập lập ngày %(day)s, sau ngày tư vấn.") % {"day": f"{entry.party.formed_on:%d/%m/%Y}"}]
    return []


def _topic_problems(entry: Entry) -> list[str]:
    topics = [*entry.topics, *entry.open_topics]
    if not topics:
        return [_("Chọn ít nhất một nội dung.")]
    unknown = [topic for topic in topics if topic not in SUPPORT_TYPES]
    return [_("Không có nội dung “%(topic)s”.") % {"topic": topic} for topic in unknown]


def _text_problems(text: str, when_empty: str | None) -> list[str]:
    said = nfc_lines(text)
    if not said and when_empty:
        return [when_empty]
    if len(said) > MOST_CHARACTERS:
        return [_("Tối đa %(most)s ký tự.") % {"most": MOST_CHARACTERS}]
    return []


def _case_problems(entry: Entry) -> list[str]:
    foreign = [case.reference for case in entry.cases if entry.party not in (case.cooperative, case.founding_group)]
    return [_("Hồ sơ %(reference)s không thuộc HTX này.") % {"reference": ref} for ref in foreign]
