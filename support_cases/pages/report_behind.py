"""What stands behind a figure of a report: the rows it lists, or the cooperatives with their lượt."""

from urllib.parse import urlencode

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cooperatives.choices import UnitKind
from htx_portal.accounts.decorators import reviewer_required
from htx_portal.pagination import page_of
from support_cases.filters import ConsultationFilter
from support_cases.forms.reports import ReportForm
from support_cases.models import Closing
from support_cases.pages.report_links import Links, narrowing_names
from support_cases.reports.basis import Basis, basis_of
from support_cases.reports.behind import cooperatives_of, counted_entries
from support_cases.reports.kinds import Listed, ReportKind
from support_cases.reports.served import period_label
from support_cases.reports.tables import WORDS
from support_cases.reports.words import value_in_words
from support_cases.templatetags.reports import Figure, line

# Numbers of rows are shorter in every database.
_LONGEST_NUMBER = 19


@require_safe
@reviewer_required
def report_behind(request, kind: ReportKind):
    """Show the rows a report itself lists behind one of its figures; none where there is no such figure."""
    today = timezone.localdate()
    form = ReportForm(request.GET, today=today)
    here = reverse("support:report-kind", args=[kind])
    query = form.read()
    if query is None:
        return redirect(f"{here}?{request.GET.urlencode()}")
    scope = basis_of(query.period, as_of=query.as_of, today=today).scope
    table, row, column = (request.GET.get(name, "") for name in ("bang", "dong", "cot"))
    listed = kind.listed(scope, table, row, column)
    page = page_of(listed.rows if listed else [], request)
    context = {
        "kind": kind,
        "title": listed.title if listed else kind.title,
        "label": period_label(query.period),
        "heads": [(one.title, one.shape not in WORDS) for one in (listed.columns if listed else ())],
        "lines": [_listed_line(listed, one) for one in page] if listed else [],
        "page": page,
        "known_by": query.as_of,
        "report_url": f"{here}{Links(query, kind=kind).asked()}",
    }
    return render(request, "support/report_behind.html", context)


def _listed_line(listed: Listed, row) -> str:
    """Return one row of a list as markup; its first value is its name and leads to the page that shows it."""
    way = listed.address(row)
    values = zip(listed.line(row), listed.columns, strict=True)
    name, *figures = [Figure(value_in_words(value, one.shape), "", one.shape in WORDS) for value, one in values]
    return line(name.words, figures, address=reverse(way[0], args=way[1]) if way else "")


@require_safe
@reviewer_required
def report_cooperatives(request):
    """Show the cooperatives behind a figure, each with its lượt, which lead to the entries."""
    today = timezone.localdate()
    form = ReportForm(request.GET, today=today)
    query = form.read()
    if query is None:
        return redirect(f"{reverse('support:report')}?{request.GET.urlencode()}")
    first_time = request.GET.get("first") == "1"
    narrowing = {name: request.GET[name] for name in narrowing_names() if request.GET.get(name)}
    basis = basis_of(query.period, as_of=query.as_of, today=today)
    closing = _closing_of(request, basis)
    moment = closing.closed_at if closing else basis.moment
    rows = counted_entries(query.period, moment, first_time=first_time)
    found = ConsultationFilter(narrowing, queryset=rows, moment=moment)
    rows = found.qs if found.is_valid() else rows.none()
    page = page_of(cooperatives_of(rows), request)
    links = Links(query, closing.pk if closing else None)
    for row in page:
        row["commune"] = f"{UnitKind(row['place_kind']).label} {row['place']}"
        row["url"] = links.entries(cooperative=row["cooperative"], **narrowing)
    context = {
        "page": page,
        "label": period_label(query.period),
        "first_time": first_time,
        "known_by": query.as_of,
        "narrowed": bool(narrowing),
        "report_url": f"{reverse('support:report')}?{urlencode(links.params())}",
    }
    return render(request, "support/report_cooperatives.html", context)


def _closing_of(request, basis: Basis) -> Closing | None:
    """Return the closing whose knowledge a figure shows: the one named in its address, or that of its period."""
    named = request.GET.get("closing", "")
    if named.isascii() and named.isdigit() and len(named) < _LONGEST_NUMBER:
        return Closing.objects.filter(pk=int(named)).first() or basis.closing
    return basis.closing
