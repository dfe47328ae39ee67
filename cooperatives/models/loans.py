"""Loans cooperatives ask for and get, and what of them was paid out when."""

from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import CicState, Collateral, Lender, LoanResult, RefusalReason
from cooperatives.limits import AtMost
from cooperatives.models.choice_words import ChoiceWords
from cooperatives.models.cooperative import Cooperative
from cooperatives.models.loan_programmes import MOST_DONG, LoanProgramme

#: Results with which money may flow.
GRANTED = frozenset({LoanResult.APPROVED, LoanResult.PARTIAL})

#: The result of a loan in the words the cooperative itself reads.
RESULT_WORDS = {
    LoanResult.PENDING: _("Nơi cho vay đang xem xét"),
    LoanResult.APPROVED: _("Được vay"),
    LoanResult.PARTIAL: _("Được vay một phần"),
    LoanResult.REFUSED: _("Chưa được vay, hỏi cán bộ phụ trách"),
    LoanResult.WITHDRAWN: _("HTX đã rút"),
}


class LoanQuerySet(models.QuerySet):
    """Questions about many loans."""

    def refused_for(self, reason: str):
        """Loans refused for ``reason``, be it the main one or a further one."""
        further = FurtherRefusal.objects.filter(loan=OuterRef("pk"), reason=reason)
        return self.filter(Q(refusal_reason=reason) | Exists(further))

    def decided_between(self, first: date, last: date):
        """Loans the lender decided on between two days, both included; ``counted_on`` is the day of the decision, or
        that of the submission where nobody wrote the former down.
        """
        decided = self.exclude(result__in=(LoanResult.PENDING, LoanResult.WITHDRAWN))
        day = Coalesce("decided_on", "submitted_on")
        return decided.annotate(counted_on=day).filter(counted_on__range=(first, last))

    def granted(self):
        """Loans the lender said yes to, to all or to a part."""
        return self.filter(result__in=GRANTED)

    def paid_between(self, first: date, last: date, moment: datetime | None = None):
        """Loans of which something was paid out between two days, as known just before ``moment``; ``paid`` says how
        much in đồng.
        """
        paid = Disbursement.objects.known_at(moment).filter(loan=OuterRef("pk"), paid_on__range=(first, last))
        total = paid.order_by().values("loan").annotate(sum=Sum("amount")).values("sum")
        return self.filter(Exists(paid)).annotate(paid=Subquery(total))

    def paid_in(self, year: int):
        """Loans of which something was paid out in ``year``."""
        paid = Disbursement.objects.standing().filter(loan=OuterRef("pk"), paid_on__year=year)
        return self.filter(Exists(paid))

    def with_paid_in(self, year: int):
        """Each loan with ``paid_in_year``, what was paid out of it in ``year`` in đồng; None where nothing was."""
        paid = Disbursement.objects.standing().filter(loan=OuterRef("pk"), paid_on__year=year).order_by()
        return self.annotate(paid_in_year=Subquery(paid.values("loan").annotate(sum=Sum("amount")).values("sum")))


class Loan(ChoiceWords):
    """One request for a loan and what came of it; amounts in whole đồng, the rate in percent a year.

    ``disbursed`` is the sum of the standing disbursements; only the acts in ``cooperatives.lending`` write either.
    """

    cooperative = models.ForeignKey(Cooperative, on_delete=models.CASCADE, related_name="loans", verbose_name=_("HTX"))
    lender = models.CharField(_("Nơi cho vay"), max_length=20, choices=Lender.choices)
    programme = models.ForeignKey(
        LoanProgramme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="loans",
        verbose_name=_("Chương trình"),
    )
    programme_note = models.CharField(_("Tên chương trình theo nơi cho vay"), max_length=160, blank=True)
    purpose = models.CharField(_("Mục đích"), max_length=200, blank=True)
    requested = models.PositiveBigIntegerField(
        _("Đề nghị vay (đồng)"), validators=[MinValueValidator(1), AtMost(MOST_DONG)]
    )
    approved = models.PositiveBigIntegerField(_("Được duyệt (đồng)"), default=0)
    disbursed = models.PositiveBigIntegerField(_("Đã giải ngân (đồng)"), default=0, editable=False)
    rate_percent = models.DecimalField(_("Lãi suất (%/năm)"), max_digits=5, decimal_places=2, null=True, blank=True)
    rate_note = models.CharField(_("Ưu đãi lãi suất"), max_length=200, blank=True)
    term_months = models.PositiveSmallIntegerField(_("Thời hạn (tháng)"), null=True, blank=True)
    collateral = models.CharField(_("Bảo đảm"), max_length=10, choices=Collateral.choices, default=Collateral.NONE)
    own_capital_percent = models.PositiveSmallIntegerField(
        _("Vốn đối ứng (%)"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    plan_ready = models.BooleanField(_("Đã có phương án vay vốn"), default=False)
    statements_ready = models.BooleanField(_("Đã có báo cáo tài chính"), default=False)
    cic = models.CharField(_("Nợ xấu theo CIC"), max_length=8, choices=CicState.choices, default=CicState.UNKNOWN)
    submitted_on = models.DateField(_("Ngày nộp"))
    decided_on = models.DateField(_("Ngày quyết định"), null=True, blank=True)
    result = models.CharField(_("Kết quả"), max_length=10, choices=LoanResult.choices, default=LoanResult.PENDING)
    refusal_reason = models.CharField(
        _("Lý do từ chối chính"), max_length=24, choices=RefusalReason.choices, blank=True
    )
    follow_up = models.CharField(_("Theo dõi sau vay"), max_length=300, blank=True)

    objects = LoanQuerySet.as_manager()

    class Meta:
        verbose_name = _("khoản vay")
        verbose_name_plural = _("khoản vay")
        ordering = ["-submitted_on", "-pk"]
        indexes = [
            models.Index(fields=["submitted_on", "lender"], name="loan_by_day"),
            models.Index(fields=["lender", "submitted_on"], name="loan_by_lender"),
        ]
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

    @property
    def is_granted(self) -> bool:
        """Whether the lender said yes, to all or to a part."""
        return self.result in GRANTED

    @property
    def rest(self) -> int:
        """What of the approved amount has not been paid out yet, in đồng."""
        return self.approved - self.disbursed

    @property
    def result_words(self):
        """The result as the cooperative itself reads it, without amounts and reasons."""
        return RESULT_WORDS[LoanResult(self.result)]

    def clean(self):
        """Refuse a result that its amounts, days and reasons contradict.

        Raises:
            ValidationError: with messages by field.
        """
        problems = result_problems(self)
        if problems:
            raise ValidationError(problems)


class FurtherRefusal(models.Model):
    """One more reason for which a loan was refused, beside the main one."""

    loan = models.ForeignKey(
        Loan, on_delete=models.CASCADE, related_name="further_refusals", verbose_name=_("Khoản vay")
    )
    reason = models.CharField(_("Lý do khác"), max_length=24, choices=RefusalReason.choices)

    class Meta:
        verbose_name = _("lý do từ chối khác")
        verbose_name_plural = _("lý do từ chối khác")
        ordering = ["loan", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["loan", "reason"], name="cooperatives_one_mention_per_refusal"),
        ]

    def __str__(self):
        return self.get_reason_display()


class DisbursementQuerySet(models.QuerySet):
    """Questions about many disbursements."""

    def standing(self):
        """Disbursements that count: those nobody voided."""
        return self.filter(voided_at__isnull=True)

    def known_at(self, moment: datetime | None):
        """Disbursements that counted just before ``moment``; None means now."""
        if moment is None:
            return self.standing()
        return self.filter(Q(voided_at__isnull=True) | Q(voided_at__gte=moment), recorded_at__lt=moment)


class Disbursement(models.Model):
    """One payment of a loan on one day, in whole đồng; a wrong one is voided with a reason and counts no more."""

    loan = models.ForeignKey(Loan, on_delete=models.CASCADE, related_name="disbursements", verbose_name=_("Khoản vay"))
    paid_on = models.DateField(_("Ngày giải ngân"))
    amount = models.PositiveBigIntegerField(_("Số tiền (đồng)"), validators=[MinValueValidator(1), AtMost(MOST_DONG)])
    note = models.CharField(_("Ghi chú"), max_length=200, blank=True)
    source = models.CharField(_("Ghi từ hồ sơ"), max_length=40, blank=True, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("Người ghi"),
    )
    recorded_at = models.DateTimeField(_("Ghi lúc"), default=timezone.now, editable=False)
    voided_at = models.DateTimeField(_("Bỏ lúc"), null=True, editable=False)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("Người bỏ"),
    )
    void_reason = models.CharField(_("Lý do bỏ"), max_length=200, blank=True, editable=False)

    objects = DisbursementQuerySet.as_manager()

    class Meta:
        verbose_name = _("lần giải ngân")
        verbose_name_plural = _("lần giải ngân")
        ordering = ["paid_on", "pk"]
        indexes = [models.Index(fields=["paid_on"], name="disbursement_by_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="cooperatives_disbursement_is_an_amount",
                violation_error_message=_("Số tiền giải ngân phải lớn hơn 0."),
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, voided_by__isnull=True, void_reason="")
                | (Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")),
                name="cooperatives_voided_disbursement_says_why",
                violation_error_message=_("Lần giải ngân bị bỏ cần có người bỏ và lý do."),
            ),
        ]

    def __str__(self):
        return f"{self.paid_on:%d/%m/%Y}"


def result_problems(loan) -> dict[str, list]:
    """Return what the result of ``loan`` contradicts, by field; empty when all agrees.

    ``loan`` is a loan of the register, or details of a case with the same columns. Approved means all that was
    asked, partial means less; what was refused has its main reason, and nothing else has one.
    """
    problems: dict[str, list] = {}
    requested, approved = loan.requested or 0, loan.approved or 0
    if loan.result == LoanResult.APPROVED and approved != requested:
        problems["approved"] = [
            _("Được vay đủ nghĩa là số được duyệt bằng số đề nghị; nếu ít hơn, chọn được vay một phần.")
        ]
    elif loan.result == LoanResult.PARTIAL and not 0 < approved < requested:
        problems["approved"] = [_("Được vay một phần nghĩa là số được duyệt lớn hơn 0 và nhỏ hơn số đề nghị.")]
    elif loan.result not in GRANTED and approved:
        problems["approved"] = [_("Chưa được vay thì chưa có số được duyệt.")]
    if loan.result == LoanResult.REFUSED and not loan.refusal_reason:
        problems["refusal_reason"] = [_("Cần chọn lý do từ chối trong danh sách.")]
    elif loan.result != LoanResult.REFUSED and loan.refusal_reason:
        problems["refusal_reason"] = [_("Chỉ khoản vay bị từ chối mới có lý do từ chối.")]
    if loan.decided_on and loan.result in ("", LoanResult.PENDING):
        problems["decided_on"] = [_("Đang xem xét thì chưa có ngày quyết định.")]
    elif loan.decided_on and loan.submitted_on and loan.decided_on < loan.submitted_on:
        problems["decided_on"] = [_("Ngày quyết định không thể trước ngày nộp.")]
    return problems
