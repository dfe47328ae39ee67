"""What was registered of a cooperative over time, and the notices of violation it was given."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cooperatives.access import cooperatives_for
from cooperatives.errors import InvalidEntry
from cooperatives.forms import ViolationNoticeForm
from cooperatives.registration import pending_notice
from htx_portal.accounts.decorators import worker_required
from htx_portal.pagination import page_of


@require_safe
def registration(request, pk):
    """Changes, dependent units and suspensions of one cooperative, 25 changes a page; notices for the office only."""
    row = get_object_or_404(cooperatives_for(request.user), pk=pk)
    context = {
        "cooperative": row,
        "today": timezone.localdate(),
        "page": page_of(row.registration_changes.all(), request),
        "branches": row.branches.all(),
        "suspensions": row.suspensions.all(),
        "notices": row.violation_notices.all() if request.user.may_review else [],
    }
    return render(request, "cooperatives/registration.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@worker_required
def violation(request, pk):
    """Note a notice of violation, or what became of the one that is pending."""
    row = get_object_or_404(cooperatives_for(request.user), pk=pk)
    today = timezone.localdate()
    pending = pending_notice(row, today)
    form = ViolationNoticeForm(request.POST or None, notice=pending)
    if request.method == "POST" and form.is_valid():
        try:
            form.save(row, today)
        except InvalidEntry as refusal:
            form.show(refusal)
        else:
            messages.success(request, _("Đã ghi thông báo vi phạm."))
            return redirect("cooperatives:registration", row.pk)
    return render(request, "cooperatives/violation.html", {"form": form, "cooperative": row, "pending": pending})
