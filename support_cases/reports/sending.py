"""The report "reminders": how many were due in a period, and what became of them, by occasion, channel and month."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.db.models import Case, CharField, Count, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from support_cases.choices import UNDER_WAY, Occasion, ReminderChannel, ReminderState, reason_words
from support_cases.models import Reminder
from support_cases.models.consultation import end_of
from support_cases.reports.counting import UNKNOWN
from support_cases.reports.kinds import Figures, Listed, Names, ReportKind, Scope
from support_cases.reports.periods import Period
from support_cases.reports.served_lines import Named, months, same
from support_cases.reports.tables import Cell, Chart, Column, Row, Shape, Table, opening, percent
from support_cases.reports.tables import Value as Shown

RULE = gettext_lazy(
    "Một việc nhắc một người qua một kênh là một lần nhắc; tính vào ngày lần nhắc đến hạn gửi, kể cả khi gửi muộn hơn. "
    "Đến hạn = đã gửi + không gửi được + không rõ đã tới chưa + bỏ qua + đang chờ. Bỏ qua là lúc gửi việc đã xong, đã "
    "dời hoặc người nhận không cần nhắc nữa. Kết quả là kết quả khi lập báo cáo; gửi lại thành công thì tính là đã "
    "gửi. Thư gộp nhiều việc vẫn tính từng việc."
)
#: What became of a reminder; what does not last is waiting.
NUMBERS = ("due", "sent", "failed", "unknown", "skipped", "waiting")
_AT = {name: at for at, name in enumerate(NUMBERS)}
_GROUPS = {"occasion": "rule", "channel": "channel"}
TOTAL = "total"


def _compute(scope: Scope) -> Figures:
    """Count in one statement."""
    figures: Figures = {group: {} for group in (TOTAL, "month", *_GROUPS)}
    figures["month"] = {str(month): [0] * len(NUMBERS) for month in scope.period.months()}
    rows = reminders(scope, scope.period).order_by().annotate(month=_month_of(scope.period))
    for occasion, channel, month, state, n in rows.values_list("rule", "channel", "month", "state").annotate(
        n=Count("pk")
    ):
        at = _AT["waiting" if state in UNDER_WAY else state]
        for group, key in ((TOTAL, UNKNOWN), ("month", month), ("occasion", occasion), ("channel", channel)):
            numbers = figures[group].setdefault(key, [0] * len(NUMBERS))
            numbers[at] += n
            numbers[_AT["due"]] += n
    return figures


def reminders(scope: Scope, period: Period) -> QuerySet[Reminder]:
    """Return the reminders due to be sent on a day of the period that were in the ledger by then."""
    begins, ends = _moments(period)
    rows = Reminder.objects.filter(run_at__gte=begins, run_at__lt=ends)
    return rows if scope.moment is None else rows.filter(created_at__lt=scope.moment)


def _moments(period: Period) -> tuple[datetime, datetime]:
    """Return the first moment of a period and the first after it."""
    return timezone.make_aware(datetime.combine(period.start, time.min)), end_of(period.end)


def _month_of(period: Period) -> Case:
    whens = []
    for month in period.months():
        begins, ends = _moments(period.part(month))
        whens.append(When(run_at__gte=begins, run_at__lt=ends, then=Value(str(month))))
    return Case(*whens, output_field=CharField())


def _lay_out(scope: Scope, figures: Figures, names: Names, frame: str) -> list[Table]:
    total = figures[TOTAL].get(UNKNOWN, [0] * len(NUMBERS))
    occasions = [one for one in same(Occasion.choices) if one[0] in figures["occasion"]]
    parts: list[tuple[str, str, str, Iterable[Named]]] = [
        ("occasion", _("Theo loại nhắc"), _("Loại nhắc"), occasions),
        ("channel", _("Theo kênh"), _("Kênh"), same(ReminderChannel.choices)),
        ("month", _("Theo tháng"), _("Tháng"), months(scope.period)),
    ]
    return [_totals(total), *(_breakdown(*part, figures[part[0]], total) for part in parts)]


def _words() -> dict[str, str]:
    states = {state.value: str(state.label) for state in ReminderState if state not in UNDER_WAY}
    return {"due": _("Đến hạn trong kỳ")} | states | {"waiting": _("Đang chờ gửi")}


def _totals(total: list[int]) -> Table:
    words = _words()
    rows = tuple(
        Row(code, words[code], (opening(value), Cell(percent(value, total[0]))), is_total=code == "due")
        for code, value in zip(NUMBERS, total, strict=True)
    )
    columns = (Column("reminders", _("Lần nhắc")), Column("share", _("So với đến hạn (%)"), Shape.PERCENT))
    return Table("totals", _("Số liệu chung"), _("Chỉ tiêu"), columns, rows)


def _breakdown(
    code: str, title: str, what: str, named: Iterable[Named], found: dict[str, list], total: list[int]
) -> Table:
    nothing, words = [0] * len(NUMBERS), _words()
    rows = [Row(of, name, tuple(map(opening, found.get(key, nothing)))) for key, of, name in named]
    rows.append(Row(TOTAL, _("Cộng"), tuple(map(opening, total)), is_total=True))
    chart = Chart("stacked", NUMBERS[1:]) if code == "month" else None
    columns = tuple(Column(name, words[name]) for name in NUMBERS)
    return Table(code, title, what, columns, tuple(rows), chart=chart)


def _behind(scope: Scope, table: str, row: str, column: str) -> Listed | None:
    words, period, filters = _words(), scope.period, {}
    number = row if table == "totals" and column == "reminders" else column
    if (
        number not in words
        or table not in ("totals", "month", *_GROUPS)
        or (table == "totals" and column != "reminders")
    ):
        return None
    if table == "month" and row != TOTAL:
        part = period.part_called(row)
        if part is None:
            return None
        period = part
    elif table in _GROUPS and row != TOTAL:
        filters = {_GROUPS[table]: row}
    rows = reminders(scope, period).filter(**filters)
    if number == "waiting":
        rows = rows.filter(state__in=UNDER_WAY)
    elif number != "due":
        rows = rows.filter(state=number)
    return _listed(words[number], rows)


def _listed(title: str, rows: QuerySet[Reminder]) -> Listed:
    columns = (
        Column("day", _("Đến hạn gửi"), Shape.DAY),
        Column("occasion", _("Loại nhắc"), Shape.TEXT),
        Column("channel", _("Kênh"), Shape.TEXT),
        Column("recipient", _("Người nhận"), Shape.TEXT),
        Column("about", _("Về việc"), Shape.TEXT),
        Column("state", _("Trạng thái"), Shape.TEXT),
        Column("reason", _("Lý do"), Shape.TEXT),
        Column("sent_on", _("Ngày gửi"), Shape.DAY),
    )
    return Listed(
        title=title,
        rows=rows.select_related("case", "cooperative", "founding_group", "recipient").order_by("-run_at", "-pk"),
        columns=columns,
        line=_line,
        address=_address,
    )


def _line(row: Reminder) -> tuple[Shown, ...]:
    party = row.party
    about = [row.case.reference if row.case else "", party.name if party else ""]
    return (
        timezone.localdate(row.run_at),
        str(row.get_rule_display()),
        str(row.get_channel_display()),
        str(row.recipient),
        " · ".join(text for text in about if text),
        str(row.get_state_display()),
        reason_words(row.reason),
        timezone.localdate(row.sent_at) if row.sent_at else None,
    )


def _address(row: Reminder) -> tuple[str, tuple[Any, ...]] | None:
    if row.case is not None:
        return "support:case", (row.case.reference,)
    return ("cooperatives:detail", (row.cooperative_id,)) if row.cooperative_id else None


SENDING = ReportKind(
    code="sending",
    slug="nhac-viec",
    title=gettext_lazy("Nhắc việc đã gửi"),
    rule=RULE,
    compute=_compute,
    lay_out=_lay_out,
    behind=_behind,
    rebuilt=False,
)
