"""Putting an entry right: the log form filled with what was recorded, and taking an entry back."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cooperatives.errors import InvalidEntry
from htx_portal.accounts.decorators import worker_required
from support_cases.access import consultations_for
from support_cases.consultations import SameIdOtherEntry
from support_cases.corrections import AlreadyVoid, replace_consultation, void_consultation
from support_cases.forms.consultations import CorrectionForm, VoidForm, recorded_values
from support_cases.pages.consultation_entry import form_page, found_page
from support_cases.pages.consultations import entry_page


@require_http_methods(["GET", "HEAD", "POST"])
@worker_required
def correct(request, pk):
    """Show what was recorded in the log form, or record what was sent in its place and go there.

    An entry that is void already cannot be opened for correction; what was typed for one that somebody else
    voided meanwhile is shown again, with who did.
    """
    rows = consultations_for(request.user).select_related("cooperative", "founding_group", "follow_up", "voided_by")
    row = get_object_or_404(rows, pk=pk)
    today = timezone.localdate()
    if request.method == "POST":
        form = CorrectionForm(request.POST, user=request.user, today=today)
        return found_page(request, form, corrected=row) if "find" in request.POST else _save(request, row, form)
    if row.is_void:
        messages.info(request, AlreadyVoid(row).problems[0])
        return redirect("support:consultation", row.pk)
    form = CorrectionForm(initial=recorded_values(row), user=request.user, today=today)
    return form_page(request, form, row.party, corrected=row)


@require_POST
@worker_required
def void(request, pk):
    """Take entry ``pk`` back for the reason sent; a second click changes nothing and says so."""
    row = get_object_or_404(consultations_for(request.user), pk=pk)
    form = VoidForm(request.POST)
    if not form.is_valid():
        return entry_page(request, pk, void_form=form)
    try:
        void_consultation(row, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())
    except InvalidEntry as refusal:
        form.show(refusal)
        return entry_page(request, pk, void_form=form)
    except AlreadyVoid as refusal:
        messages.info(request, refusal.problems[0])
    else:
        messages.success(request, _("Đã hủy lần ghi này. Lần ghi được giữ lại nhưng không tính vào số liệu nữa."))
    return redirect("support:consultation", row.pk)


def _save(request, row, form):
    """Record the correction sent and go to the new entry; otherwise the form again, with what is wrong."""
    if not form.is_valid():
        return form_page(request, form, form.chosen, corrected=row)
    try:
        made, is_new = replace_consultation(
            row,
            form.entry(),
            by=request.user,
            reason=form.cleaned_data["reason"],
            today=form.today,
            now=timezone.now(),
        )
    except SameIdOtherEntry:
        return form_page(request, form, form.chosen, first=form.recorded_before(), status=409, corrected=row)
    except AlreadyVoid as refusal:
        form.add_error(None, refusal.problems)
        return form_page(request, form, form.chosen, status=409, corrected=row)
    except InvalidEntry as refusal:
        form.show(refusal)
        return form_page(request, form, form.chosen, corrected=row)
    if is_new:
        messages.success(request, _("Đã lưu bản sửa. Lần ghi cũ được giữ lại nhưng không tính nữa."))
    else:
        messages.success(request, _("Bản sửa này đã được lưu từ trước, không ghi thêm lần nữa."))
    return redirect("support:consultation", made.pk)
