"""What changed in months already closed while no report had named it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import Q, QuerySet

from cooperatives.models import PastState
from support_cases.models import Consultation
from support_cases.reports.chains import Interval, Sent


def late_entries(sent: Iterable[Sent]) -> QuerySet[Consultation]:
    """Return the lượt of ``sent`` months that came in while changes were unnamed, and stood at the end of it."""
    wanted, parts = Q(pk__in=[]), spans(sent)
    for start, end, since, until in parts:
        stood = Q(voided_at__isnull=True)
        if until is not None:
            stood = Q(recorded_at__lt=until) & (stood | Q(voided_at__gte=until))
        wanted |= Q(held_on__range=(start, end), recorded_at__gte=since) & stood
    return Consultation.objects.counted().filter(wanted, **_from("recorded_at", parts))


def taken_back_entries(sent: Iterable[Sent]) -> QuerySet[Consultation]:
    """Return the lượt of ``sent`` months that stood when a time of unnamed changes began and were voided in it."""
    wanted, parts = Q(pk__in=[]), spans(sent)
    for start, end, since, until in parts:
        gone = Q(held_on__range=(start, end), recorded_at__lt=since, voided_at__gte=since)
        wanted |= gone if until is None else gone & Q(voided_at__lt=until)
    return Consultation.objects.counted().filter(wanted, **_from("voided_at", parts))


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
    """Return first day, last day, and each interval of unnamed changes of ``sent`` months; neighbours with the same
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
