"""Forms of a case. The details of each kind of support come from its own columns, so a new kind needs no form."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import WHOLE, InvalidEntry
from cooperatives.form_fields import DayField, RuleForm, field_for
from cooperatives.forms import CommuneField
from cooperatives.models import AdminUnit
from htx_portal.accounts.models import User
from support_cases.cases import change_case, open_case
from support_cases.forms.parties import Party, find_party, named_exactly, search_parties
from support_cases.models import Case
from support_cases.support_types import FieldGroup, SupportType, topic_choices

#: Value of the choice "another one", which the search box beside it then names.
OTHER = "other"
# Columns of the case that both forms hold.
_COMMON = ("title", "officer", "due_on", "receiving_agency", "external_ref")


class TopicForm(forms.Form):
    """The first question when a case is opened: which kind of support."""

    topic = forms.ChoiceField(label=_("Nội dung hỗ trợ"), choices=topic_choices, widget=forms.RadioSelect)


class CaseFields(RuleForm):
    """The columns of a case and the details of its kind, the latter under names beginning with ``detail_``."""

    # The browser's own bubbles speak another language and cannot be read again.
    use_required_attribute = False

    def __init__(self, *args, kind: SupportType, party: Party | None = None, **kwargs):
        self.kind = kind
        super().__init__(*args, **kwargs)
        for name in _COMMON:
            self.fields[name] = field_for(Case._meta.get_field(name))
        officer = self.fields["officer"]
        officer.queryset = User.objects.officers()
        officer.empty_label = None
        self.columns = [column for column in kind.detail_fields() if party or not column.is_relation]
        for column in self.columns:
            if column.related_model is AdminUnit:
                # Old and new communes of one name are told apart by what lies above them.
                self.fields[f"detail_{column.name}"] = CommuneField(required=not column.blank)
                continue
            self.fields[f"detail_{column.name}"] = field_for(column)
            allowed = kind.limit(column.name, party) if column.is_relation else None
            if allowed is not None:
                self.fields[f"detail_{column.name}"].queryset = allowed

    def detail_groups(self) -> list[dict[str, Any]]:
        """Return the bound fields of the kind's details for the page, in the groups the kind lays them out in.

        A group that matters for some values of a choice only says so in ``for_words`` and, for the script that hides
        it otherwise, in ``when`` and ``values``; ``kept`` where it must be seen, because something is in it.
        """
        names = [column.name for column in self.columns]
        laid_out = self.kind.field_groups or [FieldGroup("", names)]
        placed = {name for group in laid_out for name in group.columns}
        rest = FieldGroup("", [name for name in names if name not in placed])
        shown = [(group, [name for name in group.columns if name in names]) for group in (*laid_out, rest)]
        return [self._group(group, columns) for group, columns in shown if columns]

    def _group(self, group: FieldGroup, columns: list[str]) -> dict[str, Any]:
        fields = [self[f"detail_{name}"] for name in columns]
        labels = dict(self.fields[f"detail_{group.when}"].choices) if group.when else {}
        return {
            "heading": group.heading,
            "later": group.later,
            "fields": fields,
            "when": self[f"detail_{group.when}"].html_name if group.when else "",
            "values": " ".join(group.values),
            "for_words": "; ".join(str(labels[value]) for value in group.values),
            "kept": any(field.errors or field.value() not in (None, "", False) for field in fields),
        }

    def details(self) -> dict[str, Any]:
        """Return the typed details under the names of their columns.

        What points to rows of the party is asked for only where the party is known.
        """
        return {column.name: self.cleaned_data[f"detail_{column.name}"] for column in self.columns}

    def show(self, refusal: InvalidEntry) -> None:
        """Put the messages of ``refusal`` at the fields, also at those of the details."""
        renamed = {
            name if name in self.fields or name == WHOLE else f"detail_{name}": messages
            for name, messages in refusal.problems.items()
        }
        super().show(InvalidEntry(renamed))


class OpenCaseForm(CaseFields):
    """A new case: whose it is, what it is about, who carries it.

    The party comes from three inputs written by hand in the template: ``party`` (a tapped choice),
    ``party_found`` (filled by the type-ahead) and ``party_text`` (what was typed, understood without
    JavaScript too). After validation ``matches`` holds what the typed text found, when that left a choice.
    """

    party = forms.CharField(label=_("HTX được hỗ trợ"), required=False)
    party_found = forms.CharField(required=False, widget=forms.HiddenInput)
    party_text = forms.CharField(label=_("Tìm HTX, nhóm sáng lập"), required=False)
    opened_on = DayField(label=_("Ngày mở"))
    event_on = DayField(
        label=_("Ngày phát sinh sự việc"),
        required=False,
        help_text=_("Quyết định luật nào được áp dụng. Để trống thì theo chi tiết hoặc ngày mở."),
    )

    def __init__(self, *args, user: User, **kwargs):
        self.user = user
        self.matches: list[Party] = []
        self.chosen: Party | None = None
        super().__init__(*args, **kwargs)
        self.fields["due_on"].help_text = _("Để trống thì tính theo số ngày làm việc của nội dung này.")
        self.fields["officer"].required = False
        self.fields["officer"].empty_label = str(user)
        self.fields["officer"].queryset = User.objects.officers().exclude(pk=user.pk)

    def clean(self):
        """Find the party that was tapped, picked or typed."""
        data = super().clean()
        self.chosen = self._chosen_party(data)
        if self.chosen is None:
            message = (
                _("Chọn đúng HTX trong các kết quả tìm được.")
                if self.matches
                else _("Chọn HTX hoặc nhóm sáng lập được hỗ trợ.")
            )
            self.add_error("party", message)
        return data

    def save(self, *, by: User, today: date) -> Case:
        """Open the case and return it.

        Raises:
            InvalidEntry: with messages by field; nothing is written.
        """
        columns = {name: self.cleaned_data[name] for name in (*_COMMON, "opened_on", "event_on")}
        return open_case(
            party=self.chosen,
            topic=self.kind.code,
            by=by,
            today=today,
            received_at=timezone.localtime().time() if columns["opened_on"] == today else None,
            details=self.details(),
            **columns,
        )

    def _chosen_party(self, data: Mapping[str, str]) -> Party | None:
        """Return the party tapped, else the one of the type-ahead, else the one whose name was typed."""
        key = data.get("party", "")
        tapped = find_party(self.user, key) if key != OTHER else None
        found = find_party(self.user, data.get("party_found", ""))
        if tapped and found and tapped != found:
            # A case under the wrong cooperative is worse than one question more.
            self.matches = [tapped, found]
            return None
        if tapped or key not in ("", OTHER):
            return tapped
        text = data.get("party_text", "")
        if found is not None or not text:
            return found
        self.matches = search_parties(self.user, text)
        return named_exactly(self.matches, text)


class EditCaseForm(CaseFields):
    """What may be changed on a case outside its steps; ``version`` tells when somebody was faster."""

    appointment_on = field_for(Case._meta.get_field("appointment_on"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, case: Case, **kwargs):
        self.case = case
        initial = {name: getattr(case, name) for name in (*_COMMON, "appointment_on", "version")}
        initial["officer"] = case.officer_id
        row = case.details
        if row is not None:
            initial |= {f"detail_{c.name}": getattr(row, c.attname) for c in case.kind.detail_fields()}
        super().__init__(*args, kind=case.kind, party=case.party, initial=initial, **kwargs)
        # An officer who left or became something else stays on the case until somebody hands it over.
        officers = self.fields["officer"].queryset
        self.fields["officer"].queryset = officers | User.objects.filter(pk=case.officer_id)

    def save(self, *, by: User, today: date) -> Case:
        """Write the changes and return the fresh case.

        Raises:
            InvalidEntry: with messages by field.
            StaleVersion: when somebody changed the case since the form was opened.
        """
        changes = {name: self.cleaned_data[name] for name in (*_COMMON, "appointment_on")}
        changes["details"] = self.details()
        return change_case(self.case, changes, by=by, today=today, version=self.cleaned_data["version"])

    def take_note_of_change(self, problems: list[str]) -> None:
        """Say above the form what differs from the case as it stands now, and let the next saving through."""
        self.data = self.data.copy()
        self.data["version"] = self.case.version
        differing = [
            str(self.fields[name].label)
            for name in self.fields
            if name != "version" and self.fields[name].has_changed(self.initial.get(name), self.data.get(name))
        ]
        for problem in problems:
            self.add_error(None, problem)
        if differing:
            words = _("Bản đang gõ khác bản đang lưu ở: %(fields)s. Xem lại rồi bấm lưu lần nữa.")
            self.add_error(None, words % {"fields": ", ".join(differing)})


class StepForm(forms.Form):
    """One step: its code, what there is to say about it, the day it counts for."""

    use_required_attribute = False

    step = forms.CharField(
        label=_("Bước"), max_length=24, error_messages={"required": _("Bấm nút của bước muốn chuyển.")}
    )
    note = forms.CharField(
        label=_("Ghi chú"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    reason = forms.CharField(label=_("Lý do"), required=False, max_length=10_000)
    effective_on = DayField(label=_("Ngày thực hiện"), required=False, help_text=_("Để trống là hôm nay."))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def said(self) -> str:
        """Return remark and reason as one text, also of a form with mistakes: whatever was typed is kept."""
        self.is_valid()
        texts = (self.cleaned_data.get(name, "") for name in ("note", "reason"))
        return "\n".join(text for text in texts if text)
