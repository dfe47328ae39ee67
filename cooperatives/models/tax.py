"""What cooperatives owe the tax office by which day: dated rules, days moved by decree, and who files how."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cooperatives.models.choice_words import ChoiceWords
from cooperatives.models.cooperative import Cooperative
from cooperatives.models.dated import DatedQuerySet, EditedRow, LegalText, ends_after_it_starts


class TaxFrequency(models.TextChoices):
    """How often a tax obligation comes round."""

    MONTH = "month", _("Theo tháng")
    QUARTER = "quarter", _("Theo quý")
    YEAR = "year", _("Theo năm")
    OCCURRENCE = "occurrence", _("Theo từng lần phát sinh")


class PeriodEdge(models.TextChoices):
    """From which end of its period the day of a tax obligation is counted."""

    START = "start", _("Tháng đầu kỳ")
    END = "end", _("Tháng cuối kỳ")


class VatFiling(models.TextChoices):
    """How a cooperative declares value added tax; other returns follow it."""

    UNKNOWN = "unknown", _("Chưa rõ")
    MONTHLY = "monthly", _("Kê khai theo tháng")
    QUARTERLY = "quarterly", _("Kê khai theo quý")
    NONE = "none", _("Không phải kê khai")


#: How a period is written: a month, a quarter, a year.
PERIOD_SHAPES = {
    TaxFrequency.MONTH: re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])"),
    TaxFrequency.QUARTER: re.compile(r"(19|20)\d\d-Q[1-4]"),
    TaxFrequency.YEAR: re.compile(r"(19|20)\d\d"),
}


class TaxObligation(LegalText, ChoiceWords, EditedRow):
    """One duty towards the tax office over one span of time; never an amount.

    It falls on ``day`` (0: the last day) of the month that lies ``months`` after the first or the last month of its
    period (``edge``). Of one that comes by occurrence, ``day`` is how many days there are after it.
    """

    code = models.SlugField(_("Mã"), max_length=40)
    title_vi = models.CharField(_("Nghĩa vụ"), max_length=160)
    title_en = models.CharField(_("Nghĩa vụ (tiếng Anh)"), max_length=160, blank=True)
    frequency = models.CharField(_("Chu kỳ"), max_length=10, choices=TaxFrequency.choices)
    edge = models.CharField(_("Tính từ"), max_length=5, choices=PeriodEdge.choices, default=PeriodEdge.END)
    months = models.PositiveSmallIntegerField(_("Số tháng sau đó"), default=0, validators=[MaxValueValidator(24)])
    day = models.PositiveSmallIntegerField(
        _("Ngày trong tháng"), default=0, validators=[MaxValueValidator(90)], help_text=_("0 là ngày cuối tháng.")
    )
    filers = models.CharField(
        _("Chỉ với HTX"),
        max_length=10,
        choices=[("monthly", VatFiling.MONTHLY.label), ("quarterly", VatFiling.QUARTERLY.label)],
        blank=True,
    )
    employers_only = models.BooleanField(_("Chỉ khi trả lương, tiền công"), default=False)
    not_agriculture = models.BooleanField(_("Miễn cho HTX nông nghiệp"), default=False)
    voluntary = models.BooleanField(_("Chỉ khi HTX muốn"), default=False)
    by_fiscal_year = models.BooleanField(_("Theo năm tài chính"), default=False)
    position = models.PositiveSmallIntegerField(_("Thứ tự"), default=0)
    valid_from = models.DateField(_("Hiệu lực từ"))
    valid_to = models.DateField(_("Hiệu lực đến"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("nghĩa vụ thuế")
        verbose_name_plural = _("nghĩa vụ thuế")
        ordering = ["position", "code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="cooperatives_tax_obligation_once_per_start"),
            ends_after_it_starts("cooperatives_tax_obligation_ends_after_it_starts"),
        ]

    def __str__(self):
        return f"{self.title} ({self.valid_from:%d/%m/%Y})"

    @property
    def title(self) -> str:
        """The name in the language of the reader."""
        return self.title_en if self.title_en and get_language() == "en" else self.title_vi

    @property
    def basis(self) -> str:
        """The legal text with its article."""
        return ", ".join(part for part in (self.legal_document, self.article) if part)

    def clean(self):
        """Refuse a second rule for a day on which the obligation has one.

        Raises:
            ValidationError: beside the first day.
        """
        others = TaxObligation.objects.filter(code=self.code).exclude(pk=self.pk)
        if self.valid_from and any(_overlap(self, other) for other in others[:50]):
            raise ValidationError({"valid_from": _("Nghĩa vụ này đã có quy định khác trong thời gian đó.")})


class DeadlineOverride(LegalText, EditedRow):
    """A day moved by decree for one period of one obligation."""

    obligation_code = models.SlugField(_("Mã nghĩa vụ"), max_length=40)
    period = models.CharField(_("Kỳ"), max_length=7, help_text=_("Ghi dạng 2026-05, 2026-Q2 hoặc 2026."))
    new_date = models.DateField(_("Hạn mới"))
    request_by = models.DateField(_("Hạn gửi giấy đề nghị"), null=True, blank=True)
    agriculture_only = models.BooleanField(_("Chỉ ngành được gia hạn"), default=True)

    class Meta:
        verbose_name = _("gia hạn thuế theo nghị định")
        verbose_name_plural = _("gia hạn thuế theo nghị định")
        ordering = ["obligation_code", "period"]
        constraints = [
            models.UniqueConstraint(
                fields=["obligation_code", "period"],
                name="cooperatives_tax_day_moved_once",
                violation_error_message=_("Kỳ này của nghĩa vụ đã có hạn mới."),
            )
        ]

    def __str__(self):
        return f"{self.obligation_code} {self.period}: {self.new_date:%d/%m/%Y}"

    def clean(self):
        """Refuse a period that is none, or an obligation nobody knows.

        Raises:
            ValidationError: beside the field.
        """
        obligation = TaxObligation.objects.filter(code=self.obligation_code).first()
        if obligation is None:
            raise ValidationError({"obligation_code": _("Không có nghĩa vụ thuế mang mã này.")})
        shape = PERIOD_SHAPES.get(TaxFrequency(obligation.frequency))
        if shape is None or not shape.fullmatch(self.period or ""):
            raise ValidationError({"period": _("Ghi kỳ dạng 2026-05, 2026-Q2 hoặc 2026.")})
        if self.request_by and self.new_date and self.request_by > self.new_date:
            raise ValidationError({"request_by": _("Hạn gửi giấy đề nghị không thể sau hạn mới.")})


class TaxProfile(ChoiceWords, EditedRow):
    """What decides which obligations a cooperative has; what is not known is asked of the tax office."""

    cooperative = models.OneToOneField(
        Cooperative,
        on_delete=models.CASCADE,
        primary_key=True,
        editable=False,
        related_name="tax_profile",
        verbose_name=_("HTX"),
    )
    vat_filing = models.CharField(
        _("Kê khai thuế GTGT"), max_length=10, choices=VatFiling.choices, default=VatFiling.UNKNOWN
    )
    employs_people = models.BooleanField(_("Có trả lương, tiền công"), null=True, blank=True)
    agriculture = models.BooleanField(_("HTX nông nghiệp"), null=True, blank=True)

    class Meta:
        verbose_name = _("thông tin kê khai thuế")
        verbose_name_plural = _("thông tin kê khai thuế")

    def __str__(self):
        return f"{self.cooperative_id} {self.vat_filing}"


def _overlap(one: TaxObligation, other: TaxObligation) -> bool:
    starts_in_time = other.valid_to is None or one.valid_from <= other.valid_to
    return starts_in_time and (one.valid_to is None or other.valid_from <= one.valid_to)
