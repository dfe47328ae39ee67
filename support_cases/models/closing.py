"""Periods whose figures the office has declared final, drafts of periods that ended, and what was aimed at."""

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

CALENDARS = [("month", _("Tháng dương lịch")), ("administrative", _("Kỳ hành chính (15–14)"))]
MONTH_SHAPE = RegexValidator(r"^\d{4}-(0[1-9]|1[0-2])$", _("Ghi dạng 2023-08."))


class ReportedMonths(models.Model):
    """Whole months of one calendar, both included: the period a row speaks of."""

    calendar = models.CharField(_("Lịch"), max_length=14, choices=CALENDARS)
    first = models.CharField(_("Từ tháng"), max_length=7, validators=[MONTH_SHAPE])
    last = models.CharField(_("Đến tháng"), max_length=7, validators=[MONTH_SHAPE])

    class Meta:
        abstract = True

    def __str__(self):
        months = self.first if self.first == self.last else f"{self.first} – {self.last}"
        return f"{self.get_calendar_display()} {months}"


class ClosingQuerySet(models.QuerySet):
    """Questions about many closings."""

    def standing(self, moment: datetime | None = None):
        """Closings that stood just before ``moment``, reopened since or not; None means now."""
        if moment is None:
            return self.filter(reopened_at__isnull=True)
        return self.filter(Q(reopened_at__isnull=True) | Q(reopened_at__gte=moment), closed_at__lt=moment)


class Closing(ReportedMonths):
    """One period whose figures were reported upstairs and are final, with these figures.

    ``figures`` holds the figures of every report by its code, ``digest`` the SHA-256 of the figures with the period
    and the rule they were counted by, ``names`` what units and officers were called; see ``support_cases.closings``.
    Counted is what was known just before ``closed_at``. Reopened, the row stays with who did so and why; closing
    again writes a new row.

    A row without digest is closed like any other, and its figures are still to be counted: until they are kept,
    everybody who asks for them has them counted as known at ``closed_at``. Whoever counts them has the row until
    ``leased_until``; ``reports_counted`` tells how far that is.
    """

    closed_at = models.DateTimeField(_("Chốt lúc"), editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("Người chốt"),
    )
    rule = models.TextField(_("Cách tính"), blank=True, editable=False)
    figures = models.JSONField(_("Số liệu"), default=dict, editable=False)
    names = models.JSONField(_("Tên gọi"), default=dict, editable=False)
    digest = models.CharField(_("Mã kiểm"), max_length=64, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    reports_counted = models.PositiveSmallIntegerField(default=0, editable=False)
    reopened_at = models.DateTimeField(_("Mở lại lúc"), null=True, editable=False)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("Người mở lại"),
    )
    reopen_reason = models.CharField(_("Lý do mở lại"), max_length=200, blank=True, editable=False)

    objects = ClosingQuerySet.as_manager()

    class Meta:
        verbose_name = _("chốt số liệu")
        verbose_name_plural = _("chốt số liệu")
        ordering = ["calendar", "-last", "first", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "first", "last"],
                condition=Q(reopened_at__isnull=True),
                name="support_period_closed_once",
                violation_error_message=_("Kỳ này đã chốt."),
            ),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="support_closing_months_in_order"),
            models.CheckConstraint(
                condition=Q(reopened_at__isnull=True, reopened_by__isnull=True, reopen_reason="")
                | (Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~Q(reopen_reason="")),
                name="support_reopened_with_reason",
                violation_error_message=_("Mở lại kỳ đã chốt phải có người mở và lý do."),
            ),
        ]


class KeptLists(models.Model):
    """The rows that stood behind the numbers of one report when its period was closed.

    Written for reports whose rows are written over when they change; a table of its own, so that nothing that asks
    for closings reads them. What ``content`` holds is said in ``support_cases.reports.kept_lists``.
    """

    closing = models.ForeignKey(
        Closing, on_delete=models.CASCADE, editable=False, related_name="lists", verbose_name=_("chốt số liệu")
    )
    report = models.CharField(_("Báo cáo"), max_length=20, editable=False)
    content = models.JSONField(_("Danh sách"), default=dict, editable=False)

    class Meta:
        verbose_name = _("danh sách lưu khi chốt")
        verbose_name_plural = _("danh sách lưu khi chốt")
        ordering = ["closing", "report"]
        constraints = [
            models.UniqueConstraint(fields=["closing", "report"], name="support_lists_once_a_report"),
        ]

    def __str__(self):
        return f"{self.closing_id} {self.report}"


class PeriodDraft(ReportedMonths):
    """The draft report the portal made when a period had ended; the leaders are told of it.

    ``figures`` and ``digest`` are as in a closing; ``doubts`` is how many things looked wrong.
    """

    made_at = models.DateTimeField(_("Lập lúc"))
    figures = models.JSONField(_("Số liệu"), default=dict)
    names = models.JSONField(_("Tên gọi"), default=dict)
    digest = models.CharField(_("Mã kiểm"), max_length=64)
    doubts = models.PositiveIntegerField(_("Số điểm cần xem lại"), default=0)

    class Meta:
        verbose_name = _("báo cáo dự thảo")
        verbose_name_plural = _("báo cáo dự thảo")
        ordering = ["calendar", "-last", "first"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "first", "last"], name="support_period_drafted_once"),
        ]


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
