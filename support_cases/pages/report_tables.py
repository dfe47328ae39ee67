"""The tables of a report as a page shows them: values in words, each with its address, and no page too heavy."""

from dataclasses import dataclass

from django.core.paginator import Page
from django.urls import reverse

from cooperatives.errors import Words
from htx_portal.pagination import page_of
from support_cases.pages.report_charts import Drawn, Way, chart_of, months_in, ways_to_draw
from support_cases.pages.report_links import Links
from support_cases.reports.tables import WORDS, Row, Shape, Table
from support_cases.reports.words import value_in_words
from support_cases.templatetags.reports import Figure, line

# A page opens on an old phone: so much of it may be tables and charts, so much of it charts, and so much a long table;
# bars are links while they fit, and always where one table is shown alone.
_MOST_BYTES, _MOST_OF_CHARTS, _MOST_OF_ONE = 25_700, 13_000, 8_000
# A table of so many lines is shown whole or not at all, a longer one cut to so many.
_SHORT, _MOST_LINES = 16, 40
_FEWEST_LINES = 5
# No figure takes fewer bytes than these, one of words and one of numbers.
_LEAST_OF_WORDS, _LEAST_OF_NUMBERS = len("<td>–</td>"), len('<td class="num">0</td>')
# More lines of one table than this nobody reads on paper; they are in the files.
MOST_ON_PAPER = 3_000
# A page that shows one table alone holds so many figures, a chart of so many bytes, and so many of both together.
_FIGURES_ALONE, _CHART_ALONE, _MOST_ALONE = 96, 21_000, 34_000
# A table of so many columns is wide; of so many goes across; with money among so many needs a whole line too.
_WIDE, _ACROSS, _WITH_MONEY = 6, 10, 5


@dataclass
class Shown:
    """One table on a page: its head, its lines as markup, how many are left out and where all of them are.

    ``plan`` is where the targets of the year are set, under a table that compares with them.
    """

    table: Table
    lines: list[str]
    left_out: int = 0
    address: str = ""
    page: Page | None = None
    chart: Drawn | None = None
    plan: str = ""

    @property
    def heads(self) -> list[tuple[Words, bool]]:
        """The words above each column, and whether figures stand under them."""
        return [(column.title, column.shape not in WORDS) for column in self.table.columns]

    @property
    def which(self) -> str:
        """Which lines of a table are shown that is cut: "none", "first", "last" months or the "largest"."""
        if not self.lines:
            return "none"
        if self.table.is_list:
            return "first"
        return "last" if months_in(self.table) else "largest"

    @property
    def is_wide(self) -> bool:
        """Whether it needs the whole width of a page."""
        return len(self.table.columns) >= _WIDE

    @property
    def is_of_money(self) -> bool:
        """Whether sums of money stand in it beside so much else that half a page is too narrow."""
        return len(self.table.columns) >= _WITH_MONEY and any(one.shape == Shape.MONEY for one in self.table.columns)

    @property
    def is_across(self) -> bool:
        """Whether it needs small letters on paper, and on a phone a card for each line."""
        return len(self.table.columns) >= _ACROSS

    @property
    def is_long(self) -> bool:
        """Whether it goes on over sheets of paper, and may begin in the midst of one."""
        return len(self.lines) > _SHORT


def shown_together(tables: list[Table], links: Links) -> list[Shown]:
    """Return the tables in order, the longest ones cut or without lines once the page is heavy enough."""
    charts = _charts_as_fit(tables, links)
    lines = _lines_as_fit(tables, links, _MOST_BYTES - sum(chart.size for chart in charts.values()))
    return [
        Shown(
            table,
            *lines[table.code],
            links.asked(bang=table.code),
            chart=charts.get(table.code),
            plan=_plan_of(table, links),
        )
        for table in tables
    ]


def _lines_as_fit(tables: list[Table], links: Links, room: int) -> dict[str, tuple[list[str], int]]:
    """Return the lines of each table by its code and how many of them are left out.

    Small tables come first: a long one is not to push out five short ones that stand below it.
    """
    lines = {}
    for table in sorted(tables, key=lambda one: len(one.rows) * len(one.columns)):
        lines[table.code] = _as_fits(table, links, room)
        room -= sum(len(one.encode()) for one in lines[table.code][0])
    return lines


def _plan_of(table: Table, links: Links) -> str:
    if not any(column.code == "target" for column in table.columns):
        return ""
    return reverse("support:targets", query={"nam": links.query.period.last.year})


def _charts_as_fit(tables: list[Table], links: Links) -> dict[str, Drawn]:
    """Return the charts by the codes of their tables: all as light as they can be, then each as much as fits, many
    small ones last.
    """
    charts: dict[str, Drawn] = {}
    ways = {table.code: _ways_in_turn(table) for table in tables if table.chart}
    small = [table for table in tables if table.chart and table.chart.kind == "multiples"]
    others = [table for table in tables if table.chart and table not in small]
    _draw_next([*others, *small], links, charts, ways)
    for several in (others, small):
        while any(ways[table.code] for table in several):
            _draw_next(several, links, charts, ways)
    return charts


def _ways_in_turn(table: Table) -> list[Way]:
    """Return the ways a chart is tried: first as light as it can be, then with links, the lightest first."""
    linked = ways_to_draw(table, linked=True)
    # Many small charts have few links, one each.
    is_small = table.chart is not None and table.chart.kind == "multiples"
    return linked if is_small else [*ways_to_draw(table, linked=False)[:1], *linked]


def _draw_next(tables: list[Table], links: Links, charts: dict[str, Drawn], ways: dict[str, list[Way]]) -> None:
    """Draw the chart of each table the next way where that fits, in place of how it was drawn before."""
    for table in tables:
        if not ways[table.code]:
            continue
        before, way = charts.get(table.code), ways[table.code].pop(0)
        room = _MOST_OF_CHARTS - sum(chart.size for code, chart in charts.items() if code != table.code)
        drawn = chart_of(table, links, way, room=room)
        if drawn:
            charts[table.code] = drawn
        elif way.linked and not (before and before.linked):
            # Where its bars cannot be links, it is to show as much as fits without.
            ways[table.code] = ways_to_draw(table, linked=False)[bool(before) :]
        else:
            ways[table.code] = []


def shown_alone(table: Table, links: Links, request) -> Shown:
    """Return one table with the page of its lines that is asked for."""
    totals = [row for row in table.rows if row.is_total]
    rows = [row for row in table.rows if not row.is_total]
    page = page_of(rows, request, size=max(_FIGURES_ALONE // len(table.columns), 6))
    lines = [_line(table, row, links) for row in [*page, *totals]]
    room = min(_CHART_ALONE, _MOST_ALONE - sum(len(one.encode()) for one in lines))
    return Shown(table, lines, page=page, chart=_chart_as_fits(table, links, room), plan=_plan_of(table, links))


def shown_on_paper(table: Table, links: Links) -> Shown:
    """Return one table whole with its chart, nothing of it a link; a very long one ends after ``MOST_ON_PAPER``."""
    rows = [row for at, row in enumerate(table.rows) if at < MOST_ON_PAPER or row.is_total]
    lines = [_line(table, row, None) for row in rows]
    return Shown(table, lines, len(table.rows) - len(rows), chart=chart_of(table, links))


def _chart_as_fits(table: Table, links: Links, room: int) -> Drawn | None:
    """Return the chart of a table that shows most of those there is room for, with links if any has; or none."""
    ways = [way for linked in (True, False) for way in reversed(ways_to_draw(table, linked=linked))]
    drawn = (chart_of(table, links, way, room=room) for way in ways)
    return next((chart for chart in drawn if chart), None)


def _as_fits(table: Table, links: Links, room: int) -> tuple[list[str], int]:
    """Return the lines there is room for and how many are left out; none at all where only few would be shown."""
    is_short = len(table.rows) <= _SHORT
    room = room if is_short else min(room, _MOST_OF_ONE)
    # Of hundreds of columns not one line is put together that could never be shown.
    if _least(table) * (len(table.rows) if is_short else _FEWEST_LINES) > room:
        return [], len(table.rows)
    places = _foremost(table, _MOST_LINES)
    lines = {at: _line(table, table.rows[at], links) for at in sorted(places)}
    sizes = [len(one.encode()) for one in lines.values()]
    if sum(sizes) > room:
        fitting = 0 if is_short else room // max(sizes)
        places = places[:fitting] if fitting >= _FEWEST_LINES else []
    return [lines[at] for at in sorted(places)], len(table.rows) - len(places)


def _least(table: Table) -> int:
    """Return what a line takes at the very least, in bytes."""
    return sum(_LEAST_OF_WORDS if column.shape in WORDS else _LEAST_OF_NUMBERS for column in table.columns)


def _foremost(table: Table, most: int) -> list[int]:
    """Return the places of the lines that are shown of a long table, the ones to be shown first before the others:
    totals, and the first lines of a list, the last months, or those with the largest figures.
    """
    rows = table.rows
    if table.is_list:
        return list(range(len(rows)))[:most]
    if months_in(table):
        return sorted(range(len(rows)), key=lambda at: (not rows[at].is_total, -at))[:most]
    return sorted(range(len(rows)), key=lambda at: (not rows[at].is_total, -_size(rows[at]), at))[:most]


def _size(row: Row) -> float:
    first = next((value for value in row.values if isinstance(value, int | float)), 0)
    return float(first)


def _line(table: Table, row: Row, links: Links | None) -> str:
    figures = [
        Figure(
            value_in_words(cell.value, column.shape),
            links.to(table, row, column, cell) if links else "",
            column.shape in WORDS,
            str(column.title) if links and len(table.columns) >= _ACROSS else "",
        )
        for column, cell in zip(table.columns, row.cells, strict=True)
    ]
    return line(str(row.name), figures, is_total=row.is_total)
