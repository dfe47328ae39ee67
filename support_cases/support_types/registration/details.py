"""What a registration case records, and what of it cannot be right."""

from datetime import date

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.calendar import add_months
from cooperatives.choices import Kind
from cooperatives.limits import AtMost
from cooperatives.models import AdminUnit, Branch, BranchKind, Cooperative, LegalRule, Procedure, RegistrationProcedure
from cooperatives.models.cooperative import TAX_CODE_SHAPE
from cooperatives.models.registration import branch_code_problem
from cooperatives.registration import name_problem
from support_cases.support_types.base import CaseDetails, FieldGroup, Problems

#: Procedures by which something comes into being.
FOUNDING = frozenset({Procedure.FOUND, Procedure.FOUND_THT})
#: Facts of the register each procedure may change, by the names of the columns of the details.
FACTS = {
    Procedure.FOUND: ("name", "kind", "address", "commune", "charter_capital", "representative", "members", "tax_code"),
    Procedure.FOUND_THT: ("name", "kind", "address", "commune", "charter_capital", "representative", "members"),
    Procedure.CHANGE: ("name", "address", "commune", "charter_capital"),
    Procedure.CHANGE_REPRESENTATIVE: ("representative",),
    Procedure.UPDATE: ("address", "commune"),
    Procedure.CORRECT: ("name", "address", "commune", "charter_capital", "representative"),
}
BRANCHES = (Procedure.BRANCH, Procedure.LOCATION)
_EARLIEST = date(1945, 9, 2)
_DAYS = ("changed_on", "met_on", "suspended_from", "suspended_to", "supplement_asked_on", "certificate_on")
_PAST = ("met_on", "supplement_asked_on", "certificate_on")
_FURTHEST_YEAR = 2100

GROUPS = (
    FieldGroup("", ("procedure", "changed_on")),
    FieldGroup(
        _("HTX trên giấy chứng nhận"),
        ("met_on", "kind", "members", "tax_code"),
        when="procedure",
        values=(Procedure.FOUND, Procedure.FOUND_THT),
    ),
    FieldGroup(
        _("Nội dung đăng ký hoặc thay đổi"),
        ("name", "address", "commune", "charter_capital", "representative"),
        when="procedure",
        values=tuple(FACTS),
    ),
    FieldGroup(
        _("Tạm ngừng kinh doanh"), ("suspended_from", "suspended_to"), when="procedure", values=(Procedure.SUSPEND,)
    ),
    FieldGroup(
        _("Đơn vị phụ thuộc"),
        ("branch_kind", "branch_name", "branch_address", "branch_code", "branch_closed"),
        when="procedure",
        values=BRANCHES,
    ),
    FieldGroup(_("Kiểm tra hồ sơ đầu vào"), ("has_name", "has_contact", "has_fee_receipt"), later=True),
    FieldGroup(
        _("Cơ quan đăng ký trả lời"),
        ("supplement_asked_on", "certificate_no", "certificate_on", "certificate_change_no"),
        later=True,
    ),
)


class RegistrationDetails(CaseDetails):
    """What the registrar is asked for, what the papers say, and what the registrar answered.

    ``certificate_on`` is the day of the certificate or the notice of the registrar; the register changes only where
    it is written. ``supplement_asked_on`` is set while the registrar waits for supplements. Capital is in đồng.
    """

    procedure = models.CharField(_("Thủ tục"), max_length=24, choices=Procedure.choices, default=Procedure.FOUND)
    changed_on = models.DateField(
        _("Ngày phát sinh thay đổi"),
        null=True,
        blank=True,
        help_text=_("Ngày đại hội hoặc HĐQT quyết định, ngày ký hợp đồng, ngày thanh toán xong nợ, ngày góp đủ vốn."),
    )
    met_on = models.DateField(_("Ngày hội nghị thành lập"), null=True, blank=True)
    kind = models.CharField(_("Loại hình"), max_length=6, choices=Kind.choices, blank=True)
    members = models.PositiveIntegerField(_("Số thành viên"), null=True, blank=True, validators=[AtMost(1_000_000)])
    tax_code = models.CharField(_("Mã số thuế"), max_length=14, blank=True, validators=[TAX_CODE_SHAPE])
    name = models.CharField(
        _("Tên HTX"), max_length=200, blank=True, help_text=_("Đúng như trên giấy đề nghị hoặc giấy chứng nhận.")
    )
    address = models.CharField(_("Địa chỉ trụ sở"), max_length=200, blank=True)
    commune = models.ForeignKey(
        AdminUnit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Xã, phường, thị trấn"),
    )
    charter_capital = models.PositiveBigIntegerField(
        _("Vốn điều lệ (đồng)"), null=True, blank=True, validators=[AtMost(10**15)]
    )
    representative = models.CharField(_("Người đại diện theo pháp luật"), max_length=120, blank=True)
    suspended_from = models.DateField(_("Tạm ngừng từ"), null=True, blank=True)
    suspended_to = models.DateField(_("Tạm ngừng đến"), null=True, blank=True)
    branch_kind = models.CharField(_("Loại đơn vị phụ thuộc"), max_length=8, choices=BranchKind.choices, blank=True)
    branch_name = models.CharField(_("Tên đơn vị phụ thuộc"), max_length=200, blank=True)
    branch_address = models.CharField(_("Địa chỉ đơn vị phụ thuộc"), max_length=200, blank=True)
    branch_code = models.CharField(_("Mã đơn vị phụ thuộc"), max_length=14, blank=True)
    branch_closed = models.ForeignKey(
        Branch,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Đơn vị phụ thuộc chấm dứt hoạt động"),
    )
    has_name = models.BooleanField(_("Giấy đề nghị đã ghi tên HTX"), default=False)
    has_contact = models.BooleanField(_("Đã ghi điện thoại, thư điện tử của người nộp"), default=False)
    has_fee_receipt = models.BooleanField(_("Có biên lai lệ phí, hoặc thủ tục không thu"), default=False)
    supplement_asked_on = models.DateField(_("Ngày cơ quan đăng ký yêu cầu bổ sung"), null=True, blank=True)
    certificate_no = models.CharField(_("Số giấy chứng nhận được cấp"), max_length=40, blank=True)
    certificate_on = models.DateField(_("Ngày cấp giấy chứng nhận, thông báo"), null=True, blank=True)
    certificate_change_no = models.PositiveSmallIntegerField(
        _("Đăng ký thay đổi lần thứ"), null=True, blank=True, validators=[MaxValueValidator(999)]
    )

    class Meta:
        verbose_name = _("chi tiết đăng ký")
        verbose_name_plural = _("chi tiết đăng ký")


def kind_of(case, details: RegistrationDetails) -> str:
    """Return which kind of organisation the papers are about: as written, else by procedure, else the party's own."""
    if details.kind:
        return details.kind
    if details.procedure == Procedure.FOUND_THT:
        return Kind.THT
    return case.party.kind if isinstance(case.party, Cooperative) else Kind.HTX


def detail_problems(case, details: RegistrationDetails, today: date) -> Problems:
    """Return what cannot be right in the details of ``case``, by column."""
    problems = _day_problems(details, today) | _suspension_problems(case, details)
    codes = set(RegistrationProcedure.objects.in_force(case.event_on).values_list("code", flat=True))
    if codes and details.procedure not in codes:
        words = _("Theo luật có hiệu lực ngày %(day)s không có thủ tục này.")
        problems["procedure"] = [words % {"day": f"{case.event_on:%d/%m/%Y}"}]
    if details.name and (wrong := name_problem(kind_of(case, details), details.name)):
        problems["name"] = [wrong]
    if wrong := branch_code_problem(details.branch_kind, details.branch_code):
        problems["branch_code"] = [wrong]
    if details.tax_code and _is_anothers(case, details.tax_code):
        problems["tax_code"] = [_("Mã số thuế này đã có trong sổ đăng ký.")]
    return problems


def _day_problems(details: RegistrationDetails, today: date) -> Problems:
    problems: Problems = {}
    for column in _DAYS:
        day = getattr(details, column)
        if day is None:
            continue
        if day < _EARLIEST or day.year > _FURTHEST_YEAR:
            problems[column] = [_("Ngày này quá xa, xin kiểm tra năm.")]
        elif column in _PAST and day > today:
            problems[column] = [_("Ngày này không thể ở tương lai.")]
    if not problems and details.met_on and details.certificate_on and details.certificate_on < details.met_on:
        problems["certificate_on"] = [_("Giấy chứng nhận không thể cấp trước hội nghị thành lập.")]
    return problems


def _suspension_problems(case, details: RegistrationDetails) -> Problems:
    start, end = details.suspended_from, details.suspended_to
    if start is None or end is None:
        return {}
    if end < start:
        return {"suspended_to": [_("Ngày kết thúc phải sau ngày bắt đầu.")]}
    most = LegalRule.objects.days("suspension.max_months", case.event_on)
    if most is not None and start.year < _FURTHEST_YEAR and end > add_months(start, most):
        words = _("Mỗi lần thông báo tạm ngừng không quá %(months)s tháng, đến hết ngày %(day)s.")
        return {"suspended_to": [words % {"months": most, "day": f"{add_months(start, most):%d/%m/%Y}"}]}
    return {}


def _is_anothers(case, tax_code: str) -> bool:
    """Whether another cooperative of the register bears the code."""
    group = case.founding_group
    own = {case.cooperative_id, group.cooperative_id if group else None} - {None}
    return Cooperative.objects.filter(tax_code=tax_code).exclude(pk__in=own).exists()
