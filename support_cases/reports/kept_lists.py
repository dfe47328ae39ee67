"""The rows behind the numbers of a closing, kept with it where the rows themselves are written over when they change.

What is kept of one report is plain JSON:

* ``heads``: the table the rows were of, and code, title and shape of each column;
* ``lines``: each line once, as number of its head, number of its row, values, and the page that shows it;
* ``cells``: ``table|line|column`` → title of the list, the numbers of its lines in order, and where the number is a
  sum, the code of the column that adds up to it (closings of before do not name it);
* ``left_out``: the cells whose list was too long to be kept;
* ``sums``: that sums which are no money open too; closings of before keep no list of them.
"""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import override

from support_cases.reports.counting import FRAMES, SEPARATOR
from support_cases.reports.kinds import Figures, Listed, Names, ReportKind, Scope
from support_cases.reports.tables import ROWS, Cell, Column, Shape, Table, Value

#: A longer list is not kept, and no more lines than these of one report.
MOST_ROWS, MOST_LINES = 2_000, 20_000

Content = dict[str, Any]


def cell_key(table: str, row: str, column: str) -> str:
    """Return what a cell is called among the kept lists."""
    return SEPARATOR.join((table, row, column))


def lists_of(kind: ReportKind, scope: Scope, figures: Figures, names: Names) -> Content:
    """Return the rows behind the numbers of one report, as they are now; one query for each number that opens.

    A list that does not agree with its number, because somebody wrote in between, is left out.
    """
    keeper = _Keeper()
    with override("vi"):
        for (table, row, column), (cell, shape) in opening_cells(kind, scope, figures, names).items():
            listed = kind.listed(scope, table, row, column)
            if listed is None or (shape == Shape.COUNT and not listed.summed and cell.value > MOST_ROWS):
                keeper.left_out.append(cell_key(table, row, column))
            else:
                keeper.add(cell_key(table, row, column), listed, cell.value, shape)
    return keeper.content


def opening_cells(
    kind: ReportKind, scope: Scope, figures: Figures, names: Names
) -> dict[tuple[str, str, str], tuple[Cell, Shape]]:
    """Return the cells of a report that open into rows of its own, in either territorial frame, each once."""
    found = {}
    for frame in FRAMES:
        for table in kind.lay_out(scope, figures, names, frame):
            found.update(_opening(table))
    return found


def _opening(table: Table) -> Iterator[tuple[tuple[str, str, str], tuple[Cell, Shape]]]:
    for row in table.rows:
        for column, cell in zip(table.columns, row.cells, strict=True):
            if cell.behind == ROWS:
                yield (table.code, row.code, column.code), (cell, column.shape)


class _Keeper:
    """Gathers lists, each line once."""

    def __init__(self) -> None:
        self._heads: dict[str, int] = {}
        self._lines: dict[str, int] = {}
        self._cells: dict[str, list] = {}
        self.left_out: list[str] = []

    def add(self, key: str, listed: Listed, number: Value, shape: Shape) -> None:
        """Keep one list, or note that it is left out."""
        rows = list(listed.rows[: MOST_ROWS + 1])
        head = self._number(self._heads, [listed.rows.model._meta.label_lower, plain_columns(listed.columns)])
        lines = [[head, row.pk, plain_values(listed.line(row)), listed.address(row)] for row in rows]
        columns = {column.code: column.shape for column in listed.columns}
        agrees = adds_up([line[2] for line in lines], columns, number, shape, listed.summed)
        if not agrees or len(lines) > MOST_ROWS or len(self._lines) + len(lines) > MOST_LINES:
            self.left_out.append(key)
        else:
            summed = [listed.summed] if listed.summed else []
            self._cells[key] = [str(listed.title), [self._number(self._lines, line) for line in lines], *summed]

    @property
    def content(self) -> Content:
        """What is kept."""
        return {
            "heads": [json.loads(head) for head in self._heads],
            "lines": [json.loads(line) for line in self._lines],
            "cells": self._cells,
            "left_out": self.left_out,
            "sums": True,
        }

    @staticmethod
    def _number(known: dict[str, int], thing: list) -> int:
        return known.setdefault(json.dumps(thing), len(known))


def adds_up(lines: list[list], shapes: dict[str, Shape], number: Value, shape: Shape, summed: str = "") -> bool:
    """Whether lines are as many as a count says, or the column ``summed`` adds up to the number; a sum of money of
    which that is not told is the sum of one of the columns of money.
    """
    if shape != Shape.MONEY and not summed:
        return len(lines) == number
    places = [at for at, (code, one) in enumerate(shapes.items()) if code == summed or (not summed and one == shape)]
    return any(sum(line[at] or 0 for line in lines) == number for at in places)


def wrong_lists(
    kind: ReportKind, scope: Scope, figures: Figures, names: Names, content: Content
) -> list[tuple[str, Value, int | None]]:
    """Return the numbers whose kept list does not agree: cell, number and rows kept (None: there is no list)."""
    found: list[tuple[str, Value, int | None]] = []
    for codes, (cell, shape) in opening_cells(kind, scope, figures, names).items():
        key = cell_key(*codes)
        if key in content["left_out"]:
            continue
        kept = content["cells"].get(key)
        if kept is None and is_of_before(content, kind.listed(scope, *codes), shape):
            continue
        lines = [content["lines"][number] for number in kept[1]] if kept else []
        heads = {one[0]: Shape(one[2]) for one in content["heads"][lines[0][0]][1]} if lines else {}
        summed = kept[2] if kept and len(kept) > 2 else ""
        if not adds_up([line[2] for line in lines], heads, cell.value, shape, summed):
            found.append((key, cell.value, len(lines) if kept else None))
    return found


def is_of_before(content: Content, listed: Listed | None, shape: Shape) -> bool:
    """Whether a closing was made before such a list, behind a sum that is no money, was kept."""
    return "sums" not in content and listed is not None and listed.summed != "" and shape != Shape.MONEY


def plain_columns(columns: tuple[Column, ...]) -> list[list[str]]:
    """Return code, title and shape of columns as JSON holds them."""
    return [[one.code, str(one.title), one.shape.value] for one in columns]


def plain_values(values: tuple[Value, ...]) -> list:
    """Return the values of a line as JSON holds them: days as YYYY-MM-DD, numbers as numbers, words as text."""
    return [_plain(value) for value in values]


def _plain(value: Value) -> int | float | str | None:
    if value is None or isinstance(value, int | float | str):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def typed_values(values: list, columns: tuple[Column, ...]) -> tuple[Value, ...]:
    """Return kept values by the shapes of their columns."""
    return tuple(
        date.fromisoformat(value) if column.shape == Shape.DAY and value else value
        for value, column in zip(values, columns, strict=True)
    )
