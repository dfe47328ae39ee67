"""The reminders of the person signed in."""

from django.http import HttpResponse


def reminders(request):
    """Answer with the reminders."""
    return HttpResponse()
