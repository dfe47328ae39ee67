"""Pages of lists: 25 rows, at most 100 when the API asks, and a page that is not there is simply the last."""

from collections.abc import Callable

from django.core.paginator import Paginator
from django.utils.functional import cached_property
from rest_framework.pagination import PageNumberPagination

PAGE_SIZE = 25


class ApiPagination(PageNumberPagination):
    """``{"count", "next", "previous", "results"}``; ``page`` and ``page_size`` (1–100)."""

    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = 100


class CountedElsewhere(Paginator):
    """A paginator that is told how to count, for lists whose size is known more cheaply than by counting."""

    def __init__(self, rows, per_page: int, counter: Callable[[], int]):
        super().__init__(rows, per_page)
        self.counter = counter

    @cached_property
    def count(self) -> int:
        """How many rows there are."""
        return self.counter()


def page_of(rows, request, size: int = PAGE_SIZE, counter: Callable[[], int] | None = None):
    """Return the page of ``rows`` that ``?page=`` asks for; nonsense gives the first, too far gives the last.

    ``counter`` says how many there are, where that need not be counted from ``rows``.
    """
    paginator = CountedElsewhere(rows, size, counter) if counter else Paginator(rows, size)
    return paginator.get_page(request.GET.get("page"))
