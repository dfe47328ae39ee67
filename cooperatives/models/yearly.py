"""What a cooperative reported of one year: the figures the collective-economy report asks for every year."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.limits import AtLeast, AtMost
from cooperatives.models.choice_words import ChoiceWords
from cooperatives.models.cooperative import Cooperative
from cooperatives.models.loans import MOST_DONG

_MOST_PEOPLE = 1_000_000


class YearRating(models.TextChoices):
    """How a cooperative was rated for a year (Circular 01/2020/TT-BKHĐT)."""

    NONE = "", _("Chưa xếp loại")
    GOOD = "good", _("Tốt")
    FAIR = "fair", _("Khá")
    AVERAGE = "average", _("Trung bình")
    WEAK = "weak", _("Yếu")


def _people(words) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(words, null=True, blank=True, validators=[AtMost(_MOST_PEOPLE)])


class YearFigures(ChoiceWords):
    """The figures of one cooperative for one year; what is not known stays empty and is averaged over nobody.

    Money is in whole đồng for the whole year; ``profit`` may be a loss, below zero. ``worker_income`` is the
    average income of one regular worker in the year. Managers are counted by the highest training they have.
    """

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="year_figures", verbose_name=_("HTX")
    )
    year = models.PositiveSmallIntegerField(_("Năm"), validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    members = _people(_("Số thành viên"))
    workers = _people(_("Lao động thường xuyên"))
    revenue = models.PositiveBigIntegerField(
        _("Doanh thu (đồng)"), null=True, blank=True, validators=[AtMost(MOST_DONG)]
    )
    profit = models.BigIntegerField(
        _("Lãi, lỗ ghi số âm (đồng)"),
        null=True,
        blank=True,
        validators=[AtLeast(-MOST_DONG), AtMost(MOST_DONG)],
    )
    worker_income = models.PositiveBigIntegerField(
        _("Thu nhập bình quân một lao động (đồng/năm)"),
        null=True,
        blank=True,
        validators=[AtMost(MOST_DONG)],
    )
    managers = _people(_("Cán bộ quản lý"))
    managers_vocational = _people(_("Trong đó có trình độ sơ cấp, trung cấp"))
    managers_college = _people(_("Trong đó có trình độ cao đẳng, đại học trở lên"))
    rating = models.CharField(_("Xếp loại"), max_length=8, choices=YearRating.choices, blank=True)
    value_chain = models.BooleanField(_("Có liên kết chuỗi giá trị"), null=True, blank=True)
    high_tech = models.BooleanField(_("Ứng dụng công nghệ cao"), null=True, blank=True)
    source = models.CharField(_("Nguồn số liệu"), max_length=160, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("Người ghi"),
    )
    recorded_at = models.DateTimeField(_("Ghi lúc"), editable=False)

    class Meta:
        verbose_name = _("số liệu năm của HTX")
        verbose_name_plural = _("số liệu năm của HTX")
        ordering = ["cooperative", "-year"]
        indexes = [models.Index(fields=["year"], name="year_figures_by_year")]
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "year"],
                name="cooperatives_figures_once_a_year",
                violation_error_message=_("Số liệu của năm này đã có."),
            ),
        ]

    def __str__(self):
        return f"{self.cooperative_id} {self.year}"

    def clean(self):
        """Refuse more trained managers than there are managers, and an income of nobody.

        Raises:
            ValidationError: beside the number of managers or workers.
        """
        if self.worker_income is not None and not self.workers:
            raise ValidationError({"workers": _("Có thu nhập bình quân thì phải ghi số lao động.")})
        trained = (self.managers_vocational or 0) + (self.managers_college or 0)
        if self.managers is not None and trained > self.managers:
            raise ValidationError({"managers": _("Số đã qua đào tạo nhiều hơn số cán bộ quản lý.")})
