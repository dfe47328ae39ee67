"""Trade promotion: fairs, brands and marks, selling on e-commerce floors; what came of it in contracts and money."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cooperatives.limits import AtMost
from support_cases.choices import Status
from support_cases.support_types.base import CaseDetails, CaseRow, Hint, Milestone, Problems, SupportType

_MOST_DONG = 10**15


class Promotion(models.TextChoices):
    """What a cooperative is helped with to find its market."""

    FAIR = "fair", _("Hội chợ, triển lãm, kết nối cung cầu")
    BRAND = "brand", _("Thương hiệu, nhãn hiệu, chỉ dẫn địa lý")
    E_COMMERCE = "e_commerce", _("Sàn thương mại điện tử")
    PACKAGING = "packaging", _("Bao bì, nhãn, truy xuất nguồn gốc")


class TradePromotionDetails(CaseDetails):
    """What is done, where and when; support money in whole đồng, the office's own."""

    promotion = models.CharField(_("Hình thức xúc tiến"), max_length=12, choices=Promotion.choices, blank=True)
    product_name = models.CharField(_("Sản phẩm"), max_length=160, blank=True)
    place = models.CharField(_("Sự kiện, sàn, nơi đăng ký"), max_length=200, blank=True)
    starts_on = models.DateField(_("Từ ngày"), null=True, blank=True)
    ends_on = models.DateField(_("Đến ngày"), null=True, blank=True)
    mark_no = models.CharField(_("Số đơn hoặc văn bằng nhãn hiệu"), max_length=60, blank=True)
    support = models.PositiveBigIntegerField(
        _("Kinh phí hỗ trợ (đồng)"), null=True, blank=True, validators=[AtMost(_MOST_DONG)]
    )

    class Meta:
        verbose_name = _("chi tiết xúc tiến thương mại")
        verbose_name_plural = _("chi tiết xúc tiến thương mại")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="support_promotion_ends_after_it_starts",
                violation_error_message=_("Ngày kết thúc không thể trước ngày bắt đầu."),
            )
        ]


class Sale(CaseRow):
    """A buyer or a channel won by the promotion; the value in whole đồng. Sales often come after the case has ended."""

    open_after_closing = True

    buyer = models.CharField(_("Khách mua, kênh bán"), max_length=160)
    agreed_on = models.DateField(_("Ngày ký, ngày mở bán"))
    contracts = models.PositiveSmallIntegerField(
        _("Số hợp đồng, biên bản ghi nhớ"), default=1, validators=[MinValueValidator(1), MaxValueValidator(999)]
    )
    value = models.PositiveBigIntegerField(_("Giá trị (đồng)"), null=True, blank=True, validators=[AtMost(_MOST_DONG)])

    class Meta:
        verbose_name = _("đầu ra")
        verbose_name_plural = _("đầu ra tìm được")
        ordering = ["agreed_on", "pk"]

    def __str__(self):
        return f"{self.buyer}, {self.agreed_on:%d/%m/%Y}"


class TradePromotion(SupportType):
    """Helping a cooperative to find its market (Law 17/2023/QH15 and the policy of the law before it)."""

    code = "trade_promotion"
    position = 80
    label = _("Xúc tiến thương mại, thương hiệu")
    public_label = _("Xúc tiến thương mại")
    details = TradePromotionDetails
    rows = {"sales": Sale}
    office_only = frozenset({"support", "sales"})
    milestones = (
        Milestone("promotion_plan", _("Đã chọn hình thức"), _("Đã chọn hình thức xúc tiến")),
        Milestone(
            "promotion_ready",
            _("Đã chuẩn bị xong"),
            _("Đã chuẩn bị hàng, nhãn và giấy tờ"),
            next_step=_("HTX tham gia theo lịch đã hẹn với cán bộ."),
        ),
        Milestone(
            "promotion_under_way",
            _("Đang tham gia"),
            _("Đang tham gia xúc tiến"),
            next_step=_("HTX báo cho cán bộ các hợp đồng, đơn hàng có được."),
        ),
    )
    stages = {Status.COMPLETED: _("Đã có kết quả xúc tiến")}
    next_steps = {Status.ADVISING: _("HTX chọn sản phẩm, chuẩn bị nhãn và giấy tờ của sản phẩm.")}

    def event_day(self, details) -> date | None:
        """Return the first day of what the cooperative takes part in."""
        return details.starts_on

    def check_row(self, name: str, row, today: date) -> Problems:
        """Refuse a sale of a day to come."""
        if row.agreed_on > today:
            return {"agreed_on": [_("Ngày này không thể ở tương lai.")]}
        return {}

    def problems_before(self, step: str, case, day: date) -> list:
        """Nothing can be under way, or be completed, before its first day."""
        starts_on = case.details.starts_on if case.details else None
        if step in ("promotion_under_way", "complete") and starts_on and day < starts_on:
            return [_("Chưa đến ngày bắt đầu %(day)s.") % {"day": f"{starts_on:%d/%m/%Y}"}]
        return []

    def guidance(self, case, day: date) -> list[Hint]:
        """Remind of what decides whether it was worth it: the form chosen, and the buyers won."""
        hints = []
        details = case.details
        if details is None or not details.promotion:
            hints.append(Hint(_("Chưa chọn hình thức xúc tiến."), "warn"))
        elif details.promotion == Promotion.BRAND and not details.mark_no:
            hints.append(Hint(_("Ghi số đơn hoặc văn bằng nhãn hiệu khi HTX đã nộp."), "info"))
        if not case.sale_rows.exists():
            hints.append(Hint(_("Chưa ghi đầu ra nào; có thể ghi cả sau khi hồ sơ kết thúc."), "info"))
        return hints

    def facts(self, case, day: date) -> list:
        """Return how many contracts the promotion brought."""
        won = case.sale_rows.aggregate(total=models.Sum("contracts"))["total"] or 0
        words = ngettext("%(count)s hợp đồng", "%(count)s hợp đồng", won) % {"count": won}
        return [(_("Kết quả xúc tiến"), words)] if won else []
