"""Whole months of a calendar: the period a closing, a draft or an estimate speaks of."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

CALENDAR_NAMES = [("month", _("Tháng dương lịch")), ("administrative", _("Kỳ hành chính (15–14)"))]
MONTH_SHAPE = RegexValidator(r"^\d{4}-(0[1-9]|1[0-2])$", _("Ghi dạng 2023-08."))


class ReportedMonths(models.Model):
    """Whole months of one calendar, both included: the period a row speaks of."""

    calendar = models.CharField(_("Lịch"), max_length=14, choices=CALENDAR_NAMES)
    first = models.CharField(_("Từ tháng"), max_length=7, validators=[MONTH_SHAPE])
    last = models.CharField(_("Đến tháng"), max_length=7, validators=[MONTH_SHAPE])

    class Meta:
        abstract = True

    def __str__(self):
        months = self.first if self.first == self.last else f"{self.first} – {self.last}"
        return f"{self.get_calendar_display()} {months}"
