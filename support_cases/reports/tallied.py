"""The figures of the lượt for now, added up from the tallies instead of the entries.

Gives exactly what :func:`support_cases.reports.counting.count_figures` counts. Half-months that lie in a period as a
whole are read from their tallies, the days of others from the entries.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import reduce
from itertools import compress

from django.db.models import Q

from cooperatives.models import Cooperative
from support_cases.models import Consultation, Tally
from support_cases.reports.counting import SEPARATOR, UNKNOWN
from support_cases.reports.kinds import Figures
from support_cases.reports.periods import Month, Period
from support_cases.reports.planes import BLOCK, added, joined, present, spread, total
from support_cases.reports.tallies import GROUPS, TOTAL, after, counted_in
from support_cases.reports.versions import half_month_of

_FACTS = {"kind": "kind", "district": "old_district", "old_commune": "old_commune", "commune": "new_commune"}
#: Days that lie in one half-month, from the first to the last.
Piece = tuple[date, date]


def tallied_figures(period: Period) -> Figures:
    """Return the figures of ``period`` as they are now: dimension → key → ``[lượt, distinct HTX]``.

    One query for the tallies, one for the register, and a few for the days at either end that are no half-month.
    """
    last_year = period.year_before()
    year_start = Month(period.first.year, 1).first_day(period.calendar)
    compared = {
        "previous": period.previous(),
        "last_year": last_year,
        "cumulative": period.cumulative(),
        "cumulative_last_year": last_year.cumulative(),
    }
    earlier = list(pieces(year_start, period.start - timedelta(days=1)))
    whole = list(pieces_of(period))
    others = [piece for one in compared.values() for piece in pieces_of(one)]
    # The tallies before the register: so that every cooperative of theirs is found there.
    tallies = _Tallies(whole, [*others, *earlier])
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
        **_by_place(tallies, by_month, whole, of_period),
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


class _Tallies:
    """The planes of every piece of some periods by line, all over the same places of cooperatives."""

    def __init__(self, whole: Iterable[Piece], compared: Iterable[Piece]):
        """Read all lines of the pieces of the ``whole`` period and the totals of those ``compared`` with it."""
        blocks: dict[Piece, dict[str, dict[int, bytes]]] = {}
        asked = dict.fromkeys(whole)
        others = [piece for piece in dict.fromkeys(compared) if piece not in asked]
        for piece, line, block, counts in [*_kept(asked, others), *_counted(asked), *_counted(others, "total")]:
            blocks.setdefault(piece, {}).setdefault(line, {})[block] = counts
        known = {block for lines in blocks.values() for line in lines for block in lines[line] if line != GROUPS}
        self.blocks = sorted(known)
        self.places = {block: rank * BLOCK for rank, block in enumerate(self.blocks)}
        self.size = len(self.blocks) * BLOCK
        self.planes = {
            piece: {
                line: joined([found.get(block, b"") for block in (self.blocks if line != GROUPS else found)])
                for line, found in lines.items()
            }
            for piece, lines in blocks.items()
        }

    def lines(self, dimension: str) -> list[str]:
        """Return the lines of a dimension there are."""
        known = {line for lines in self.planes.values() for line in lines}
        return [line for line in known if line.startswith(f"{dimension}{SEPARATOR}")]

    def each(self, wanted: Iterable[Piece], line: str) -> Iterator[list[int]]:
        """Yield the planes of a line in each of the pieces that have any."""
        for piece in wanted:
            planes = self.planes.get(piece, {}).get(line)
            if planes:
                yield planes

    def sum(self, wanted: Iterable[Piece], line: str) -> list[int]:
        """Return the planes of a line in several pieces together."""
        return reduce(added, self.each(wanted, line), [])


def _kept(asked: Iterable[Piece], others: Iterable[Piece]):
    """Yield the tallies of the pieces that are half-months, of the ``others`` the totals; one query."""
    whole = {one: (one, until) for one, until in asked if _is_half_month(one, until)}
    totals = {one: (one, until) for one, until in others if _is_half_month(one, until)}
    wanted = Q(half_month__in=[*whole]) | Q(half_month__in=[*totals], line=TOTAL)
    for half_month, line, block, counts in Tally.objects.filter(wanted).values_list(
        "half_month", "line", "block", "counts"
    ):
        yield whole.get(half_month) or totals[half_month], line, block, bytes(counts)


def _counted(wanted: Iterable[Piece], *dimensions: str):
    """Yield what the tallies of the pieces that are no half-months would be, counted from their entries."""
    for piece in wanted:
        if not _is_half_month(*piece):
            rows = Consultation.objects.standing().filter(held_on__range=piece)
            for (line, block), counts in counted_in(rows, *dimensions).items():
                yield piece, line, block, counts


def _is_half_month(start: date, until: date) -> bool:
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
    tallies: _Tallies, by_month: dict[str, list[int]], whole: Sequence[Piece], of_period: Sequence[int]
) -> Figures:
    """Return the dimensions that hang on what the register says of a cooperative."""
    facts = _facts_by_place(tallies)
    everyone = spread(of_period, tallies.size)
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


def _facts_by_place(tallies: _Tallies) -> dict[str, list[str]]:
    """Return what the register says of the cooperative at each place, by dimension; one query."""
    facts = {name: [UNKNOWN] * tallies.size for name in (*_FACTS, "place")}
    for number, *said in Cooperative.objects.order_by().values_list("pk", *_FACTS.values()):
        start = tallies.places.get(number // BLOCK)
        if start is not None:
            known = [UNKNOWN if fact is None else str(fact) for fact in said]
            known.append(SEPARATOR.join(known[1:]))
            for keys, fact in zip(facts.values(), known, strict=True):
                keys[start + number % BLOCK] = fact
    return facts


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
