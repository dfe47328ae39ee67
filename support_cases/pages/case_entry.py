"""Pages of cases."""

from django.http import HttpResponse


def open_new(request, reference=None):
    """The page."""
    return HttpResponse("")


def edit(request, reference=None):
    """The page."""
    return HttpResponse("")
