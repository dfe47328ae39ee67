"""What the office reports on: its calendar, the periods it closes, and what rows of periods speak of."""

from collections.abc import Iterator
from datetime import date

from cooperatives.models import LegalRule
from support_cases.models import ReportedMonths
from support_cases.reports.periods import ADMINISTRATIVE, CALENDARS, Month, Period, ended_on

#: The rule that names the calendar of the office.
_CALENDAR_KEY = "report.calendar"


def office_calendar(day: date) -> str:
    """Return the calendar in which the office reports on ``day``: what its rule says, else the decree's; one query."""
    said = (LegalRule.objects.value(_CALENDAR_KEY, day) or "").strip()
    return said if said in CALENDARS else ADMINISTRATIVE


def period_of(row: ReportedMonths) -> Period:
    """Return the period a closing, draft or estimate speaks of."""
    return Period.of_months(row.calendar, row.first, row.last)


def months_of(period: Period) -> dict[str, str]:
    """Return how rows write a period of whole months: the values of their columns."""
    return {"calendar": period.calendar, "first": str(period.first), "last": str(period.last)}


def reported_periods(first: Month, last: Month, calendar: str) -> Iterator[Period]:
    """Yield the periods an office reports on that end with a month from ``first`` to ``last``, in order of their ends:
    month, quarter, half-year, year and nine months.
    """
    month = first
    while month <= last:
        yield from ended_on(month.last_day(calendar), calendar)
        month = month.plus(1)
