"""The report "work of the officers": lượt, cases and appointments of each in a period."""

from datetime import date, datetime

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from support_cases.models import FollowUp
from support_cases.models.consultation import stood_at
from support_cases.reports.case_lists import by_name, listed_lines, unit_key
from support_cases.reports.counting import UNKNOWN, count_figures
from support_cases.reports.flow import FlowLine
from support_cases.reports.kinds import Figures, Listed, Names, ReportKind, Scope
from support_cases.reports.open_cases import open_cases, overdue
from support_cases.reports.spells import Spells
from support_cases.reports.tables import ROWS, Behind, Cell, Column, Row, Shape, Table, Value, percent
from support_cases.reports.tallied import tallied_officers

RULE = gettext_lazy(
    "Lượt và số HTX tính cho cán bộ ghi ở lần tư vấn, theo ngày tư vấn. Hồ sơ tính cho người phụ trách khi hồ sơ kết "
    "thúc, hoặc vào cuối kỳ nếu chưa kết thúc, nên kỳ trước chuyển sang + tiếp nhận + mở lại = hoàn thành + kết thúc "
    "khác + chuyển kỳ sau; hồ sơ bàn giao trong kỳ thuộc người nhận. Quá hạn tính vào cuối ngày cuối kỳ, hoặc ngày lập "
    "báo cáo nếu kỳ chưa kết thúc; hồ sơ chờ HTX bổ sung không quá hạn. Cuộc hẹn làm việc tiếp tính vào ngày hẹn: đúng "
    "hẹn là làm xong không muộn hơn ngày hẹn, bỏ lỡ là đã qua ngày hẹn mà chưa làm. Số liệu gồm những gì đã ghi đến "
    "thời điểm của báo cáo; số HTX của các cán bộ không cộng dồn."
)
_SERVED = ("consultations", "cooperatives")
_FLOW = ("carried_in", "received", "reopened", "finished", "late", "ended", "carried_on")
_FOLLOW_UPS = ("follow_ups", "kept", "done_late", "missed")
NUMBERS = (*_SERVED, *_FLOW, "overdue", *_FOLLOW_UPS)
_AT = {name: at for at, name in enumerate(NUMBERS)}
OFFICER, TOTAL = "officer", "total"


def _compute(scope: Scope) -> Figures:
    """Count in four statements, and add the lượt up from the tallies."""
    return with_cases(scope, tallied_officers(scope.period, scope.moment))


def _recount(scope: Scope) -> Figures:
    """Count in five statements, out of the rows alone."""
    return with_cases(scope, count_figures(scope.period, scope.moment, TOTAL, OFFICER))


def with_cases(scope: Scope, served: Figures) -> Figures:
    """Return all figures of the officers; their lượt and distinct cooperatives are given."""
    total: list[int] = [*served[TOTAL].get(UNKNOWN, [0, 0]), *[0] * (len(NUMBERS) - len(_SERVED))]
    figures: Figures = {TOTAL: {UNKNOWN: total}, OFFICER: {}}
    for officer, found in served.get(OFFICER, {}).items():
        _numbers(figures, OFFICER, officer)[: len(_SERVED)] = found
    spells = Spells(scope.period.start, scope.period.end, scope.moment).sums()
    for group in (TOTAL, OFFICER):
        for key, numbers in spells.get(group, {}).items():
            line = FlowLine([*numbers, 0])
            for name in _FLOW:
                _numbers(figures, group, key)[_AT[name]] = line[name]
    late = overdue(open_cases(scope.stand, scope.moment), scope.stand).order_by()
    for holder, n in late.values_list("holder").annotate(n=Count("pk")):
        _add(figures, holder, "overdue", n)
    for officer, *counts in _follow_ups(scope).values_list("officer").annotate(**_kept(scope)):
        for name, n in zip(_FOLLOW_UPS, counts, strict=True):
            _add(figures, officer, name, n)
    return figures


def _numbers(figures: Figures, group: str, key: str) -> list:
    return figures[group].setdefault(key, [0] * len(NUMBERS))


def _add(figures: Figures, officer: int | None, name: str, n: int) -> None:
    """Add a number to the line of an officer and to the total."""
    for numbers in (_numbers(figures, OFFICER, str(officer or UNKNOWN)), figures[TOTAL][UNKNOWN]):
        numbers[_AT[name]] += n


def _follow_ups(scope: Scope) -> QuerySet[FollowUp]:
    """Return the appointments of the period whose consultation stood then."""
    due = {"due_on__range": (scope.period.start, scope.period.end)}
    return FollowUp.objects.filter(stood_at(scope.moment, "consultation__"), **due).order_by()


def _states(scope: Scope) -> dict[str, Q]:
    """Return what makes an appointment kept, done late or missed, as known then.

    An appointment is noted as done on the very day, without an hour, so that those of the last day before ``moment``
    count as known only if that day was over.
    """
    over = _over(scope.moment, scope.day)
    done = Q(done_on__isnull=False) if scope.moment is None else Q(done_on__lt=over)
    return {
        "follow_ups": Q(),
        "kept": done & Q(done_on__lte=F("due_on")),
        "done_late": done & Q(done_on__gt=F("due_on")),
        "missed": Q(due_on__lt=over) & (Q(done_on__isnull=True) if scope.moment is None else _not_before(over)),
    }


def _not_before(day: date) -> Q:
    return Q(done_on__isnull=True) | Q(done_on__gte=day)


def _over(moment: datetime | None, day: date) -> date:
    """Return the first day that was not over at the moment of the report."""
    return day if moment is None else timezone.localdate(moment)


def _kept(scope: Scope) -> dict[str, Count]:
    return {f"n_{name}": Count("pk", filter=state) for name, state in _states(scope).items()}


def _lay_out(scope: Scope, figures: Figures, names: Names, frame: str) -> list[Table]:
    found = figures[OFFICER]
    named = [(key, name) for key, _code, name in by_name(names.officers(found))]
    if UNKNOWN in found:
        named.append((UNKNOWN, str(_("Chưa xác định"))))
    total = figures[TOTAL][UNKNOWN]
    parts = [
        ("served", _("Tư vấn"), _SERVED),
        ("cases", _("Hồ sơ"), (*_FLOW, "overdue")),
        ("follow_ups", _("Hẹn làm việc tiếp"), _FOLLOW_UPS),
    ]
    return [_table(code, title, columns, named, found, total) for code, title, columns in parts]


def _words() -> dict[str, str]:
    return {
        "consultations": _("Lượt"),
        "cooperatives": _("Số HTX"),
        "carried_in": _("Kỳ trước chuyển sang"),
        "received": _("Tiếp nhận trong kỳ"),
        "reopened": _("Mở lại trong kỳ"),
        "finished": _("Hoàn thành"),
        "late": _("Trong đó trễ hạn"),
        "ended": _("Kết thúc khác"),
        "carried_on": _("Chuyển kỳ sau"),
        "overdue": _("Quá hạn"),
        "follow_ups": _("Cuộc hẹn trong kỳ"),
        "kept": _("Làm đúng hẹn"),
        "done_late": _("Làm muộn"),
        "missed": _("Bỏ lỡ"),
    }


def _table(
    code: str,
    title: str,
    shown: tuple[str, ...],
    named: list[tuple[str, str]],
    found: dict[str, list],
    total: list[int],
) -> Table:
    """Return the officers with some of the numbers; those who have none of them are left out."""
    words = _words()
    columns = [Column(name, words[name]) for name in shown]
    rate = code == "follow_ups"
    if rate:
        columns.append(Column("kept_percent", _("Đúng hẹn (%)"), Shape.PERCENT))
    rows = []
    for key, name in [*named, (TOTAL, _("Cộng"))]:
        numbers = total if key == TOTAL else found[key]
        if key != TOTAL and not any(numbers[_AT[one]] for one in shown):
            continue
        cells = [_cell(one, numbers[_AT[one]], key) for one in shown]
        if rate:
            cells.append(Cell(percent(numbers[_AT["kept"]], numbers[_AT["follow_ups"]])))
        rows.append(Row(key, name, tuple(cells), is_total=key == TOTAL))
    return Table(code, title, _("Cán bộ"), tuple(columns), tuple(rows))


def _cell(name: str, value: int, key: str) -> Cell:
    """Return a figure that leads to what it counts; the entries of an officer are in the list of all entries."""
    filters = () if key == TOTAL else (("officer", key),)
    doors = {"consultations": Behind("entries", filters), "cooperatives": Behind("cooperatives", filters)}
    return Cell(value, doors.get(name, ROWS) if value else None)


def _behind(scope: Scope, table: str, row: str, column: str) -> Listed | None:
    shown = {"cases": (*_FLOW, "overdue"), "follow_ups": _FOLLOW_UPS}.get(table, ())
    key = None if row == TOTAL else unit_key(OFFICER, row)
    if column not in shown or (key is None and row != TOTAL):
        return None
    title = _words()[column]
    if table == "follow_ups":
        return _listed(title, _of(_follow_ups(scope).filter(_states(scope)[column]), "officer", key))
    if column == "overdue":
        return listed_lines(title, _of(overdue(open_cases(scope.stand, scope.moment), scope.stand), "holder", key))
    spells = Spells(scope.period.start, scope.period.end, scope.moment)
    return listed_lines(title, spells.lines(column) if key is None else spells.lines(column, OFFICER, key))


def _of(rows: QuerySet, column: str, key: str | None) -> QuerySet:
    """Return the rows of one officer, or all of them without a key."""
    if key is None:
        return rows
    return rows.filter(**({column: int(key)} if key else {f"{column}__isnull": True}))


def _listed(title: str, rows: QuerySet[FollowUp]) -> Listed:
    columns = (
        Column("due_on", _("Hẹn ngày"), Shape.DAY),
        Column("party", _("HTX, nhóm sáng lập"), Shape.TEXT),
        Column("held_on", _("Ngày tư vấn"), Shape.DAY),
        Column("officer", _("Cán bộ"), Shape.TEXT),
        Column("done_on", _("Đã làm ngày"), Shape.DAY),
    )
    related = ("consultation__cooperative", "consultation__founding_group", "officer")
    return Listed(
        title=title,
        rows=rows.select_related(*related).order_by("due_on", "pk"),
        columns=columns,
        line=_line,
        address=lambda row: ("support:consultation", (row.consultation_id,)),
    )


def _line(row: FollowUp) -> tuple[Value, ...]:
    party = row.consultation.party
    return (row.due_on, party.name if party else "", row.consultation.held_on, str(row.officer), row.done_on)


WORKLOAD = ReportKind(
    code="workload",
    slug="cong-viec-can-bo",
    title=gettext_lazy("Công việc của cán bộ"),
    rule=RULE,
    compute=_compute,
    lay_out=_lay_out,
    behind=_behind,
    of_entries=True,
    recount=_recount,
)
