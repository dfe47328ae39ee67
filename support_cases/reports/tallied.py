"""The figures of the lượt, added up from the tallies instead of the entries.

Gives exactly what :func:`support_cases.reports.counting.count_figures` counts.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import reduce
from itertools import compress

from cooperatives.models import Cooperative, PastState
from support_cases.reports.counting import FACTS, SEPARATOR, UNKNOWN, count_figures
from support_cases.reports.kinds import Figures
from support_cases.reports.periods import Period
from support_cases.reports.planes import added, present, spread, total
from support_cases.reports.tallies import GROUPS, TOTAL
from support_cases.reports.tally_reading import Piece, Tallies, pieces, pieces_of, tallied_or_counted

#: The dimensions of :func:`tallied_places`.
PLACED = ("total", *FACTS, "place")


def tallied_figures(period: Period, moment: datetime | None = None) -> Figures:
    """Return the figures of ``period`` as known just before ``moment``: dimension → key → ``[lượt, distinct HTX]``.

    None means now. One query for the tallies, one for the register, two for the version before and after, a few for
    the days at either end that are no half-month, and for a past moment three for what changed since. They are
    counted from the entries, in one statement, where too much did, or where somebody recorded between these queries.
    """
    return tallied_or_counted(period, lambda: _added_up(period, moment), lambda: count_figures(period, moment))


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
    compared = period.compared()
    earlier = list(pieces(period.year_start, period.start - timedelta(days=1)))
    whole = list(pieces_of(period))
    others = [piece for one in compared.values() for piece in pieces_of(one)]
    # The tallies before the register: so that every cooperative of theirs is found there.
    tallies = Tallies(whole, [*others, *earlier], moment)
    by_month = {str(month): tallies.sum(pieces_of(period.part(month)), TOTAL) for month in period.months()}
    of_period = reduce(added, by_month.values(), [])
    totals = {
        "total": _numbers(of_period),
        **{name: _numbers(tallies.sum(pieces_of(one), TOTAL)) for name, one in compared.items()},
        "first_time": _first_time(of_period, tallies.sum(earlier, TOTAL)),
        "founding_groups": [tallies.together(whole, GROUPS)[0], 0],
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


def _placed(period: Period, moment: datetime | None) -> Figures:
    whole = list(pieces_of(period))
    tallies = Tallies(whole, (), moment, "total")
    everyone = tallies.sum(whole, TOTAL)
    return {"total": {UNKNOWN: _numbers(everyone)}} | _without_zeros(_by_fact(tallies, everyone, moment)[0])


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
    found, facts = _by_fact(tallies, tallies.sum(whole, TOTAL), moment)
    crosses: Figures = {"month|district": {}, "topic|district": {}, "topic|commune": {}}
    for month, planes in by_month.items():
        crosses["month|district"] |= _grouped(spread(planes, tallies.size), facts["district"], f"{month}{SEPARATOR}")
    for line in tallies.lines("topic"):
        counts = spread(tallies.sum(whole, line), tallies.size)
        topic = line.removeprefix(f"topic{SEPARATOR}")
        for dimension in ("district", "commune"):
            crosses[f"topic|{dimension}"] |= _grouped(counts, facts[dimension], f"{topic}{SEPARATOR}")
    return found | crosses


def _by_fact(tallies: Tallies, planes: Sequence[int], moment: datetime | None) -> tuple[Figures, dict[str, list[str]]]:
    """Return the dimensions that are what the register said of a cooperative, and its facts by place."""
    facts = _facts_by_place(tallies, moment)
    counts = spread(planes, tallies.size)
    return {dimension: _grouped(counts, keys) for dimension, keys in facts.items()}, facts


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


def _first_time(of_period: Sequence[int], earlier: Sequence[int]) -> list[int]:
    """Return lượt and HTX of the cooperatives that had none before."""
    before = present(earlier)
    return _numbers([plane & ~before for plane in of_period])


def _without_zeros(found: Figures) -> Figures:
    """Return the figures as grouping entries gives them: what had no entry has no line."""
    kept = {dimension: {key: pair for key, pair in of.items() if pair[0]} for dimension, of in found.items()}
    return {dimension: of for dimension, of in kept.items() if of}
