"""How the lượt of the year so far add up: from what was sent, by what changed since, to what is known."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from support_cases.models import Consultation
from support_cases.models.consultation import stood_at
from support_cases.reports.by_month import month_of
from support_cases.reports.chains import Sent
from support_cases.reports.kinds import Figures, Scope
from support_cases.reports.periods import Period
from support_cases.reports.tables import ROWS, Behind, Cell, Column, Row, Table


def books_of(scope: Scope, sent: Sequence[Sent], changes: Mapping[str, Sequence[int]]) -> dict[str, list]:
    """Return how the lượt of the year so far add up; empty across two years and for single days.

    ``sent`` + ``named_before`` + ``named_now`` + ``not_closed`` + ``period`` = ``cumulative``. Of a period whose
    months were partly sent before, ``period`` is what the others have. ``changes`` are the lượt that came late and
    those taken back by month.
    """
    period = scope.period
    if period.first.year != period.last.year or period.days:
        return {}
    of_year = [one for one in sent if one.period.first.year == period.last.year]
    was_sent = sum(n for (n,) in sent_by_month(of_year).values())
    named_now = sum(
        late - gone for month, (late, gone) in changes.items() if month.startswith(f"{period.last.year:04d}-")
    )
    before = _count((one.period for one in of_year if one.period.last < period.first), scope.moment)
    within = _count((one.period for one in of_year if one.period.first >= period.first), scope.moment)
    cumulative = _count([period.cumulative()], scope.moment)
    now = cumulative if period == period.cumulative() else _count([period], scope.moment)
    sums = {
        "sent": was_sent,
        "named_before": before + within - was_sent - named_now,
        "named_now": named_now,
        "not_closed": cumulative - now - before,
        "period": now - within,
        "cumulative": cumulative,
    }
    return {name: [n] for name, n in sums.items()}


def sent_by_month(sent: Iterable[Sent]) -> dict[str, list]:
    """Return the lượt each month was sent with; where no figures were kept, as they were known at the closing.

    No query but for closings without figures: one each.
    """
    found: dict[str, list] = {}
    for one in sent:
        counted = one.by_month if one.by_month is not None else _by_month(one.period, one.closed_at)
        found |= {str(month): [counted.get(str(month), [0])[0]] for month in one.period.months()}
    return found


def _by_month(period: Period, moment: datetime) -> dict[str, list]:
    rows = Consultation.objects.counted().known_at(moment).filter(held_on__range=(period.start, period.end)).order_by()
    counted = rows.annotate(of=month_of(period, "held_on")).values_list("of").annotate(n=Count("*"))
    return {month: [n] for month, n in counted}


def rows_of_books(scope: Scope, sent: Sequence[Sent], name: str) -> QuerySet[Consultation] | None:
    """Return the entries that ``sent`` or ``not_closed`` of :func:`books_of` counts; None for others.

    What was sent is as known when each month was closed, whatever became of it since.
    """
    period = scope.period
    if period.first.year != period.last.year or period.days:
        return None
    of_year = [one for one in sent if one.period.first.year == period.last.year]
    entries = Consultation.objects.counted()
    if name == "sent":
        told = Q(pk__in=())
        for one in of_year:
            told |= Q(held_on__range=(one.period.start, one.period.end)) & stood_at(one.closed_at)
        return entries.filter(told)
    if name != "not_closed":
        return None
    so_far = period.cumulative()
    rows = entries.known_at(scope.moment).filter(held_on__range=(so_far.start, so_far.end))
    for one in (period, *(one.period for one in of_year if one.period.last < period.first)):
        rows = rows.exclude(held_on__range=(one.start, one.end))
    return rows


def _count(periods: Iterable[Period], moment: datetime | None) -> int:
    """Return the lượt held in any of some periods as known just before ``moment``; no query for none."""
    wanted = Q()
    for period in periods:
        wanted |= Q(held_on__range=(period.start, period.end))
    return Consultation.objects.counted().known_at(moment).filter(wanted).count() if wanted else 0


def books_table(period: Period, figures: Figures) -> Table:
    """Return the table of these figures, named as "books" in what a closing keeps."""
    year = {"year": period.last.year}
    words = {
        "sent": _("Lượt đã báo cáo ở các kỳ trước trong năm (đã chốt)"),
        "named_before": _("Điều chỉnh đã nêu ở các báo cáo trước"),
        "named_now": _("Điều chỉnh các tháng năm %(year)s nêu ở báo cáo này") % year,
        "not_closed": _("Lượt của các tháng trước chưa có trong kỳ nào đã chốt trước kỳ này"),
        "period": _("Lượt trong kỳ"),
        "cumulative": _("Lũy kế từ đầu năm"),
    }
    is_parted = period == period.cumulative() and figures["books"]["period"] != figures["books"]["cumulative"]
    if is_parted:
        words["period"] = _("Lượt trong kỳ, ở các tháng chưa báo cáo")
    ways = {"cumulative": Behind("entries", (), period.cumulative()), "sent": ROWS, "not_closed": ROWS}
    if not is_parted:
        ways["period"] = Behind("entries")
    rows = []
    for code, name in words.items():
        n = figures["books"][code][0]
        rows.append(Row(code, name, (Cell(n, ways.get(code) if n else None),), is_total=code == "cumulative"))
    columns = (Column("consultations", _("Lượt")),)
    return Table("books", _("Đối chiếu lũy kế năm %(year)s") % year, _("Mục đối chiếu"), columns, tuple(rows))
