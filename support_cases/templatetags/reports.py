"""The figures of a report as cells of a table."""

from django import template
from django.template.defaultfilters import capfirst
from django.utils.html import format_html

from htx_portal.templatetags.portal import number

register = template.Library()


@register.simple_tag
def figures(row):
    """Return the cells of one line: its name, its lượt and its distinct HTX, each a link to what stands behind it.

    A tag and not a part of a page, because a report has more than a hundred of these lines.
    """
    return format_html(
        '<th scope="row">{}</th><td class="num">{}</td><td class="num">{}</td>',
        capfirst(row.name),
        figure(row.consultations, row.entries_url),
        figure(row.cooperatives, row.cooperatives_url),
    )


@register.simple_tag
def figure(value: int, url: str):
    """Return a figure as a link, or alone where nothing stands behind it."""
    return format_html('<a href="{}">{}</a>', url, number(value)) if url else number(value)
