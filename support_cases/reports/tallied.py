"""The figures of the lượt, added up from the tallies instead of the entries.

Gives exactly what :func:`support_cases.reports.counting.count_figures` counts. Half-months that lie in a period as a
whole are read from their tallies, the days of others from the entries. What was known at a past moment is what is known
now with everything undone that came in or was taken back since.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import compress

from django.db.models import Q, prefetch_related_objects

from cooperatives.models import Cooperative, PastState
from support_cases.models import Consultation, Tally
from support_cases.reports.counting import FACTS, SEPARATOR, UNKNOWN, count_figures
from support_cases.reports.kinds import Figures
from support_cases.reports.periods import Period
from support_cases.reports.planes import BLOCK, added, changed, joined, present, spread, total
from support_cases.reports.tallies import GROUPS, TOTAL, after, counted_in, lines_of
from support_cases.reports.versions import half_month_of, version_until

#: Undoing more than this costs more than counting.
_MOST_UNDONE = 10_000
#: Days that lie in one half-month, from the first to the last.
Piece = tuple[date, date]


def tallied_figures(period: Period, moment: datetime | None = None) -> Figures:
    """Return the figures of ``period`` as known just before ``moment``: dimension → key → ``[lượt, distinct HTX]``.

    None means now. One query for the tallies, one for the register, two for the version before and after, a few for
    the days at either end that are no half-month, and for a past moment three for what changed since. They are
    counted from the entries, in one statement, where too much did, or where somebody recorded between these queries.
    """
    version = version_until(period.end)
    try:
        found = _added_up(period, moment)
    except _CountInstead:
        return count_figures(period, moment)
    return found if version_until(period.end) == version else count_figures(period, moment)


def _added_up(period: Period, moment: datetime | None) -> Figures:
    last_year = period.year_before()
    compared = period.compared()
    earlier = list(pieces(period.year_start, period.start - timedelta(days=1)))
    whole = list(pieces_of(period))
    others = [piece for one in compared.values() for piece in pieces_of(one)]
    # The tallies before the register: so that every cooperative of theirs is found there.
    tallies = _Tallies(whole, [*others, *earlier], moment)
    by_month = {str(month): tallies.sum(pieces_of(period.part(month)), TOTAL) for month in period.months()}
    of_period = reduce(added, by_month.values(), [])
    totals = {
        "total": _numbers(of_period),
        **{name: _numbers(tallies.sum(pieces_of(one), TOTAL)) for name, one in compared.items()},
        "first_time": _first_time(of_period, tallies.sum(earlier, TOTAL)),
        "founding_groups": [total(tallies.sum(whole, GROUPS)), 0],
    }
    lines = {
        "month": {month: _numbers(planes) for month, planes in by_month.items()},
        "month_last_year": {
            str(month): _numbers(tallies.sum(pieces_of(last_year.part(month)), TOTAL)) for month in last_year.months()
        },
        **_by_line(tallies, period, whole),
        **_by_place(tallies, by_month, whole, moment),
    }
    return {name: {UNKNOWN: numbers} for name, numbers in totals.items()} | _without_zeros(lines)


def pieces_of(period: Period) -> Iterator[Piece]:
    """Yield the pieces a period is made of."""
    return pieces(period.start, period.end)


def pieces(start: date, end: date) -> Iterator[Piece]:
    """Yield the days from ``start`` to ``end`` cut at the half-months; nothing where the end comes first."""
    while start <= end:
        until = min(after(half_month_of(start)) - timedelta(days=1), end)
        yield start, until
        start = until + timedelta(days=1)


class _CountInstead(Exception):
    """The tallies do not lead to the figures asked for."""


class _Tallies:
    """The planes of every piece of some periods by line, all over the same places of cooperatives."""

    def __init__(self, whole: Iterable[Piece], compared: Iterable[Piece], moment: datetime | None):
        """Read all lines of the pieces of the ``whole`` period and the totals of those ``compared`` with it.

        Raises:
            _CountInstead: when they cannot be led back to ``moment``.
        """
        blocks: dict[tuple[Piece, str], dict[int, bytes]] = defaultdict(dict)
        asked = dict.fromkeys(whole)
        others = [piece for piece in dict.fromkeys(compared) if piece not in asked]
        counted = [*_counted(asked, moment), *_counted(others, moment, "total")]
        for piece, line, block, counts in [*_kept(asked, others), *counted]:
            blocks[piece, line][block] = counts
        for piece, line, party, step in _undone(asked, others, moment) if moment else ():
            block, place = divmod(party, BLOCK)
            found = blocks[piece, line]
            try:
                found[block] = changed(found.get(block, b""), place, step)
            except ValueError as trouble:
                raise _CountInstead from trouble
        known = {block for (_piece, line), found in blocks.items() for block in found if line != GROUPS}
        ranks = sorted(known)
        self.places = {block: rank * BLOCK for rank, block in enumerate(ranks)}
        self.size = len(ranks) * BLOCK
        self.planes: dict[str, dict[Piece, list[int]]] = defaultdict(dict)
        for (piece, line), found in blocks.items():
            self.planes[line][piece] = joined([found.get(block, b"") for block in (found if line == GROUPS else ranks)])

    def lines(self, dimension: str) -> list[str]:
        """Return the lines of a dimension there are."""
        return [line for line in self.planes if line.startswith(f"{dimension}{SEPARATOR}")]

    def each(self, wanted: Iterable[Piece], line: str) -> Iterator[list[int]]:
        """Yield the planes of a line in each of the pieces that have any."""
        found = self.planes.get(line, {})
        return (found[piece] for piece in wanted if piece in found)

    def sum(self, wanted: Iterable[Piece], line: str) -> list[int]:
        """Return the planes of a line in several pieces together."""
        return reduce(added, self.each(wanted, line), [])


def _kept(asked: Iterable[Piece], others: Iterable[Piece]):
    """Yield the tallies of the pieces that are half-months, of the ``others`` the totals; one query."""
    whole, totals = _half_months(asked), _half_months(others)
    wanted = Q(half_month__in=[*whole]) | Q(half_month__in=[*totals], line=TOTAL)
    rows = Tally.objects.filter(wanted).values_list("half_month", "line", "block", "counts")
    for half_month, line, block, counts in rows:
        yield whole.get(half_month) or totals[half_month], line, block, bytes(counts)


def _counted(wanted: Iterable[Piece], moment: datetime | None, *dimensions: str):
    """Yield what the tallies of the pieces that are no half-months would be, counted from their entries."""
    for piece in wanted:
        if not _is_half_month(piece):
            rows = Consultation.objects.known_at(moment).filter(held_on__range=piece)
            for (line, block), counts in counted_in(rows, *dimensions).items():
                yield piece, line, block, counts


def _undone(asked: Iterable[Piece], others: Iterable[Piece], moment: datetime):
    """Yield what leads the tallies of half-months back to ``moment``: piece, line, party and one more or one less.

    Two queries. Raises ``_CountInstead`` when too much came in since.
    """
    whole = _half_months(asked)
    pieces_by_start = _half_months(others) | whole
    if not pieces_by_start:
        return
    days = (min(pieces_by_start), max(until for _start, until in pieces_by_start.values()))
    since = Consultation.objects.filter(Q(recorded_at__gte=moment) | Q(voided_at__gte=moment), held_on__range=days)
    rows = list(since.order_by().defer("question", "advice")[: _MOST_UNDONE + 1])
    if len(rows) > _MOST_UNDONE:
        raise _CountInstead
    prefetch_related_objects(rows, "topics")
    for row in rows:
        # Either it stood then and was voided since, or it came in since and stands, or neither.
        step = (row.recorded_at < moment) - (not row.is_void)
        start = half_month_of(row.held_on)
        if step and start in pieces_by_start:
            for line in lines_of(row, [each.topic for each in row.topics.all()]):
                if start in whole or line == TOTAL:
                    yield pieces_by_start[start], line, row.cooperative_id or row.founding_group_id, step


def _half_months(wanted: Iterable[Piece]) -> dict[date, Piece]:
    """Return the pieces that are half-months by their first days."""
    return {piece[0]: piece for piece in wanted if _is_half_month(piece)}


def _is_half_month(piece: Piece) -> bool:
    start, until = piece
    return start == half_month_of(start) and until + timedelta(days=1) == after(start)


def _by_line(tallies: _Tallies, period: Period, whole: Sequence[Piece]) -> Figures:
    """Return the dimensions that are lines of the tallies, topics by month too."""
    found: Figures = {"month|topic": {}}
    for dimension in ("topic", "channel", "officer"):
        found[dimension] = {}
        for line in tallies.lines(dimension):
            key = line.removeprefix(f"{dimension}{SEPARATOR}")
            found[dimension][key] = _together(tallies.each(whole, line))
            if dimension == "topic":
                for month in period.months():
                    numbers = _together(tallies.each(pieces_of(period.part(month)), line))
                    found["month|topic"][f"{month}{SEPARATOR}{key}"] = numbers
    return found


def _by_place(
    tallies: _Tallies, by_month: dict[str, list[int]], whole: Sequence[Piece], moment: datetime | None
) -> Figures:
    """Return the dimensions that hang on what the register said of a cooperative."""
    facts = _facts_by_place(tallies, moment)
    everyone = spread(tallies.sum(whole, TOTAL), tallies.size)
    found = {dimension: _grouped(everyone, keys) for dimension, keys in facts.items()}
    crosses: Figures = {"month|district": {}, "topic|district": {}, "topic|commune": {}}
    for month, planes in by_month.items():
        crosses["month|district"] |= _grouped(spread(planes, tallies.size), facts["district"], f"{month}{SEPARATOR}")
    for line in tallies.lines("topic"):
        counts = spread(tallies.sum(whole, line), tallies.size)
        topic = line.removeprefix(f"topic{SEPARATOR}")
        for dimension in ("district", "commune"):
            crosses[f"topic|{dimension}"] |= _grouped(counts, facts[dimension], f"{topic}{SEPARATOR}")
    return found | crosses


def _facts_by_place(tallies: _Tallies, moment: datetime | None) -> dict[str, list[str]]:
    """Return what the register said of the cooperative at each place, by dimension; a query, or two."""
    facts = {name: [UNKNOWN] * tallies.size for name in (*FACTS, "place")}
    for number, *said in _register(moment):
        start = tallies.places.get(number // BLOCK)
        if start is not None:
            known = [UNKNOWN if fact is None else str(fact) for fact in said]
            known.append(SEPARATOR.join(known[1:]))
            for keys, fact in zip(facts.values(), known, strict=True):
                keys[start + number % BLOCK] = fact
    return facts


def _register(moment: datetime | None) -> Iterator[tuple]:
    """Yield each cooperative with its facts, as known just before ``moment``: what counts is said last."""
    yield from Cooperative.objects.order_by().values_list("pk", *FACTS.values())
    if moment is not None:
        # The earliest change since tells what was said before it.
        past = PastState.objects.filter(until__gte=moment).order_by("-until", "-pk")
        yield from past.values_list("cooperative", *FACTS.values())


def _grouped(counts: Sequence[int], keys: Sequence[str], before: str = "") -> dict[str, list[int]]:
    """Return lượt and HTX by key, before each of which ``before`` is put."""
    served = Counter(compress(keys, counts))
    times = dict.fromkeys(served, 0)
    for key, count in zip(compress(keys, counts), filter(None, counts), strict=True):
        times[key] += count
    return {f"{before}{key}": [times[key], distinct] for key, distinct in served.items()}


def _numbers(planes: Sequence[int]) -> list[int]:
    """Return lượt and distinct HTX."""
    return [total(planes), present(planes).bit_count()]


def _together(each: Iterable[Sequence[int]]) -> list[int]:
    """Return lượt and distinct HTX of several pieces without adding their planes."""
    times, seen = 0, 0
    for planes in each:
        times += total(planes)
        seen |= present(planes)
    return [times, seen.bit_count()]


def _first_time(of_period: Sequence[int], earlier: Sequence[int]) -> list[int]:
    """Return lượt and HTX of the cooperatives that had none before."""
    before = present(earlier)
    return _numbers([plane & ~before for plane in of_period])


def _without_zeros(found: Figures) -> Figures:
    """Return the figures as grouping entries gives them: what had no entry has no line."""
    kept = {dimension: {key: pair for key, pair in of.items() if pair[0]} for dimension, of in found.items()}
    return {dimension: of for dimension, of in kept.items() if of}
