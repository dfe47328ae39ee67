"""Reading the tallies: the numbers of some periods by line, as known now or led back to a past moment.

Half-months that lie in a period as a whole are read from their tallies, the days of others from the entries. What was
known at a past moment is what is known now with everything undone that came in or was taken back since.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import reduce
from typing import TypeVar

from django.db.models import CharField, Q, prefetch_related_objects
from django.db.models.functions import Cast

from support_cases.models import Consultation, Tally
from support_cases.reports.counting import SEPARATOR
from support_cases.reports.periods import Period
from support_cases.reports.planes import BLOCK, PLANE, added, changed, joined, planes_of, present, total
from support_cases.reports.tallies import GROUPS, TOTAL, after, counted_in, lines_of
from support_cases.reports.versions import half_month_of, version_until

#: Undoing more than this costs more than counting.
_MOST_UNDONE = 10_000
#: So many entries that changed since a moment are sooner read than those held in a month.
_FEW_UNDONE = 1_000
#: Days that lie in one half-month, from the first to the last.
Piece = tuple[date, date]
Found = TypeVar("Found")


class CountInstead(Exception):
    """The tallies do not lead to the figures asked for."""


def tallied_or_counted(period: Period, tallied: Callable[[], Found], counted: Callable[[], Found]) -> Found:
    """Return what ``tallied`` adds up from the tallies of a period; what ``counted`` finds in the entries where it
    raises :class:`CountInstead`, or where somebody recorded while it was added up. Two queries more.
    """
    version = version_until(period.end)
    try:
        found = tallied()
    except CountInstead:
        return counted()
    return found if version_until(period.end) == version else counted()


def pieces_of(period: Period) -> Iterator[Piece]:
    """Yield the pieces a period is made of."""
    return pieces(period.start, period.end)


def pieces(start: date, end: date) -> Iterator[Piece]:
    """Yield the days from ``start`` to ``end`` cut at the half-months; nothing where the end comes first."""
    while start <= end:
        until = min(after(half_month_of(start)) - timedelta(days=1), end)
        yield start, until
        start = until + timedelta(days=1)


class Tallies:
    """The numbers of every piece of some periods by line, all over the same places of cooperatives."""

    def __init__(self, whole: Iterable[Piece], compared: Iterable[Piece], moment: datetime | None, *dimensions: str):
        """Read the lines of the pieces of the ``whole`` period, of all dimensions or of those named, and the totals of
        the pieces ``compared`` with it. One query, a few for the days at either end that are no half-month, and two
        or three for a past moment.

        Raises:
            CountInstead: when they cannot be led back to ``moment``.
        """
        self._blocks: dict[str, dict[Piece, dict[int, bytes]]] = defaultdict(lambda: defaultdict(dict))
        self._planes: dict[tuple[str, Piece], list[int]] = {}
        asked = dict.fromkeys(whole)
        others = [piece for piece in dict.fromkeys(compared) if piece not in asked]
        counted = [*_counted(asked, moment, *dimensions), *_counted(others, moment, "total")]
        for piece, line, block, counts in [*_kept(asked, others, dimensions), *counted]:
            self._blocks[line][piece][block] = counts
        for piece, line, party, step in _undone(asked, others, dimensions, moment) if moment else ():
            block, place = divmod(party, BLOCK)
            found = self._blocks[line][piece]
            try:
                found[block] = changed(found.get(block, b""), place, step)
            except ValueError as trouble:
                raise CountInstead from trouble
        of_cooperatives = (found for line, found in self._blocks.items() if line != GROUPS)
        self._ranks = sorted({block for found in of_cooperatives for blocks in found.values() for block in blocks})
        #: Where the numbers of a block of cooperatives begin.
        self.places = {block: rank * BLOCK for rank, block in enumerate(self._ranks)}
        self.size = len(self._ranks) * BLOCK

    def place_of(self, cooperative: int) -> int | None:
        """Return where the number of a cooperative is; None where nobody of its block has any."""
        block, place = divmod(cooperative, BLOCK)
        start = self.places.get(block)
        return None if start is None else start + place

    def lines(self, dimension: str) -> list[str]:
        """Return the lines of a dimension there are."""
        return [line for line in self._blocks if line.startswith(f"{dimension}{SEPARATOR}")]

    def sum(self, wanted: Iterable[Piece], line: str) -> list[int]:
        """Return the planes of a line of cooperatives in several pieces together."""
        found = self._blocks.get(line, {})
        return reduce(added, (self._joined(line, piece) for piece in wanted if piece in found), [])

    def together(self, wanted: Iterable[Piece], line: str) -> list[int]:
        """Return lượt and distinct parties of a line in several pieces, without adding their planes."""
        found = self._blocks.get(line, {})
        times, seen = 0, defaultdict(int)
        for piece in wanted:
            for block, counts in found.get(piece, {}).items():
                # Officers have tens of thousands of blocks, and few of these a second plane.
                if len(counts) <= PLANE:
                    plane = int.from_bytes(counts, "little")
                    times += plane.bit_count()
                    seen[block] |= plane
                else:
                    planes = planes_of(counts)
                    times += total(planes)
                    seen[block] |= present(planes)
        return [times, sum(plane.bit_count() for plane in seen.values())]

    def _joined(self, line: str, piece: Piece) -> list[int]:
        known = self._planes.get((line, piece))
        if known is None:
            found = self._blocks[line][piece]
            known = self._planes[line, piece] = joined([found.get(block, b"") for block in self._ranks])
        return known


def _kept(asked: Iterable[Piece], others: Iterable[Piece], dimensions: Iterable[str]):
    """Yield the tallies of the pieces that are half-months, of the ``others`` the totals; one query."""
    whole, totals = _half_months(asked), _half_months(others)
    lines = Q()
    for dimension in dimensions:
        lines |= Q(line__startswith=f"{dimension}{SEPARATOR}")
    wanted = Q(half_month__in=[*whole]) & lines | Q(half_month__in=[*totals], line=TOTAL)
    # Tens of thousands of rows: a day as text is read faster than a day, and looked up as well.
    rows = Tally.objects.filter(wanted).annotate(starts=Cast("half_month", CharField()))
    piece_of = {start.isoformat(): piece for start, piece in (totals | whole).items()}
    for starts, line, block, counts in rows.values_list("starts", "line", "block", "counts"):
        yield piece_of[starts], line, block, bytes(counts)


def _counted(wanted: Iterable[Piece], moment: datetime | None, *dimensions: str):
    """Yield what the tallies of the pieces that are no half-months would be, counted from their entries."""
    for piece in wanted:
        if not _is_half_month(piece):
            rows = Consultation.objects.known_at(moment).filter(held_on__range=piece)
            for (line, block), counts in counted_in(rows, *dimensions).items():
                yield piece, line, block, counts


def _undone(asked: Iterable[Piece], others: Iterable[Piece], dimensions: Iterable[str], moment: datetime):
    """Yield what leads the tallies of half-months back to ``moment``: piece, line, party and one more or one less.

    Two queries, or three. Raises ``CountInstead`` when too much came in since.
    """
    whole = _half_months(asked)
    pieces_by_start = _half_months(others) | whole
    if not pieces_by_start:
        return
    rows = _changed_since(moment, min(pieces_by_start), max(until for _start, until in pieces_by_start.values()))
    if len(rows) > _MOST_UNDONE:
        raise CountInstead
    prefetch_related_objects(rows, "topics")
    for row in rows:
        # Either it stood then and was voided since, or it came in since and stands, or neither.
        step = (row.recorded_at < moment) - (not row.is_void)
        start = half_month_of(row.held_on)
        if step and start in pieces_by_start:
            for line in lines_of(row, [each.topic for each in row.topics.all()]):
                if line == TOTAL or (start in whole and _is_of(line, dimensions)):
                    yield pieces_by_start[start], line, row.cooperative_id or row.founding_group_id, step


def _changed_since(moment: datetime, first: date, last: date) -> list[Consultation]:
    """Return the entries held from ``first`` to ``last`` that came in or were voided since ``moment``, so many at most.

    Where few were, they are found by when that was and not by the day they were held: all that was ever recorded of
    those days would be looked through. One query, or two.
    """
    changed_then = Consultation.objects.filter(Q(recorded_at__gte=moment) | Q(voided_at__gte=moment))
    changed_then = changed_then.order_by().defer("question", "advice")
    rows = list(changed_then[: _FEW_UNDONE + 1])
    if len(rows) <= _FEW_UNDONE:
        return [row for row in rows if first <= row.held_on <= last]
    return list(changed_then.filter(held_on__range=(first, last))[: _MOST_UNDONE + 1])


def _is_of(line: str, dimensions: Iterable[str]) -> bool:
    """Whether a line is of one of the dimensions; without any it is."""
    return not dimensions or line.partition(SEPARATOR)[0] in dimensions


def _half_months(wanted: Iterable[Piece]) -> dict[date, Piece]:
    """Return the pieces that are half-months by their first days."""
    return {piece[0]: piece for piece in wanted if _is_half_month(piece)}


def _is_half_month(piece: Piece) -> bool:
    start, until = piece
    return start == half_month_of(start) and until + timedelta(days=1) == after(start)
