"""People placed at cooperatives by the human-resource support programme 2022–2025, and the list that allows it."""

from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cooperatives.calendar import add_months
from cooperatives.choices import Degree, Job
from cooperatives.limits import AtMost
from cooperatives.models.choice_words import ChoiceWords
from cooperatives.models.cooperative import Cooperative
from cooperatives.models.dated import DatedQuerySet, EditedRow, ends_after_it_starts
from cooperatives.models.loans import MOST_DONG

EARLIEST_START, LATEST_START = date(2000, 1, 1), date(2099, 12, 31)
#: No contract of the programme is nearly as long.
MOST_YEARS = 10
#: No month has more days, so no timesheet does.
MOST_DAYS = 31


class LeaveReason(models.TextChoices):
    """Why a person placed at a cooperative left before the contract ended."""

    OTHER_JOB = "other_job", _("Chuyển việc khác")
    CONTRACT_ENDED = "contract_ended", _("HTX chấm dứt hợp đồng")
    NOT_SUITED = "not_suited", _("Không phù hợp công việc")
    COOPERATIVE_STOPPED = "coop_stopped", _("HTX ngừng hoạt động")
    OTHER = "other", _("Lý do khác")


class SupportResult(models.TextChoices):
    """What became of a placement when the support ended."""

    UNKNOWN = "unknown", _("Chưa rõ")
    KEPT = "kept", _("HTX giữ lại làm việc")
    LEFT = "left", _("Đã nghỉ")


class ApprovedSupport(EditedRow, ChoiceWords):
    """One line of an approved list: the posts of one job a decision grants one cooperative, over a span of time.

    ``monthly_amount`` is what the decision itself grants a month, in đồng; None where it grants the rate of the law.
    """

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="approved_support", verbose_name=_("HTX")
    )
    decision_no = models.CharField(_("Số quyết định"), max_length=60)
    decided_on = models.DateField(_("Ngày quyết định"))
    posts = models.PositiveSmallIntegerField(
        _("Số người được duyệt"), validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    job = models.CharField(_("Vị trí công việc"), max_length=12, choices=Job.choices, blank=True)
    monthly_amount = models.PositiveBigIntegerField(
        _("Mức hỗ trợ theo quyết định (đồng/tháng)"),
        null=True,
        blank=True,
        validators=[AtMost(MOST_DONG)],
        help_text=_("Bỏ trống nếu quyết định không ghi mức riêng."),
    )
    valid_from = models.DateField(_("Hỗ trợ từ ngày"))
    valid_to = models.DateField(_("Hỗ trợ đến ngày"), null=True, blank=True)
    source = models.CharField(_("Nguồn"), max_length=200, blank=True)
    revoked_on = models.DateField(_("Ngày thu hồi"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("dòng danh sách được hỗ trợ nhân lực")
        verbose_name_plural = _("danh sách được hỗ trợ nhân lực")
        ordering = ["-decided_on", "decision_no", "pk"]
        indexes = [models.Index(fields=["-decided_on", "decision_no", "id"], name="approved_by_decision")]
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "decision_no", "job"],
                name="cooperatives_approved_once",
                violation_error_message=_("Danh sách đã có HTX này với quyết định và vị trí này."),
            ),
            ends_after_it_starts("cooperatives_approved_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(revoked_on__isnull=True) | Q(revoked_on__gte=F("decided_on")),
                name="cooperatives_approved_revoked_after_decided",
                violation_error_message=_("Ngày thu hồi không thể trước ngày quyết định."),
            ),
        ]

    def __str__(self):
        words = f"{self.decision_no} ({self.decided_on:%d/%m/%Y})"
        return f"{words} · {self.get_job_display()}" if self.job else words


class PlacementQuerySet(models.QuerySet):
    """Questions about many placements."""

    def running_on(self, day: date):
        """Placements whose contract runs on ``day``; who left works until that day."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gte=day), started_on__lte=day, ends_on__gte=day)

    def overlapping(self, start: date, end: date):
        """Placements whose contract runs on some day from ``start`` to ``end``."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gte=start), started_on__lte=end, ends_on__gte=start)

    def people_between(self, start: date, end: date):
        """One placement for each person who worked on some day from ``start`` to ``end``: the last one, of a person
        with several contracts at one cooperative.
        """
        rows = self.overlapping(start, end)
        later = Placement.objects.overlapping(start, end).filter(
            Q(started_on__gt=OuterRef("started_on")) | Q(started_on=OuterRef("started_on"), pk__gt=OuterRef("pk")),
            cooperative=OuterRef("cooperative"),
            person_label=OuterRef("person_label"),
        )
        return rows.filter(~Exists(later))


class Placement(ChoiceWords):
    """One supported person at one cooperative; the person is a label, not an identity.

    The programme needs the degree and the work, not who it is (data minimisation, Law 91/2025/QH15).
    ``exception_note`` says why the placement stands although a limit of the programme speaks against it.
    """

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="placements", verbose_name=_("HTX")
    )
    approved = models.ForeignKey(
        ApprovedSupport,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="placements",
        verbose_name=_("Theo quyết định"),
    )
    person_label = models.CharField(
        _("Lao động (ký hiệu)"), max_length=60, help_text=_("Ký hiệu để phân biệt, không ghi họ tên.")
    )
    degree = models.CharField(_("Trình độ"), max_length=14, choices=Degree.choices)
    major = models.CharField(_("Chuyên ngành"), max_length=120, blank=True)
    job = models.CharField(_("Công việc"), max_length=12, choices=Job.choices)
    contract_no = models.CharField(_("Số hợp đồng"), max_length=60, blank=True)
    started_on = models.DateField(_("Bắt đầu"))
    ends_on = models.DateField(_("Kết thúc"))
    left_on = models.DateField(_("Ngày làm việc cuối cùng"), null=True, blank=True)
    leave_reason = models.CharField(_("Lý do nghỉ"), max_length=16, choices=LeaveReason.choices, blank=True)
    replaced_by = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replaces",
        verbose_name=_("Người thay thế"),
    )
    result = models.CharField(
        _("Sau khi hết hỗ trợ"), max_length=8, choices=SupportResult.choices, default=SupportResult.UNKNOWN
    )
    exception_note = models.CharField(_("Lý do vượt giới hạn"), max_length=300, blank=True)

    objects = PlacementQuerySet.as_manager()

    class Meta:
        verbose_name = _("lao động được hỗ trợ")
        verbose_name_plural = _("lao động được hỗ trợ")
        ordering = ["-started_on", "pk"]
        indexes = [
            models.Index(fields=["-started_on", "id"], name="placement_by_start"),
            models.Index(fields=["ends_on", "id"], name="placement_by_end"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "person_label", "started_on"],
                name="cooperatives_one_placement_per_start",
                violation_error_message=_("Đã có hợp đồng của lao động này bắt đầu ngày này."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("started_on")),
                name="cooperatives_placement_ends_after_it_starts",
                violation_error_message=_("Ngày kết thúc phải sau ngày bắt đầu."),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True, leave_reason="")
                | (Q(left_on__gte=F("started_on"), left_on__lte=F("ends_on")) & ~Q(leave_reason="")),
                name="cooperatives_left_within_the_contract",
                violation_error_message=_("Ngày nghỉ phải nằm trong thời hạn hợp đồng và có lý do."),
            ),
        ]

    def __str__(self):
        return f"{self.person_label} ({self.get_job_display()})"

    def clean(self):
        """Refuse a contract of another age, or longer than any: its months are counted one by one.

        Raises:
            ValidationError: beside the day.
        """
        if self.started_on and not EARLIEST_START <= self.started_on <= LATEST_START:
            raise ValidationError({"started_on": _("Ngày này quá xa, xin kiểm tra năm.")})
        if self.started_on and self.ends_on and self.ends_on > add_months(self.started_on, 12 * MOST_YEARS):
            raise ValidationError({"ends_on": _("Hợp đồng dài nhất %(years)s năm.") % {"years": MOST_YEARS}})

    @property
    def last_day(self) -> date:
        """The last day of work: of the contract, or the day the person left."""
        return min(self.left_on, self.ends_on) if self.left_on else self.ends_on


class MonthlyConfirmation(models.Model):
    """The cooperative's word that the person worked in a month, from its timesheet; ``month`` is its first day."""

    placement = models.ForeignKey(
        Placement, on_delete=models.CASCADE, related_name="confirmations", verbose_name=_("lao động được hỗ trợ")
    )
    month = models.DateField(_("Tháng"))
    days_worked = models.DecimalField(
        _("Số ngày làm việc"),
        max_digits=3,
        decimal_places=1,
        validators=[MinValueValidator(0), MaxValueValidator(MOST_DAYS)],
    )
    standard_days = models.DecimalField(
        _("Số ngày công chuẩn"),
        max_digits=3,
        decimal_places=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
    )
    confirmed_on = models.DateField(_("Ngày xác nhận"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("Người xác nhận")
    )

    class Meta:
        verbose_name = _("xác nhận tháng làm việc")
        verbose_name_plural = _("xác nhận tháng làm việc")
        ordering = ["placement", "month"]
        indexes = [models.Index(fields=["month"], name="confirmation_by_month")]
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "month"],
                name="cooperatives_month_confirmed_once",
                violation_error_message=_("Tháng này đã được xác nhận."),
            ),
            models.CheckConstraint(
                condition=Q(days_worked__gte=0, days_worked__lte=F("standard_days"), standard_days__lte=MOST_DAYS),
                name="cooperatives_days_worked_within_the_month",
                violation_error_message=_("Số ngày làm việc không quá số ngày công chuẩn."),
            ),
        ]

    def __str__(self):
        return f"{self.placement_id} {self.month:%m/%Y}"
