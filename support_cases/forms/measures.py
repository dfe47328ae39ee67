"""A measure of the plan in a form: its field, and what is said when somebody else wrote it meanwhile."""

from django.utils.translation import gettext_lazy as _

from cooperatives.form_fields import CountField, DongField
from support_cases.models import Measure
from support_cases.reports.measures import MONEY_MEASURES


def measure_field(measure: Measure, money_hint) -> CountField | DongField:
    """Return the field of a measure, empty allowed; money may be typed in words, as ``money_hint`` says."""
    if measure in MONEY_MEASURES:
        return DongField(label=measure.label, required=False, help_text=money_hint)
    return CountField(label=measure.label, required=False)


def overwritten(there: object) -> str:
    """Return the words beside a field where somebody else wrote ``there`` since the page was shown."""
    return _("Người khác vừa ghi %(value)s. Lưu lần nữa để thay bằng số của bạn.") % {"value": there}
