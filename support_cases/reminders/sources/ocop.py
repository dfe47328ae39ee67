"""Occasions of OCOP products: the end of a certificate, and of the papers a dossier stands on."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperatives.models import OcopPaper, OcopProduct, OcopRating
from cooperatives.ocop_choices import OcopPaperKind
from support_cases.choices import Occasion
from support_cases.reminders.occasions import Anchor
from support_cases.reminders.sources.base import CHUNK
from support_cases.reminders.sources.register import RegisterSource, standing

_OWNER = "product__cooperative"


class _ProductSource(RegisterSource):
    """An occasion of a product; its subject begins with ``product/<number>``."""

    model = OcopProduct

    def url(self, reminder):
        """The product with its stars and papers."""
        return reverse("cooperatives:ocop-product", args=[reminder.cooperative_id, reminder.subject_id])


class OcopExpiry(_ProductSource):
    """The last day of the certificate of the stars a product has now."""

    occasion = Occasion.OCOP_EXPIRY
    sentence = gettext_lazy("Giấy chứng nhận OCOP của %(what)s (%(party)s) có giá trị đến hết ngày %(day)s")
    advice = gettext_lazy("Chuẩn bị hồ sơ đánh giá, phân hạng lại để có kết quả trước ngày này.")

    def anchors(self, first, last, today, within):
        """Yield the current ratings by the last day of their certificate; a product rated again has a new one."""
        rows = OcopRating.objects.current_on(today).filter(standing(_OWNER), valid_until__range=(first, last))
        rows = within.narrow(rows, pk="product", cooperative=_OWNER).order_by("valid_until", "pk")
        found = rows.values_list("product", "product__name", _OWNER, "valid_until")
        for product, name, cooperative, day in found.iterator(CHUNK):
            yield Anchor(f"product/{product}", day, cooperative_id=cooperative, detail=name)

    def is_done(self, reminder):
        """Whether the product was rated again: its present certificate is good longer."""
        decided = OcopRating.objects.filter(product=reminder.subject_id).order_by("-decided_on")
        latest = decided.values_list("valid_until", flat=True).first()
        return latest is not None and latest > reminder.anchor_on


class OcopPaperExpiry(_ProductSource):
    """The last day of a paper; an older one does no harm beside one that is good longer."""

    occasion = Occasion.OCOP_PAPER_EXPIRY
    sentence = gettext_lazy("%(what)s (%(party)s) có giá trị đến hết ngày %(day)s")
    advice = gettext_lazy("Xin cấp mới hoặc gia hạn trước ngày này; có giấy mới thì tổ công tác ghi vào sổ.")

    def anchors(self, first, last, today, within):
        """Yield of each product and kind the paper that is good the longest, by its last day."""
        rows = OcopPaper.objects.longest_valid().filter(standing(_OWNER), expires_on__range=(first, last))
        rows = within.narrow(rows, pk="product", cooperative=_OWNER).order_by("expires_on", "pk")
        found = rows.values_list("product", "product__name", "kind", _OWNER, "expires_on")
        for product, name, kind, cooperative, day in found.iterator(CHUNK):
            yield Anchor(f"product/{product}/{kind}", day, cooperative_id=cooperative, detail=f"{kind}/{name}")

    def what(self, detail):
        """The paper and the product."""
        kind, _slash, product = detail.partition("/")
        paper = OcopPaperKind(kind).label if kind in OcopPaperKind.values else kind
        return _("%(paper)s của %(product)s") % {"paper": paper, "product": product}

    def is_done(self, reminder):
        """Whether there is a paper that is good longer, or one without an end."""
        papers = OcopPaper.objects.filter(product=reminder.subject_id, kind=reminder.detail.partition("/")[0])
        longest = papers.longest_valid().values_list("expires_on", flat=True)[:1]
        return any(day is None or day > reminder.anchor_on for day in longest)
