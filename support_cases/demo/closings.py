"""What the demo office closed: each month of a year on the day after it, and the eight months it reported on."""

from datetime import datetime, time

from django.utils import timezone

from htx_portal.accounts.models import User
from support_cases.closings import close_period
from support_cases.demo.files import DemoFiles
from support_cases.reports.periods import Period

_MORNING = time(9)


def close_periods(files: DemoFiles, leader: User) -> None:
    """Close the periods of the set as at the time; what was typed later is an adjustment. Raises ``BadDataFile``.

    Runs when all entries are there. The file is in the order of the moments, as each closing names what changed
    since the one before.
    """
    for row in files.rows("closings"):
        with row.told():
            period = Period.of_months(row.text("calendar"), row.text("first"), row.text("last"))
            moment = timezone.make_aware(datetime.combine(row.day_in(row.text("closed_on")), _MORNING))
            close_period(period, by=leader, today=moment.date(), now=moment)
