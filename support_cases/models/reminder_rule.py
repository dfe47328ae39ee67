"""When people are reminded of what: dated rows the office may change."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.models.choice_words import ChoiceWords
from cooperatives.models.dated import DatedQuerySet, EditedRow, LegalText, ends_after_it_starts
from support_cases.choices import Audience, Occasion, OffsetUnit, ReminderChannel

#: Nobody is reminded of a thing more than five years before or after it.
_MOST_OFFSET = 1830
_OFFSETS = re.compile(r"[+-]?[0-9]{1,4}( *, *[+-]?[0-9]{1,4})*")


class ReminderRule(LegalText, EditedRow, ChoiceWords):
    """One rule: on which days around an occasion whom to tell by which channels.

    ``offsets`` are whole numbers of ``unit`` from the day of the occasion, below zero before it; after the last one
    the rule repeats every ``repeat_every`` as long as the occasion stands. Several rows may speak of one occasion,
    one for the officer and one, later, for the manager. ``grace_days`` holds a reminder back for so many calendar
    days after any contact. ``look_back_days`` is how late a reminder may still be made up for after an outage or
    for something entered late. ``retry_unknown`` sends a mail again when nobody knows whether it arrived.
    """

    key = models.SlugField(_("Mã"), max_length=40)
    occasion = models.CharField(_("Dịp nhắc"), max_length=24, choices=Occasion.choices)
    offsets = models.CharField(_("Nhắc vào"), max_length=80, help_text=_("Ví dụ: -3, 0, 1. Số âm là trước ngày đó."))
    unit = models.CharField(_("Đơn vị"), max_length=12, choices=OffsetUnit.choices, default=OffsetUnit.CALENDAR_DAY)
    repeat_every = models.PositiveSmallIntegerField(
        _("Nhắc lại sau mỗi"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    audience = models.CharField(_("Nhắc ai"), max_length=40, default=Audience.OFFICER)
    channels = models.CharField(_("Kênh"), max_length=40, default="app,mail")
    grace_days = models.PositiveSmallIntegerField(
        _("Hoãn sau khi vừa liên hệ (ngày)"), default=0, validators=[MaxValueValidator(60)]
    )
    look_back_days = models.PositiveSmallIntegerField(
        _("Nhắc bù trong (ngày)"), default=30, validators=[MaxValueValidator(366)]
    )
    retry_unknown = models.BooleanField(_("Gửi lại thư không rõ đã tới chưa"), default=False)
    valid_from = models.DateField(_("Hiệu lực từ"))
    valid_to = models.DateField(_("Hiệu lực đến"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("quy tắc nhắc việc")
        verbose_name_plural = _("quy tắc nhắc việc")
        ordering = ["occasion", "key", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "valid_from"],
                name="support_reminder_rule_once",
                violation_error_message=_("Đã có quy tắc mang mã này bắt đầu ngày này."),
            ),
            ends_after_it_starts("support_reminder_rule_ends"),
        ]

    def __str__(self):
        return f"{self.key}: {self.offsets}"

    @property
    def offset_list(self) -> list[int]:
        """The offsets as numbers, each once, the earliest first."""
        return sorted({int(text) for text in self.offsets.split(",")}) if _OFFSETS.fullmatch(self.offsets) else []

    @property
    def audience_list(self) -> list[str]:
        """Whom the rule tells."""
        return _listed(self.audience, Audience.values)

    @property
    def channel_list(self) -> list[str]:
        """By which channels."""
        return _listed(self.channels, ReminderChannel.values)

    def in_force(self, day) -> bool:
        """Whether the rule is in force on ``day``."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def clean(self):
        """Refuse lists nobody can read: such a rule would silently never remind.

        Raises:
            ValidationError: by column.
        """
        problems = {}
        self.offsets = self.offsets.strip()
        if not self.offset_list or max(map(abs, self.offset_list)) > _MOST_OFFSET:
            problems["offsets"] = _("Ghi các số cách nhau bằng dấu phẩy, ví dụ -3, 0, 1.")
        for name, known in (("audience", Audience.values), ("channels", ReminderChannel.values)):
            if sorted(_listed(getattr(self, name), known)) != sorted(_parts(getattr(self, name))) or not _parts(
                getattr(self, name)
            ):
                problems[name] = _("Chọn ít nhất một, trong các lựa chọn đã cho.")
        if problems:
            raise ValidationError(problems)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _listed(text: str, known: list[str]) -> list[str]:
    """Return the known words of a list, in the order they are known in."""
    return [word for word in known if word in _parts(text)]
