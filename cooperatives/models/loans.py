"""Loans cooperatives ask for and get."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Collateral, Lender, LoanResult, RefusalReason
from cooperatives.models.cooperative import Cooperative

MOST_DONG = 10**15


class Loan(models.Model):
    """One request for a loan and what came of it; amounts in whole đồng, the rate in percent a year."""

    cooperative = models.ForeignKey(Cooperative, on_delete=models.CASCADE, related_name="loans", verbose_name=_("HTX"))
    lender = models.CharField(_("Nơi cho vay"), max_length=20, choices=Lender.choices)
    programme = models.CharField(_("Chương trình"), max_length=160, blank=True)
    purpose = models.CharField(_("Mục đích"), max_length=200, blank=True)
    requested = models.PositiveBigIntegerField(_("Đề nghị vay (đồng)"), validators=[MaxValueValidator(MOST_DONG)])
    approved = models.PositiveBigIntegerField(_("Được duyệt (đồng)"), default=0)
    disbursed = models.PositiveBigIntegerField(_("Đã giải ngân (đồng)"), default=0)
    rate_percent = models.DecimalField(_("Lãi suất (%/năm)"), max_digits=5, decimal_places=2, null=True, blank=True)
    term_months = models.PositiveSmallIntegerField(_("Thời hạn (tháng)"), null=True, blank=True)
    collateral = models.CharField(_("Bảo đảm"), max_length=10, choices=Collateral.choices, default=Collateral.NONE)
    own_capital_percent = models.PositiveSmallIntegerField(_("Vốn đối ứng (%)"), null=True, blank=True)
    submitted_on = models.DateField(_("Ngày nộp"))
    result = models.CharField(_("Kết quả"), max_length=10, choices=LoanResult.choices, default=LoanResult.PENDING)
    refusal_reason = models.CharField(_("Lý do từ chối"), max_length=24, choices=RefusalReason.choices, blank=True)

    class Meta:
        verbose_name = _("khoản vay")
        verbose_name_plural = _("khoản vay")
        ordering = ["-submitted_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved__lte=F("requested")) & Q(disbursed__lte=F("approved")),
                name="cooperatives_loan_amounts_in_order",
                violation_error_message=_("Số giải ngân không quá số được duyệt, số duyệt không quá số đề nghị."),
            ),
            models.CheckConstraint(
                condition=~Q(result=LoanResult.REFUSED) | (Q(approved=0) & ~Q(refusal_reason="")),
                name="cooperatives_refused_loan_has_a_reason",
                violation_error_message=_("Khoản vay bị từ chối cần có lý do và không có số được duyệt."),
            ),
        ]

    def __str__(self):
        return f"{self.get_lender_display()} {self.submitted_on:%d/%m/%Y}"
