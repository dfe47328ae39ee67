"""Opening a figure of a report: the rows its list would show, asked the way the pages ask."""

from datetime import date

from support_cases.filters import ConsultationFilter, ListedConsultationFilter
from support_cases.models import Consultation
from support_cases.reports.answers import Answer
from support_cases.reports.behind import cooperatives_of, counted_entries
from support_cases.reports.opened import Line, open_figure
from support_cases.reports.tables import Behind, Shape, Value


def rows_behind(found: Answer, table: str, row: str, column: str, behind: Behind, *, as_of: date | None) -> int:
    """Return how many rows the list behind one figure has."""
    period, filters = behind.period or found.period, dict(behind.filters)
    if behind.door == "rows":
        return len(lines_behind(found, table, row, column))
    if behind.door == "cooperatives":
        first = filters.pop("first", "") == "1"
        rows = counted_entries(period, found.basis.moment, first_time=first)
        asked = ConsultationFilter(filters, queryset=rows, moment=found.basis.moment)
        assert asked.is_valid(), asked.errors
        return len(cooperatives_of(asked.qs))
    days = {"held_from": f"{period.start:%d/%m/%Y}", "held_to": f"{period.end:%d/%m/%Y}"}
    closing = found.basis.closing
    past = {"closing": str(closing.pk)} if closing else {"recorded_to": f"{as_of:%d/%m/%Y}" if as_of else ""}
    asked = ListedConsultationFilter(
        {"party": "cooperative", **filters, **days, **past}, queryset=Consultation.objects.all()
    )
    assert asked.is_valid(), asked.errors
    return asked.qs.count()


def lines_behind(found: Answer, table: str, row: str, column: str) -> list[Line]:
    """Return the lines of the list behind one figure, as every door is given them."""
    opened = open_figure(found.kind, found.basis, table, row, column)
    assert opened is not None, (found.kind.code, table, row, column)
    lines = opened.lines(opened.rows)
    assert {len(one.values) for one in lines} <= {len(opened.columns)}
    return lines


def adds_up(found: Answer, table: str, row: str, column: str, money: Value) -> bool:
    """Whether the list behind a sum says it, and its lines add up to it, page for page."""
    opened = open_figure(found.kind, found.basis, table, row, column)
    assert opened is not None, (found.kind.code, table, row, column)
    lines = opened.lines(opened.rows)
    assert opened.summed is not None, (found.kind.code, table, row, column)
    at = opened.columns.index(opened.summed)
    return sum(one.values[at] or 0 for one in lines) == opened.total == money


def is_sum(found: Answer, table: str, row: str, column: str) -> bool:
    """Whether the list behind one figure says that it adds up to it."""
    opened = open_figure(found.kind, found.basis, table, row, column)
    return opened is not None and opened.summed is not None


def wrong_figures(found: Answer, *, as_of: date | None) -> list[tuple]:
    """Return every figure that is not as many as the rows it opens into, as table, line, column, figure and rows; of a
    sum of money, where the rows do not add up to it.
    """
    wrong = []
    for table in found.tables:
        for line in table.rows:
            for column, cell in zip(table.columns, line.cells, strict=True):
                # A word that leads to one case is no figure, and another report tells more than one.
                if cell.behind is None or cell.behind.door in ("case", "report"):
                    continue
                codes = (table.code, line.code, column.code)
                if column.shape == Shape.MONEY or (cell.behind.door == "rows" and is_sum(found, *codes)):
                    if not adds_up(found, *codes, cell.value):
                        wrong.append((*codes, cell.value, None))
                    continue
                rows = rows_behind(found, table.code, line.code, column.code, cell.behind, as_of=as_of)
                if rows != cell.value:
                    wrong.append((table.code, line.code, column.code, cell.value, rows))
    return wrong
