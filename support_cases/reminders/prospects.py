"""What a person will be reminded of in the time ahead, as far as it is known today."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from cooperatives.models import Cooperative, FoundingGroup
from htx_portal.accounts.models import User
from support_cases.choices import Audience, Occasion
from support_cases.models import Case, Consultation, Reminder, ReminderRule
from support_cases.reminders.occasions import Anchor, Scene, Within, anchor_span, occurrences_of
from support_cases.reminders.recipients import responsible_officers
from support_cases.reminders.sources import SOURCES
from support_cases.reminders.sources.base import Source

#: Shown as days of their own, whoever is reminded of them.
_SHOWN_OTHERWISE = (Occasion.FOLLOW_UP_DUE, Occasion.CASE_DEADLINE, Occasion.REFERRAL_ESCALATED)
#: Nobody has more matters of one kind in a year; the rest is left out rather than filling the memory.
_MOST_OF_A_KIND = 2000


@dataclass(frozen=True)
class Owners:
    """Whose work reaches a person: their own, and that of those they stand in for."""

    person: User
    people: Mapping[int, User]
    scene: Scene

    @classmethod
    def of(cls, person: User, scene: Scene) -> "Owners":
        """Return the owners as the absences of ``scene`` have it; one query where there are any."""
        found, grown = {person.pk}, True
        while grown:
            more = {
                away
                for away, rows in scene.absences.items()
                if away not in found and any(row.stand_in_id in found and row.last_day >= scene.today for row in rows)
            }
            found, grown = found | more, bool(more)
        others = User.objects.in_bulk(found - {person.pk}) if len(found) > 1 else {}
        return cls(person, {person.pk: person, **others}, scene)

    def told_of(self, owner: int, day: date) -> bool:
        """Whether the person is told on ``day`` of what ``owner`` is in charge of."""
        return owner in self.people and self.scene.stand_in(self.people[owner], day)[0].pk == self.person.pk

    def instead_of(self, owner: int) -> User | None:
        """Return the absent person, or None for the person's own work."""
        return None if owner == self.person.pk else self.people[owner]


def prospects(person: User, owners: Owners | None, scene: Scene, last: date) -> Iterator[Reminder]:
    """Yield what ``person`` will be reminded of up to ``last``, as rows that are never saved.

    ``occurrence_on`` is the day of the thing itself where that is a deadline; of what lasts since a day it is the next
    day people are told. ``owners`` is given for those who work in the office. A few queries for each kind.
    """
    audience = Audience.OFFICER if owners else Audience.COOPERATIVE
    reach = _Reach.of_office(owners) if owners else _Reach.of_member(person)
    found = []
    for code, source in SOURCES.items():
        rules = [rule for rule in scene.rules.get(code, ()) if audience in rule.audience_list and rule.offset_list]
        if rules and code not in _SHOWN_OTHERWISE:
            found += islice(_of_source(source, rules, reach, scene, last), _MOST_OF_A_KIND)
    yield from _with_parties(sorted(found, key=lambda row: (row.occurrence_on, row.rule, row.subject)))


@dataclass(frozen=True)
class _Reach:
    """Which anchors may concern a person; ``charge`` names who is in charge of a cooperative as a whole."""

    person: User
    withins: Sequence[Within]
    owners: Owners | None
    charge: Mapping[int, int]

    @classmethod
    def of_member(cls, person: User) -> "_Reach":
        mine = frozenset(person.memberships.values_list("cooperative", flat=True))
        return cls(person, [Within(cooperatives=mine)], None, dict.fromkeys(mine, person.pk))

    @classmethod
    def of_office(cls, owners: Owners) -> "_Reach":
        people = list(owners.people)
        cases = dict(Case.objects.open().filter(officer__in=people).order_by().values_list("pk", "cooperative"))
        met = Consultation.objects.standing().filter(officer__in=people, cooperative__isnull=False).order_by()
        known = {pk for pk in cases.values() if pk} | set(met.values_list("cooperative", flat=True).distinct())
        charge = {pk: officer for pk, officer in responsible_officers(known).items() if officer in owners.people}
        withins = [Within(cases=frozenset(cases)), Within(cooperatives=frozenset(charge))]
        return cls(owners.person, withins, owners, charge)

    def owner_of(self, anchor: Anchor, day: date) -> int | None:
        """Return through whose work an anchor reaches the person on ``day``; None where it does not."""
        if self.owners is None:
            return self.charge.get(anchor.cooperative_id)
        officers = anchor.officers or (self.charge.get(anchor.cooperative_id),)
        return next((pk for pk in officers if pk is not None and self.owners.told_of(pk, day)), None)


def _of_source(
    source: Source, rules: Sequence[ReminderRule], reach: _Reach, scene: Scene, last: date
) -> Iterator[Reminder]:
    span = (scene.today, last) if source.is_deadline else anchor_span(rules, scene.today, last)
    seen: set[str] = set()
    for within in reach.withins:
        for anchor in source.anchors(*span, scene.today, within):
            day = _day_of(source, anchor, rules, scene, last)
            owner = reach.owner_of(anchor, day) if day else None
            if day and owner is not None and anchor.subject not in seen:
                seen.add(anchor.subject)
                away = reach.owners.instead_of(owner) if reach.owners else None
                yield anchor.row(source.occasion, occurrence_on=day, recipient=reach.person, instead_of=away)


def _day_of(source: Source, anchor: Anchor, rules: Sequence[ReminderRule], scene: Scene, last: date) -> date | None:
    if source.is_deadline:
        return anchor.anchor_on if scene.today <= anchor.anchor_on <= last else None
    ahead = occurrences_of(anchor, rules, scene.today, last, scene.calendar)
    return ahead[0].run_on if ahead else None


def _with_parties(rows: list[Reminder]) -> list[Reminder]:
    """Return the rows with whom and what they are about; three queries."""
    for model, column in ((Case, "case"), (Cooperative, "cooperative"), (FoundingGroup, "founding_group")):
        keys = {getattr(row, f"{column}_id") for row in rows} - {None}
        found = model.objects.in_bulk(keys) if keys else {}
        for row in rows:
            setattr(row, column, found.get(getattr(row, f"{column}_id")))
    return rows
