"""Pages of OCOP products: the list with what lapses when, one product with its cycles and papers."""

from django.contrib import messages
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cooperatives.access import cooperatives_for, ocop_products_for
from cooperatives.errors import InvalidEntry
from cooperatives.models import OcopPaper, OcopProduct
from cooperatives.ocop_filters import OcopProductFilter
from cooperatives.ocop_forms import PaperForm, ProductForm
from htx_portal.accounts.decorators import worker_required
from htx_portal.choice_filter import share_choices
from htx_portal.pagination import page_of

_SHOWN_FILTERS = ("stars", "group", "lapse", "district", "lapse_from", "lapse_to")
_READ_OR_SEND = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def products(request):
    """The list of products with current stars and the last day of the certificate; others see their own."""
    today = timezone.localdate()
    every = ocop_products_for(request.user).with_current_rating(today)
    found = OcopProductFilter(request.GET, every.order_by(F("valid_until").asc(nulls_last=True), "pk"))
    share_choices(found.form)
    rows = (found.qs if found.is_valid() else OcopProduct.objects.none()).select_related("cooperative__old_district")
    context = {
        "filter": found,
        "fields": [field for field in found.form if field.name in _SHOWN_FILTERS],
        "narrowed": len(
            [name for name in found.form.fields if name not in ("q", "ordering") and request.GET.get(name)]
        ),
        "page": page_of(rows, request),
        "today": today,
    }
    return render(request, "cooperatives/ocop_products.html", context)


@require_safe
def product(request, pk, product):
    """One product: its stars over time, old beside new, and its papers with their last days."""
    today = timezone.localdate()
    row = _product_of(request, pk, product)
    ratings = list(row.ratings.order_by("-decided_on"))
    context = {
        "product": row,
        "today": today,
        "cycles": list(zip(ratings, [*ratings[1:], None], strict=True)),
        "current": next((rating for rating in ratings if rating.decided_on <= today), None),
        "papers": list(row.papers.order_by("kind", F("expires_on").desc(nulls_first=True), "-pk")),
    }
    return render(request, "cooperatives/ocop_product.html", context)


@_READ_OR_SEND
@worker_required
def product_create(request, pk):
    """The form for a product the register does not know yet."""
    cooperative = get_object_or_404(cooperatives_for(request.user), pk=pk)
    return _product_form(request, cooperative, OcopProduct(cooperative=cooperative))


@_READ_OR_SEND
@worker_required
def product_update(request, pk, product):
    """The form that changes a product."""
    row = _product_of(request, pk, product)
    return _product_form(request, row.cooperative, row)


@_READ_OR_SEND
@worker_required
def paper_add(request, pk, product):
    """The form for a paper of a product."""
    row = _product_of(request, pk, product)
    return _paper_form(request, row, OcopPaper(product=row))


@_READ_OR_SEND
@worker_required
def paper_update(request, pk, product, paper):
    """The form that changes a paper."""
    row = _product_of(request, pk, product)
    return _paper_form(request, row, get_object_or_404(row.papers, pk=paper))


def _product_form(request, cooperative, row: OcopProduct):
    known = row.pk
    form = ProductForm(request.POST or None, row=row)
    saved = _saved(form, cooperative) if request.method == "POST" and form.is_valid() else None
    if saved:
        messages.success(request, _("Đã lưu sản phẩm %(name)s.") % {"name": saved.name})
        return redirect("cooperatives:ocop-product", cooperative.pk, saved.pk)
    context = {"form": form, "cooperative": cooperative, "product": known}
    return render(request, "cooperatives/ocop_product_form.html", context)


def _paper_form(request, row: OcopProduct, paper: OcopPaper):
    form = PaperForm(request.POST or None, row=paper)
    if request.method == "POST" and form.is_valid() and _saved(form, timezone.localdate()):
        messages.success(request, _("Đã lưu giấy tờ của %(name)s.") % {"name": row.name})
        return redirect("cooperatives:ocop-product", row.cooperative_id, row.pk)
    return render(request, "cooperatives/ocop_paper_form.html", {"form": form, "product": row})


def _saved(form, given):
    """Return the row a valid form was saved as, or None with the refusal shown in the form."""
    try:
        return form.save(given)
    except InvalidEntry as refusal:
        form.show(refusal)
        return None


def _product_of(request, pk, product) -> OcopProduct:
    """Return the product of this cooperative if the person may see it, 404 otherwise."""
    rows = ocop_products_for(request.user).select_related("cooperative", "product_set")
    return get_object_or_404(rows, pk=product, cooperative=pk)
