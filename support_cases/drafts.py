"""Draft reports: made by the portal when a period of the office has ended, so that a leader finds it ready to close."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils import timezone

from support_cases.closings import closing_of, kept_figures
from support_cases.models import Consultation, PeriodDraft
from support_cases.reports.doubts import doubts_of, total_of
from support_cases.reports.office import months_of, office_calendar, reported_periods
from support_cases.reports.periods import Month, Period

#: A portal that stood still makes the drafts of periods that ended so long ago; older ones nobody waits for.
CATCH_UP = timedelta(days=100)


def make_drafts(now: datetime) -> int:
    """Make the draft of each period that ended lately and has neither one nor a closing; return how many were made.

    Safe to run at any hour, twice, or twice at once: a period has one draft. Every draft is a transaction of its own,
    so that whoever is interrupted goes on where they stopped.
    """
    return sum(_make(period, now) for period in periods_to_draft(now))


def periods_to_draft(now: datetime) -> Iterator[Period]:
    """Yield the periods whose draft is missing, in the order they ended; nothing before the first entry."""
    today = timezone.localdate(now)
    first_entry = Consultation.objects.standing().aggregate(day=Min("held_on"))["day"]
    if first_entry is None:
        return
    calendar = office_calendar(today)
    since = max(first_entry, today - CATCH_UP)
    periods = reported_periods(Month.containing(since, calendar), Month.containing(today, calendar), calendar)
    for period in periods:
        if not since <= period.end < today:
            continue
        if not PeriodDraft.objects.filter(**months_of(period)).exists() and closing_of(period) is None:
            yield period


def _make(period: Period, now: datetime) -> bool:
    """Count and write one draft; return whether this call wrote it and not another one at the same moment."""
    kept = kept_figures(period, now, with_lists=False)
    _row, is_new = PeriodDraft.objects.get_or_create(
        **months_of(period),
        defaults={
            "made_at": now,
            "figures": kept.figures,
            "names": kept.names,
            "digest": kept.digest,
            "doubts": total_of(doubts_of(period, today=timezone.localdate(now))),
        },
    )
    return is_new
