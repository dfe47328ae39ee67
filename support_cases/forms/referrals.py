"""Forms of referrals: sending a question to another agency, logging its answer, taking it back, telling the leaders."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cooperatives.agencies import agencies_on, registrar_for
from cooperatives.choices import AgencyKind
from cooperatives.form_fields import DayField
from cooperatives.models import Agency
from cooperatives.text import sort_key
from support_cases.choices import AnswerKind
from support_cases.forms.case_acts import ActForm
from support_cases.models import Case
from support_cases.referrals import default_expected_day

_LINES = forms.Textarea(attrs={"rows": 4})


class ReferForm(ActForm):
    """A question to an agency that is there on the day of the letter."""

    sent_on = DayField(label=_("Ngày gửi"), help_text=_("Chỉ hiện các cơ quan có hoạt động vào ngày này."))
    agency = forms.TypedChoiceField(
        label=_("Cơ quan phối hợp"),
        coerce=int,
        error_messages={"invalid_choice": _("Chọn một cơ quan có hoạt động vào ngày gửi.")},
    )
    question = forms.CharField(label=_("Nội dung đề nghị"), max_length=4000, widget=_LINES)
    letter_no = forms.CharField(label=_("Số công văn"), max_length=60, required=False)
    expected_on = DayField(label=_("Hẹn trả lời"), required=False)

    def __init__(self, *args, case: Case, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.day = min(self._day_typed() or today, today)
        self.agencies = {agency.pk: agency for agency in agencies_on(self.day)}
        self.fields["agency"].choices = [("", "---------"), *_grouped(self.agencies.values(), case, self.day)]
        expected = default_expected_day(self.day)
        if expected is not None:
            words = gettext("Để trống thì hẹn đến %(day)s theo quy định của cơ quan.")
            self.fields["expected_on"].help_text = words % {"day": f"{expected:%d/%m/%Y}"}

    def chosen(self) -> Agency:
        """Return the agency that was chosen; only once the form is valid."""
        return self.agencies[self.cleaned_data["agency"]]

    def _day_typed(self) -> date | None:
        """Return the day of the letter as far as it can be read already, before the form is judged."""
        try:
            return self.fields["sent_on"].clean(self["sent_on"].value())
        except ValidationError:
            return None


class AnswerForm(ActForm):
    """What the agency answered, and when."""

    answered_on = DayField(label=_("Ngày trả lời"))
    answer_kind = forms.ChoiceField(label=_("Kết quả trả lời"), choices=AnswerKind.choices, widget=forms.RadioSelect)
    answer = forms.CharField(label=_("Nội dung trả lời"), max_length=10000, widget=_LINES)


class WithdrawForm(ActForm):
    """Why an answer is not wanted any more, and since when."""

    withdrawn_on = DayField(label=_("Ngày rút lại"))
    withdrawn_reason = forms.CharField(label=_("Lý do rút lại"), max_length=4000, widget=_LINES)


class EscalateForm(ActForm):
    """What the leaders are told."""

    escalation_note = forms.CharField(label=_("Nội dung báo lãnh đạo"), max_length=4000, widget=_LINES)


def _grouped(agencies, case: Case, day: date) -> list:
    """Return the choices by kind of agency, the registrar of the party alone before all others."""
    own = registrar_for(case.party, day) if case.party else None
    groups = [(gettext("Nơi đăng ký của HTX này"), [(own.pk, own.name)])] if own else []
    ordered = sorted(agencies, key=lambda agency: sort_key(agency.name))
    for kind in AgencyKind:
        rows = [(agency.pk, agency.name) for agency in ordered if agency.kind == kind and agency != own]
        groups += [(str(kind.label), rows)] if rows else []
    # Registrars of other places are the longest list and the least asked.
    return sorted(groups, key=lambda group: group[0] == AgencyKind.REGISTRAR.label)
