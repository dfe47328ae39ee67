"""Filtering of API lists: the filters of the pages, and a mistyped filter is an error, not an empty list."""

from django_filters.rest_framework import DjangoFilterBackend


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter with messages by field when a filter cannot be read; the browsable form is not needed."""

    raise_exception = True
