"""The figures of the lượt, added up from the tallies instead of the entries.

Gives exactly what :func:`support_cases.reports.counting.count_figures` counts.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate, compress, groupby, pairwise
from operator import itemgetter

from cooperatives.models import Cooperative, PastState
from support_cases.reports.counting import FACTS, SEPARATOR, UNKNOWN, count_figures
from support_cases.reports.kinds import Figures
from support_cases.reports.periods import COMPARED, Period
from support_cases.reports.planes import present, spread, total
from support_cases.reports.tallies import GROUPS, TOTAL
from support_cases.reports.tally_reading import Piece, Tallies, pieces, pieces_of, tallied_or_counted

#: The dimensions of :func:`tallied_totals` and of :func:`tallied_places`.
TOTALS = ("total", *COMPARED, "first_time", "first_time_last_year")
PLACED = ("total", *FACTS, "place")


def tallied_figures(period: Period, moment: datetime | None = None) -> Figures:
    """Return the figures of ``period`` as known just before ``moment``: dimension → key → ``[lượt, distinct HTX]``.

    None means now. One query for the tallies, one for the register, two for the version before and after, a few for
    the days at either end that are no half-month, and for a past moment three or four for what changed since. They are
    counted from the entries, in one statement, where too much did, or where somebody recorded between these queries.
    """
    return tallied_or_counted(period, lambda: _added_up(period, moment), lambda: count_figures(period, moment))


def tallied_totals(period: Period, moment: datetime | None = None) -> Figures:
    """Return of :func:`tallied_figures` the totals of the period and of those it is compared with, and whom it served
    for the first time.
    """
    return tallied_or_counted(
        period,
        lambda: _totals(Tallies((), [*pieces_of(period), *_beside(period)], moment), period),
        lambda: count_figures(period, moment, *TOTALS),
    )


def tallied_places(period: Period, moment: datetime | None = None) -> Figures:
    """Return of :func:`tallied_figures` the total and what hangs on where a cooperative lies and of what kind it is."""
    return tallied_or_counted(period, lambda: _placed(period, moment), lambda: count_figures(period, moment, *PLACED))


def tallied_officers(period: Period, moment: datetime | None = None) -> Figures:
    """Return of :func:`tallied_figures` the total and the officers."""
    return tallied_or_counted(
        period, lambda: _of_officers(period, moment), lambda: count_figures(period, moment, "total", "officer")
    )


def _added_up(period: Period, moment: datetime | None) -> Figures:
    last_year = period.year_before()
    whole = list(pieces_of(period))
    # The tallies before the register: so that every cooperative of theirs is found there.
    tallies = Tallies(whole, _beside(period), moment)
    by_month = {str(month): tallies.sum(pieces_of(period.part(month)), TOTAL) for month in period.months()}
    totals = _totals(tallies, period) | {"founding_groups": {UNKNOWN: [tallies.together(whole, GROUPS)[0], 0]}}
    lines = {
        "month": {month: _numbers(planes) for month, planes in by_month.items()},
        "month_last_year": {
            str(month): _numbers(tallies.sum(pieces_of(last_year.part(month)), TOTAL)) for month in last_year.months()
        },
        **_by_line(tallies, period, whole),
        **_by_place(tallies, by_month, whole, moment),
    }
    return totals | _without_zeros(lines)


def _beside(period: Period) -> list[Piece]:
    """Return the pieces of the periods a period is compared with, and of their year before it and last year's."""
    compared = [piece for one in period.compared().values() for piece in pieces_of(one)]
    return [*compared, *_earlier_in_year(period), *_earlier_in_year(period.year_before())]


def _earlier_in_year(period: Period) -> Iterator[Piece]:
    return pieces(period.year_start, period.start - timedelta(days=1))


def _totals(tallies: Tallies, period: Period) -> Figures:
    """Return the dimensions that have no keys, but founding groups."""
    wanted = {"total": period, **period.compared()}
    planes = {name: tallies.sum(pieces_of(one), TOTAL) for name, one in wanted.items()}
    found = {name: _numbers(of_period) for name, of_period in planes.items()}
    for name, one in (("total", "first_time"), ("last_year", "first_time_last_year")):
        found[one] = _first_time(planes[name], tallies.sum(_earlier_in_year(wanted[name]), TOTAL))
    return {name: {UNKNOWN: numbers} for name, numbers in found.items()}


def _placed(period: Period, moment: datetime | None) -> Figures:
    whole = list(pieces_of(period))
    tallies = Tallies(whole, (), moment, "total")
    planes = tallies.sum(whole, TOTAL)
    everyone = spread(planes, tallies.size)
    facts = _facts_by_place(tallies, moment).items()
    found = {dimension: _Grouped(keys, everyone).figures(everyone) for dimension, keys in facts}
    return {"total": {UNKNOWN: _numbers(planes)}} | _without_zeros(found)


def _of_officers(period: Period, moment: datetime | None) -> Figures:
    whole = list(pieces_of(period))
    tallies = Tallies(whole, (), moment, "total", "officer")
    total_of = {"total": {UNKNOWN: tallies.together(whole, TOTAL)}}
    return total_of | _without_zeros({"officer": _of_lines(tallies, "officer", whole)})


def _by_line(tallies: Tallies, period: Period, whole: Sequence[Piece]) -> Figures:
    """Return the dimensions that are lines of the tallies, topics by month too."""
    found = {dimension: _of_lines(tallies, dimension, whole) for dimension in ("topic", "channel", "officer")}
    found["month|topic"] = {}
    for month in period.months():
        of_month = list(pieces_of(period.part(month)))
        found["month|topic"] |= _of_lines(tallies, "topic", of_month, f"{month}{SEPARATOR}")
    return found


def _of_lines(tallies: Tallies, dimension: str, wanted: Sequence[Piece], before: str = "") -> dict[str, list]:
    """Return lượt and HTX of the lines of a dimension by key, before each of which ``before`` is put."""
    start = f"{dimension}{SEPARATOR}"
    return {f"{before}{line.removeprefix(start)}": tallies.together(wanted, line) for line in tallies.lines(dimension)}


def _by_place(
    tallies: Tallies, by_month: dict[str, list[int]], whole: Sequence[Piece], moment: datetime | None
) -> Figures:
    """Return the dimensions that hang on what the register said of a cooperative, alone and crossed with others."""
    everyone = spread(tallies.sum(whole, TOTAL), tallies.size)
    grouped = {name: _Grouped(keys, everyone) for name, keys in _facts_by_place(tallies, moment).items()}
    found = {dimension: groups.figures(everyone) for dimension, groups in grouped.items()}
    crosses: Figures = {"month|district": {}, "topic|district": {}, "topic|commune": {}}
    for month, planes in by_month.items():
        counts = spread(planes, tallies.size)
        crosses["month|district"] |= grouped["district"].figures(counts, f"{month}{SEPARATOR}")
    for line in tallies.lines("topic"):
        counts = spread(tallies.sum(whole, line), tallies.size)
        topic = line.removeprefix(f"topic{SEPARATOR}")
        for dimension in ("district", "commune"):
            crosses[f"topic|{dimension}"] |= grouped[dimension].figures(counts, f"{topic}{SEPARATOR}")
    return found | crosses


def _facts_by_place(tallies: Tallies, moment: datetime | None) -> dict[str, list[str]]:
    """Return what the register said of the cooperative at each place, by dimension; a query, or two."""
    facts = {name: [UNKNOWN] * tallies.size for name in (*FACTS, "place")}
    for number, *said in _register(moment):
        place = tallies.place_of(number)
        if place is not None:
            known = [UNKNOWN if fact is None else str(fact) for fact in said]
            known.append(SEPARATOR.join(known[1:]))
            for keys, fact in zip(facts.values(), known, strict=True):
                keys[place] = fact
    return facts


def _register(moment: datetime | None) -> Iterator[tuple]:
    """Yield each cooperative with its facts, as known just before ``moment``: what counts is said last."""
    yield from Cooperative.objects.order_by().values_list("pk", *FACTS.values())
    if moment is not None:
        # The earliest change since tells what was said before it.
        past = PastState.objects.filter(until__gte=moment).order_by("-until", "-pk")
        yield from past.values_list("cooperative", *FACTS.values())


class _Grouped:
    """The places of served cooperatives in the order of what the register said of them, so that groups are slices."""

    def __init__(self, keys: Sequence[str], served: Sequence[int]):
        order = sorted(compress(range(len(keys)), served), key=keys.__getitem__)
        ends = list(accumulate(len(list(places)) for _key, places in groupby(order, key=keys.__getitem__)))
        self._slices = [(keys[order[end - 1]], start, end) for start, end in pairwise([0, *ends])]
        self._in_order = itemgetter(*order) if len(order) > 1 else lambda counts: [counts[place] for place in order]

    def figures(self, counts: Sequence[int], before: str = "") -> dict[str, list[int]]:
        """Return lượt and HTX by key, before each of which ``before`` is put."""
        ordered = self._in_order(counts)
        # Slices of bytes are made and counted faster than those of anything else.
        ordered = bytes(ordered) if isinstance(counts, bytes) else ordered
        found = {}
        for key, start, end in self._slices:
            group = ordered[start:end]
            served = end - start - group.count(0)
            if served:
                found[f"{before}{key}"] = [sum(group), served]
        return found


def _numbers(planes: Sequence[int]) -> list[int]:
    """Return lượt and distinct HTX."""
    return [total(planes), present(planes).bit_count()]


def _first_time(of_period: Sequence[int], earlier: Sequence[int]) -> list[int]:
    """Return lượt and HTX of the cooperatives that had none before."""
    before = present(earlier)
    return _numbers([plane & ~before for plane in of_period])


def _without_zeros(found: Figures) -> Figures:
    """Return the figures as grouping entries gives them: what had no entry has no line."""
    kept = {dimension: {key: pair for key, pair in of.items() if pair[0]} for dimension, of in found.items()}
    return {dimension: of for dimension, of in kept.items() if of}
