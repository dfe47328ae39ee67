"""The report "cooperatives served": lượt, distinct and first-time HTX, by month, topic, place, channel and more."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from support_cases.models import Closing, Consultation
from support_cases.reports.answers import Answer, answer
from support_cases.reports.carried import CARRIED
from support_cases.reports.counting import FRAMES, UNIT_DIMENSION, UNKNOWN, count_figures
from support_cases.reports.kinds import Figures, Names, ReportKind, Scope
from support_cases.reports.periods import Period, Span
from support_cases.reports.served_crosses import crossed_tables
from support_cases.reports.served_lines import Line, ServedLines, served_cells, served_columns
from support_cases.reports.tables import Cell, Chart, Column, Row, Shape, Table, change_percent, leading
from support_cases.reports.tallied import tallied_figures

__all__ = ["FRAMES", "RULE", "SERVED", "Line", "Served", "period_label", "served"]

RULE = gettext_lazy(
    "Một HTX (gồm cả tổ hợp tác, liên hiệp HTX) × một lần ghi tư vấn = 1 lượt, kể cả khi tư vấn nhiều nội "
    "dung. Lượt theo nội dung đếm riêng từng nội dung nên cộng lại có thể lớn hơn tổng. Buổi làm việc chung "
    "với n HTX là n lượt. Nhóm sáng lập ghi riêng, không tính vào lượt HTX. Số HTX không trùng được tính lại "
    "cho từng kỳ và không cộng dồn. Mỗi lần tư vấn tính vào ngày diễn ra, không phải ngày ghi. HTX lần đầu trong năm "
    "là HTX chưa được tư vấn lần nào từ đầu năm của tháng đầu kỳ đến trước kỳ. Kỳ đang chạy chưa so sánh phần trăm."
)
#: How quarters are counted.
ROMAN_QUARTERS = ("I", "II", "III", "IV")


class Served(ServedLines):
    """Everything the report says; the same object feeds page, API and file."""

    def __init__(self, found: Answer):
        super().__init__(found.period, found.frame, found.figures, found.names)
        self.answer = found

    @property
    def recorded_late(self) -> int:
        """Lượt recorded after the period was closed."""
        return self._changed[0]

    @property
    def voided_late(self) -> int:
        """Lượt of the closed figures that were taken back since."""
        return self._changed[1]

    @property
    def change_percent(self) -> float | None:
        """Change of lượt against the same months last year in percent, one decimal; None where it is not compared."""
        return _change(self.consultations, self.last_year_consultations, self.answer.basis.scope)

    @cached_property
    def _changed(self) -> tuple[int, int]:
        return changed_since(self.answer)

    @property
    def as_of(self) -> date:
        """The last day of what is counted."""
        return self.answer.basis.as_of

    @property
    def closed_on(self) -> date | None:
        """The day the period was closed, or None."""
        return self.answer.basis.closed_on

    @property
    def closed(self) -> bool:
        """Whether the office has declared the figures final."""
        return self.closed_on is not None


def served(period: Period, *, frame: str, today: date, as_of: date | None = None, closing: int | None = None) -> Served:
    """Return the report for ``period``.

    ``as_of`` rebuilds what was known at the end of that day; a day not yet over means now. A closed period answers
    with the figures it was closed with, or with those of one of its closings by its number. What is counted is kept in
    the cache under the version of the entries it came from, so that a period nobody touched is not counted again.

    Raises:
        InvalidEntry: under ``closing``, where the period has none of that number.
    """
    return Served(answer(SERVED, period, frame=frame, today=today, as_of=as_of, closing=closing))


def changed_since(found: Answer) -> tuple[int, int]:
    """Return how many lượt came in after the period was closed, and how many of then were taken back.

    Two small counts, none while it is open.
    """
    closing, until = found.basis.closing, found.basis.until
    if closing is None:
        return 0, 0
    rows = Consultation.objects.filter(held_on__range=(found.period.start, found.period.end)).counted()
    return rows.late(closing.closed_at, until).count(), rows.taken_back(closing.closed_at, until).count()


def kept_totals(numbers: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """Return lượt, HTX and HTX served first in their year that closings keep, by the numbers of these; none of those
    whose figures are still to be counted. One query, which takes nothing else out of the figures.
    """
    rows = Closing.objects.filter(pk__in=numbers).exclude(digest="").order_by()
    found = rows.values_list("pk", "figures__served__total", "figures__served__first_time")
    return {
        pk: (*total.get(UNKNOWN, (0, 0)), (first or {}).get(UNKNOWN, (0, 0))[1])
        for pk, total, first in found
        if total is not None
    }


def _compute(scope: Scope) -> Figures:
    return tallied_figures(scope.period, scope.moment)


def _recount(scope: Scope) -> Figures:
    return count_figures(scope.period, scope.moment)


def _lay_out(scope: Scope, figures: Figures, names: Names, frame: str) -> list[Table]:
    lines = ServedLines(scope.period, frame, figures, names)
    breakdowns = [
        ("topic", _("Theo nội dung"), _("Nội dung"), lines.by_topic, "topic"),
        ("unit", _("Theo địa bàn"), _("Địa bàn"), lines.by_unit, UNIT_DIMENSION[frame]),
        ("kind", _("Theo loại hình"), _("Loại hình"), lines.by_kind, "kind"),
        ("channel", _("Theo hình thức"), _("Hình thức"), lines.by_channel, "channel"),
        ("officer", _("Theo cán bộ"), _("Cán bộ"), lines.by_officer, "officer"),
    ]
    return [_totals(lines, scope), _months(lines), *(_breakdown(*one) for one in breakdowns), *crossed_tables(lines)]


def _change(now: int, then: int, scope: Scope) -> float | None:
    """Return the change in percent; None without a base, and of a running period: it would seem to fall short."""
    return None if scope.is_running else change_percent(now, then)


def _totals(lines: ServedLines, scope: Scope) -> Table:
    """Return the figures of the whole period, each on a line of its own, beside the same period a year before."""
    period = lines.period
    then = period.year_before()
    pairs = [
        ("consultations", _("Lượt HTX được tư vấn"), lines.consultations, lines.last_year_consultations, "entries"),
        ("cooperatives", _("HTX không trùng"), lines.cooperatives, lines.last_year_cooperatives, "cooperatives"),
    ]
    rows = [
        Row(code, name, (leading(now, door), leading(before, door, period=then), Cell(_change(now, before, scope))))
        for code, name, now, before, door in pairs
    ]
    first = leading(lines.first_time, "cooperatives", first="1")
    first_then = leading(lines.first_time_last_year, "cooperatives", period=then, first="1")
    change = Cell(_change(lines.first_time, lines.first_time_last_year, scope))
    groups = leading(lines.founding_groups, "entries", party="founding_group")
    rows.append(Row("first_time", _("HTX lần đầu trong năm"), (first, first_then, change)))
    rows.append(
        Row("founding_groups", _("Lần tư vấn nhóm sáng lập (không tính lượt)"), (groups, Cell(None), Cell(None)))
    )
    columns = (
        Column("now", _("Trong kỳ")),
        Column("last_year", _("Cùng kỳ năm trước")),
        Column("change", _("Tăng, giảm (%)"), Shape.PERCENT),
    )
    return Table("totals", _("Số liệu chung"), _("Chỉ tiêu"), columns, tuple(rows))


def _months(lines: ServedLines) -> Table:
    rows, year_before = [], lines.period.year_before()
    for month, now, then in zip(lines.period.months(), lines.by_month, lines.by_month_last_year, strict=True):
        part = lines.period.part(month)
        figures = served_cells(now.consultations, now.cooperatives, period=part)
        # Not the year before of the part: of days until 28 February 2025 that would be all of February 2024.
        before = leading(then.consultations, "entries", period=year_before.part(month.plus(-12)))
        rows.append(Row(now.code, now.name, (*figures, before)))
    columns = (*served_columns(), Column("last_year", _("Lượt cùng kỳ")))
    chart = Chart("trend", ("consultations", "last_year"))
    return Table("month", _("Theo tháng"), _("Tháng"), columns, tuple(rows), chart=chart)


def _breakdown(code: str, title: str, what: str, lines: Iterable[Line], name: str) -> Table:
    """Return one breakdown whose lines lead on; the filter ``name`` understands their codes."""
    rows = []
    for line in lines:
        asked = {name: line.code} if line.code else {"unplaced": name}
        rows.append(Row(line.code, line.name, served_cells(line.consultations, line.cooperatives, **asked)))
    return Table(code, title, what, served_columns(), tuple(rows))


SERVED = ReportKind(
    code="served",
    slug="luot-htx",
    title=gettext_lazy("Kết quả tư vấn, hỗ trợ HTX"),
    rule=RULE,
    compute=_compute,
    lay_out=_lay_out,
    versioned=True,
    of_entries=True,
    carries=CARRIED,
    recount=_recount,
)


def period_label(period: Period) -> str:
    """Return the period in words with its exact days: "8 tháng đầu năm 2023 (01/01/2023 – 31/08/2023)"."""
    return period_name(period) if period.days else f"{period_name(period)} ({period_days(period)})"


def period_days(period: Period) -> str:
    """Return the exact days of a period: "01/01/2023 – 31/08/2023"."""
    return f"{period.start:%d/%m/%Y} – {period.end:%d/%m/%Y}"


def period_name(period: Period) -> str:
    """Return the period in words: "Tháng 06/2024", "Quý II năm 2024", "Từ 10/02/2024 đến 20/09/2024"."""
    first, last = period.first, period.last
    year = {"year": last.year}
    match period.span:
        case Span.MONTH:
            return str(_("Tháng %(months)s") % {"months": first.label})
        case Span.QUARTER:
            return str(_("Quý %(quarter)s năm %(year)s") % (year | {"quarter": ROMAN_QUARTERS[last.number // 3 - 1]}))
        case Span.HALF if first.number > 1:
            return str(_("6 tháng cuối năm %(year)s") % year)
        case Span.HALF | Span.FIRST_MONTHS:
            return str(_("%(n)s tháng đầu năm %(year)s") % (year | {"n": last.number}))
        case Span.YEAR:
            return str(_("Năm %(year)s") % year)
    if period.days:
        days = {"start": f"{period.start:%d/%m/%Y}", "end": f"{period.end:%d/%m/%Y}"}
        return str(_("Từ %(start)s đến %(end)s") % days)
    months = f"{first.number:02d}–{last.number:02d}/{last.year}"
    if first.year != last.year:
        months = f"{first.label} – {last.label}"
    return str(_("Tháng %(months)s") % {"months": months})
