"""Small words for templates: query strings that keep the filters, figures as Vietnam writes them, days left."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django import template
from django.http import QueryDict
from django.template import defaultfilters
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()


@register.simple_tag(takes_context=True)
def url_with(context, **changes):
    """Return the current query string with `changes` laid over it, always starting with "?".

    None or "" takes a key out, and so does a value that was already empty in the address; a list gives
    one pair per item. Without a request in the context only the changes are used.
    """
    request = context.get("request")
    pairs = dict(request.GET.lists()) if request else {}
    for key, value in changes.items():
        pairs[key] = value if isinstance(value, list | tuple) else [value]
    query = QueryDict(mutable=True)
    for key, values in pairs.items():
        kept = [str(value) for value in values if value is not None and value != ""]
        if kept:
            query.setlist(key, kept)
    return f"?{query.urlencode()}"


@register.filter(name="date", expects_localtime=True)
def day(value, arg=None):
    """Return what Django's ``date`` does; the two ways days are written on every line of every list, at once.

    Those are "05/09/2023", as in both languages, and "2023-09-05" for machines.
    """
    if isinstance(value, date):
        if arg is None or arg == "d/m/Y":
            return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
        if arg == "Y-m-d":
            return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"
    return defaultfilters.date(value, arg)


@register.filter
def number(value):
    """Return a number as "1.234.567" (decimals after a comma), whatever the language of the page.

    None gives ""; a text that is not a plain number comes back unchanged.
    """
    if type(value) is int:
        return f"{value:,}".replace(",", ".")
    amount = _amount(value)
    if amount is None:
        return "" if value is None else value
    whole, _point, decimals = f"{amount:,f}".partition(".")
    decimals = decimals.rstrip("0")
    return whole.replace(",", ".") + (f",{decimals}" if decimals else "")


@register.filter
def vnd(value):
    """Return an amount of đồng as "1.234.567 đ" with a space that never breaks; the rest as `number` does."""
    shown = number(value)
    return shown if _amount(value) is None else f"{shown}\N{NO-BREAK SPACE}đ"


@register.filter
def phone(value):
    """Return a Vietnamese phone number in groups ("0912 345 678"), +84 turned into 0.

    Numbers of another length and texts with letters come back unchanged; None gives "".
    """
    if value is None:
        return ""
    text = str(value).strip()
    digits = "".join(ch for ch in text if ch not in " .-()\N{NO-BREAK SPACE}")
    if digits.startswith("+84"):
        digits = "0" + digits[3:].removeprefix("0")
    if not (digits.isascii() and digits.isdecimal() and digits.startswith("0")):
        return text
    groups = {10: (4, 7), 11: (4, 8)}.get(len(digits))
    if groups is None:
        return text
    first, second = groups
    return f"{digits[:first]} {digits[first:second]} {digits[second:]}"


def days_words(left: int) -> str:
    """Return "quá n ngày", "còn n ngày" or that the day is today."""
    if left < 0:
        return ngettext("quá %(days)s ngày", "quá %(days)s ngày", -left) % {"days": -left}
    return ngettext("còn %(days)s ngày", "còn %(days)s ngày", left) % {"days": left} if left else _("hôm nay hết hạn")


@register.simple_tag
def left_badge(left: int | None, soon: int = 3, calm: str = "idle"):
    """Return the days left as a badge, a warning from ``soon`` days before; nothing where there is no day to count to.

    ``calm`` is how the badge looks while there is time.
    """
    if left is None:
        return ""
    tone = "bad" if left < 0 else "warn" if left <= soon else calm
    return format_html('<span class="badge badge--{}">{}</span>', tone, days_words(left))


def _amount(value):
    """Return `value` as a finite Decimal, or None where it is not a number."""
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
