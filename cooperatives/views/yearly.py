"""Pages of what a cooperative reported year by year: the table of years, and the form of one."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cooperatives.access import cooperatives_for
from cooperatives.errors import InvalidEntry
from cooperatives.models import YearFigures
from cooperatives.yearly import years_open
from cooperatives.yearly_forms import YearForm
from htx_portal.accounts.decorators import reviewer_required, worker_required
from htx_portal.pagination import page_of

#: Years offered for a first report; older ones are rarely asked for.
_OFFERED = 5


@require_safe
@reviewer_required
def figures(request, pk):
    """What the cooperative reported, latest year first, and the years still without figures."""
    cooperative = get_object_or_404(cooperatives_for(request.user), pk=pk)
    rows = cooperative.year_figures.select_related("recorded_by").order_by("-year")
    known = set(rows.values_list("year", flat=True))
    missing = [year for year in years_open(cooperative, timezone.localdate()) if year not in known]
    context = {"cooperative": cooperative, "page": page_of(rows, request), "missing": missing[:_OFFERED]}
    return render(request, "cooperatives/year_figures.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@worker_required
def year(request, pk, year):
    """The form of one year, with what was recorded of it before."""
    cooperative = get_object_or_404(cooperatives_for(request.user), pk=pk)
    today = timezone.localdate()
    if year not in years_open(cooperative, today):
        raise Http404
    row = cooperative.year_figures.filter(year=year).first() or YearFigures(cooperative=cooperative, year=year)
    form = YearForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid() and _saved(form, request.user, today):
        messages.success(request, _("Đã lưu số liệu năm %(year)s.") % {"year": year})
        return redirect("cooperatives:year-figures", cooperative.pk)
    context = {"form": form, "cooperative": cooperative, "year": year, "known": row.pk is not None}
    return render(request, "cooperatives/year_form.html", context)


def _saved(form: YearForm, user, today):
    """Return the recorded figures, or None with the refusal shown in the form."""
    try:
        return form.save(by=user, today=today, now=timezone.now())
    except InvalidEntry as refusal:
        form.show(refusal)
        return None
