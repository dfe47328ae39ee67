"""Which months of a contract count, and how many of them are used and left."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from cooperatives.calendar import add_months
from cooperatives.models import MonthlyConfirmation, PaymentItem, Placement
from cooperatives.workforce.rules import SupportRules


def first_day(day: date) -> date:
    """Return the first day of the month ``day`` lies in."""
    return day.replace(day=1)


def last_day(month: date) -> date:
    """Return the last day of the month ``month`` lies in."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def months_between(start: date, end: date) -> list[date]:
    """Return the first day of every month that has a day from ``start`` to ``end``."""
    count = (end.year - start.year) * 12 + end.month - start.month + 1
    return [add_months(first_day(start), number) for number in range(count)]


def days_in_month(month: date, start: date, end: date) -> int:
    """Return how many days from ``start`` to ``end``, both included, lie in the month."""
    return max(0, (min(end, last_day(month)) - max(start, first_day(month))).days + 1)


def counted_months(placement: Placement, rules: SupportRules) -> list[date]:
    """Return the months of the contract that count: with at least so many of its days as ``hr.month_counts_from_days``.

    Without that rule a single day is enough. The rule is read on the first day of each month.
    """
    start, end = placement.started_on, placement.last_day
    return [
        month
        for month in months_between(start, end)
        if days_in_month(month, start, end) >= max(1, rules.count("hr.month_counts_from_days", month) or 1)
    ]


@dataclass(frozen=True)
class Tally:
    """The months of one placement, and what is recorded about them.

    ``elsewhere`` are the months of the same person's earlier contracts at the same cooperative, which count against
    the limit too. ``idle`` are months confirmed as not worked at all, in any of them: they use nothing up.
    """

    months: Sequence[date]
    limit: int | None = None
    elsewhere: frozenset[date] = frozenset()
    idle: frozenset[date] = frozenset()
    confirmations: Mapping[date, MonthlyConfirmation] = field(default_factory=dict)
    payments: Mapping[date, PaymentItem] = field(default_factory=dict)

    @property
    def using(self) -> list[date]:
        """All months that use the limit up, in order, of this contract and those before."""
        return sorted((self.elsewhere | frozenset(self.months)) - self.idle)

    @property
    def supported(self) -> frozenset[date]:
        """The months of this contract within the limit."""
        return frozenset(self.using[: self.limit]) & frozenset(self.months)

    @property
    def beyond(self) -> int:
        """How many months the contracts together go over the limit."""
        return 0 if self.limit is None else max(0, len(self.using) - self.limit)

    def used(self, today: date) -> int:
        """How many months are over by ``today``: a month counts when it has ended, never more than the limit."""
        ended = sum(last_day(month) < today for month in self.using)
        return ended if self.limit is None else min(ended, self.limit)

    def left(self, today: date) -> int | None:
        """How many months of support are left, or None where there is no limit."""
        return None if self.limit is None else self.limit - self.used(today)

    def missing(self, today: date) -> list[date]:
        """The supported months that have ended and that nobody has confirmed."""
        return sorted(month for month in self.supported if last_day(month) < today and month not in self.confirmations)


def tally_of(placement: Placement, rules: SupportRules) -> Tally:
    """Return the tally of one placement, saved or not yet."""
    return tallies([placement], rules)[placement.pk]


def tallies(placements: Iterable[Placement], rules: SupportRules) -> dict[int | None, Tally]:
    """Return the tallies of placements by primary key, in three queries however many there are."""
    placements = list(placements)
    family = _same_person(placements)
    pks = {one.pk for group in (placements, *family.values()) for one in group if one.pk}
    confirmed: dict[int, dict] = defaultdict(dict)
    for row in MonthlyConfirmation.objects.filter(placement__in=pks):
        confirmed[row.placement_id][row.month] = row
    paid: dict[int, dict] = defaultdict(dict)
    for item in PaymentItem.objects.filter(placement__in=[one.pk for one in placements if one.pk]):
        paid[item.placement_id][item.month] = item
    return {one.pk: _tally(one, family, confirmed, paid, rules) for one in placements}


def _tally(placement: Placement, family, confirmed, paid, rules: SupportRules) -> Tally:
    contracts = family.get(_who(placement), ())
    earlier = [one for one in contracts if one.pk != placement.pk and one.started_on < placement.started_on]
    own = confirmed[placement.pk] if placement.pk else {}
    every = [own, *(confirmed[one.pk] for one in earlier)]
    return Tally(
        months=counted_months(placement, rules),
        limit=rules.count("hr.max_months", placement.started_on),
        elsewhere=frozenset(month for one in earlier for month in counted_months(one, rules)),
        idle=frozenset(month for rows in every for month, row in rows.items() if not row.days_worked),
        confirmations=own,
        payments=paid[placement.pk] if placement.pk else {},
    )


def _same_person(placements: Sequence[Placement]) -> dict[tuple[int, str], list[Placement]]:
    """Return all contracts of each of the people in ``placements``."""
    found = Placement.objects.filter(
        cooperative__in={one.cooperative_id for one in placements},
        person_label__in={one.person_label for one in placements},
    )
    contracts: dict[tuple[int, str], list[Placement]] = {_who(one): [] for one in placements}
    for one in found:
        if _who(one) in contracts:
            contracts[_who(one)].append(one)
    return contracts


def _who(placement: Placement) -> tuple[int, str]:
    return placement.cooperative_id, placement.person_label
