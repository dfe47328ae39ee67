"""Working days: pure functions over a calendar of days off and make-up days."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

_SATURDAY = 5


@dataclass(frozen=True)
class WorkCalendar:
    """Days off that fall on weekdays, and weekend days that are worked to make up for a swap."""

    days_off: Collection[date] = field(default_factory=frozenset)
    worked_days: Collection[date] = field(default_factory=frozenset)

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on ``day``: Monday to Friday, except days off, plus make-up days."""
        if day in self.worked_days:
            return True
        return day.weekday() < _SATURDAY and day not in self.days_off

    def next_working_day(self, day: date) -> date:
        """Return ``day`` itself when it is worked, otherwise the first worked day after it."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def add_working_days(self, start: date, count: int) -> date:
        """Return the day on which ``count`` working days have passed; the day of the event is not counted.

        Raises:
            ValueError: when ``count`` is negative.
        """
        if count < 0:
            raise ValueError("a term cannot have a negative number of working days")
        day = start
        while count:
            day += timedelta(days=1)
            if self.is_working_day(day):
                count -= 1
        return day
