"""What changed in periods already closed, and in the report of which later period that is named."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from cooperatives.models import PastState
from support_cases.models import Closing, Consultation
from support_cases.reports.kinds import Scope
from support_cases.reports.periods import MONTHS_OF, Month, Period, Span


@dataclass(frozen=True)
class Sent:
    """A closed period before the one reported on: its lượt as sent, and since when its changes are to be named.

    ``named_since`` is the moment it was closed, or the moment the last period after it was closed, whose report has
    named what had come in by then.
    """

    period: Period
    closed_at: datetime
    named_since: datetime
    consultations: int | None


def sent_before(scope: Scope) -> list[Sent]:
    """Return the periods closed before the one reported on, oldest first; one query.

    They are of the kind of the period itself (quarters before a quarter); where none such was closed, single months.
    """
    period = scope.period
    rows = (
        Closing.objects.filter(calendar=period.calendar)
        .standing(scope.moment)
        .exclude(first=str(period.first), last=str(period.last))
        .order_by("first", "last")
        .values_list("first", "last", "closed_at", "figures__served__total")
    )
    closed = [(_period(period.calendar, first, last), at, total) for first, last, at, total in rows]
    for span in dict.fromkeys((period.span if period.span in MONTHS_OF else Span.MONTH, Span.MONTH)):
        chain = [one for one in closed if one[0].span == span]
        before = [one for one in chain if one[0].last < period.first]
        if before:
            return [Sent(of, at, _named_since(of, at, chain), _consultations(total)) for of, at, total in before]
    return []


def _named_since(of: Period, closed_at: datetime, chain: Iterable[tuple]) -> datetime:
    """Return since when changes of ``of`` are unnamed: the report of each later closing named those before it."""
    return max([closed_at, *(at for later, at, _total in chain if later.first > of.last)])


def _consultations(total: dict | None) -> int | None:
    return total.get("", [0, 0])[0] if total is not None else None


def _period(calendar: str, first: str, last: str) -> Period:
    return Period(calendar, Month.parse(first), Month.parse(last))


def late_entries(sent: Iterable[Sent], until: datetime | None) -> QuerySet[Consultation]:
    """Return the lượt of ``sent`` periods that came in after what was named and stand just before ``until``."""
    return Consultation.objects.counted().known_at(until).filter(_any(sent, "recorded_at"))


def taken_back_entries(sent: Iterable[Sent], until: datetime | None) -> QuerySet[Consultation]:
    """Return the lượt of ``sent`` periods, sent or named before, that were voided since, before ``until``."""
    gone = _any(sent, "voided_at", before="recorded_at")
    if until is not None:
        gone &= Q(voided_at__lt=until)
    return Consultation.objects.counted().filter(gone)


def moved_cooperatives(sent: Iterable[Sent], until: datetime | None) -> QuerySet[PastState]:
    """Return the states in which cooperatives with lượt in ``sent`` periods stood before somebody changed where or as
    what they are counted, since what was named and before ``until``.
    """
    spans = merged(sent)
    if not spans:
        return PastState.objects.none()
    rows = PastState.objects.filter(until__gte=min(since for _start, _end, since in spans))
    if until is not None:
        rows = rows.filter(until__lt=until)
    served = Consultation.objects.known_at(until).filter(held_on__range=(spans[0][0], spans[-1][1])).order_by()
    return rows.filter(cooperative__in=served.values("cooperative"))


def _any(sent: Iterable[Sent], moment: str, before: str = "") -> Q:
    """Return the rows of any of the periods whose ``moment`` is not before what was named, and ``before`` is."""
    wanted = Q(pk__in=[])
    for start, end, since in merged(sent):
        one = Q(held_on__range=(start, end)) & Q(**{f"{moment}__gte": since})
        if before:
            one &= Q(**{f"{before}__lt": since})
        wanted |= one
    return wanted


def merged(sent: Iterable[Sent]) -> list[tuple[date, date, datetime]]:
    """Return first day, last day and moment of ``sent`` periods, neighbours with the same moment in one: mostly all."""
    spans: list[tuple[date, date, datetime]] = []
    for one in sent:
        start, end, since = one.period.start, one.period.end, one.named_since
        if spans and spans[-1][2] == since and spans[-1][1] + date.resolution == start:
            spans[-1] = (spans[-1][0], end, since)
        else:
            spans.append((start, end, since))
    return spans
