"""Human-resource support 2022–2025: young graduates working at cooperatives, training."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Job
from support_cases.choices import Status
from support_cases.support_types.base import CaseDetails, SupportType


class HumanResourcesDetails(CaseDetails):
    """The posts asked for and the decision that approved them."""

    job = models.CharField(_("Vị trí công việc"), max_length=12, choices=Job.choices, blank=True)
    posts = models.PositiveSmallIntegerField(
        _("Số người đề nghị"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
    )
    decision_no = models.CharField(_("Số quyết định phê duyệt"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("chi tiết hỗ trợ nguồn nhân lực")
        verbose_name_plural = _("chi tiết hỗ trợ nguồn nhân lực")


class HumanResources(SupportType):
    """Support under Circular 124/2021/TT-BTC and the province's own resolution."""

    code = "human_resources"
    position = 70
    label = _("Hỗ trợ nguồn nhân lực")
    public_label = _("Hỗ trợ nguồn nhân lực")
    details = HumanResourcesDetails
    stages = {
        Status.SUBMITTED: _("Đã gửi đề nghị phê duyệt"),
        Status.COMPLETED: _("Đã có quyết định hỗ trợ"),
    }
    next_steps = {Status.SUBMITTED: _("Cơ quan có thẩm quyền xem xét danh sách hỗ trợ.")}
