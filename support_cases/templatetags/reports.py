"""The figures of a report as cells of a table."""

from html import escape

from django import template
from django.utils.safestring import mark_safe

register = template.Library()


@register.simple_tag
def figures(row):
    """Return the cells of one line: its name, its lượt and its distinct HTX, each a link to what stands behind it.

    A tag and not a part of a page, because a report has more than a hundred of these lines.
    """
    name = escape(row.name[:1].upper() + row.name[1:])
    entries = figure(row.consultations, row.entries_url)
    cooperatives = figure(row.cooperatives, row.cooperatives_url)
    return mark_safe(  # noqa: S308 the name is escaped here, the rest below
        f'<th scope="row">{name}</th><td class="num">{entries}</td><td class="num">{cooperatives}</td>'
    )


@register.simple_tag
def figure(value: int, url: str):
    """Return a figure as a link, or alone where nothing stands behind it."""
    words = f"{value:,}".replace(",", ".")
    return mark_safe(f'<a href="{escape(url)}">{words}</a>' if url else words)  # noqa: S308 a number and an address
