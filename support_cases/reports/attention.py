"""The report "overdue and stale": open cases at the end of a day by how late, how untouched and how old they are."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from support_cases.choices import Status
from support_cases.models import CaseEvent
from support_cases.reports.case_lists import by_name, case_columns, case_units, case_words, unit_key
from support_cases.reports.counting import UNKNOWN
from support_cases.reports.kinds import Figures, Listed, Names, ReportKind, Scope
from support_cases.reports.open_cases import STALE_AFTER, open_cases, overdue, stale
from support_cases.reports.served_lines import UNIT_DIMENSION, Named, topics, with_unknown
from support_cases.reports.tables import Cell, Chart, Column, Row, Shape, Table, Value, opening
from support_cases.support_types import topic_label

RULE = gettext_lazy(
    "Tính vào cuối ngày cuối kỳ, hoặc ngày lập báo cáo nếu kỳ chưa kết thúc, theo những gì đã ghi đến lúc đó. Quá hạn "
    "là hồ sơ chưa kết thúc đã qua ngày hạn; đúng ngày hạn thì chưa quá hạn. Hồ sơ đang chờ HTX bổ sung được dừng tính "
    "hạn nên không quá hạn; khi HTX nộp, hạn được cộng thời gian chờ. Tồn đọng là hồ sơ chưa kết thúc mà hơn 30 ngày "
    "không ai làm bước nào, không nhận giấy tờ và không có lần tư vấn nào về hồ sơ; hồ sơ chờ HTX cũng có thể tồn "
    "đọng. Thời gian mở tính từ ngày mở, hoặc ngày mở lại gần nhất. Số ngày là ngày lịch. Theo địa bàn, "
    "hồ sơ của nhóm sáng lập ở dòng Nhóm sáng lập, kể cả khi nhóm đã thành HTX."
)
#: Bands of days, each up to and with its last day; the last band has no end.
OVERDUE_BANDS = ((1, 7), (8, 30), (31, 90), (91, None))
STALE_BANDS = ((STALE_AFTER + 1, 60), (61, 90), (91, 180), (181, None))
AGE_BANDS = ((0, 30), (31, 90), (91, 180), (181, 365), (366, None))
BANDS = {"overdue": OVERDUE_BANDS, "stale": STALE_BANDS, "age": AGE_BANDS}
NUMBERS = ("open", "waiting", "overdue", "stale")
GROUPS = ("topic", "district", "commune", "officer")
TOTAL = "total"
#: So many of the longest overdue cases stand in the report itself; all of them are in the list behind their number.
MOST_NAMED = 50

Band = tuple[int, int | None]


def _compute(scope: Scope) -> Figures:
    """Count in two statements."""
    day = scope.stand
    figures: Figures = {name: {band_code(band): [0] for band in bands} for name, bands in BANDS.items()}
    figures |= {group: {} for group in (TOTAL, *GROUPS)}
    rows = open_cases(day, scope.moment)
    for topic, district, commune, officer, state, due_on, began, touched in rows.order_by().values_list(
        "case_topic", "district", "commune", "holder", "state", "due_day", "began", "touched"
    ):
        waits = state == Status.WAITING_COOPERATIVE
        late = (day - due_on).days if due_on and not waits else 0
        idle = (day - touched).days
        found = (1, int(waits), int(late > 0), int(idle > STALE_AFTER))
        for group, key in zip((TOTAL, *GROUPS), (UNKNOWN, topic, district, commune, officer), strict=True):
            text = UNKNOWN if key is None else str(key)
            sums = figures[group].setdefault(text, [0] * len(NUMBERS))
            sums[:] = [one + more for one, more in zip(sums, found, strict=True)]
        for name, days in (("overdue", late), ("stale", idle), ("age", (day - began).days)):
            for band in BANDS[name]:
                figures[name][band_code(band)][0] += _lies_in(days, band)
    figures["longest"] = _longest(rows, day)
    return figures


def _longest(rows: QuerySet[CaseEvent], day: date) -> dict[str, list]:
    """Return the cases longest overdue by reference: topic, officer, due day, days over it."""
    late = overdue(rows, day).order_by("due_day", "pk")[:MOST_NAMED]
    return {
        reference: [topic, holder, due_on.isoformat(), (day - due_on).days]
        for reference, topic, holder, due_on in late.values_list("case__reference", "case_topic", "holder", "due_day")
    }


def band_code(band: Band) -> str:
    """Return what the outside knows a band of days by: 8-30, or 91+."""
    return f"{band[0]}-{band[1]}" if band[1] is not None else f"{band[0]}+"


def _lies_in(days: int, band: Band) -> bool:
    return band[0] <= days and (band[1] is None or days <= band[1])


def _lay_out(scope: Scope, figures: Figures, names: Names, frame: str) -> list[Table]:
    unit = UNIT_DIMENSION[frame]
    total = figures[TOTAL].get(UNKNOWN, [0] * len(NUMBERS))
    officers = names.officers(figures["officer"])
    parts: list[tuple[str, str, str, Iterable[Named]]] = [
        ("topic", _("Theo nội dung"), _("Nội dung"), topics(figures["topic"])),
        (unit, _("Theo địa bàn"), _("Địa bàn"), case_units(unit, figures[unit], names)),
        ("officer", _("Theo cán bộ"), _("Cán bộ"), by_name(officers)),
    ]
    aged = [
        ("overdue", _("Quá hạn theo số ngày"), _("Quá hạn")),
        ("stale", _("Tồn đọng theo số ngày không xử lý"), _("Không xử lý")),
        ("age", _("Hồ sơ chưa kết thúc theo thời gian mở"), _("Đã mở")),
    ]
    return [
        _totals(total),
        *(_aged(code, title, what, figures[code]) for code, title, what in aged),
        *(_breakdown(*part, figures[part[0]], total) for part in parts),
        _named(figures["longest"], officers),
    ]


def _words() -> dict[str, str]:
    return {
        "open": _("Chưa kết thúc"),
        "waiting": _("Đang chờ HTX bổ sung"),
        "overdue": _("Quá hạn"),
        "stale": _("Tồn đọng"),
    }


def _totals(total: list[int]) -> Table:
    words = _words()
    rows = tuple(Row(code, words[code], (opening(value),)) for code, value in zip(NUMBERS, total, strict=True))
    return Table("totals", _("Số liệu chung"), _("Chỉ tiêu"), (Column("cases", _("Số hồ sơ")),), rows)


def _aged(code: str, title: str, what: str, found: dict[str, list]) -> Table:
    rows = tuple(
        Row(band_code(band), _band_words(band), (opening(found.get(band_code(band), [0])[0]),)) for band in BANDS[code]
    )
    columns = (Column("cases", _("Số hồ sơ")),)
    return Table(code, title, what, columns, rows, chart=Chart("ageing", ("cases",)))


def _band_words(band: Band) -> str:
    first, last = band
    if last is None:
        return _("Trên %(days)s ngày") % {"days": first - 1}
    return _("%(first)s đến %(last)s ngày") % {"first": first, "last": last}


def _breakdown(
    code: str, title: str, what: str, named: Iterable[Named], found: dict[str, list], total: list[int]
) -> Table:
    nothing = [0] * len(NUMBERS)
    lines = with_unknown(named, found)
    rows = [Row(of, name, tuple(map(opening, found.get(key, nothing)))) for key, of, name in lines]
    rows.append(Row(TOTAL, _("Cộng"), tuple(map(opening, total)), is_total=True))
    words = _words()
    return Table(code, title, what, tuple(Column(name, words[name]) for name in NUMBERS), tuple(rows))


def _named(longest: dict[str, list], officers: dict[str, str]) -> Table:
    """Return the cases longest overdue, the longest first."""
    ordered = sorted(longest.items(), key=lambda one: (-one[1][3], one[0]))
    rows = tuple(
        Row(
            reference,
            reference,
            (
                Cell(str(topic_label(topic))),
                Cell(officers.get(str(holder), "")),
                Cell(date.fromisoformat(due_on)),
                Cell(days),
            ),
        )
        for reference, (topic, holder, due_on, days) in ordered
    )
    columns = (
        Column("topic", _("Nội dung"), Shape.TEXT),
        Column("officer", _("Cán bộ phụ trách"), Shape.TEXT),
        Column("due_on", _("Hạn xử lý"), Shape.DAY),
        Column("days", _("Số ngày quá hạn")),
    )
    note = _("Nhiều nhất %(most)s hồ sơ; mở số quá hạn để xem tất cả.") % {"most": MOST_NAMED}
    return Table("longest", _("Hồ sơ quá hạn lâu nhất"), _("Mã hồ sơ"), columns, rows, note=note, is_list=True)


def _behind(scope: Scope, table: str, row: str, column: str) -> Listed | None:
    day = scope.stand
    rows = open_cases(day, scope.moment)
    words = _words()
    number = row if table == "totals" and column == "cases" else column
    if table in BANDS:
        band = next((band for band in BANDS[table] if band_code(band) == row), None)
        if band is None or column != "cases":
            return None
        return _listed(scope, _band_words(band), _in_band(rows, table, band, day))
    if number not in words or (table == "totals") != (column == "cases"):
        return None
    if table != "totals" and row != TOTAL:
        key = unit_key(table, row)
        if key is None or table not in GROUPS:
            return None
        rows = _of_group(rows, table, key)
    elif table not in ("totals", *GROUPS):
        return None
    return _listed(scope, words[number], _of_number(rows, number, day))


def _of_number(rows: QuerySet[CaseEvent], number: str, day: date) -> QuerySet[CaseEvent]:
    """Return the open cases a number counts."""
    if number == "waiting":
        return rows.filter(state=Status.WAITING_COOPERATIVE)
    if number == "overdue":
        return overdue(rows, day)
    return stale(rows, day) if number == "stale" else rows


def _of_group(rows: QuerySet[CaseEvent], group: str, key: str) -> QuerySet[CaseEvent]:
    name = {"topic": "case_topic", "officer": "holder"}.get(group, group)
    if not key:
        return rows.filter(**{f"{name}__isnull": True})
    return rows.filter(**{name: key if group == "topic" else int(key)})


def _in_band(rows: QuerySet[CaseEvent], name: str, band: Band, day: date) -> QuerySet[CaseEvent]:
    """Return the open cases whose days of this kind lie in a band."""
    column = {"overdue": "due_day", "stale": "touched", "age": "began"}[name]
    rows = overdue(rows, day) if name == "overdue" else rows
    rows = rows.filter(**{f"{column}__lte": day - timedelta(days=band[0])})
    return rows if band[1] is None else rows.filter(**{f"{column}__gte": day - timedelta(days=band[1])})


def _listed(scope: Scope, title: str, rows: QuerySet[CaseEvent]) -> Listed:
    day = scope.stand
    columns = (
        *case_columns(),
        Column("status", _("Trạng thái"), Shape.TEXT),
        Column("due_on", _("Hạn xử lý"), Shape.DAY),
        Column("touched", _("Lần xử lý cuối"), Shape.DAY),
        Column("days", _("Số ngày quá hạn")),
    )
    return Listed(
        title=f"{title} ({day:%d/%m/%Y})",
        rows=rows.select_related("case__cooperative", "case__founding_group").order_by("due_day", "pk"),
        columns=columns,
        line=lambda event: _line(event, day),
        address=lambda event: ("support:case", (event.case.reference,)),
    )


def _line(event, day: date) -> tuple[Value, ...]:
    case, waits = event.case, event.state == Status.WAITING_COOPERATIVE
    late = (day - event.due_day).days if event.due_day and event.due_day < day and not waits else None
    return (
        *case_words(case),
        event.holder_name or "",
        str(Status(event.state).label),
        event.due_day,
        event.touched,
        late,
    )


ATTENTION = ReportKind(
    code="attention",
    slug="qua-han-ton-dong",
    title=gettext_lazy("Hồ sơ quá hạn, tồn đọng"),
    rule=RULE,
    compute=_compute,
    lay_out=_lay_out,
    behind=_behind,
)
