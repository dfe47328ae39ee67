"""Term congresses: the general meeting that elects the board anew."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from support_cases.choices import Status
from support_cases.support_types.base import CaseDetails, SupportType


class CongressKind(models.TextChoices):
    """Kinds of general meetings (Law 17/2023/QH15, Articles 56–61)."""

    ANNUAL = "annual", _("Thường niên")
    TERM = "term", _("Nhiệm kỳ")
    EXTRAORDINARY = "extraordinary", _("Bất thường")
    DELEGATES = "delegates", _("Đại biểu thành viên")
    FOUNDING = "founding", _("Hội nghị thành lập")


class TermCongressDetails(CaseDetails):
    """The meeting: kind, call, planned and held days."""

    congress_kind = models.CharField(
        _("Loại đại hội"), max_length=14, choices=CongressKind.choices, default=CongressKind.TERM
    )
    call_no = models.PositiveSmallIntegerField(
        _("Triệu tập lần thứ"), default=1, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    planned_on = models.DateField(_("Dự kiến tổ chức"), null=True, blank=True)
    held_on = models.DateField(_("Đã tổ chức ngày"), null=True, blank=True)

    class Meta:
        verbose_name = _("chi tiết đại hội")
        verbose_name_plural = _("chi tiết đại hội")


class TermCongress(SupportType):
    """Preparing and holding the congress, and what must be registered afterwards."""

    code = "term_congress"
    position = 30
    label = _("Đại hội nhiệm kỳ")
    public_label = _("Đại hội thành viên")
    details = TermCongressDetails
    stages = {
        Status.ADVISING: _("Đang chuẩn bị đại hội"),
        Status.SUBMITTED: _("Đã gửi báo cáo kết quả đại hội"),
    }
    next_steps = {
        Status.ADVISING: _("HTX chuẩn bị tài liệu và gửi giấy mời cho từng thành viên."),
        Status.SUBMITTED: _("Cơ quan có thẩm quyền xem xét các thay đổi sau đại hội."),
    }
