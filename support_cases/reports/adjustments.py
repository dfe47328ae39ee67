"""The report "adjustments": what came into closed periods too late to be sent, named in the report after."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from support_cases.models import Consultation
from support_cases.reports.books import books_of, books_table, rows_of_books, sent_by_month
from support_cases.reports.by_month import month_of
from support_cases.reports.chains import Sent, sent_before
from support_cases.reports.kinds import Figures, Listed, Names, ReportKind, Scope
from support_cases.reports.late_case_changes import ALL_ACTS, late_act_figures, late_act_tables, late_acts_behind
from support_cases.reports.late_changes import late_entries, moved_cooperatives, taken_back_entries
from support_cases.reports.listings import Listing, listed
from support_cases.reports.periods import Month, Period
from support_cases.reports.result_changes import result_changes, result_changes_table
from support_cases.reports.tables import Cell, Column, Row, Shape, Table, opening

RULE = gettext_lazy(
    "Số liệu đã chốt không thay đổi. Lượt ghi muộn, lượt bị hủy hoặc thay sau khi một kỳ đã chốt được nêu ở báo cáo "
    "của kỳ kế tiếp, mỗi lượt một lần trong mỗi chuỗi báo cáo: tháng, quý, sáu tháng, n tháng đầu năm và năm. Tháng "
    "đã chốt nhiều lần tính theo kỳ cùng chuỗi, không có thì theo kỳ chốt trước nhất; lũy kế của báo cáo bằng số đã "
    "báo cáo cộng các điều chỉnh. HTX đổi địa bàn hoặc loại hình được nêu tên, không làm thay đổi tổng số lượt. Kết "
    "quả đã gửi mà sổ nay ghi khác được nêu riêng."
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
#: The results that stand otherwise today; no row tells how they stood on a past day.
RESULTS = "results"
#: So many changes are named one by one; the rest is counted.
MOST_NAMED = 500


def _compute(scope: Scope) -> Figures:
    sent = sent_before(scope)
    figures, moved = changes_of(scope, sent), moved_cooperatives(sent, scope.moment)
    figures["total"][""].append(moved.count())
    named = {str(state.pk): [str(state.cooperative_id), _day(state.until)] for state in _moved(moved)}
    return figures | {"moved": named, RESULTS: result_changes(scope, sent)} | late_act_figures(scope, sent)


def changes_of(scope: Scope, sent: Sequence[Sent]) -> Figures:
    """Return what changed of the lượt of ``sent`` months: in all, by month, one by one, and how the year adds up."""
    months = changes_by_month(scope, sent)
    named: dict[str, list] = {}
    if months:
        named = {f"{LATE}|{row.pk}": _facts(row, row.recorded_at, "") for row in _named(late_entries(sent))}
        named |= {
            f"{TAKEN_BACK}|{row.pk}": _facts(row, row.voided_at, row.void_reason)
            for row in _named(taken_back_entries(sent))
        }
    return {
        "total": {"": [sum(pair[at] for pair in months.values()) for at in (0, 1)]},
        "month": months,
        "entry": named,
        "sent": sent_by_month(one for one in sent if one.period.last >= _first_told(scope.period)),
        "books": books_of(scope, sent, months),
    }


def _first_told(period: Period) -> Month:
    """Return the first month of which it is told how it was sent: of the year, or of the period before."""
    return min(period.cumulative().first, period.previous().first)


def changes_by_month(scope: Scope, sent: Sequence[Sent]) -> dict[str, list]:
    """Return the lượt that came late and those taken back, by the month they were held in; two queries."""
    months: dict[str, list] = {}
    if sent:
        whole = Period(scope.period.calendar, sent[0].period.first, sent[-1].period.last)
        for at, rows in enumerate((late_entries(sent), taken_back_entries(sent))):
            counted = rows.order_by().annotate(of=month_of(whole, "held_on")).values_list("of").annotate(n=Count("*"))
            for month, n in counted:
                months.setdefault(month, [0, 0])[at] = n
    return months


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


def _lay_out(scope: Scope, figures: Figures, names: Names, frame: str) -> list[Table]:
    tables = [
        _months(scope, figures),
        entries_table(figures, names),
        _moves(figures, names),
        *late_act_tables(figures, names),
    ]
    if figures.get(RESULTS):
        tables.append(result_changes_table(scope, figures[RESULTS]))
    return [books_table(scope.period, figures), *tables] if figures["books"] else tables


def _months(scope: Scope, figures: Figures) -> Table:
    """Return the changes by month; where some are of years before, also the sums of those and of this year."""
    changes = sorted(figures["month"].items())
    rows = [
        Row(month, Month.parse(month).label, (opening(late), opening(gone), Cell(late - gone)))
        for month, (late, gone) in changes
    ]
    year = scope.period.last.year
    of_year = [numbers for month, numbers in changes if Month.parse(month).year == year]
    before = [numbers for month, numbers in changes if Month.parse(month).year < year]
    if before:
        rows.append(_sum("year", _("Cộng các tháng năm %(year)s") % {"year": year}, of_year))
        rows.append(_sum("years_before", _("Cộng các năm trước"), before))
    rows.append(_sum("", _("Cộng"), [figures["total"][""][:2]]))
    columns = (
        Column(LATE, _("Ghi muộn")),
        Column(TAKEN_BACK, _("Hủy hoặc thay")),
        Column("net", _("Tăng, giảm")),
    )
    return Table("month", _("Điều chỉnh theo tháng đã chốt"), _("Tháng"), columns, tuple(rows))


def _sum(code: str, name: str, numbers: Sequence[Sequence[int]]) -> Row:
    late, gone = (sum(pair[at] for pair in numbers) for at in (0, 1))
    return Row(code, name, (Cell(late), Cell(gone), Cell(late - gone)), is_total=True)


def entries_table(figures: Figures, names: Names, most: int = MOST_NAMED) -> Table:
    """Return the changes one by one, at most so many."""
    kinds = {LATE: _("Ghi muộn"), TAKEN_BACK: _("Hủy hoặc thay")}
    shown = list(figures["entry"].items())[:most]
    officers = names.officers([facts[3] for _code, facts in shown])
    parties = names.cooperatives([facts[0] for _code, facts in shown])
    rows = []
    for code, (party, held, changed, officer, reason) in shown:
        what = kinds[code.partition("|")[0]]
        cells = (what, date.fromisoformat(held), date.fromisoformat(changed), officers.get(officer, officer), reason)
        rows.append(Row(code, parties[party], tuple(Cell(value) for value in cells)))
    left = sum(figures["total"][""][:2]) - len(rows)
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
    if table == ALL_ACTS:
        return late_acts_behind(scope, sent_before(scope), row, column)
    if table == "books" and column == "consultations":
        entries = rows_of_books(scope, sent_before(scope), row)
        return None if entries is None else listed(_("Lượt đối chiếu lũy kế"), entries, _ENTRIES)
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
    not_rebuilt=(RESULTS,),
)
