"""The page of absences: who is away and who stands in, entering one, coming back early."""

from django.contrib import messages
from django.db.models import Case, F, IntegerField, Value, When
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from htx_portal.accounts.decorators import reviewer_required
from htx_portal.accounts.models import Role
from htx_portal.pagination import page_of
from support_cases.access import absences_for
from support_cases.forms.attention import AbsenceForm
from support_cases.pages.acting import done
from support_cases.reminders.absences import end_absence, enter_absence, may_enter_for


@require_http_methods(["GET", "HEAD", "POST"])
@reviewer_required
def absences(request):
    """Show the absences the person may see, present and coming ones first, and enter one by POST."""
    today = timezone.localdate()
    for_others = request.user.role != Role.STAFF
    sent = request.POST if request.method == "POST" else None
    form = AbsenceForm(sent, by=request.user, for_others=for_others)
    status = 200
    if request.method == "POST" and form.is_valid():
        status = done(form, lambda: _enter(form, request.user, today))
        if status == 302:
            messages.success(request, _("Đã ghi vắng mặt. Nhắc việc trong những ngày đó đến người làm thay."))
            return redirect("support:absences")
    over = Case(When(last_day__lt=today, then=Value(1)), default=Value(0), output_field=IntegerField())
    rows = absences_for(request.user).select_related("person", "stand_in").order_by(over, F("first_day").desc(), "-pk")
    page = page_of(rows, request)
    context = {
        "form": form,
        "page": page,
        "items": [
            {"row": row, "state": _state(row, today), "may_end": may_enter_for(request.user, row.person)}
            for row in page
        ],
    }
    return render(request, "support/absences.html", context, status=status)


@require_POST
@reviewer_required
def absence_end(request, pk):
    """Let an absence end today, because the person is back."""
    rows = absences_for(request.user).select_related("person")
    row = get_object_or_404(rows, pk=pk)
    if not may_enter_for(request.user, row.person):
        messages.error(request, _("Chỉ người vắng, lãnh đạo hoặc quản trị mới kết thúc được."))
    elif end_absence(row, today=timezone.localdate()):
        messages.success(request, _("Đã kết thúc vắng mặt. Nhắc việc từ hôm nay lại đến người đó."))
    else:
        messages.info(request, _("Lần vắng mặt này đã hết từ trước."))
    return redirect("support:absences")


def _enter(form: AbsenceForm, by, today) -> None:
    sent = form.cleaned_data
    person = form.people[sent["person"]] if "person" in sent else by
    enter_absence(
        person, form.people[sent["stand_in"]], sent["first_day"], sent["last_day"], sent["reason"], by=by, today=today
    )


def _state(row, today) -> str:
    """Return ``over``, ``now`` or ``coming``."""
    if row.last_day < today:
        return "over"
    return "now" if row.first_day <= today else "coming"
