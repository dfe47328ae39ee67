"""Forms of the acts on one case beside its steps: putting off, changing the law, child rows, dates of papers."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from cooperatives.form_fields import DayField, RuleForm, field_for
from support_cases.models import Case, ChecklistItem
from support_cases.support_types import CaseRow

_REASON = forms.Textarea(attrs={"rows": 3})


class ActForm(RuleForm):
    """An act on a case; ``version`` tells when somebody was faster."""

    use_required_attribute = False

    version = forms.IntegerField(widget=forms.HiddenInput)


class ExtendForm(ActForm):
    """A new due day and why."""

    due_on = DayField(label=_("Hạn mới"))
    reason = forms.CharField(label=_("Lý do"), max_length=4000, widget=_REASON)


class BasisForm(ActForm):
    """The day that decides the law and why the case moves to it."""

    event_on = DayField(label=_("Ngày phát sinh sự việc"), help_text=_("Luật có hiệu lực vào ngày này được áp dụng."))
    reason = forms.CharField(
        label=_("Lý do"), max_length=4000, widget=_REASON, required=False, help_text=_("Cần khi chuyển căn cứ.")
    )


class RowForm(ActForm):
    """One child row of a case's details, made of the columns of its model."""

    def __init__(self, *args, case: Case, name: str, row: CaseRow | None = None, **kwargs):
        self.columns = case.kind.row_fields(name)
        initial = {"version": case.version}
        if row is not None:
            initial |= {column.name: getattr(row, column.attname) for column in self.columns}
        super().__init__(*args, initial=initial, **kwargs)
        for column in self.columns:
            self.fields[column.name] = field_for(column)
            allowed = case.kind.limit(column.name, case.party) if column.is_relation else None
            if allowed is not None:
                self.fields[column.name].queryset = allowed

    def values(self) -> dict:
        """Return what was typed under the names of the columns."""
        return {column.name: self.cleaned_data[column.name] for column in self.columns}


class PaperDatesForm(ActForm):
    """The last day each paper of the case is good for."""

    def __init__(self, *args, papers: list[ChecklistItem], **kwargs):
        super().__init__(*args, **kwargs)
        for paper in papers:
            self.fields[f"paper_{paper.pk}"] = DayField(label=paper.label, required=False, initial=paper.expires_on)

    def expiries(self) -> dict[int, date | None]:
        """Return the typed days by the primary key of the paper."""
        named = {name: day for name, day in self.cleaned_data.items() if name.startswith("paper_")}
        return {int(name.removeprefix("paper_")): day for name, day in named.items()}
