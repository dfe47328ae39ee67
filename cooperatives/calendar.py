"""Working days and terms: pure functions over a calendar of days off and make-up days."""

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, time, timedelta

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """Return the day ``months`` later (or earlier) that bears the same number, or the last day of that month.

    29/02/2024 plus 12 months is 28/02/2025 (Civil Code 2015, Article 148: a term of months ends on the
    corresponding day, where there is none on the last day of the month).
    """
    ordinal = day.year * 12 + day.month - 1 + months
    year, month = divmod(ordinal, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


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
            day += _ONE_DAY
        return day

    def reception_day(self, day: date, at: time | None, cutoff: time) -> date:
        """Return the working day on which what came in on ``day`` counts as received.

        After ``cutoff`` it is the next one (Decree 61/2018/NĐ-CP, Article 17); without a time of day it is not late.
        """
        late = at is not None and at > cutoff
        return self.next_working_day(day + _ONE_DAY if late else day)

    def add_working_days(self, start: date, count: int) -> date:
        """Return the day on which ``count`` working days have passed; the day of the event is not counted.

        Raises:
            ValueError: when ``count`` is negative.
        """
        if count < 0:
            raise ValueError("a term cannot have a negative number of working days")
        day = start
        while count:
            day += _ONE_DAY
            if self.is_working_day(day):
                count -= 1
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Return how many working days come after ``start`` up to and with ``end``; below zero going back."""
        if end < start:
            return -self.working_days_between(end, start)
        return sum(self.is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

    def shift(self, day: date, count: int) -> date:
        """Return the day from which :meth:`working_days_between` to ``day`` is ``-count``: forward or back.

        Going back ends on a working day; zero is the day itself.
        """
        if count >= 0:
            return self.add_working_days(day, count)
        while count:
            count += self.is_working_day(day)
            day -= _ONE_DAY
        while not self.is_working_day(day):
            day -= _ONE_DAY
        return day

    def add_calendar_days(self, start: date, count: int) -> date:
        """Return the end of a term of ``count`` days after the event; where that is a day off, the next working day.

        Civil Code 2015, Articles 147 and 148: the day of the event is not counted, a term does not end on a day off.
        """
        return self.next_working_day(start + timedelta(days=count))

    def end_of(self, start: date, amount: int, unit: str) -> date:
        """Return the end of a term of ``amount`` in a unit of the rules: working_day, calendar_day, month or year.

        Raises:
            ValueError: for another unit.
        """
        if unit == "working_day":
            return self.add_working_days(start, amount)
        if unit == "calendar_day":
            return self.add_calendar_days(start, amount)
        if unit in ("month", "year"):
            return self.next_working_day(add_months(start, amount * (12 if unit == "year" else 1)))
        raise ValueError(f"no term is counted in {unit}")
