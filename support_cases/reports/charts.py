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
# More bars side by side than this would print their figures over each other on a phone.
_MOST_LABELLED = 12


@dataclass(frozen=True)
class Bar:
    """One bar: how long it is, its figure in short words, where it leads and what is read out of it."""

    value: float
    words: str = ""
    address: str = ""
    said: str = ""


def trend(labels: Sequence[str], series: Sequence[Sequence[Bar]], *, said: str) -> SafeString:
    """Return bars side by side for each label, one of each series; ``said`` is read out for the whole chart."""
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
        if bar.value > 0 and len(labels) <= _MOST_LABELLED
    ]
    return _framed(_HEIGHT, said, series, drawn, _axis(labels, slot), _texts("bar-label", figures))


def stacked(labels: Sequence[str], series: Sequence[Sequence[Bar]], *, said: str) -> SafeString:
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
        (_number(slot * (at + 0.5)), _BASE - 5 - feet[at], f"{total:g}")
        for at, total in enumerate(sums)
        if total and len(labels) <= _MOST_LABELLED
    ]
    return _framed(_HEIGHT, said, series, _by_texture(series, bars), _axis(labels, slot), _texts("bar-label", figures))


def small(bars: Sequence[Bar], tallest: float, *, said: str) -> SafeString:
    """Return one of many small charts beside each other, all drawn to the same ``tallest``."""
    slot = 100 / max(len(bars), 1)
    drawn = [
        _upright(bar, slot * (at + 0.1), slot * 0.8, _scaled(bar.value, tallest, _SMALL_TALLEST), _SMALL_BASE)
        for at, bar in enumerate(bars)
        if bar.value > 0
    ]
    axis = format_html('<line class="axis" x2="100%" y1="{0}" y2="{0}"/>', _SMALL_BASE)
    return _framed(_SMALL_BASE + 2, said, [bars], [_in_texture(0, drawn)], axis)


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
    """Return the whole picture; one without links is one image to who cannot see it."""
    role = "group" if any(bar.address for bars in series for bar in bars) else "img"
    inner = mark_safe("".join([*drawn, *words]))  # noqa: S308 every part is markup of this module
    return format_html('<svg width="100%" height="{}" role="{}" aria-label="{}">{}</svg>', height, role, said, inner)


def _axis(labels: Sequence[str], slot: float) -> SafeString:
    """Return the base line with the names below it, not all of them where there are many."""
    every = -(-len(labels) // _MOST_LABELLED) or 1
    names = [(_number(slot * (at + 0.5)), _BASE + 20, name) for at, name in enumerate(labels) if at % every == 0]
    line = format_html('<line class="axis" x2="100%" y1="{0}" y2="{0}"/>', _BASE)
    return line + _texts("axis-label", names)


def _texts(name: str, texts: list[tuple[str, int, str]]) -> SafeString:
    return format_html('<g class="{}">{}</g>', name, format_html_join("", '<text x="{}%" y="{}">{}</text>', texts))


def _scaled(value: float, tallest: float, room: int = _TALLEST) -> int:
    """Return the height of a bar in pixels; the smallest figure is still seen."""
    return max(round(value * room / tallest), 1) if tallest else 0


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
