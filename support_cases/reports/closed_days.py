"""Whether the day of an entry lies in a period whose figures were declared final, for the people who record it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from support_cases.models import Closing, Consultation
from support_cases.reports.office import period_of
from support_cases.reports.periods import CALENDARS, Month
from support_cases.reports.served import period_label


@dataclass(frozen=True)
class ClosedDay:
    """A day and the closing that was the first, of those that stand, to declare figures with it final.

    ``period`` is in words with its exact days. ``late``: what speaks of the day was recorded after the closing, which
    did not count it; otherwise it was counted, and what becomes of it now is a change to what was reported.
    """

    day: date
    period: str
    closed_at: datetime
    late: bool = True


def closed_day(day: date, recorded_at: datetime | None = None) -> ClosedDay | None:
    """Return what was closed of ``day``, for an entry ``recorded_at`` that moment (None: one yet to be recorded).

    None where no closing that stands covers the day. One query, whatever number of closings there is.
    """
    covers = Q(pk__in=[])
    for calendar in CALENDARS:
        month = str(Month.containing(day, calendar))
        covers |= Q(calendar=calendar, first__lte=month, last__gte=month)
    standing = Closing.objects.standing().filter(covers).order_by("closed_at", "pk")
    first = standing.only("calendar", "first", "last", "closed_at")[:1]
    for closing in first:
        late = recorded_at is None or recorded_at >= closing.closed_at
        return ClosedDay(day, period_label(period_of(closing)), closing.closed_at, late)
    return None


def closed_day_of(row: Consultation) -> ClosedDay | None:
    """Return :func:`closed_day` of an entry; None also where it was taken back before anything was closed, or came
    after the closing and was taken back again, so that no report was ever changed by it.
    """
    found = closed_day(row.held_on, row.recorded_at)
    if found is None or row.voided_at is None:
        return found
    return None if found.late or row.voided_at < found.closed_at else found
