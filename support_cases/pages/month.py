"""A manager's month: the running month, the last one, the year so far, and what is overdue."""

from datetime import date
from urllib.parse import urlencode

from django.db.models import Count
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from support_cases.access import cases_for, referrals_for
from support_cases.forms.reports import month_text
from support_cases.pages.report_links import Links, change_words
from support_cases.reminders.figures import figures as figures_of_sending
from support_cases.reports.periods import MONTH, Month, Period
from support_cases.reports.query import ReportQuery
from support_cases.reports.served import FRAMES, Served, served
from support_cases.reports.versions import years_with_entries


def month(request, today: date):
    """Show the figures a manager asks for first; one report over the year so far answers them all."""
    now = timezone.now()
    running = Month.containing(today, MONTH)
    last = running.plus(-1)
    # In January the last month lies in the year before, and there is no whole month of this year yet.
    period = Period(MONTH, min(last, Month(running.year, 1)), running)
    figures = served(period, frame=FRAMES[0], today=today)
    context = {
        "today": today,
        "tiles": [_one_month(figures, running), _one_month(figures, last)],
        "year": _whole_months(figures, last) if last.year == running.year else None,
        "topics": _topics(figures),
        "topics_from": month_text(period.first),
        # A year without a lượt yet (each January, and the demo set) would be a page of zeros and no way on.
        "earlier_years": [] if figures.consultations else _earlier_years(today),
        "overdue": cases_for(request.user).overdue(today).count(),
        "overdue_url": f"{reverse('support:cases')}?overdue=true",
        "referrals": _referrals(request.user, today),
        "sending": figures_of_sending(now),
        "now": now,
        "report_url": _report_url(Period(MONTH, running, running)),
        "last_report_url": _report_url(Period(MONTH, last, last)),
    }
    return render(request, "support/month.html", context)


def _one_month(figures: Served, wanted: Month) -> dict:
    """Return the tile of one month of the report, with the same month of the year before."""
    at = list(figures.period.months()).index(wanted)
    period = Period(MONTH, wanted, wanted)
    return {
        "month": month_text(wanted),
        "running": wanted == figures.period.last,
        "served": figures.by_month[at].consultations,
        "cooperatives": figures.by_month[at].cooperatives,
        "then": figures.by_month_last_year[at].consultations,
        "url": _entries_url(period),
        "cooperatives_url": Links(_query(period)).cooperatives(),
    }


def _whole_months(figures: Served, last: Month) -> dict:
    """Return the lượt of the months that are over beside the same months of the year before.

    Lượt add up over months; distinct cooperatives do not, so the tile leaves them to the report.
    """
    now = sum(line.consultations for line in figures.by_month[: last.number])
    then = sum(line.consultations for line in figures.by_month_last_year[: last.number])
    period = Period(MONTH, figures.period.first, last)
    return {
        "months": last.number,
        "served": now,
        "then": then,
        "change": change_words(round((now - then) * 100 / then, 1) if then else None),
        "url": _entries_url(period),
        "report_url": _report_url(period),
    }


def _topics(figures: Served) -> list[dict]:
    """Return the topics with their lượt, most first, each with its share of the longest bar."""
    links = Links(_query(figures.period))
    lines = sorted(figures.by_topic, key=lambda line: -line.consultations)
    longest = max([line.consultations for line in lines] or [0]) or 1
    return [{"row": row, "longest": longest} for row in links.table(lines, "topic") if row.consultations]


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
    return ReportQuery(period, FRAMES[0], None)


def _entries_url(period: Period) -> str:
    return Links(_query(period)).entries()


def _report_url(period: Period) -> str:
    return f"{reverse('support:report')}?{urlencode({'from': period.first, 'to': period.last})}"
