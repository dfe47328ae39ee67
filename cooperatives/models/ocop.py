"""OCOP products, their ratings, and the papers their dossiers stand on."""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from cooperatives.models.choice_words import ChoiceWords
from cooperatives.models.cooperative import Cooperative, SearchableQuerySet
from cooperatives.models.dated import DatedQuerySet, EditedRow, LegalText, ends_after_it_starts
from cooperatives.ocop_choices import OcopGroup, OcopPaperKind, RatingLevel
from cooperatives.text import nfc, search_key, sort_key

#: Nobody took part before the programme began.
FIRST_YEAR = 2018


class OcopProductSet(LegalText, EditedRow, ChoiceWords):
    """One set of products that share their criteria (bộ sản phẩm), as a decision names it.

    ``sets`` is how many sets of the decision the row stands for: where only the number of a group is known and not
    the names, one row holds them together until staff enter them one by one.
    """

    code = models.CharField(_("Mã"), max_length=32)
    group = models.CharField(_("Nhóm"), max_length=12, choices=OcopGroup.choices)
    name = models.CharField(_("Tên bộ sản phẩm"), max_length=160)
    sets = models.PositiveSmallIntegerField(_("Số bộ"), default=1, validators=[MinValueValidator(1)])
    criteria_version = models.CharField(_("Bộ tiêu chí"), max_length=20)
    valid_from = models.DateField(_("Hiệu lực từ"))
    valid_to = models.DateField(_("Hiệu lực đến"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("bộ sản phẩm OCOP")
        verbose_name_plural = _("bộ sản phẩm OCOP")
        ordering = ["group", "code", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"],
                name="cooperatives_product_set_once",
                violation_error_message=_("Đã có bộ sản phẩm mang mã này bắt đầu ngày này."),
            ),
            ends_after_it_starts("cooperatives_product_set_ends"),
        ]

    def __str__(self):
        return self.name


class ProductQuerySet(SearchableQuerySet):
    """Questions about many products."""

    def with_current_rating(self, day: date):
        """Products with ``stars``, ``decided_on`` and ``valid_until`` of the last decision by ``day``."""
        last = OcopRating.objects.filter(product=OuterRef("pk"), decided_on__lte=day).order_by("-decided_on")
        return self.annotate(
            **{name: Subquery(last.values(name)[:1]) for name in ("stars", "decided_on", "valid_until")}
        )


class OcopProduct(ChoiceWords):
    """A product a cooperative takes part with in the OCOP programme; rated again every 36 months."""

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="ocop_products", verbose_name=_("HTX")
    )
    name = models.CharField(_("Sản phẩm"), max_length=160)
    group = models.CharField(_("Nhóm"), max_length=12, choices=OcopGroup.choices)
    product_set = models.ForeignKey(
        OcopProductSet,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("Bộ sản phẩm"),
    )
    first_year = models.PositiveSmallIntegerField(
        _("Năm tham gia"), validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(2100)]
    )
    external_ref = models.CharField(_("Mã trên phần mềm OCOP"), max_length=60, blank=True)
    search_key = models.CharField(max_length=400, editable=False, default="")
    sort_key = models.CharField(max_length=260, editable=False, default="")

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("sản phẩm OCOP")
        verbose_name_plural = _("sản phẩm OCOP")
        ordering = ["cooperative", "name"]
        indexes = [models.Index(fields=["sort_key", "id"], name="product_by_name")]
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "name"],
                name="cooperatives_product_once",
                violation_error_message=_("HTX đã có sản phẩm này."),
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        """Refuse a set of another group.

        Raises:
            ValidationError: beside the set.
        """
        if self.product_set_id and self.product_set.group != self.group:
            raise ValidationError({"product_set": _("Bộ sản phẩm này thuộc nhóm khác.")})

    def save(self, *args, **kwargs):
        """Save the name in NFC, so that the unique constraint sees equal names as equal, and fresh keys."""
        self.name = nfc(self.name)
        self.search_key = search_key(self.name, self.external_ref)[:400]
        self.sort_key = sort_key(self.name)[:260]
        super().save(*args, **kwargs)


class RatingQuerySet(models.QuerySet):
    """Questions about many ratings."""

    def current_on(self, day: date):
        """The last decision on each product by ``day``: a product rated again has the new stars, not the old ones."""
        last = OcopRating.objects.filter(product=OuterRef("product"), decided_on__lte=day).order_by("-decided_on")
        return self.filter(pk=Subquery(last.values("pk")[:1]))

    def valid_on(self, day: date):
        """Current ratings on ``day`` whose certificate has not lapsed."""
        return self.current_on(day).filter(valid_until__gte=day)

    def won_between(self, first: date, last: date):
        """The last decision on each product between the two days, both included: rated twice, it won once."""
        return self.current_on(last).filter(decided_on__gte=first)

    def lapsing(self, first: date, last: date):
        """Ratings whose certificate ends between the two days, both included."""
        return self.filter(valid_until__range=(first, last))


def _part(label: str) -> models.DecimalField:
    """Return the column of the points for one part of the criteria."""
    return models.DecimalField(label, max_digits=5, decimal_places=2, null=True, blank=True, validators=POINTS)


#: Points are given out of a hundred.
POINTS = [MinValueValidator(0), MaxValueValidator(100)]


class OcopRating(ChoiceWords):
    """One decision on the stars of a product.

    ``score`` is out of 100 and the sum of ``part_a`` (product and community), ``part_b`` (marketing) and ``part_c``
    (quality), which old rows lack. The criteria are named by their decision (148/QĐ-TTg of 2023; 1048/QĐ-TTg of
    2019 before). ``valid_until`` is the last day of the certificate.
    """

    product = models.ForeignKey(
        OcopProduct, on_delete=models.CASCADE, related_name="ratings", verbose_name=_("sản phẩm")
    )
    criteria_version = models.CharField(_("Bộ tiêu chí"), max_length=20)
    level = models.CharField(_("Hội đồng"), max_length=10, choices=RatingLevel.choices)
    score = models.DecimalField(_("Tổng điểm"), max_digits=5, decimal_places=2, validators=POINTS)
    part_a = _part(_("Điểm phần A"))
    part_b = _part(_("Điểm phần B"))
    part_c = _part(_("Điểm phần C"))
    stars = models.PositiveSmallIntegerField(_("Số sao"), validators=[MinValueValidator(1), MaxValueValidator(5)])
    decision_no = models.CharField(_("Số quyết định"), max_length=60, blank=True)
    decided_on = models.DateField(_("Ngày quyết định"))
    certificate_no = models.CharField(_("Số giấy chứng nhận"), max_length=60, blank=True)
    valid_until = models.DateField(_("Có giá trị đến"))

    objects = RatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("kết quả phân hạng OCOP")
        verbose_name_plural = _("kết quả phân hạng OCOP")
        ordering = ["product", "-decided_on"]
        indexes = [models.Index(fields=["valid_until", "stars"], name="rating_by_lapse")]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "decided_on"],
                name="cooperatives_one_rating_per_day",
                violation_error_message=_("Sản phẩm đã có kết quả phân hạng ngày này."),
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("decided_on")),
                name="cooperatives_rating_ends_after_it_starts",
                violation_error_message=_("Ngày hết giá trị phải sau ngày quyết định."),
            ),
            models.CheckConstraint(
                condition=Q(stars__gte=1, stars__lte=5) & Q(score__gte=0, score__lte=100),
                name="cooperatives_rating_in_bounds",
                violation_error_message=_("Điểm từ 0 đến 100, sao từ 1 đến 5."),
            ),
            models.CheckConstraint(
                condition=Q(part_a__isnull=True, part_b__isnull=True, part_c__isnull=True)
                | Q(part_a__isnull=False, part_b__isnull=False, part_c__isnull=False),
                name="cooperatives_rating_parts_together",
                violation_error_message=_("Ghi đủ điểm cả ba phần A, B, C, hoặc để trống cả ba."),
            ),
        ]

    def __str__(self):
        return f"{self.stars}★ {self.decided_on:%d/%m/%Y}"

    def clean(self):
        """Refuse parts that do not add up to the score.

        Raises:
            ValidationError: beside the score.
        """
        parts = [self.part_a, self.part_b, self.part_c]
        if None not in [*parts, self.score] and sum(parts) != self.score:
            raise ValidationError({"score": _("Tổng điểm phải bằng điểm ba phần A, B, C cộng lại.")})


class PaperQuerySet(models.QuerySet):
    """Questions about many papers."""

    def longest_valid(self):
        """The paper of each product and kind that is good the longest: an older one does no harm beside a new one."""
        papers = OcopPaper.objects.filter(product=OuterRef("product"), kind=OuterRef("kind"))
        longest = papers.order_by(F("expires_on").desc(nulls_first=True), "-pk")
        return self.filter(pk=Subquery(longest.values("pk")[:1]))


class OcopPaper(ChoiceWords):
    """A paper of a product with an end of its own; ``expires_on`` is the last day it is good, None for no end."""

    product = models.ForeignKey(
        OcopProduct, on_delete=models.CASCADE, related_name="papers", verbose_name=_("sản phẩm")
    )
    kind = models.CharField(_("Loại giấy tờ"), max_length=24, choices=OcopPaperKind.choices)
    number = models.CharField(_("Số giấy"), max_length=60, blank=True)
    issuer = models.CharField(_("Nơi cấp"), max_length=120, blank=True)
    issued_on = models.DateField(_("Ngày cấp"), null=True, blank=True)
    expires_on = models.DateField(_("Có giá trị đến"), null=True, blank=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = _("giấy tờ của sản phẩm OCOP")
        verbose_name_plural = _("giấy tờ của sản phẩm OCOP")
        ordering = ["product", "kind", "-expires_on", "-pk"]
        indexes = [models.Index(fields=["product", "kind"], name="ocop_paper_by_kind")]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "kind", "number", "issued_on"],
                name="cooperatives_ocop_paper_once",
                violation_error_message=_("Giấy tờ này đã được ghi."),
            ),
            # A day that is not known is equal to no other in SQL.
            models.UniqueConstraint(
                fields=["product", "kind", "number"],
                condition=Q(issued_on__isnull=True),
                name="cooperatives_ocop_undated_once",
                violation_error_message=_("Giấy tờ này đã được ghi."),
            ),
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True) | Q(expires_on__isnull=True) | Q(expires_on__gte=F("issued_on")),
                name="cooperatives_ocop_paper_ends",
                violation_error_message=_("Ngày hết giá trị không thể trước ngày cấp."),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.number}".strip()

    def is_expired(self, day: date) -> bool:
        """Whether the paper is no longer good on ``day``."""
        return self.expires_on is not None and self.expires_on < day
