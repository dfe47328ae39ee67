"""The arithmetic of reminders: from the day of an occasion and a rule to the day and hour somebody is told.

Pure functions over rows already read; ``today`` comes in with the :class:`Scene`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from cooperatives.calendar import WorkCalendar, add_months
from cooperatives.models import Holiday, LegalRule
from htx_portal.accounts.models import Role, User
from support_cases.choices import OffsetUnit
from support_cases.models import Absence, Case, Reminder, ReminderRule

#: The office's own hours, where its rules name none.
_OPENS, _CLOSES, _THRESHOLD = 7, 17, 5
_OPENS_KEY, _CLOSES_KEY = "reminder.window_opens_hour", "reminder.window_closes_hour"
_THRESHOLD_KEY = "reminder.digest_above"
#: Nothing an office reminds of is older; a rule that repeats looks back as far.
_EARLIEST = date(1990, 1, 1)
_ONE_DAY = timedelta(days=1)


class Anchor(NamedTuple):
    """One thing people may be reminded of, with the day rules count from.

    ``subject`` names it for ever (``<what>/<number>`` and what tells several of one row apart). ``officers`` are the
    keys of the people in charge; empty where the cooperative's officer has to be found. ``more_cases`` are cases it
    belongs to besides ``case_id``.
    """

    subject: str
    anchor_on: date
    case_id: int | None = None
    cooperative_id: int | None = None
    founding_group_id: int | None = None
    officers: tuple[int, ...] = ()
    detail: str = ""
    more_cases: tuple[int, ...] = ()

    @classmethod
    def of_case(cls, case: Case, subject: str, anchor_on: date, detail: str = "") -> "Anchor":
        """Return an anchor that is the business of a case's officer."""
        return cls(
            subject,
            anchor_on,
            case_id=case.pk,
            cooperative_id=case.cooperative_id,
            founding_group_id=case.founding_group_id,
            officers=(case.officer_id,),
            detail=detail,
        )

    def row(self, occasion: str, **values: Any) -> Reminder:
        """Return an unsaved row of the ledger about this, with ``values`` for whom, when and how."""
        return Reminder(
            rule=occasion,
            subject=self.subject,
            detail=self.detail,
            anchor_on=self.anchor_on,
            case_id=self.case_id,
            cooperative_id=self.cooperative_id,
            founding_group_id=self.founding_group_id,
            **values,
        )


class Occurrence(NamedTuple):
    """One day around an anchor on which somebody is to be told, by the rules that name that day.

    ``occurrence_on`` is the day as counted; ``run_on`` the working day on which people are told: what is due on a
    day off is told before it, what follows up on one after it. ``offset`` is counted in the unit of the rules.
    """

    anchor: Anchor
    occurrence_on: date
    run_on: date
    offset: int
    rules: tuple[ReminderRule, ...]

    @property
    def key(self) -> tuple[str, str, date]:
        """What tells occurrences apart: two occasions may speak of one subject on one day."""
        return self.rules[0].occasion, self.anchor.subject, self.occurrence_on


@dataclass(frozen=True)
class Within:
    """Which anchors a source is asked for: all, those of some cases or cooperatives, or some subjects by name."""

    cases: frozenset[int] | None = None
    cooperatives: frozenset[int] | None = None
    subjects: frozenset[str] | None = None

    def narrow(self, rows, *, pk: str = "pk", case: str = "", cooperative: str = ""):
        """Return ``rows`` restricted; the arguments name the columns that hold each of them.

        What a source has no column for it has nothing of.
        """
        if self.subjects is not None:
            rows = rows.filter(**{f"{pk}__in": self.numbers})
        for column, wanted in ((case, self.cases), (cooperative, self.cooperatives)):
            if wanted is not None:
                rows = rows.filter(**{f"{column}__in": wanted}) if column else rows.none()
        return rows

    @property
    def numbers(self) -> set[int]:
        """The numbers of the rows the subjects name."""
        return {int(subject.split("/")[1]) for subject in self.subjects or ()}

    def admits(self, anchor: Anchor) -> bool:
        """Whether an anchor is one of the subjects asked for by name."""
        return self.subjects is None or anchor.subject in self.subjects


@dataclass(frozen=True)
class Scene:
    """What every decision of one day needs, read once."""

    today: date
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    rules: Mapping[str, Sequence[ReminderRule]] = field(default_factory=dict)
    opens: int = _OPENS
    closes: int = _CLOSES
    digest_above: int = _THRESHOLD
    managers: Sequence[User] = ()
    absences: Mapping[int, Sequence[Absence]] = field(default_factory=dict)

    @classmethod
    def on(cls, today: date) -> "Scene":
        """Return the scene of ``today``: six queries, none of which grows with cases or cooperatives."""
        rules: dict[str, list[ReminderRule]] = defaultdict(list)
        for rule in ReminderRule.objects.all():
            rules[rule.occasion].append(rule)
        opens = _hour(LegalRule.objects.days(_OPENS_KEY, today), _OPENS)
        closes = _hour(LegalRule.objects.days(_CLOSES_KEY, today), _CLOSES)
        above = LegalRule.objects.days(_THRESHOLD_KEY, today)
        absences: dict[int, list[Absence]] = defaultdict(list)
        # Up to a year back: what is made up for after an outage is decided by the day it was due on.
        for row in Absence.objects.filter(last_day__gte=today - timedelta(days=366)).select_related("stand_in"):
            absences[row.person_id].append(row)
        return cls(
            today=today,
            calendar=Holiday.objects.work_calendar(),
            rules=dict(rules),
            opens=opens if opens < closes else _OPENS,
            closes=closes if opens < closes else _CLOSES,
            digest_above=_THRESHOLD if above is None else above,
            managers=list(User.objects.filter(role=Role.MANAGER, is_active=True).order_by("pk")),
            absences=dict(absences),
        )

    @property
    def horizon(self) -> date:
        """The last day whose reminders may go out today: before days off those of the days off too."""
        return self.calendar.next_working_day(self.today + _ONE_DAY) - _ONE_DAY

    def opening(self, day: date) -> datetime:
        """Return the moment from which people may be told on ``day``."""
        return timezone.make_aware(datetime.combine(day, time(self.opens)))

    def is_open(self, now: datetime) -> bool:
        """Whether messages may leave now: in working hours of a working day."""
        local = timezone.localtime(now)
        return self.calendar.is_working_day(local.date()) and self.opens <= local.hour < self.closes

    def next_opening(self, now: datetime) -> datetime:
        """Return the first moment from ``now`` on at which messages may leave."""
        if self.is_open(now):
            return now
        local = timezone.localtime(now)
        later = local.date() if local.hour < self.opens else local.date() + _ONE_DAY
        return self.opening(self.calendar.next_working_day(later))

    def stand_in(self, person: User, day: date) -> tuple[User, User | None]:
        """Return who is told in place of ``person`` on ``day``, and whom they stand in for, if anybody.

        A stand-in who is away too has one in turn; where all of a circle are away the person is told after all.
        """
        seen, told = {person.pk}, person
        while absence := next((a for a in self.absences.get(told.pk, ()) if a.first_day <= day <= a.last_day), None):
            # Who has left the office, or now acts for a cooperative, is not told of others' work.
            if absence.stand_in_id in seen or not (absence.stand_in.is_active and absence.stand_in.may_review):
                return person, None
            told = absence.stand_in
            seen.add(told.pk)
        return (told, person) if told.pk != person.pk else (person, None)


def _hour(value: int | None, usual: int) -> int:
    """Return an hour of the rules, or the usual one where they name none a clock has."""
    return value if value is not None and 0 <= value < 24 else usual


def fire_on(anchor_on: date, offset: int, unit: str, calendar: WorkCalendar) -> date:
    """Return the day ``offset`` units away from the day of the occasion."""
    if unit == OffsetUnit.MONTH:
        return add_months(anchor_on, offset)
    if unit == OffsetUnit.WORKING_DAY:
        return calendar.shift(anchor_on, offset)
    return anchor_on + timedelta(days=offset)


def run_on(day: date, offset: int, calendar: WorkCalendar) -> date:
    """Return the working day on which people are told of what is counted for ``day``.

    Before or on the day of the occasion the last one up to it, so that nobody learns after Tết what was due in it;
    after the occasion the next one.
    """
    if offset > 0:
        return calendar.next_working_day(day)
    while not calendar.is_working_day(day):
        day -= _ONE_DAY
    return day


def occurrences_of(
    anchor: Anchor, rules: Iterable[ReminderRule], first: date, last: date, calendar: WorkCalendar
) -> list[Occurrence]:
    """Return the occurrences of ``anchor`` counted for the days from ``first`` to ``last``, in order.

    Rules that name the same day are one occurrence; a rule counts on the days it is in force on.
    """
    found: dict[date, tuple[int, list[ReminderRule]]] = {}
    for rule in rules:
        for offset, day in _days_of(rule, anchor.anchor_on, first, last, calendar):
            if rule.in_force(day):
                found.setdefault(day, (offset, []))[1].append(rule)
    return [
        Occurrence(anchor, day, run_on(day, offset, calendar), offset, tuple(named))
        for day, (offset, named) in sorted(found.items())
    ]


def anchor_span(rules: Iterable[ReminderRule], first: date, last: date) -> tuple[date, date]:
    """Return between which days anchors must lie for an occurrence from ``first`` to ``last``, rather too wide."""
    spans = [_span(rule, first, last) for rule in rules if rule.offset_list]
    return min(low for low, _high in spans), max(high for _low, high in spans)


def _days_of(
    rule: ReminderRule, anchor_on: date, first: date, last: date, calendar: WorkCalendar
) -> Iterator[tuple[int, date]]:
    """Yield the offsets of a rule and their days between two days."""
    for offset in rule.offset_list:
        day = fire_on(anchor_on, offset, rule.unit, calendar)
        if first <= day <= last:
            yield offset, day
    if rule.repeat_every and rule.offset_list:
        yield from _repeats(rule, anchor_on, first, last, calendar)


def _repeats(
    rule: ReminderRule, anchor_on: date, first: date, last: date, calendar: WorkCalendar
) -> Iterator[tuple[int, date]]:
    latest = rule.offset_list[-1]
    passed = _units_before(first, anchor_on, rule.unit, calendar)
    offset = latest + max(0, (passed - latest) // rule.repeat_every) * rule.repeat_every
    while (day := fire_on(anchor_on, offset := offset + rule.repeat_every, rule.unit, calendar)) <= last:
        if first <= day:
            yield offset, day


def _units_before(first: date, anchor_on: date, unit: str, calendar: WorkCalendar) -> int:
    """Return a number of units after an anchor that surely ends before ``first``, as large as is easily known."""
    if unit == OffsetUnit.MONTH:
        return (first.year - anchor_on.year) * 12 + first.month - anchor_on.month - 1
    if unit == OffsetUnit.WORKING_DAY:
        return calendar.working_days_between(anchor_on, first - _ONE_DAY)
    return (first - anchor_on).days - 1


def _span(rule: ReminderRule, first: date, last: date) -> tuple[date, date]:
    offsets = rule.offset_list
    low = _EARLIEST if rule.repeat_every else _back(first, offsets[-1], rule.unit, -1)
    return low, _back(last, offsets[0], rule.unit, 1)


def _back(day: date, offset: int, unit: str, margin: int) -> date:
    """Return a day that is surely not later (``margin`` -1) or not earlier (1) than ``offset`` units before ``day``."""
    if unit == OffsetUnit.CALENDAR_DAY:
        return day - timedelta(days=offset)
    if unit == OffsetUnit.MONTH:
        return add_months(day, -offset) + margin * timedelta(days=4)
    # A working day lasts one to two days, and Tết or its like lies between.
    stretched = offset if (offset > 0) == (margin > 0) else offset * 2
    return day - timedelta(days=stretched) + margin * timedelta(days=40)
