"""A filter by one of a list, whose choices are read once and written in one piece, however long the list is."""

from functools import lru_cache
from html import escape

import django_filters as df
from django.core.exceptions import ValidationError
from django.forms import ChoiceField as PlainChoiceField
from django.forms import NullBooleanField, Select
from django.forms.utils import flatatt
from django.utils.safestring import mark_safe
from django_filters.fields import ChoiceField, ChoiceIterator
from django_filters.widgets import BooleanWidget


class ReadOnce(ChoiceIterator):
    """The choices of a field, pairs of code and words, with the empty one first; a function is asked for them once.

    A copy, as each form makes one of its fields, has not asked yet.
    """

    def __init__(self, field, choices):
        super().__init__(field, choices.choices if isinstance(choices, ReadOnce) else choices)
        self.rows: list | None = None

    def __iter__(self):
        if self.rows is None:
            offered = self.choices() if callable(self.choices) else self.choices
            self.rows = [("", self.field.empty_label), *offered]
        return iter(self.rows)

    def __deepcopy__(self, memo):
        return ReadOnce(self.field, self.choices)


class PlainSelect(Select):
    """Django's select without groups, its options put together once for the same choices."""

    def render(self, name, value, attrs=None, renderer=None):
        """Return the HTML of the control with ``value`` chosen."""
        options, places = _options(tuple((str(code), str(label)) for code, label in self.choices))
        chosen = places.get("" if value is None else str(value))
        if chosen is not None:
            options = [*options[:chosen], options[chosen].replace(">", " selected>", 1), *options[chosen + 1 :]]
        attributes = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return mark_safe(f"<select{attributes}>{''.join(options)}</select>")  # noqa: S308 escaped part by part


@lru_cache(maxsize=128)
def _options(choices: tuple[tuple[str, str], ...]) -> tuple[list[str], dict[str, int]]:
    """Return the options as HTML and the place of each by its code."""
    html = [f'\n  <option value="{escape(code)}">{escape(label)}</option>' for code, label in choices]
    return html, {code: place for place, (code, _label) in enumerate(choices)}


class OfferedField(ChoiceField):
    """One of the choices offered."""

    iterator = ReadOnce
    widget = PlainSelect

    def share_choices(self) -> None:
        """Let the field that judges and the control that shows the choices read them together, once."""
        self.choices = self.choices


class OneOf(df.ChoiceFilter):
    """Rows with one of the choices offered."""

    field_class = OfferedField


class _AsTyped(BooleanWidget):
    """The library's control, which would take every other word for no answer."""

    def value_from_datadict(self, data, files, name):
        """Return True or False, or what else was typed."""
        answer = super().value_from_datadict(data, files, name)
        return data.get(name) if answer is None else answer


class YesOrNoField(NullBooleanField):
    """True, False, or None where nothing was typed."""

    widget = _AsTyped

    def to_python(self, value):
        """Return the answer. Raises ``ValidationError`` for a word that is neither."""
        answer = super().to_python(value)
        if answer is None and value not in self.empty_values:
            said = PlainChoiceField.default_error_messages["invalid_choice"]
            raise ValidationError(said, code="invalid_choice", params={"value": value})
        return answer


class YesOrNo(df.BooleanFilter):
    """Rows that are so, or that are not."""

    field_class = YesOrNoField


def share_choices(form) -> None:
    """Let each list of choices of a filter's form be read once, where it is asked for at all."""
    for field in form.fields.values():
        if isinstance(field, OfferedField):
            field.share_choices()
