"""The form in which a cooperative's lines are reviewed one by one, made of the rows there are and two empty ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import LineAction
from cooperatives.lines import understood
from cooperatives.models import VsicLine, VsicVersion
from support_cases.forms.case_acts import ActForm
from support_cases.support_types.business_lines import LineReview

#: Takes a line that was to be added out of the review again.
GONE = "gone"
_EMPTY_ROWS = ("new1", "new2")
_FOR_PRESENT = tuple(action for action in LineAction if action != LineAction.ADD)
_WITH_NEW = (LineAction.ADD, LineAction.CORRECT, LineAction.MOVE)


@dataclass(frozen=True)
class FormRow:
    """One row of the form as the template shows it."""

    key: str
    row: LineReview | None
    action: forms.BoundField | None
    typed: forms.BoundField
    line: forms.BoundField
    detail: forms.BoundField
    note: forms.BoundField
    is_main: bool


class ReviewForm(ActForm):
    """The rows of the review, of which those ``shown`` on this page may be written; ``vsic`` is the version in which
    new lines are looked for.

    The new line comes from two inputs: what was typed, and the number the type-ahead found for just these words.
    """

    main = forms.CharField(required=False, max_length=20)

    def __init__(
        self,
        *args,
        rows: Sequence[LineReview],
        shown: Sequence[LineReview],
        vsic: str | None,
        initial: Mapping[str, Any],
        **kwargs,
    ):
        self.rows = {str(row.pk): row for row in rows}
        self.shown = [str(row.pk) for row in shown]
        self.vsic = vsic
        self.resolved: dict[str, VsicLine | None] = {}
        initial = dict(initial)
        for key, row in self.rows.items():
            initial |= _initial_of(key, row)
            if row.is_main:
                initial["main"] = key
        super().__init__(*args, initial=initial, **kwargs)
        for key in (*self.shown, *_EMPTY_ROWS):
            self._add_fields(key, self.rows.get(key))

    def form_rows(self) -> list[FormRow]:
        """Return the rows for the template, empty ones last."""
        main = self["main"].value() or ""
        return [
            FormRow(
                key, self.rows.get(key), self[f"action_{key}"] if key in self.rows else None,
                *(self[f"{name}_{key}"] for name in ("typed", "line", "detail", "note")), main == key,
            )
            for key in (*self.shown, *_EMPTY_ROWS)
        ]  # fmt: skip

    def clean(self):
        """Find the new line of each row by its number or its words; what leaves a choice is asked about."""
        data = super().clean()
        written = [key for key in self._keys(data) if key in self.shown or key in _EMPTY_ROWS]
        known = VsicLine.objects.in_bulk([_number(data.get(f"line_{key}")) for key in written])
        for key in written:
            if self._action(data, key) in _WITH_NEW:
                self.resolved[key] = self._new_line(data, key, known)
        return data

    def kept_keys(self) -> list[str]:
        """Return the keys of the rows in the order of :meth:`values`; of all stored rows while nothing was sent."""
        return self._keys(self.cleaned_data) if self.is_bound and self.is_valid() else list(self.rows)

    def values(self) -> list[dict[str, Any]]:
        """Return the rows as :func:`support_cases.line_reviews.save_review` takes them."""
        return [self._values_of(key) for key in self._keys(self.cleaned_data)]

    def unsaved(self, case) -> list[LineReview]:
        """Return what was typed as rows that are not stored, for a look at where they lead."""
        return [LineReview(case=case, **{n: v for n, v in each.items() if n != "id"}) for each in self.values()]

    def _values_of(self, key: str) -> dict[str, Any]:
        data, row = self.cleaned_data, self.rows.get(key)
        values: dict[str, Any] = {"present": row.present, "id": row.pk} if row else {"present": None}
        if row is not None and key not in self.shown:
            kept = {"action": row.action, "line": row.line, "detail": row.detail, "note": row.note}
            return values | kept | {"is_main": row.is_main and not data["main"]}
        return values | {
            "action": self._action(data, key),
            "line": self.resolved.get(key),
            "detail": data[f"detail_{key}"],
            "note": data[f"note_{key}"],
            "is_main": data["main"] == key,
        }

    def _add_fields(self, key: str, row: LineReview | None) -> None:
        if row is not None:
            offered = _FOR_PRESENT if row.present_id else (LineAction.ADD,)
            choices = [(action.value, action.label) for action in offered]
            choices += [] if row.present_id else [(GONE, _("Thôi không thêm"))]
            self.fields[f"action_{key}"] = forms.ChoiceField(
                label=_("Rà soát"), choices=choices, widget=forms.RadioSelect
            )
        self.fields[f"typed_{key}"] = forms.CharField(label=_("Ngành mới: mã hoặc tên"), required=False, max_length=240)
        self.fields[f"line_{key}"] = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
        self.fields[f"detail_{key}"] = forms.CharField(label=_("Chi tiết"), required=False, max_length=300)
        self.fields[f"note_{key}"] = forms.CharField(label=_("Giấy phép, ghi chú"), required=False, max_length=200)

    def _keys(self, data: Mapping[str, Any]) -> list[str]:
        """Return the rows that stay: all but those taken out and empty ones left empty."""
        rows = [key for key in self.rows if data.get(f"action_{key}") != GONE]
        return rows + [key for key in _EMPTY_ROWS if data.get(f"typed_{key}")]

    def _action(self, data: Mapping[str, Any], key: str) -> str:
        return data.get(f"action_{key}", "") if key in self.rows else LineAction.ADD

    def _new_line(self, data: Mapping[str, Any], key: str, known: Mapping[int, VsicLine]) -> VsicLine | None:
        """Return the line meant in a row; a mistake is put at its field. A correction may leave the code as it is."""
        typed = data.get(f"typed_{key}", "")
        picked = known.get(_number(data.get(f"line_{key}")))
        if picked is not None and str(picked) == typed:
            return picked
        row = self.rows.get(key)
        if not typed and row is not None and row.present and self._action(data, key) == LineAction.CORRECT:
            return row.present.line
        found = understood(typed, self.vsic)
        if len(found) != 1:
            self.add_error(f"typed_{key}", self._question(typed, found))
            return None
        return found[0]

    def _question(self, typed: str, found: Sequence[VsicLine]):
        if not typed:
            return _("Cần chọn ngành mới.")
        if not found:
            version = VsicVersion(self.vsic).label if self.vsic else "VSIC"
            return _("Không tìm thấy ngành này trong %(version)s.") % {"version": version}
        names = "; ".join(str(line) for line in found)
        return _("Có nhiều ngành khớp, hãy gõ mã của một ngành: %(names)s.") % {"names": names}


def _initial_of(key: str, row: LineReview) -> dict[str, Any]:
    return {
        f"action_{key}": row.action,
        f"typed_{key}": str(row.line or ""),
        f"line_{key}": row.line_id or "",
        f"detail_{key}": row.detail,
        f"note_{key}": row.note,
    }


def _number(text: str | None) -> int:
    """Return the number of a row, 0 for what cannot be one."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
