"""Whose knowledge a report shows: of now, of a past day, or of the moment its period was closed."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry
from support_cases.models import Closing
from support_cases.models.consultation import end_of
from support_cases.reports.kinds import Scope
from support_cases.reports.office import months_of
from support_cases.reports.periods import Period


@dataclass(frozen=True)
class Basis:
    """What figures of a period rest on.

    ``closing`` is the closing of exactly this period that stood on the day asked for, or the very one asked for where
    ``is_named``, which may be reopened; read without its figures. What is shown is then what it keeps. ``moment`` is
    the end of what is counted, None for now; ``until`` the end of what the reader asks to know, later where the period
    was closed before. ``as_of`` is the last day of what is counted.
    """

    period: Period
    moment: datetime | None
    until: datetime | None
    as_of: date
    closing: Closing | None
    is_named: bool = False

    @property
    def scope(self) -> Scope:
        """What is counted on this basis."""
        return Scope(self.period, self.moment, self.as_of)

    @property
    def closed_on(self) -> date | None:
        """The day the period was closed; a period of which only the parts were closed goes on changing and is not."""
        return timezone.localdate(self.closing.closed_at) if self.closing else None


def basis_of(period: Period, *, as_of: date | None, today: date, closing: int | None = None) -> Basis:
    """Return what a report on ``period`` rests on; a day ``as_of`` that is not over yet means now.

    With the number of a ``closing`` it is that one, reopened since or not, and nothing of later is asked. One query.

    Raises:
        InvalidEntry: under ``closing``, where there is none of that number or it is one of another period.
    """
    if closing is not None:
        named = named_closing(period, closing)
        moment = named.closed_at
        return Basis(period, moment, moment, timezone.localdate(moment), named, is_named=True)
    known = end_of(as_of) if as_of is not None and as_of < today else None
    standing = Closing.objects.filter(**months_of(period)).standing(known).defer("figures", "names")
    found = standing.first() if not period.days else None
    if found is not None:
        moment = found.closed_at
        return Basis(period, moment, known, timezone.localdate(moment), found)
    return Basis(period, known, known, min(as_of or today, today), None)


def named_closing(period: Period, number: int) -> Closing:
    """Return the closing of exactly ``period`` with this number, standing or not, read without its figures.

    Raises:
        InvalidEntry: under ``closing``, where there is none.
    """
    rows = Closing.objects.filter(**months_of(period), pk=number).defer("figures", "names")
    found = rows.first() if not period.days else None
    if found is None:
        raise InvalidEntry({"closing": [_("Kỳ này không có lần chốt số %(number)s.") % {"number": number}]})
    return found
