"""Forms of the human-resource support. What may be entered is decided in ``workforce``; forms read and hand on."""

import re
from datetime import date

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.form_fields import DayField, RuleForm, field_for
from cooperatives.models import (
    ApprovedSupport,
    Cooperative,
    MonthlyConfirmation,
    PaymentBatch,
    Placement,
    TrainingClass,
    TrainingParticipation,
)
from cooperatives.text import nfc, western_digits
from cooperatives.workforce.acts import confirm_month, enter_approved, enter_placement
from cooperatives.workforce.payments import make_batch, note_paid
from cooperatives.workforce.training import enter_participation, enter_training

_MONTH = re.compile(r"(\d{1,2}) ?[/-] ?(\d{4})|(\d{4})-(\d{1,2})")
_LONGEST_MONTH = 20
_EARLIEST_YEAR, _LATEST_YEAR = 2000, 2099


class MonthField(forms.Field):
    """A month typed as 06/2024 (or 2024-06, as links say it); gives its first day, or None."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "placeholder": _("tháng/năm"), "autocomplete": "off"})
    default_error_messages = {"unreadable": _("Hãy ghi tháng dạng 06/2024.")}

    def to_python(self, value):
        """Return the first day of the month; raise ValidationError when it is none."""
        if value in self.empty_values:
            return None
        month = read_month(value)
        if month is None:
            raise forms.ValidationError(self.error_messages["unreadable"], code="unreadable")
        return month

    def prepare_value(self, value):
        """Show a month as 06/2024; leave what was typed as it is."""
        return f"{value:%m/%Y}" if isinstance(value, date) else value


def read_month(text: str) -> date | None:
    """Return the first day of the month that ``text`` names, or None."""
    match = _MONTH.fullmatch(western_digits(nfc(text[:_LONGEST_MONTH])))
    if match is None:
        return None
    month, year = (match[1], match[2]) if match[1] else (match[4], match[3])
    if not (1 <= int(month) <= 12 and _EARLIEST_YEAR <= int(year) <= _LATEST_YEAR):
        return None
    return date(int(year), int(month), 1)


class DaysField(forms.DecimalField):
    """A number of days, halves allowed, with a comma or a point."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value):
        """Return the number; raise ValidationError when it is none."""
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class RowForm(RuleForm):
    """A form of the columns of one row of the register."""

    model: type[models.Model]
    columns: tuple[str, ...] = ()

    def __init__(self, *args, instance: models.Model, **kwargs):
        self.instance = instance
        super().__init__(*args, **kwargs)
        for name in self.columns:
            column = self.model._meta.get_field(name)
            self.fields[name] = field_for(column)
            self.initial.setdefault(name, column.value_from_object(instance))

    def filled(self):
        """Return the row with what was typed in a valid form."""
        for name in self.columns:
            setattr(self.instance, name, self.cleaned_data[name])
        return self.instance


class ApprovedForm(RowForm):
    """One line of the approved list."""

    model = ApprovedSupport
    columns = (
        "decision_no", "decided_on", "posts", "job", "monthly_amount", "valid_from", "valid_to", "source", "revoked_on",
    )  # fmt: skip

    def save(self, *, by, today: date) -> ApprovedSupport:
        """Enter the line and return it; raises ``InvalidEntry``."""
        return enter_approved(self.filled(), by=by, today=today)


class PlacementForm(RowForm):
    """One placement, with what became of it once it runs."""

    model = Placement
    columns = (
        "approved", "person_label", "degree", "major", "job", "contract_no", "started_on", "ends_on",
        "left_on", "leave_reason", "replaced_by", "result", "exception_note",
    )  # fmt: skip

    def __init__(self, *args, instance: Placement, **kwargs):
        super().__init__(*args, instance=instance, **kwargs)
        cooperative = instance.cooperative
        self.fields["approved"].queryset = cooperative.approved_support.all()
        self.fields["replaced_by"].queryset = cooperative.placements.exclude(pk=instance.pk)

    def save(self, *, by, today: date) -> Placement:
        """Enter the placement and return it; raises ``InvalidEntry``."""
        return enter_placement(self.filled())


class ConfirmationForm(RuleForm):
    """The cooperative's word for one month."""

    month = MonthField(label=_("Tháng"))
    days_worked = DaysField(
        label=MonthlyConfirmation._meta.get_field("days_worked").verbose_name,
        min_value=0,
        max_value=31,
        max_digits=3,
        decimal_places=1,
        help_text=_("Theo bảng chấm công; ghi 0 nếu cả tháng không làm việc."),
    )
    standard_days = DaysField(
        label=MonthlyConfirmation._meta.get_field("standard_days").verbose_name,
        min_value=1,
        max_value=31,
        max_digits=3,
        decimal_places=1,
        initial=26,
    )

    def save(self, placement: Placement, *, by, today: date) -> MonthlyConfirmation:
        """Confirm the month; raises ``InvalidEntry`` or ``NotAllowedNow``."""
        typed = self.cleaned_data
        days = {name: typed[name] for name in ("days_worked", "standard_days")}
        return confirm_month(placement, typed["month"], **days, by=by, today=today)


class BatchForm(RuleForm):
    """A new payment batch."""

    number = forms.CharField(label=PaymentBatch._meta.get_field("number").verbose_name, max_length=60)
    decided_on = DayField(label=PaymentBatch._meta.get_field("decided_on").verbose_name)
    from_month = MonthField(label=_("Từ tháng"))
    to_month = MonthField(label=_("Đến tháng"))
    cooperative = forms.ModelChoiceField(
        Cooperative.objects.none(), label=_("Chỉ một HTX"), required=False, empty_label=_("Mọi HTX")
    )
    note = forms.CharField(label=PaymentBatch._meta.get_field("note").verbose_name, max_length=300, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        with_people = Placement.objects.values("cooperative")
        self.fields["cooperative"].queryset = Cooperative.objects.filter(pk__in=with_people)

    def chosen(self) -> list[Cooperative] | None:
        """Return the cooperative that was chosen in a list, or None for all."""
        one = self.cleaned_data["cooperative"]
        return [one] if one else None

    def save(self, *, by, today: date) -> PaymentBatch:
        """Make the batch; raises ``InvalidEntry`` or ``NotAllowedNow``."""
        typed = {name: value for name, value in self.cleaned_data.items() if name != "cooperative"}
        return make_batch(**typed, cooperatives=self.chosen(), by=by, today=today)


class PaidForm(RuleForm):
    """The day the money of a batch went out."""

    paid_on = DayField(label=PaymentBatch._meta.get_field("paid_on").verbose_name)

    def save(self, batch: PaymentBatch, *, today: date) -> PaymentBatch:
        """Write the day; raises ``InvalidEntry``."""
        return note_paid(batch, self.cleaned_data["paid_on"], today=today)


class TrainingForm(RowForm):
    """One training class."""

    model = TrainingClass
    columns = ("name", "organiser", "started_on", "ended_on", "place", "cost_source", "cost")

    def save(self, *, by, today: date) -> TrainingClass:
        """Enter the class and return it; raises ``InvalidEntry``."""
        return enter_training(self.filled(), today=today)


class ParticipationForm(RowForm):
    """How many people of one cooperative took part."""

    model = TrainingParticipation
    columns = ("participants", "women", "ethnic_minority")

    def save(self, *, by, today: date) -> TrainingParticipation:
        """Enter the figures and return the row; raises ``InvalidEntry``."""
        return enter_participation(self.filled())
