"""What the demo office closed: each month of two years on the day after it, and the eight months it reported on."""

from datetime import datetime, timedelta

from htx_portal.accounts.models import User
from support_cases.closings import close_period
from support_cases.models.consultation import end_of
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Month, Period

_YEARS = (2023, 2024)
#: The report of eight months was sent later, when everybody had written down what they did.
_EIGHT_MONTHS = Period(MONTH, Month(2023, 1), Month(2023, 8))
_MONTH_LATER, _REPORT_LATER = timedelta(hours=9), timedelta(days=7, hours=9)


def close_periods(leader: User) -> int:
    """Close the periods of the demo set as at the time and return how many; what was typed later is an adjustment.

    Runs when all entries are there.
    """
    months = [Month(year, number) for year in _YEARS for number in range(1, 13)]
    office = [Period(ADMINISTRATIVE, month, month) for month in months]
    due = [(_after(period, _MONTH_LATER), period) for period in office]
    due.append((_after(_EIGHT_MONTHS, _REPORT_LATER), _EIGHT_MONTHS))
    # In the order of their moments, as each names what changed since the one before.
    for moment, period in sorted(due):
        close_period(period, by=leader, today=moment.date(), now=moment)
    return len(due)


def _after(period: Period, later: timedelta) -> datetime:
    return end_of(period.end) + later
