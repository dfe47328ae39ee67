"""Taking part in the OCOP programme with a product."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import OcopGroup
from support_cases.choices import Status
from support_cases.support_types.base import CaseDetails, SupportType


class OcopDetails(CaseDetails):
    """The product and the stars it aims at."""

    product_name = models.CharField(_("Sản phẩm"), max_length=160, blank=True)
    group = models.CharField(_("Nhóm sản phẩm"), max_length=12, choices=OcopGroup.choices, blank=True)
    target_stars = models.PositiveSmallIntegerField(
        _("Mục tiêu số sao"),
        null=True,
        blank=True,
        validators=[MinValueValidator(3), MaxValueValidator(5)],
    )

    class Meta:
        verbose_name = _("chi tiết OCOP")
        verbose_name_plural = _("chi tiết OCOP")


class Ocop(SupportType):
    """From the idea to the decision of the council."""

    code = "ocop"
    position = 40
    label = _("Tham gia OCOP")
    public_label = _("Tham gia OCOP")
    details = OcopDetails
    stages = {
        Status.ADVISING: _("Đang hoàn thiện sản phẩm và hồ sơ OCOP"),
        Status.SUBMITTED: _("Hồ sơ đã gửi hội đồng đánh giá"),
        Status.WAITING_RESULT: _("Chờ quyết định phân hạng"),
        Status.COMPLETED: _("Đã có kết quả phân hạng"),
    }
    next_steps = {
        Status.SUBMITTED: _("Hội đồng đánh giá, phân hạng sản phẩm."),
        Status.WAITING_RESULT: _("HTX nhận quyết định và giấy chứng nhận khi được công bố."),
    }
