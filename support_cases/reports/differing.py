"""Where the figures somebody sent are not what is counted today, line by line as people read them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from cooperatives.errors import Words
from support_cases.reports.adjustments import ADJUSTMENTS
from support_cases.reports.answers import Answer, figures_of
from support_cases.reports.result_changes import cells_that_differ
from support_cases.reports.tables import Shape, Value
from support_cases.reports.words import value_in_words

#: So many lines are told one by one; the rest is counted.
MOST_TOLD = 5


@dataclass(frozen=True)
class Differing:
    """One figure of a closed period: its codes, what it is called, as it was sent and as it is counted today."""

    table: str
    row: str
    column: str
    name: Words
    shape: Shape
    sent: Value
    now: Value


def differing_today(found: Answer) -> list[Differing]:
    """Return where a closed period would be counted otherwise today; nothing while it is open, and nothing where a past
    day is asked for: then what was sent is all there is to say.

    One count more, and none for reports of nothing but entries: their changes are dated, and named in the next report.
    """
    basis, kind = found.basis, found.kind
    if not found.kept or basis.until is not None or kind.versioned or kind is ADJUSTMENTS:
        return []
    now = figures_of(kind, replace(basis, moment=None, until=None, closing=None))
    return list(_differing(found, now))


def _differing(found: Answer, now) -> Iterator[Differing]:
    scope = replace(found.basis.scope, moment=None)
    today = found.kind.lay_out(scope, now, found.names, found.frame)
    for table, row, column, sent, value in cells_that_differ(found.own_tables, today):
        name = f"{table.title} · {row.name} · {column.title}"
        yield Differing(table.code, row.code, column.code, name, column.shape, sent, value)


def difference_words(found: Answer) -> str:
    """Return in a sentence that the register says otherwise today, and where; an empty text where it does not."""
    lines = differing_today(found)
    if not lines:
        return ""
    told = [_told(one) for one in lines[:MOST_TOLD]]
    if len(lines) > MOST_TOLD:
        told.append(_("và %(n)s số khác nữa") % {"n": len(lines) - MOST_TOLD})
    words = _("Sổ hôm nay khác số đã chốt ở %(n)s chỗ: %(lines)s.")
    return words % {"n": len(lines), "lines": "; ".join(told)}


def _told(one: Differing) -> str:
    said = {"name": one.name, "sent": value_in_words(one.sent, one.shape), "now": value_in_words(one.now, one.shape)}
    return _("%(name)s: đã chốt %(sent)s, nay %(now)s") % said
