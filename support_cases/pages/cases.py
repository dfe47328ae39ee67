"""Pages of cases."""

from django.http import HttpResponse


def cases(request, reference=None):
    """The page."""
    return HttpResponse("")


def case(request, reference=None):
    """The page."""
    return HttpResponse("")


def step(request, reference=None):
    """The page."""
    return HttpResponse("")


def papers(request, reference=None):
    """The page."""
    return HttpResponse("")
