"""The form of what a cooperative reported of a year. What may be recorded is decided in ``cooperatives.yearly``."""

from datetime import date, datetime

from django import forms
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import NotAllowedNow
from cooperatives.form_fields import DongField, RuleForm, field_for
from cooperatives.models import YearFigures
from cooperatives.yearly import FIGURES, record_year_figures

_COLUMNS = (*FIGURES, "source")
_MINUS = ("-", "−", "–")


class SignedDongField(DongField):
    """An amount that may be a loss: typed with a minus before it, or in brackets as accountants write it."""

    def to_python(self, value):
        """Return the amount in đồng, below zero for a loss; raise ValidationError when it cannot be read."""
        typed = str(value or "").strip()
        bare = typed.removeprefix("(").removesuffix(")") if typed.startswith("(") and typed.endswith(")") else typed
        for sign in _MINUS:
            bare = bare.removeprefix(sign)
        if typed and not bare.strip():
            raise forms.ValidationError(self.error_messages["unreadable"], code="unreadable")
        amount = super().to_python(bare.strip())
        return -amount if amount and bare != typed else amount


class YearForm(RuleForm):
    """The figures of one year; ``seen`` says which recorded ones the sender started from."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, instance: YearFigures, **kwargs):
        self.instance = instance
        super().__init__(*args, **kwargs)
        for name in _COLUMNS:
            column = YearFigures._meta.get_field(name)
            self.fields[name] = _field(column)
            self.initial[name] = column.value_from_object(instance)
        self.initial["seen"] = instance.recorded_at.isoformat() if instance.pk else ""

    def save(self, *, by, today: date, now: datetime) -> YearFigures | None:
        """Record the figures of a valid form and return them; None with the refusal shown when somebody was faster.

        Raises:
            InvalidEntry: with messages by field.
        """
        row = YearFigures(cooperative=self.instance.cooperative, year=self.instance.year)
        for name in _COLUMNS:
            setattr(row, name, self.cleaned_data[name])
        try:
            return record_year_figures(row, by=by, today=today, now=now, seen=_moment(self.cleaned_data["seen"]))
        except NotAllowedNow as refusal:
            for problem in refusal.problems:
                self.add_error(None, problem)
            return None


def _field(column: models.Field) -> forms.Field:
    if column.name == "profit":
        return SignedDongField(label=column.verbose_name, required=False, help_text=_("Lỗ ghi dấu trừ: -25tr."))
    if isinstance(column, models.BooleanField):
        choices = [("", _("Chưa rõ")), ("True", _("Có")), ("False", _("Không"))]
        return forms.TypedChoiceField(
            label=column.verbose_name, required=False, choices=choices, coerce=lambda text: text == "True",
            empty_value=None,
        )  # fmt: skip
    return field_for(column)


def _moment(text: str) -> datetime | None:
    """Return the moment a form carries; what is none is never the one that is recorded."""
    try:
        return parse_datetime(text) if text else None
    except ValueError:
        return None
