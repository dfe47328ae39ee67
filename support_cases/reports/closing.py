"""Whether the figures of a period are final, and what was recorded after they were."""

from datetime import date

from django.utils import timezone

from support_cases.models import Closing
from support_cases.reports.periods import Period


def closed_on(period: Period) -> date | None:
    """Return the day on which the last month of ``period`` was closed, or None while one of them is open."""
    months = [str(month) for month in period.months()]
    moments = list(
        Closing.objects.filter(calendar=period.calendar, month__in=months).values_list("closed_at", flat=True)
    )
    return timezone.localdate(max(moments)) if len(moments) == len(months) else None
