"""Pages of the payments of the human-resource support: batches, and what each of them pays."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cooperatives.access import payment_batches_for
from cooperatives.errors import InvalidEntry
from cooperatives.views.workforce import saved
from cooperatives.workforce.payments import Totals, batch_totals, payable_months
from cooperatives.workforce_forms import BatchForm, PaidForm
from htx_portal.accounts.decorators import reviewer_required, worker_required
from htx_portal.pagination import page_of

_READ_OR_SEND = require_http_methods(["GET", "HEAD", "POST"])
# A batch is printed; fewer pages are fewer times to press the button, and so many rows are still a small page.
_ITEMS = 60


@require_safe
@reviewer_required
def batches(request):
    """The batches, the latest first, with their sums."""
    page = page_of(payment_batches_for(request.user), request)
    sums = batch_totals(page.object_list)
    lines = [(batch, sums.get(batch.pk, Totals(0, 0, 0, 0))) for batch in page]
    return render(request, "cooperatives/workforce/batches.html", {"page": page, "lines": lines})


@_READ_OR_SEND
@worker_required
def batch_create(request):
    """The form that makes a batch; "xem trước" shows what it would pay and writes nothing."""
    form = BatchForm(request.POST or None)
    context = {"form": form}
    if request.method == "POST" and "preview" in request.POST:
        context["preview"] = _preview(form) if form.is_valid() else None
    elif batch := saved(request, form):
        messages.success(request, _("Đã lập đợt chi trả %(number)s.") % {"number": batch.number})
        return redirect("cooperatives:batch", batch.pk)
    return render(request, "cooperatives/workforce/batch_form.html", context)


@_READ_OR_SEND
@reviewer_required
def batch(request, batch):
    """One batch with its months and sums, to be read and printed; staff write the day the money went out."""
    row = get_object_or_404(payment_batches_for(request.user).select_related("made_by"), pk=batch)
    form = PaidForm(request.POST or None)
    if request.method == "POST" and not request.user.may_work:
        raise PermissionDenied
    if form.is_valid() and _paid(request, form, row):
        return redirect("cooperatives:batch", row.pk)
    items = row.items.select_related("placement__cooperative").order_by(
        "placement__cooperative__sort_key", "placement", "month"
    )
    context = {
        "batch": row,
        "totals": batch_totals([row]).get(row.pk, Totals(0, 0, 0, 0)),
        "page": page_of(items, request, _ITEMS),
        "form": form,
        "provisional": items.filter(is_provisional=True).exists(),
    }
    return render(request, "cooperatives/workforce/batch.html", context)


def _paid(request, form: PaidForm, row) -> bool:
    """Whether the day the money went out was written; a refusal is shown in the form."""
    try:
        form.save(row, today=timezone.localdate())
    except InvalidEntry as refusal:
        form.show(refusal)
        return False
    messages.success(request, _("Đã ghi ngày chi tiền."))
    return True


def _preview(form: BatchForm) -> Totals:
    """Return what the batch would sum up to."""
    typed = form.cleaned_data
    if typed["to_month"] < typed["from_month"]:
        return Totals(0, 0, 0, 0)
    found = payable_months(typed["from_month"], typed["to_month"], form.chosen())
    return Totals(
        months=len(found),
        people=len({one.placement.pk for one in found}),
        cooperatives=len({one.placement.cooperative_id for one in found}),
        amount=sum(one.support.amount or 0 for one in found),
    )
