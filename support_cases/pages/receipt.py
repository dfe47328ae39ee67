"""Pages of cases."""

from django.http import HttpResponse


def receipt(request, reference=None):
    """The page."""
    return HttpResponse("")
