"""A manager's month: the running month, the last one, the year so far, and what is overdue."""

from datetime import date
from typing import cast
from urllib.parse import urlencode

from django.db.models import Count
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from support_cases.access import cases_for, referrals_for
from support_cases.pages.report_links import Links, change_words, period_params
from support_cases.reminders.figures import figures as figures_of_sending
from support_cases.reports.answers import Answer, answer
from support_cases.reports.counting import frame_of
from support_cases.reports.periods import MONTH, Month, Period
from support_cases.reports.query import ReportQuery
from support_cases.reports.served import SERVED
from support_cases.reports.tables import Row, change_percent
from support_cases.reports.versions import years_with_entries


def month(request, today: date):
    """Show the figures a manager asks for first; one report over the year so far answers them all."""
    now = timezone.now()
    running = Month.containing(today, MONTH)
    last = running.plus(-1)
    # In January the last month lies in the year before, and there is no whole month of this year yet.
    period = Period(MONTH, min(last, Month(running.year, 1)), running)
    found = answer(SERVED, period, frame=frame_of(period), today=today)
    months = {row.code: row for row in found.table("month").rows}
    context = {
        "today": today,
        "tiles": [_one_month(found, months[str(one)], one, running=one == running) for one in (running, last)],
        "year": _whole_months(found, last) if last.year == running.year else None,
        "topics": _topics(found),
        "topics_from": period.first.label,
        # A year without a lượt yet (each January, and the demo set) would be a page of zeros and no way on.
        "earlier_years": [] if sum(_of(row)[0] for row in months.values()) else _earlier_years(today),
        "overdue": cases_for(request.user).overdue(today).count(),
        "overdue_url": f"{reverse('support:cases')}?overdue=true",
        "referrals": _referrals(request.user, today),
        "sending": figures_of_sending(now),
        "now": now,
        "report_url": _report_url(Period(MONTH, running, running)),
        "last_report_url": _report_url(Period(MONTH, last, last)),
    }
    return render(request, "support/month.html", context)


def _one_month(found: Answer, row: Row, month: Month, *, running: bool) -> dict:
    """Return the tile of one month of the report, with the same month of the year before."""
    links = Links.of(found, _query(found.period))
    now, cooperatives, then = row.cells
    return {
        "month": month.label,
        "running": running,
        "served": now.value,
        "cooperatives": cooperatives.value,
        "then": then.value,
        "url": links.behind(now.behind),
        "cooperatives_url": links.behind(cooperatives.behind),
    }


def _whole_months(found: Answer, last: Month) -> dict:
    """Return the lượt of the months that are over beside the same months of the year before.

    Lượt add up over months; distinct cooperatives do not, so the tile leaves them to the report.
    """
    rows = found.table("month").rows[: last.number]
    now, then = sum(_of(row)[0] for row in rows), sum(_of(row)[1] for row in rows)
    period = Period(MONTH, found.period.first, last)
    return {
        "months": last.number,
        "served": now,
        "then": then,
        "change": change_words(change_percent(now, then)),
        "url": Links(_query(period)).entries(),
        "report_url": _report_url(period),
    }


def _of(row: Row) -> tuple[int, int]:
    """Return the lượt of a month, and those of the same month of the year before."""
    now, _cooperatives, then = (cell.value for cell in row.cells)
    return cast(int, now), cast(int, then)


def _topics(found: Answer) -> list[dict]:
    """Return the topics with their lượt, most first, each with its share of the longest bar."""
    links, rows = Links.of(found, _query(found.period)), found.table("topic").rows
    lines = [(str(row.name), row.cells[0]) for row in rows if row.cells[0].value]
    lines.sort(key=lambda line: -line[1].value)
    longest = max([cell.value for _name, cell in lines], default=1)
    return [
        {"name": name, "served": cell.value, "url": links.behind(cell.behind), "longest": longest}
        for name, cell in lines
    ]


def _referrals(user, today: date) -> dict:
    """Return how many answers of other agencies are late, and of how many of those the leaders were told."""
    late = referrals_for(user).late(today)
    url = reverse("support:referrals")
    return {
        **late.aggregate(late=Count("pk"), escalated=Count("escalated_on")),
        "url": f"{url}?state=late",
        "escalated_url": f"{url}?state=escalated",
    }


def _earlier_years(today: date, most: int = 5) -> list[dict]:
    """Return the latest years before this one that hold entries, each with the address of its report."""
    years = [day.year for day in years_with_entries() if day.year < today.year]
    return [
        {"year": str(year), "url": _report_url(Period(MONTH, Month(year, 1), Month(year, 12)))} for year in years[:most]
    ]


def _query(period: Period) -> ReportQuery:
    return ReportQuery(period, frame_of(period), None)


def _report_url(period: Period) -> str:
    return f"{reverse('support:report')}?{urlencode(period_params(period))}"
