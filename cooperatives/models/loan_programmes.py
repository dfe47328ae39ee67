"""What lenders offer to cooperatives: programmes with dates, caps and conditions."""

from datetime import date

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Kind, Lender
from cooperatives.limits import AtMost
from cooperatives.models.dated import DatedQuerySet, EditedRow, LegalText, ends_after_it_starts
from cooperatives.models.legal_rules import LegalRule

#: No amount of the field is larger, in đồng.
MOST_DONG = 10**15
#: Share of a fund's charter capital that one customer may owe it, in percent (Decree 45/2021/NĐ-CP).
CUSTOMER_CAP = "fund.customer_cap_pct"


class LoanProgrammeQuerySet(DatedQuerySet):
    """Questions about many programmes."""

    def for_kind(self, kind: str):
        """Programmes a cooperative of this kind may ask for: all but those that name caps and none for it."""
        named = models.Q(cap_tht__isnull=False) | models.Q(cap_htx__isnull=False) | models.Q(cap_lhhtx__isnull=False)
        return self.filter(~named | models.Q(**{f"cap_{kind}__isnull": False}))


class LoanProgramme(LegalText, EditedRow):
    """One programme of one lender over one span of time; caps in whole đồng for each kind of borrower.

    An empty ``lender`` means any lender. A cap is either written here, or taken from the rule ``cap_rule`` names
    (with ``.tht`` behind it for a THT), or a share of ``lender_capital``, a fund's actual charter capital.
    """

    code = models.CharField(_("Mã chương trình"), max_length=40)
    lender = models.CharField(_("Nơi cho vay"), max_length=20, choices=Lender.choices, blank=True)
    name_vi = models.CharField(_("Tên chương trình"), max_length=160)
    name_en = models.CharField(_("Tên tiếng Anh"), max_length=160, blank=True)
    cap_tht = models.PositiveBigIntegerField(
        _("Trần vay của THT (đồng)"), null=True, blank=True, validators=[AtMost(MOST_DONG)]
    )
    cap_htx = models.PositiveBigIntegerField(
        _("Trần vay của HTX (đồng)"), null=True, blank=True, validators=[AtMost(MOST_DONG)]
    )
    cap_lhhtx = models.PositiveBigIntegerField(
        _("Trần vay của LHHTX (đồng)"), null=True, blank=True, validators=[AtMost(MOST_DONG)]
    )
    cap_rule = models.CharField(_("Trần vay theo tham số"), max_length=80, blank=True)
    lender_capital = models.PositiveBigIntegerField(
        _("Vốn điều lệ thực có của Quỹ (đồng)"), null=True, blank=True, validators=[AtMost(MOST_DONG)]
    )
    own_capital_percent = models.PositiveSmallIntegerField(
        _("Vốn đối ứng tối thiểu (%)"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    rate_note = models.CharField(_("Lãi suất, ưu đãi"), max_length=200, blank=True)
    valid_from = models.DateField(_("Hiệu lực từ"))
    valid_to = models.DateField(_("Hiệu lực đến"), null=True, blank=True)
    objects = LoanProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("chương trình cho vay")
        verbose_name_plural = _("chương trình cho vay")
        ordering = ["lender", "code", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"],
                name="cooperatives_programme_code_and_start",
                violation_error_message=_("Chương trình này đã có dòng bắt đầu ngày này."),
            ),
            ends_after_it_starts("cooperatives_programme_ends_after_it_starts"),
        ]

    def __str__(self):
        start, end = f"{self.valid_from:%d/%m/%Y}", f"{self.valid_to:%d/%m/%Y}" if self.valid_to else ""
        words = _("%(name)s (%(start)s đến %(end)s)") if end else _("%(name)s (từ %(start)s)")
        return words % {"name": self.name, "start": start, "end": end}

    @property
    def name(self) -> str:
        """The name in the language of the reader."""
        return self.name_en if self.name_en and get_language() == "en" else self.name_vi

    @property
    def source(self) -> str:
        """The legal document and its article, "" where none is known."""
        return ", ".join(part for part in (self.legal_document, self.article) if part)

    def cap(self, kind: str, day: date) -> int | None:
        """Return the most a borrower of ``kind`` may ask for on ``day`` in đồng, None where no cap is known."""
        own = getattr(self, f"cap_{kind}")
        if own is not None:
            return own
        if self.cap_rule:
            return rule_amount(f"{self.cap_rule}.{kind}" if kind == Kind.THT else self.cap_rule, day)
        if self.lender_capital is not None:
            share = rule_amount(CUSTOMER_CAP, day)
            return None if share is None else self.lender_capital * share // 100
        return None


def rule_amount(key: str, day: date) -> int | None:
    """Return the whole amount of rule ``key`` in force on ``day``; None where there is none that can be read."""
    text = (LegalRule.objects.value(key, day) or "").strip()
    # Longer than any amount of the field: a typing mistake, which counts as no rule.
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_DONG)) else None
