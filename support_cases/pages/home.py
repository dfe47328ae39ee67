"""The first page after signing in, by role."""

from django.http import HttpResponse


def home(request):
    """Answer with the page of the role."""
    return HttpResponse()
