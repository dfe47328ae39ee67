"""Reporting periods of both calendars: pure functions, ``today`` always given."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MONTH = "month"
ADMINISTRATIVE = "administrative"
CALENDARS = (MONTH, ADMINISTRATIVE)

#: What figures of a period are compared with.
COMPARED = ("previous", "last_year", "cumulative", "cumulative_last_year")

#: The longest period a report answers for.
MOST_MONTHS = 120

_FIRST_YEAR, _LAST_YEAR = 1990, 2100
#: No period begins before or ends after these days.
EARLIEST, LATEST = date(_FIRST_YEAR, 1, 1), date(_LAST_YEAR, 12, 31)


class Span(StrEnum):
    """The kinds of period a report is made for; each but the last two parts a year without gap or overlap."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    #: The first n months of a year: nine months are the usual one.
    FIRST_MONTHS = "first_months"
    #: Any other run of months, or from any day to any day.
    FREE = "free"


#: Months in one period of a span that parts the year.
MONTHS_OF = {Span.MONTH: 1, Span.QUARTER: 3, Span.HALF: 6, Span.YEAR: 12}


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

    @property
    def label(self) -> str:
        """The month as people write it: 08/2023."""
        return f"{self.number:02d}/{self.year}"

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
    """Months of one calendar, from ``first`` to ``last``, both included.

    With ``days`` the period is exactly from one day to another, both included, and ``first`` and ``last`` are
    the months these days lie in; the first and last month then count only from or until that day.
    """

    calendar: str
    first: Month
    last: Month
    days: tuple[date, date] | None = None

    @classmethod
    def from_day_to_day(cls, calendar: str, start: date, end: date) -> "Period":
        """Return the period of exactly these days; days that make up whole months are those months."""
        first, last = Month.containing(start, calendar), Month.containing(end, calendar)
        whole = cls(calendar, first, last)
        return whole if (whole.start, whole.end) == (start, end) else cls(calendar, first, last, (start, end))

    @classmethod
    def parse(cls, text: str, calendar: str) -> "Period":
        """Return the period called ``text``: 2024-06, 2024-Q2, 2024-H1, 2024-9M (any number of months), or 2024.

        Raises:
            ValueError: for anything else.
        """
        text = text.strip().upper()
        named = re.fullmatch(r"([0-9]{4})(?:-(?:(Q)([1-4])|(H)([12])|([0-9]{1,2})(M)))?", text)
        if not named:
            month = Month.parse(text)
            return cls(calendar, month, month)
        year, q, quarter, h, half, months, _m = named.groups()
        if not _FIRST_YEAR <= int(year) <= _LAST_YEAR or (months and not 1 <= int(months) <= 12):
            raise ValueError(text)
        first, last = 1, 12
        if q:
            first, last = 3 * int(quarter) - 2, 3 * int(quarter)
        elif h:
            first, last = 6 * int(half) - 5, 6 * int(half)
        elif months:
            last = int(months)
        return cls(calendar, Month(int(year), first), Month(int(year), last))

    @classmethod
    def of_months(cls, calendar: str, first: str, last: str) -> "Period":
        """Return the period from one month to another, both written 2024-06. Raises ``ValueError``."""
        return cls(calendar, Month.parse(first), Month.parse(last))

    @classmethod
    def containing(cls, day: date, calendar: str, span: Span) -> "Period":
        """Return the period of ``span``, one that parts the year, to which ``day`` belongs."""
        month, length = Month.containing(day, calendar), MONTHS_OF[span]
        first = Month(month.year, (month.number - 1) // length * length + 1)
        return cls(calendar, first, first.plus(length - 1))

    @property
    def start(self) -> date:
        """The first day."""
        return self.days[0] if self.days else self.first.first_day(self.calendar)

    @property
    def end(self) -> date:
        """The last day."""
        return self.days[1] if self.days else self.last.last_day(self.calendar)

    @property
    def length(self) -> int:
        """How many months it touches."""
        return (self.last.year - self.first.year) * 12 + self.last.number - self.first.number + 1

    @property
    def span(self) -> Span:
        """Which kind of period this is."""
        if self.days or self.first.year != self.last.year:
            return Span.FREE
        for span, length in MONTHS_OF.items():
            if self.length == length and self.first.number % length == 1 % length:
                return span
        return Span.FIRST_MONTHS if self.first.number == 1 else Span.FREE

    @property
    def code(self) -> str:
        """The name :meth:`parse` reads, or the exact days where there is none."""
        year, last = self.first.year, self.last.number
        return {
            Span.MONTH: str(self.first),
            Span.QUARTER: f"{year:04d}-Q{last // 3}",
            Span.HALF: f"{year:04d}-H{last // 6}",
            Span.YEAR: f"{year:04d}",
            Span.FIRST_MONTHS: f"{year:04d}-{last}M",
            Span.FREE: f"{self.start}_{self.end}",
        }[self.span]

    def months(self) -> Iterator[Month]:
        """Yield the months in order."""
        month = self.first
        while month <= self.last:
            yield month
            month = month.plus(1)

    def part(self, month: Month) -> "Period":
        """Return what of ``month`` lies in the period."""
        whole = Period(self.calendar, month, month)
        if self.days is None:
            return whole
        return Period.from_day_to_day(self.calendar, max(whole.start, self.start), min(whole.end, self.end))

    def part_of(self, first: Month, last: Month) -> "Period":
        """Return what of the months from ``first`` to ``last`` lies in the period."""
        return Period.from_day_to_day(self.calendar, self.part(first).start, self.part(last).end)

    def part_called(self, code: str) -> "Period | None":
        """Return what lies in the period of the month written 2024-06; None for a month it does not touch."""
        return next((self.part(month) for month in self.months() if str(month) == code), None)

    @property
    def year_start(self) -> date:
        """The first day of the reporting year of its first month."""
        return Month(self.first.year, 1).first_day(self.calendar)

    def year_before(self) -> "Period":
        """Return the same months of the year before, or the same days: 29 February becomes the 28th."""
        if self.days:
            return Period.from_day_to_day(self.calendar, *(_year_before(day) for day in self.days))
        return Period(self.calendar, self.first.plus(-12), self.last.plus(-12))

    def previous(self) -> "Period":
        """Return the period just before, as long as this one: as many months, or as many days."""
        if self.days:
            end = self.start - timedelta(days=1)
            return Period.from_day_to_day(self.calendar, end - (self.end - self.start), end)
        return Period(self.calendar, self.first.plus(-self.length), self.first.plus(-1))

    def cumulative(self) -> "Period":
        """Return the time from the start of the reporting year of its last month to its end (lũy kế từ đầu năm)."""
        january = Month(self.last.year, 1)
        if self.days:
            return Period.from_day_to_day(self.calendar, january.first_day(self.calendar), self.end)
        return Period(self.calendar, january, self.last)

    def compared(self) -> dict[str, "Period"]:
        """Return the periods it is compared with, by their names in ``COMPARED``."""
        before = self.year_before()
        found = (self.previous(), before, self.cumulative(), before.cumulative())
        return dict(zip(COMPARED, found, strict=True))

    def is_complete(self, today: date) -> bool:
        """Whether the last day is over; figures of a running month are provisional."""
        return self.end < today


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def ended_on(day: date, calendar: str) -> list[Period]:
    """Return the periods an office reports on that end on ``day``: month, quarter, half-year, nine months, year."""
    month = Month.containing(day, calendar)
    if month.last_day(calendar) != day:
        return []
    spans = [Period.containing(day, calendar, span) for span in MONTHS_OF]
    found = [period for period in spans if period.end == day]
    if month.number == 9:
        found.append(Period(calendar, Month(month.year, 1), month))
    return found
