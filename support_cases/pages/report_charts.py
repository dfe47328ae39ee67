"""The chart of a table: which series it shows, in which words, and where its bars lead."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperatives.errors import Words
from support_cases.pages.report_links import Links
from support_cases.reports import charts
from support_cases.reports.charts import Bar
from support_cases.reports.periods import MONTH, Month, Period
from support_cases.reports.served import ROMAN_QUARTERS, period_name
from support_cases.reports.tables import Column, Row, Shape, Table
from support_cases.reports.words import value_in_words

# So many names are drawn, the largest ones, and one bar more for all the others.
_MOST_NAMES = 12
# Months added up in one bar, from how many months on, and what is said of it.
_STEPS = (
    (12, 36, gettext_lazy("Mỗi cột là một năm.")),
    (6, 24, gettext_lazy("Mỗi cột là nửa năm.")),
    (3, 6, gettext_lazy("Mỗi cột là một quý.")),
)
# What stands around one of many small charts, below a chart whose bars lead nowhere, and the least a linked bar takes.
_PANEL_BYTES, _UNLINKED_BYTES, _LINK_BYTES = 130, 150, 180
_MILLION, _BILLION = 10**6, 10**9


@dataclass(frozen=True)
class Panel:
    """One of many small charts: what it is about, its sum, the picture, and where the whole of it leads."""

    name: str
    total: str
    svg: SafeString
    address: str = ""


@dataclass(frozen=True)
class Drawn:
    """A chart as a page shows it: the names of its series in the order of their textures, and one picture or many."""

    names: tuple[str, ...]
    svg: SafeString
    panels: tuple[Panel, ...] = ()
    note: Words = ""
    #: Whether its bars are links, or its small charts.
    linked: bool = False

    @property
    def size(self) -> int:
        """How many bytes it adds to a page."""
        panels = (f"{panel.svg}{panel.address}" for panel in self.panels)
        below = 0 if self.linked else _UNLINKED_BYTES
        return len(self.svg.encode()) + below + sum(len(panel.encode()) + _PANEL_BYTES for panel in panels)


@dataclass(frozen=True)
class Way:
    """How a chart is drawn: how many months a bar adds up, and whether bars are links."""

    months: int = 1
    linked: bool = False


#: Everything a chart can show on paper.
UNLINKED = Way()


@dataclass(frozen=True)
class _Place:
    """One place on the axis: the words there, the name read out of it, its year, and the lines added up in it."""

    words: str
    name: str
    year: int
    rows: tuple[Row, ...]


def ways_to_draw(table: Table, *, linked: bool) -> list[Way]:
    """Return the ways to draw the chart of a table, from the lightest to the one that shows most."""
    number = len(months_in(table))
    return [*(Way(step, linked) for step, least, _words in _STEPS if number >= least), Way(linked=linked)]


def chart_of(table: Table, links: Links, way: Way = UNLINKED, *, room: int | None = None) -> Drawn | None:
    """Return the chart of a table; None where it has none or nothing to be seen in it, or where it would add more than
    ``room`` bytes to a page.

    What charts show adds up over months and over areas, so that bars may stand for several.
    """
    rows = [row for row in table.rows if not row.is_total]
    if table.chart is None or len(rows) < 2:
        return None
    # Of hundreds of areas not one is drawn before it is known that there is no room for all of them.
    if room is not None and table.chart.kind == "multiples" and len(table.chart.columns) * _PANEL_BYTES > room:
        return None
    of_code = {column.code: at for at, column in enumerate(table.columns)}
    drawn = [of_code[code] for code in table.chart.columns if code in of_code]
    places = _places(table, rows, drawn, way.months)
    is_linked_whole = table.chart.kind == "multiples"
    # Nor is every bar of a long period given its address, only to be too many.
    linked = way.linked and not is_linked_whole
    if linked and room is not None:
        number = sum(_value(place.rows, at) > 0 for at in drawn for place in places)
        if number * _LINK_BYTES > room:
            return None
    series = [[_bar(table, place, at, links, linked=linked) for place in places] for at in drawn]
    if not any(bar.value for bars in series for bar in bars):
        return None
    note = next((words for step, _least, words in _STEPS if step == way.months), "")
    columns = [table.columns[at] for at in drawn]
    found = replace(_DRAW[table.chart.kind](table, places, columns, series), note=note, linked=way.linked)
    if way.linked and is_linked_whole:
        addresses = [links.to_sum(table, rows, at) for at in drawn]
        panels = [replace(panel, address=to) for panel, to in zip(found.panels, addresses, strict=True)]
        found = replace(found, panels=tuple(panels))
    return found if room is None or found.size <= room else None


def months_in(table: Table) -> list[Month]:
    """Return the months a table has lines for, none where its lines are something else."""
    try:
        return [Month.parse(row.code) for row in table.rows if not row.is_total]
    except ValueError:
        return []


def _places(table: Table, rows: list[Row], drawn: list[int], step: int) -> list[_Place]:
    months = months_in(table)
    if not months:
        return _of_names(rows, drawn)
    if step == 1:
        return [
            _Place(str(month.number), month.label, month.year, (row,)) for month, row in zip(months, rows, strict=True)
        ]
    parts: dict[tuple[int, int], list[tuple[Month, Row]]] = {}
    for month, row in zip(months, rows, strict=True):
        parts.setdefault((month.year, (month.number - 1) // step), []).append((month, row))
    return [
        _Place(
            str(year) if step == _STEPS[0][0] else ROMAN_QUARTERS[number],
            period_name(Period(MONTH, part[0][0], part[-1][0])),
            year,
            tuple(row for _month, row in part),
        )
        for (year, number), part in parts.items()
    ]


def _of_names(rows: list[Row], drawn: list[int]) -> list[_Place]:
    """Return the lines with the largest figures in their order, and one place for all the others."""
    foremost = set(range(len(rows)))
    if len(rows) > _MOST_NAMES + 1:
        sizes = [sum(_value((row,), at) for at in drawn) for row in rows]
        foremost = set(sorted(foremost, key=lambda place: (-sizes[place], place))[:_MOST_NAMES])
    places = [_Place(str(rows[at].name), str(rows[at].name), 0, (rows[at],)) for at in sorted(foremost)]
    others = tuple(row for at, row in enumerate(rows) if at not in foremost)
    if others:
        words = _("Còn lại (%(n)s)") % {"n": len(others)}
        places.append(_Place(words, words, 0, others))
    return places


def _trend(table: Table, places: list[_Place], columns: list[Column], series: list[list[Bar]]) -> Drawn:
    svg = charts.trend([one.words for one in places], series, said=_said(table), years=_years(places))
    return Drawn(tuple(str(column.title) for column in columns), svg)


def _stacked(table: Table, places: list[_Place], columns: list[Column], series: list[list[Bar]]) -> Drawn:
    words, said = [one.words[:1].upper() + one.words[1:] for one in places], _said(table)
    if places[0].year:
        svg = charts.stacked(words, series, said=said, years=_years(places))
    else:
        svg = charts.lying(words, series, said=said)
    return Drawn(tuple(str(column.title) for column in columns), svg)


def _years(places: list[_Place]) -> list[int]:
    """Return the year of each place, none where the places are years themselves."""
    years = [place.year for place in places]
    return [] if len(set(years)) == len(years) else years


def _multiples(table: Table, places: list[_Place], columns: list[Column], series: list[list[Bar]]) -> Drawn:
    """Return a small chart for each column, the columns being the areas; all to the same height."""
    tallest = max(bar.value for bars in series for bar in bars)
    panels = tuple(
        Panel(
            str(column.title)[:1].upper() + str(column.title)[1:],
            value_in_words(sum(int(bar.value) for bar in bars), Shape.COUNT),
            charts.small(bars, tallest),
        )
        for column, bars in zip(columns, series, strict=True)
    )
    return Drawn((), SafeString(""), panels)


def _ageing(table: Table, places: list[_Place], columns: list[Column], series: list[list[Bar]]) -> Drawn:
    return Drawn((), charts.ageing([one.words for one in places], series[0], said=_said(table)))


_DRAW = {"trend": _trend, "stacked": _stacked, "multiples": _multiples, "ageing": _ageing}


def _bar(table: Table, place: _Place, at: int, links: Links, *, linked: bool) -> Bar:
    """Return one bar; one that adds up several areas leads to the table of all of them."""
    column, value, address = table.columns[at], _value(place.rows, at), ""
    if linked and value > 0:
        if len(place.rows) == 1:
            address = links.to(table, place.rows[0], column, place.rows[0].cells[at])
        elif place.year:
            address = links.to_sum(table, place.rows, at)
        else:
            address = links.asked(bang=table.code)
    said = f"{place.name} · {column.title}: {value_in_words(value, column.shape)}"
    return Bar(float(value), _short_value(value, column.shape), address, said)


def _value(rows: Iterable[Row], at: int) -> int | float | Decimal:
    values = [row.values[at] for row in rows]
    return sum(value for value in values if isinstance(value, int | float | Decimal))


def _said(table: Table) -> str:
    return _("Biểu đồ: %(title)s. Số liệu trong bảng.") % {"title": table.title}


def _short_value(value: float | Decimal, shape: Shape) -> str:
    """Return a figure as it fits above a bar: money in millions or milliards of đồng."""
    if shape != Shape.MONEY:
        return value_in_words(value, shape)
    if value >= _BILLION:
        return _("%(n)s tỷ") % {"n": value_in_words(float(value) / _BILLION, Shape.DECIMAL)}
    return _("%(n)s tr") % {"n": value_in_words(round(float(value) / _MILLION), Shape.COUNT)}
