"""The dated rules of the support and the wage regions, read once and asked many times: pure after loading."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q

from cooperatives.choices import Degree, UnitLevel
from cooperatives.models import AdminUnit, Cooperative, LegalRule
from cooperatives.text import fold

#: Degrees from the lowest up, under the words the rule ``hr.min_degree`` may say.
DEGREE_WORDS = {"trung cap": Degree.INTERMEDIATE, "cao dang": Degree.COLLEGE, "dai hoc": Degree.UNIVERSITY}
DEGREE_ORDER = [*DEGREE_WORDS.values()]
_REGIONS = (1, 2, 3, 4)
# Larger figures are typing mistakes; they count as no rule, as everywhere.
_MOST_WAGE, _MOST_COEFFICIENT, _MOST_COUNT = 10**9, 100, 999


@dataclass(frozen=True)
class Region:
    """The wage region of a place on a day, 1 to 4, the highest first.

    ``provisional``: taken by the rule that a merged unit is of the highest region among its parts, because the
    list by new communes is not in the rules.
    """

    number: int
    provisional: bool
    rules: tuple[LegalRule, ...]


@dataclass(frozen=True)
class SupportRules:
    """The rules ``hr.*``, ``rmw.*`` and ``area_region.*`` by key, and from which districts each commune was merged.

    ``merged`` maps the primary key of a new commune to the codes of the old districts its parts lay in.
    """

    rows: Mapping[str, Sequence[LegalRule]]
    merged: Mapping[int, frozenset[str]]
    # The months of thousands of placements ask for the same few numbers.
    _counts: dict[tuple[str, date], int | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls) -> "SupportRules":
        """Read everything in two queries."""
        prefixes = Q(key__startswith="hr.") | Q(key__startswith="rmw.") | Q(key__startswith="area_region.")
        parts = AdminUnit.objects.filter(level=UnitLevel.COMMUNE, parent__level=UnitLevel.DISTRICT)
        return cls.of(LegalRule.objects.filter(prefixes), parts.values_list("successor", "parent__code"))

    @classmethod
    def of(cls, rules: Iterable[LegalRule], parts: Iterable[tuple[int | None, str]] = ()) -> "SupportRules":
        """Return the rules made of rows and of pairs (new commune, code of the old district of a part of it)."""
        rows, merged = defaultdict(list), defaultdict(set)
        for rule in sorted(rules, key=lambda rule: rule.valid_from):
            rows[rule.key].append(rule)
        for commune, district in parts:
            if commune is not None:
                merged[commune].add(district)
        return cls(dict(rows), {commune: frozenset(codes) for commune, codes in merged.items()})

    def at(self, key: str, day: date) -> LegalRule | None:
        """Return the rule in force on ``day``, the latest begun where two overlap, or None."""
        in_force = [
            rule
            for rule in self.rows.get(key, ())
            if rule.valid_from <= day and (rule.valid_to is None or day <= rule.valid_to)
        ]
        return in_force[-1] if in_force else None

    def count(self, key: str, day: date) -> int | None:
        """Return a number of months, persons or days, or None where no readable rule says one."""
        if (key, day) not in self._counts:
            number = _amount(self.at(key, day), _MOST_COUNT)
            self._counts[key, day] = None if number is None or number % 1 else int(number)
        return self._counts[key, day]

    def wage(self, region: int, day: date) -> tuple[int | None, LegalRule | None]:
        """Return the monthly minimum wage of a region in đồng, and the rule that says so."""
        rule = self.at(f"rmw.region_{region}", day)
        number = _amount(rule, _MOST_WAGE)
        return (None, None) if number is None or number % 1 else (int(number), rule)

    def coefficient(self, day: date) -> tuple[Decimal | None, LegalRule | None]:
        """Return by how much the wage is multiplied, in thousandths at the finest, and the rule that says so."""
        rule = self.at("hr.coefficient", day)
        number = _amount(rule, _MOST_COEFFICIENT)
        return (None, None) if number is None or number * 1000 % 1 else (number, rule)

    def policy_amount(self, day: date) -> tuple[int | None, LegalRule | None]:
        """Return the amount the province fixed for everybody, in đồng a month, and the rule; (None, None) for none."""
        rule = self.at("hr.policy_amount", day)
        number = _amount(rule, _MOST_WAGE)
        return (None, None) if number is None or number % 1 else (int(number), rule)

    def min_degree(self, day: date) -> Degree | None:
        """Return the lowest degree that is supported, or None where no readable rule says."""
        rule = self.at("hr.min_degree", day)
        return DEGREE_WORDS.get(fold(rule.value)) if rule else None

    def region_of(self, cooperative: Cooperative, day: date) -> Region | None:
        """Return the wage region a cooperative lies in on ``day``, or None where no rule reaches its place.

        The list by new communes goes first, then that by districts; where neither is in force any more, the highest
        of the regions its parts had last (rule for merged units, the list itself being uncertain).
        """
        commune, district = cooperative.new_commune, cooperative.old_district
        keys = [f"area_region.{unit.code}" for unit in (commune, district) if unit and unit.valid_from <= day]
        for rule in (self.at(key, day) for key in keys):
            if number := _region(rule):
                return Region(number, provisional=False, rules=(rule,))
        codes = self.merged.get(cooperative.new_commune_id, frozenset()) or {district.code if district else ""}
        lapsed = [rule for code in sorted(codes) if (rule := self._last(f"area_region.{code}", day)) and _region(rule)]
        if not lapsed:
            return None
        highest = min(lapsed, key=_region)
        return Region(_region(highest), provisional=True, rules=(highest,))

    def _last(self, key: str, day: date) -> LegalRule | None:
        """Return the rule in force on ``day`` or the last one before."""
        begun = [rule for rule in self.rows.get(key, ()) if rule.valid_from <= day]
        return begun[-1] if begun else None


def _amount(rule: LegalRule | None, most: int) -> Decimal | None:
    number = rule.number if rule else None
    return number if number is not None and number <= most else None


def _region(rule: LegalRule | None) -> int:
    """Return the region a rule says; 0 where it says none."""
    number = rule.number if rule else None
    return int(number) if number in _REGIONS else 0
