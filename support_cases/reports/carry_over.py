"""How a period joins the one before it: the cases it was sent with as carried on, what was adjusted, carried in."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from support_cases.models import CaseEvent, Closing
from support_cases.reports.chains import Sent, sent_before
from support_cases.reports.counting import UNKNOWN
from support_cases.reports.kinds import Figures, Scope
from support_cases.reports.served_lines import Named, with_unknown
from support_cases.reports.spells import SUMS, Spells
from support_cases.reports.tables import Behind, Cell, Column, Row, Table, opening

#: The groups of cases that are followed from one closing to the next. An officer's are not: handing a case over is no
#: correction of what was sent.
FOLLOWED = ("total", "topic", "district", "commune")
#: What begins the name of a table that joins one of these groups with the period before.
JOINED = "joined_"
# What was adjusted is told by a report of its own.
_ADJUSTED = Behind("report", (("code", "adjustments"),))
_CARRIED_IN, _CARRIED_ON = SUMS.index("carried_in"), SUMS.index("carried_on")


def sent_dimension(group: str) -> str:
    """Return what the cases sent as carried on are called in the figures, by ``group``."""
    return f"sent_{group}"


def sent_on(scope: Scope) -> Figures:
    """Return the cases that the closing right before a period was sent with as carried on, by group and key.

    Empty where the period before was not closed, and for single days. Two queries, three where that closing kept no
    figures: then they are counted as known at its moment.
    """
    before = _right_before(scope)
    if before is None:
        return {}
    last = scope.period.first.plus(-1)
    rows = Closing.objects.filter(calendar=scope.period.calendar, last=str(last), closed_at=before.closed_at)
    kept = rows.order_by("pk").values_list(*(f"figures__flow__{group}" for group in FOLLOWED)).first()
    if not kept or kept[0] is None:
        kept = _counted(last.last_day(scope.period.calendar), before)
    return {
        sent_dimension(group): {key: [numbers[_CARRIED_ON]] for key, numbers in found.items() if numbers[_CARRIED_ON]}
        for group, found in zip(FOLLOWED, kept, strict=True)
    }


def sent_lines(scope: Scope, group: str, key: str) -> QuerySet[CaseEvent] | None:
    """Return the openings of the cases sent as carried on, of one key of a group; None where nothing was sent."""
    before = _right_before(scope)
    if before is None:
        return None
    last = scope.period.first.plus(-1).last_day(scope.period.calendar)
    return Spells.open_after(last, before.closed_at).lines("carried_on", group, key)


def _right_before(scope: Scope) -> Sent | None:
    """Return what was sent of the month right before the period."""
    if scope.period.days:
        return None
    last = scope.period.first.plus(-1)
    return next((one for one in sent_before(scope) if one.period.first <= last <= one.period.last), None)


def _counted(day: date, before: Sent) -> Sequence[dict[str, list]]:
    found = Spells.open_after(day, before.closed_at).sums()
    return [found.get(group, {}) for group in FOLLOWED]


def is_followed(figures: Figures) -> bool:
    """Whether the period before was closed, so that the two have to join."""
    return sent_dimension("total") in figures


def joining_rows(figures: Figures) -> list[Row]:
    """Return the lines above what was carried in: as sent, and the adjustment between the two."""
    if not is_followed(figures):
        return []
    sent, adjustment, _carried_in = _numbers(figures, "total", UNKNOWN)
    return [
        Row("sent", _words()["sent"], (opening(sent), Cell(None))),
        Row("adjustment", _words()["adjustment"], (_adjusted(adjustment), Cell(None))),
    ]


def joining_note(figures: Figures) -> str:
    """Return the sentence that explains these lines; empty where there are none."""
    if not is_followed(figures):
        return ""
    return _(
        "Số chuyển kỳ sau đã báo cáo khi chốt kỳ trước + điều chỉnh kỳ trước = kỳ trước chuyển sang. Điều chỉnh là "
        "phần tăng, giảm do hồ sơ có việc mở, mở lại hoặc kết thúc ghi sau khi kỳ ấy đã chốt; từng việc nêu ở báo cáo "
        "Điều chỉnh số liệu đã chốt."
    )


def joining_table(group: str, title: str, what: str, named: Iterable[Named], figures: Figures) -> list[Table]:
    """Return how each line of a breakdown with cases there joins the period before; no table without a closing."""
    sent = sent_dimension(group)
    if not is_followed(figures) or sent not in figures:
        return []
    rows = []
    for key, code, name in with_unknown(named, {**figures[sent], **figures[group]}):
        numbers = _numbers(figures, group, key)
        if any(numbers):
            rows.append(Row(code, name, _cells(*numbers)))
    rows.append(Row("total", _("Cộng"), _cells(*_numbers(figures, "total", UNKNOWN)), is_total=True))
    columns = tuple(Column(code, words) for code, words in _words().items())
    note = _("Theo địa bàn, điều chỉnh gồm cả hồ sơ của HTX đổi địa bàn sau khi chốt.") if group != "topic" else ""
    return [Table(f"{JOINED}{group}", title, what, columns, tuple(rows), note=note)]


def _cells(sent: int, adjustment: int, carried_in: int) -> tuple[Cell, ...]:
    return opening(sent), _adjusted(adjustment), opening(carried_in)


def _adjusted(number: int) -> Cell:
    return Cell(number, _ADJUSTED if number else None)


def _words() -> dict[str, str]:
    return {
        "sent": _("Chuyển kỳ sau đã báo cáo ở kỳ trước"),
        "adjustment": _("Điều chỉnh kỳ trước"),
        "carried_in": _("Kỳ trước chuyển sang"),
    }


def _numbers(figures: Figures, group: str, key: str) -> tuple[int, int, int]:
    """Return the cases sent as carried on, the adjustment, and those carried in, of one line."""
    sent = figures[sent_dimension(group)].get(key, [0])[0]
    carried_in = figures[group][key][_CARRIED_IN] if key in figures[group] else 0
    return sent, carried_in - sent, carried_in
