"""Figures by place: sums in every territorial frame, and whether they agree."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from cooperatives.choices import UnitKind, UnitLevel
from cooperatives.models import AdminUnit
from support_cases.reports.counting import SEPARATOR, UNKNOWN
from support_cases.reports.kinds import Figures, Names
from support_cases.reports.served_lines import MOST_UNITS

#: The dimensions that are a part of a place, in the order its key names them.
PARTS = ("district", "old_commune", "commune")


class Unit(NamedTuple):
    """One unit: its official code, its name with the word for its kind, what it lay in and what it became."""

    code: str
    name: str
    parent: str = UNKNOWN
    successor: str = UNKNOWN


class Place(NamedTuple):
    """Where cooperatives lie in both frames, by the numbers of the units as text; empty where not known."""

    district: str
    old_commune: str
    commune: str

    def part(self, dimension: str) -> str:
        """Return the number of the unit of one of :data:`PARTS`."""
        found: str = getattr(self, dimension)
        return found


@dataclass(frozen=True)
class Difference:
    """Figures that should be the same and are not: of which dimension, of which unit (its number; None: of all).

    ``official`` is the unit the resolution names where a cooperative stands in another; figures are None then.
    """

    dimension: str
    key: str | None
    counted: list[int] | None = None
    summed: list[int] | None = None
    official: str = UNKNOWN


def places(found: Figures, dimension: str = "place") -> dict[Place, list]:
    """Return the figures of a dimension whose keys are whole places."""
    return {Place(*key.split(SEPARATOR)): numbers for key, numbers in found.get(dimension, {}).items()}


def summed(rows: Iterable[list]) -> list[int]:
    """Return lượt and HTX of all ``rows`` together."""
    rows = list(rows)
    return [sum(row[at] for row in rows) for at in (0, 1)]


def all_units(wanted: Iterable[str]) -> dict[str, dict[str, Unit]]:
    """Return for each of :data:`PARTS` its units by their numbers as text, in the order of their codes.

    All of them while they fit on a page, otherwise the ``wanted`` ones and what these lie in. One query.
    """
    rows = AdminUnit.objects.exclude(level=UnitLevel.PROVINCE).order_by("code", "valid_from")
    columns = ("pk", "code", "kind", "name", "level", "parent", "parent__level", "successor")
    listed = list(rows.values_list(*columns)[: 3 * MOST_UNITS + 1])
    if len(listed) > 3 * MOST_UNITS:
        listed = list(rows.filter(pk__in={int(key) for key in wanted if key}).values_list(*columns))
    kinds = {kind.value: str(kind.label) for kind in UnitKind}
    found: dict[str, dict[str, Unit]] = {dimension: {} for dimension in PARTS}
    for pk, code, kind, name, level, parent, parent_level, successor in listed:
        part = "old_commune" if parent_level == UnitLevel.DISTRICT else "commune"
        part = "district" if level == UnitLevel.DISTRICT else part
        found[part][str(pk)] = Unit(code, f"{kinds[kind]} {name}", str(parent or UNKNOWN), str(successor or UNKNOWN))
    return found


def units_of(by_place: Iterable[Place], names: Names) -> dict[str, dict[str, Unit]]:
    """Return :func:`all_units`, of places with figures at least, under the names they had when a closing kept them."""
    found = all_units({place.part(dimension) for place in by_place for dimension in PARTS})
    for units in found.values():
        called = names.units({key: unit.name for key, unit in units.items()})
        units.update({key: Unit(one.code, called[key], one.parent, one.successor) for key, one in units.items()})
    return found


def differences(found: Figures, units: dict[str, dict[str, Unit]]) -> list[Difference]:
    """Return where figures of the frames do not agree; empty when every sum holds.

    The units of each frame add up to the total, the places in a unit to the unit, and every old commune lies in its
    district and went into the new commune that the resolution names.
    """
    total, by_place = summed(found.get("total", {}).values()), places(found)
    wrong = []
    for dimension in (*PARTS, "place"):
        sums = summed(found.get(dimension, {}).values())
        if sums != total:
            wrong.append(Difference(dimension, None, total, sums))
    for dimension in PARTS:
        for key, counted in found.get(dimension, {}).items():
            sums = summed(numbers for place, numbers in by_place.items() if place.part(dimension) == key)
            if sums != list(counted):
                wrong.append(Difference(dimension, key, list(counted), sums))
    return wrong + _misplaced(by_place, units["old_commune"])


def _misplaced(by_place: Iterable[Place], old: dict[str, Unit]) -> list[Difference]:
    """Return the places whose district or new commune is not the one their old commune belongs to."""
    wrong = []
    for place in by_place:
        unit = old.get(place.old_commune)
        if unit is None:
            continue
        if place.district != unit.parent:
            wrong.append(Difference("district", place.old_commune, official=unit.parent))
        if place.commune != unit.successor:
            wrong.append(Difference("commune", place.old_commune, official=unit.successor))
    return wrong
