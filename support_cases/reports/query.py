"""What a reader asks a report: read from text once, for page, API and file alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, Words
from support_cases.reports.periods import CALENDARS, MONTH, MOST_MONTHS, Month, Period
from support_cases.reports.served import FRAMES


@dataclass(frozen=True)
class ReportQuery:
    """A period, a territorial frame, and the day whose knowledge is asked for (None: now)."""

    period: Period
    frame: str
    as_of: date | None


def read_query(params: Mapping[str, str], today: date) -> ReportQuery:
    """Return what ``from``, ``to``, ``calendar``, ``frame`` and ``as_of`` ask for.

    Months are written 2023-01 or 01/2023, days 2023-09-05 or 05/09/2023. Without months the running month is
    meant; with one of them, that month; without a calendar the calendar month; without a frame the old
    districts, which compare all years.

    Raises:
        InvalidEntry: with messages under the names of the parameters.
    """
    problems: dict[str, list[Words]] = {}
    calendar = params.get("calendar") or MONTH
    if calendar not in CALENDARS:
        problems["calendar"] = [_("Chọn month (tháng dương lịch) hoặc administrative (từ ngày 15 đến ngày 14).")]
        calendar = MONTH
    running = Month.containing(today, calendar)
    first = _month(params, "from", problems)
    last = _month(params, "to", problems)
    period = Period(calendar, first or last or running, last or first or running)
    if not problems and period.last < period.first:
        problems["to"] = [_("Tháng cuối không thể trước tháng đầu.")]
    elif not problems and len(list(period.months())) > MOST_MONTHS:
        problems["to"] = [_("Kỳ báo cáo dài nhất là %(most)s tháng.") % {"most": MOST_MONTHS}]
    frame = params.get("frame") or FRAMES[0]
    if frame not in FRAMES:
        problems["frame"] = [_("Chọn 2022 (huyện cũ) hoặc 2025 (xã mới).")]
    as_of = _day(params, "as_of", problems)
    if problems:
        raise InvalidEntry(problems)
    return ReportQuery(period, frame, as_of)


def _month(params: Mapping[str, str], name: str, problems: dict[str, list[Words]]) -> Month | None:
    text = params.get(name) or ""
    if not text.strip():
        return None
    try:
        return Month.parse(text)
    except ValueError:
        problems[name] = [_("Ghi tháng dạng 2023-01 hoặc 01/2023.")]
        return None


def _day(params: Mapping[str, str], name: str, problems: dict[str, list[Words]]) -> date | None:
    try:
        day: date | None = forms.DateField(required=False).clean(params.get(name) or "")
    except forms.ValidationError:
        problems[name] = [_("Ghi ngày dạng 05/09/2023.")]
        return None
    return day
