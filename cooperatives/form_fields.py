"""What the forms share: days and amounts read the way people write them, refusals shown at their fields."""

from decimal import Decimal

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import WHOLE, InvalidEntry
from cooperatives.limits import AtMost
from cooperatives.text import parse_dong, parse_whole

_MOST_DONG = 10**15


class DayField(forms.DateField):
    """A day typed as 05/09/2023; a plain text input, because date pickers of old phones say month first."""

    widget = forms.DateInput(attrs={"inputmode": "numeric", "placeholder": _("ngày/tháng/năm"), "autocomplete": "off"})
    default_error_messages = {"invalid": _("Hãy ghi ngày dạng 05/09/2023.")}


class DongField(forms.CharField):
    """An amount typed as 1.234.567, 1,234,567, 350tr or 1,5 tỷ; gives whole đồng as a number, or None."""

    widget = forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off"})
    default_error_messages = {"unreadable": _("Hãy ghi số tiền dạng 350.000.000 hoặc 350tr.")}
    default_validators = [AtMost(_MOST_DONG)]

    def __init__(self, **kwargs):
        kwargs.setdefault("help_text", _("Ghi 350.000.000 hoặc 350tr đều được."))
        super().__init__(empty_value=None, **kwargs)

    def to_python(self, value):
        """Return the amount in đồng; raise ValidationError when it cannot be read as one."""
        typed = super().to_python(value)
        if typed is None:
            return None
        try:
            return parse_dong(typed)
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["unreadable"], code="unreadable") from error

    def prepare_value(self, value):
        """Show a stored amount in groups of three; leave what was typed as it is."""
        return _grouped(value)


class WholeField(forms.IntegerField):
    """A whole number typed as 1234 or 1.234; a text input, for number inputs take 1.234 for a little more than one."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    default_error_messages = {"invalid": _("Hãy ghi một số nguyên, ví dụ 1.234.")}

    def to_python(self, value):
        """Return the number, None for an empty field; raise ValidationError when it cannot be read as one."""
        typed = value.strip() if isinstance(value, str) else value
        if isinstance(typed, str) and typed:
            sign, bare = (-1, typed[1:]) if typed.startswith("-") else (1, typed)
            try:
                typed = sign * parse_whole(bare)
            except ValueError as error:
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error
        return super().to_python(typed)

    def widget_attrs(self, widget):
        """No least or most value: those belong to number inputs."""
        return {}


class CountField(WholeField):
    """How many there are of something: a whole number shown in groups of three, unlike years and numbers of papers."""

    def prepare_value(self, value):
        """Show a stored number in groups of three; leave what was typed as it is."""
        return _grouped(value)


class CommaField(forms.DecimalField):
    """A number typed as people write it, 72,5, or with a point; a text input, for number inputs refuse the comma."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value):
        """Return the number; raise ValidationError when it cannot be read as one."""
        typed = value.strip() if isinstance(value, str) else value
        return super().to_python(typed.replace(",", ".") if isinstance(typed, str) else typed)

    def widget_attrs(self, widget):
        """No step, least or most value: those belong to number inputs."""
        return {}

    def prepare_value(self, value):
        """Show a stored number with a comma and without empty decimals; leave what was typed as it is."""
        return f"{value.normalize():f}".replace(".", ",") if isinstance(value, Decimal) else value


def field_for(column: models.Field, **options) -> forms.Field:
    """Return the form field of a model column: days, numbers and amounts (big integers) read as people write them."""
    if isinstance(column, models.DateField):
        return column.formfield(form_class=DayField, **options)
    if isinstance(column, models.DecimalField):
        return column.formfield(form_class=CommaField, **options)
    if isinstance(column, models.PositiveBigIntegerField):
        return DongField(label=column.verbose_name, required=not column.blank, **options)
    if isinstance(column, models.IntegerField):
        return column.formfield(form_class=WholeField, **options)
    return column.formfield(**options)


def _grouped(value):
    return f"{value:,}".replace(",", ".") if isinstance(value, int) else value


class RuleForm(forms.Form):
    """A form whose rules live in an act; what the act refuses is shown beside the fields."""

    def show(self, refusal: InvalidEntry) -> None:
        """Put the messages of ``refusal`` at their fields, those of unknown fields above the form."""
        for name, messages in refusal.problems.items():
            field = name if name != WHOLE and name in self.fields else None
            for message in messages:
                self.add_error(field, message)
