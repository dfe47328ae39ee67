"""The clock of a case: its due day, the standstill while it waits, all counted in working days."""

from datetime import date, time

from cooperatives.calendar import WorkCalendar
from cooperatives.models import Holiday, LegalRule


def default_due_day(topic: str, opened_on: date, received_at: time | None = None) -> date | None:
    """Return the day by which the office wants a case of ``topic`` done, or None where no rule says.

    The rule ``case.due_working_days.<topic>`` counts from the working day the request counts as received on,
    which after the hour of rule ``cutoff_hour`` is the next one.
    """
    days = LegalRule.objects.days(f"case.due_working_days.{topic}", opened_on)
    if days is None:
        return None
    calendar = Holiday.objects.work_calendar()
    received = calendar.reception_day(opened_on, received_at, LegalRule.objects.cutoff(opened_on))
    return calendar.add_working_days(received, days)


def resumed_due_day(due_on: date, stopped_on: date, resumed_on: date, calendar: WorkCalendar) -> date:
    """Return the due day of a case that stood still from ``stopped_on`` and goes on from ``resumed_on``.

    As many working days are left after the standstill as before it; what was late before is late by as many.
    A standstill never brings the due day nearer.
    """
    if resumed_on <= stopped_on:
        return due_on
    left = calendar.working_days_between(stopped_on, due_on)
    return max(due_on, calendar.shift(resumed_on, left))
