"""The report "summary": the leaders' one page, every measure beside the times and the plan it is compared with."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from support_cases.models import Measure
from support_cases.reports.answers import Answer
from support_cases.reports.carried import CARRIED
from support_cases.reports.kinds import Figures, Listed, Names, ReportKind, Scope
from support_cases.reports.measures import MONEY_MEASURES, TIMES, count_measures, rows_of_measure, times_of
from support_cases.reports.periods import Period
from support_cases.reports.tables import ROWS, Behind, Cell, Column, Row, Shape, Table, Value, change_percent, percent

RULE = gettext_lazy(
    "Mỗi chỉ tiêu đếm lại từ đầu cho từng khoảng thời gian, theo đúng cách tính của báo cáo chi tiết. Kỳ trước là kỳ "
    "liền trước dài bằng kỳ này; cùng kỳ là chính các tháng, ngày này của năm trước; lũy kế tính từ đầu năm của tháng "
    "cuối kỳ. Không có số gốc thì không tính phần trăm (ghi –). Kỳ đang chạy chưa so sánh phần trăm với kỳ trọn vẹn. "
    "Phần trăm kế hoạch là lũy kế so với kế hoạch năm. Ước thực hiện do lãnh đạo ghi riêng, không cộng vào số đã đếm."
)
#: How the figures of the lượt open: as entries, as cooperatives, or as those not served before in the year.
_DOORS = {
    Measure.CONSULTATIONS: Behind("entries"),
    Measure.COOPERATIVES: Behind("cooperatives"),
    Measure.FIRST_TIME: Behind("cooperatives", (("first", "1"),)),
}
_COUNTS = tuple(measure for measure in Measure if measure not in MONEY_MEASURES)


def line_of(found: Answer, measure: Measure) -> tuple[Table, Row]:
    """Return the line an answer of this report has of a measure, with its table."""
    table = found.table("money" if measure in MONEY_MEASURES else "measures")
    return table, next(row for row in table.rows if row.code == measure.value)


def told_of(found: Answer, measure: Measure, columns: Iterable[str]) -> dict[str, Value]:
    """Return what an answer of this report says of a measure in some columns, by their codes."""
    table, _row = line_of(found, measure)
    return {column: table.value(measure.value, column) for column in columns}


class Measured:
    """The numbers of one measure."""

    def __init__(self, figures: Figures, measure: Measure):
        self._figures, self.measure = figures, measure

    def at(self, name: str) -> int:
        """What was counted in one of ``TIMES``."""
        return self._figures.get(name, {}).get(self.measure, [0])[0]

    def planned(self, name: str) -> int | None:
        """The ``target`` or the ``estimate``; None without one."""
        found = self._figures.get(name, {}).get(self.measure)
        return found[0] if found else None

    @property
    def percent_of_target(self) -> float | None:
        """What was reached since the start of the year in percent of the target; None without one."""
        return percent(self.at("cumulative"), self.planned("target") or 0)


def _lay_out(scope: Scope, figures: Figures, names: Names, frame: str) -> list[Table]:
    counts = (_("Các chỉ tiêu chính"), _COUNTS, Shape.COUNT)
    money = (_("Tiền vay (đồng)"), MONEY_MEASURES, Shape.MONEY)
    tables = [_measures("measures", *counts, scope, figures), _measures("money", *money, scope, figures)]
    expected = [("estimates", *counts), ("estimates_money", *money)]
    for code, _title, measures, shape in expected:
        wanted = [one for one in measures if one in figures.get("estimate", {})]
        if wanted:
            tables.append(_estimates(code, wanted, shape, scope, figures))
    return tables


def _measures(code: str, title: str, measures, shape: Shape, scope: Scope, figures: Figures) -> Table:
    rows = [Row(str(one), str(one.label), _cells(Measured(figures, one), scope)) for one in measures]
    words = {
        "now": _("Trong kỳ"),
        "previous": _("Kỳ trước"),
        "change_previous": _("So với kỳ trước (%)"),
        "last_year": _("Cùng kỳ năm trước"),
        "change_last_year": _("So với cùng kỳ (%)"),
        "cumulative": _("Lũy kế từ đầu năm"),
        "cumulative_last_year": _("Lũy kế cùng kỳ năm trước"),
        "change_cumulative": _("Lũy kế so với cùng kỳ (%)"),
        "target": _("Kế hoạch năm"),
        "percent_of_target": _("Đạt kế hoạch năm (%)"),
    }
    columns = tuple(
        Column(one, name, Shape.PERCENT if one.startswith(("change", "percent")) else shape)
        for one, name in words.items()
    )
    return Table(code, title, _("Chỉ tiêu"), columns, tuple(rows), note=_note(scope))


def _cells(one: Measured, scope: Scope) -> tuple[Cell, ...]:
    """Return the cells in the order of the columns; a running period is compared with nothing in percent."""
    times, whole = times_of(scope.period), not scope.is_running
    now, cumulative = one.at("now"), one.at("cumulative")

    def counted(name: str) -> Cell:
        return Cell(one.at(name), _behind_cell(one, name, times[name]))

    def change(value: int, base: str) -> Cell:
        return Cell(change_percent(value, one.at(base)) if whole else None)

    return (
        counted("now"),
        counted("previous"),
        change(now, "previous"),
        counted("last_year"),
        change(now, "last_year"),
        counted("cumulative"),
        counted("cumulative_last_year"),
        change(cumulative, "cumulative_last_year"),
        Cell(one.planned("target")),
        Cell(one.percent_of_target),
    )


def _behind_cell(one: Measured, name: str, period: Period) -> Behind | None:
    if not one.at(name):
        return None
    door = _DOORS.get(one.measure)
    return Behind(door.door, door.filters, None if name == "now" else period) if door else ROWS


def _note(scope: Scope) -> str:
    if not scope.is_running:
        return ""
    said = _("Kỳ đang chạy: số liệu đến hết ngày %(day)s, chưa so sánh phần trăm.")
    return said % {"day": f"{scope.stand:%d/%m/%Y}"}


def _estimates(code: str, measures, shape: Shape, scope: Scope, figures: Figures) -> Table:
    """Return what is expected of the whole period, apart from what was counted and beside it."""
    rows = []
    for measure in measures:
        one = Measured(figures, measure)
        expected = one.planned("estimate") or 0
        values = (
            one.at("now"),
            expected,
            percent(one.at("now"), expected),
            one.at("last_year"),
            change_percent(expected, one.at("last_year")),
        )
        rows.append(Row(str(measure), str(measure.label), tuple(Cell(value) for value in values)))
    columns = (
        Column("now", _("Đã đếm được"), shape),
        Column("estimate", _("Ước thực hiện cả kỳ"), shape),
        Column("reached", _("Đã đạt so với ước (%)"), Shape.PERCENT),
        Column("last_year", _("Cùng kỳ năm trước"), shape),
        Column("change", _("Ước so với cùng kỳ (%)"), Shape.PERCENT),
    )
    note = _("Số ước do lãnh đạo ghi, không phải số đếm được và không cộng vào bảng nào khác.")
    title = _("Ước thực hiện") if shape == Shape.COUNT else _("Ước thực hiện: tiền vay (đồng)")
    return Table(code, title, _("Chỉ tiêu"), columns, tuple(rows), note=note)


def _behind(scope: Scope, table: str, row: str, column: str) -> Listed | None:
    wanted = {"measures": _COUNTS, "money": MONEY_MEASURES}.get(table, ())
    return rows_of_measure(scope, row, column) if row in wanted and column in TIMES else None


SUMMARY = ReportKind(
    code="summary",
    slug="tong-hop",
    title=gettext_lazy("Tổng hợp các chỉ tiêu"),
    rule=RULE,
    compute=count_measures,
    lay_out=_lay_out,
    behind=_behind,
    of_entries=True,
    carries=CARRIED,
    # Some of the measures are counted from rows that are written over.
    rebuilt=False,
)
