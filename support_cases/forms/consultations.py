"""The form of one consultation, as an officer types it."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from cooperatives.form_fields import DayField, RuleForm
from support_cases.access import cases_for
from support_cases.choices import Channel, Outcome
from support_cases.consultations import Entry, follow_up_problems
from support_cases.corrections import MOST_REASON
from support_cases.forms.parties import Party, find_party, named_exactly, search_parties
from support_cases.models import Case, Consultation
from support_cases.support_types import topic_choices

#: Value of the choice "another one", which the search box beside it then names.
OTHER = "other"


class ReferencesField(forms.MultipleChoiceField):
    """References of cases; which of them may be linked is asked once the party is known."""

    widget = forms.CheckboxSelectMultiple

    def valid_value(self, value):
        """Let every text pass: the form looks the cases up."""
        return True


class ConsultationForm(RuleForm):
    """What an officer records of one consultation.

    The party comes from three inputs written by hand in the template: ``party`` (a tapped choice),
    ``party_found`` (filled by the type-ahead) and ``party_text`` (what was typed, understood without
    JavaScript too). After validation ``matches`` holds what the typed text found, when that left a choice.
    """

    client_id = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "invalid": _("Mã lần gửi của trang bị hỏng và đã được làm mới. Xin bấm ghi lại một lần nữa."),
            "required": _("Thiếu mã lần gửi của trang, đã tạo mã mới. Xin bấm ghi lại một lần nữa."),
        },
    )
    party = forms.CharField(label=_("HTX được tư vấn"), required=False)
    party_found = forms.CharField(required=False, widget=forms.HiddenInput)
    party_text = forms.CharField(label=_("Tìm HTX, nhóm sáng lập"), required=False)
    topics = forms.MultipleChoiceField(label=_("Nội dung"), choices=topic_choices, widget=forms.CheckboxSelectMultiple)
    channel = forms.ChoiceField(label=_("Hình thức"), choices=Channel.choices, widget=forms.RadioSelect)
    held_on = DayField(label=_("Ngày tư vấn"))
    question = forms.CharField(
        label=_("Nội dung HTX hỏi"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Cần ghi nội dung HTX hỏi.")},
    )
    advice = forms.CharField(label=_("Nội dung tư vấn"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    outcome = forms.ChoiceField(label=_("Kết quả"), choices=Outcome.choices, widget=forms.RadioSelect)
    follow_up_on = DayField(label=_("Ngày hẹn"), required=False)
    cases = ReferencesField(label=_("Thuộc hồ sơ"), required=False)
    open_topics = forms.MultipleChoiceField(
        label=_("Mở hồ sơ mới cho"),
        required=False,
        choices=topic_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nội dung chọn ở đây cũng được tính là nội dung tư vấn."),
    )
    # The browser's own bubbles speak another language and cannot be read again.
    use_required_attribute = False

    def __init__(self, *args, user, today: date, **kwargs):
        self.user = user
        self.today = today
        self.matches: list[Party] = []
        self.chosen: Party | None = None
        super().__init__(*args, **kwargs)

    def clean_held_on(self) -> date:
        """Refuse a day to come here already, so that other days may be compared with it."""
        day = self.cleaned_data["held_on"]
        if day > self.today:
            raise forms.ValidationError(_("Ngày tư vấn không thể ở tương lai."))
        return day

    def clean(self):
        """Find the party and its cases; topics of new cases stand for topics."""
        data = super().clean()
        if data.get("open_topics") and self.has_error("topics", "required"):
            del self._errors["topics"]
            data["topics"] = []
        self.chosen = self._chosen_party(data)
        if self.chosen is None:
            message = (
                _("Chọn đúng HTX trong các kết quả tìm được.")
                if self.matches
                else _("Chọn HTX hoặc nhóm sáng lập được tư vấn.")
            )
            self.add_error("party", message)
        if "follow_up_on" not in self.errors:
            # Judged here already, so that it is told together with the other mistakes.
            for problem in follow_up_problems(data.get("held_on"), data.get("follow_up_on"), data.get("outcome")):
                self.add_error("follow_up_on", problem)
        data["cases"] = self._linked_cases(data.get("cases") or [])
        return data

    def entry(self) -> Entry:
        """Return what was typed, for ``log_consultation``; only after validation succeeded."""
        data = self.cleaned_data
        return Entry(
            client_id=data["client_id"],
            party=self.chosen,
            held_on=data["held_on"],
            channel=data["channel"],
            topics=data["topics"],
            question=data["question"],
            advice=data["advice"],
            outcome=data["outcome"],
            follow_up_on=data["follow_up_on"],
            cases=data["cases"],
            open_topics=data["open_topics"],
        )

    def typed(self) -> dict:
        """Return every value as it was sent, to show the form again without judging it."""
        return {
            name: field.widget.value_from_datadict(self.data, {}, self.add_prefix(name))
            for name, field in self.fields.items()
        }

    def recorded_before(self) -> Consultation | None:
        """Return the entry that was recorded under the same id."""
        return Consultation.objects.filter(client_id=self.cleaned_data["client_id"]).first()

    def _chosen_party(self, data) -> Party | None:
        """Return the party tapped, else the one of the type-ahead, else the one whose name was typed."""
        key = data.get("party", "")
        if key and key != OTHER:
            return find_party(self.user, key)
        found = find_party(self.user, data.get("party_found", ""))
        text = data.get("party_text", "")
        if found is not None or not text:
            return found
        self.matches = search_parties(self.user, text)
        return named_exactly(self.matches, text)

    def _linked_cases(self, references: list[str]) -> list[Case]:
        """Return the cases ticked; one that cannot be found is an error beside them."""
        if not references or self.chosen is None:
            return []
        rows = list(cases_for(self.user).with_parties().referred_to(references))
        if len(rows) < len(set(references)):
            self.add_error("cases", _("Không tìm thấy hồ sơ đã chọn, xin chọn lại."))
        return rows


def reason_field(label) -> forms.CharField:
    """Return the field in which a person says why something recorded is taken back."""
    return forms.CharField(
        label=label,
        max_length=MOST_REASON,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Cần ghi lý do.")},
    )


class CorrectionForm(ConsultationForm):
    """The form of one consultation, filled with what was recorded, and why it has to be put right."""

    reason = reason_field(_("Lý do sửa"))


class VoidForm(RuleForm):
    """Why an entry is taken back without another one in its place."""

    reason = reason_field(_("Lý do hủy"))
    use_required_attribute = False


def recorded_values(row: Consultation) -> dict:
    """Return what the form shows of a recorded entry; its party, cases and topics are read here."""
    follow_up = getattr(row, "follow_up", None)
    return {
        "held_on": row.held_on,
        "channel": row.channel,
        "topics": [topic.topic for topic in row.topics.all()],
        "question": row.question,
        "advice": row.advice,
        "outcome": row.outcome,
        "follow_up_on": follow_up.due_on if follow_up else None,
        "cases": [case.reference for case in row.cases.all()],
    }
