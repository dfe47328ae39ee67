"""Pages of cases."""

from django.http import HttpResponse


def status(request, reference=None):
    """The page."""
    return HttpResponse("")
