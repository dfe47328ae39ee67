"""The report "adjustments": what came into closed periods too late to be sent, named in the report after."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from support_cases.models import Consultation
from support_cases.reports.by_month import month_of
from support_cases.reports.kinds import Figures, Listed, Names, ReportKind, Scope
from support_cases.reports.late_changes import (
    Sent,
    late_entries,
    moved_cooperatives,
    sent_before,
    spans,
    taken_back_entries,
)
from support_cases.reports.listings import Listing, listed
from support_cases.reports.periods import Month, Period
from support_cases.reports.tables import Behind, Cell, Column, Row, Shape, Table, opening

RULE = gettext_lazy(
    "Số liệu đã chốt không thay đổi. Lượt ghi muộn, lượt bị hủy hoặc thay sau khi một kỳ đã chốt được nêu ở báo cáo "
    "của kỳ kế tiếp, mỗi lượt một lần; lũy kế của báo cáo bằng số đã báo cáo cộng các điều chỉnh. HTX đổi địa bàn hoặc "
    "loại hình được nêu tên, không làm thay đổi tổng số lượt."
)
_ENTRIES = Listing(
    (
        Column("party", gettext_lazy("HTX"), Shape.TEXT),
        Column("held_on", gettext_lazy("Ngày tư vấn"), Shape.DAY),
        Column("recorded_on", gettext_lazy("Ngày ghi"), Shape.DAY),
        Column("officer", gettext_lazy("Cán bộ"), Shape.TEXT),
        Column("reason", gettext_lazy("Lý do hủy"), Shape.TEXT),
    ),
    lambda row: (
        row.cooperative.name,
        row.held_on,
        timezone.localdate(row.recorded_at),
        str(row.officer),
        row.void_reason,
    ),
    lambda row: ("support:consultation", (row.pk,)),
    ("cooperative", "officer"),
)
LATE, TAKEN_BACK = "late", "taken_back"
#: So many changes are named one by one; the rest is counted.
MOST_NAMED = 500


def _compute(scope: Scope) -> Figures:
    sent = sent_before(scope)
    late, gone = late_entries(sent), taken_back_entries(sent)
    moved = moved_cooperatives(sent, scope.moment)
    months: dict[str, list] = {}
    if sent:
        whole = Period(scope.period.calendar, sent[0].period.first, sent[-1].period.last)
        for at, rows in enumerate((late, gone)):
            counted = rows.order_by().annotate(of=month_of(whole, "held_on")).values_list("of").annotate(n=Count("*"))
            for month, n in counted:
                months.setdefault(month, [0, 0])[at] = n
    named = {f"{LATE}|{row.pk}": _facts(row, row.recorded_at, "") for row in _named(late)}
    named |= {f"{TAKEN_BACK}|{row.pk}": _facts(row, row.voided_at, row.void_reason) for row in _named(gone)}
    totals = [sum(pair[at] for pair in months.values()) for at in (0, 1)]
    return {
        "total": {"": [*totals, moved.count()]},
        "month": months,
        "entry": named,
        "moved": {str(state.pk): [str(state.cooperative_id), _day(state.until)] for state in _moved(moved)},
        "books": _books(scope, sent),
    }


def _named(rows) -> Iterable[Consultation]:
    found: Iterable[Consultation] = rows.order_by("held_on", "pk")[:MOST_NAMED]
    return found


def _moved(rows):
    return rows.order_by("until", "pk")[:MOST_NAMED]


def _facts(row: Consultation, moment, reason: str) -> list:
    """Return what is said of one change, nothing of which can change later: numbers of cooperative and officer, the
    day held, the day of the change, the reason.
    """
    return [str(row.cooperative_id), row.held_on.isoformat(), _day(moment), str(row.officer_id), reason]


def _day(moment) -> str:
    return timezone.localdate(moment).isoformat()


def _books(scope: Scope, sent: list[Sent]) -> dict[str, list]:
    """Return how the lượt of the year so far add up, from what was sent to what is known; empty across two years.

    ``sent`` + ``named_before`` + ``named_now`` + ``not_closed`` + ``period`` = ``cumulative``.
    """
    period = scope.period
    if period.first.year != period.last.year or period.days:
        return {}
    of_year = [one for one in sent if one.period.first.year == period.last.year]
    sent_before_now = sum(_as_sent(one) for one in of_year)
    known = sum(_count(one.period.start, one.period.end, scope.moment) for one in of_year)
    named_now = sum(
        _count(start, end, until) - _count(start, end, since) for start, end, since, until in spans(of_year)
    )
    cumulative = _count(period.cumulative().start, period.end, scope.moment)
    now = _count(period.start, period.end, scope.moment)
    sums = {
        "sent": sent_before_now,
        "named_before": known - sent_before_now - named_now,
        "named_now": named_now,
        "not_closed": cumulative - known - now,
        "period": now,
        "cumulative": cumulative,
    }
    return {name: [n] for name, n in sums.items()}


def _as_sent(one: Sent) -> int:
    """Return the lượt a period was closed with; where no figures were kept, as they were known then."""
    if one.consultations is not None:
        return one.consultations
    return _count(one.period.start, one.period.end, one.closed_at)


def _count(start: date, end: date, moment) -> int:
    held = Consultation.objects.counted().known_at(moment).filter(held_on__range=(start, end))
    return held.count()


def _lay_out(scope: Scope, figures: Figures, names: Names, frame: str) -> list[Table]:
    tables = [_months(figures), _entries(figures, names), _moves(figures, names)]
    return [_books_table(scope.period, figures), *tables] if figures["books"] else tables


def _books_table(period: Period, figures: Figures) -> Table:
    words = {
        "sent": _("Lượt đã báo cáo ở các kỳ trước trong năm (đã chốt)"),
        "named_before": _("Điều chỉnh đã nêu ở các báo cáo trước"),
        "named_now": _("Điều chỉnh nêu ở báo cáo này"),
        "not_closed": _("Lượt của các tháng trước chưa chốt"),
        "period": _("Lượt trong kỳ"),
        "cumulative": _("Lũy kế từ đầu năm"),
    }
    ways = {"period": Behind("entries"), "cumulative": Behind("entries", (), period.cumulative())}
    rows = []
    for code, name in words.items():
        n = figures["books"][code][0]
        rows.append(Row(code, name, (Cell(n, ways.get(code) if n else None),), is_total=code == "cumulative"))
    columns = (Column("consultations", _("Lượt")),)
    return Table("books", _("Đối chiếu lũy kế"), _("Nội dung"), columns, tuple(rows))


def _months(figures: Figures) -> Table:
    rows = [
        Row(month, Month.parse(month).label, (opening(late), opening(gone), Cell(late - gone)))
        for month, (late, gone) in sorted(figures["month"].items())
    ]
    late, gone, _moved_ones = figures["total"][""]
    rows.append(Row("", _("Cộng"), (Cell(late), Cell(gone), Cell(late - gone)), is_total=True))
    columns = (
        Column(LATE, _("Ghi muộn")),
        Column(TAKEN_BACK, _("Hủy hoặc thay")),
        Column("net", _("Tăng, giảm")),
    )
    return Table("month", _("Điều chỉnh theo tháng đã chốt"), _("Tháng"), columns, tuple(rows))


def _entries(figures: Figures, names: Names) -> Table:
    kinds = {LATE: _("Ghi muộn"), TAKEN_BACK: _("Hủy hoặc thay")}
    officers = names.officers([facts[3] for facts in figures["entry"].values()])
    parties = names.cooperatives([facts[0] for facts in figures["entry"].values()])
    rows = []
    for code, (party, held, changed, officer, reason) in figures["entry"].items():
        what = kinds[code.partition("|")[0]]
        cells = (what, date.fromisoformat(held), date.fromisoformat(changed), officers.get(officer, officer), reason)
        rows.append(Row(code, parties[party], tuple(Cell(value) for value in cells)))
    late, gone, _moved_ones = figures["total"][""]
    left = late + gone - len(rows)
    note = _("Còn %(n)s điều chỉnh không nêu tên ở đây; bấm vào số trong bảng theo tháng để xem đủ.") % {"n": left}
    columns = (
        Column("what", _("Điều chỉnh"), Shape.TEXT),
        Column("held_on", _("Ngày tư vấn"), Shape.DAY),
        Column("changed_on", _("Ngày ghi, ngày hủy"), Shape.DAY),
        Column("officer", _("Cán bộ"), Shape.TEXT),
        Column("reason", _("Lý do"), Shape.TEXT),
    )
    title = _("Từng lượt điều chỉnh")
    return Table("entry", title, _("HTX"), columns, tuple(rows), note=note if left else "", is_list=True)


def _moves(figures: Figures, names: Names) -> Table:
    called = names.cooperatives([number for number, _changed in figures["moved"].values()])
    rows = [
        Row(code, called[number], (Cell(date.fromisoformat(day)),)) for code, (number, day) in figures["moved"].items()
    ]
    columns = (Column("changed_on", _("Ngày đổi"), Shape.DAY),)
    title = _("HTX đổi địa bàn, loại hình hoặc tình trạng sau khi chốt")
    left = figures["total"][""][2] - len(rows)
    note = _("Còn %(n)s lần đổi không nêu tên ở đây.") % {"n": left} if left else ""
    return Table("moved", title, _("HTX"), columns, tuple(rows), note=note, is_list=True)


def _behind(scope: Scope, table: str, row: str, column: str) -> Listed | None:
    if table != "month" or column not in (LATE, TAKEN_BACK):
        return None
    try:
        month = Month.parse(row)
    except ValueError:
        return None
    sent = sent_before(scope)
    rows = late_entries(sent) if column == LATE else taken_back_entries(sent)
    days = (month.first_day(scope.period.calendar), month.last_day(scope.period.calendar))
    return listed(_("Lượt điều chỉnh"), rows.filter(held_on__range=days), _ENTRIES)


ADJUSTMENTS = ReportKind(
    code="adjustments",
    slug="dieu-chinh",
    title=gettext_lazy("Điều chỉnh số liệu đã chốt"),
    rule=RULE,
    compute=_compute,
    lay_out=_lay_out,
    behind=_behind,
)
