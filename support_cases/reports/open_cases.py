"""The cases that lie open at the end of a day: how they stood then, and how long nobody has touched them."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import DateField, F, Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest, NullIf

from support_cases.choices import Status
from support_cases.models import CaseEvent, Consultation
from support_cases.models.consultation import stood_at
from support_cases.reports.spells import BOUNDARIES, STANDING_LINES, Spells, known_lines, place_of

#: So many days without any work make an open case a stale one.
STALE_AFTER = 30


def open_cases(day: date, moment: datetime | None) -> QuerySet[CaseEvent]:
    """Return the opening line of every case open at the end of ``day``, as known just before ``moment`` (None: now).

    With each stand ``began`` (the day the opening counts on), ``topic``, ``district``, ``commune``, and as of that
    day ``state``, ``due_day``, ``holder`` and ``holder_name``, and ``touched``, the last day something was done: a
    line of history somebody wrote, or a consultation about the case.
    """
    known = known_lines(moment).filter(case=OuterRef("case")).order_by()
    standing = known.filter(STANDING_LINES, effective_on__lte=day).order_by("-pk")
    told: dict[str, Any] = {"case_topic": F("case__topic")}
    for name, column in (("state", "to_status"), ("due_day", "due_on"), ("holder", "officer_id")):
        told[name] = Subquery(standing.values(column)[:1])
    name = Coalesce(NullIf("officer__full_name", Value("")), "officer__username")
    return (
        Spells.open_after(day, moment)
        .lines("carried_on")
        .annotate(
            **told,
            holder_name=Subquery(standing.annotate(called=name).values("called")[:1]),
            began=_latest(known.filter(BOUNDARIES, pk__lte=OuterRef("pk")), "effective_on"),
            district=place_of("old_district", moment, "case__"),
            commune=place_of("new_commune", moment, "case__"),
        )
        .annotate(touched=_touched(known, day, moment))
    )


def overdue(rows: QuerySet[CaseEvent], day: date) -> QuerySet[CaseEvent]:
    """Return those of ``open_cases`` past their due day whose clock was running."""
    return rows.exclude(state=Status.WAITING_COOPERATIVE).filter(due_day__lt=day)


def stale(rows: QuerySet[CaseEvent], day: date) -> QuerySet[CaseEvent]:
    """Return those of ``open_cases`` nobody had touched for more than ``STALE_AFTER`` days."""
    return rows.filter(touched__lt=day - timedelta(days=STALE_AFTER))


def _touched(known: QuerySet[CaseEvent], day: date, moment: datetime | None):
    """Return the last day something was done about a case; the opening is something."""
    acts = known.filter(effective_on__lte=day, actor__isnull=False)
    # Joined rather than asked for in a list: SQLite would make the list of all entries anew for every case.
    talks = Consultation.cases.through.objects.filter(case=OuterRef("case"), consultation__held_on__lte=day)
    talks = talks.filter(stood_at(moment, "consultation__"))
    began = F("began")
    found = [Coalesce(_latest(acts, "effective_on"), began), Coalesce(_latest(talks, "consultation__held_on"), began)]
    return Greatest(began, *found, output_field=DateField())


def _latest(rows: QuerySet, column: str) -> Subquery:
    """Return the latest day in ``column`` over the rows of the same case."""
    return Subquery(rows.order_by().values("case").annotate(latest=Max(column)).values("latest")[:1])
