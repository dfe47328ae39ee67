"""Months whose figures the office has declared final."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Closing(models.Model):
    """One month of one calendar whose figures were reported upstairs and are final."""

    CALENDARS = [("month", _("Tháng dương lịch")), ("administrative", _("Kỳ hành chính (15–14)"))]

    calendar = models.CharField(_("Lịch"), max_length=14, choices=CALENDARS)
    month = models.CharField(
        _("Tháng"),
        max_length=7,
        validators=[RegexValidator(r"^\d{4}-(0[1-9]|1[0-2])$", _("Ghi dạng 2023-08."))],
    )
    closed_at = models.DateTimeField(_("Chốt lúc"), auto_now_add=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("Người chốt")
    )

    class Meta:
        verbose_name = _("chốt số liệu")
        verbose_name_plural = _("chốt số liệu")
        ordering = ["calendar", "month"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "month"], name="support_month_closed_once"),
        ]

    def __str__(self):
        return f"{self.get_calendar_display()} {self.month}"
