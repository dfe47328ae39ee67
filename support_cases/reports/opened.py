"""What a figure opens into, for every door alike: rows as they are, or as the closing of the period keeps them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from cooperatives.errors import Words
from cooperatives.models import Cooperative, FoundingGroup, names_then
from support_cases.models import KeptLists
from support_cases.reports.answers import answer_on
from support_cases.reports.basis import Basis
from support_cases.reports.counting import FRAMES
from support_cases.reports.kept_lists import Content, cell_key, is_of_before, plain_columns, plain_values, typed_values
from support_cases.reports.kinds import Listed, ReportKind
from support_cases.reports.tables import ROWS, Cell, Column, Shape, Value


@dataclass(frozen=True)
class Line:
    """One line of a list: its values, the page that shows it, and what became of it since the closing."""

    values: tuple[Value, ...]
    address: tuple[str, tuple] | None
    remark: str = ""


@dataclass(frozen=True)
class Opened:
    """The rows behind one figure; ``lines`` tells those of one page. ``note`` says whose knowledge the list shows.

    ``summed`` is the column that adds up to the figure, ``total`` its sum over all rows; None where rows are counted.
    ``closed`` is the figure its closing keeps where the list is not kept with it; else None.
    """

    title: Words
    columns: tuple[Column, ...]
    rows: QuerySet | Sequence[Any]
    lines: Callable[[Iterable[Any]], list[Line]]
    note: str = ""
    summed: Column | None = None
    total: int | None = None
    closed: Value = None


def figure_opened(kind: ReportKind, basis: Basis, table: str, row: str, column: str) -> Opened:
    """Return what the figure with these codes opens into; no rows where it was nothing, or where there is none.

    Whoever finds no rows asks :func:`is_figure` which of both it is.
    """
    opened = open_figure(kind, basis, table, row, column)
    # Of a figure that was nothing at a closing no list is kept, and none is still its list.
    return opened or Opened(kind.title, (), (), lambda _page: [])


def is_figure(kind: ReportKind, basis: Basis, table: str, row: str, column: str) -> bool:
    """Whether the report has the figure with these codes, and it is nothing or opens into rows of the report."""
    cell = _cell_of(kind, basis, table, row, column)
    return cell is not None and (not cell.value or cell.behind == ROWS)


def open_figure(kind: ReportKind, basis: Basis, table: str, row: str, column: str) -> Opened | None:
    """Return what the figure with these codes opens into; None where there is no such figure, or none that opens.

    Of a closed period whose rows may have been written over since, that is what the closing keeps.
    """
    now = kind.listed(basis.scope, table, row, column)
    # Until the figures of a closing are counted, they are those of today as well.
    if basis.closing is None or not basis.closing.digest or kind.rebuilt:
        return _as_now(now, basis.moment) if now else None
    contents = KeptLists.objects.filter(closing=basis.closing, report=kind.code).values_list("content", flat=True)
    content, key = contents.first(), cell_key(table, row, column)
    if content is None or key in content["left_out"] or (key not in content["cells"] and _is_new(content, now)):
        said = _("Danh sách này lấy từ sổ hôm nay, không lưu khi chốt, nên có thể khác con số đã chốt.")
        closed = _cell_of(kind, basis, table, row, column) if now else None
        return replace(_as_now(now, basis.moment, said), closed=closed.value if closed else None) if now else None
    if key not in content["cells"]:
        return None
    day = f"{timezone.localtime(basis.closing.closed_at):%d/%m/%Y}"
    return _Kept(content, key, now, basis.closing.closed_at).opened(
        _("Danh sách như khi chốt số liệu ngày %(day)s.") % {"day": day}
    )


def _as_now(listed: Listed, moment: datetime | None, note: str = "") -> Opened:
    def lines(page: Iterable[Any]) -> list[Line]:
        return [Line(listed.line(row), listed.address(row)) for row in called_as_then(page, moment)]

    summed = _called(listed.summed, listed.columns)
    added = listed.rows.order_by().aggregate(total=Sum(listed.summed))["total"] if summed else None
    total = int(added or 0) if summed else None
    return Opened(listed.title, listed.columns, listed.rows, lines, note, summed, total)


def _is_new(content: Content, now: Listed | None) -> bool:
    """Whether the figure opened into nothing yet when its period was closed."""
    summed = _called(now.summed, now.columns) if now else None
    return summed is not None and is_of_before(content, now, summed.shape)


def _called(code: str, columns: Iterable[Column]) -> Column | None:
    return next((one for one in columns if one.code == code), None)


def _cell_of(kind: ReportKind, basis: Basis, table: str, row: str, column: str) -> Cell | None:
    """Return a figure of the report, in whichever frame it stands; None where it has no such line or column."""
    for frame in FRAMES:
        for one in answer_on(kind, basis, frame).own_tables:
            line = next((line for line in one.rows if line.code == row), None) if one.code == table else None
            if line is not None and column in one.column_codes:
                return line.cells[one.column_codes.index(column)]
    return None


def called_as_then(page: Iterable[Any], moment: datetime | None) -> list[Any]:
    """Return the rows of a page, with the parties that were read with them called as the register said just before
    ``moment`` (None: now); at most one query for those of each kind.
    """
    rows = list(page)
    parties = [party for row in rows for party in _parties_in(row)] if moment else []
    for model in (Cooperative, FoundingGroup):
        mine = [party for party in parties if isinstance(party, model)]
        names = names_then(moment, {party.pk for party in mine}, model) if mine else {}
        for party in mine:
            party.name = names.get(party.pk, party.name)
    return rows


def _parties_in(row: Model, depth: int = 2) -> Iterator[Cooperative | FoundingGroup]:
    """Yield the cooperatives and groups among what was read together with a row."""
    if isinstance(row, Cooperative | FoundingGroup):
        yield row
    elif depth:
        for relation in row._meta.concrete_fields:
            read = relation.get_cached_value(row, default=None) if relation.is_relation else None
            if read is not None:
                yield from _parties_in(read, depth - 1)


class _Kept:
    """One list of a closing, and what the same figure would list ``now``; None where the report has it no more."""

    def __init__(self, content: Content, key: str, now: Listed | None, moment: datetime):
        self._title, numbers, *summed = content["cells"][key]
        self._rows = [content["lines"][number] for number in numbers]
        self._model, self._heads = content["heads"][self._rows[0][0]] if self._rows else ("", [])
        self._now, self._moment = now, moment
        # Closings of before did not keep what adds up to their figures.
        self._summed_code = summed[0] if summed else now.summed if now else ""

    def opened(self, note: str) -> Opened:
        """Return the list for the doors."""
        title = self._now.title if self._now and self._is_of_today else self._title
        summed, codes = _called(self._summed_code, self._columns), [one.code for one in self._columns]
        at = codes.index(summed.code) if summed else None
        total = None if at is None else sum(values[at] or 0 for _head, _number, values, _way in self._rows)
        return Opened(title, self._columns, self._rows, self._lines, note, summed, total)

    @cached_property
    def _is_of_today(self) -> bool:
        """Whether the report still lists such rows with the same columns: then they can be compared."""
        return self._now is not None and [one[::2] for one in self._heads] == [
            one[::2] for one in plain_columns(self._now.columns)
        ]

    @cached_property
    def _columns(self) -> tuple[Column, ...]:
        """The columns, called in the language of the reader where the report still has them."""
        if self._now is not None and self._is_of_today:
            return self._now.columns
        return tuple(Column(code, title, Shape(shape)) for code, title, shape in self._heads)

    def _lines(self, page: Iterable[list]) -> list[Line]:
        """Return lines with what became of their rows since; two queries."""
        kept = list(page)
        numbers = [number for _head, number, _values, _way in kept]
        there, now = self._there(numbers), self._now_in_words(numbers)
        return [self._line(one, there, now) for one in kept]

    def _line(self, kept: list, there: set[int], now: dict[int, list] | None) -> Line:
        _head, number, values, way = kept
        typed = typed_values(values, self._columns)
        if number not in there:
            return Line(typed, None, _("không còn trong sổ"))
        changed = now is not None and now.get(number) != values
        return Line(typed, (way[0], tuple(way[1])) if way else None, _("đã sửa sau khi chốt") if changed else "")

    def _there(self, numbers: list[int]) -> set[int]:
        """Return which rows are still in the register."""
        rows = apps.get_model(self._model)._default_manager.filter(pk__in=numbers)
        return set(rows.values_list("pk", flat=True)) if numbers else set()

    def _now_in_words(self, numbers: list[int]) -> dict[int, list] | None:
        """Return what the figure would say of these rows now; None where nothing is to be compared."""
        if self._now is None or not self._is_of_today:
            return None
        with override("vi"):
            rows = called_as_then(self._now.rows.filter(pk__in=numbers), self._moment)
            return {row.pk: plain_values(self._now.line(row)) for row in rows}
