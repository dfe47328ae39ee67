"""Payments of the human-resource support: batches, and the months each of them pays."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.limits import AtMost
from cooperatives.models.loans import MOST_DONG
from cooperatives.models.workforce import Placement


class PaymentBatch(models.Model):
    """One decision to pay confirmed months; ``from_month`` and ``to_month`` are first days of months."""

    number = models.CharField(_("Số quyết định chi"), max_length=60, unique=True)
    decided_on = models.DateField(_("Ngày quyết định"))
    from_month = models.DateField(_("Từ tháng"))
    to_month = models.DateField(_("Đến tháng"))
    paid_on = models.DateField(_("Ngày chi tiền"), null=True, blank=True)
    note = models.CharField(_("Ghi chú"), max_length=300, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("Người lập")
    )
    made_at = models.DateTimeField(_("Lập lúc"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("đợt chi trả hỗ trợ nhân lực")
        verbose_name_plural = _("đợt chi trả hỗ trợ nhân lực")
        ordering = ["-decided_on", "-pk"]
        indexes = [models.Index(fields=["-decided_on", "-id"], name="batch_by_decision")]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_month__gte=F("from_month")),
                name="cooperatives_batch_months_in_order",
                violation_error_message=_("Tháng cuối không thể trước tháng đầu."),
            ),
            models.CheckConstraint(
                condition=Q(paid_on__isnull=True) | Q(paid_on__gte=F("decided_on")),
                name="cooperatives_batch_paid_after_decided",
                violation_error_message=_("Ngày chi tiền không thể trước ngày quyết định."),
            ),
        ]

    def __str__(self):
        return self.number


class PaymentItem(models.Model):
    """One month of one person, paid once; amounts in đồng, with everything the amount was made from.

    ``policy_amount`` is the amount fixed by the province or the decision, ``wage`` the regional minimum wage of the
    month. ``is_provisional`` says the region was taken by the rule for merged units, not from the list of communes.
    """

    batch = models.ForeignKey(
        PaymentBatch, on_delete=models.CASCADE, related_name="items", verbose_name=_("đợt chi trả")
    )
    placement = models.ForeignKey(
        Placement, on_delete=models.PROTECT, related_name="payments", verbose_name=_("lao động được hỗ trợ")
    )
    month = models.DateField(_("Tháng"))
    amount = models.PositiveBigIntegerField(_("Số tiền (đồng)"), validators=[AtMost(MOST_DONG)])
    policy_amount = models.PositiveBigIntegerField(_("Mức theo quyết định (đồng)"), null=True, blank=True)
    coefficient = models.DecimalField(_("Hệ số"), max_digits=6, decimal_places=3, null=True, blank=True)
    wage = models.PositiveBigIntegerField(_("Lương tối thiểu vùng (đồng)"), null=True, blank=True)
    region = models.PositiveSmallIntegerField(
        _("Vùng"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    is_provisional = models.BooleanField(_("Tạm tính"), default=False)
    rules = models.CharField(_("Quy định đã dùng"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("tháng đã chi trả")
        verbose_name_plural = _("tháng đã chi trả")
        ordering = ["batch", "placement", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "month"],
                name="cooperatives_month_paid_once",
                violation_error_message=_("Tháng này đã được chi trả."),
            ),
        ]

    def __str__(self):
        return f"{self.placement_id} {self.month:%m/%Y}"
