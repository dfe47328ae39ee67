"""The form of what leaders expect of a running period: one field for each measure."""

from collections.abc import Iterable
from datetime import date, datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from cooperatives.form_fields import DongField, RuleForm
from support_cases.estimates import MOST_NOTE, record_estimates
from support_cases.models import Measure, PeriodEstimate
from support_cases.reports.measures import MONEY_MEASURES
from support_cases.reports.periods import Period


class EstimateForm(RuleForm):
    """Numbers typed as 1.234 or 350tr; an empty field means that nothing is estimated."""

    note = forms.CharField(label=_("Căn cứ ước tính"), required=False, max_length=MOST_NOTE)

    def __init__(self, *args, known: Iterable[PeriodEstimate], **kwargs):
        super().__init__(*args, **kwargs)
        there = {row.measure: row for row in known}
        for measure in Measure:
            hint = _("Ghi 350.000.000 hoặc 350tr đều được.") if measure in MONEY_MEASURES else ""
            field = DongField(label=measure.label, required=False, help_text=hint)
            if measure not in MONEY_MEASURES:
                field.error_messages["unreadable"] = _("Hãy ghi một số, ví dụ 1.234.")
            self.fields[measure.value] = field
            if measure.value in there:
                self.initial[measure.value] = there[measure.value].value
        self.initial["note"] = next((row.note for row in there.values()), "")

    def save(self, period: Period, *, by, today: date, now: datetime) -> list[PeriodEstimate]:
        """Record what a valid form says and return all estimates; raises ``InvalidEntry``, ``NotAllowedNow``."""
        values = {measure: self.cleaned_data[measure] for measure in Measure.values}
        return record_estimates(period, values, note=self.cleaned_data["note"], by=by, today=today, now=now)
