"""The month of a reporting calendar in which a row of any table falls, as the database says it."""

from django.db.models import Case, CharField, Value, When

from support_cases.reports.periods import Period


def month_of(period: Period, day: str):
    """Return the expression that names the month of ``period`` in which the column ``day`` lies: "2024-06"."""
    whens = [
        When(**{f"{day}__range": (part.start, part.end)}, then=Value(str(month)))
        for month in period.months()
        for part in [period.part(month)]
    ]
    return Case(*whens, output_field=CharField())
