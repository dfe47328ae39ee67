"""Filtering of API lists: the filters of the pages, and a mistyped filter is an error, not an empty list."""

from django_filters.rest_framework import DjangoFilterBackend


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter with messages by field when a filter cannot be read; the browsable form is not needed."""

    raise_exception = True

    def filter_queryset(self, request, queryset, view):
        """Return the rows that the filters leave; without any of them in the address, all rows."""
        filterset = self.get_filterset_class(view, queryset)
        if filterset is None or filterset.base_filters.keys().isdisjoint(request.query_params):
            return queryset
        return super().filter_queryset(request, queryset, view)
