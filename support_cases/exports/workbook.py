"""A report as a workbook: what it rests on first, then one sheet for each table, each value in a cell of its type."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext as _

from support_cases.exports.entry_lines import MOST_ENTRIES, count_entries, cut_words, entry_columns, entry_lines
from support_cases.exports.formulas import looks_like_formula
from support_cases.exports.front import Fact, front_of
from support_cases.reports.answers import Answer
from support_cases.reports.served import SERVED
from support_cases.reports.tables import Column, Shape, Table, Value

#: Told how many lines are written so far.
Progress = Callable[[int], None]

# The day inside every workbook, so that the same figures give the same bytes.
_MADE = datetime(2022, 1, 1, tzinfo=UTC)
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
# Read as Vietnamese: 1.234.567 and 12,5. A spreadsheet set to another language may still show its own signs.
_VIETNAMESE = "[$-42A]"
_NUMBER_FORMATS = {
    Shape.COUNT: f"{_VIETNAMESE}#,##0",
    Shape.MONEY: f"{_VIETNAMESE}#,##0",
    Shape.PERCENT: f"{_VIETNAMESE}#,##0.0",
    Shape.DECIMAL: f"{_VIETNAMESE}#,##0.0",
    Shape.DAY: "dd/mm/yyyy",
}
_NOT_IN_TITLES = str.maketrans("[]:*?/\\", "()-----")
_LONGEST_TITLE, _WIDEST, _NARROWEST = 31, 60, 11
_PORTRAIT_COLUMNS, _A4 = 5, 9
_FRONT_WIDTH, _LINE_POINTS = 80, 17
_TELL_EVERY = 500


def workbook(found: Answer, *, most: int = MOST_ENTRIES, tell: Progress = lambda done: None) -> bytes:
    """Return an .xlsx of the answer; that of the served report also lists the entries, up to ``most``.

    Texts are written as texts, whatever they begin with. ``tell`` hears of the lines written so far.
    """
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        book.set_properties({"title": str(found.kind.title), "created": _MADE})
        writer = _Writer(book, tell)
        writer.front(str(found.kind.title), front_of(found))
        for table in found.tables:
            writer.table(table)
        if found.kind is SERVED:
            note = cut_words(most) if count_entries(found, most) > most else ""
            writer.lines(_("Lần tư vấn"), entry_columns(), entry_lines(found, most), note)
    return buffer.getvalue()


class _Writer:
    """Writes sheets row by row, in order, each value by the shape of its column."""

    def __init__(self, book: xlsxwriter.Workbook, tell: Progress):
        self.book, self.tell, self.done = book, tell, 0
        self._titles: set[str] = set()
        plain = {"font_name": "Times New Roman", "font_size": 12, "valign": "top", "text_wrap": True}
        head = plain | {"bold": True, "bottom": 1, "valign": "vcenter", "bg_color": "#EDEDED"}
        self.title = book.add_format(plain | {"bold": True, "font_size": 14, "text_wrap": False})
        self.fact = book.add_format(plain | {"bold": True})
        self.head = book.add_format(head)
        self.head_of_numbers = book.add_format(head | {"align": "right"})
        self.note = book.add_format(plain | {"italic": True, "text_wrap": False})
        self._formats = {}
        for total in (False, True):
            look = plain | ({"bold": True, "top": 1} if total else {})
            self._formats[Shape.TEXT, total] = book.add_format(look)
            # Excel keeps such a cell a text also after somebody edits it.
            self._formats["quoted", total] = book.add_format(look | {"quote_prefix": True})
            self._formats["nothing", total] = book.add_format(look | {"align": "right"})
            for shape, number_format in _NUMBER_FORMATS.items():
                day = {"align": "left"} if shape == Shape.DAY else {}
                self._formats[shape, total] = book.add_format(look | {"num_format": number_format} | day)

    def front(self, title: str, facts: Sequence[Fact]) -> None:
        """Add the sheet that says what the workbook is about."""
        sheet = self._sheet(_("Thông tin"), [28, _FRONT_WIDTH])
        sheet.write_string(0, 0, title, self.title)
        for row, fact in enumerate(facts, start=2):
            sheet.set_row(row, _height([str(fact.value)], [_FRONT_WIDTH]))
            sheet.write_string(row, 0, fact.name, self.fact)
            self._cell(sheet, row, 1, fact.value, Shape.DAY if isinstance(fact.value, date) else Shape.TEXT)

    def table(self, table: Table) -> None:
        """Add the sheet of one table."""
        names = Column("name", table.what, Shape.TEXT)
        rows = [(str(row.name), *(cell.value for cell in row.cells)) for row in table.rows]
        totals = [row.is_total for row in table.rows]
        self.lines(str(table.title), (names, *table.columns), rows, str(table.note), totals)

    def lines(
        self,
        title: str,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Value]],
        note: str = "",
        totals: Sequence[bool] = (),
    ) -> None:
        """Add one sheet whose head stays in sight and comes again on every printed page; ``note`` stands below."""
        known = rows if isinstance(rows, list) else []
        widths = [_width(column, at, known) for at, column in enumerate(columns)]
        sheet = self._sheet(title, widths)
        sheet.set_row(0, _height([str(column.title) for column in columns], widths))
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        for at, column in enumerate(columns):
            of_numbers = column.shape not in (Shape.TEXT, Shape.DAY)
            sheet.write_string(0, at, str(column.title), self.head_of_numbers if of_numbers else self.head)
        shapes = [column.shape for column in columns]
        number = 0
        for number, row in enumerate(self._counted(rows), start=1):
            is_total = number <= len(totals) and totals[number - 1]
            sheet.set_row(number, _height([value if isinstance(value, str) else "" for value in row], widths))
            for at, value in enumerate(row):
                self._cell(sheet, number, at, value, shapes[at], is_total)
        if note:
            sheet.write_string(number + 2, 0, note, self.note)

    def _sheet(self, title: str, widths: Sequence[int]):
        sheet = self.book.add_worksheet(self._free(title))
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width)
        sheet.set_paper(_A4)
        if len(widths) > _PORTRAIT_COLUMNS:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&R&P/&N")
        return sheet

    def _free(self, title: str) -> str:
        """Return a name for a sheet: short, without forbidden signs, and not used yet."""
        wanted = title.translate(_NOT_IN_TITLES).strip("' ")
        name, again = wanted[:_LONGEST_TITLE].strip("' "), 1
        while name.casefold() in self._titles:
            again += 1
            tail = f" ({again})"
            name = wanted[: _LONGEST_TITLE - len(tail)].rstrip() + tail
        self._titles.add(name.casefold())
        return name

    def _counted(self, rows: Iterable[Sequence[Value]]) -> Iterator[Sequence[Value]]:
        for row in rows:
            yield row
            self.done += 1
            if self.done % _TELL_EVERY == 0:
                self.tell(self.done)

    def _cell(self, sheet, row: int, column: int, value: Value, shape: Shape, total: bool = False) -> None:
        if value is None or value == "":
            if shape in (Shape.PERCENT, Shape.DECIMAL):
                sheet.write_string(row, column, "–", self._formats["nothing", total])
            elif total:
                sheet.write_blank(row, column, None, self._formats[Shape.TEXT, total])
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self._formats[Shape.DAY, total])
        elif isinstance(value, int | float | Decimal) and shape not in (Shape.TEXT, Shape.DAY):
            sheet.write_number(row, column, value, self._formats[shape, total])
        else:
            text = str(value)
            look = "quoted" if looks_like_formula(text) else Shape.TEXT
            sheet.write_string(row, column, text, self._formats[look, total])


def _height(texts: Sequence[str], widths: Sequence[int]) -> int:
    """Return the height in points that shows every text whole; not every spreadsheet grows a row by itself."""
    lines = max(-(-len(text) // width) for text, width in zip(texts, widths, strict=True))
    return max(lines, 1) * _LINE_POINTS


def _width(column: Column, at: int, rows: Sequence[Sequence[Value]]) -> int:
    """Return a width that shows the values of a column; of lists that are not in memory a usual one."""
    if not rows:
        return {Shape.TEXT: 26, Shape.DAY: 13}.get(column.shape, 16)
    longest = max((len(str(row[at])) for row in rows if row[at] is not None), default=0)
    # A number is written with a sign after every three digits.
    longest += longest // 3 if column.shape == Shape.MONEY else 0
    words = max((len(word) for word in str(column.title).split()), default=0)
    return max(_NARROWEST, min(_WIDEST, max(longest, words, min(len(str(column.title)), 18)) + 2))
