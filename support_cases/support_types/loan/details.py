"""What a case about a loan writes down: typed columns, payments, reasons of refusal."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import CicState, Collateral, Lender, LoanResult, RefusalReason
from cooperatives.limits import AtMost
from cooperatives.models import Loan, LoanProgramme
from cooperatives.models.loan_programmes import MOST_DONG
from cooperatives.models.loans import GRANTED
from support_cases.support_types.base import CaseDetails, CaseRow, FieldGroup

#: Columns a case and the loan of the register have in common.
SHARED = (
    "lender", "programme", "purpose", "requested", "approved", "rate_percent", "rate_note", "term_months",
    "own_capital_percent", "plan_ready", "statements_ready", "cic", "submitted_on", "decided_on", "refusal_reason",
)  # fmt: skip
#: Those of them that are the answer of the lender.
ANSWER = frozenset({"approved", "decided_on", "refusal_reason"})
#: How the form lays the columns out: what is asked first, the answer once it is there.
GROUPS = (
    FieldGroup(_("Đề nghị vay"), ("lender", "programme", "requested", "purpose", "term_months", "submitted_on")),
    FieldGroup(_("Chuẩn bị của HTX"), ("plan_ready", "statements_ready", "cic", "own_capital_percent", "collateral")),
    FieldGroup(
        _("Trả lời của nơi cho vay"),
        ("result", "decided_on", "approved", "rate_percent", "rate_note", "refusal_reason"),
        later=True,
    ),
)


class LoanDetails(CaseDetails):
    """What is asked of whom and what became of it; amounts in whole đồng, the rate in percent a year."""

    lender = models.CharField(_("Nơi cho vay"), max_length=20, choices=Lender.choices, blank=True)
    programme = models.ForeignKey(
        LoanProgramme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Chương trình"),
    )
    requested = models.PositiveBigIntegerField(
        _("Số tiền đề nghị vay (đồng)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), AtMost(MOST_DONG)],
    )
    purpose = models.CharField(_("Mục đích vay"), max_length=200, blank=True)
    term_months = models.PositiveSmallIntegerField(
        _("Thời hạn (tháng)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(600)]
    )
    rate_percent = models.DecimalField(
        _("Lãi suất (%/năm)"), max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    rate_note = models.CharField(_("Ưu đãi lãi suất"), max_length=200, blank=True)
    collateral = models.CharField(_("Bảo đảm"), max_length=10, choices=Collateral.choices, blank=True)
    own_capital_percent = models.PositiveSmallIntegerField(
        _("Vốn đối ứng (%)"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    plan_ready = models.BooleanField(_("Đã có phương án vay vốn"), default=False)
    statements_ready = models.BooleanField(_("Đã có báo cáo tài chính"), default=False)
    cic = models.CharField(
        _("Nợ xấu theo CIC"), max_length=8, choices=CicState.choices, blank=True, default=CicState.UNKNOWN
    )
    submitted_on = models.DateField(_("Ngày nộp"), null=True, blank=True)
    decided_on = models.DateField(_("Ngày quyết định"), null=True, blank=True)
    result = models.CharField(_("Kết quả"), max_length=10, choices=LoanResult.choices, blank=True)
    approved = models.PositiveBigIntegerField(
        _("Được duyệt (đồng)"), null=True, blank=True, validators=[AtMost(MOST_DONG)]
    )
    refusal_reason = models.CharField(
        _("Lý do từ chối chính"), max_length=24, choices=RefusalReason.choices, blank=True
    )
    loan = models.OneToOneField(
        Loan,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("Khoản vay trong sổ"),
    )

    class Meta:
        verbose_name = _("chi tiết vay vốn")
        verbose_name_plural = _("chi tiết vay vốn")

    @property
    def is_answered(self) -> bool:
        """Whether the lender's answer, or that the cooperative withdrew, is written down."""
        return self.result not in ("", LoanResult.PENDING)

    @property
    def is_granted(self) -> bool:
        """Whether the lender said yes, to all or to a part."""
        return self.result in GRANTED


class LoanPayment(CaseRow):
    """One payment known while the case is open; once it has ended, payments are written on the loan itself."""

    paid_on = models.DateField(_("Ngày giải ngân"))
    amount = models.PositiveBigIntegerField(_("Số tiền (đồng)"), validators=[MinValueValidator(1), AtMost(MOST_DONG)])

    class Meta:
        verbose_name = _("lần giải ngân")
        verbose_name_plural = _("các lần giải ngân")
        ordering = ["paid_on", "pk"]

    def __str__(self):
        return f"{self.paid_on:%d/%m/%Y}"


class LoanFurtherReason(CaseRow):
    """One more reason for which the lender refused, beside the main one."""

    reason = models.CharField(_("Lý do khác"), max_length=24, choices=RefusalReason.choices)

    class Meta:
        verbose_name = _("lý do từ chối khác")
        verbose_name_plural = _("các lý do từ chối khác")
        ordering = ["pk"]

    def __str__(self):
        return self.get_reason_display()
