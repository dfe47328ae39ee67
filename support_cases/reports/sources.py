"""Rows of the register that reports count: which of them belong to a period, and how they are counted and listed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from django.db.models import CharField, Count, F, QuerySet, Sum, Value
from django.db.models.functions import Cast

from cooperatives.errors import Words
from cooperatives.models import Cooperative
from support_cases.reports.by_month import month_of
from support_cases.reports.counting import SEPARATOR, UNKNOWN
from support_cases.reports.kinds import Figures, Listed, Scope
from support_cases.reports.listings import COOPERATIVES, Listing, listed

#: What the figures of a source hold for each key, in this order: rows, distinct cooperatives, đồng.
ROWS_AT, COOPERATIVES_AT, MONEY_AT = range(3)
NOTHING = (0, 0, 0)
#: The dimension that every source with a ``day`` has.
MONTH = "month"


@dataclass(frozen=True)
class Source:
    """One kind of fact that falls on a day.

    ``rows`` returns the rows of a scope and ``number`` what of them is counted; ``owner`` leads to the cooperative,
    ``money`` names the column that is summed in đồng. ``day`` is the column that decides the month; where ``anew``,
    each month is asked for by ``rows`` itself, for one row belongs to several. ``keys`` names the columns by which
    rows may be broken down. ``listed`` returns the rows a list shows, as many as ``number`` says, where that is not
    ``rows``; ``listed_keys`` are the columns of theirs that narrow it and ``listed_money`` the one that is summed.
    """

    code: str
    title: Words
    rows: Callable[[Scope], QuerySet]
    listing: Listing
    day: str = ""
    anew: bool = False
    money: str = ""
    number: str = "pk"
    owner: str = "cooperative"
    keys: tuple[tuple[str, str], ...] = ()
    listed: Callable[[Scope], QuerySet] | None = None
    listed_keys: tuple[tuple[str, str], ...] | None = None
    listed_money: str = ""

    def behind(self, scope: Scope, dimension: str = "", key: str = "", *, at: int = ROWS_AT) -> Listed:
        """Return the rows under one key that the number ``at`` a place counts or adds up, or the cooperatives.

        Raises:
            KeyError: for a dimension there is none of.
            ValueError: for a month that cannot be read.
        """
        if dimension == MONTH:
            part = scope.period.part_called(key)
            if part is None:
                raise ValueError(key)
            scope = replace(scope, period=part)
        rows = (self.listed or self.rows)(scope)
        if dimension not in ("", MONTH):
            narrowing = self.keys if self.listed_keys is None else self.listed_keys
            rows = rows.filter(**{dict(narrowing)[dimension]: key})
        if at == COOPERATIVES_AT:
            owners = rows.order_by().values(self.owner)
            return listed(self.title, Cooperative.objects.filter(pk__in=owners), COOPERATIVES)
        summed = (self.listed_money or self.money) if at == MONEY_AT else ""
        return listed(self.title, rows, self.listing, summed)


def figures_of_sources(scope: Scope, asked: Iterable[tuple[Source, str]]) -> Figures:
    """Count sources, each by a dimension or in total (""), in one statement.

    Returns ``code`` or ``code|dimension`` → key → ``[rows, cooperatives, đồng]``.
    """
    branches = [branch for source, dimension in asked for branch in _branches(source, dimension, scope)]
    return found_in(branches)


def found_in(branches: list[QuerySet]) -> Figures:
    """Return what the branches of :func:`branch` count, in one statement."""
    found: Figures = {}
    for dimension, key, n, distinct, money in branches[0].union(*branches[1:], all=True):
        if n:
            found.setdefault(dimension, {})[key or UNKNOWN] = [n, distinct, int(money or 0)]
    return found


def branch(source: Source, rows: QuerySet, dimension: str, key=None) -> QuerySet:
    """Return the grouped query of rows of ``source`` under ``dimension``; without ``key`` all of them are one group."""
    return (
        rows.order_by()
        .annotate(found_under=Value(dimension, CharField()), found_key=key or Value(UNKNOWN, CharField()))
        .values("found_under", "found_key")
        .annotate(
            found_rows=Count(source.number, distinct=True),
            found_owners=Count(source.owner, distinct=True),
            found_money=Sum(source.money) if source.money else Count(Value(None)),
        )
        .values_list("found_under", "found_key", "found_rows", "found_owners", "found_money")
    )


def under(source: Source, dimension: str) -> str:
    """Return the name of a source broken down by ``dimension`` among the figures."""
    return f"{source.code}{SEPARATOR}{dimension}" if dimension else source.code


def _branches(source: Source, dimension: str, scope: Scope) -> list[QuerySet]:
    name = under(source, dimension)
    if not dimension:
        return [branch(source, source.rows(scope), name)]
    if dimension != MONTH:
        column = dict(source.keys)[dimension]
        return [branch(source, source.rows(scope), name, Cast(F(column), CharField()))]
    if not source.anew:
        return [branch(source, source.rows(scope), name, month_of(scope.period, source.day))]
    parts = [(str(month), replace(scope, period=scope.period.part(month))) for month in scope.period.months()]
    return [branch(source, source.rows(part), name, Value(key, CharField())) for key, part in parts]
