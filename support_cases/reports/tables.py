"""What every report is made of: tables of named lines and typed cells, which each door shows in its own way."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, overload

from cooperatives.errors import Words
from support_cases.reports.periods import Period

Value = int | float | Decimal | date | str | None


class Shape(StrEnum):
    """What the values of a column are, which decides how they are written and in which cell of a workbook."""

    COUNT = "count"
    #: Whole đồng.
    MONEY = "money"
    #: Percent with one decimal; None where there is no base to compare with.
    PERCENT = "percent"
    #: A number with one decimal, such as an average.
    DECIMAL = "decimal"
    TEXT = "text"
    DAY = "day"


#: Shapes whose values are words and not figures.
WORDS = (Shape.TEXT, Shape.DAY)


@dataclass(frozen=True)
class Column:
    """One column of figures; ``code`` is what the outside knows it by."""

    code: str
    title: Words
    shape: Shape = Shape.COUNT


@dataclass(frozen=True)
class Behind:
    """Where a figure leads: ``door`` is one of

    * ``entries``: the list of consultations, narrowed by ``filters`` (names of ``ConsultationFilter``);
    * ``cooperatives``: the cooperatives of such entries, each with its lượt;
    * ``case``: the page of one case, by its ``reference`` among the filters;
    * ``rows``: the rows the report itself lists for this cell, see ``ReportKind.behind``;
    * ``report``: another report on the same period, by its ``code`` among the filters.

    ``period`` is the part of time it counts, where that is not the period of the report.
    """

    door: str
    filters: tuple[tuple[str, str], ...] = ()
    period: Period | None = None


#: The report lists the rows behind the cell itself: as many as a count says, or the ones a sum of money adds up.
ROWS = Behind("rows")


@dataclass(frozen=True)
class Cell:
    """One value, and where it leads; a figure of zero leads nowhere."""

    value: Value
    behind: Behind | None = None


class LateCells(Sequence[Cell]):
    """The cells of one line, of which it is found out only when a cell is asked for where it leads.

    For tables of thousands of lines, of which a page shows a few and a file the values alone. ``way`` gives it by what
    the line is ``of`` and the place of a cell; it is not asked for figures of zero, which lead nowhere.
    """

    __slots__ = ("_of", "_way", "values")

    def __init__(self, values: tuple[Value, ...], way: Callable[[Any, int], Behind | None], of: Any):
        self.values, self._way, self._of = values, way, of

    @overload
    def __getitem__(self, at: int) -> Cell: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Cell, ...]: ...

    def __getitem__(self, at: int | slice) -> Cell | tuple[Cell, ...]:
        if isinstance(at, slice):
            return tuple(self)[at]
        value = self.values[at]
        return Cell(value, self._way(self._of, at) if value else None)

    def __len__(self) -> int:
        return len(self.values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LateCells | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


@dataclass(frozen=True)
class Row:
    """One line: ``code`` is what the outside knows it by, empty for what is not known; a total is set apart."""

    code: str
    name: Words
    cells: Sequence[Cell]
    is_total: bool = False

    @property
    def values(self) -> Sequence[Value]:
        """The values of its cells alone."""
        return self.cells.values if isinstance(self.cells, LateCells) else [cell.value for cell in self.cells]


@dataclass(frozen=True)
class Chart:
    """How a table is drawn: ``kind`` is trend, stacked, multiples or ageing; ``columns`` names the series in order."""

    kind: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table of a report; every line has one cell for each column. ``what`` heads the names of the lines."""

    code: str
    title: Words
    what: Words
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: Words = ""
    chart: Chart | None = None
    #: Whether the lines are things of their own (unserved cooperatives, stale cases): a list, not a breakdown.
    is_list: bool = field(default=False)

    def value(self, row: str, column: str) -> Value:
        """Return one value by the codes of its line and column.

        Raises:
            KeyError: when there is no such line or column.
        """
        at = [one.code for one in self.columns].index(column) if column in self.column_codes else None
        found = next((one for one in self.rows if one.code == row), None)
        if at is None or found is None:
            raise KeyError((row, column))
        return found.cells[at].value

    @property
    def column_codes(self) -> list[str]:
        """The codes of the columns in order."""
        return [one.code for one in self.columns]


def percent(part: int, base: int) -> float | None:
    """Return ``part`` in percent of ``base``, one decimal, halves away from zero; None without a base."""
    if not base:
        return None
    # Added to nothing, a fall too small to be seen is no "-0,0".
    return float((Decimal(part) * 100 / Decimal(base)).quantize(Decimal("0.1"), ROUND_HALF_UP)) + 0.0


def change_percent(now: int, then: int) -> float | None:
    """Return by how many percent ``now`` is more than ``then``, one decimal; None without a base."""
    return percent(now - then, then)


def leading(value: int, door: str, *, period: Period | None = None, **filters: str) -> Cell:
    """Return a figure that leads through ``door`` to what it counts; zero leads nowhere."""
    return Cell(value, way(door, period=period, **filters) if value else None)


def way(door: str, *, period: Period | None = None, **filters: str) -> Behind:
    """Return where a figure leads that is not zero."""
    return Behind(door, tuple(filters.items()), period)


def opening(value: int) -> Cell:
    """Return a figure that opens into the rows its report lists for it; zero leads nowhere."""
    return Cell(value, ROWS if value else None)


def cells(values: Iterable[Value]) -> tuple[Cell, ...]:
    """Return one cell for each value, none of which leads anywhere."""
    return tuple(map(Cell, values))
