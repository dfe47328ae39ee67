"""Charts drawn on the server: figures in, SVG markup out. Pure functions.

Places across are in percent, so that a chart is as wide as its page and its words stay readable on a phone; heights
are in pixels. Each series has a texture of its own (``t0`` … ``t7``, drawn once on a page by a template), because a
report is printed in black and white. Every bar may be a link. The figures stand in a table beside each chart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

#: So many textures there are; later series use them again.
TEXTURES = 8
_HEIGHT, _BASE, _TALLEST = 216, 190, 160
_SMALL_BASE, _SMALL_TALLEST = 72, 68
_ROW, _LONGEST = 46, 78
_LINE, _LINE_BAR = 38, 14
# More bars side by side than this would print their figures over each other on a phone, unless these are so short.
_MOST_LABELLED, _MOST_LETTERS = 12, 50
# Parts of a year from one labelled to the next, where they divide it; so much of the width, in percent, is kept free
# for a year below them on a phone.
_STEPS = (1, 2, 3, 4, 6, 12)
_YEAR_ROOM = 12


@dataclass(frozen=True)
class Bar:
    """One bar: how long it is, its figure in short words, where it leads and what is read out of it."""

    value: float
    words: str = ""
    address: str = ""
    said: str = ""


def trend(
    labels: Sequence[str], series: Sequence[Sequence[Bar]], *, said: str, years: Sequence[int] = ()
) -> SafeString:
    """Return bars side by side for each label, one of each series; ``said`` is read out for the whole chart.

    ``years`` holds the year of each label, where these are parts of years.
    """
    tallest = max((bar.value for bars in series for bar in bars), default=0)
    slot, wide = 100 / max(len(labels), 1), 72 / max(len(series), 1)
    bars = [
        _upright(bar, slot * (at + 0.14 + number * wide / 100), slot * wide / 100, _scaled(bar.value, tallest), _BASE)
        for number, row in enumerate(series)
        for at, bar in enumerate(row)
        if bar.value > 0
    ]
    drawn = _by_texture(series, bars)
    figures = [
        (_number(slot * (at + 0.14 + wide / 200)), _BASE - 5 - _scaled(bar.value, tallest), bar.words)
        for at, bar in enumerate(series[0] if series else ())
        if bar.value > 0
    ]
    axis = _axis(labels, slot, years)
    return _framed(_height(years), said, series, drawn, axis, _above(figures, len(labels)))


def stacked(
    labels: Sequence[str], series: Sequence[Sequence[Bar]], *, said: str, years: Sequence[int] = ()
) -> SafeString:
    """Return one bar for each label, put together of the series from below, with its sum above."""
    sums = [sum(bar.value for bar in bars) for bars in zip(*series, strict=True)] or [0] * len(labels)
    tallest, slot = max(sums, default=0), 100 / max(len(labels), 1)
    below, feet, bars = [0.0] * len(labels), [0] * len(labels), []
    for row in series:
        for at, bar in enumerate(row):
            if bar.value > 0:
                foot, below[at] = feet[at], below[at] + bar.value
                feet[at] = max(_scaled(below[at], tallest), foot + 1)
                bars.append(_upright(bar, slot * (at + 0.15), slot * 0.7, feet[at] - foot, _BASE - foot))
    figures = [
        (_number(slot * (at + 0.5)), _BASE - 5 - feet[at], _count(total)) for at, total in enumerate(sums) if total
    ]
    drawn, axis = _by_texture(series, bars), _axis(labels, slot, years)
    return _framed(_height(years), said, series, drawn, axis, _above(figures, len(labels)))


def lying(labels: Sequence[str], series: Sequence[Sequence[Bar]], *, said: str) -> SafeString:
    """Return one lying bar below each label, put together of the series from the left, with its sum at the end.

    For names, which are too long to stand below upright bars.
    """
    sums = [sum(bar.value for bar in bars) for bars in zip(*series, strict=True)] or [0] * len(labels)
    scale, ends = _LONGEST / (max(sums, default=0) or 1), [0.0] * len(labels)
    groups = []
    for number, row in enumerate(series):
        drawn = []
        for at, bar in enumerate(row):
            if bar.value > 0:
                left, ends[at] = ends[at], ends[at] + bar.value * scale
                drawn.append(_flat(bar, left, ends[at] - left, at * _LINE + 18))
        groups.append(_in_texture(number, drawn))
    names = [("0", at * _LINE + 13, label) for at, label in enumerate(labels)]
    figures = [(_number(ends[at]), at * _LINE + 30, _count(total)) for at, total in enumerate(sums)]
    words = [_texts("row-label", names), _texts("row-figure", figures)]
    return _framed(max(len(labels), 1) * _LINE, said, series, groups, *words)


def small(bars: Sequence[Bar], tallest: float) -> SafeString:
    """Return one of many small charts beside each other, all drawn to the same ``tallest``; its name and sum, which
    stand beside it, are all there is to be read out.
    """
    slot = 100 / max(len(bars), 1)
    drawn = [
        _upright(bar, slot * (at + 0.1), slot * 0.8, _scaled(bar.value, tallest, _SMALL_TALLEST), _SMALL_BASE)
        for at, bar in enumerate(bars)
        if bar.value > 0
    ]
    axis = format_html('<line class="axis" x2="100%" y1="{0}" y2="{0}"/>', _SMALL_BASE)
    return _framed(_SMALL_BASE + 2, "", [bars], [_in_texture(0, drawn)], axis)


def ageing(labels: Sequence[str], bars: Sequence[Bar], *, said: str) -> SafeString:
    """Return bars lying under each other, each below its label and with its figure at the end."""
    longest = max((bar.value for bar in bars), default=0)
    drawn, names, figures = [], [], []
    for at, (label, bar) in enumerate(zip(labels, bars, strict=True)):
        top = at * _ROW
        wide = bar.value * _LONGEST / longest if longest else 0
        names.append(("0", top + 16, label))
        figures.append((_number(wide), top + 36, bar.words))
        if bar.value > 0:
            drawn.append(_linked(bar, format_html('<rect y="{}" width="{}%" height="18"/>', top + 22, _number(wide))))
    words = [_texts("row-label", names), _texts("row-figure", figures)]
    return _framed(max(len(labels), 1) * _ROW, said, [bars], [_in_texture(1, drawn)], *words)


def _flat(bar: Bar, left: float, wide: float, top: int) -> SafeString:
    shape = '<rect x="{}%" y="{}" width="{}%" height="{}"/>'
    return _linked(bar, format_html(shape, _number(left), top, _number(wide), _LINE_BAR))


def _upright(bar: Bar, left: float, wide: float, tall: int, base: int) -> SafeString:
    shape = '<rect x="{}%" y="{}" width="{}%" height="{}"/>'
    return _linked(bar, format_html(shape, _number(left), base - tall, _number(wide), tall))


def _linked(bar: Bar, shape: SafeString) -> SafeString:
    """Return a bar as a link where it leads somewhere; the table beside the chart has the same for the keyboard."""
    if not bar.address:
        return shape
    return format_html('<a href="{}" tabindex="-1"><title>{}</title>{}</a>', bar.address, bar.said, shape)


def _by_texture(series: Sequence[Sequence[Bar]], bars: list[SafeString]) -> list[SafeString]:
    """Return the bars, drawn series by series, in one group for each series."""
    groups, rest = [], iter(bars)
    for number, row in enumerate(series):
        own = [next(rest) for bar in row if bar.value > 0]
        groups.append(_in_texture(number, own))
    return groups


def _in_texture(number: int, bars: Iterable[SafeString]) -> SafeString:
    return format_html('<g fill="url(#t{})">{}</g>', number % TEXTURES, mark_safe("".join(bars)))  # noqa: S308 markup


def _framed(height: int, said: str, series: Sequence[Sequence[Bar]], drawn: list[SafeString], *words) -> SafeString:
    """Return the whole picture; one without links is one image to who cannot see it, one of which nothing is ``said``
    is none.
    """
    role = "group" if any(bar.address for bars in series for bar in bars) else "img"
    inner = mark_safe("".join([*drawn, *words]))  # noqa: S308 every part is markup of this module
    if not said:
        return format_html('<svg width="100%" height="{}" aria-hidden="true">{}</svg>', height, inner)
    return format_html('<svg width="100%" height="{}" role="{}" aria-label="{}">{}</svg>', height, role, said, inner)


def _count(total: float) -> str:
    """Return a sum of counts as the tables write it, every digit of it."""
    return f"{round(total):,}".replace(",", ".")


def _height(years: Sequence[int]) -> int:
    """Return the height of a chart of upright bars; a line of years makes it taller."""
    return _HEIGHT + (18 if len(set(years)) > 1 else 0)


def _axis(labels: Sequence[str], slot: float, years: Sequence[int]) -> SafeString:
    """Return the base line with the names below it, not all of them where there are many, and the years below these.

    With years, the first part of each is among those named.
    """
    begins = [at for at, year in enumerate(years) if at and year != years[at - 1]]
    in_year = max((list(years).count(year) for year in set(years)), default=_STEPS[-1])
    steps = [step for step in _STEPS if in_year % step == 0]
    every = next((step for step in steps if len(labels) <= step * _MOST_LABELLED), in_year)
    first = begins[0] if begins else 0
    # Where no part but the first of a year would be named, the year below says as much.
    named = [] if begins and every == in_year else [at for at in range(len(labels)) if (at - first) % every == 0]
    names = [(_number(slot * (at + 0.5)), _BASE + 20, labels[at]) for at in named]
    line = format_html('<line class="axis" x2="100%" y1="{0}" y2="{0}"/>', _BASE)
    below = _texts("axis-year", _years(years, [0, *begins], slot)) if begins else SafeString("")
    return line + _texts("axis-label", names) + below


def _years(years: Sequence[int], begins: list[int], slot: float) -> list[tuple[str, int, str]]:
    """Return the years written below the first part of each that has room for it."""
    kept: list[int] = []
    for at in begins:
        if kept == [0] and at * slot < _YEAR_ROOM:
            # The end of a year before makes room for the first whole one.
            kept = [at]
        elif not kept or (at - kept[-1]) * slot >= _YEAR_ROOM:
            kept.append(at)
    return [(_number(slot * at), _BASE + 38, str(years[at])) for at in kept if slot * at <= 100 - _YEAR_ROOM]


def _above(figures: list[tuple[str, int, str]], slots: int) -> SafeString:
    """Return the figures above so many bars, none of them where they would not fit beside each other."""
    longest = max((len(words) for _x, _y, words in figures), default=0)
    return _texts("bar-label", figures if slots <= _MOST_LABELLED or slots * longest <= _MOST_LETTERS else [])


def _texts(name: str, texts: list[tuple[str, int, str]]) -> SafeString:
    return format_html('<g class="{}">{}</g>', name, format_html_join("", '<text x="{}%" y="{}">{}</text>', texts))


def _scaled(value: float, tallest: float, room: int = _TALLEST) -> int:
    """Return the height of a bar in pixels; the smallest figure is still seen."""
    return max(round(value * room / tallest), 1) if tallest else 0


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
