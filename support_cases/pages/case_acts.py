"""Pages of the acts on one case beside its steps: putting off, changing the law, child rows, dates of papers."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cooperatives.errors import InvalidEntry, NotAllowedNow
from htx_portal.accounts.decorators import worker_required
from support_cases.bases import preview_switch, switch_basis
from support_cases.case_rows import drop_row, save_row
from support_cases.extensions import extend_due
from support_cases.forms.case_acts import BasisForm, ExtendForm, PaperDatesForm, RowForm
from support_cases.pages.acting import case_of, done
from support_cases.papers import mark_papers

_READ_OR_SEND = require_http_methods(["GET", "HEAD", "POST"])


@_READ_OR_SEND
@worker_required
def extend(request, reference):
    """Put the due day off, once, with a reason."""
    case = case_of(request, reference)
    form = ExtendForm(request.POST or None, initial={"version": case.version})
    status = 200
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        today = timezone.localdate()
        status = done(
            form,
            lambda: extend_due(
                case, sent["due_on"], sent["reason"], by=request.user, today=today, version=sent["version"]
            ),
        )
        if status == 302:
            messages.success(request, _("Đã gia hạn hồ sơ."))
            return redirect("support:case", case.reference)
    return render(request, "support/case_extend.html", {"form": form, "case": case}, status=status)


@_READ_OR_SEND
@worker_required
def basis(request, reference):
    """Show what the law of another day would change for the case (``?ngay=05/09/2024``), and change it by POST."""
    case = case_of(request, reference)
    today = timezone.localdate()
    asked = request.GET.get("ngay")
    opened_with = {"event_on": asked or f"{today:%d/%m/%Y}", "version": case.version}
    form = BasisForm(request.POST if request.method == "POST" else opened_with)
    status, switch = 200, None
    if form.is_valid() and request.method == "POST" and "look" not in request.POST:
        sent = form.cleaned_data
        status = done(
            form,
            lambda: switch_basis(
                case, sent["event_on"], sent["reason"], by=request.user, today=today, version=sent["version"]
            ),
        )
        if status == 302:
            messages.success(request, _("Đã chuyển căn cứ pháp lý của hồ sơ."))
            return redirect("support:case", case.reference)
    if day := getattr(form, "cleaned_data", {}).get("event_on"):
        try:
            switch = preview_switch(case, day)
        except InvalidEntry as refusal:
            if not form.errors:
                form.show(refusal)
    return render(request, "support/case_basis.html", {"form": form, "case": case, "switch": switch}, status=status)


@_READ_OR_SEND
@worker_required
def row(request, reference, name, pk=None):
    """Add a child row to a list of the case, or change the row ``pk``."""
    case = case_of(request, reference)
    model = case.kind.rows.get(name)
    if model is None:
        raise Http404
    there = get_object_or_404(model._default_manager.filter(case=case), pk=pk) if pk else None
    form = RowForm(request.POST or None, case=case, name=name, row=there)
    status = 200
    if request.method == "POST" and form.is_valid():
        status = done(
            form,
            lambda: save_row(
                case, name, form.values(), by=request.user, today=timezone.localdate(), pk=pk,
                version=form.cleaned_data["version"],
            ),
        )  # fmt: skip
        if status == 302:
            messages.success(request, _("Đã lưu."))
            return redirect("support:case", case.reference)
    context = {"form": form, "case": case, "title": model._meta.verbose_name, "name": name, "row": there}
    return render(request, "support/case_row.html", context, status=status)


@require_POST
@worker_required
def row_drop(request, reference, name, pk):
    """Take a child row out of its list."""
    case = case_of(request, reference)
    if name not in case.kind.rows:
        raise Http404
    try:
        drop_row(case, name, pk, by=request.user, today=timezone.localdate())
    except NotAllowedNow as refusal:
        for problem in refusal.problems:
            messages.error(request, problem)
    else:
        messages.success(request, _("Đã bỏ."))
    return redirect("support:case", case.reference)


@_READ_OR_SEND
@worker_required
def paper_dates(request, reference):
    """Write until when the papers of the case are good."""
    case = case_of(request, reference)
    papers = [paper for paper in case.checklist.all() if paper.dropped_on is None]
    form = PaperDatesForm(request.POST or None, papers=papers, initial={"version": case.version})
    status = 200
    if request.method == "POST" and form.is_valid():
        received = {paper.pk for paper in papers if paper.received_on}
        status = done(
            form,
            lambda: mark_papers(
                case, received, by=request.user, today=timezone.localdate(),
                version=form.cleaned_data["version"], expiries=form.expiries(),
            ),
        )  # fmt: skip
        if status == 302:
            messages.success(request, _("Đã lưu giấy tờ của hồ sơ."))
            return redirect("support:case", case.reference)
    return render(request, "support/case_paper_dates.html", {"form": form, "case": case}, status=status)
