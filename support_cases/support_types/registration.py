"""Registration of a cooperative: founding, changes on the certificate, suspension, dissolution."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from support_cases.choices import Status
from support_cases.support_types.base import CaseDetails, SupportType


class Procedure(models.TextChoices):
    """Procedures before the registrar (Decree 92/2024/NĐ-CP, Articles 34–59)."""

    FOUND = "found", _("Đăng ký thành lập")
    CHANGE = "change", _("Thay đổi tên, địa chỉ, vốn điều lệ")
    CHANGE_REPRESENTATIVE = "change_representative", _("Thay đổi người đại diện theo pháp luật")
    BRANCH = "branch", _("Chi nhánh, văn phòng, địa điểm kinh doanh")
    SUSPEND = "suspend", _("Tạm ngừng hoặc tiếp tục kinh doanh")
    REISSUE = "reissue", _("Cấp lại giấy chứng nhận")
    CORRECT = "correct", _("Hiệu đính, cập nhật thông tin")
    DISSOLVE = "dissolve", _("Giải thể tự nguyện")


class RegistrationDetails(CaseDetails):
    """What the registrar is asked for."""

    procedure = models.CharField(_("Thủ tục"), max_length=24, choices=Procedure.choices, default=Procedure.FOUND)
    changed_on = models.DateField(_("Ngày phát sinh thay đổi"), null=True, blank=True)
    certificate_no = models.CharField(_("Số giấy chứng nhận được cấp"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("chi tiết đăng ký")
        verbose_name_plural = _("chi tiết đăng ký")


class Registration(SupportType):
    """Dossiers and registration with the registrar."""

    code = "registration"
    position = 10
    label = _("Hồ sơ, thủ tục đăng ký")
    public_label = _("Đăng ký HTX")
    details = RegistrationDetails
    stages = {
        Status.ADVISING: _("Đang chuẩn bị hồ sơ đăng ký"),
        Status.SUBMITTED: _("Hồ sơ đang ở cơ quan đăng ký kinh doanh"),
        Status.COMPLETED: _("Đã có kết quả đăng ký"),
    }
    next_steps = {
        Status.SUBMITTED: _("Cơ quan đăng ký kinh doanh xem xét và trả kết quả."),
        Status.WAITING_RESULT: _("HTX nhận giấy chứng nhận theo lịch hẹn."),
    }
