"""Whether the figures of a period are final."""

from support_cases.models import Closing
from support_cases.reports.periods import Period


def is_closed(period: Period) -> bool:
    """Whether every month of ``period`` was closed in its calendar."""
    months = [str(month) for month in period.months()]
    closed = Closing.objects.filter(calendar=period.calendar, month__in=months).count()
    return closed == len(months)
