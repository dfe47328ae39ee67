"""The details of demo cases: one file for each kind of support, and one for each of its lists."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db import models

from support_cases.demo.files import DemoFiles, Row
from support_cases.support_types import SUPPORT_TYPES

#: A value read from a cell, or a way to find it once the party of the case is known.
Cell = Any


def typed_details(files: DemoFiles) -> dict[str, dict[str, Cell]]:
    """Return the details of demo cases by the key of the case; child rows stand as lists under their names.

    ``details_<topic>.csv`` and ``rows_<topic>_<list>.csv`` name the case in ``case`` and, in the other columns,
    columns of the model. A foreign key is named by the text or the natural key of the row it points to, looked for
    among those the kind allows for the party. Raises ``BadDataFile``.
    """
    found: dict[str, dict[str, Cell]] = defaultdict(dict)
    for topic, kind in SUPPORT_TYPES.items():
        for row in _rows(files, f"details_{topic}"):
            found[row.text("case")] |= _cells(row, kind, kind.detail_fields())
        for name in kind.rows:
            for row in _rows(files, f"rows_{topic}_{name}"):
                found[row.text("case")].setdefault(name, []).append(_cells(row, kind, kind.row_fields(name)))
    return found


def resolved(party, details: Mapping[str, Cell]) -> dict[str, Any]:
    """Return the details with what hangs on the party of the case looked up. Raises ``LookupError``."""
    plain: dict[str, Any] = {}
    for name, value in details.items():
        if isinstance(value, list):
            plain[name] = [resolved(party, row) for row in value]
        else:
            plain[name] = value(party) if callable(value) else value
    return plain


def _rows(files: DemoFiles, name: str) -> list[Row]:
    return list(files.rows(name)) if files.has(name) else []


def _cells(row: Row, kind, columns: list[models.Field]) -> dict[str, Cell]:
    """Return what the cells of a row say, by column; empty cells are left out."""
    with row.told():
        return {
            column.name: _cell(row, kind, column)
            for column in columns
            if column.name in row.cells and row.text(column.name)
        }


def _cell(row: Row, kind, column: models.Field) -> Cell:
    if isinstance(column, models.ForeignKey):
        return _finder(kind, column, row.text(column.name))
    if isinstance(column, models.DateField):
        return row.day(column.name)
    if isinstance(column, models.BooleanField):
        return row.text(column.name) == "1"
    if isinstance(column, models.IntegerField):
        return row.number(column.name)
    return Decimal(row.text(column.name)) if isinstance(column, models.DecimalField) else row.text(column.name)


def _finder(kind, column: models.ForeignKey, words: str) -> Callable[[Any], models.Model]:
    """Return a function that finds, for a party, the row whose text or natural key is ``words``."""

    def find(party) -> models.Model:
        rows = kind.limit(column.name, party)
        rows = column.related_model._default_manager.all() if rows is None else rows
        found = next((row for row in rows if words in (str(row), getattr(row, "natural_key", None))), None)
        if found is None:
            raise LookupError(words)
        return found

    return find
