"""Pages of what cooperatives owe by when: of one, and of all in one list."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cooperatives.access import cooperatives_for
from cooperatives.choices import ObligationKind
from cooperatives.errors import InvalidEntry
from cooperatives.forms import AnnualUpdateForm
from cooperatives.governance.acts import take_back_annual_update
from cooperatives.governance.duty import Scene
from cooperatives.governance.obligations import ObligationList, obligations_of
from cooperatives.obligation_filter import ObligationFilter
from htx_portal.accounts.decorators import reviewer_required, worker_required
from htx_portal.pagination import page_of

_MOST_SHOWN = 20


@require_safe
def obligations(request, pk):
    """What one cooperative owes by when, how that was counted, and the meetings and updates noted."""
    row = get_object_or_404(cooperatives_for(request.user), pk=pk)
    return _page(request, row)


@require_POST
@worker_required
def annual_update(request, pk):
    """Note that the yearly information of a cooperative was sent."""
    row = get_object_or_404(cooperatives_for(request.user), pk=pk)
    form = AnnualUpdateForm(request.POST)
    if form.is_valid():
        try:
            noted = form.save(row, by=request.user, today=timezone.localdate())
        except InvalidEntry as refusal:
            form.show(refusal)
        else:
            messages.success(request, _("Đã ghi HTX gửi cập nhật thông tin năm %(year)s.") % {"year": noted.year})
            return redirect("cooperatives:obligations", row.pk)
    return _page(request, row, form)


@require_POST
@worker_required
def take_back(request, pk, year):
    """Take back the note that the information of a year was sent."""
    row = get_object_or_404(cooperatives_for(request.user), pk=pk)
    take_back_annual_update(row, year)
    messages.success(request, _("Đã bỏ ghi nhận cập nhật năm %(year)s.") % {"year": year})
    return redirect("cooperatives:obligations", row.pk)


@require_safe
@reviewer_required
def all_obligations(request):
    """Obligations of all cooperatives, the most urgent first, 25 a page, with how many there are of each kind."""
    form = ObligationFilter(request.GET)
    typed = form.cleaned_data if form.is_valid() else {}
    rows = cooperatives_for(request.user)
    if typed.get("district"):
        rows = rows.in_old_district(typed["district"])
    found = ObligationList(
        rows if form.is_valid() else rows.none(),
        Scene.on(timezone.localdate()),
        kind=typed.get("kind", ""),
        state=typed.get("state", ""),
        within=typed.get("within"),
        descending=typed.get("ordering") == "-days_left",
    )
    context = {
        "form": form,
        "narrowed": sum(bool(request.GET.get(name)) for name in form.fields if name != "ordering"),
        "page": page_of(found, request),
        "totals": [(kind, ObligationKind(kind).label, list(n.items())) for kind, n in found.totals().items()],
        "descending": found.descending,
    }
    return render(request, "cooperatives/obligation_list.html", context)


def _page(request, row, form=None):
    """Return the page of one cooperative."""
    today = timezone.localdate()
    owed = obligations_of(row, today)
    due = next((one.anchor_on for one in owed if one.kind == ObligationKind.ANNUAL_UPDATE), None)
    first = {"year": due.year if due else today.year, "filed_on": today}
    context = {
        "cooperative": row,
        "obligations": owed,
        "form": (form or AnnualUpdateForm(initial=first)) if request.user.may_work else None,
        "congresses": row.congresses.all()[:_MOST_SHOWN],
        "updates": row.annual_updates.all()[:_MOST_SHOWN],
    }
    return render(request, "cooperatives/obligations.html", context)
