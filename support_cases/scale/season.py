"""When work is done and on what: the weights of months, weekdays and topics."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate

from cooperatives.calendar import WorkCalendar
from support_cases.support_types import SUPPORT_TYPES

#: January to December: little around Tết, much in spring and before the councils of autumn.
_MONTHS = (0.9, 0.6, 1.4, 1.3, 1.1, 1.1, 1.0, 0.95, 1.0, 1.1, 1.2, 1.0)
_YEARS = {2022: 0.85, 2023: 1.0, 2024: 1.1, 2025: 1.2}
#: What is left of a working day's entries on a day nobody is supposed to work.
_FREE_DAY = 0.04
#: Congresses in spring, tax by the end of March, OCOP before the councils, lines when the law changed.
_TOPICS = {
    "registration": (1.1, 0.9, 1.2, 1.1, 1.0, 1.0, 1.2, 1.0, 1.0, 1.0, 1.0, 0.9),
    "business_lines": (0.8, 0.7, 1.0, 1.3, 1.2, 1.0, 1.1, 0.8, 0.9, 0.9, 1.2, 1.0),
    "term_congress": (1.5, 1.4, 2.2, 1.8, 0.9, 0.5, 0.4, 0.3, 0.4, 0.5, 0.7, 1.0),
    "ocop": (0.4, 0.4, 0.7, 1.0, 1.5, 1.6, 1.0, 1.2, 1.7, 1.8, 1.2, 0.6),
    "loan": (0.7, 0.6, 1.0, 1.1, 1.1, 1.0, 0.9, 1.0, 1.1, 1.1, 1.0, 0.9),
    "tax": (1.4, 1.2, 2.6, 1.2, 0.6, 0.6, 0.9, 0.5, 0.6, 0.9, 0.6, 0.9),
    "human_resources": (0.4, 0.4, 0.6, 0.7, 0.8, 0.9, 0.9, 0.8, 0.8, 0.7, 0.6, 0.5),
}


def entries_by_day(days: Sequence[date], total: int, calendar: WorkCalendar) -> Iterator[tuple[date, int]]:
    """Yield each day with its number of entries; the numbers add up to ``total``."""
    weights = [
        _MONTHS[day.month - 1] * _YEARS.get(day.year, 1.0) * (1.0 if calendar.is_working_day(day) else _FREE_DAY)
        for day in days
    ]
    whole, given = sum(weights), 0
    for day, until_now in zip(days, accumulate(weights), strict=True):
        due = total if day == days[-1] else round(total * until_now / whole)
        yield day, due - given
        given = due


def topics_of_month(month: int) -> tuple[list[str], list[float]]:
    """Return the topics and their cumulative weights in a month; a kind without a season weighs 1."""
    topics = list(SUPPORT_TYPES)
    return topics, list(accumulate(_TOPICS.get(topic, (1.0,) * 12)[month - 1] for topic in topics))
