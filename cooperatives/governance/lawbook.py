"""The dated rules read in one query and asked many times, and the days a term may end on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import or_
from typing import NamedTuple, Self

from django.db.models import Q

from cooperatives.calendar import WorkCalendar, add_months
from cooperatives.models import Holiday, LegalRule
from cooperatives.models.legal_rules import TERM_UNITS, TermLength


class Deadline(NamedTuple):
    """The end of a term: by the calendar, and the last day something may really be done.

    They differ where the term ends on a day off (Civil Code 2015, Article 148).
    """

    ends_on: date
    last_day: date


@dataclass(frozen=True)
class Lawbook:
    """Rules by key, oldest first, and the work calendar.

    ``pinned_on``: the day whose law answers every question, whatever day is asked about, as a case is pinned.
    """

    rules: Mapping[str, Sequence[LegalRule]]
    calendar: WorkCalendar
    pinned_on: date | None = None

    @classmethod
    def read(cls, *prefixes: str) -> Self:
        """Return the rules whose keys begin with one of ``prefixes``, and the calendar; two queries."""
        rules = defaultdict(list)
        wanted = reduce(or_, (Q(key__startswith=prefix) for prefix in prefixes))
        for rule in LegalRule.objects.filter(wanted).order_by("key", "valid_from"):
            rules[rule.key].append(rule)
        return cls(rules, Holiday.objects.work_calendar())

    def pinned(self, day: date) -> Self:
        """Return the same book, opened at the law of ``day``."""
        return replace(self, pinned_on=day)

    def rule(self, key: str, day: date) -> LegalRule | None:
        """Return the rule in force on ``day``, the one that began last where several are; None for none."""
        day = self.pinned_on or day
        for rule in reversed(self.rules.get(key, ())):
            if rule.valid_from <= day and (rule.valid_to is None or day <= rule.valid_to):
                return rule
        return None

    def number(self, key: str, day: date) -> int | None:
        """Return the whole number the rule in force on ``day`` sets, or None."""
        rule = self.rule(key, day)
        return rule.whole if rule else None

    def term(self, key: str, day: date) -> TermLength | None:
        """Return the length of the term the rule in force on ``day`` sets, or None."""
        rule = self.rule(key, day)
        if rule is None or rule.whole is None or rule.unit not in TERM_UNITS:
            return None
        return TermLength(rule.whole, rule.unit)

    def after_months(self, start: date, months: int) -> Deadline:
        """Return the end of a term of ``months`` after ``start``."""
        end = add_months(start, months)
        return Deadline(end, self.calendar.next_working_day(end))

    def after_days(self, start: date, days: int) -> Deadline:
        """Return the end of a term of ``days`` calendar days after ``start``, which is not counted itself."""
        end = start + (date.resolution * days)
        return Deadline(end, self.calendar.next_working_day(end))
