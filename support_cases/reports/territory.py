"""The report "by territory": the lượt by old district and commune and by new commune, and side by side."""

from collections import defaultdict
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from support_cases.reports.counting import UNKNOWN, count_figures
from support_cases.reports.kinds import Figures, Names, ReportKind, Scope
from support_cases.reports.places import PARTS, Place, Unit, places, summed, units_of
from support_cases.reports.served_lines import served_cells, served_columns
from support_cases.reports.tables import Behind, Cell, Column, LateCells, Row, Shape, Table, cells, way
from support_cases.reports.tallied import PLACED, tallied_places

RULE = gettext_lazy(
    "Lượt và số HTX tính như báo cáo kết quả tư vấn. Ở mỗi thời điểm một HTX nằm trong đúng một huyện cũ, một xã cũ "
    "(trước 01/07/2025) và một xã mới (từ 01/07/2025), theo nơi đóng mà sổ đăng ký ghi ở thời điểm của số liệu, kể cả "
    "cho các kỳ trước; xã cũ nhập toàn bộ vào xã mới theo Nghị quyết 1683/NQ-UBTVQH15. Vì vậy lượt và số HTX cộng "
    "theo huyện cũ, theo xã cũ và theo xã mới đều bằng tổng."
)
_KEPT = ("total", "place", *PARTS)
#: Of a place listed within a unit of one dimension, the dimension that stands beside it.
_BESIDE = {"district": "commune", "commune": "district"}
#: What the columns beside the name of a place lead to.
_DOORS = ("", "entries", "cooperatives")


def territory_figures(scope: Scope) -> Figures:
    """Count lượt and HTX by place; every dimension is counted on its own, so that sums can be checked."""
    return _of_places(tallied_places(scope.period, scope.moment))


def counted_figures(scope: Scope) -> Figures:
    """Return the same out of the entries alone."""
    return _of_places(count_figures(scope.period, scope.moment, *PLACED))


def _of_places(found: Figures) -> Figures:
    return {dimension: found.get(dimension, {}) for dimension in _KEPT}


def lay_out(scope: Scope, figures: Figures, names: Names, frame: str) -> list[Table]:
    """Return the tables of both frames: the report is about both, whichever is asked for."""
    layout = _Layout(figures, names)
    in_2022 = layout.within("district", "frame_2022", _("Huyện cũ, xã cũ và xã mới tương ứng"), _("Huyện cũ, xã cũ"))
    in_2025 = layout.within("commune", "frame_2025", _("Xã mới và các xã cũ hợp thành"), _("Xã mới, xã cũ"))
    return [layout.sums(), layout.districts(), in_2022, in_2025]


class _Layout:
    """Turns figures by place into tables."""

    def __init__(self, figures: Figures, names: Names):
        self.figures = figures
        self.places = places(figures)
        self.total = summed(figures.get("total", {}).values())
        self.units = units_of(self.places, names)
        self._ways = {outer: partial(self._way, outer) for outer in _BESIDE}

    def sums(self) -> Table:
        """Return the totals of each frame beside the total counted without any place."""
        called = {
            "district": _("Cộng theo huyện cũ"),
            "old_commune": _("Cộng theo xã cũ"),
            "commune": _("Cộng theo xã mới"),
        }
        rows = []
        for dimension in PARTS:
            found = self.figures.get(dimension, {})
            entries, cooperatives = summed(found.values())
            gap = (entries - self.total[0], cooperatives - self.total[1])
            values = (sum(bool(key) for key in found), entries, cooperatives, *gap)
            rows.append(Row(dimension, called[dimension], cells(values)))
        whole = (Cell(None), *served_cells(*self.total), Cell(0), Cell(0))
        rows.append(Row("total", _("Tổng cộng"), whole, is_total=True))
        columns = (
            Column("units", _("Số đơn vị có lượt")),
            *served_columns(),
            Column("difference", _("Chênh lệch lượt")),
            Column("difference_cooperatives", _("Chênh lệch số HTX")),
        )
        return Table("sums", _("Tổng theo từng hệ địa bàn"), _("Địa bàn"), columns, tuple(rows))

    def districts(self) -> Table:
        """Return the old districts and their total."""
        rows = [
            Row(unit.code, unit.name, served_cells(*self._sum("district", key), **_asked("district", unit)))
            for key, unit in self._lines("district")
        ]
        rows.append(Row("total", _("Tổng cộng"), served_cells(*self.total), is_total=True))
        return Table("district", _("Theo huyện cũ"), _("Huyện, thành phố cũ"), served_columns(), tuple(rows))

    def within(self, outer: str, code: str, title: str, what: str) -> Table:
        """Return the units of a dimension, each with the old communes in it and, beside, their unit in the other."""
        beside, inside = _BESIDE[outer], self._inside(outer)
        rows: list[Row] = []
        for key, unit in self._lines(outer):
            figures = served_cells(*self._sum(outer, key), **_asked(outer, unit))
            rows.append(Row(unit.code, unit.name, (Cell(""), *figures)))
            rows += [self._part(place, outer, beside) for place in inside.get(key, [])]
        rows.append(Row("total", _("Tổng cộng"), (Cell(""), *served_cells(*self.total)), is_total=True))
        called = {"commune": _("Xã mới"), "district": _("Huyện cũ")}
        columns = (Column(beside, called[beside], Shape.TEXT), *served_columns())
        return Table(code, title, what, columns, tuple(rows))

    def _part(self, place: Place, outer: str, beside: str) -> Row:
        """Return the line of one place."""
        around, old, other = self._units_of(place, outer, beside)
        values = (other.name, *self.places.get(place, (0, 0)))
        cells_of_place = LateCells(values, self._ways[outer], place)
        return Row(f"{around.code}/{old.code}/{other.code}", f"– {old.name}", cells_of_place)

    def _way(self, outer: str, place: Place, at: int) -> Behind | None:
        """Return where a figure of a place leads: to the entries of exactly that place, or to its cooperatives."""
        beside = _BESIDE[outer]
        around, old, other = self._units_of(place, outer, beside)
        # One place not known can be asked for, the outermost; the unit beside tells the rest apart.
        filters = _asked(beside, other) | _asked("old_commune", old) | _asked(outer, around)
        return way(_DOORS[at], **filters) if at else None

    def _units_of(self, place: Place, outer: str, beside: str) -> tuple[Unit, Unit, Unit]:
        """Return the units of a place: the one it is listed in, its old commune, and the one beside."""
        old = self._unit("old_commune", place.old_commune)
        return self._unit(outer, place.part(outer)), old, self._unit(beside, place.part(beside))

    def _inside(self, outer: str) -> dict[str, list[Place]]:
        """Return by unit the places in it: those with lượt, and the old communes of it where nobody was served."""
        served = {(place.part(outer), place.old_commune) for place in self.places}
        empty = [Place(old.parent, key, old.successor) for key, old in self.units["old_commune"].items()]
        found = [*self.places, *(one for one in empty if (one.part(outer), one.old_commune) not in served)]
        inside: dict[str, list[Place]] = defaultdict(list)
        for place in sorted(found, key=lambda one: self._in_order(one, _BESIDE[outer])):
            inside[place.part(outer)].append(place)
        return inside

    def _in_order(self, place: Place, beside: str) -> tuple[bool, str, str]:
        """Return by what places are listed: the code of the old commune, unknown ones last."""
        old, other = self._unit("old_commune", place.old_commune), self._unit(beside, place.part(beside))
        return not old.code, old.code, other.code

    def _lines(self, dimension: str) -> list[tuple[str, Unit]]:
        """Return the units of a dimension in the order of their codes, last what is not known where it counts."""
        lines = list(self.units[dimension].items())
        if any(not place.part(dimension) for place in self.places):
            lines.append((UNKNOWN, _unknown()))
        return lines

    def _unit(self, dimension: str, key: str) -> Unit:
        return self.units[dimension].get(key) or (Unit(key, key) if key else _unknown())

    def _sum(self, dimension: str, key: str) -> list[int]:
        """Return what was counted in one unit, on its own and not by adding its places up."""
        numbers: list[int] = self.figures.get(dimension, {}).get(key, [0, 0])
        return numbers


def _unknown() -> Unit:
    return Unit("", _("Chưa xác định"))


def _asked(dimension: str, unit: Unit) -> dict[str, str]:
    """Return the filter of consultations that leaves those of a unit."""
    return {dimension: unit.code} if unit.code else {"unplaced": dimension}


TERRITORY = ReportKind(
    code="territory",
    slug="dia-ban",
    title=gettext_lazy("Lượt HTX theo địa bàn cũ và mới"),
    rule=RULE,
    compute=territory_figures,
    lay_out=lay_out,
    versioned=True,
    of_entries=True,
    recount=counted_figures,
)
