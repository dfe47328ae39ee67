"""Links from the figures of a report to exactly the entries or cooperatives behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from support_cases.forms.reports import month_text
from support_cases.reports.periods import Month, Period
from support_cases.reports.query import ReportQuery
from support_cases.reports.served import Line
from support_cases.support_types import SUPPORT_TYPES


@dataclass(frozen=True)
class Row:
    """One line of a table: its figures and where they lead; an empty address for nothing to show."""

    name: str
    consultations: int
    entries_url: str
    cooperatives: int
    cooperatives_url: str


class Links:
    """Addresses for one report; they repeat its period and the day whose knowledge it shows."""

    def __init__(self, query: ReportQuery, closing: int | None = None):
        self.query = query
        #: The number of the closing whose knowledge the report shows.
        self.closing = closing
        self._known: dict[tuple[str, Period | None], str] = {}

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

        Another period than the report's own is shown as it was known when that was closed.
        """
        period = period or self.query.period
        ends = period.days or (period.first, period.last)
        wanted = {"from": str(ends[0]), "to": str(ends[1]), "calendar": period.calendar}
        if self.closing and period != self.query.period:
            wanted["closing"] = str(self.closing)
        if self.query.as_of:
            wanted["as_of"] = self.query.as_of.isoformat()
        return wanted

    def _start(self, page: str, period: Period | None) -> str:
        """Return the address of ``page`` for ``period``, put together once for the hundreds of links of a report."""
        if (page, period) not in self._known:
            days = period or self.query.period
            within = {"held_from": days.start, "held_to": days.end}
            wanted = within if page == "support:consultations" else self.params(period)
            self._known[page, period] = f"{reverse(page)}?{urlencode(wanted)}"
        return self._known[page, period]

    def months(self, lines: Iterable[Line]) -> list[Row]:
        """Return the lines of a breakdown by month; each month is a period of its own."""
        return [self._month(line) for line in lines]

    def table(self, lines: Iterable[Line], name: str) -> list[Row]:
        """Return the lines of a breakdown whose codes the filter ``name`` understands."""
        return [self._row(line, self._filter(line, name)) for line in lines]

    def _month(self, line: Line) -> Row:
        # Not parsed as typed text is: the months of the year before may lie before the first one can ask for.
        year, number = map(int, line.code.split("-"))
        month = Month(year, number)
        period = Period(self.query.period.calendar, month, month)
        named = Line(line.code, month_text(month), line.consultations, line.cooperatives)
        return self._row(named, {}, period)

    def _filter(self, line: Line, name: str) -> dict[str, str] | None:
        """Return the filter that leaves what the line counts; None where no filter can."""
        if line.code:
            known = name != "topic" or line.code in SUPPORT_TYPES
            return {name: line.code} if known else None
        return {"unplaced": name} if name in ("district", "old_commune", "commune", "topic") else None

    def _row(self, line: Line, filters: dict[str, str] | None, period: Period | None = None) -> Row:
        if filters is None or not line.consultations:
            return Row(line.name, line.consultations, "", line.cooperatives, "")
        return Row(
            line.name,
            line.consultations,
            self.entries(period, **filters),
            line.cooperatives,
            self.cooperatives(period, **filters),
        )


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


def quick_periods(today, calendar: str) -> list[tuple[str, dict[str, str]]]:
    """Return the periods asked for most, as ``(words, parameters)``: running month, last month, this year."""
    running = Month.containing(today, calendar)
    last = running.plus(-1)
    january = Month(running.year, 1)
    periods = [
        (_("Tháng này"), running, running),
        (_("Tháng trước"), last, last),
        (_("Từ đầu năm"), january, running),
    ]
    if running.number > 1:
        whole = _("%(n)s tháng đầu năm %(year)s")
        periods.append((whole % {"n": last.number, "year": last.year}, january, last))
        before = (Month(running.year - 1, 1), Month(running.year - 1, last.number))
        periods.append((whole % {"n": last.number, "year": running.year - 1}, *before))
    year_before = running.year - 1
    periods.append((_("Cả năm %(year)s") % {"year": year_before}, Month(year_before, 1), Month(year_before, 12)))
    return [(words, {"from": str(first), "to": str(last), "calendar": calendar}) for words, first, last in periods]
