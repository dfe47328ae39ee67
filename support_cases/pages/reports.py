"""Reports."""

from django.http import HttpResponse

from htx_portal.accounts.decorators import reviewer_required


@reviewer_required
def report(request):
    """Answer with the report of the month."""
    return HttpResponse()


@reviewer_required
def report_cooperatives(request):
    """Answer with the cooperatives behind a figure."""
    return HttpResponse()


@reviewer_required
def report_export(request):
    """Answer with the workbook."""
    return HttpResponse()
