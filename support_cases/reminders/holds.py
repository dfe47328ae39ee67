"""Asked again at the moment of sending: is this still wanted, by this person, now?"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from support_cases.choices import SkipReason
from support_cases.models import CaseEvent, Consultation, Reminder, ReminderMute
from support_cases.reminders.addresses import addresses_of, refused_among
from support_cases.reminders.occasions import Anchor, Occurrence, Scene, Within, anchor_span, occurrences_of
from support_cases.reminders.recipients import recipients_of
from support_cases.reminders.sources import SOURCES


class Verdict(NamedTuple):
    """Why a row does not go now; with ``until`` it may go from then on, without it never."""

    reason: SkipReason
    until: date | None = None


def standing_occurrences(rows: Sequence[Reminder], scene: Scene) -> dict[int, Occurrence]:
    """Return for each row of the ledger the occurrence it speaks of, as it is counted now; gone ones are left out.

    One query or two for each kind of occasion among the rows.
    """
    found: dict[int, Occurrence] = {}
    by_rule: dict[str, list[Reminder]] = defaultdict(list)
    for row in rows:
        by_rule[row.rule].append(row)
    for code, mine in by_rule.items():
        rules = scene.rules.get(code, ())
        anchors = _anchors(code, mine, scene) if any(rule.offset_list for rule in rules) else {}
        for row in mine:
            anchor = anchors.get(row.subject)
            day = row.occurrence_on
            counted = occurrences_of(anchor, rules, day, day, scene.calendar) if anchor else []
            if counted:
                found[row.pk] = counted[0]
    return found


def _anchors(code: str, rows: Sequence[Reminder], scene: Scene) -> dict[str, Anchor]:
    """Return what rows of one rule speak of as it stands now, by subject."""
    days = [row.occurrence_on for row in rows]
    span = anchor_span(scene.rules[code], min(days), max(days))
    within = Within(subjects=frozenset(row.subject for row in rows))
    return {a.subject: a for a in SOURCES[code].anchors(*span, scene.today, within) if within.admits(a)}


def verdicts(rows: Sequence[Reminder], scene: Scene, now: datetime) -> dict[int, Verdict]:
    """Return by primary key what stands against sending rows of one recipient; rows that may go are left out."""
    standing = standing_occurrences(rows, scene)
    told = {
        key: {person.person.pk: person.channels for person in people}
        for key, people in recipients_of(standing.values(), scene).items()
    }
    found: dict[int, Verdict] = {}
    for row in rows:
        one = standing.get(row.pk)
        if one is None:
            found[row.pk] = Verdict(SOURCES[row.rule].why_over(row))
        elif row.recipient_id not in told[one.key]:
            inactive = not row.recipient.is_active
            found[row.pk] = Verdict(SkipReason.INACTIVE if inactive else SkipReason.OTHER_RECIPIENT)
        elif row.channel not in told[one.key][row.recipient_id]:
            found[row.pk] = Verdict(SkipReason.OTHER_CHANNEL)
    wanted = [row for row in rows if row.pk not in found]
    return found | held(wanted, standing, {row.pk: scene.today for row in wanted}, scene)


def held(
    rows: Sequence[Reminder], standing: Mapping[int, Occurrence], days: Mapping[int, date], scene: Scene
) -> dict[int, Verdict]:
    """Return by primary key what stands against telling its recipient on the row's day of ``days``; four queries."""
    muted = _muted(rows, days)
    acted = _own_acts(rows)
    spoken = _last_contacts(rows, scene)
    cut_off = _unreachable(rows)
    found: dict[int, Verdict] = {}
    for row in rows:
        if row.pk in muted:
            found[row.pk] = Verdict(SkipReason.MUTED)
        elif row.pk in acted:
            found[row.pk] = Verdict(SkipReason.OWN_ACTION)
        elif until := _grace_until(standing[row.pk], spoken.get(row.pk), days[row.pk], scene):
            found[row.pk] = Verdict(SkipReason.GRACE, until)
        elif row.pk in cut_off:
            found[row.pk] = Verdict(cut_off[row.pk])
    return found


def _muted(rows: Sequence[Reminder], days: Mapping[int, date]) -> set[int]:
    """Return the rows whose recipient muted the matter for the row's day."""
    mutes = list(ReminderMute.objects.filter(person__in={row.recipient_id for row in rows}))
    return {
        row.pk
        for row in rows
        for mute in mutes
        if mute.person_id == row.recipient_id
        and mute.covers(days[row.pk])
        and mute.is_about(row.rule, row.case_id, row.cooperative_id)
    }


def _last_contacts(rows: Sequence[Reminder], scene: Scene) -> dict[int, date]:
    """Return the last day anybody spoke with the party of each row, as far as it may matter for a grace."""
    longest = max((rule.grace_days for row in rows for rule in scene.rules.get(row.rule, ())), default=0)
    if not longest:
        return {}
    parties = Q(cooperative__in={row.cooperative_id for row in rows} - {None})
    parties |= Q(founding_group__in={row.founding_group_id for row in rows} - {None})
    since = scene.today - timedelta(days=longest)
    talks = Consultation.objects.standing().filter(parties, held_on__range=(since, scene.today))
    cooperatives: dict[int | None, date] = {}
    groups: dict[int | None, date] = {}
    for cooperative, group, day in talks.order_by("held_on").values_list("cooperative", "founding_group", "held_on"):
        cooperatives[cooperative] = groups[group] = day
    cooperatives.pop(None, None)
    groups.pop(None, None)
    days = {row.pk: (cooperatives.get(row.cooperative_id), groups.get(row.founding_group_id)) for row in rows}
    return {pk: max(filter(None, pair)) for pk, pair in days.items() if any(pair)}


def _grace_until(one: Occurrence, spoken_on: date | None, day: date, scene: Scene) -> date | None:
    """Return the day from which a row may go, held back by the shortest grace of its rules, or None for ``day``."""
    grace = min(rule.grace_days for rule in one.rules)
    if spoken_on is None or not grace:
        return None
    until = scene.calendar.next_working_day(spoken_on + timedelta(days=grace))
    return until if until > day else None


def _own_acts(rows: Sequence[Reminder]) -> set[int]:
    """Return the rows of cases in which the recipient took a step since the day of the occurrence."""
    cases = {row.case_id for row in rows} - {None}
    if not cases:
        return set()
    people = {row.recipient_id for row in rows}
    steps = CaseEvent.objects.filter(case__in=cases, actor__in=people).values_list("case", "actor", "effective_on")
    last: dict[tuple, date] = {}
    for case, actor, day in steps.order_by("effective_on"):
        last[case, actor] = day
    return {
        row.pk
        for row in rows
        if row.case_id and (day := last.get((row.case_id, row.recipient_id))) and day >= row.occurrence_on
    }


def _unreachable(rows: Sequence[Reminder]) -> dict[int, SkipReason]:
    """Return the rows whose recipient their channel does not reach, and why."""
    addresses = addresses_of(rows)
    refused = refused_among(addresses.values())
    found = {pk: SkipReason.NO_ADDRESS for pk, address in addresses.items() if not address}
    return found | {pk: SkipReason.REFUSED_ADDRESS for pk, address in addresses.items() if address in refused}


def grouped(found: Mapping[int, Verdict]) -> Iterable[tuple[Verdict, list[int]]]:
    """Return verdicts with the rows they were given to."""
    rows: dict[Verdict, list[int]] = defaultdict(list)
    for pk, verdict in found.items():
        rows[verdict].append(pk)
    return rows.items()
