"""Whose knowledge a report shows: of now, of a past day, or of the moment its period was closed."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from support_cases.models import Closing
from support_cases.models.consultation import end_of
from support_cases.reports.kinds import Scope
from support_cases.reports.office import months_of
from support_cases.reports.periods import Period


@dataclass(frozen=True)
class Basis:
    """What figures of a period rest on.

    ``closing`` is the closing of exactly this period that stood on the day asked for, read without its figures; what
    is shown is then what it keeps. ``moment`` is the end of what is counted, None for now; ``until`` the end of what
    the reader asks to know, later where the period was closed before. ``as_of`` is the last day of what is counted.
    """

    period: Period
    moment: datetime | None
    until: datetime | None
    as_of: date
    closing: Closing | None

    @property
    def scope(self) -> Scope:
        """What is counted on this basis."""
        return Scope(self.period, self.moment, self.as_of)

    @property
    def closed_on(self) -> date | None:
        """The day the period was closed; a period of which only the parts were closed goes on changing and is not."""
        return timezone.localdate(self.closing.closed_at) if self.closing else None


def basis_of(period: Period, *, as_of: date | None, today: date) -> Basis:
    """Return what a report on ``period`` rests on; a day ``as_of`` that is not over yet means now.

    One query.
    """
    known = end_of(as_of) if as_of is not None and as_of < today else None
    standing = Closing.objects.filter(**months_of(period)).standing(known).defer("figures", "names")
    closing = standing.first() if not period.days else None
    if closing is not None:
        moment = closing.closed_at
        return Basis(period, moment, known, timezone.localdate(moment), closing)
    return Basis(period, known, known, min(as_of or today, today), None)
