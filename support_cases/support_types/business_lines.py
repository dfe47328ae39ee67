"""Re-registration of business lines: the old list reviewed, the change notified."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from support_cases.choices import Status
from support_cases.support_types.base import CaseDetails, SupportType


class BusinessLinesDetails(CaseDetails):
    """The resolution behind the change and the notice to the registrar."""

    resolution_on = models.DateField(_("Ngày nghị quyết đại hội thành viên"), null=True, blank=True)
    notified_on = models.DateField(_("Ngày thông báo thay đổi"), null=True, blank=True)
    summary = models.CharField(_("Ngành bỏ, thêm, sửa mã"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("chi tiết đăng ký lại ngành nghề")
        verbose_name_plural = _("chi tiết đăng ký lại ngành nghề")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(resolution_on__isnull=True)
                | models.Q(notified_on__isnull=True)
                | models.Q(resolution_on__lte=models.F("notified_on")),
                name="support_resolution_before_notice",
                violation_error_message=_("Nghị quyết phải có trước ngày thông báo."),
            )
        ]


class BusinessLines(SupportType):
    """Change of business lines (Law 17/2023/QH15, Articles 45 and 48; Decree 92/2024, Article 41)."""

    code = "business_lines"
    position = 20
    label = _("Đăng ký lại ngành nghề")
    public_label = _("Đăng ký lại ngành nghề")
    details = BusinessLinesDetails
    stages = {
        Status.ADVISING: _("Đang rà soát danh sách ngành nghề"),
        Status.SUBMITTED: _("Đã gửi thông báo thay đổi ngành nghề"),
    }
    next_steps = {
        Status.ADVISING: _("HTX họp đại hội thành viên và thông qua nghị quyết thay đổi ngành nghề."),
    }
