"""A report as plain lines of text, as a spreadsheet set to Vietnamese reads and writes them."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO

from support_cases.exports.entry_lines import ENTRIES, MOST_ENTRIES, entry_columns, entry_lines
from support_cases.exports.formulas import as_plain_text
from support_cases.exports.front import front_of
from support_cases.exports.workbook import Progress
from support_cases.reports.answers import Answer
from support_cases.reports.served import SERVED
from support_cases.reports.tables import Table, Value

# Told by it, Excel reads the letters as they are.
_MARK = "\ufeff"
_TELL_EVERY = 500


def csv_file(found: Answer, table: str = "", *, most: int = MOST_ENTRIES, tell: Progress = lambda done: None) -> bytes:
    """Return the table of the answer with this code, or ``entries``; without a code what it rests on and all tables.

    Fields are parted by semicolons, because decimals follow a comma; numbers have no dots; days are dd/mm/yyyy.
    What has no value is empty.

    Raises:
        KeyError: for a code the report does not have.
    """
    out = StringIO()
    out.write(_MARK)
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for done, row in enumerate(_rows(found, table, most), start=1):
        writer.writerow([_field(value) for value in row])
        if done % _TELL_EVERY == 0:
            tell(done)
    return out.getvalue().encode()


def _rows(found: Answer, table: str, most: int) -> Iterable[Sequence[Value]]:
    if not table:
        return _everything(found)
    if table == ENTRIES and found.kind is SERVED:
        return _entries(found, most)
    return _table(found.table(table))


def _everything(found: Answer) -> Iterator[Sequence[Value]]:
    yield [str(found.kind.title)]
    for fact in front_of(found):
        yield [fact.name, fact.value]
    for table in found.tables:
        yield []
        yield [str(table.title)]
        yield from _table(table)
        if table.note:
            yield [str(table.note)]


def _table(table: Table) -> Iterator[Sequence[Value]]:
    yield [str(table.what), *(str(column.title) for column in table.columns)]
    for row in table.rows:
        yield [str(row.name), *(cell.value for cell in row.cells)]


def _entries(found: Answer, most: int) -> Iterator[Sequence[Value]]:
    yield [str(column.title) for column in entry_columns()]
    yield from entry_lines(found, most)


def _field(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, int | float | Decimal):
        return str(value).replace(".", ",")
    return as_plain_text(str(value))
