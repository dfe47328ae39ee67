"""Pages of the human-resource support: placements, their months, the approved list."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cooperatives.access import cooperatives_for, may_confirm_months, placements_for
from cooperatives.errors import WHOLE, InvalidEntry, NotAllowedNow
from cooperatives.models import ApprovedSupport, Placement
from cooperatives.workforce.limits import placement_warnings
from cooperatives.workforce.months import tallies, tally_of
from cooperatives.workforce.rules import SupportRules
from cooperatives.workforce.table import month_lines
from cooperatives.workforce_filters import PlacementFilter
from cooperatives.workforce_forms import ApprovedForm, ConfirmationForm, PlacementForm, read_month
from htx_portal.accounts.decorators import reviewer_required, worker_required
from htx_portal.choice_filter import share_choices
from htx_portal.pagination import page_of

_READ_OR_SEND = require_http_methods(["GET", "HEAD", "POST"])
_PLACE = ("cooperative__new_commune", "cooperative__old_district", "approved")
_MOST_FOUND = 10
_MONTHS = 12
_HIDDEN_FILTERS = ("q", "cooperative")


@require_safe
def placements(request):
    """The placements with their months used and left; a cooperative's people see their own."""
    found = PlacementFilter(request.GET, placements_for(request.user))
    share_choices(found.form)
    rows = found.qs if found.is_valid() else Placement.objects.none()
    page = page_of(rows.select_related(*_PLACE), request)
    today = timezone.localdate()
    counted = tallies(page.object_list, SupportRules.load())
    lines = []
    for row in page:
        tally = counted[row.pk]
        lines.append((row, {"used": tally.used(today), "left": tally.left(today), "missing": tally.missing(today)}))
    narrowed = [name for name in found.form.fields if name not in ("q", "ordering") and request.GET.get(name)]
    context = {
        "filter": found,
        "fields": [field for field in found.form if field.name not in _HIDDEN_FILTERS],
        "narrowed": len(narrowed),
        "page": page,
        "lines": lines,
        "today": today,
    }
    return render(request, "cooperatives/workforce/placements.html", context)


@require_safe
def placement(request, placement):
    """One placement with its months: confirmed or not, and, for the office, what each is worth and why."""
    rows = placements_for(request.user).select_related(*_PLACE, "replaced_by", "replaces")
    row = get_object_or_404(rows, pk=placement)
    today, rules = timezone.localdate(), SupportRules.load()
    tally = tally_of(row, rules)
    context = {
        "placement": row,
        # The months at hand first, a year to a page.
        "page": page_of(month_lines(row, tally, rules, today)[::-1], request, _MONTHS),
        "used": tally.used(today),
        "left": tally.left(today),
        "missing": tally.missing(today),
        "warnings": placement_warnings(row, rules) if request.user.may_review else [],
        "may_confirm": may_confirm_months(request.user),
        "today": today,
    }
    return render(request, "cooperatives/workforce/placement.html", context)


@_READ_OR_SEND
@worker_required
def placement_create(request):
    """The form for a new placement, once its cooperative is chosen."""
    cooperative = chosen_cooperative(request)
    if cooperative is None:
        return choose_cooperative(request, _("Thêm lao động được hỗ trợ"))
    return _placement_form(request, Placement(cooperative=cooperative))


@_READ_OR_SEND
@worker_required
def placement_update(request, placement):
    """The form that changes a placement, also when somebody leaves."""
    rows = placements_for(request.user).select_related("cooperative")
    return _placement_form(request, get_object_or_404(rows, pk=placement))


@_READ_OR_SEND
def month_confirm(request, placement):
    """The form by which staff or the cooperative's own people confirm one month."""
    if not may_confirm_months(request.user):
        raise PermissionDenied
    row = get_object_or_404(placements_for(request.user).select_related("cooperative"), pk=placement)
    today = timezone.localdate()
    form = ConfirmationForm(request.POST if request.method == "POST" else None, initial=_month_to_confirm(request, row))
    if form.is_valid():
        try:
            done = form.save(row, by=request.user, today=today)
        except InvalidEntry as refusal:
            form.show(refusal)
        except NotAllowedNow as refusal:
            form.show(InvalidEntry({WHOLE: refusal.problems}))
        else:
            messages.success(request, _("Đã xác nhận tháng %(month)s.") % {"month": f"{done.month:%m/%Y}"})
            return redirect("cooperatives:placement", row.pk)
    return render(request, "cooperatives/workforce/confirm.html", {"form": form, "placement": row})


@require_safe
@reviewer_required
def approved(request):
    """The approved list, with how many people are placed under each line."""
    query = request.GET.get("q", "").strip()[:200]
    rows = ApprovedSupport.objects.select_related("cooperative").annotate(placed=Count("placements"))
    # Rows counted together lose the order of their model.
    rows = rows.order_by(*ApprovedSupport._meta.ordering)
    if query:
        names = cooperatives_for(request.user).search(query).order_by().values("pk")
        rows = rows.filter(Q(cooperative__in=names) | Q(decision_no__icontains=query.replace("\x00", "")))
    context = {"query": query, "page": page_of(rows, request), "today": timezone.localdate()}
    return render(request, "cooperatives/workforce/approved.html", context)


@_READ_OR_SEND
@worker_required
def approved_create(request):
    """The form for a new line of the approved list, once its cooperative is chosen."""
    cooperative = chosen_cooperative(request)
    if cooperative is None:
        return choose_cooperative(request, _("Thêm vào danh sách phê duyệt"))
    return _approved_form(request, ApprovedSupport(cooperative=cooperative))


@_READ_OR_SEND
@worker_required
def approved_update(request, line):
    """The form that changes a line of the approved list, also when it is revoked."""
    rows = ApprovedSupport.objects.select_related("cooperative")
    return _approved_form(request, get_object_or_404(rows, pk=line))


def _placement_form(request, row: Placement):
    form = PlacementForm(request.POST or None, instance=row)
    if saved(request, form):
        messages.success(request, _("Đã ghi lao động được hỗ trợ."))
        return redirect("cooperatives:placement", row.pk)
    return render(request, "cooperatives/workforce/placement_form.html", {"form": form, "cooperative": row.cooperative})


def _approved_form(request, line: ApprovedSupport):
    form = ApprovedForm(request.POST or None, instance=line)
    if saved(request, form):
        messages.success(request, _("Đã ghi vào danh sách phê duyệt."))
        return redirect("cooperatives:approved")
    return render(request, "cooperatives/workforce/approved_form.html", {"form": form, "cooperative": line.cooperative})


def saved(request, form):
    """Return the row a sent and valid form was saved as, or None, with what the act refused shown in the form."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return form.save(by=request.user, today=timezone.localdate())
    except InvalidEntry as refusal:
        form.show(refusal)
    except NotAllowedNow as refusal:
        form.show(InvalidEntry({WHOLE: refusal.problems}))
    return None


def _month_to_confirm(request, row: Placement) -> dict:
    """Return what the form starts with: the month the link names with what is confirmed, or the first missing."""
    month = read_month(request.GET.get("thang", ""))
    if month is None:
        missing = tally_of(row, SupportRules.load()).missing(timezone.localdate())
        return {"month": missing[0]} if missing else {}
    there = row.confirmations.filter(month=month).first()
    days = {"days_worked": there.days_worked, "standard_days": there.standard_days} if there else {}
    return {"month": month} | days


def chosen_cooperative(request):
    """Return the cooperative ``?htx=`` names, or None."""
    number = request.GET.get("htx", "")
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        return None
    return cooperatives_for(request.user).filter(pk=int(number)).first()


def choose_cooperative(request, heading: str):
    """Answer with the page on which a cooperative is looked for, before the form about it."""
    query = request.GET.get("q", "").strip()[:200]
    found = cooperatives_for(request.user).search(query).select_related("old_district") if query else []
    context = {"heading": heading, "query": query, "found": found[:_MOST_FOUND]}
    return render(request, "cooperatives/workforce/choose.html", context)
