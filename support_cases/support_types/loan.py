"""Access to loans: from a plan a lender can read to the answer of the lender."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Lender
from support_cases.choices import Status
from support_cases.support_types.base import CaseDetails, SupportType


class LoanDetails(CaseDetails):
    """What is asked of whom; the amount in whole đồng."""

    lender = models.CharField(_("Nơi cho vay"), max_length=20, choices=Lender.choices, blank=True)
    requested = models.PositiveBigIntegerField(
        _("Số tiền đề nghị vay (đồng)"), null=True, blank=True, validators=[MaxValueValidator(10**15)]
    )
    purpose = models.CharField(_("Mục đích vay"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("chi tiết vay vốn")
        verbose_name_plural = _("chi tiết vay vốn")


class LoanSupport(SupportType):
    """Helping a cooperative to ask for a loan."""

    code = "loan"
    position = 50
    label = _("Tiếp cận vốn vay")
    public_label = _("Vay vốn")
    details = LoanDetails
    stages = {
        Status.ADVISING: _("Đang hoàn thiện phương án vay vốn"),
        Status.SUBMITTED: _("Hồ sơ đang ở nơi cho vay"),
        Status.COMPLETED: _("Đã có kết quả vay vốn"),
    }
    next_steps = {Status.SUBMITTED: _("Nơi cho vay thẩm định hồ sơ và trả lời HTX.")}
