"""Pages of the register."""

from django.http import HttpResponse

from htx_portal.accounts.decorators import reviewer_required, worker_required


@reviewer_required
def cooperatives(request):
    """The list of the register."""
    return HttpResponse("")


@worker_required
def create(request):
    """The form for a new cooperative."""
    return HttpResponse("")


def detail(request, pk):
    """What is true of one cooperative."""
    return HttpResponse("")


@worker_required
def update(request, pk):
    """The form that changes a cooperative."""
    return HttpResponse("")


@reviewer_required
def groups(request):
    """The list of founding groups."""
    return HttpResponse("")


@worker_required
def group_create(request):
    """The form for a new founding group."""
    return HttpResponse("")
