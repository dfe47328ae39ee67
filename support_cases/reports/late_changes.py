"""What changed in months already closed while no report had named it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from cooperatives.models import PastState
from support_cases.models import Consultation
from support_cases.reports.chains import Interval, Sent

#: Entries recorded while changes were unnamed that are looked through one by one.
MOST_RECORDED = 50_000


def late_entries(sent: Sequence[Sent]) -> QuerySet[Consultation]:
    """Return the lượt of ``sent`` months that came in while changes were unnamed, and stood at the end of it.

    Where few were recorded since, they are found by when that was, and not by the day they were held: most of all
    that was ever recorded was held on such a day.
    """
    wanted, parts = Q(pk__in=[]), spans(sent)
    day = "day" if are_few_recorded(sent) else "held_on"
    for start, end, since, until in parts:
        stood = Q(voided_at__isnull=True)
        if until is not None:
            stood = Q(recorded_at__lt=until) & (stood | Q(voided_at__gte=until))
        wanted |= Q(**{f"{day}__range": (start, end)}, recorded_at__gte=since) & stood
    return _with_day().filter(wanted, **_from("recorded_at", parts))


def taken_back_entries(sent: Sequence[Sent]) -> QuerySet[Consultation]:
    """Return the lượt of ``sent`` months that stood when a time of unnamed changes began and were voided in it."""
    wanted, parts = Q(pk__in=[]), spans(sent)
    for start, end, since, until in parts:
        gone = Q(day__range=(start, end), recorded_at__lt=since, voided_at__gte=since)
        wanted |= gone if until is None else gone & Q(voided_at__lt=until)
    return _with_day().filter(wanted, **_from("voided_at", parts))


def are_few_recorded(sent: Sequence[Sent]) -> bool:
    """Whether so few entries were recorded since the first unnamed change that all of them can be looked at; one small
    query.
    """
    parts = spans(sent)
    if not parts:
        return True
    recorded = Consultation.objects.order_by().filter(**_from("recorded_at", parts))
    return recorded.values("pk")[: MOST_RECORDED + 1].count() <= MOST_RECORDED


def _with_day() -> QuerySet[Consultation]:
    """Return the lượt, their day also as an expression, by which no database looks for them."""
    return Consultation.objects.counted().alias(day=Coalesce("held_on", "held_on"))


def _from(column: str, parts: Sequence[tuple]) -> dict[str, datetime]:
    """Return the earliest moment of interest by itself: what came since is found by it, without reading the rest."""
    return {f"{column}__gte": min(since for _start, _end, since, _until in parts)} if parts else {}


def moved_cooperatives(sent: Sequence[Sent], until: datetime | None) -> QuerySet[PastState]:
    """Return the states in which cooperatives with lượt in ``sent`` months stood before somebody changed where or as
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
    """Return first day, last day, and each interval of unnamed changes of ``sent`` months, neighbours in one."""
    return merged_spans((one.period.start, one.period.end, one.unnamed) for one in sent)


def merged_spans(
    parts: Iterable[tuple[date, date, tuple[Interval, ...]]],
) -> list[tuple[date, date, datetime, datetime | None]]:
    """Return first day, last day, and each interval of stretches of days in their order; neighbours with the same
    intervals, which are mostly all, in one.
    """
    merged: list[tuple[date, date, tuple[Interval, ...]]] = []
    for start, end, unnamed in parts:
        if merged and merged[-1][2] == unnamed and merged[-1][1] + date.resolution == start:
            merged[-1] = (merged[-1][0], end, unnamed)
        else:
            merged.append((start, end, unnamed))
    return [(start, end, since, until) for start, end, unnamed in merged for since, until in unnamed]
