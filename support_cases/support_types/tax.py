"""Tax questions: the portal reminds and records, it never computes tax due."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from support_cases.choices import Status
from support_cases.support_types.base import CaseDetails, SupportType


class TaxSubject(models.TextChoices):
    """Subjects cooperatives ask about."""

    CIT = "cit", _("Thuế thu nhập doanh nghiệp, ưu đãi")
    VAT = "vat", _("Thuế giá trị gia tăng")
    PIT = "pit", _("Thuế thu nhập cá nhân")
    E_INVOICE = "e_invoice", _("Hóa đơn điện tử")
    SIGNATURE = "signature", _("Chữ ký số")
    RETURN = "return", _("Kê khai thuế")
    FINALISATION = "finalisation", _("Quyết toán thuế")
    DEBT = "debt", _("Nợ thuế, khóa mã số thuế")
    LAND = "land", _("Thuế đất, tiền thuê đất")
    ACCOUNTING = "accounting", _("Kế toán")


class TaxDetails(CaseDetails):
    """The subject and the period it is about."""

    subject = models.CharField(_("Nội dung thuế"), max_length=14, choices=TaxSubject.choices, blank=True)
    period = models.CharField(_("Kỳ tính thuế"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("chi tiết thuế")
        verbose_name_plural = _("chi tiết thuế")


class Tax(SupportType):
    """Consultation on tax policy; the tax office decides."""

    code = "tax"
    position = 60
    label = _("Chính sách thuế")
    public_label = _("Chính sách thuế")
    details = TaxDetails
    stages = {Status.SUBMITTED: _("Đã gửi cơ quan thuế")}
    next_steps = {
        Status.ADVISING: _("HTX làm theo hướng dẫn và kiểm tra với cơ quan thuế."),
        Status.SUBMITTED: _("Cơ quan thuế trả lời HTX."),
    }
