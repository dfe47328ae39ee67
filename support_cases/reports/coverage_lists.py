"""The cooperatives behind each figure of the report "coverage", first of all the unserved ones."""

from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from cooperatives.choices import Kind, UnitKind
from cooperatives.models import AdminUnit, Cooperative
from support_cases.models import Consultation
from support_cases.reports.kinds import Listed, Scope
from support_cases.reports.registered import ENDED, LATER, UNDATED, Register
from support_cases.reports.served_lines import UNITS_OF
from support_cases.reports.tables import Column, Shape, Value

#: Lines of the totals, and columns of every breakdown.
REGISTERED, SERVED, UNSERVED = "registered", "served", "not_served"


def listed(scope: Scope, table: str, row: str, column: str) -> Listed | None:
    """Return the cooperatives a cell counts, in the order of their names; None for a cell there is not."""
    register = Register(scope)
    rows = _rows(register, table, row, column)
    if rows is None:
        return None
    columns = (
        Column("name", _("HTX"), Shape.TEXT),
        Column("kind", _("Loại hình"), Shape.TEXT),
        Column("place", _("Xã, phường, thị trấn"), Shape.TEXT),
        Column("registered_on", _("Ngày đăng ký"), Shape.DAY),
        Column("last_served", _("Lần tư vấn gần nhất"), Shape.DAY),
    )
    return Listed(_title(row if table in ("totals", "apart") else column), _told(rows, scope), columns, _line, _address)


def _rows(register: Register, table: str, row: str, column: str) -> QuerySet[Cooperative] | None:
    """Return the cooperatives of one cell, by what its table, line and column are called."""
    match table:
        case "totals" if column == "cooperatives":
            return register.known.filter(standing=UNDATED) if row == UNDATED else _covered(register, row)
        case "apart" if column == "cooperatives":
            others = register.known.filter(served=True, standing=row) if row in (ENDED, UNDATED, LATER) else None
            return _covered(register, SERVED) if row == SERVED else others
        case "district" | "commune" | "kind":
            return _within(_covered(register, column), table, row)
        case "topic" if column != SERVED:
            rows, about = _covered(register, column), register.about(row).order_by().values("pk")
            return register.registered.exclude(pk__in=about) if rows is not None and column == UNSERVED else rows
        case "topic":
            return register.about(row)
        case "topic_district" | "topic_commune":
            return _within(register.about(column), table.removeprefix("topic_"), row)
    return None


def _covered(register: Register, what: str) -> QuerySet[Cooperative] | None:
    """Return the registered, the served or the unserved cooperatives."""
    if what == REGISTERED:
        return register.registered
    return register.registered.filter(served=what == SERVED) if what in (SERVED, UNSERVED) else None


def _within(rows: QuerySet[Cooperative] | None, dimension: str, code: str) -> QuerySet[Cooperative] | None:
    """Return those of ``rows`` in one unit or of one kind; empty is what is not known."""
    if rows is None or code == "total":
        return rows
    if not code:
        return rows.filter(**{f"in_{dimension}__isnull": True})
    if dimension == "kind":
        return rows.filter(in_kind=code)
    found = UNITS_OF[dimension]().filter(code=code).order_by().values("pk")
    return rows.filter(**{f"in_{dimension}__in": found})


def _title(what: str) -> str:
    called = {
        REGISTERED: _("HTX có trong sổ"),
        UNSERVED: _("HTX chưa được phục vụ"),
        ENDED: _("HTX đã chấm dứt ở ngày của số liệu"),
        UNDATED: _("HTX chưa ghi ngày đăng ký"),
        LATER: _("HTX đăng ký hoặc nhập sổ sau ngày của số liệu"),
    }
    return str(called.get(what, _("HTX được phục vụ")))


def _told(rows: QuerySet[Cooperative], scope: Scope) -> QuerySet[Cooperative]:
    """Return the rows with where they lay and when they were last served before the end of the period."""
    place = AdminUnit.objects.filter(pk=OuterRef("lies_in"))
    before = Consultation.objects.known_at(scope.moment).filter(
        cooperative=OuterRef("pk"), held_on__lte=scope.period.end
    )
    return rows.annotate(
        lies_in=Coalesce("in_old_commune", "in_commune"),
        place_kind=Subquery(place.values("kind")[:1], output_field=CharField()),
        place_name=Subquery(place.values("name")[:1], output_field=CharField()),
        last_served=Subquery(before.order_by("-held_on").values("held_on")[:1]),
    )


def _line(row: Cooperative) -> tuple[Value, ...]:
    said = row.__dict__
    kind = str(Kind(said["in_kind"]).label)
    place = f"{UnitKind(said['place_kind']).label} {said['place_name']}"
    return row.name, kind, place, said["registered_then"], said["last_served"]


def _address(row: Cooperative) -> tuple[str, tuple]:
    return "cooperatives:detail", (row.pk,)
