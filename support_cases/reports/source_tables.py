"""Tables made of counted sources: what each table breaks down, and the rows behind each of its cells."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cooperatives.errors import Words
from support_cases.reports.counting import UNKNOWN
from support_cases.reports.kinds import Figures, Listed, Scope
from support_cases.reports.sources import COOPERATIVES_AT, MONEY_AT, MONTH, NOTHING, ROWS_AT, Source, under
from support_cases.reports.tables import Cell, Chart, Column, Row, Shape, Table, opening

TOTAL = "total"


@dataclass(frozen=True)
class Counted:
    """One column: which number (rows, cooperatives, đồng) of which source it shows."""

    code: str
    title: Words
    source: Source
    at: int = ROWS_AT

    @property
    def column(self) -> Column:
        """The column as tables know it."""
        return Column(self.code, self.title, Shape.MONEY if self.at == MONEY_AT else Shape.COUNT)


@dataclass(frozen=True)
class Breakdown:
    """One table whose lines are the values of a dimension and, last, the total; ``lines`` names them for a period."""

    code: str
    title: Words
    what: Words
    dimension: str
    columns: tuple[Counted, ...]
    lines: Callable[[Scope], list[tuple[str, str]]]
    total: Words
    note: Words = ""
    chart: Chart | None = None

    def asked(self) -> set[tuple[Source, str]]:
        """The sources the table counts, by its dimension and in total."""
        return {(one.source, dimension) for one in self.columns for dimension in (self.dimension, "")}

    def table(self, scope: Scope, figures: Figures) -> Table:
        """Return the table of the figures."""
        rows = [Row(code, name, self._cells(figures, code)) for code, name in self.lines(scope)]
        rows.append(Row(TOTAL, self.total, self._cells(figures, UNKNOWN, ""), is_total=True))
        columns = tuple(one.column for one in self.columns)
        return Table(self.code, self.title, self.what, columns, tuple(rows), self.note, self.chart)

    def behind(self, scope: Scope, row: str, column: str) -> Listed | None:
        """Return the rows behind a cell, or None for one there is not."""
        found = next((one for one in self.columns if one.code == column), None)
        if found is None or row not in {TOTAL, *(code for code, _name in self.lines(scope))}:
            return None
        if row == TOTAL:
            return found.source.behind(scope, at=found.at)
        return found.source.behind(scope, self.dimension, row, at=found.at)

    def _cells(self, figures: Figures, key: str, dimension: str | None = None) -> tuple[Cell, ...]:
        by = self.dimension if dimension is None else dimension
        return tuple(cell_of(figures, under(one.source, by), key, one.at) for one in self.columns)


@dataclass(frozen=True)
class Fact:
    """One line of a list of facts: a source, or what of it stands under one key of a dimension."""

    code: str
    name: Words
    source: Source
    dimension: str = ""
    key: str = UNKNOWN


@dataclass(frozen=True)
class FactList:
    """One table with a line for each fact: how often it happened, and to how many cooperatives."""

    code: str
    title: Words
    what: Words
    times: Words
    cooperatives: Words
    facts: tuple[Fact, ...]
    note: Words = ""

    def asked(self) -> set[tuple[Source, str]]:
        """The sources the table counts, with their dimensions."""
        return {(fact.source, fact.dimension) for fact in self.facts}

    def table(self, scope: Scope, figures: Figures) -> Table:
        """Return the table of the figures."""
        rows = tuple(
            Row(fact.code, fact.name, tuple(cell_of(figures, under(fact.source, fact.dimension), fact.key, at)
                                            for at in (ROWS_AT, COOPERATIVES_AT)))
            for fact in self.facts
        )  # fmt: skip
        columns = (Column("times", self.times), Column("cooperatives", self.cooperatives))
        return Table(self.code, self.title, self.what, columns, rows, self.note)

    def behind(self, scope: Scope, row: str, column: str) -> Listed | None:
        """Return the rows behind a cell, or None for one there is not."""
        fact = next((one for one in self.facts if one.code == row), None)
        if fact is None or column not in ("times", "cooperatives"):
            return None
        at = COOPERATIVES_AT if column == "cooperatives" else ROWS_AT
        return fact.source.behind(scope, fact.dimension, fact.key, at=at)


def cell_of(figures: Figures, dimension: str, key: str, at: int) -> Cell:
    """Return one number of the figures, leading to its rows; zero leads nowhere."""
    return opening(figures.get(dimension, {}).get(key, NOTHING)[at])


def month_lines(scope: Scope) -> list[tuple[str, str]]:
    """Return the months of the period as codes and names of lines."""
    return [(str(month), month.label) for month in scope.period.months()]


def choice_lines(choices: Iterable[tuple]) -> Callable[[Scope], list[tuple[str, str]]]:
    """Return what gives the lines of an enumeration."""
    return lambda scope: [(str(code), str(name)) for code, name in choices]


def by_month(code: str, title: Words, what: Words, columns: tuple[Counted, ...], total: Words, **more) -> Breakdown:
    """Return a breakdown by the months of the period."""
    return Breakdown(code, title, what, MONTH, columns, month_lines, total, **more)
