"""Rules and days that change by decree: rows with dates, a legal basis and a mark of confidence."""

import re
from datetime import date, time
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.calendar import WorkCalendar
from cooperatives.choices import Confidence, DayKind
from cooperatives.models.dated import DatedQuerySet, EditedRow, LegalText, ends_after_it_starts

_MOST_DIGITS = 3


#: Units whose values are amounts.
NUMBER_UNITS = frozenset(
    {
        "calendar_day", "cooperative", "day_of_next_month", "dong", "dong_per_month", "hour", "message", "month",
        "month_after_quarter", "month_after_year", "month_of_year", "percent", "person", "point",
        "times_minimum_wage", "working_day", "year",
    }
)  # fmt: skip


def _is_amount(text: str) -> bool:
    """Whether ``text`` is a plain number, not negative, with a point for decimals."""
    return re.fullmatch(r"[0-9]+(\.[0-9]+)?", text.strip()) is not None


def _whole(text: str) -> int | None:
    """Return a whole number of one to three digits, or None."""
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _is_day(text: str) -> bool:
    """Whether ``text`` is a day written YYYY-MM-DD."""
    try:
        date.fromisoformat(text.strip())
    except ValueError:
        return False
    return True


class TermLength(NamedTuple):
    """How long a term of the rules is: an amount and its unit (working_day, calendar_day, month, year)."""

    amount: int
    unit: str


#: Units terms are counted in.
TERM_UNITS = frozenset({"working_day", "calendar_day", "month", "year"})


class LegalRuleQuerySet(DatedQuerySet):
    """Questions about many rules."""

    def value(self, key: str, day: date) -> str | None:
        """The text of rule ``key`` in force on ``day``, or None where no rule was in force."""
        return self.in_force(day).filter(key=key).order_by("-valid_from").values_list("value", flat=True).first()

    def days(self, key: str, day: date) -> int | None:
        """The whole number of rule ``key`` in force on ``day``, or None.

        A value that is no number of one to three digits counts as none: longer ones are typing mistakes.
        """
        return _whole(self.value(key, day) or "")

    def number(self, key: str, day: date) -> Decimal | None:
        """The amount of rule ``key`` in force on ``day``, or None where there is none or it is no plain number."""
        text = (self.value(key, day) or "").strip()
        return Decimal(text) if _is_amount(text) else None

    def term(self, key: str, day: date) -> TermLength | None:
        """The length of the term rule ``key`` sets on ``day``, or None where it sets none."""
        found = self.in_force(day).filter(key=key).order_by("-valid_from").values_list("value", "unit").first()
        amount = _whole(found[0]) if found and found[1] in TERM_UNITS else None
        return None if amount is None else TermLength(amount, found[1])

    def source(self, key: str, day: date) -> str:
        """Where rule ``key`` of ``day`` is written, document and article; "" where there is none."""
        rows = self.in_force(day).filter(key=key).order_by("-valid_from")
        found = rows.values_list("legal_document", "article").first() or ()
        return ", ".join(part for part in found if part)

    def cutoff(self, day: date) -> time:
        """The time of day after which papers count as come in on the next working day (rule ``cutoff_hour``)."""
        hour = self.days("cutoff_hour", day)
        return time(hour) if hour is not None and hour < 24 else time.max


class LegalRule(LegalText, EditedRow):
    """One parameter over one span of time, e.g. ``congress.notice_days`` = 3 from 01/07/2024."""

    key = models.CharField(_("Tham số"), max_length=80)
    value = models.CharField(_("Giá trị"), max_length=120)
    unit = models.CharField(_("Đơn vị"), max_length=40, blank=True)
    valid_from = models.DateField(_("Hiệu lực từ"))
    valid_to = models.DateField(_("Hiệu lực đến"), null=True, blank=True)

    objects = LegalRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("quy định theo thời gian")
        verbose_name_plural = _("quy định theo thời gian")
        ordering = ["key", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["key", "valid_from"], name="cooperatives_rule_key_and_start"),
            ends_after_it_starts("cooperatives_rule_ends_after_it_starts"),
        ]

    def __str__(self):
        return f"{self.key} = {self.value}"

    @property
    def whole(self) -> int | None:
        """The value as a whole number, or None where it is none of one to three digits."""
        return _whole(self.value)

    @property
    def number(self) -> Decimal | None:
        """The value as an amount, or None where it is no plain number."""
        text = self.value.strip()
        return Decimal(text) if _is_amount(text) else None

    def clean(self):
        """Refuse a value that is not of its unit: a rule nobody can read would silently not apply.

        Raises:
            ValidationError: beside the value.
        """
        if self.unit in NUMBER_UNITS and not _is_amount(self.value):
            raise ValidationError({"value": _("Giá trị phải là số, ví dụ 10 hoặc 1.5.")})
        if self.unit == "date" and not _is_day(self.value):
            raise ValidationError({"value": _("Giá trị phải là ngày dạng 2026-01-01.")})


class HolidayQuerySet(models.QuerySet):
    """The table of special days."""

    def work_calendar(self) -> WorkCalendar:
        """Return the calendar made of all rows, in one query."""
        days: dict[str, set[date]] = {kind: set() for kind in DayKind.values}
        for day, kind in self.values_list("day", "kind"):
            days[kind].add(day)
        return WorkCalendar(days[DayKind.OFF], days[DayKind.WORKING])


class Holiday(EditedRow):
    """A day off, or a weekend day worked to make up for a swap; the yearly decisions are entered here."""

    day = models.DateField(_("Ngày"), unique=True)
    kind = models.CharField(_("Loại"), max_length=8, choices=DayKind.choices, default=DayKind.OFF)
    name = models.CharField(_("Tên"), max_length=120)
    confidence = models.CharField(_("Mức tin cậy"), max_length=2, choices=Confidence.choices, default=Confidence.UNSURE)
    note = models.CharField(_("Ghi chú"), max_length=200, blank=True)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        verbose_name = _("ngày nghỉ, ngày làm bù")
        verbose_name_plural = _("ngày nghỉ, ngày làm bù")
        ordering = ["day"]

    def __str__(self):
        return f"{self.day:%d/%m/%Y} {self.name}"
