"""Consultations: the list, one entry, logging a new one."""

from django.http import HttpResponse

from htx_portal.accounts.decorators import worker_required


def consultations(request):
    """Answer with the list of consultations."""
    return HttpResponse()


@worker_required
def log(request):
    """Answer with the form of a new consultation."""
    return HttpResponse()


def consultation(request, pk):
    """Answer with one consultation."""
    return HttpResponse()


@worker_required
def follow_up_done(request, pk):
    """Close the follow-up of a consultation."""
    return HttpResponse()


@worker_required
def party_lookup(request):
    """Answer with the parties that match."""
    return HttpResponse()
