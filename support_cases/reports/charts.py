"""Charts drawn on the server: figures in, SVG markup out. Pure functions."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_HEIGHT, _BASE, _TALLEST = 216, 190, 166
# More months than this would print their figures over each other on a phone.
_MOST_LABELLED = 12


def bar_chart(labels: Sequence[str], now: Sequence[int], then: Sequence[int], *, title: str, label: str) -> SafeString:
    """Return the SVG of two bars for each label: ``then`` (the year before) beside ``now``.

    No view box: across in percent and down in pixels, so that text stays readable on a phone. Groups carry
    class and place for what they hold, which keeps twelve months under 2 kB. ``title`` and ``label`` are
    read out; the figures themselves belong in a table beside the chart.
    """
    slot = 100 / max(len(labels), 1)
    scale = _TALLEST / max([*now, *then, 1])
    every = -(-len(labels) // _MOST_LABELLED)
    names = [(_percent(slot * (i + 0.5)), name) for i, name in enumerate(labels) if i % every == 0]
    figures = [(_percent(slot * (i + 0.67)), _BASE - 6 - _tall(n, scale), n) for i, n in enumerate(now) if n]
    return format_html(
        '<svg width="100%" height="{}" role="img" aria-label="{}"><title>{}</title>{}{}'
        '<g class="axis"><line x2="100%" y1="{}" y2="{}"/></g>'
        '<g class="axis-label" transform="translate(0 210)">{}</g><g class="bar-label">{}</g></svg>',
        _HEIGHT,
        label,
        title,
        _bars("bar bar--then", then, slot, 0.14, scale),
        _bars("bar", now, slot, 0.5, scale),
        _BASE,
        _BASE,
        format_html_join("", '<text x="{}%">{}</text>', names),
        format_html_join("", '<text x="{}%" y="{}">{}</text>', figures if every == 1 else []),
    )


def _bars(css: str, values: Sequence[int], slot: float, offset: float, scale: float) -> SafeString:
    """Return one group of bars, turned upside down so that a bar needs no y of its own."""
    width = _percent(slot * 0.34)
    bars = [(_percent(slot * (i + offset)), width, _tall(value, scale)) for i, value in enumerate(values) if value]
    drawn = format_html_join("", '<rect x="{}%" width="{}%" height="{}"/>', bars)
    return format_html('<g class="{}" transform="translate(0 {}) scale(1 -1)">{}</g>', css, _BASE, drawn)


def _tall(value: int, scale: float) -> int:
    """Return the height of a bar in pixels; the smallest figure is still seen."""
    return max(round(value * scale), 1)


def _percent(value: float) -> str:
    return f"{value:.1f}"
