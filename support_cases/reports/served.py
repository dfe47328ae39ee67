"""The report "cooperatives served": lượt, distinct HTX, first-time HTX, by month, topic, place, channel, officer.

Counting rule: one cooperative × one consultation entry = 1 lượt, even with several topics. Lượt by topic are
counted per topic and may add up to more than the total. Founding groups are shown apart. Distinct HTX are
recomputed for every period. An entry counts on the day it was held.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.core.cache import cache
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import UnitKind
from cooperatives.models import AdminUnit
from htx_portal.accounts.models import User
from support_cases.choices import Channel
from support_cases.models import Consultation
from support_cases.reports.closing import closed_on
from support_cases.reports.periods import Month, Period
from support_cases.reports.versions import version_until
from support_cases.support_types import topic_choices

#: Territorial frames: old districts (2022) and new communes (2025).
FRAMES = ("2022", "2025")
_UNIT_OF_FRAME = {"2022": "cooperative__old_district", "2025": "cooperative__new_commune"}

RULE = _(
    "Một HTX (gồm cả tổ hợp tác, liên hiệp HTX) × một lần ghi tư vấn = 1 lượt, kể cả khi tư vấn nhiều nội "
    "dung. Lượt theo nội dung đếm riêng từng nội dung nên cộng lại có thể lớn hơn tổng. Buổi làm việc chung "
    "với n HTX là n lượt. Nhóm sáng lập ghi riêng, không tính vào lượt HTX. Số HTX không trùng được tính lại "
    "cho từng kỳ và không cộng dồn. Mỗi lần tư vấn tính vào ngày diễn ra, không phải ngày ghi."
)
UNKNOWN = ""
_MOST_UNITS = 120


@dataclass(frozen=True)
class Line:
    """One line of a breakdown: what it is about, its lượt and its distinct HTX.

    ``code`` is what the outside knows the line by (official unit code, topic, channel, officer's number);
    empty where what the entries belong to is not known.
    """

    code: str
    name: str
    consultations: int = 0
    cooperatives: int = 0


@dataclass(frozen=True)
class Served:
    """Everything the report says; the same object feeds page, API and file."""

    period: Period
    frame: str
    as_of: date
    #: The day the period was closed, or None; and the lượt recorded after that day, which was reported.
    closed_on: date | None
    recorded_late: int
    voided_late: int
    consultations: int
    cooperatives: int
    first_time: int
    founding_groups: int
    last_year_consultations: int
    last_year_cooperatives: int
    by_month: list[Line]
    by_month_last_year: list[Line]
    by_topic: list[Line]
    by_channel: list[Line]
    _found: dict[str, dict[str, tuple[int, int]]] = field(repr=False)

    @cached_property
    def by_unit(self) -> list[Line]:
        """The lines by unit of the frame; their names are one query, made when they are first asked for."""
        return _lines(_units(self.frame, self._found["unit"]), self._found["unit"])

    @cached_property
    def by_officer(self) -> list[Line]:
        """The lines by officer; their names are one query, made when they are first asked for."""
        return _lines(_officers(self._found["officer"]), self._found["officer"])

    @property
    def closed(self) -> bool:
        """Whether the office has declared the figures final."""
        return self.closed_on is not None

    @property
    def change_percent(self) -> float | None:
        """Change of lượt against the same months last year in percent, one decimal; None without a base."""
        base = self.last_year_consultations
        return round((self.consultations - base) * 100 / base, 1) if base else None


def entries(period: Period, as_of: date | None = None):
    """Return the entries, founding groups included, held in ``period`` that stood at the end of ``as_of``."""
    return recorded_by(as_of).filter(held_on__range=(period.start, period.end))


def recorded_by(as_of: date | None):
    """Return the entries that had been recorded by the end of the day ``as_of`` and not voided by then.

    Without a day, those that stand now.
    """
    return Consultation.objects.known_by(as_of)


def first_time_entries(period: Period, as_of: date | None = None):
    """Return the period's counted entries of cooperatives not served before it in the same year.

    The year is that of the calendar and of the first month of the period.
    """
    year_start = Month(period.first.year, 1).first_day(period.calendar)
    earlier = (
        recorded_by(as_of)
        .filter(cooperative=OuterRef("cooperative"), held_on__gte=year_start, held_on__lt=period.start)
        .order_by()
    )
    return entries(period, as_of).counted().filter(~Exists(earlier))


def served(period: Period, *, frame: str, today: date, as_of: date | None = None) -> Served:
    """Return the report for ``period``.

    ``as_of`` rebuilds what was known at the end of that day; a day not yet over means now. The figures are
    one query, kept in the cache under the version of the entries they came from, so that a period nobody
    touched is not counted again.
    """
    known_by = as_of if as_of is not None and as_of < today else None
    rows = _kept_figures(period, frame, known_by)
    closed = closed_on(period)
    late, gone = _changed_after(period, closed) if closed and known_by is None else (0, 0)
    found: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for dimension, key, consultations, cooperatives in rows:
        found[dimension][key or UNKNOWN] = (consultations, cooperatives)
    total = found["total"].get(UNKNOWN, (0, 0))
    last_year = found["last_year"].get(UNKNOWN, (0, 0))
    return Served(
        period=period,
        frame=frame,
        as_of=as_of or today,
        closed_on=closed,
        recorded_late=late,
        voided_late=gone,
        consultations=total[0],
        cooperatives=total[1],
        first_time=found["first_time"].get(UNKNOWN, (0, 0))[1],
        founding_groups=found["founding_groups"].get(UNKNOWN, (0, 0))[0],
        last_year_consultations=last_year[0],
        last_year_cooperatives=last_year[1],
        by_month=_lines(_months(period), found["month"]),
        by_month_last_year=_lines(_months(period.year_before()), found["month_last_year"]),
        by_topic=_lines(_topics(found["topic"]), found["topic"]),
        by_channel=_lines(_same(Channel.choices), found["channel"]),
        _found=found,
    )


def _changed_after(period: Period, day: date) -> tuple[int, int]:
    """Return how many lượt of ``period`` came in after the end of ``day``, and how many of then were voided."""
    return Consultation.objects.filter(held_on__range=(period.start, period.end)).counted().changed_after(day)


Figure = tuple[str, str | None, int, int]
#: Key in the figures, code for the outside, name for people.
Named = tuple[str, str, str]


def _kept_figures(period: Period, frame: str, as_of: date | None) -> list[Figure]:
    """Return the figures from the cache, or count them and keep them."""
    asked = f"{period}|{frame}|{as_of}|{version_until(period.end)}"
    key = "served:" + hashlib.sha256(asked.encode()).hexdigest()
    rows = cache.get(key)
    if rows is None:
        rows = count_figures(period, frame, as_of)
        cache.set(key, rows, timeout=24 * 3600)
    return rows


def count_figures(period: Period, frame: str, as_of: date | None) -> list[Figure]:
    """Count everything in one statement: ``(dimension, key, lượt, distinct HTX)`` for each group.

    Each branch groups the entries anew, so that a join (an entry has several topics) never multiplies what
    another branch counts.
    """
    counted = entries(period, as_of).counted()
    groups = entries(period, as_of).of_founding_groups()
    last_year = entries(period.year_before(), as_of).counted()
    branches = [
        _figures(counted, "total"),
        _figures(last_year, "last_year"),
        _figures(last_year, "month_last_year", _month_of(period.year_before())),
        _figures(first_time_entries(period, as_of), "first_time"),
        _figures(groups, "founding_groups"),
        _figures(counted, "month", _month_of(period)),
        _figures(counted, "topic", F("topics__topic")),
        _figures(counted, "unit", Cast(_UNIT_OF_FRAME[frame], CharField())),
        _figures(counted, "channel", F("channel")),
        _figures(counted, "officer", Cast("officer", CharField())),
    ]
    return list(branches[0].union(*branches[1:], all=True))


def _figures(rows, dimension: str, key=None):
    """Return the grouped query of one dimension."""
    return (
        rows.order_by()
        .annotate(dimension=Value(dimension, CharField()), key=key or Value(UNKNOWN, CharField()))
        .values("dimension", "key")
        .annotate(n=Count("pk", distinct=True), distinct=Count("cooperative", distinct=True))
        .values_list("dimension", "key", "n", "distinct")
    )


def _month_of(period: Period):
    """Return the expression that names the month of the calendar an entry was held in."""
    whens = [
        When(held_on__range=(m.first_day(period.calendar), m.last_day(period.calendar)), then=Value(str(m)))
        for m in period.months()
    ]
    return Case(*whens, output_field=CharField())


def _lines(names: list[Named], found: dict[str, tuple[int, int]]) -> list[Line]:
    """Return a line for each name in order, zeros included, then one for what is not known."""
    lines = [Line(code, str(name), *found.get(key, (0, 0))) for key, code, name in names]
    if UNKNOWN in found:
        lines.append(Line("", str(_("Chưa xác định")), *found[UNKNOWN]))
    return lines


def _same(pairs) -> list[Named]:
    """Return names of lines whose key is also their code."""
    return [(str(code), str(code), str(name)) for code, name in pairs]


def _topics(found: dict[str, tuple[int, int]]) -> list[Named]:
    """Return all topics, and at the end those of kinds whose file was taken away."""
    known = _same(topic_choices())
    codes = {key for key, _code, _name in known}
    return known + _same((key, key) for key in found if key and key not in codes)


def _months(period: Period) -> list[Named]:
    return _same((month, month) for month in period.months())


def _units(frame: str, found: dict[str, tuple[int, int]]) -> list[Named]:
    """Return the units of a frame in code order, under their official codes.

    All units while they fit on a page, so that an area nobody served is seen; otherwise the served ones.
    """
    units = AdminUnit.objects.old_districts() if frame == "2022" else AdminUnit.objects.new_communes()
    named = units.values_list("pk", "code", "kind", "name")
    shown = list(named[: _MOST_UNITS + 1]) if len(found) <= _MOST_UNITS else None
    if shown is None or len(shown) > _MOST_UNITS:
        shown = list(named.filter(pk__in=[int(key) for key in found if key]))
    kinds = {kind.value: str(kind.label) for kind in UnitKind}
    return [(str(pk), code, f"{kinds[kind]} {name}") for pk, code, kind, name in shown]


def _officers(found: dict[str, tuple[int, int]]) -> list[Named]:
    """Return the officers with entries, most lượt first."""
    people = User.objects.filter(pk__in=[int(key) for key in found if key])
    names = [(str(pk), full or username) for pk, full, username in people.values_list("pk", "full_name", "username")]
    return [(key, key, name) for key, name in sorted(names, key=lambda known: (-found[known[0]][0], known[1]))]


def period_label(period: Period) -> str:
    """Return the period in words with its exact days: "Tháng 01–08/2023 (01/01/2023 – 31/08/2023)"."""
    first, last = period.first, period.last
    if first == last:
        months = f"{first.number:02d}/{first.year}"
    elif first.year == last.year:
        months = f"{first.number:02d}–{last.number:02d}/{last.year}"
    else:
        months = f"{first.number:02d}/{first.year} – {last.number:02d}/{last.year}"
    days = f"{period.start:%d/%m/%Y} – {period.end:%d/%m/%Y}"
    return str(_("Tháng %(months)s (%(days)s)") % {"months": months, "days": days})
