"""OCOP products and their ratings."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import OcopGroup, RatingLevel
from cooperatives.models.cooperative import Cooperative
from cooperatives.text import nfc


class OcopProduct(models.Model):
    """A product a cooperative takes part with in the OCOP programme; rated again every 36 months."""

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="ocop_products", verbose_name=_("HTX")
    )
    name = models.CharField(_("Sản phẩm"), max_length=160)
    group = models.CharField(_("Nhóm"), max_length=12, choices=OcopGroup.choices)
    first_year = models.PositiveSmallIntegerField(
        _("Năm tham gia"), validators=[MinValueValidator(2018), MaxValueValidator(2100)]
    )
    external_ref = models.CharField(_("Mã trên phần mềm OCOP"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("sản phẩm OCOP")
        verbose_name_plural = _("sản phẩm OCOP")
        ordering = ["cooperative", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "name"],
                name="cooperatives_product_once",
                violation_error_message=_("HTX đã có sản phẩm này."),
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Save the name in NFC so that the unique constraint sees equal names as equal."""
        self.name = nfc(self.name)
        super().save(*args, **kwargs)


class RatingQuerySet(models.QuerySet):
    """Questions about many ratings."""

    def valid_on(self, day: date):
        """Ratings decided by ``day`` whose certificate has not lapsed."""
        return self.filter(decided_on__lte=day, valid_until__gte=day)

    def lapsing(self, first: date, last: date):
        """Ratings whose certificate ends between the two days, both included."""
        return self.filter(valid_until__range=(first, last))


class OcopRating(models.Model):
    """One decision on the stars of a product.

    ``score`` is out of 100. The set of criteria is named by its decision (148/QĐ-TTg of 2023; 1048/QĐ-TTg
    of 2019 before). A certificate is valid 36 months.
    """

    product = models.ForeignKey(
        OcopProduct, on_delete=models.CASCADE, related_name="ratings", verbose_name=_("sản phẩm")
    )
    criteria_version = models.CharField(_("Bộ tiêu chí"), max_length=20)
    level = models.CharField(_("Hội đồng"), max_length=10, choices=RatingLevel.choices)
    score = models.DecimalField(
        _("Điểm"), max_digits=5, decimal_places=2, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
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
        ]

    def __str__(self):
        return f"{self.stars}★ {self.decided_on:%d/%m/%Y}"
