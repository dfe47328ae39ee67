"""Whose knowledge a report shows: of now, of a past day, or of the moment its period was closed."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from support_cases.models import Closing
from support_cases.models.consultation import end_of
from support_cases.reports.kinds import Scope
from support_cases.reports.periods import Period


@dataclass(frozen=True)
class Basis:
    """What figures of a period rest on.

    ``closing`` is the closing of exactly this period that stood on the day asked for; the figures are then those it
    keeps. ``moment`` is the end of what is counted, None for now; ``until`` the end of what the reader asks to know,
    which is later where the period was closed before. ``as_of`` is the last day of what is counted. ``closed_at`` is
    the moment the period, or the last of its months, was closed, None while one of them is open.
    """

    period: Period
    moment: datetime | None
    until: datetime | None
    as_of: date
    closing: Closing | None
    closed_at: datetime | None

    @property
    def scope(self) -> Scope:
        """What is counted on this basis."""
        return Scope(self.period, self.moment, self.as_of)

    @property
    def closed_on(self) -> date | None:
        """The day of ``closed_at``."""
        return timezone.localdate(self.closed_at) if self.closed_at else None


def basis_of(period: Period, *, as_of: date | None, today: date) -> Basis:
    """Return what a report on ``period`` rests on; a day ``as_of`` that is not over yet means now.

    Two queries.
    """
    known = end_of(as_of) if as_of is not None and as_of < today else None
    standing = Closing.objects.filter(calendar=period.calendar).standing(known)
    closing = standing.filter(first=str(period.first), last=str(period.last)).first() if not period.days else None
    if closing is not None:
        moment = closing.closed_at
        return Basis(period, moment, known, timezone.localdate(moment), closing, moment)
    return Basis(period, known, known, as_of or today, None, _months_closed_at(period, standing))


def _months_closed_at(period: Period, standing) -> datetime | None:
    """Return when the last of the period's months was closed, None while one is open or for parts of months."""
    if period.days:
        return None
    months = {str(month) for month in period.months()}
    touching = standing.filter(first__lte=max(months), last__gte=min(months))
    moments: dict[str, datetime] = {}
    for first, last, moment in touching.order_by("closed_at").values_list("first", "last", "closed_at"):
        moments |= {month: moment for month in months if first <= month <= last and month not in moments}
    return max(moments.values()) if len(moments) == len(months) else None
