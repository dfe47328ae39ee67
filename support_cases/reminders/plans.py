"""What lies ahead: every occurrence of what stands, what became of it, to whom and when it will go. Pure reading.

It asks the sources, the recipients and the holds that the sweep and the sending ask, so it cannot say otherwise.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from htx_portal.accounts.models import User
from support_cases.choices import UNDER_WAY, ReminderState
from support_cases.models import Reminder
from support_cases.reminders.channels import CHANNELS
from support_cases.reminders.entering import PASSED_ON, RETURNING, made_up_since, timely
from support_cases.reminders.holds import Verdict, held
from support_cases.reminders.occasions import Anchor, Occurrence, Scene, Within, anchor_span, occurrences_of
from support_cases.reminders.recipients import Told, recipients_of
from support_cases.reminders.sources import SOURCES

#: Far enough for the latest offset a rule may have, and a year for the day it counts from.
_FARTHEST = timedelta(days=2200)
_NEAR = timedelta(days=120)
_YEAR = timedelta(days=400)
_EARLIEST, _LATEST = date(1990, 1, 1), date(2200, 1, 1)


class Standing(TextChoices):
    """Where one occurrence stands."""

    AHEAD = "ahead", _("Sắp tới")
    PENDING = "pending", _("Đang chờ gửi")
    DONE = "done", _("Đã xong")
    TOO_OLD = "too_old", _("Quá lâu nên không nhắc bù")


@dataclass(frozen=True)
class Delivery:
    """One person by one channel: with a row of the ledger or not yet, when it goes and what stands against it.

    ``day`` is None when it will not go.
    """

    told: Told
    channel: str
    row: Reminder | None
    verdict: Verdict | None
    day: date | None


@dataclass(frozen=True)
class Plan:
    """One occurrence, the rows the ledger has of it, and what is still to go."""

    occasion: str
    one: Occurrence
    standing: Standing
    rows: Sequence[Reminder]
    deliveries: Sequence[Delivery]

    @property
    def day(self) -> date | None:
        """The day on which the next of it goes, or None."""
        return min((d.day for d in self.deliveries if d.day), default=None)

    @property
    def goes_to(self) -> list[Told]:
        """Who will be told on that day, each once."""
        day = self.day
        return list({d.told.person.pk: d.told for d in self.deliveries if d.day and d.day == day}.values())


def anchors_of_cases(cases: Iterable[int], scene: Scene) -> Iterator[tuple[str, Anchor]]:
    """Yield everything that stands in some cases, with its occasion; a query or two for each source with rules."""
    within = Within(cases=frozenset(cases))
    for code, source in SOURCES.items():
        if _has_rules(code, scene):
            for anchor in source.anchors(_EARLIEST, _LATEST, scene.today, within):
                yield code, anchor


def anchors_of_cooperative(cooperative: int, scene: Scene) -> Iterator[tuple[str, Anchor]]:
    """Yield what stands for a cooperative outside of cases and comes up within a year, with its occasion."""
    within = Within(cooperatives=frozenset([cooperative]))
    for code, source in SOURCES.items():
        if _has_rules(code, scene):
            span = anchor_span(scene.rules[code], made_up_since(scene.rules[code], scene), scene.today + _YEAR)
            for anchor in source.anchors(*span, scene.today, within):
                if anchor.case_id is None:
                    yield code, anchor


def plans_of(
    anchors: Iterable[tuple[str, Anchor]], scene: Scene, now: datetime, most_ahead: int = 6
) -> dict[tuple[str, str], list[Plan]]:
    """Return the plans of each anchor by occasion and subject, at most ``most_ahead`` ahead; eight queries in all."""
    found = {(code, anchor.subject): _occurrences(anchor, code, scene, most_ahead) for code, anchor in anchors}
    every = [one for occurrences in found.values() for one in occurrences]
    rows = _rows_of(every)
    told = recipients_of(every, scene)
    drafts = {one.key: _draft(one, rows[one.key], told[one.key], scene) for one in every}
    verdicts = _verdicts(drafts, every, scene, now)
    return {key: [_plan(one, drafts[one.key], verdicts, now, scene) for one in ones] for key, ones in found.items()}


@dataclass(frozen=True)
class _Draft:
    standing: Standing
    rows: Sequence[Reminder]
    #: What is still to go, as rows of the ledger or as rows that would be written; these have numbers below zero.
    open: Sequence[tuple[Told, Reminder]]


def _has_rules(code: str, scene: Scene) -> bool:
    return any(rule.offset_list for rule in scene.rules.get(code, ()))


def _occurrences(anchor: Anchor, code: str, scene: Scene, most_ahead: int) -> list[Occurrence]:
    """Return what is not too old to be made up for, and the next ones ahead."""
    rules, today = scene.rules[code], scene.today
    near = occurrences_of(anchor, rules, made_up_since(rules, scene), today + _NEAR, scene.calendar)
    past = [one for one in near if one.run_on <= today]
    ahead = [one for one in near if one.run_on > today]
    if not ahead:
        ahead = occurrences_of(anchor, rules, today + _NEAR, today + _FARTHEST, scene.calendar)
    return past[-12:] + ahead[:most_ahead]


def _rows_of(occurrences: Sequence[Occurrence]) -> dict[tuple, list[Reminder]]:
    rows: dict[tuple, list[Reminder]] = defaultdict(list)
    if occurrences:
        lines = Reminder.objects.filter(
            rule__in={one.rules[0].occasion for one in occurrences},
            subject__in={one.anchor.subject for one in occurrences},
            occurrence_on__gte=min(one.occurrence_on for one in occurrences),
        )
        for row in lines.select_related("recipient", "instead_of", "message").order_by("pk"):
            rows[row.rule, row.subject, row.occurrence_on].append(row)
    return rows


def _draft(one: Occurrence, rows: Sequence[Reminder], told: Sequence[Told], scene: Scene) -> _Draft:
    """Return what is still to go of one occurrence, before anything that may stand against it."""
    in_time = timely(one, scene) is not None
    wanted = [(person, channel) for person in told for channel in sorted(person.channels) if CHANNELS[channel].is_on()]
    if not rows:
        if one.run_on <= scene.today and not in_time:
            return _Draft(Standing.TOO_OLD, rows, ())
        standing = Standing.AHEAD if one.run_on > scene.today else Standing.PENDING
        return _Draft(standing, rows, [(person, _row(one, person, channel)) for person, channel in wanted])
    known = {(row.recipient_id, row.channel): row for row in rows}
    written = [(person, known.get((person.person.pk, channel)), channel) for person, channel in wanted]
    if any(row.state in UNDER_WAY for row in rows):
        still = [(p, row or _row(one, p, channel)) for p, row, channel in written if row is None or _is_open(row)]
    elif in_time and all(row.state == ReminderState.SKIPPED for row in rows):
        still = [(p, row) for p, row, _channel in written if row and _comes_back(row)]
    else:
        still = []
    return _Draft(Standing.PENDING if still else Standing.DONE, rows, still)


def _is_open(row: Reminder) -> bool:
    return row.state in UNDER_WAY or _comes_back(row)


def _comes_back(row: Reminder) -> bool:
    """Whether a row was given up for a reason that has passed, since the thing stands."""
    return row.state == ReminderState.SKIPPED and row.reason in (*RETURNING, *PASSED_ON)


_unwritten = count(-1, -1)


def _row(one: Occurrence, told: Told, channel: str) -> Reminder:
    """Return the row the ledger would get, which is never written."""
    return Reminder(
        pk=next(_unwritten),
        rule=one.rules[0].occasion,
        subject=one.anchor.subject,
        occurrence_on=one.occurrence_on,
        case_id=one.anchor.case_id,
        cooperative_id=one.anchor.cooperative_id,
        founding_group_id=one.anchor.founding_group_id,
        recipient=told.person,
        channel=channel,
        state=ReminderState.DUE,
    )


def _verdicts(
    drafts: dict[tuple, _Draft], every: Sequence[Occurrence], scene: Scene, now: datetime
) -> dict[int, Verdict]:
    rows, standing, days = [], {}, {}
    for one in every:
        for _told, row in drafts[one.key].open:
            rows.append(row)
            standing[row.pk] = one
            days[row.pk] = max(one.run_on, timezone.localdate(scene.next_opening(now)))
    return held(rows, standing, days, scene) if rows else {}


def _plan(one: Occurrence, draft: _Draft, verdicts: dict[int, Verdict], now: datetime, scene: Scene) -> Plan:
    deliveries = []
    for told, row in draft.open:
        verdict = verdicts.get(row.pk)
        deliveries.append(
            Delivery(told, row.channel, row if row.pk > 0 else None, verdict, _day(one, row, verdict, now, scene))
        )
    return Plan(one.rules[0].occasion, one, draft.standing, draft.rows, deliveries)


def _day(one: Occurrence, row: Reminder, verdict: Verdict | None, now: datetime, scene: Scene) -> date | None:
    """Return the day on which a row goes as things stand, or None when it will not."""
    if verdict is not None and verdict.until is None:
        return None
    earliest = max(now, scene.opening(max(one.run_on, verdict.until if verdict and verdict.until else one.run_on)))
    if row.run_at:
        earliest = max(earliest, row.run_at)
    return timezone.localdate(scene.next_opening(earliest))


def people_of(plan: Plan) -> list[User]:
    """Return everybody a plan is for, held back or not, each once."""
    return list({d.told.person.pk: d.told.person for d in plan.deliveries}.values())
