"""What changed in periods already closed, and in the report of which later period that is named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from cooperatives.models import PastState
from support_cases.models import Closing, Consultation
from support_cases.reports.kinds import Scope
from support_cases.reports.periods import MONTHS_OF, Month, Period, Span

#: From one moment on until just before another; None is now.
Interval = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class Sent:
    """A closed period before the one reported on: its lượt as sent, and when changes came that no report has named.

    ``unnamed`` are the intervals between its closing and what is known that the report of no other period covers;
    mostly one, from the closing of the period before the reported one.
    """

    period: Period
    closed_at: datetime
    unnamed: tuple[Interval, ...]
    consultations: int | None


@dataclass(frozen=True)
class _Closed:
    """One closing, taken back since or not."""

    period: Period
    at: datetime
    reopened_at: datetime | None
    total: dict | None

    def stood(self, moment: datetime | None) -> bool:
        """Whether it stood just before ``moment``; None means now."""
        if moment is None:
            return self.reopened_at is None
        return self.at < moment and (self.reopened_at is None or self.reopened_at >= moment)


def sent_before(scope: Scope) -> list[Sent]:
    """Return the periods closed before the one reported on, oldest first; one query.

    They are of the kind of the period itself (quarters before a quarter); where none such was closed, single months.
    """
    period = scope.period
    rows = Closing.objects.filter(calendar=period.calendar).order_by("first", "last", "pk")
    if scope.moment is not None:
        rows = rows.filter(closed_at__lt=scope.moment)
    found = rows.values_list("first", "last", "closed_at", "reopened_at", "figures__served__total")
    closed = [_Closed(_period(period.calendar, first, last), *rest) for first, last, *rest in found]
    for span in dict.fromkeys((period.span if period.span in MONTHS_OF else Span.MONTH, Span.MONTH)):
        chain = [one for one in closed if one.period.span == span]
        before = [one for one in chain if one.period.last < period.first and one.stood(scope.moment)]
        if before:
            return [Sent(one.period, one.at, _unnamed(one, chain, scope), _consultations(one.total)) for one in before]
    return []


def _unnamed(of: _Closed, chain: Sequence[_Closed], scope: Scope) -> tuple[Interval, ...]:
    """Return when changes of a closed period came that no report which stands has named, up to what is known.

    The report of a later period named what was unnamed when that was closed. What a report named that was taken back
    is unnamed again, as far as no other one has named it.
    """
    later = sorted(
        (one for one in chain if one.period.first > of.period.last and one.at > of.at), key=lambda one: one.at
    )
    if not any(one.reopened_at for one in later):
        others = [one.at for one in later if one.period != scope.period]
        return ((max([of.at, *others]), scope.moment),)
    named: dict[datetime, tuple[Interval, ...]] = {}
    for at, one in enumerate(later):
        named[one.at] = _left(of, later[:at], named, one.at, one.period)
    return _left(of, later, named, scope.moment, scope.period)


def _left(
    of: _Closed,
    later: Sequence[_Closed],
    named: dict[datetime, tuple[Interval, ...]],
    moment: datetime | None,
    period: Period,
) -> tuple[Interval, ...]:
    """Return the time from the closing of ``of`` until ``moment`` less what the reports of other periods that stood
    then had ``named``.
    """
    free: list[Interval] = [(of.at, moment)]
    for one in later:
        if one.period != period and one.stood(moment):
            for start, end in named[one.at]:
                free = [part for interval in free for part in _without(interval, start, end)]
    return tuple(free)


def _without(interval: Interval, start: datetime, end: datetime | None) -> list[Interval]:
    """Return what is left of an interval when another, which ends, is taken out of it."""
    since, until = interval
    parts: list[Interval] = [(since, start if until is None else min(start, until))] if since < start else []
    if end is not None and (until is None or end < until):
        parts.append((max(since, end), until))
    return parts


def _consultations(total: dict | None) -> int | None:
    return total.get("", [0, 0])[0] if total is not None else None


def _period(calendar: str, first: str, last: str) -> Period:
    return Period(calendar, Month.parse(first), Month.parse(last))


def late_entries(sent: Iterable[Sent]) -> QuerySet[Consultation]:
    """Return the lượt of ``sent`` periods that came in while changes were unnamed, and stood at the end of it."""
    wanted = Q(pk__in=[])
    for start, end, since, until in spans(sent):
        stood = Q(voided_at__isnull=True)
        if until is not None:
            stood = Q(recorded_at__lt=until) & (stood | Q(voided_at__gte=until))
        wanted |= Q(held_on__range=(start, end), recorded_at__gte=since) & stood
    return Consultation.objects.counted().filter(wanted)


def taken_back_entries(sent: Iterable[Sent]) -> QuerySet[Consultation]:
    """Return the lượt of ``sent`` periods that stood when a time of unnamed changes began and were voided in it."""
    wanted = Q(pk__in=[])
    for start, end, since, until in spans(sent):
        gone = Q(held_on__range=(start, end), recorded_at__lt=since, voided_at__gte=since)
        wanted |= gone if until is None else gone & Q(voided_at__lt=until)
    return Consultation.objects.counted().filter(wanted)


def moved_cooperatives(sent: Sequence[Sent], until: datetime | None) -> QuerySet[PastState]:
    """Return the states in which cooperatives with lượt in ``sent`` periods stood before somebody changed where or as
    what they are counted, while changes were unnamed.
    """
    if not sent:
        return PastState.objects.none()
    wanted = Q(pk__in=[])
    for since, end in dict.fromkeys(interval for one in sent for interval in one.unnamed):
        wanted |= Q(until__gte=since) if end is None else Q(until__gte=since, until__lt=end)
    days = (sent[0].period.start, sent[-1].period.end)
    served = Consultation.objects.known_at(until).filter(held_on__range=days).order_by()
    return PastState.objects.filter(wanted, cooperative__in=served.values("cooperative"))


def spans(sent: Iterable[Sent]) -> list[tuple[date, date, datetime, datetime | None]]:
    """Return first day, last day, and each interval of unnamed changes of ``sent`` periods; neighbours with the same
    intervals, which are mostly all, in one.
    """
    merged: list[tuple[date, date, tuple[Interval, ...]]] = []
    for one in sent:
        start, end = one.period.start, one.period.end
        if merged and merged[-1][2] == one.unnamed and merged[-1][1] + date.resolution == start:
            merged[-1] = (merged[-1][0], end, one.unnamed)
        else:
            merged.append((start, end, one.unnamed))
    return [(start, end, since, until) for start, end, unnamed in merged for since, until in unnamed]
