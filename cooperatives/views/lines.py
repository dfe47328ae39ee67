"""Pages of a cooperative's business lines: the list of any day, its history, what the new classification proposes."""

from django import forms
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cooperatives.access import cooperatives_for
from cooperatives.form_fields import DayField
from cooperatives.lines import find_lines, proposals_of
from cooperatives.models import ConditionalLine, VsicVersion, version_on
from htx_portal.accounts.decorators import worker_required
from htx_portal.pagination import page_of

_MOST_MATCHES = 10
_LONGEST_QUERY = 80


class DayForm(forms.Form):
    """The day the list is asked for."""

    ngay = DayField(label=_("Danh sách ngày"), required=False)


@require_safe
def lines(request, pk):
    """The list in force on ``?ngay=05/09/2023`` (today without it) and every line there ever was, 25 a page."""
    cooperative = get_object_or_404(cooperatives_for(request.user), pk=pk)
    today = timezone.localdate()
    form = DayForm(request.GET if request.GET.get("ngay") else {"ngay": f"{today:%d/%m/%Y}"})
    day = form.cleaned_data["ngay"] if form.is_valid() else today
    rows = list(cooperative.business_lines.in_force(day).select_related("line"))
    notes = ConditionalLine.objects.notes([row.line for row in rows], day)
    proposals = {}
    if request.user.may_review:
        proposals = {proposal.present.pk: proposal for proposal in proposals_of(rows, day)}
    past = cooperative.business_lines.select_related("line").order_by("-valid_from", "line__code", "pk")
    context = {
        "cooperative": cooperative,
        "form": form,
        "day": day,
        "version": version_on(day),
        "rows": [(row, notes[row.line_id], proposals.get(row.pk)) for row in rows],
        "page": page_of(past, request),
    }
    return render(request, "cooperatives/lines.html", context)


@require_safe
@worker_required
def vsic_lookup(request):
    """Lines found by code or words, accents or not, of ``?version=``: ``{"results": [...]}``."""
    version = request.GET.get("version", "")
    found = find_lines(
        request.GET.get("q", "")[:_LONGEST_QUERY], version if version in VsicVersion.values else None, _MOST_MATCHES
    )
    notes = ConditionalLine.objects.notes(found, timezone.localdate())
    results = [
        {
            "id": line.pk,
            "label": str(line),
            "note": "; ".join([str(VsicVersion(line.version).label), *notes[line.pk]]),
        }
        for line in found
    ]
    return JsonResponse({"results": results})
