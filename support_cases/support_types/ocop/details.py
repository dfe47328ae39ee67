"""The product of an OCOP case, what it aims at, and what the council gave it."""

from datetime import date
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.models import OcopProduct, OcopProductSet, OcopRating
from cooperatives.models.ocop import FIRST_YEAR, POINTS
from cooperatives.ocop import PARTS, Decision
from cooperatives.ocop_choices import OcopGroup, RatingLevel
from support_cases.support_types.base import CaseDetails, Problems


class Cycle(models.TextChoices):
    """Why a product goes before the council."""

    FIRST = "first", _("Đánh giá lần đầu")
    AGAIN = "again", _("Đánh giá, phân hạng lại")
    UPGRADE = "upgrade", _("Nâng hạng")


class OcopDetails(CaseDetails):
    """The product, what it aims at, and what the council gave it.

    A product of the register is ``product``; one that is not there yet is ``product_name`` with ``group`` and enters
    the register with its decision. ``rating`` is the row of the register this case wrote.
    """

    cycle = models.CharField(_("Lần đánh giá"), max_length=8, choices=Cycle.choices, blank=True)
    product = models.ForeignKey(
        OcopProduct,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Sản phẩm đã có trong sổ"),
    )
    product_name = models.CharField(_("Sản phẩm mới"), max_length=160, blank=True)
    group = models.CharField(_("Nhóm sản phẩm"), max_length=12, choices=OcopGroup.choices, blank=True)
    product_set = models.ForeignKey(
        OcopProductSet,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Bộ sản phẩm"),
    )
    target_stars = models.PositiveSmallIntegerField(
        _("Mục tiêu số sao"),
        null=True,
        blank=True,
        validators=[MinValueValidator(3), MaxValueValidator(5)],
    )
    self_score = models.DecimalField(
        _("Điểm tự đánh giá"), max_digits=5, decimal_places=2, null=True, blank=True, validators=POINTS
    )
    part_a = models.DecimalField(
        _("Điểm phần A: sản phẩm và sức mạnh cộng đồng"),
        max_digits=5, decimal_places=2, null=True, blank=True, validators=POINTS,
    )  # fmt: skip
    part_b = models.DecimalField(
        _("Điểm phần B: khả năng tiếp thị"),
        max_digits=5, decimal_places=2, null=True, blank=True, validators=POINTS,
    )  # fmt: skip
    part_c = models.DecimalField(
        _("Điểm phần C: chất lượng sản phẩm"),
        max_digits=5, decimal_places=2, null=True, blank=True, validators=POINTS,
    )  # fmt: skip
    council_level = models.CharField(_("Hội đồng"), max_length=10, choices=RatingLevel.choices, blank=True)
    decision_no = models.CharField(_("Số quyết định"), max_length=60, blank=True)
    decided_on = models.DateField(_("Ngày quyết định"), null=True, blank=True)
    certificate_no = models.CharField(_("Số giấy chứng nhận"), max_length=60, blank=True)
    software_ref = models.CharField(_("Mã trên phần mềm OCOP"), max_length=60, blank=True)
    rating = models.ForeignKey(
        OcopRating, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("chi tiết OCOP")
        verbose_name_plural = _("chi tiết OCOP")

    @property
    def parts(self) -> dict[str, Decimal | None]:
        """The points of the council by part."""
        return {name: getattr(self, name) for name in PARTS}

    @property
    def total(self) -> Decimal | None:
        """The points of all parts together, None while one is missing."""
        given = [value for value in self.parts.values() if value is not None]
        return sum(given, Decimal()) if len(given) == len(PARTS) else None

    def decision(self, event_on: date) -> Decision | None:
        """Return what the council decided by the criteria of ``event_on``, None while anything of it is missing."""
        if self.decided_on is None or self.total is None or not self.decision_no:
            return None
        texts = {"level": self.council_level, "decision_no": self.decision_no, "certificate_no": self.certificate_no}
        return Decision(decided_on=self.decided_on, criteria_on=event_on, parts=self.parts, **texts)

    def rating_before(self) -> OcopRating | None:
        """Return the stars the product had before the decision of this case; None where it had none."""
        if self.product_id is None:
            return None
        rows = OcopRating.objects.filter(product=self.product_id).exclude(pk=self.rating_id or 0)
        rows = rows.filter(decided_on__lt=self.decided_on) if self.decided_on else rows
        return rows.order_by("-decided_on").first()


def details_problems(details: OcopDetails, today: date) -> Problems:
    """Return what in the details contradicts itself or the stars the product had, by column."""
    problems = _product_problems(details) | _cycle_problems(details)
    decided = details.decided_on
    if decided and (decided > today or decided.year < FIRST_YEAR):
        problems["decided_on"] = [_("Ngày quyết định từ năm 2018 đến hôm nay.")]
    if decided is None and details.rating_id:
        problems["decided_on"] = [_("Kết quả của hồ sơ đã ghi vào sổ đăng ký, không để trống ngày quyết định.")]
    return problems


def _product_problems(details: OcopDetails) -> Problems:
    """Return what contradicts itself in the naming of the product, by column."""
    problems: Problems = {}
    if details.product_id and details.product_name:
        problems["product_name"] = [_("Chọn sản phẩm đã có hoặc ghi sản phẩm mới, không cả hai.")]
    group = details.product.group if details.product_id else details.group
    if details.product_id and details.group not in ("", group):
        problems["group"] = [_("Sản phẩm này trong sổ đăng ký thuộc nhóm khác.")]
    if details.product_set_id and group and details.product_set.group != group:
        problems["product_set"] = [_("Bộ sản phẩm này thuộc nhóm khác.")]
    return problems


def _cycle_problems(details: OcopDetails) -> Problems:
    """Return what in the kind of cycle contradicts the stars the product had, by column."""
    before = details.rating_before() if details.cycle else None
    if before is None:
        return {}
    if details.cycle == Cycle.FIRST:
        said = _("Sản phẩm đã được phân hạng %(stars)s sao ngày %(day)s, đây là đánh giá lại hoặc nâng hạng.")
        return {"cycle": [said % {"stars": before.stars, "day": f"{before.decided_on:%d/%m/%Y}"}]}
    if details.cycle == Cycle.UPGRADE and details.target_stars and details.target_stars <= before.stars:
        said = _("Nâng hạng phải cao hơn %(stars)s sao đang có.")
        return {"target_stars": [said % {"stars": before.stars}]}
    return {}
