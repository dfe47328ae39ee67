"""Pages of lists: 25 rows, at most 100 when the API asks, and a page that is not there is simply the last."""

from django.core.paginator import Paginator
from rest_framework.pagination import PageNumberPagination

PAGE_SIZE = 25


class ApiPagination(PageNumberPagination):
    """``{"count", "next", "previous", "results"}``; ``page`` and ``page_size`` (1–100)."""

    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = 100


def page_of(rows, request, size: int = PAGE_SIZE):
    """Return the page of ``rows`` that ``?page=`` asks for; nonsense gives the first, too far gives the last."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
