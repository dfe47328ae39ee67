"""The lines of a report as rows of a table."""

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


class Figure(NamedTuple):
    """One value in words, where it leads (an empty address: nowhere), and whether it is words and not a number.

    ``label`` is the name of its column where each line is to be read alone.
    """

    words: str
    address: str
    is_text: bool = False
    label: str = ""


def line(name: str, figures: Iterable[Figure], *, is_total: bool = False, address: str = "") -> SafeString:
    """Return one row of a table: its name, then its values, each a link to what stands behind it.

    ``address`` is where the name leads.

    Put together here and not in a template, because a report has hundreds of them.
    """
    cells = "".join(f"<td{_attributes(one)}>{_linked(one)}</td>" for one in figures)
    named = _linked(Figure(name[:1].upper() + name[1:], address))
    opening = '<tr class="total">' if is_total else "<tr>"
    return mark_safe(f'{opening}<th scope="row">{named}</th>{cells}</tr>')  # noqa: S308 escaped


@register.simple_tag
def figure(value: int, url: str):
    """Return a figure as a link, or alone where nothing stands behind it."""
    return _linked(Figure(f"{value:,}".replace(",", "."), url))


def _attributes(one: Figure) -> str:
    label = f' data-label="{escape(one.label)}"' if one.label else ""
    return label if one.is_text else f' class="num"{label}'


def _linked(one: Figure) -> SafeString:
    words = escape(one.words)
    return mark_safe(f'<a href="{escape(one.address)}">{words}</a>' if one.address else words)  # noqa: S308 escaped
