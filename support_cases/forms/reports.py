"""The form above a report; what it may ask is decided where page, API and file ask alike."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry
from cooperatives.form_fields import RuleForm
from cooperatives.models import TWO_LEVELS_FROM
from support_cases.closings import MOST_REASON
from support_cases.reports.basis import named_closing
from support_cases.reports.periods import ADMINISTRATIVE, MONTH
from support_cases.reports.query import ReportQuery, read_query


class ReportForm(forms.Form):
    """Months, calendar, territorial frame and the day whose knowledge is asked for; of one closing also its number.

    After validation ``query`` holds what is asked; it is None when something could not be read. What was
    typed stays in the fields; what was left out is shown as it was understood.
    """

    calendar = forms.CharField(
        label=_("Cách tính tháng"),
        required=False,
        widget=forms.Select(
            choices=[
                (MONTH, _("Tháng dương lịch")),
                (ADMINISTRATIVE, _("Từ ngày 15 đến ngày 14")),
            ]
        ),
    )
    frame = forms.CharField(
        label=_("Địa bàn"),
        required=False,
        widget=forms.Select(
            choices=[
                ("", _("Theo ngày đầu kỳ")),
                ("2022", _("Huyện, thành phố cũ")),
                ("2025", _("Xã, phường mới")),
            ]
        ),
    )
    as_of = forms.CharField(
        label=_("Số liệu biết đến hết ngày"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "05/09/2023", "autocomplete": "off"}),
        help_text=_("Để trống là đến lúc này. Ghi ngày để xem lại số liệu như đã biết hôm ấy."),
    )
    field_order = ["from", "to", "calendar", "frame", "as_of", "closing"]

    def __init__(self, params: Mapping[str, str], *, today: date):
        super().__init__(params)
        self.query: ReportQuery | None = None
        self.today = today
        if params.get("closing"):
            self.fields["closing"] = _closing_field()
        for name, label in (("from", _("Từ tháng hoặc ngày")), ("to", _("Đến tháng hoặc ngày"))):
            self.fields[name] = forms.CharField(label=label, required=False, widget=_month_input())
        self.fields["frame"].help_text = _(
            "Kỳ bắt đầu từ ngày %(day)s theo xã, phường mới; kỳ bắt đầu trước đó theo huyện, thành phố cũ."
        ) % {"day": f"{TWO_LEVELS_FROM:%d/%m/%Y}"}
        self.order_fields(self.field_order)

    def clean(self):
        """Read the question once; refusals stand beside the fields."""
        try:
            query = read_query(self.data, self.today)
            if query.closing is not None:
                named_closing(query.period, query.closing)
            # A day that is not over yet means now.
            past = query.as_of if query.as_of and query.as_of < self.today else None
            self.query = replace(query, as_of=past)
        except InvalidEntry as refusal:
            for name, messages in refusal.problems.items():
                self.add_error(name if name in self.fields else None, list(messages))
        return self.cleaned_data

    def read(self) -> ReportQuery | None:
        """Return what is asked, or None where something could not be read."""
        return self.query if self.is_valid() else None

    def filled(self) -> "ReportForm":
        """Return the form again with the months and calendar that were understood filled in.

        A frame nobody chose stays open, so that another period is shown in its own.
        """
        if not self.is_valid() or self.query is None:
            return self
        period = self.query.period
        shown = {
            "from": f"{period.start:%d/%m/%Y}" if period.days else period.first.label,
            "to": f"{period.end:%d/%m/%Y}" if period.days else period.last.label,
            "calendar": period.calendar,
            "frame": self.query.chosen_frame,
            "as_of": f"{self.query.as_of:%d/%m/%Y}" if self.query.as_of else "",
            "closing": str(self.query.closing or ""),
        }
        again = ReportForm(shown, today=self.today)
        again.query = self.query
        return again


def _month_input() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "08/2023, 05/09/2023", "autocomplete": "off"})


def _closing_field() -> forms.CharField:
    """Return the field of a closing, which is there only where one is asked for."""
    return forms.CharField(
        label=_("Lần chốt số"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Để trống là số liệu đang có hiệu lực."),
    )


class ReopenForm(RuleForm):
    """Why a closed period is opened again."""

    use_required_attribute = False

    reason = forms.CharField(label=_("Lý do mở lại"), max_length=MOST_REASON, widget=forms.Textarea(attrs={"rows": 2}))
