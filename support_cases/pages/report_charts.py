"""The chart of a table: which series it shows, in which words, and where its bars lead."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from support_cases.pages.report_links import Links
from support_cases.reports import charts
from support_cases.reports.charts import Bar
from support_cases.reports.tables import Column, Row, Shape, Table
from support_cases.reports.words import value_in_words

# Beyond these the bars would be too narrow to be told apart.
_MOST_BARS = 130
# What stands around one of many small charts.
_PANEL_BYTES = 100
_MILLION, _BILLION = 10**6, 10**9


@dataclass(frozen=True)
class Panel:
    """One of many small charts: what it is about, its sum, and the picture."""

    name: str
    total: str
    svg: SafeString


@dataclass(frozen=True)
class Drawn:
    """A chart as a page shows it: the names of its series in the order of their textures, and one picture or many."""

    names: tuple[str, ...]
    svg: SafeString
    panels: tuple[Panel, ...] = ()

    @property
    def size(self) -> int:
        """How many bytes it adds to a page."""
        return len(self.svg.encode()) + sum(len(panel.svg.encode()) + _PANEL_BYTES for panel in self.panels)


def chart_of(table: Table, links: Links, *, linked: bool, room: int | None = None) -> Drawn | None:
    """Return the chart of a table, its bars links or not; None where it has none or nothing to be seen in it, or where
    it would add more than ``room`` bytes to a page.
    """
    rows = [row for row in table.rows if not row.is_total]
    if table.chart is None or not 2 <= len(rows) <= _MOST_BARS:
        return None
    # Of hundreds of areas not one is drawn before it is known that there is no room for all of them.
    if room is not None and table.chart.kind == "multiples" and len(table.chart.columns) * _PANEL_BYTES > room:
        return None
    places = {column.code: at for at, column in enumerate(table.columns)}
    drawn = [places[code] for code in table.chart.columns if code in places]
    columns = [table.columns[at] for at in drawn]
    series = [[_bar(table, row, at, links, linked=linked) for row in rows] for at in drawn]
    if not any(bar.value for bars in series for bar in bars):
        return None
    found = _DRAW[table.chart.kind](table, rows, columns, series)
    return found if room is None or found.size <= room else None


def _trend(table: Table, rows: list[Row], columns: list[Column], series: list[list[Bar]]) -> Drawn:
    svg = charts.trend([_short(row) for row in rows], series, said=_said(table))
    return Drawn(tuple(str(column.title) for column in columns), svg)


def _stacked(table: Table, rows: list[Row], columns: list[Column], series: list[list[Bar]]) -> Drawn:
    svg = charts.stacked([_short(row) for row in rows], series, said=_said(table))
    return Drawn(tuple(str(column.title) for column in columns), svg)


def _multiples(table: Table, rows: list[Row], columns: list[Column], series: list[list[Bar]]) -> Drawn:
    """Return a small chart for each column, the columns being the areas; all to the same height."""
    tallest = max(bar.value for bars in series for bar in bars)
    panels = tuple(
        Panel(
            str(column.title)[:1].upper() + str(column.title)[1:],
            value_in_words(sum(int(bar.value) for bar in bars), Shape.COUNT),
            charts.small(bars, tallest, said=f"{_said(table)}: {column.title}"),
        )
        for column, bars in zip(columns, series, strict=True)
    )
    return Drawn((), SafeString(""), panels)


def _ageing(table: Table, rows: list[Row], columns: list[Column], series: list[list[Bar]]) -> Drawn:
    return Drawn((), charts.ageing([str(row.name) for row in rows], series[0], said=_said(table)))


_DRAW = {"trend": _trend, "stacked": _stacked, "multiples": _multiples, "ageing": _ageing}


def _bar(table: Table, row: Row, at: int, links: Links, *, linked: bool) -> Bar:
    column, cell = table.columns[at], row.cells[at]
    value = cell.value if isinstance(cell.value, int | float | Decimal) else 0
    address = links.to(table, row, column, cell) if linked else ""
    said = f"{row.name} · {column.title}: {value_in_words(cell.value, column.shape)}"
    return Bar(float(value), _short_value(value, column.shape), address, said)


def _said(table: Table) -> str:
    return _("Biểu đồ: %(title)s. Số liệu trong bảng.") % {"title": table.title}


def _short(row: Row) -> str:
    """Return what stands under a bar: the number of a month, or the name itself."""
    month, _stroke, year = str(row.name).partition("/")
    return month.lstrip("0") if year.isdigit() else str(row.name)


def _short_value(value: float | Decimal, shape: Shape) -> str:
    """Return a figure as it fits above a bar: money in millions or milliards of đồng."""
    if shape != Shape.MONEY:
        return value_in_words(value, shape)
    if value >= _BILLION:
        return _("%(n)s tỷ") % {"n": value_in_words(float(value) / _BILLION, Shape.DECIMAL)}
    return _("%(n)s tr") % {"n": value_in_words(round(float(value) / _MILLION), Shape.COUNT)}
