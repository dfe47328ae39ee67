"""Papers a case needs: the dated rules, and what has come in for one case."""

from datetime import date

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Confidence
from cooperatives.models.dated import DatedQuerySet, EditedRow, ends_after_it_starts
from support_cases.models.case import Case


class LabelledPaper(models.Model):
    """A paper with its name in both languages."""

    code = models.CharField(_("Mã giấy tờ"), max_length=60)
    label_vi = models.CharField(_("Giấy tờ"), max_length=240)
    label_en = models.CharField(_("Giấy tờ (tiếng Anh)"), max_length=240, blank=True)
    required = models.BooleanField(_("Bắt buộc"), default=True)
    position = models.PositiveSmallIntegerField(_("Thứ tự"), default=0)

    class Meta:
        abstract = True

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """The name in the language of the reader."""
        return self.label_en if self.label_en and get_language() == "en" else self.label_vi


class ChecklistRule(LabelledPaper, EditedRow):
    """One paper a kind of support asks for over one span of time, with its legal basis."""

    topic = models.CharField(_("Nội dung"), max_length=32)
    variant = models.CharField(
        _("Trường hợp"), max_length=32, blank=True, help_text=_("Để trống nếu mọi trường hợp của nội dung đều cần.")
    )
    valid_from = models.DateField(_("Hiệu lực từ"))
    valid_to = models.DateField(_("Hiệu lực đến"), null=True, blank=True)
    legal_document = models.CharField(_("Văn bản"), max_length=160, blank=True)
    article = models.CharField(_("Điều khoản"), max_length=80, blank=True)
    confidence = models.CharField(_("Mức tin cậy"), max_length=2, choices=Confidence.choices, default=Confidence.UNSURE)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("giấy tờ theo quy định")
        verbose_name_plural = _("giấy tờ theo quy định")
        ordering = ["topic", "position", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "variant", "code", "valid_from"], name="support_paper_once_per_start"
            ),
            ends_after_it_starts("support_paper_ends_after_it_starts"),
        ]


class ChecklistItem(LabelledPaper):
    """One paper of one case, frozen as the rule stood on the day of the event.

    ``expires_on`` is the last day the paper itself is good for. ``dropped_on`` is set when the law of the case,
    or its variant, changed and no longer asks for a paper that had come in.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="checklist", verbose_name=_("Hồ sơ"))
    received_on = models.DateField(_("Ngày nhận"), null=True, blank=True)
    expires_on = models.DateField(_("Có giá trị đến"), null=True, blank=True)
    dropped_on = models.DateField(_("Không còn cần từ"), null=True, blank=True, editable=False)
    note = models.CharField(_("Ghi chú"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("giấy tờ của hồ sơ")
        verbose_name_plural = _("giấy tờ của hồ sơ")
        ordering = ["case_id", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "code"], name="support_paper_once_per_case"),
        ]

    @property
    def is_missing(self) -> bool:
        """Whether a required paper has not come in."""
        return self.required and self.received_on is None and self.dropped_on is None

    def is_expired(self, day: date) -> bool:
        """Whether the paper came in and is no longer good on ``day``."""
        return self.received_on is not None and self.expires_on is not None and self.expires_on < day


def checklist_for(case: Case, day: date, variant: str = "") -> list[ChecklistItem]:
    """Return unsaved items of the checklist the case's topic asks for on ``day`` in this ``variant``."""
    rules = ChecklistRule.objects.in_force(day).filter(topic=case.topic, variant__in={"", variant})
    return [
        ChecklistItem(
            case=case,
            code=rule.code,
            label_vi=rule.label_vi,
            label_en=rule.label_en,
            required=rule.required,
            position=rule.position,
        )
        for rule in rules
    ]
