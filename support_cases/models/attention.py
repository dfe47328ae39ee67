"""Who is not to be reminded: absences with their stand-ins, muted matters, addresses that refuse mail."""

from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cooperatives.models import Cooperative
from cooperatives.models.choice_words import ChoiceWords
from support_cases.choices import Occasion
from support_cases.models.case import Case


class AbsenceQuerySet(models.QuerySet):
    """Questions about many absences."""

    def on(self, day: date):
        """Absences that cover ``day``."""
        return self.filter(first_day__lte=day, last_day__gte=day)


class Absence(models.Model):
    """Days on which somebody else takes over a person's reminders; both ends included."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences", verbose_name=_("Người vắng")
    )
    first_day = models.DateField(_("Từ ngày"))
    last_day = models.DateField(_("Đến hết ngày"))
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("Người làm thay")
    )
    reason = models.CharField(_("Lý do"), max_length=200)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("Người ghi")
    )
    entered_at = models.DateTimeField(_("Ghi lúc"), auto_now_add=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("thời gian vắng mặt")
        verbose_name_plural = _("thời gian vắng mặt")
        ordering = ["-first_day", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="support_absence_ends_after_it_starts",
                violation_error_message=_("Ngày cuối không thể trước ngày đầu."),
            ),
            models.CheckConstraint(
                condition=~Q(stand_in=F("person")),
                name="support_absence_needs_another",
                violation_error_message=_("Người làm thay phải là người khác."),
            ),
        ]

    def __str__(self):
        return f"{self.person} {self.first_day:%d/%m/%Y}–{self.last_day:%d/%m/%Y}"


class ReminderMute(ChoiceWords):
    """A matter one person does not want to be reminded of, and why: a case, or a cooperative, for one occasion or all.

    Open-ended without ``until``, the last day it holds.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mutes", verbose_name=_("Người tắt")
    )
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, null=True, blank=True, related_name="mutes", verbose_name=_("Hồ sơ")
    )
    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("HTX")
    )
    occasion = models.CharField(
        _("Loại nhắc"), max_length=24, choices=Occasion.choices, blank=True, help_text=_("Bỏ trống là mọi loại.")
    )
    reason = models.CharField(_("Lý do"), max_length=200)
    since = models.DateField(_("Từ ngày"))
    until = models.DateField(_("Đến hết ngày"), null=True, blank=True)
    entered_at = models.DateTimeField(_("Ghi lúc"), auto_now_add=True)

    class Meta:
        verbose_name = _("nhắc việc đã tắt")
        verbose_name_plural = _("nhắc việc đã tắt")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["person", "case"], name="mute_by_person")]
        constraints = [
            models.CheckConstraint(
                condition=Q(case__isnull=False, cooperative__isnull=True)
                | Q(case__isnull=True, cooperative__isnull=False),
                name="support_mute_is_about_one_thing",
                violation_error_message=_("Chọn một hồ sơ hoặc một HTX."),
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="support_mute_ends_after_it_starts",
                violation_error_message=_("Ngày cuối không thể trước ngày đầu."),
            ),
        ]

    def __str__(self):
        return f"{self.person} {self.since:%d/%m/%Y}"

    def clean(self):
        """Refuse a mute without a reason.

        Raises:
            ValidationError: beside the reason.
        """
        if not self.reason.strip():
            raise ValidationError({"reason": _("Cần ghi lý do.")})

    def covers(self, day: date) -> bool:
        """Whether the mute holds on ``day``."""
        return self.since <= day and (self.until is None or day <= self.until)

    def is_about(self, occasion: str, case_id: int | None, cooperative_id: int | None) -> bool:
        """Whether a reminder of this kind in this matter is muted."""
        mine = case_id == self.case_id if self.case_id is not None else cooperative_id == self.cooperative_id
        return mine and self.occasion in ("", occasion)


class RefusedAddress(models.Model):
    """An address whose mail server said that nobody is there; nothing is sent to it until it is taken off here."""

    address = models.CharField(_("Địa chỉ thư"), max_length=254, unique=True)
    reason = models.CharField(_("Lý do"), max_length=200, blank=True)
    refused_at = models.DateTimeField(_("Bị từ chối lúc"))

    class Meta:
        verbose_name = _("địa chỉ thư bị từ chối")
        verbose_name_plural = _("địa chỉ thư bị từ chối")
        ordering = ["-refused_at", "-pk"]

    def __str__(self):
        return self.address
