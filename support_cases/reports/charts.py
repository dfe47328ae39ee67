"""Charts drawn on the server: figures in, SVG markup out. Pure functions."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_WIDTH, _HEIGHT, _BASE, _TALLEST = 1000, 216, 190, 166
# More months than this would print their figures over each other on a phone.
_MOST_LABELLED = 12


def bar_chart(labels: Sequence[str], now: Sequence[int], then: Sequence[int], *, title: str, label: str) -> SafeString:
    """Return the SVG of two bars for each label: ``then`` (the year before) beside ``now``.

    Bars are one path for each series in a picture that stretches with the page; words stand outside it,
    across in percent and down in pixels, so that they stay readable on a phone. Twelve months take less than
    2 kB. ``title`` and ``label`` are read out; the figures belong in a table beside the chart.
    """
    slot = 1 / max(len(labels), 1)
    scale = _TALLEST / max([*now, *then, 1])
    every = -(-len(labels) // _MOST_LABELLED)
    names = [(_percent(slot * (i + 0.5)), name) for i, name in enumerate(labels) if i % every == 0]
    figures = [(_percent(slot * (i + 0.67)), _BASE - 6 - _tall(n, scale), n) for i, n in enumerate(now) if n]
    return format_html(
        '<svg width="100%" height="{0}" role="img" aria-label="{1}"><title>{2}</title>'
        '<svg height="{0}" viewBox="0 0 {3} {0}" preserveAspectRatio="none">'
        '<path class="bar bar--then" d="{4}"/><path class="bar" d="{5}"/></svg>'
        '<line class="axis" x2="100%" y1="{6}" y2="{6}"/>'
        '<g class="axis-label" transform="translate(0 210)">{7}</g><g class="bar-label">{8}</g></svg>',
        _HEIGHT,
        label,
        title,
        _WIDTH,
        _bars(then, slot, 0.14, scale),
        _bars(now, slot, 0.5, scale),
        _BASE,
        format_html_join("", '<text x="{}%">{}</text>', names),
        format_html_join("", '<text x="{}%" y="{}">{}</text>', figures if every == 1 else []),
    )


def _bars(values: Sequence[int], slot: float, offset: float, scale: float) -> str:
    """Return the path of one series: each bar up from the base line, across, and down again."""
    width = round(slot * 0.34 * _WIDTH)
    bars = [(round(slot * (i + offset) * _WIDTH), _tall(n, scale)) for i, n in enumerate(values) if n]
    return "".join(f"M{x} {_BASE}v-{tall}h{width}v{tall}z" for x, tall in bars)


def _tall(value: int, scale: float) -> int:
    """Return the height of a bar in pixels; the smallest figure is still seen."""
    return max(round(value * scale), 1)


def _percent(share: float) -> str:
    return f"{share * 100:.1f}"
