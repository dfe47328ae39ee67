"""The catalogue of procedures before the registrar, as dated rows staff can edit."""

from collections.abc import Callable, Collection
from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cooperatives.models.choice_words import ChoiceWords
from cooperatives.models.dated import DatedQuerySet, EditedRow, LegalText, ends_after_it_starts
from cooperatives.models.legal_rules import LegalRule, TermLength

_LONGEST_TERM = 999


class Procedure(models.TextChoices):
    """Procedures before the registrar (Decree 92/2024/NĐ-CP, Articles 26–59)."""

    FOUND = "found", _("Đăng ký thành lập")
    FOUND_THT = "found_tht", _("Đăng ký tổ hợp tác")
    CHANGE = "change", _("Thay đổi tên, địa chỉ, vốn điều lệ")
    CHANGE_REPRESENTATIVE = "change_representative", _("Thay đổi người đại diện theo pháp luật")
    REPRESENTATIVE_DATA = "representative_data", _("Thay đổi thông tin cá nhân của người đại diện theo pháp luật")
    BUSINESS_LINES = "business_lines", _("Thay đổi ngành, nghề")
    TAX_DATA = "tax_data", _("Thông báo thay đổi thông tin đăng ký thuế")
    UPDATE = "update", _("Bổ sung, cập nhật thông tin")
    BRANCH = "branch", _("Chi nhánh, văn phòng đại diện")
    LOCATION = "location", _("Địa điểm kinh doanh")
    SUSPEND = "suspend", _("Tạm ngừng kinh doanh")
    RESUME = "resume", _("Tiếp tục kinh doanh")
    REISSUE = "reissue", _("Cấp lại giấy chứng nhận")
    CORRECT = "correct", _("Hiệu đính, cập nhật giấy chứng nhận")
    DISSOLVE_NOTICE = "dissolve_notice", _("Giải thể tự nguyện, bước 1: gửi nghị quyết giải thể")
    DISSOLVE = "dissolve", _("Giải thể tự nguyện, bước 2: nộp hồ sơ giải thể")
    STOP = "stop", _("Dừng thủ tục đăng ký đang làm")
    CAPITAL = "capital", _("Góp đủ vốn điều lệ sau khi thành lập")


class Effect(models.TextChoices):
    """What a finished procedure changes in the register."""

    NONE = "none", _("Không đổi sổ đăng ký")
    FOUND = "found", _("Ghi HTX mới thành lập")
    CHANGE = "change", _("Đổi thông tin của HTX")
    BRANCH = "branch", _("Ghi hoặc đóng đơn vị phụ thuộc")
    SUSPEND = "suspend", _("Ghi tạm ngừng kinh doanh")
    RESUME = "resume", _("Ghi hoạt động trở lại")
    DISSOLVING = "dissolving", _("Ghi đang làm thủ tục giải thể")
    DISSOLVED = "dissolved", _("Ghi đã giải thể")
    CAPITAL = "capital", _("Ghi ngày góp đủ vốn")


class TermUnit(models.TextChoices):
    """How the days of a term are counted."""

    WORKING_DAY = "working_day", _("ngày làm việc")
    CALENDAR_DAY = "calendar_day", _("ngày")


class Side(models.TextChoices):
    """On which side of the event the papers have to be filed."""

    AFTER = "after", _("sau")
    BEFORE = "before", _("trước")


class ProcedureQuerySet(DatedQuerySet):
    """Questions about many rows of the catalogue."""

    def of(self, code: str, day: date) -> "RegistrationProcedure | None":
        """The row of a procedure in force on ``day``, or None where the law of that day has no such procedure."""
        return self.in_force(day).filter(code=code).order_by("-valid_from").first()

    def overlapping(self, row: "RegistrationProcedure") -> Self:
        """Other rows of the same procedure that are in force on a day on which ``row`` is."""
        others = self.exclude(pk=row.pk).filter(code=row.code)
        others = others.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=row.valid_from))
        return others.filter(valid_from__lte=row.valid_to) if row.valid_to else others


class RegistrationProcedure(LegalText, EditedRow, ChoiceWords):
    """One procedure over one span of time: who files it, by when, how long the registrar takes, what it changes.

    ``deadline_days`` in ``deadline_unit`` count from the event in ``anchor``, on its ``deadline_side``; where they
    are empty ``deadline_rule`` names the parameter that holds the term, and without both there is no deadline.
    ``processing_days`` overrules the parameter ``registrar.processing_wd``. ``despite`` lists grounds of refusal,
    separated by semicolons, that do not stand in the way of this procedure.
    """

    code = models.CharField(_("Thủ tục"), max_length=24, choices=Procedure.choices)
    name_vi = models.CharField(_("Tên thủ tục"), max_length=200)
    name_en = models.CharField(_("Tên thủ tục (tiếng Anh)"), max_length=200, blank=True)
    tthc_code = models.CharField(_("Mã thủ tục hành chính"), max_length=20, blank=True)
    who = models.CharField(_("Áp dụng cho"), max_length=40, help_text=_("tht, htx, lhhtx, branch; cách nhau bằng ;"))
    anchor_vi = models.CharField(_("Tính từ"), max_length=120, blank=True)
    anchor_en = models.CharField(_("Tính từ (tiếng Anh)"), max_length=120, blank=True)
    deadline_days = models.PositiveSmallIntegerField(
        _("Hạn nộp"), null=True, blank=True, validators=[MaxValueValidator(_LONGEST_TERM)]
    )
    deadline_unit = models.CharField(_("Đơn vị của hạn nộp"), max_length=12, choices=TermUnit.choices, blank=True)
    deadline_rule = models.CharField(_("Tham số của hạn nộp"), max_length=80, blank=True)
    deadline_side = models.CharField(_("Trước hay sau"), max_length=6, choices=Side.choices, default=Side.AFTER)
    processing_days = models.PositiveSmallIntegerField(
        _("Thời hạn giải quyết"), null=True, blank=True, validators=[MaxValueValidator(_LONGEST_TERM)]
    )
    processing_unit = models.CharField(
        _("Đơn vị của thời hạn giải quyết"), max_length=12, choices=TermUnit.choices, blank=True
    )
    channels = models.CharField(_("Cách nộp"), max_length=120, blank=True)
    fee_note = models.CharField(_("Lệ phí"), max_length=120, blank=True)
    effect = models.CharField(_("Kết quả trong sổ đăng ký"), max_length=12, choices=Effect.choices, default=Effect.NONE)
    despite = models.CharField(_("Vẫn làm được khi"), max_length=120, blank=True)
    valid_from = models.DateField(_("Hiệu lực từ"))
    valid_to = models.DateField(_("Hiệu lực đến"), null=True, blank=True)

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        verbose_name = _("thủ tục đăng ký")
        verbose_name_plural = _("thủ tục đăng ký")
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="cooperatives_procedure_once_per_start"),
            ends_after_it_starts("cooperatives_procedure_ends_after_it_starts"),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        """Refuse a span that another row of the procedure holds too: no day may have two.

        Raises:
            ValidationError: beside the first day.
        """
        if self.code and self.valid_from and RegistrationProcedure.objects.overlapping(self).exists():
            raise ValidationError({"valid_from": _("Thủ tục này đã có dòng khác có hiệu lực trong thời gian đó.")})

    @property
    def name(self) -> str:
        """The name in the language of the reader."""
        return self.name_en if self.name_en and get_language() == "en" else self.name_vi

    @property
    def anchor(self) -> str:
        """The event the deadline counts from, in the language of the reader."""
        return self.anchor_en if self.anchor_en and get_language() == "en" else self.anchor_vi

    @property
    def source(self) -> str:
        """Document and article, as a hint cites them."""
        return ", ".join(part for part in (self.legal_document, self.article) if part)

    @property
    def exempt_from(self) -> Collection[str]:
        """Codes of the grounds of refusal that do not stand in the way."""
        return _parts(self.despite)

    @property
    def applies_to(self) -> Collection[str]:
        """Kinds of organisation the procedure is for, and ``branch`` for dependent units."""
        return _parts(self.who)

    def deadline(self, day: date, term_of: Callable | None = None) -> TermLength | None:
        """Return within which term the papers have to be filed under the law of ``day``; None without a deadline.

        ``term_of(key, day)`` finds a rule among those read before; without it the table is asked.
        """
        if self.deadline_days is not None:
            return TermLength(self.deadline_days, self.deadline_unit or TermUnit.CALENDAR_DAY)
        return (term_of or LegalRule.objects.term)(self.deadline_rule, day) if self.deadline_rule else None

    def processing(self, day: date) -> TermLength | None:
        """Return how long the registrar takes under the law of ``day``; None where nothing says so."""
        if self.processing_days is not None:
            return TermLength(self.processing_days, self.processing_unit or TermUnit.WORKING_DAY)
        return LegalRule.objects.term("registrar.processing_wd", day)


def _parts(text: str) -> set[str]:
    """Return the pieces between semicolons."""
    return {part.strip() for part in text.split(";") if part.strip()}
