"""What an office sets itself for a year, and what it expects a running period to come to."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from support_cases.models.reported_months import ReportedMonths


class Measure(models.TextChoices):
    """Figures an office sets itself targets for and estimates while the period runs."""

    CONSULTATIONS = "consultations", _("Lượt HTX được tư vấn")
    COOPERATIVES = "cooperatives", _("HTX không trùng")
    FIRST_TIME = "first_time", _("HTX lần đầu trong năm")
    CASES_FINISHED = "cases_finished", _("Hồ sơ hoàn thành")
    COOPERATIVES_FOUNDED = "founded", _("HTX thành lập mới")
    LOANS_APPROVED = "loans_approved", _("Khoản vay được duyệt")
    DISBURSED = "disbursed", _("Số tiền vay đã giải ngân (đồng)")
    STARS_WON = "stars_won", _("Sản phẩm OCOP đạt sao")
    TERMS_RENEWED = "terms_renewed", _("HTX đã đại hội nhiệm kỳ")
    PLACEMENTS = "placements", _("Lao động được hỗ trợ")


class YearlyTarget(models.Model):
    """What a plan asks of one year for one measure; set by ``support_cases.targets``, which logs each change."""

    year = models.PositiveSmallIntegerField(_("Năm"), validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    measure = models.CharField(_("Chỉ tiêu"), max_length=16, choices=Measure.choices)
    value = models.PositiveBigIntegerField(_("Kế hoạch năm"), validators=[MaxValueValidator(10**15)])
    decision = models.CharField(_("Văn bản giao kế hoạch"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("chỉ tiêu kế hoạch năm")
        verbose_name_plural = _("chỉ tiêu kế hoạch năm")
        ordering = ["-year", "measure"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "measure"],
                name="support_target_once_a_year",
                violation_error_message=_("Chỉ tiêu này của năm đã có."),
            ),
        ]

    def __str__(self):
        return f"{self.year} {self.get_measure_display()}"


class TargetChange(models.Model):
    """One change of what a plan asks: what stood there before and what since, None for no target.

    Only added, so that what was asked at a past moment can be told.
    """

    year = models.PositiveSmallIntegerField(_("Năm"))
    measure = models.CharField(_("Chỉ tiêu"), max_length=16, choices=Measure.choices)
    was_value = models.PositiveBigIntegerField(_("Kế hoạch trước đó"), null=True)
    was_decision = models.CharField(_("Văn bản trước đó"), max_length=160, blank=True)
    value = models.PositiveBigIntegerField(_("Kế hoạch năm"), null=True)
    decision = models.CharField(_("Văn bản giao kế hoạch"), max_length=160, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("Người ghi")
    )
    changed_at = models.DateTimeField(_("Ghi lúc"))

    class Meta:
        verbose_name = _("lần ghi chỉ tiêu")
        verbose_name_plural = _("lần ghi chỉ tiêu")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["year", "measure"], name="support_target_changes")]

    def __str__(self):
        return f"{self.year} {self.get_measure_display()}"


class PeriodEstimate(ReportedMonths):
    """What somebody expects a running period to come to (ước thực hiện); never mixed with what was counted."""

    measure = models.CharField(_("Chỉ tiêu"), max_length=16, choices=Measure.choices)
    value = models.PositiveBigIntegerField(_("Ước thực hiện"), validators=[MaxValueValidator(10**15)])
    note = models.CharField(_("Căn cứ ước tính"), max_length=200, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("Người ghi"),
    )
    entered_at = models.DateTimeField(_("Ghi lúc"), editable=False)

    class Meta:
        verbose_name = _("ước thực hiện")
        verbose_name_plural = _("ước thực hiện")
        ordering = ["calendar", "-last", "first", "measure"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "first", "last", "measure"],
                name="support_estimate_once",
                violation_error_message=_("Ước thực hiện của chỉ tiêu này trong kỳ đã có."),
            ),
        ]
