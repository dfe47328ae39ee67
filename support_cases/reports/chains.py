"""Which closings a report follows: by which each month was sent before, and what changed since that no report named.

Reports are read in chains: month after month, quarter after quarter, half-year after half-year, and the first n months
of a year up to the whole of it. A change to closed months is named once in each chain.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from support_cases.models import Closing
from support_cases.reports.kinds import Scope
from support_cases.reports.periods import Month, Period, Span

#: From one moment on until just before another; None is now.
Interval = tuple[datetime, datetime | None]

#: The kinds of period whose reports are read one after the other; any other run of months is read among the months.
_CHAINS = ((Span.MONTH,), (Span.QUARTER,), (Span.HALF,), (Span.FIRST_MONTHS, Span.YEAR))
_CUMULATIVE = _CHAINS[-1]


@dataclass(frozen=True)
class Sent:
    """Months that were closed before: by which closing, their lượt then, and when changes came that no report named.

    ``by_month`` holds the lượt of the whole closing by month, None where no figures were kept. ``unnamed`` are the
    intervals between the closing and what is known that no other report of the chain covers; mostly one.
    """

    period: Period
    closing: Period
    closed_at: datetime
    unnamed: tuple[Interval, ...]
    by_month: Mapping[str, list] | None


@dataclass(frozen=True)
class _Closed:
    """One closing, taken back since or not."""

    period: Period
    at: datetime
    reopened_at: datetime | None
    by_month: dict | None = field(compare=False)

    def stood(self, moment: datetime | None) -> bool:
        """Whether it stood just before ``moment``; None means now."""
        if moment is None:
            return self.reopened_at is None
        return self.at < moment and (self.reopened_at is None or self.reopened_at >= moment)


def sent_before(scope: Scope) -> list[Sent]:
    """Return the closed months the report of a period follows, oldest first, in runs of one year; one query.

    A report follows what ends before its period begins. One that begins its year and is longer than a month also
    follows what was sent of its own months. Each month was sent once: see :func:`_rank`.
    """
    calendar = scope.period.calendar
    rows = Closing.objects.filter(calendar=calendar).order_by("closed_at", "pk")
    if scope.moment is not None:
        rows = rows.filter(closed_at__lt=scope.moment)
    found = rows.values_list("first", "last", "closed_at", "reopened_at", "figures__served__month")
    closings = _Closings([_Closed(Period.of_months(calendar, first, last), *rest) for first, last, *rest in found])
    sent = closings.followed(scope.period, scope.moment)
    unnamed = closings.unnamed(scope.period, scope.moment)
    runs = groupby(sorted(sent), lambda month: (month.year, id(sent[month]), unnamed[month]))
    return [_sent(sent[months[0]], months, unnamed[months[0]]) for months in (list(run) for _key, run in runs)]


def _sent(closed: _Closed, months: Sequence[Month], unnamed: tuple[Interval, ...]) -> Sent:
    run = Period(closed.period.calendar, months[0], months[-1])
    return Sent(run, closed.period, closed.at, unnamed, closed.by_month)


def follows(period: Period, closed: Period) -> bool:
    """Whether the report of ``period`` says what became of the months of ``closed``."""
    if closed.last < period.first:
        return True
    within = period.first <= closed.first and closed.last <= period.last and closed != period
    return within and _is_cumulative(period)


def _is_cumulative(period: Period) -> bool:
    """Whether it begins its year and adds up several months."""
    return not period.days and period.first.number == 1 and period.length > 1 and period.first.year == period.last.year


def _chain(period: Period) -> tuple[Span, ...]:
    return next((chain for chain in _CHAINS if period.span in chain), _CHAINS[0])


def _rank(period: Period, closed: Period) -> tuple[bool, int]:
    """Return what decides which of two closings sent a month to the readers of ``period``, the lesser one first.

    A closing of their own chain; to those who read figures since the start of the year the one that reached farthest.
    All others are alike: of them the first that was sent counts.
    """
    if _chain(period) == _CUMULATIVE or closed.first >= period.first:
        own = _is_cumulative(closed)
        return not own, -closed.length if own else 0
    return closed.span not in _chain(period), 0


class _Closings:
    """All closings of one calendar that may matter, in the order they were made."""

    def __init__(self, closed: Sequence[_Closed]):
        self._closed = closed
        self._named: dict[int, dict[Month, tuple[Interval, ...]]] = {}

    def followed(self, period: Period, moment: datetime | None) -> dict[Month, _Closed]:
        """Return by which closing each month was sent to the readers of ``period``."""
        found: dict[Month, _Closed] = {}
        for one in self._closed:
            if one.stood(moment) and follows(period, one.period):
                rank = _rank(period, one.period)
                for month in one.period.months():
                    # Of the same rank the earlier one stays.
                    if month not in found or rank < _rank(period, found[month].period):
                        found[month] = one
        return found

    def unnamed(self, period: Period, moment: datetime | None) -> dict[Month, tuple[Interval, ...]]:
        """Return for each month that was sent when changes came that no report of the chain which stands has named.

        What a report named that was taken back is unnamed again, as far as no other one has named it.
        """
        others = [one for one in self._of_chain(period) if one.period != period and one.stood(moment)]
        sent = self.followed(period, moment)
        if self._are_plain(period):
            return {month: (_since(closed, others, moment),) for month, closed in sent.items()}
        return {month: self._left(month, closed, others, moment) for month, closed in sent.items()}

    def _are_plain(self, period: Period) -> bool:
        """Whether every later report of the chain followed the same closings: none was taken back, and the reports of
        the chain part the year.
        """
        if _is_cumulative(period) or _chain(period) == _CUMULATIVE:
            return False
        return not any(one.reopened_at or one.period == period for one in self._closed)

    def _of_chain(self, period: Period) -> list[_Closed]:
        return [one for one in self._closed if one.period.span in _chain(period)]

    def _left(
        self, month: Month, closed: _Closed, others: Iterable[_Closed], moment: datetime | None
    ) -> tuple[Interval, ...]:
        """Return the time from the closing until ``moment`` less what other reports have named of the month."""
        free: list[Interval] = [(closed.at, moment)]
        for one in others:
            if one.at > closed.at:
                for start, end in self._named_by(one).get(month, ()):
                    free = [part for interval in free for part in _without(interval, start, end)]
        return tuple(free)

    def _named_by(self, one: _Closed) -> dict[Month, tuple[Interval, ...]]:
        if id(one) not in self._named:
            self._named[id(one)] = self.unnamed(one.period, one.at)
        return self._named[id(one)]


def _since(closed: _Closed, others: Iterable[_Closed], moment: datetime | None) -> Interval:
    """Return the time since the last report that followed a closing, of closings that are plain."""
    return max([closed.at, *(one.at for one in others if follows(one.period, closed.period))]), moment


def _without(interval: Interval, start: datetime, end: datetime | None) -> list[Interval]:
    """Return what is left of an interval when another, which ends, is taken out of it."""
    since, until = interval
    parts: list[Interval] = [(since, start if until is None else min(start, until))] if since < start else []
    if end is not None and (until is None or end < until):
        parts.append((max(since, end), until))
    return parts
