"""What narrows the list of obligations, and its order."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import ObligationKind, ObligationState
from cooperatives.filters import old_district_choices


def _with_all(choices) -> list:
    """Return choices after the one that leaves the filter out."""
    return [("", _("Tất cả")), *choices]


class ObligationFilter(forms.Form):
    """Narrows by kind, state, old district and the days left; orders by the days left."""

    kind = forms.ChoiceField(label=_("Nghĩa vụ"), choices=_with_all(ObligationKind.choices), required=False)
    state = forms.ChoiceField(label=_("Mức độ"), choices=_with_all(ObligationState.choices), required=False)
    district = forms.ChoiceField(
        label=_("Địa bàn huyện cũ"), choices=lambda: _with_all(old_district_choices()), required=False
    )
    within = forms.IntegerField(
        label=_("Trong bao nhiêu ngày tới"),
        help_text=_("Gồm cả việc đã quá hạn."),
        min_value=0,
        max_value=3650,
        required=False,
    )
    ordering = forms.ChoiceField(
        label=_("Sắp xếp"),
        choices=[("days_left", _("Gần hạn trước")), ("-days_left", _("Xa hạn trước"))],
        required=False,
    )
