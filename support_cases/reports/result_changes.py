"""Results of support that were sent and stand otherwise in the register of today: loans, stars, terms, placements.

Nobody recorded when a loan or a rating was written over, so these are no dated changes but differences: they are told
in every later report of the year until the period is closed anew.
"""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from support_cases.models import Closing
from support_cases.reports.chains import Sent
from support_cases.reports.counting import FRAMES
from support_cases.reports.kinds import Names, Scope
from support_cases.reports.outcomes import OUTCOMES
from support_cases.reports.periods import Period
from support_cases.reports.tables import Cell, Column, Row, Shape, Table, Value

#: The latest closings followed whose results are counted again, one statement each.
MOST_CLOSINGS = 12
#: So many lines are told.
MOST_LINES = 100
#: Shapes of what is counted; percents and averages follow from these.
_COUNTED = (Shape.COUNT, Shape.MONEY)
_MARK = "|"


def result_changes(scope: Scope, sent: Sequence[Sent]) -> dict[str, list]:
    """Return the results of the closings followed in the year of the period that are not as they were sent: first and
    last month, table, line and column, joined by strokes → ``[sent, now]``.
    """
    year = scope.period.last.year
    wanted = {one.closing: one.closed_at for one in sent if one.period.last.year == year}
    latest = sorted(wanted, key=lambda period: (period.last, period.first))[-MOST_CLOSINGS:]
    kept = _kept(scope.period.calendar, {period: wanted[period] for period in latest})
    found: dict[str, list] = {}
    for period in latest:
        if (figures := kept.get(period)) is None:
            continue
        then = Scope(period, scope.moment, max(scope.day, period.end))
        tables = [OUTCOMES.lay_out(then, one, Names(), FRAMES[0]) for one in (figures, OUTCOMES.compute(then))]
        for table, row, column, before, now in cells_that_differ(*tables):
            codes = (str(period.first), str(period.last), table.code, row.code, column.code)
            found[_MARK.join(codes)] = [before, now]
    return dict(list(found.items())[:MOST_LINES])


def _kept(calendar: str, wanted: dict[Period, object]) -> dict[Period, dict]:
    """Return the results each of some closings keeps; one query."""
    if not wanted:
        return {}
    rows = Closing.objects.filter(calendar=calendar, closed_at__in=list(wanted.values()))
    found = {}
    for first, last, closed_at, figures in rows.values_list("first", "last", "closed_at", "figures__outcomes"):
        period = Period.of_months(calendar, first, last)
        if wanted.get(period) == closed_at and figures is not None:
            found[period] = figures
    return found


def cells_that_differ(
    before: Sequence[Table], after: Sequence[Table]
) -> Iterator[tuple[Table, Row, Column, Value, Value]]:
    """Yield what is counted otherwise in two layings-out of one report; a total only where no line of it differs, and
    None for a line that is not there.
    """
    others = {table.code: table for table in after}
    for table in before:
        if table.is_list or table.code not in others:
            continue
        other = others[table.code]
        for at, column in enumerate(table.columns):
            if column.shape not in _COUNTED or column.code not in other.column_codes:
                continue
            yield from _of_column(table, other, at)


def _of_column(table: Table, other: Table, at: int) -> Iterator[tuple[Table, Row, Column, Value, Value]]:
    column = table.columns[at]
    there = other.column_codes.index(column.code)
    rows = {row.code: row for row in (*other.rows, *table.rows)}
    then = {row.code: row.cells[at].value for row in table.rows}
    now = {row.code: row.cells[there].value for row in other.rows}
    lines = [(row, then.get(code), now.get(code)) for code, row in rows.items()]
    differing = [line for line in lines if (line[1] or 0) != (line[2] or 0)]
    shown = [line for line in differing if not line[0].is_total] or differing
    for row, before, after in shown:
        yield table, row, column, before, after


def result_changes_table(scope: Scope, changes: dict[str, list]) -> Table:
    """Return these differences as a table."""
    rows = []
    called: dict[Period, dict[str, Table]] = {}
    for key, (sent, now) in changes.items():
        first, last, code, line, column = key.split(_MARK, 4)
        period = Period.of_months(scope.period.calendar, first, last)
        if period not in called:
            empty = OUTCOMES.lay_out(Scope(period, scope.moment, scope.day), {}, Names(), FRAMES[0])
            called[period] = {table.code: table for table in empty}
        table, name, title = _words(called[period].get(code), line, column)
        months = period.first.label if period.length == 1 else f"{period.first.label} – {period.last.label}"
        values = (table, title, sent, now, (now or 0) - (sent or 0))
        rows.append(Row(key, f"{months} · {name}", tuple(Cell(value) for value in values)))
    columns = (
        Column("table", _("Bảng"), Shape.TEXT),
        Column("column", _("Số liệu"), Shape.TEXT),
        Column("sent", _("Đã gửi"), Shape.MONEY),
        Column("now", _("Nay"), Shape.MONEY),
        Column("change", _("Chênh lệch"), Shape.MONEY),
    )
    note = _(
        "So số liệu kết quả các kỳ đã chốt trong năm với sổ lúc lập báo cáo này; sổ không ghi lúc sửa nên mỗi chênh "
        "lệch được nêu lại ở báo cáo sau, đến khi kỳ đó được chốt lại."
    )
    title = _("Số liệu kết quả đã gửi nay khác")
    return Table("results", title, _("Kỳ đã gửi, dòng"), columns, tuple(rows), note=note, is_list=True)


def _words(table: Table | None, line: str, column: str) -> tuple[str, str, str]:
    """Return what table, line and column are called; their codes where the report no longer has them."""
    if table is None:
        return "", line, column
    names = {row.code: str(row.name) for row in table.rows}
    titles = {one.code: str(one.title) for one in table.columns}
    return str(table.title), names.get(line, line), titles.get(column, column)
