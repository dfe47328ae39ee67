"""What a reader asks a report: read from text once, for page, API and file alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, Words
from support_cases.reports.counting import FRAMES, frame_of
from support_cases.reports.periods import CALENDARS, EARLIEST, LATEST, MONTH, MOST_MONTHS, Month, Period

# Every database takes numbers of rows of this length.
_LONGEST_NUMBER = 18


@dataclass(frozen=True)
class ReportQuery:
    """A period, a territorial frame, and the day whose knowledge is asked for (None: now) or the number of the closing
    whose figures are.
    """

    period: Period
    frame: str
    as_of: date | None
    closing: int | None = None

    @property
    def chosen_frame(self) -> str:
        """The frame where it is not that of the period itself; "" where an address need not name it."""
        return "" if self.frame == frame_of(self.period) else self.frame


def read_query(params: Mapping[str, str], today: date) -> ReportQuery:
    """Return what ``period``, or ``from`` and ``to``, ``calendar``, ``frame``, ``as_of`` or ``closing`` ask for.

    A period is written 2024-06, 2024-Q2, 2024-H1, 2024-9M or 2024; months 2023-01 or 01/2023, days 2023-09-05 or
    05/09/2023. Without any the running month is meant; with one end, that month or day; a day at one end and a month
    at the other make a period of days; a period and an end at once are refused. Without a calendar it is the
    calendar month; without a frame that of the first day, see :func:`frame_of`. Whether there is a closing of the
    number is not looked up here.

    Raises:
        InvalidEntry: with messages under the names of the parameters.
    """
    problems: dict[str, list[Words]] = {}
    calendar = params.get("calendar") or MONTH
    if calendar not in CALENDARS:
        problems["calendar"] = [_("Chọn month (tháng dương lịch) hoặc administrative (từ ngày 15 đến ngày 14).")]
        calendar = MONTH
    period = _period(params, calendar, today, problems)
    frame = params.get("frame") or ""
    if frame and frame not in FRAMES:
        problems["frame"] = [_("Chọn 2022 (huyện cũ) hoặc 2025 (xã mới).")]
    as_of = _day(params, "as_of", problems)
    closing = _number(params, "closing", problems)
    if as_of and closing is not None:
        problems["closing"] = [_("Hỏi theo lần chốt hoặc theo ngày biết đến, không cả hai.")]
    if problems:
        raise InvalidEntry(problems)
    return ReportQuery(period, frame or frame_of(period), as_of, closing)


def _period(params: Mapping[str, str], calendar: str, today: date, problems: dict[str, list[Words]]) -> Period:
    """Return the period asked for; what cannot be read or is no period is added to ``problems``."""
    named = (params.get("period") or "").strip()
    if named and any((params.get(end) or "").strip() for end in ("from", "to")):
        problems["period"] = [_("Hỏi theo kỳ, hoặc từ tháng (ngày) đến tháng (ngày), không cả hai.")]
    elif named:
        try:
            return Period.parse(named, calendar)
        except ValueError:
            problems["period"] = [_("Ghi kỳ dạng 2024-06, 2024-Q2, 2024-H1, 2024-9M hoặc 2024.")]
    first, last = _end(params, "from", problems), _end(params, "to", problems)
    running = Month.containing(today, calendar)
    start, end = first or last or running, last or first or running
    if isinstance(start, Month) and isinstance(end, Month):
        period = Period(calendar, start, end)
    else:
        days = (
            start.first_day(calendar) if isinstance(start, Month) else start,
            end.last_day(calendar) if isinstance(end, Month) else end,
        )
        period = Period.from_day_to_day(calendar, *days)
    if not problems and period.end < period.start:
        problems["to"] = [_("Ngày cuối, tháng cuối không thể trước ngày đầu, tháng đầu.")]
    elif not problems and period.length > MOST_MONTHS:
        problems["to"] = [_("Kỳ báo cáo dài nhất là %(most)s tháng.") % {"most": MOST_MONTHS}]
    return period


def _end(params: Mapping[str, str], name: str, problems: dict[str, list[Words]]) -> Month | date | None:
    """Return the month or day at one end of a period, None where nothing is written."""
    text = (params.get(name) or "").strip()
    if not text:
        return None
    try:
        return Month.parse(text)
    except ValueError:
        pass
    try:
        day: date | None = forms.DateField().clean(text)
    except forms.ValidationError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        problems[name] = [_("Ghi tháng dạng 2023-01 hoặc 01/2023, hoặc ngày dạng 05/09/2023.")]
        return None
    return day


def _number(params: Mapping[str, str], name: str, problems: dict[str, list[Words]]) -> int | None:
    text = (params.get(name) or "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        problems[name] = [_("Ghi số của lần chốt như trong sổ chốt số liệu, ví dụ 12.")]
        return None
    return int(text)


def _day(params: Mapping[str, str], name: str, problems: dict[str, list[Words]]) -> date | None:
    try:
        day: date | None = forms.DateField(required=False).clean(params.get(name) or "")
    except forms.ValidationError:
        problems[name] = [_("Ghi ngày dạng 05/09/2023.")]
        return None
    # Days can be reckoned from the first one there is.
    if day and day < EARLIEST:
        problems[name] = [_("Ghi ngày từ %(day)s trở đi.") % {"day": f"{EARLIEST:%d/%m/%Y}"}]
        return None
    return day
