"""What became of a registration over time: changes, branches, suspensions and notices of violation."""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import LegalStatus
from cooperatives.models.choice_words import ChoiceWords
from cooperatives.models.cooperative import Cooperative
from cooperatives.models.territory import AdminUnit

_SHAPES = {
    "unit": re.compile(r"\d{10}-\d{3}"),
    "location": re.compile(r"\d{5}"),
}


class RegisteredFact(models.TextChoices):
    """Facts of a cooperative whose changes the register keeps; the values are names of its columns."""

    NAME = "name", _("Tên")
    KIND = "kind", _("Loại hình")
    COMMUNE = "commune", _("Xã, phường, thị trấn")
    ADDRESS = "address", _("Địa chỉ")
    CHARTER_CAPITAL = "charter_capital", _("Vốn điều lệ (đồng)")
    REPRESENTATIVE = "representative", _("Người đại diện theo pháp luật")
    MEMBERS = "members", _("Số thành viên")
    TAX_CODE = "tax_code", _("Mã số thuế")
    REGISTERED_ON = "registered_on", _("Ngày đăng ký")
    CERTIFICATE_NO = "certificate_no", _("Số giấy chứng nhận")
    CERTIFICATE_CHANGE_NO = "certificate_change_no", _("Thay đổi lần thứ")
    LEGAL_STATUS = "legal_status", _("Tình trạng pháp lý")


class RegistrationChangeQuerySet(models.QuerySet):
    """Questions about many changes."""

    def after(self, day: date):
        """Changes that took effect later than ``day``, the earliest first."""
        return self.filter(changed_on__gt=day).order_by("changed_on", "pk")


class RegistrationChange(ChoiceWords):
    """One fact of a cooperative that changed on ``changed_on``: what it was before and what it became.

    ``old`` and ``new`` hold the value as text, for a commune its name with the row beside it. ``source`` is the
    reference under which the change was filed, so that filing it again writes over it. Rows of one fact form a chain:
    the ``old`` of each is the ``new`` of the one before.
    """

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="registration_changes", verbose_name=_("HTX")
    )
    fact = models.CharField(_("Nội dung"), max_length=24, choices=RegisteredFact.choices)
    old = models.CharField(_("Trước"), max_length=200, blank=True)
    new = models.CharField(_("Sau"), max_length=200, blank=True)
    old_unit = models.ForeignKey(
        AdminUnit, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    new_unit = models.ForeignKey(
        AdminUnit, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    changed_on = models.DateField(_("Ngày thay đổi"))
    certificate_change_no = models.PositiveSmallIntegerField(_("Thay đổi lần thứ"), null=True, blank=True)
    legal_basis = models.CharField(_("Căn cứ"), max_length=200, blank=True)
    source = models.CharField(_("Theo hồ sơ"), max_length=40, blank=True)
    recorded_at = models.DateTimeField(_("Ghi lúc"), default=timezone.now, editable=False)

    objects = RegistrationChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("thay đổi đăng ký")
        verbose_name_plural = _("thay đổi đăng ký")
        ordering = ["-changed_on", "-pk"]
        indexes = [models.Index(fields=["cooperative", "fact", "changed_on"], name="change_by_fact")]
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "source", "fact"],
                condition=~Q(source=""),
                name="cooperatives_one_change_per_source",
            ),
        ]

    def __str__(self):
        return f"{self.get_fact_display()}: {self.old_words} → {self.new_words}"

    @property
    def old_words(self) -> str:
        """What it was, as people read it."""
        return self._words(self.old)

    @property
    def new_words(self) -> str:
        """What it became, as people read it."""
        return self._words(self.new)

    def _words(self, text: str) -> str:
        if self.fact in _WORDS_OF_CODES:
            return str(_WORDS_OF_CODES[self.fact].get(text, text)) or "–"
        if self.fact == RegisteredFact.CHARTER_CAPITAL and text.isdecimal():
            return f"{int(text):,} đ".replace(",", ".")
        if self.fact == RegisteredFact.REGISTERED_ON and text:
            return f"{date.fromisoformat(text):%d/%m/%Y}"
        return text or "–"


_WORDS_OF_CODES = {
    RegisteredFact.LEGAL_STATUS: dict(LegalStatus.choices),
    RegisteredFact.KIND: dict(Cooperative._meta.get_field("kind").choices),
}


class BranchKind(models.TextChoices):
    """Dependent units of a cooperative (Decree 92/2024/NĐ-CP, Article 36)."""

    BRANCH = "branch", _("Chi nhánh")
    OFFICE = "office", _("Văn phòng đại diện")
    LOCATION = "location", _("Địa điểm kinh doanh")


def branch_code_problem(kind: str, code: str) -> str:
    """Return in words why ``code`` cannot be that of a unit of this kind; "" when it can, or is not known yet.

    A branch or an office bears the 13-digit tax code of the unit, a place of business a number of 5 digits that is no
    tax code (Decree 92/2024/NĐ-CP, Article 14).
    """
    shape = _SHAPES["location" if kind == BranchKind.LOCATION else "unit"]
    if not code or shape.fullmatch(code):
        return ""
    if kind == BranchKind.LOCATION:
        return _("Mã địa điểm kinh doanh gồm 5 chữ số.")
    return _("Mã chi nhánh, văn phòng đại diện là mã số thuế 13 chữ số, ví dụ 4700990014-001.")


class BranchQuerySet(models.QuerySet):
    """Questions about many dependent units."""

    def open_on(self, day: date):
        """Units that have not been closed by ``day``."""
        return self.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=day))


class Branch(ChoiceWords):
    """A branch, a representative office or a place of business of a cooperative."""

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="branches", verbose_name=_("HTX")
    )
    kind = models.CharField(_("Loại"), max_length=8, choices=BranchKind.choices)
    name = models.CharField(_("Tên"), max_length=200)
    address = models.CharField(_("Địa chỉ"), max_length=200, blank=True)
    code = models.CharField(_("Mã đơn vị"), max_length=14, blank=True)
    opened_on = models.DateField(_("Từ ngày"))
    closed_on = models.DateField(_("Chấm dứt ngày"), null=True, blank=True)
    source = models.CharField(_("Theo hồ sơ"), max_length=40, blank=True)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("đơn vị phụ thuộc")
        verbose_name_plural = _("đơn vị phụ thuộc")
        ordering = ["cooperative", "opened_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="cooperatives_branch_closes_after_it_opens",
                violation_error_message=_("Ngày chấm dứt không thể trước ngày bắt đầu."),
            ),
            models.UniqueConstraint(
                fields=["cooperative", "source"],
                condition=~Q(source=""),
                name="cooperatives_one_branch_per_source",
            ),
            models.UniqueConstraint(
                fields=["cooperative", "code"],
                condition=~Q(code=""),
                name="cooperatives_branch_code_once",
                violation_error_message=_("Mã này đã là của một đơn vị phụ thuộc khác."),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.name}"

    def clean(self):
        """Refuse a code that is not of the shape of the kind. Raises ValidationError beside it."""
        problem = branch_code_problem(self.kind, self.code)
        if problem:
            raise ValidationError({"code": problem})


class Suspension(models.Model):
    """One notice of a suspension: announced from day to day, and the day the cooperative went on earlier."""

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="suspensions", verbose_name=_("HTX")
    )
    starts_on = models.DateField(_("Tạm ngừng từ"))
    ends_on = models.DateField(_("Tạm ngừng đến"))
    resumed_on = models.DateField(_("Hoạt động lại từ"), null=True, blank=True)
    source = models.CharField(_("Theo hồ sơ"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("lần tạm ngừng")
        verbose_name_plural = _("lần tạm ngừng")
        ordering = ["cooperative", "-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="cooperatives_suspension_ends_after_it_starts",
                violation_error_message=_("Ngày kết thúc phải sau ngày bắt đầu."),
            ),
            models.UniqueConstraint(
                fields=["cooperative", "source"],
                condition=~Q(source=""),
                name="cooperatives_one_suspension_per_source",
            ),
        ]

    def __str__(self):
        return f"{self.starts_on:%d/%m/%Y} – {self.ends_on:%d/%m/%Y}"


class ViolationNoticeQuerySet(models.QuerySet):
    """Questions about many notices."""

    def pending(self, day: date):
        """Notices given by ``day`` and not settled by then."""
        return self.filter(Q(settled_on__isnull=True) | Q(settled_on__gt=day), noticed_on__lte=day)


class ViolationNotice(models.Model):
    """A notice of the registrar that a cooperative broke the law; until it is settled nothing may be registered."""

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="violation_notices", verbose_name=_("HTX")
    )
    noticed_on = models.DateField(_("Ngày thông báo vi phạm"))
    settled_on = models.DateField(_("Ngày khắc phục xong"), null=True, blank=True)
    subject = models.CharField(_("Nội dung vi phạm"), max_length=200, blank=True)

    objects = ViolationNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("thông báo vi phạm")
        verbose_name_plural = _("thông báo vi phạm")
        ordering = ["cooperative", "-noticed_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_on__isnull=True) | Q(settled_on__gte=F("noticed_on")),
                name="cooperatives_notice_settled_after_it_is_given",
                violation_error_message=_("Ngày khắc phục không thể trước ngày thông báo."),
            ),
        ]

    def __str__(self):
        return f"{self.noticed_on:%d/%m/%Y} {self.subject}".strip()
