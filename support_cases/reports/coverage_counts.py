"""Counting the coverage: whom of the register a period served, from the tallies, or from the entries as yardstick.

Who is registered is asked of the register either way; only whom the entries served comes from elsewhere.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import compress

from django.db.models import Count, F, Q

from support_cases.reports.counting import SEPARATOR, UNKNOWN
from support_cases.reports.kinds import Figures, Scope
from support_cases.reports.planes import present, spread
from support_cases.reports.registered import UNDATED, Register
from support_cases.reports.tallies import TOTAL
from support_cases.reports.tally_reading import Tallies, pieces_of, tallied_or_counted

BREAKDOWNS = ("district", "commune", "kind")
_COLUMNS = [f"in_{dimension}" for dimension in BREAKDOWNS]
#: Where a served cooperative is, of which a number for each topic is wanted.
_AREAS = ("district", "commune")


def coverage_figures(scope: Scope) -> Figures:
    """Count ``[registered, served]`` in all and by area and kind, and the served ones by topic.

    From the tallies, as :func:`support_cases.reports.tallied.tallied_figures` does; what is known of the register is
    one query, for a past moment two.
    """
    return tallied_or_counted(scope.period, lambda: _added_up(scope), lambda: counted_coverage(scope))


def counted_coverage(scope: Scope) -> Figures:
    """Return the same out of the entries alone; three queries."""
    register = Register(scope)
    registered = register.registered.order_by().values_list("standing", "served", *_COLUMNS).annotate(n=Count("pk"))
    others = register.known.exclude(standing="").filter(Q(served=True) | Q(standing=UNDATED)).order_by()
    other = (
        (*line, None, None, None, n) for *line, n in others.values_list("standing", "served").annotate(n=Count("pk"))
    )
    places = {f"in_{name}": register.fact(name, "cooperative__") for name in _AREAS}
    rows = register.entries.filter(cooperative__in=register.registered.order_by().values("pk"))
    about = rows.annotate(topic=F("topics__topic"), **places).values_list("topic", *places)
    return _summed([*registered, *other]) | _by_topic(about.annotate(n=Count("cooperative", distinct=True)))


def _added_up(scope: Scope) -> Figures:
    whole = list(pieces_of(scope.period))
    # The tallies before the register: so that every cooperative of theirs is found there.
    tallies = Tallies(whole, (), scope.moment, "total", "topic")
    served = spread([present(tallies.sum(whole, TOTAL))], tallies.size)
    lines: Counter = Counter()
    areas: list[tuple | None] = [None] * tallies.size
    for number, standing, *facts in Register(scope).each("standing", *_COLUMNS):
        place = tallies.place_of(number)
        lines[standing, place is not None and bool(served[place]), *facts] += 1
        if place is not None and standing == "":
            areas[place] = tuple(facts[: len(_AREAS)])
    about = []
    for line in tallies.lines("topic"):
        seen = spread([present(tallies.sum(whole, line))], tallies.size)
        of_topic = Counter(compress(areas, seen))
        # Who is not registered has no area here.
        del of_topic[None]
        about += [(line.removeprefix(f"topic{SEPARATOR}"), *area, n) for area, n in of_topic.items() if area]
    return _summed((*line, n) for line, n in lines.items()) | _by_topic(about)


def _summed(lines: Iterable[tuple]) -> Figures:
    """Return the figures of cooperatives from their standing, whether they were served, their facts in the order of
    ``BREAKDOWNS``, and how many there are of these.
    """
    found: Figures = {"total": {UNKNOWN: [0, 0]}, "apart": {}, "undated": {}}
    found |= {dimension: {} for dimension in BREAKDOWNS}
    for standing, served, *facts, n in lines:
        if standing == "":
            numbers = [n, n if served else 0]
            _add(found["total"], UNKNOWN, numbers)
            for dimension, fact in zip(BREAKDOWNS, facts, strict=True):
                _add(found[dimension], fact, numbers)
        elif served:
            _add(found["apart"], standing, [n])
        if standing == UNDATED:
            _add(found["undated"], UNKNOWN, [n])
    return found


def _by_topic(lines: Iterable[tuple]) -> Figures:
    """Return the registered cooperatives served on each topic, in all and by area, from the topics, areas and numbers
    of them; the areas add up to the whole.
    """
    found: Figures = {"topic": {}, "topic|district": {}, "topic|commune": {}}
    for topic, *areas, n in lines:
        _add(found["topic"], topic, [n])
        for name, area in zip(_AREAS, areas, strict=True):
            _add(found[f"topic|{name}"], f"{topic or UNKNOWN}{SEPARATOR}{area or UNKNOWN}", [n])
    return found


def _add(found: dict[str, list], key, numbers: list[int]) -> None:
    """Add numbers to those of a key; None is what is not known."""
    name = UNKNOWN if key is None else str(key)
    found[name] = [old + new for old, new in zip(found.get(name, [0] * len(numbers)), numbers, strict=True)]
