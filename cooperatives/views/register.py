"""Pages of the register."""

from django.contrib import messages
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cooperatives.access import cooperatives_for, founding_groups_for, loans_for
from cooperatives.errors import InvalidEntry
from cooperatives.filters import CooperativeFilter
from cooperatives.forms import CooperativeForm, FoundingGroupForm, commune_units, unit_above
from cooperatives.lending import hindrances
from cooperatives.models import Cooperative, Term
from cooperatives.register import warnings_about
from cooperatives.text import fold
from htx_portal.accounts.decorators import reviewer_required, worker_required
from htx_portal.choice_filter import share_choices
from htx_portal.pagination import page_of

# Fields of the filter a person fills in; the others come with links and are shown only when they are set.
_SHOWN_FILTERS = ("kind", "status", "district", "ocop_stars", "congress_due_before", "ordering")
_MOST_MATCHES = 10
_LAST_CHANGES = 3
_READ_OR_SEND = require_http_methods(["GET", "HEAD", "POST"])
_PLACE = ("commune", "old_commune", "new_commune", "old_district")


@require_safe
@reviewer_required
def cooperatives(request):
    """The list of the register with its filters, 25 rows a page."""
    found = CooperativeFilter(request.GET, cooperatives_for(request.user))
    share_choices(found.form)
    rows = found.qs if found.is_valid() else Cooperative.objects.none()
    last_term = Term.objects.filter(cooperative=OuterRef("pk")).order_by("-started_on")
    rows = rows.select_related("old_district", "new_commune").annotate(
        term_ends_on=Subquery(last_term.values("ends_on")[:1])
    )
    narrowed = [name for name in found.form.fields if name not in ("q", "ordering") and request.GET.get(name)]
    context = {
        "filter": found,
        "fields": [f for f in found.form if f.name in _SHOWN_FILTERS or (f.name in narrowed and f.name != "q")],
        "narrowed": len(narrowed),
        "page": page_of(rows, request),
        "today": timezone.localdate(),
    }
    return render(request, "cooperatives/list.html", context)


@require_safe
def detail(request, pk):
    """What is true of one cooperative; people of a cooperative see their own, without the office's notes."""
    row = get_object_or_404(cooperatives_for(request.user).select_related(*_PLACE), pk=pk)
    today = timezone.localdate()
    context = {
        "cooperative": row,
        "today": today,
        "warnings": warnings_about(row) if request.user.may_review else [],
        "contacts": row.contacts.all(),
        "lines": row.business_lines.in_force(today).select_related("line"),
        "terms": row.terms.all(),
        "products": row.ocop_products.prefetch_related("ratings"),
        "loans": loans_for(request.user).filter(cooperative=row),
        "hindrances": hindrances(row, today),
        "placements": row.placements.all(),
        "branches": row.branches.open_on(today),
        "changes": row.registration_changes.all()[:_LAST_CHANGES],
    }
    return render(request, "cooperatives/detail.html", context)


@_READ_OR_SEND
@worker_required
def create(request):
    """The form for a new cooperative; a name that is there already is asked about once."""
    form = CooperativeForm(request.POST or None)
    ready = request.method == "POST" and form.is_valid() and not form.has_unconfirmed_twins()
    if ready and (row := _saved(form)):
        messages.success(request, _("Đã thêm %(name)s vào sổ đăng ký.") % {"name": row.name})
        return redirect("cooperatives:detail", row.pk)
    return render(request, "cooperatives/form.html", {"form": form})


@_READ_OR_SEND
@worker_required
def update(request, pk):
    """The form that changes a cooperative; 409 when somebody changed it in the meantime."""
    rows = cooperatives_for(request.user)
    if request.method != "POST":
        row = get_object_or_404(rows.select_related(*_PLACE), pk=pk)
        return render(request, "cooperatives/form.html", {"form": CooperativeForm(instance=row), "cooperative": row})
    with transaction.atomic():
        row = get_object_or_404(rows.select_for_update(), pk=pk)
        form = CooperativeForm(request.POST, instance=row)
        status = 200
        if form.is_valid() and form.is_stale():
            status = 409
            form.take_note_of_change()
        elif form.is_valid() and _saved(form):
            messages.success(request, _("Đã lưu thay đổi của %(name)s.") % {"name": row.name})
            return redirect("cooperatives:detail", row.pk)
    return render(request, "cooperatives/form.html", {"form": form, "cooperative": row}, status=status)


@require_safe
@worker_required
def communes(request):
    """Communes whose name or district holds what was typed, accents or not: ``{"results": [...]}``."""
    wanted = fold(request.GET.get("q", "")[:80]).split()
    found = [unit for unit in commune_units() if _holds(unit, wanted)] if wanted else []
    found.sort(key=lambda unit: not fold(unit.name).startswith(" ".join(wanted)))
    results = [{"id": unit.pk, "label": unit.full_name, "note": unit_above(unit)} for unit in found]
    return JsonResponse({"results": results[:_MOST_MATCHES]})


@require_safe
@reviewer_required
def groups(request):
    """The list of founding groups, found by name, contact, phone or commune."""
    query = request.GET.get("q", "").strip()
    rows = founding_groups_for(request.user).select_related("commune", "commune__parent", "cooperative")
    context = {"query": query, "page": page_of(rows.search(query) if query else rows, request)}
    return render(request, "cooperatives/groups.html", context)


@_READ_OR_SEND
@worker_required
def group_create(request):
    """The form for a new founding group."""
    form = FoundingGroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (row := _saved(form)):
        messages.success(request, _("Đã ghi nhóm sáng lập %(name)s.") % {"name": row.name})
        return redirect("cooperatives:groups")
    return render(request, "cooperatives/group_form.html", {"form": form})


def _saved(form):
    """Return the row a valid form was saved as, or None with the refusal shown in the form."""
    try:
        return form.save(timezone.localdate())
    except InvalidEntry as refusal:
        form.show(refusal)
        return None


def _holds(unit, words) -> bool:
    """Whether every word occurs in the unit's name or in the name above it."""
    key = fold(f"{unit.full_name} {unit_above(unit)}")
    return all(word in key for word in words)
