"""What a person's own calendar shows: days of their work, or of their cooperative, for a year ahead."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from django.db.models import Case as Choice
from django.db.models import F, QuerySet, When
from django.utils.translation import gettext as _

from htx_portal.accounts.models import Role, User
from support_cases.access import cases_for, consultations_for, mutes_for, referrals_for
from support_cases.choices import Occasion
from support_cases.models import Case, Consultation, FollowUp, Reminder
from support_cases.reminders.envelopes import lines_for
from support_cases.reminders.occasions import Scene
from support_cases.reminders.prospects import Owners, prospects

#: No telephone is sent more days than these, the nearest ones.
MOST = 500
#: What is open since longer than this shows on lists, not in a calendar; what is further ahead not yet.
_BACK, _AHEAD = timedelta(days=92), timedelta(days=366)


@dataclass(frozen=True)
class Entry:
    """One day in a calendar: ``uid`` names the thing for ever, also when its day moves."""

    uid: str
    on: date
    title: str
    advice: str
    url: str
    changed_at: datetime


@dataclass(frozen=True)
class _Found:
    """One thing with its day, in the form of a row of the ledger, so that it is worded and muted like one."""

    row: Reminder
    on: date
    title: str = ""
    changed_at: datetime | None = None


def agenda_for(person: User, today: date, since: datetime) -> list[Entry]:
    """Return the days of ``person`` by day, at most :data:`MOST`; a number of queries that no rows make grow.

    ``since`` is the moment things count from of which no later change is known. Matters of somebody ``person`` stands
    in for are theirs on those days; those of days they are away are not. Muted matters are left out.
    """
    scene = Scene.on(today)
    span = (today - _BACK, today + _AHEAD)
    if person.may_review:
        owners = Owners.of(person, scene)
        found = [*_follow_ups(owners, span), *_case_days(owners, span), *_overdue(person, today, span)]
    else:
        owners = None
        found = [*_own_follow_ups(person, span), *_own_appointments(person, span)]
    found += [_Found(row, row.occurrence_on) for row in islice(prospects(person, owners, scene, span[1]), MOST)]
    mutes = list(mutes_for(person))
    kept = [one for one in found if not any(_mutes(mute, one) for mute in mutes)]
    kept.sort(key=lambda one: (one.on < today, abs((one.on - today).days), one.row.rule, one.row.subject))
    return _entries(sorted(kept[:MOST], key=lambda one: (one.on, one.row.rule, one.row.subject)), since)


def _mutes(mute, one: _Found) -> bool:
    return mute.covers(one.on) and mute.is_about(one.row.rule, one.row.case_id, one.row.cooperative_id)


def _entries(found: list[_Found], since: datetime) -> list[Entry]:
    lines = lines_for([one.row for one in found])
    return [
        Entry(
            uid=f"{one.row.rule or 'appointment'}/{one.row.subject}",
            on=one.on,
            title=one.title or line.title,
            advice="" if one.title else line.advice,
            url=line.url,
            changed_at=one.changed_at or since,
        )
        for one, line in zip(found, lines, strict=True)
    ]


def _follow_ups(owners: Owners, span: tuple[date, date]) -> Iterator[_Found]:
    """Yield the open appointments of the people whose work it is."""
    rows = FollowUp.objects.filter(
        officer__in=owners.people, done_on__isnull=True, due_on__range=span, consultation__voided_at__isnull=True
    ).select_related("consultation__cooperative", "consultation__founding_group")
    for row in _nearest(rows, "due_on", span):
        if owners.told_of(row.officer_id, row.due_on):
            yield _of_entry(row.consultation, row.due_on)


def _own_follow_ups(person: User, span: tuple[date, date]) -> Iterator[_Found]:
    """Yield the appointments the office made with the person's cooperatives."""
    rows = consultations_for(person).standing().filter(follow_up__done_on__isnull=True, follow_up__due_on__range=span)
    rows = rows.annotate(day=F("follow_up__due_on")).select_related("cooperative", "founding_group")
    for entry in _nearest(rows, "day", span):
        yield _of_entry(entry, entry.day)


def _of_entry(entry: Consultation, day: date) -> _Found:
    row = _row(Occasion.FOLLOW_UP_DUE, f"consultation/{entry.pk}", day, entry)
    return _Found(row, day, _("Hẹn làm việc tiếp: %(party)s") % {"party": entry.party.name}, entry.recorded_at)


def _case_days(owners: Owners, span: tuple[date, date]) -> Iterator[_Found]:
    """Yield due days and days of results of the cases of the people whose work it is."""
    mine = Case.objects.open().filter(officer__in=owners.people).with_parties()
    for case in _nearest(mine.filter(due_on__range=span, clock_stopped_on=None), "due_on", span):
        if owners.told_of(case.officer_id, case.due_on):
            row = _row(Occasion.CASE_DEADLINE, f"case/{case.pk}", case.due_on, case)
            yield _Found(row, case.due_on, _("Hạn xử lý: %(case)s") % {"case": _named(case)}, case.updated_at)
    for case in _nearest(mine.filter(appointment_on__range=span), "appointment_on", span):
        if owners.told_of(case.officer_id, case.appointment_on):
            yield _result(case)


def _own_appointments(person: User, span: tuple[date, date]) -> Iterator[_Found]:
    """Yield the days on which the person's cooperatives are to get a result."""
    rows = cases_for(person).open().filter(appointment_on__range=span).with_parties()
    for case in _nearest(rows, "appointment_on", span):
        yield _result(case)


def _result(case: Case) -> _Found:
    row = _row(Occasion.CASE_DEADLINE, f"case/{case.pk}/result", case.appointment_on, case)
    title = _("Hẹn trả kết quả: %(case)s") % {"case": _named(case)}
    return _Found(row, case.appointment_on, title, case.updated_at)


def _overdue(person: User, today: date, span: tuple[date, date]) -> Iterator[_Found]:
    """Yield for a leader what is overdue in the whole office, and which other agencies they were told of."""
    if person.role != Role.MANAGER:
        return
    late = cases_for(person).overdue(today).filter(due_on__gte=span[0]).exclude(officer=person).with_parties()
    for case in late.order_by("-due_on", "pk")[:MOST]:
        words = {"case": _named(case), "officer": case.officer}
        row = _row(Occasion.CASE_DEADLINE, f"case/{case.pk}", case.due_on, case)
        yield _Found(row, case.due_on, _("Quá hạn xử lý: %(case)s, %(officer)s") % words, case.updated_at)
    told = referrals_for(person).open().filter(escalated_on__range=span)
    for referral in told.select_related("case__cooperative", "case__founding_group").order_by("-pk")[:MOST]:
        row = _row(Occasion.REFERRAL_ESCALATED, f"referral/{referral.pk}", referral.escalated_on, referral.case)
        row.detail = str(referral.agency_id)
        yield _Found(row, referral.escalated_on, changed_at=referral.case.updated_at)


def _nearest(rows: QuerySet, column: str, span: tuple[date, date]) -> QuerySet:
    """Return at most :data:`MOST` rows: those ahead by their day, then what is past, the latest first."""
    today = span[0] + _BACK
    ahead = When(**{f"{column}__gte": today}, then=F(column))
    return rows.order_by(Choice(ahead, default=None).asc(nulls_last=True), f"-{column}", "pk")[:MOST]


def _named(case: Case) -> str:
    return f"{case.title} ({case.party.name})"


def _row(rule: str, subject: str, day: date, thing: Case | Consultation) -> Reminder:
    """Return a row as the ledger would hold it about a case or an entry; it is never saved, and has no recipient."""
    columns: Mapping = {"cooperative": thing.cooperative, "founding_group": thing.founding_group}
    case = thing if isinstance(thing, Case) else None
    return Reminder(rule=rule, subject=subject, anchor_on=day, occurrence_on=day, case=case, **columns)
