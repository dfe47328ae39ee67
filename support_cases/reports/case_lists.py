"""The lists behind figures about cases, and what the outside calls the units and officers in them."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cooperatives.errors import Words
from support_cases.models import Case, CaseEvent
from support_cases.reports.counting import UNKNOWN
from support_cases.reports.kinds import Listed, Names
from support_cases.reports.served_lines import UNITS_OF, Named, same, units
from support_cases.reports.spells import FOUNDING_GROUPS
from support_cases.reports.tables import Column, Shape, Value

_NUMBERED = ("officer",)
#: What the outside calls the line of the founding groups by.
_GROUPS_CODE = "founding_groups"


def unit_key(group: str, code: str) -> str | None:
    """Return the key a line called ``code`` has in the figures of ``group``; None where nothing has that code.

    One query for a unit of the territory.
    """
    if not code:
        return UNKNOWN
    if group in UNITS_OF and code == _GROUPS_CODE:
        return FOUNDING_GROUPS
    if group in UNITS_OF:
        found = UNITS_OF[group]().filter(code=code).values_list("pk", flat=True).first()
        return None if found is None else str(found)
    if group in _NUMBERED:
        return code if code.isascii() and code.isdigit() and len(code) < 19 else None
    return code


def by_name(officers: dict[str, str]) -> list[Named]:
    """Return officers, given by number with their names, in the order of their names."""
    return same(sorted(officers.items(), key=lambda one: (one[1], int(one[0]))))


def case_units(dimension: str, found: dict[str, list], names: Names) -> list[Named]:
    """Return the units of a dimension in the order of their codes, and below them the founding groups if there are."""
    named = units(dimension, [key for key in found if key != FOUNDING_GROUPS], names)
    return named + ([(FOUNDING_GROUPS, _GROUPS_CODE, _("Nhóm sáng lập"))] if FOUNDING_GROUPS in found else [])


def case_columns() -> tuple[Column, ...]:
    """Return what every list of cases tells of one."""
    return (
        Column("reference", _("Mã hồ sơ"), Shape.TEXT),
        Column("party", _("HTX, nhóm sáng lập"), Shape.TEXT),
        Column("title", _("Tên việc"), Shape.TEXT),
        Column("topic", _("Nội dung"), Shape.TEXT),
        Column("officer", _("Cán bộ phụ trách"), Shape.TEXT),
    )


def case_words(case: Case) -> tuple[str, str, str, str]:
    """Return the values of these columns but the officer, who may have been another one then."""
    return case.reference, case.party.name if case.party else "", case.title, str(case.topic_label)


def listed_lines(title: Words, lines: QuerySet[CaseEvent]) -> Listed:
    """Return lines of history as a list, latest first: their cases, the day they count for, the due day then."""
    return Listed(
        title=title,
        rows=lines.select_related("case__cooperative", "case__founding_group", "officer").order_by(
            "-effective_on", "-pk"
        ),
        columns=(
            *case_columns(),
            Column("status", _("Trạng thái"), Shape.TEXT),
            Column("day", _("Ngày"), Shape.DAY),
            Column("due_on", _("Hạn xử lý"), Shape.DAY),
        ),
        line=_line,
        address=lambda event: ("support:case", (event.case.reference,)),
    )


def _line(event: CaseEvent) -> tuple[Value, ...]:
    return (
        *case_words(event.case),
        str(event.officer or ""),
        str(event.get_to_status_display()),
        event.effective_on,
        event.due_on,
    )
