"""Reporting periods of both calendars: pure functions, ``today`` always given."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

MONTH = "month"
ADMINISTRATIVE = "administrative"
CALENDARS = (MONTH, ADMINISTRATIVE)

#: The longest period a report answers for.
MOST_MONTHS = 120

_FIRST_YEAR, _LAST_YEAR = 1990, 2100


@dataclass(frozen=True, order=True)
class Month:
    """A month by its number, whatever its exact days in a calendar."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Return the month written ``YYYY-MM`` or ``MM/YYYY``.

        Raises:
            ValueError: for anything else, or a year out of 1990–2100.
        """
        text = text.strip()
        year, number = _split(text)
        if not (year.isascii() and number.isascii() and year.isdigit() and number.isdigit()):
            raise ValueError(text)
        if len(year) != 4 or len(number) > 2:
            raise ValueError(text)
        month = cls(int(year), int(number))
        if not (_FIRST_YEAR <= month.year <= _LAST_YEAR and 1 <= month.number <= 12):
            raise ValueError(text)
        return month

    @classmethod
    def containing(cls, day: date, calendar: str) -> "Month":
        """Return the month of ``calendar`` to which ``day`` belongs."""
        month = cls(day.year, day.month)
        return month.plus(1) if calendar == ADMINISTRATIVE and day.day >= 15 else month

    def plus(self, months: int) -> "Month":
        """Return the month ``months`` later, or earlier when negative."""
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)

    def first_day(self, calendar: str) -> date:
        """Return its first day: the 1st, or the 15th of the month before (Decree 09/2019, Article 12)."""
        if calendar == ADMINISTRATIVE:
            before = self.plus(-1)
            return date(before.year, before.number, 15)
        return date(self.year, self.number, 1)

    def last_day(self, calendar: str) -> date:
        """Return its last day: the day before the next month of the same calendar begins."""
        return self.plus(1).first_day(calendar) - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def _split(text: str) -> tuple[str, str]:
    """Return year and number, still to be checked; a text without a dash or stroke has no number."""
    number, _stroke, year = text.partition("/")
    if not year:
        year, _dash, number = text.partition("-")
    return year, number


@dataclass(frozen=True)
class Period:
    """Whole months of one calendar, from ``first`` to ``last``, both included."""

    calendar: str
    first: Month
    last: Month

    @property
    def start(self) -> date:
        """The first day."""
        return self.first.first_day(self.calendar)

    @property
    def end(self) -> date:
        """The last day."""
        return self.last.last_day(self.calendar)

    def months(self) -> Iterator[Month]:
        """Yield the months in order."""
        month = self.first
        while month <= self.last:
            yield month
            month = month.plus(1)

    def year_before(self) -> "Period":
        """Return the same months of the year before."""
        return Period(self.calendar, self.first.plus(-12), self.last.plus(-12))

    def is_complete(self, today: date) -> bool:
        """Whether the last day is over; figures of a running month are provisional."""
        return self.end < today
