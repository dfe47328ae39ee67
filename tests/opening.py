"""Opening a figure of a report: the rows its list would show, asked the way the pages ask."""

from datetime import date

from support_cases.filters import ConsultationFilter, ListedConsultationFilter
from support_cases.models import Consultation
from support_cases.reports.answers import Answer
from support_cases.reports.behind import cooperatives_of, counted_entries
from support_cases.reports.tables import Behind


def rows_behind(found: Answer, table: str, row: str, column: str, behind: Behind, *, as_of: date | None) -> int:
    """Return how many rows the list behind one figure has."""
    period, filters = behind.period or found.period, dict(behind.filters)
    if behind.door == "rows":
        assert found.kind.behind is not None
        listed = found.kind.behind(found.basis.scope, table, row, column)
        assert listed is not None, (table, row, column)
        return listed.rows.count()
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


def wrong_figures(found: Answer, *, as_of: date | None) -> list[tuple]:
    """Return every figure that is not as many as the rows it opens into, as table, line, column, figure and rows."""
    wrong = []
    for table in found.tables:
        for line in table.rows:
            for column, cell in zip(table.columns, line.cells, strict=True):
                if cell.behind is None:
                    continue
                rows = rows_behind(found, table.code, line.code, column.code, cell.behind, as_of=as_of)
                if rows != cell.value:
                    wrong.append((table.code, line.code, column.code, cell.value, rows))
    return wrong
