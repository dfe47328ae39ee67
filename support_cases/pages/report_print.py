"""Reports for paper: every table whole, without links, on white on the screen as well."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from htx_portal.accounts.decorators import reviewer_required
from support_cases.forms.reports import ReportForm
from support_cases.pages.report_links import Links, address_of
from support_cases.pages.report_tables import shown_on_paper
from support_cases.pages.reports import about_report
from support_cases.reports.answers import Answer, answer
from support_cases.reports.kinds import ReportKind
from support_cases.reports.tables import Table


@require_safe
@reviewer_required
def report_print(request, kind: ReportKind):
    """Show a report as it is printed; with the code of a table under ``bang``, that table alone.

    A question that cannot be read is said on the page of the report.
    """
    today = timezone.localdate()
    query = ReportForm(request.GET, today=today).read()
    if query is None:
        return redirect(f"{address_of(kind)}?{request.GET.urlencode()}")
    found = answer(kind, query.period, frame=query.frame, today=today, as_of=query.as_of, closing=query.closing)
    links = Links.of(found, query)
    tables = [shown_on_paper(table, links) for table in _wanted(found, request.GET.get("bang", ""))]
    context = about_report(found, links) | {"kind": kind, "tables": tables}
    return render(request, "support/report_print.html", context | {"back_url": f"{address_of(kind)}{links.asked()}"})


def _wanted(found: Answer, code: str) -> list[Table]:
    """Return all tables, or the one asked for. Raises ``Http404`` where there is none of that code."""
    try:
        return [found.table(code)] if code else found.tables
    except KeyError:
        raise Http404 from None
