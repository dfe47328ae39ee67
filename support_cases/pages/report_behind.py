"""What stands behind a figure of a report: the rows it lists, or the cooperatives with their lượt."""

from dataclasses import replace
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cooperatives.choices import UnitKind
from cooperatives.models import names_then, places_then
from htx_portal.accounts.decorators import reviewer_required
from htx_portal.pagination import page_of
from support_cases.filters import ConsultationFilter
from support_cases.forms.reports import ReportForm
from support_cases.models import Closing
from support_cases.pages.report_links import Links, narrowing_names
from support_cases.reports.basis import Basis, basis_of
from support_cases.reports.behind import cooperatives_of, counted_entries
from support_cases.reports.kinds import ReportKind
from support_cases.reports.office import period_of
from support_cases.reports.opened import Line, Opened, figure_opened, is_figure
from support_cases.reports.served import period_label
from support_cases.reports.tables import WORDS, Shape
from support_cases.reports.words import value_in_words
from support_cases.templatetags.reports import Figure, line

# What names a figure: its table, its line and its column.
_CODES = ("bang", "dong", "cot")
# Numbers of rows are shorter in every database.
_LONGEST_NUMBER = 19


@require_safe
@reviewer_required
def report_behind(request, kind: ReportKind):
    """Show the rows a report itself lists behind one of its figures, and what they come to; 404 for no figure of it."""
    today = timezone.localdate()
    form = ReportForm(request.GET, today=today)
    here = reverse("support:report-kind", args=[kind])
    query = form.read()
    if query is None:
        return redirect(f"{here}?{request.GET.urlencode()}")
    basis = basis_of(query.period, as_of=query.as_of, today=today, closing=query.closing)
    codes = [request.GET.get(name, "") for name in _CODES]
    opened = figure_opened(kind, basis, *codes)
    page = page_of(opened.rows, request)
    if not page.paginator.count and not (request.GET.keys() >= set(_CODES) and is_figure(kind, basis, *codes)):
        raise Http404
    lines = opened.lines(page)
    # A column of its own, and only where there is something to say.
    remarked = any(one.remark for one in lines)
    context = {
        "kind": kind,
        "title": opened.title,
        "label": period_label(query.period),
        "note": opened.note,
        "closed": value_in_words(opened.closed, Shape.MONEY) if opened.closed else "",
        "total": value_in_words(opened.total, Shape.MONEY) if opened.summed else "",
        "summed": opened.summed,
        "is_money": opened.summed is not None and opened.summed.shape == Shape.MONEY,
        "heads": [(one.title, one.shape not in WORDS) for one in opened.columns],
        "remarked": remarked,
        "lines": [_opened_line(opened, one, remarked) for one in lines],
        "page": page,
        "known_by": query.as_of,
        "report_url": f"{here}{Links(query, query.closing, kind).asked()}",
    }
    return render(request, "support/report_behind.html", context)


def _opened_line(opened: Opened, one: Line, remarked: bool) -> str:
    """Return one line of a list as markup; its first value is its name and leads to the page that shows it."""
    values = zip(one.values, opened.columns, strict=True)
    name, *figures = [Figure(value_in_words(value, of.shape), "", of.shape in WORDS) for value, of in values]
    if remarked:
        figures.append(Figure(one.remark, "", True))
    return line(name.words, figures, address=_address(one))


def _address(one: Line) -> str:
    """Return the page that shows a line; none for what was kept when pages were called otherwise."""
    if one.address is None:
        return ""
    try:
        return reverse(one.address[0], args=one.address[1])
    except NoReverseMatch:
        return ""


@require_safe
@reviewer_required
def report_cooperatives(request):
    """Show the cooperatives behind a figure, each with its lượt, which lead to the entries."""
    today = timezone.localdate()
    # The closing whose knowledge the figure shows may be one of another period than that of the figure.
    form = ReportForm(request.GET.dict() | {"closing": ""}, today=today)
    query = form.read()
    if query is None:
        return redirect(f"{reverse('support:report')}?{request.GET.urlencode()}")
    first_time = request.GET.get("first") == "1"
    narrowing = {name: request.GET[name] for name in narrowing_names() if request.GET.get(name)}
    basis = basis_of(query.period, as_of=query.as_of, today=today)
    closing, is_known = _closing_of(request, basis)
    moment = closing.closed_at if closing else basis.moment
    rows = counted_entries(query.period, moment, first_time=first_time)
    found = ConsultationFilter(narrowing, queryset=rows, moment=moment)
    rows = found.qs if is_known and found.is_valid() else rows.none()
    page = page_of(cooperatives_of(rows), request)
    if closing and request.GET.get("closing") and period_of(closing) == query.period:
        # The report was asked for this very closing, and the way back is.
        query = replace(query, closing=closing.pk)
    links = Links(query, closing.pk if closing else None)
    shown = [row["cooperative"] for row in page]
    names, places = names_then(moment, shown), places_then(moment, shown)
    for row in page:
        row["name"] = names.get(row["cooperative"], row["name"])
        today_in = row["place_kind"], row["place"], row["district"]
        kind, commune, row["district"] = places.get(row["cooperative"], today_in)
        row["commune"] = f"{UnitKind(kind).label} {commune}"
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


def _closing_of(request, basis: Basis) -> tuple[Closing | None, bool]:
    """Return the closing whose knowledge a figure shows, the one named in its address or that of its period, and
    whether there is one of the name.
    """
    named = request.GET.get("closing", "")
    if not named:
        return basis.closing, True
    is_number = named.isascii() and named.isdigit() and len(named) < _LONGEST_NUMBER
    closing = Closing.objects.filter(pk=int(named)).first() if is_number else None
    return closing, closing is not None
