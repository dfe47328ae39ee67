"""Links from the figures of a report to exactly the entries, cooperatives or other rows behind them."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from support_cases.filters import ConsultationFilter
from support_cases.models import Measure
from support_cases.reports.answers import Answer
from support_cases.reports.counting import frame_of
from support_cases.reports.kinds import ReportKind
from support_cases.reports.periods import MONTH, Month, Period, Span
from support_cases.reports.query import ReportQuery
from support_cases.reports.registry import REPORTS
from support_cases.reports.served import SERVED
from support_cases.reports.summary import line_of
from support_cases.reports.tables import Behind, Cell, Column, Row, Table
from support_cases.support_types import SUPPORT_TYPES
from support_cases.templatetags.reports import figure

# What of the list of entries a figure never narrows: the period, whose knowledge, and who is counted.
_NOT_NARROWING = {"held_from", "held_to", "cooperative", "party", "recorded_to", "closing"}
# What of an entry a list can be asked not to know.
_UNPLACED = dict(ConsultationFilter.base_filters["unplaced"].extra["choices"])


def narrowing_names() -> list[str]:
    """Return the names of the filters by which a figure narrows the entries of its period."""
    return [name for name in ConsultationFilter.base_filters if name not in _NOT_NARROWING]


class Links:
    """Addresses for one report; they repeat its period and the day whose knowledge it shows."""

    def __init__(
        self,
        query: ReportQuery,
        closing: int | None = None,
        kind: ReportKind | None = None,
        closed_on: date | None = None,
    ):
        self.query, self.kind, self.closed_on = query, kind, closed_on
        #: The number of the closing whose knowledge the report shows.
        self.closing = closing
        self._known: dict[tuple[str, Period | None], str] = {}

    @classmethod
    def of(cls, found: Answer, query: ReportQuery) -> "Links":
        """Return the links of one report."""
        closing = found.basis.closing
        return cls(query, closing.pk if closing else None, found.kind, found.basis.closed_on)

    def to(self, table: Table, row: Row, column: Column, cell: Cell) -> str:
        """Return where a figure of the report leads; an empty text where nothing stands behind it."""
        if cell.behind is None:
            return ""
        if cell.behind.door == "rows":
            return self._rows(table.code, row.code, column.code)
        if cell.behind.door == "report":
            return f"{address_of(REPORTS[dict(cell.behind.filters)['code']])}{self.asked()}"
        if cell.behind.door == "case":
            return reverse("support:case", args=[dict(cell.behind.filters)["reference"]])
        return self.behind(cell.behind)

    def to_sum(self, table: Table, rows: Sequence[Row], at: int) -> str:
        """Return where the sum of a column over following months leads: the entries of just these months, the rows of
        the only month that has any, or the report of these months where no list agrees with the sum. An empty text for
        a sum of nothing.
        """
        cells = [(row, row.cells[at]) for row in rows if row.values[at]]
        if not cells:
            return ""
        months = [Month.parse(row.code) for row in rows]
        ways = {self._as_moved(row, cell) for row, cell in cells}
        filters, moved = ways.pop() if len(ways) == 1 else (None, 0)
        if filters is not None:
            within = self.query.period.year_before() if moved else self.query.period
            days = within.part_of(months[0].plus(moved), months[-1].plus(moved))
            return self.behind(Behind("entries", filters, days))
        if len(cells) == 1:
            return self.to(table, cells[0][0], table.columns[at], cells[0][1])
        return self._report(self.query.period.part_of(months[0], months[-1]))

    @staticmethod
    def _as_moved(row: Row, cell: Cell) -> tuple[tuple[tuple[str, str], ...] | None, int]:
        """Return what narrows the entries of a month, and by how many months these are earlier; None where there is no
        list of entries.
        """
        way = cell.behind
        if way is None or way.door != "entries" or way.period is None:
            return None, 0
        own = Month.parse(row.code)
        moved = next((by for by in (0, -12) if own.plus(by) == way.period.first), None)
        return (None, 0) if moved is None else (way.filters, moved)

    def behind(self, way: Behind | None) -> str:
        """Return the entries or cooperatives of a figure; an empty text where there are none, or none a filter can ask
        for.
        """
        if way is None:
            return ""
        filters = dict(way.filters)
        unknown = filters.get("topic") not in (None, *SUPPORT_TYPES) or filters.get("unplaced") not in (
            None,
            *_UNPLACED,
        )
        if unknown:
            return ""
        return (self.entries if way.door == "entries" else self.cooperatives)(way.period, **filters)

    def entries(self, period: Period | None = None, **filters: str) -> str:
        """Return the list of the entries of ``period`` (the report's own by default) that ``filters`` leave."""
        wanted = {"party": "cooperative", **filters}
        if self.closing:
            wanted["closing"] = str(self.closing)
        elif self.query.as_of:
            wanted["recorded_to"] = self.query.as_of.isoformat()
        return f"{self._start('support:consultations', period)}&{_encoded(*wanted.items())}"

    def cooperatives(self, period: Period | None = None, **filters: str) -> str:
        """Return the list of the cooperatives served in ``period`` that ``filters`` leave."""
        start = self._start("support:report-cooperatives", period)
        return f"{start}&{_encoded(*filters.items())}" if filters else start

    def params(self, period: Period | None = None) -> dict[str, str]:
        """Return the period and the knowledge as parameters of a report page.

        Another period than the report's own is shown as it was known when that was closed; the report's own of one of
        its closings by the number of that, where that was asked for.
        """
        period = period or self.query.period
        wanted = period_params(period)
        if self.closing and (period != self.query.period or self.query.closing):
            wanted["closing"] = str(self.closing)
        if self.query.as_of:
            wanted["as_of"] = self.query.as_of.isoformat()
        return wanted

    def asked(self, **more: str) -> str:
        """Return the whole question of the report, a frame that was chosen included, as the query of an address."""
        return f"?{urlencode(self.params() | frame_params(self.query, self.query.period) | more)}"

    def standing(self) -> str:
        """Return the question for what the period is answered with now, as the query of an address."""
        period = self.query.period
        return f"?{urlencode(period_params(period) | frame_params(self.query, period))}"

    def _report(self, period: Period) -> str:
        """Return this report on another period, as known when its own was closed."""
        known_by = self.query.as_of or self.closed_on
        knowledge = {"as_of": known_by.isoformat()} if known_by else {}
        return f"?{urlencode(period_params(period) | frame_params(self.query, period) | knowledge)}"

    def _rows(self, table: str, row: str, column: str) -> str:
        address = reverse("support:report-behind", args=[self.kind])
        return f"{address}{self.asked(bang=table, dong=row, cot=column)}"

    def _start(self, page: str, period: Period | None) -> str:
        """Return the address of ``page`` for ``period``, put together once for the hundreds of links of a report."""
        if (page, period) not in self._known:
            days = period or self.query.period
            within = {"held_from": str(days.start), "held_to": str(days.end)}
            wanted = within if page == "support:consultations" else self.params(period)
            self._known[page, period] = f"{reverse(page)}?{urlencode(wanted)}"
        return self._known[page, period]


def measured(found: Answer, measure: Measure, columns: Iterable[str]) -> dict[str, SafeString]:
    """Return what an answer of the report "summary" counted of a measure in some columns, by their codes: figures as
    markup that lead where those of the report do.
    """
    links = Links.of(found, ReportQuery(found.period, found.frame, None))
    table, row = line_of(found, measure)
    there = {column.code: (column, cell) for column, cell in zip(table.columns, row.cells, strict=True)}
    return {code: figure(there[code][1].value, links.to(table, row, *there[code])) for code in columns}


def address_of(kind: ReportKind) -> str:
    """Return the page of a report; the one of lượt is where everybody looks for reports."""
    return reverse("support:report") if kind is SERVED else reverse("support:report-kind", args=[kind])


def period_params(period: Period) -> dict[str, str]:
    """Return the parameters that ask for a period, as few as say it."""
    calendar = {"calendar": period.calendar} if period.calendar != MONTH else {}
    if period.span != Span.FREE:
        return {"period": period.code} | calendar
    ends = period.days or (period.first, period.last)
    return {"from": str(ends[0]), "to": str(ends[1])} | calendar


def frame_params(query: ReportQuery, period: Period) -> dict[str, str]:
    """Return the parameter that asks for ``period`` in the frame chosen in ``query``; none where it is its own."""
    frame = query.chosen_frame
    return {"frame": frame} if frame and frame != frame_of(period) else {}


@lru_cache(maxsize=4096)
def _encoded(*pairs: tuple[str, str]) -> str:
    """Return the pairs as part of an address; the same topics, areas and people come with every report."""
    return urlencode(pairs)


def change_words(percent: float | None) -> str:
    """Return a change against the same period of the year before in words; None means nothing to compare."""
    if percent is None:
        return _("không có số liệu gốc để so sánh")
    if percent == 0:
        return _("bằng cùng kỳ")
    number = f"{abs(percent):.1f}".replace(".", ",").removesuffix(",0")
    words = _("tăng %(n)s%%") if percent > 0 else _("giảm %(n)s%%")
    return words % {"n": number}
