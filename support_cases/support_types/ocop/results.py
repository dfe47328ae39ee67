"""From an OCOP case into the register: whether its decision can be written there, and writing it."""

from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, NotAllowedNow, Words
from cooperatives.models import Cooperative, OcopProduct
from cooperatives.models.ocop import FIRST_YEAR
from cooperatives.ocop import decision_problems, enter_product, record_rating
from support_cases.support_types.ocop.details import OcopDetails


def owner_of(party) -> Cooperative | None:
    """Return the cooperative a party is, or has become."""
    return party if isinstance(party, Cooperative) else party.cooperative


def register_problems(case) -> list[Words]:
    """Return what keeps the decision written on the case out of the register, in words; none without a decision."""
    details = case.details
    if details is None or not (details.decided_on or details.decision_no or details.certificate_no):
        return []
    missing = [(details.decided_on, _("ngày quyết định")), (details.decision_no, _("số quyết định"))]
    missing.append((details.total is not None, _("điểm cả ba phần A, B, C")))
    said = _("Đã ghi một phần kết quả, còn thiếu: %(what)s.")
    problems = [said % {"what": what} for value, what in missing if not value]
    owner = owner_of(case.party)
    if owner is None:
        problems.append(_("Nhóm sáng lập chưa là HTX trong sổ đăng ký nên chưa ghi được sản phẩm."))
    elif details.product_id is None and not (details.product_name and details.group):
        problems.append(_("Cần chọn sản phẩm, hoặc ghi tên và nhóm của sản phẩm mới."))
    decision = details.decision(case.event_on)
    if problems or decision is None:
        return problems
    product = _product_of(owner, details)
    if product and details.group not in ("", product.group):
        problems.append(_("Sản phẩm này trong sổ đăng ký thuộc nhóm khác."))
    refused = decision_problems(product, decision, details.rating)
    return problems + [words for said in refused.values() for words in said]


def _product_of(owner: Cooperative, details: OcopDetails) -> OcopProduct | None:
    """Return the product chosen, or the one the cooperative has under the name written; None for a new one."""
    return details.product or owner.ocop_products.filter(name=details.product_name).first()


def write_decision(case, details: OcopDetails) -> None:
    """Write product and rating into the register and remember both, so that a second time changes the same rows."""
    decision = details.decision(case.event_on)
    if decision is None:
        return
    owner = owner_of(case.party)
    product = _product_of(owner, details) or OcopProduct(
        name=details.product_name, group=details.group, first_year=max(FIRST_YEAR, case.opened_on.year)
    )
    known = product.product_set_id, product.external_ref
    product.product_set = details.product_set or product.product_set
    product.external_ref = details.software_ref or product.external_ref
    is_news = product.pk is None or known != (product.product_set_id, product.external_ref)
    try:
        details.product = enter_product(owner, product) if is_news else product
        details.rating = record_rating(details.product, decision, details.rating)
    except InvalidEntry as refusal:
        # Another case of the same product was faster.
        raise NotAllowedNow([words for said in refusal.problems.values() for words in said]) from refusal
    details.product_name = details.group = ""
    details.save()
