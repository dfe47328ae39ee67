"""The form of what leaders expect of a running period: one field for each measure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from cooperatives.form_fields import RuleForm
from cooperatives.text import nfc
from htx_portal.templatetags.portal import number
from support_cases.estimates import MOST, MOST_NOTE, Seen, record_estimates
from support_cases.forms.measures import measure_field, overwritten
from support_cases.models import Measure, PeriodEstimate
from support_cases.overtaking import Overtaken
from support_cases.reports.periods import Period


class EstimateForm(RuleForm):
    """Numbers typed as 1.234 or 350tr; an empty field means that nothing is estimated.

    ``seen`` and ``seen_note`` carry what the page showed, so that only what the sender changed is written.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    seen_note = forms.CharField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(label=_("Căn cứ ước tính"), required=False, max_length=MOST_NOTE)

    def __init__(self, *args, known: Iterable[PeriodEstimate], **kwargs):
        super().__init__(*args, **kwargs)
        there = {row.measure: row for row in known}
        for measure in Measure:
            self.fields[measure.value] = measure_field(measure, _("Ghi 350.000.000 hoặc 350tr đều được."))
            if measure.value in there:
                self.initial[measure.value] = there[measure.value].value
        self.initial["note"] = self.initial["seen_note"] = next((row.note for row in there.values()), "")
        self.initial["seen"] = _written({row.measure: row.value for row in there.values()})

    def save(self, period: Period, *, by, today: date, now: datetime) -> list[PeriodEstimate]:
        """Record what a valid form changes and return all estimates.

        Raises ``InvalidEntry``, ``NotAllowedNow`` and ``Overtaken``.
        """
        said = self.cleaned_data
        values = {measure: said[measure] for measure in Measure.values}
        seen = Seen(_read(said["seen"]), nfc(said["seen_note"]))
        return record_estimates(period, values, note=said["note"], by=by, today=today, now=now, seen=seen)

    def overtaken(self, refusal: Overtaken) -> None:
        """Say beside the fields what somebody else wrote there, keep what was typed, and let it be saved over that."""
        seen = _read(self.cleaned_data["seen"])
        for measure, value in refusal.there.items():
            seen.pop(measure, None)
            if value is None:
                self.add_error(measure, _("Người khác vừa xóa số ước này. Lưu lần nữa để ghi số của bạn."))
            else:
                seen[measure] = value
                self.add_error(measure, overwritten(number(value)))
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = _written(seen)


def _written(values: Mapping[str, int]) -> str:
    return " ".join(f"{measure}:{value}" for measure, value in values.items())


def _read(text: str) -> dict[str, int]:
    """Return the values a form carries; what cannot be read was not seen."""
    pairs = [part.partition(":") for part in text.split()]
    readable = {measure: value for measure, _colon, value in pairs if value.isascii() and value.isdigit()}
    return {measure: int(value) for measure, value in readable.items() if len(value) <= len(str(MOST))}
