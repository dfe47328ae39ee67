"""The form of what the plan of a year asks: a number and its paper for each measure."""

from collections.abc import Mapping
from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from cooperatives.form_fields import RuleForm
from cooperatives.text import nfc
from htx_portal.templatetags.portal import number
from support_cases.forms.measures import measure_field, overwritten
from support_cases.models import Measure, TargetChange
from support_cases.overtaking import Overtaken
from support_cases.targets import MOST, MOST_DECISION, Target, set_targets


class TargetForm(RuleForm):
    """Numbers typed as 1.234 or 1,2 tỷ; an empty field means that the plan asks nothing there.

    ``decision`` is the paper of every number that has none of its own. Hidden fields carry what the page showed, so
    that only what the sender changed is written.
    """

    decision = forms.CharField(
        label=_("Văn bản giao chung"),
        required=False,
        max_length=MOST_DECISION,
        help_text=_("Ghi cho mọi chỉ tiêu có số mà chưa ghi văn bản riêng."),
    )

    def __init__(self, *args, known: Mapping[str, Target], **kwargs):
        super().__init__(*args, **kwargs)
        for measure in Measure:
            self._add_fields(measure)
            if measure.value in known:
                self.initial |= _written(measure.value, known[measure.value])

    def _add_fields(self, measure: Measure) -> None:
        """Add the number, its paper and what was seen of both."""
        self.fields[measure.value] = measure_field(measure, _("Ghi 1.200.000.000 hoặc 1,2 tỷ đều được."))
        self.fields[f"{measure.value}_decision"] = forms.CharField(
            label=_("Văn bản giao chỉ tiêu này"), required=False, max_length=MOST_DECISION
        )
        for name in ("seen", "seen_decision"):
            self.fields[f"{measure.value}_{name}"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def lines(self) -> list[dict]:
        """Return for each measure its code and its fields, the hidden ones apart."""
        return [
            {
                "measure": name,
                "field": self[name],
                "decision": self[f"{name}_decision"],
                "hidden": [self[f"{name}_seen"], self[f"{name}_seen_decision"]],
            }
            for name in Measure.values
        ]

    def clean(self):
        """Refuse a paper newly typed beside no number: one of the two was forgotten."""
        said = super().clean()
        for name in Measure.values:
            paper = said.get(f"{name}_decision")
            if paper and said.get(name, 0) is None and not said.get(f"{name}_seen"):
                self.add_error(name, _("Hãy ghi số kế hoạch, hoặc xóa văn bản bên cạnh."))
        return said

    def save(self, year: int, *, by, now: datetime) -> list[TargetChange]:
        """Record what a valid form changes and return it. Raises ``InvalidEntry`` and ``Overtaken``."""
        said, wanted, seen = self.cleaned_data, {}, {}
        for name in Measure.values:
            paper = said[f"{name}_decision"] or said["decision"]
            wanted[name] = None if said[name] is None else Target(said[name], nfc(paper))
            seen[name] = _read(said[f"{name}_seen"], said[f"{name}_seen_decision"])
        return set_targets(year, wanted, by=by, now=now, seen=seen)

    def overtaken(self, refusal: Overtaken) -> None:
        """Say beside the fields what somebody else wrote there, keep what was typed, and let it be saved over that."""
        self.data = self.data.copy()
        for measure, target in refusal.there.items():
            if target is None:
                self.add_error(measure, _("Người khác vừa xóa chỉ tiêu này. Lưu lần nữa để ghi số của bạn."))
            else:
                self.add_error(measure, overwritten(_in_words(target)))
            self.data[self.add_prefix(f"{measure}_seen")] = "" if target is None else str(target.value)
            self.data[self.add_prefix(f"{measure}_seen_decision")] = "" if target is None else target.decision


def _in_words(target: Target) -> str:
    return f"{number(target.value)} ({target.decision})" if target.decision else str(number(target.value))


def _written(name: str, target: Target) -> dict[str, int | str]:
    return {
        name: target.value,
        f"{name}_decision": target.decision,
        f"{name}_seen": str(target.value),
        f"{name}_seen_decision": target.decision,
    }


def _read(value: str, decision: str) -> Target | None:
    """Return the target a form carries; what cannot be read was not seen."""
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(MOST))):
        return None
    return Target(int(value), nfc(decision))
