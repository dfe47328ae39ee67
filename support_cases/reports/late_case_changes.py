"""What happened to cases in months already closed and was typed only after that: each act, in the report that names it.

A month nobody closed by itself belongs to the closing that follows it: what was carried on from there rests on it too.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Case as Chosen
from django.db.models import CharField, Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from support_cases.choices import CLOSED_STATUSES, Status
from support_cases.models import CaseEvent
from support_cases.reports.case_lists import listed_lines
from support_cases.reports.chains import Sent
from support_cases.reports.kinds import Figures, Listed, Names, Scope
from support_cases.reports.late_changes import merged_spans
from support_cases.reports.spells import BOUNDARIES, known_lines
from support_cases.reports.tables import Behind, Cell, Column, Row, Shape, Table, opening
from support_cases.support_types import topic_label

#: What an act did, in the order of the figures of all of them.
OPENED, REOPENED, ENDED, ROUND = ACTS = ("opened", "reopened", "ended", "round")
#: So many acts are named one by one; the rest is counted.
MOST_NAMED = 500
ACT, ALL_ACTS, CARRIED = "case", "cases", "carried"

_ROUND = Q(to_status=Status.WAITING_COOPERATIVE) & ~Q(from_status=Status.WAITING_COOPERATIVE)


def late_acts(sent: Iterable[Sent], moment: datetime | None) -> QuerySet[CaseEvent]:
    """Return the lines of history that count in ``sent`` months and came in while changes were unnamed.

    They are what the report "flow" counts: openings, reopenings, ends and correction rounds. With each stand ``did``,
    one of ``ACTS``, and ``counts_on``, the day it counts on there.
    """
    wanted, parts = Q(pk__in=[]), _stretches(sent)
    for start, end, since, until in parts:
        came = Q(recorded_at__gte=since) if until is None else Q(recorded_at__gte=since, recorded_at__lt=until)
        # No act counts before the day it was typed under, which is quickly told.
        wanted |= came & Q(effective_on__lte=end) & Q(counts_on__range=(start, end))
    rows = known_lines(moment).filter(BOUNDARIES | _ROUND).annotate(did=_did(), counts_on=_counts_on(moment))
    if parts:
        # What came since is found by itself, without reading the rest.
        since, end = min(part[2] for part in parts), max(part[1] for part in parts)
        rows = rows.filter(recorded_at__gte=since, effective_on__lte=end)
    return rows.filter(wanted)


def _stretches(sent: Iterable[Sent]) -> list[tuple[date, date, datetime, datetime | None]]:
    """Return first day, last day, and each time of unnamed changes; a stretch begins where the one before it ends, the
    first one with the first case there ever was.
    """
    months = list(sent)
    starts = [date.min, *(one.period.end + timedelta(days=1) for one in months)]
    return merged_spans((start, one.period.end, one.unnamed) for start, one in zip(starts, months, strict=False))


def _did() -> Chosen:
    words = (
        When(from_status="", then=Value(OPENED)),
        When(from_status__in=CLOSED_STATUSES, then=Value(REOPENED)),
        When(to_status__in=CLOSED_STATUSES, then=Value(ENDED)),
    )
    return Chosen(*words, default=Value(ROUND), output_field=CharField())


def _counts_on(moment: datetime | None) -> Chosen:
    """Return the day an act counts on: an opening or end never before the one it follows (see ``spells``)."""
    before = known_lines(moment).filter(BOUNDARIES, case=OuterRef("case"), pk__lte=OuterRef("pk"))
    latest = before.order_by().values("case").annotate(latest=Max("effective_on")).values("latest")[:1]
    return Chosen(When(BOUNDARIES, then=Subquery(latest)), default=F("effective_on"))


def late_act_figures(scope: Scope, sent: Iterable[Sent]) -> Figures:
    """Return the acts by what they did, and what is said of each; two queries, one where nothing came late, none
    where nothing was sent.

    Nothing of it can change later: what it did, reference and topic of the case, numbers of its cooperative and of its
    founding group, day it counts on, day it was typed, number of the officer.
    """
    acts = late_acts(sent, scope.moment).order_by()
    counted = dict(acts.values_list("did").annotate(n=Count("pk")))
    named = acts.order_by("counts_on", "pk").select_related("case")[:MOST_NAMED] if counted else ()
    return {
        ALL_ACTS: {"": [counted.get(did, 0) for did in ACTS]},
        ACT: {str(row.pk): _facts(row) for row in named},
    }


def _facts(row) -> list:
    case = row.case
    # The case of a group stays that of the group, also when it became a cooperative.
    party = ["", str(case.founding_group_id)] if case.founding_group_id else [str(case.cooperative_id), ""]
    typed = timezone.localdate(row.recorded_at).isoformat()
    return [row.did, case.reference, case.topic, *party, row.counts_on.isoformat(), typed, str(row.officer_id or "")]


def late_act_tables(figures: Figures, names: Names) -> list[Table]:
    """Return the tables of these figures; none where they were kept by a version that knew of no late acts."""
    return [_all_acts(figures), _acts(figures, names)] if ALL_ACTS in figures else []


def _words() -> dict[str, str]:
    return {
        OPENED: _("Tiếp nhận hồ sơ"),
        REOPENED: _("Mở lại hồ sơ đã kết thúc"),
        ENDED: _("Kết thúc hồ sơ"),
        ROUND: _("Yêu cầu HTX bổ sung"),
    }


def _all_acts(figures: Figures) -> Table:
    counts = dict(zip(ACTS, figures[ALL_ACTS][""], strict=True))
    rows = [Row(did, words, (opening(counts[did]),)) for did, words in _words().items()]
    carried = counts[OPENED] + counts[REOPENED] - counts[ENDED]
    rows.append(Row(CARRIED, _("Tăng, giảm số hồ sơ chuyển kỳ sau"), (Cell(carried),), is_total=True))
    columns = (Column("acts", _("Số lần")),)
    title = _("Điều chỉnh hồ sơ của các kỳ đã chốt")
    return Table(ALL_ACTS, title, _("Việc ghi muộn"), columns, tuple(rows), note=_note())


def _note() -> str:
    return _(
        "Việc có ngày trong kỳ đã chốt, hoặc trước đó, mà ghi sau khi chốt. Mở và mở lại làm tăng, kết thúc làm giảm "
        "số hồ sơ chuyển kỳ sau; yêu cầu bổ sung không làm thay đổi số này."
    )


def _acts(figures: Figures, names: Names) -> Table:
    facts, words = figures[ACT].values(), _words()
    officers = names.officers([one[7] for one in facts])
    cooperatives = names.cooperatives([one[3] for one in facts])
    groups = names.founding_groups([one[4] for one in facts])
    rows = []
    for key, (did, reference, topic, cooperative, group, day, typed, officer) in figures[ACT].items():
        values = (str(topic_label(topic)), officers.get(officer, ""), words[did], date.fromisoformat(day))
        cells = (Cell(reference, Behind("case", (("reference", reference),))), *map(Cell, values))
        name = groups[group] if group else cooperatives[cooperative]
        rows.append(Row(key, name, (*cells, Cell(date.fromisoformat(typed)))))
    columns = (
        Column("reference", _("Mã hồ sơ"), Shape.TEXT),
        Column("topic", _("Nội dung"), Shape.TEXT),
        Column("officer", _("Cán bộ phụ trách"), Shape.TEXT),
        Column("what", _("Việc ghi muộn"), Shape.TEXT),
        Column("day", _("Ngày tính"), Shape.DAY),
        Column("recorded_on", _("Ngày ghi"), Shape.DAY),
    )
    left = sum(figures[ALL_ACTS][""]) - len(rows)
    note = _("Còn %(n)s việc không nêu tên ở đây; bấm vào số trong bảng trên để xem đủ.") % {"n": left} if left else ""
    title = _("Từng việc của hồ sơ ghi muộn")
    return Table(ACT, title, _("HTX, nhóm sáng lập"), columns, tuple(rows), note=note, is_list=True)


def late_acts_behind(scope: Scope, sent: Iterable[Sent], row: str, column: str) -> Listed | None:
    """Return the acts behind a number of the table ``cases``; None for a cell there is not."""
    words = _words()
    if row not in words or column != "acts":
        return None
    return listed_lines(words[row], late_acts(sent, scope.moment).filter(did=row))
