"""The report "flow of cases": carried over, received, reopened, finished, ended otherwise, carried on."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperatives.errors import Words
from support_cases.choices import Status
from support_cases.models import CaseEvent
from support_cases.reports.carry_over import (
    FOLLOWED,
    JOINED,
    joining_note,
    joining_rows,
    joining_table,
    sent_dimension,
    sent_lines,
    sent_on,
)
from support_cases.reports.case_lists import by_name, case_units, listed_lines, unit_key
from support_cases.reports.counting import UNKNOWN
from support_cases.reports.kinds import Figures, Listed, Names, ReportKind, Scope
from support_cases.reports.periods import Month, Period
from support_cases.reports.served_lines import UNIT_DIMENSION, Named, months, topics, with_unknown
from support_cases.reports.spells import GROUPS, SUMS, Spells, known_lines, place_of
from support_cases.reports.tables import Cell, Chart, Column, Row, Shape, Table, opening, percent

RULE = gettext_lazy(
    "Hồ sơ tính vào ngày mở, ngày kết thúc và ngày mở lại ghi trong lịch sử hồ sơ, không phải ngày nhập; chỉ gồm những "
    "gì đã ghi đến thời điểm của báo cáo. Bước ghi ngày sớm hơn lần mở hoặc kết thúc liền trước thì tính vào ngày của "
    "lần đó. Kỳ trước chuyển sang + tiếp nhận + mở lại = hoàn thành + kết thúc khác + chuyển kỳ sau; hồ sơ mở lại rồi "
    "kết thúc lần nữa được tính thêm một lần. Trễ hạn là hoàn thành sau ngày hạn; thời gian chờ HTX bổ sung được cộng "
    "vào hạn nên không làm hồ sơ trễ; hồ sơ không có hạn tính là đúng hạn. Số ngày là ngày lịch từ lúc mở (hoặc mở "
    "lại) đến ngày hoàn thành, kể cả lúc chờ HTX. Hồ sơ của nhóm sáng lập cũng tính; theo địa bàn thì ở dòng Nhóm sáng "
    "lập, kể cả khi nhóm đã thành HTX. "
    "Theo cán bộ: tính cho người phụ trách khi hồ sơ kết thúc, hoặc vào cuối kỳ nếu chưa kết thúc; lần yêu cầu bổ "
    "sung tính cho người phụ trách lúc đó."
)
#: What a figure of the report holds: the sums of the spells, then the correction rounds.
NUMBERS = (*SUMS, "rounds")
_AT = {name: at for at, name in enumerate(NUMBERS)}
_FINISHED = ("on_time", "late")
OTHER_ENDS = ("withdrawn", "not_eligible", "unreachable", "stopped")
RESULTS = "results"
TOTAL = "total"


class FlowLine:
    """The numbers of one group of cases, and what follows from them."""

    def __init__(self, numbers: list[int] | None):
        self._numbers = numbers or [0] * len(NUMBERS)

    def __getitem__(self, number: str) -> int:
        """One number by its name; ``finished``, ``ended`` and ``to_do`` add up several."""
        parts = {"finished": _FINISHED, "ended": OTHER_ENDS, "to_do": ("carried_in", "received", "reopened")}
        return sum(self._numbers[_AT[name]] for name in parts.get(number, (number,)))

    @property
    def on_time_percent(self) -> float | None:
        """Completed in time in percent of all completed; None where none was."""
        return percent(self["on_time"], self["finished"])

    @property
    def completed_percent(self) -> float | None:
        """Completed in percent of all that ended; None where nothing did."""
        return percent(self["finished"], self["finished"] + self["ended"])

    @property
    def average_days(self) -> float | None:
        """Calendar days from opening to completion on average, one decimal; None where none was completed."""
        return round(self["days"] / self["finished"], 1) if self["finished"] else None


def rounds(scope: Scope, period: Period | None = None) -> QuerySet[CaseEvent]:
    """Return the lines that asked a cooperative for more papers on a day of the period, known by then."""
    during = period or scope.period
    asked = known_lines(scope.moment).filter(to_status=Status.WAITING_COOPERATIVE)
    return asked.exclude(from_status=Status.WAITING_COOPERATIVE).filter(effective_on__range=(during.start, during.end))


def _compute(scope: Scope) -> Figures:
    """Count in three statements; a few more tell what the period before was sent with."""
    found = Spells(scope.period.start, scope.period.end, scope.moment).sums()
    began, ended = found.pop("began", {}), found.pop("ended", {})
    figures: Figures = {
        group: {key: [*numbers, 0] for key, numbers in found.get(group, {}).items()} for group in (TOTAL, *GROUPS)
    }
    _add_rounds(figures, scope)
    figures["month"] = _by_month(scope, began, ended, FlowLine(figures[TOTAL].get(UNKNOWN))["carried_in"])
    return figures | sent_on(scope)


def _add_rounds(figures: Figures, scope: Scope) -> None:
    """Add the correction rounds to the numbers of every group they belong to."""
    groups: dict[str, Any] = {
        "topic": F("case__topic"),
        "district": place_of("old_district", scope.moment, "case__"),
        "commune": place_of("new_commune", scope.moment, "case__"),
        "officer": F("officer_id"),
    }
    named = {f"of_{group}": key for group, key in groups.items()}
    for row in rounds(scope).order_by().values(**named).annotate(n=Count("pk")):
        keys = {TOTAL: UNKNOWN} | {group: row[f"of_{group}"] for group in GROUPS}
        for group, key in keys.items():
            text = UNKNOWN if key is None else str(key)
            figures[group].setdefault(text, [0] * len(NUMBERS))[_AT["rounds"]] += row["n"]


def _by_month(scope: Scope, began: dict, ended: dict, carried_in: int) -> dict[str, list]:
    """Return the numbers of each month, from those of the days that spells began and ended on."""
    period = scope.period
    found = {str(month): [0] * len(NUMBERS) for month in period.months()}
    ends = (*_FINISHED, *OTHER_ENDS, "days")
    for days, names in ((began, ("received", "reopened")), (ended, ends)):
        for day, numbers in days.items():
            month = _month_of(day, period)
            for name in names if month else ():
                found[str(month)][_AT[name]] += numbers[_AT[name]]
    for day, count in rounds(scope).order_by().values_list("effective_on").annotate(n=Count("pk")):
        found[str(_month_of(day.isoformat(), period))][_AT["rounds"]] += count
    for numbers in found.values():
        line = FlowLine(numbers)
        numbers[_AT["carried_in"]] = carried_in
        carried_in += line["received"] + line["reopened"] - line["finished"] - line["ended"]
        numbers[_AT["carried_on"]] = carried_in
    return found


def _month_of(day: str, period: Period) -> Month | None:
    """Return the month of the period a day lies in; None for no day and for days outside of the period."""
    if not period.start.isoformat() <= day <= period.end.isoformat():
        return None
    return Month.containing(date.fromisoformat(day), period.calendar)


def _lay_out(scope: Scope, figures: Figures, names: Names, frame: str) -> list[Table]:
    unit = UNIT_DIMENSION[frame]
    total = FlowLine(figures[TOTAL].get(UNKNOWN))
    officers = names.officers(figures["officer"])
    places = case_units(unit, {**figures.get(sent_dimension(unit), {}), **figures[unit]}, names)
    parts: list[tuple[str, str, str, Iterable[Named]]] = [
        ("topic", _("Theo nội dung"), _("Nội dung"), topics(figures["topic"])),
        (unit, _("Theo địa bàn"), _("Địa bàn"), places),
        ("officer", _("Theo cán bộ"), _("Cán bộ"), by_name(officers)),
    ]
    by_month = _breakdown("month", _("Theo tháng"), _("Tháng"), months(scope.period), figures["month"], None)
    breakdowns = [_breakdown(*part, figures[part[0]], total) for part in parts]
    joined = [
        *joining_table("topic", _("Nối với kỳ trước, theo nội dung"), _("Nội dung"), parts[0][3], figures),
        *joining_table(unit, _("Nối với kỳ trước, theo địa bàn"), _("Địa bàn"), places, figures),
    ]
    results = _results(figures["topic"], total)
    return [_totals(total, figures), by_month, breakdowns[0], results, *breakdowns[1:], *joined]


def _totals(total: FlowLine, figures: Figures) -> Table:
    """Return every number of the whole period on a line of its own, in percent of all that was to be done."""
    rows = joining_rows(figures)
    for code, name in _words():
        share = None if code == "rounds" else percent(total[code], total["to_do"])
        rows.append(
            Row(code, name, (opening(total[code]), Cell(share)), is_total=code in ("to_do", "finished", "ended"))
        )
    columns = (Column("cases", _("Số lượng")), Column("share", _("So với phải giải quyết (%)"), Shape.PERCENT))
    return Table("totals", _("Số liệu chung"), _("Chỉ tiêu"), columns, tuple(rows), note=joining_note(figures))


def _words() -> tuple[tuple[str, str], ...]:
    return (
        ("carried_in", _("Kỳ trước chuyển sang")),
        ("received", _("Tiếp nhận trong kỳ")),
        ("reopened", _("Mở lại trong kỳ")),
        ("to_do", _("Tổng phải giải quyết")),
        ("finished", _("Hoàn thành")),
        ("on_time", _("Hoàn thành đúng hạn")),
        ("late", _("Hoàn thành trễ hạn")),
        ("ended", _("Kết thúc khác")),
        ("withdrawn", str(Status.WITHDRAWN.label)),
        ("not_eligible", str(Status.NOT_ELIGIBLE.label)),
        ("unreachable", str(Status.UNREACHABLE.label)),
        ("stopped", str(Status.STOPPED.label)),
        ("carried_on", _("Chuyển kỳ sau")),
        ("rounds", _("Lần yêu cầu HTX bổ sung")),
    )


def _columns() -> tuple[Column, ...]:
    words = dict(_words())
    return (
        *(Column(code, words[code]) for code in ("carried_in", "received", "reopened", "finished")),
        Column("late", _("Trong đó trễ hạn")),
        *(Column(code, words[code]) for code in ("ended", "carried_on")),
        Column("rounds", _("Lần yêu cầu bổ sung")),
        Column("on_time_percent", _("Đúng hạn (%)"), Shape.PERCENT),
        Column("average_days", _("Số ngày bình quân"), Shape.DECIMAL),
    )


def _breakdown(
    code: str, title: str, what: str, named: Iterable[Named], found: dict[str, list], total: FlowLine | None
) -> Table:
    """Return one breakdown; with ``total`` the sum stands below, for every case belongs to one line."""
    columns = _columns()
    rows = [Row(of, name, _cells(FlowLine(found.get(key)), columns)) for key, of, name in with_unknown(named, found)]
    if total is not None:
        rows.append(Row(TOTAL, _("Cộng"), _cells(total, columns), is_total=True))
    chart = Chart("trend", ("received", "finished")) if code == "month" else None
    return Table(code, title, what, columns, tuple(rows), chart=chart)


def _results(found: dict[str, list], total: FlowLine) -> Table:
    """Return what the cases that ended came to, by topic."""
    lines = [(code, name, FlowLine(found.get(key))) for key, code, name in with_unknown(topics(found), found)]
    ends, words = ("finished", *OTHER_ENDS), dict(_words())

    def row(code: str, name: str, line: FlowLine, *, is_total: bool = False) -> Row:
        return Row(code, name, (*(opening(line[end]) for end in ends), Cell(line.completed_percent)), is_total=is_total)

    rows = [row(*line) for line in lines]
    columns = (*(Column(end, words[end]) for end in ends), Column("percent", _("Hoàn thành (%)"), Shape.PERCENT))
    note = _("Hoàn thành gồm cả hỗ trợ được một phần; dừng theo dõi gồm cả việc không thuộc phạm vi của tổ công tác.")
    rows.append(row(TOTAL, _("Cộng"), total, is_total=True))
    return Table(RESULTS, _("Hồ sơ đã kết thúc theo kết quả"), _("Nội dung"), columns, tuple(rows), note=note)


def _cells(line: FlowLine, columns: tuple[Column, ...]) -> tuple[Cell, ...]:
    counts = (opening(line[column.code]) for column in columns[:-2])
    return (*counts, Cell(line.on_time_percent), Cell(line.average_days))


def _behind(scope: Scope, table: str, row: str, column: str) -> Listed | None:
    if (table, row, column) == ("totals", "sent", "cases"):
        return _sent_behind(scope, TOTAL, UNKNOWN)
    if table.startswith(JOINED):
        return _joined_behind(scope, table.removeprefix(JOINED), row, column)
    number, group, key, during = column, TOTAL, UNKNOWN, scope.period
    if table == "totals":
        number = row if column == "cases" else ""
    elif table == "month":
        during = scope.period.part_called(row)
    elif row != TOTAL:
        group = "topic" if table == RESULTS else table
        key = unit_key(group, row)
    if table == RESULTS and number not in ("finished", *OTHER_ENDS):
        return None
    words: dict[str, Words] = dict(_words())
    if number not in words or during is None or key is None or group not in (TOTAL, *GROUPS):
        return None
    if number == "rounds":
        lines = _rounds_of(scope, during, group, key)
    else:
        lines = Spells(during.start, during.end, scope.moment).lines(number, group, key)
    return listed_lines(words[number], lines)


def _joined_behind(scope: Scope, group: str, row: str, column: str) -> Listed | None:
    """Return what a table lists that joins a group with the period before; what was adjusted is not listed here."""
    if group not in FOLLOWED or column not in ("sent", "carried_in"):
        return None
    if column == "carried_in":
        return _behind(scope, group, row, column)
    key = UNKNOWN if row == TOTAL else unit_key(group, row)
    return None if key is None else _sent_behind(scope, TOTAL if row == TOTAL else group, key)


def _sent_behind(scope: Scope, group: str, key: str) -> Listed | None:
    lines = sent_lines(scope, group, key)
    return None if lines is None else listed_lines(_("Chuyển kỳ sau đã báo cáo ở kỳ trước"), lines)


def _rounds_of(scope: Scope, during: Period, group: str, key: str) -> QuerySet[CaseEvent]:
    lines = rounds(scope, during)
    if group == TOTAL:
        return lines
    places = {"district": "old_district", "commune": "new_commune"}
    if group in places:
        lines = lines.annotate(place=place_of(places[group], scope.moment, "case__"))
        return lines.filter(place=int(key)) if key else lines.filter(place__isnull=True)
    if group == "topic":
        return lines.filter(case__topic=key)
    return lines.filter(officer=int(key)) if key else lines.filter(officer__isnull=True)


FLOW = ReportKind(
    code="flow",
    slug="bien-dong-ho-so",
    title=gettext_lazy("Biến động hồ sơ hỗ trợ"),
    rule=RULE,
    compute=_compute,
    lay_out=_lay_out,
    behind=_behind,
)
