"""The periods a reader of a report is offered: those asked for most, all of one year, the one before and after."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from cooperatives.errors import Words
from support_cases.models import CALENDAR_NAMES
from support_cases.pages.report_links import frame_params, period_params
from support_cases.reports.periods import CALENDARS, MONTHS_OF, Month, Period, Span
from support_cases.reports.query import ReportQuery
from support_cases.reports.served import ROMAN_QUARTERS, period_name

CALENDAR_WORDS = dict(CALENDAR_NAMES)
#: Links as ``(words, period)``.
Offered = Sequence[tuple[Words, Period]]


def quick_periods(today: date, calendar: str) -> Offered:
    """Return the periods asked for most, seen from ``today``."""
    running = Month.containing(today, calendar)
    last = running.plus(-1)
    january = Month(running.year, 1)
    found = [
        (_("Tháng này"), Period(calendar, running, running)),
        (_("Tháng trước"), Period(calendar, last, last)),
        (_("Quý này"), Period.containing(today, calendar, Span.QUARTER)),
        (_("Từ đầu năm"), Period(calendar, january, running)),
    ]
    if running.number > 1:
        whole = Period(calendar, january, last)
        found += [(period_name(period), period) for period in (whole, whole.year_before())]
    before = Period(calendar, january.plus(-12), january.plus(-1))
    return [*found, (_("Cả năm %(year)s") % {"year": running.year - 1}, before)]


def periods_of_year(year: int, calendar: str) -> list[tuple[str, Offered]]:
    """Return every period an office reports on in one year, by kind: ``(words, links)``."""
    months = [Month(year, number) for number in range(1, 13)]

    def of(span: Span) -> list[Period]:
        length = MONTHS_OF[span]
        return [Period(calendar, first, first.plus(length - 1)) for first in months[::length]]

    first_months = [Period(calendar, months[0], last) for last in months[1:11] if last.number not in (3, 6)]
    quarters = [(roman, period) for roman, period in zip(ROMAN_QUARTERS, of(Span.QUARTER), strict=True)]
    of_year = {"year": year}
    return [
        (_("Các tháng của năm %(year)s") % of_year, [(str(one.first.number), one) for one in of(Span.MONTH)]),
        (_("Các quý của năm %(year)s") % of_year, quarters),
        (
            _("Nửa năm và cả năm %(year)s") % of_year,
            [(period_name(period), period) for period in [*of(Span.HALF), *of(Span.YEAR)]],
        ),
        (_("n tháng đầu năm %(year)s, n là") % of_year, [(str(one.last.number), one) for one in first_months]),
    ]


def ways_to_periods(query: ReportQuery, today: date) -> dict:
    """Return the links from one report to the same on other periods."""
    period = query.period
    beside = [(_("Kỳ trước"), period.previous())]
    if not period.days:
        beside.append((_("Kỳ sau"), Period(period.calendar, period.last.plus(1), period.last.plus(period.length))))
    year = period.last.year
    years = [(str(one), _in_year(period, one)) for one in (year - 1, year + 1)]
    other_calendar = (
        [] if period.days else [(CALENDAR_WORDS[c], Period(c, period.first, period.last)) for c in CALENDARS]
    )
    return {
        "quick": offered(quick_periods(today, period.calendar), query),
        "beside": offered(beside, query),
        "year": str(year),
        "years": offered(years, query),
        "groups": [(words, offered(found, query)) for words, found in periods_of_year(year, period.calendar)],
        "calendar": CALENDAR_WORDS[period.calendar],
        "calendars": offered(other_calendar, query),
    }


def offered(periods: Offered, query: ReportQuery | None = None) -> list[dict]:
    """Return links to periods, each in its own frame or in the one that was chosen; the present one marked."""
    present = query.period if query else None
    return [
        {"words": words, "url": f"?{urlencode(_asked(period, query))}", "current": period == present}
        for words, period in periods
    ]


def _asked(period: Period, query: ReportQuery | None) -> dict[str, str]:
    return period_params(period) | (frame_params(query, period) if query else {})


def _in_year(period: Period, year: int) -> Period:
    """Return the same period in another year; the whole year for days and for months of several years."""
    if period.span == Span.FREE:
        return Period(period.calendar, Month(year, 1), Month(year, 12))
    return Period(period.calendar, Month(year, period.first.number), Month(year, period.last.number))
