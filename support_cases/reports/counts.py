"""How many entries a list has, counted again only when something changed."""

import hashlib
from datetime import date

from django.core.cache import cache
from django.http import QueryDict
from django.utils.translation import get_language

from support_cases.reports.versions import version_until

_KEPT_SECONDS = 3600
_PLACES_IN_LIST = ("page", "page_size", "ordering")


def question_of(params: QueryDict) -> str:
    """Return the filters of an address as one text, whatever page of the list it asks for."""
    asked = sorted((name, values) for name, values in params.lists() if name not in _PLACES_IN_LIST)
    return f"{get_language()}|{asked}"


def remembered_count(rows, question: str) -> int:
    """Return how many entries ``rows`` are, from the cache while no entry and nothing in the register changed.

    Counting reads every row that matches, which grows with the years; asking for the version reads a few
    dozen small ones. ``question`` must say all that made ``rows``, so this is for people who see every entry:
    whom a person acts for is in no version.
    """
    asked = f"{question}|{version_until(date.max)}"
    key = "entries:" + hashlib.sha256(asked.encode()).hexdigest()
    count = cache.get(key)
    if count is None:
        count = rows.count()
        cache.set(key, count, timeout=_KEPT_SECONDS)
    return count
