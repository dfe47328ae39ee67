"""The life of cases as spells: each from an opening or reopening to the end that followed it, if one did.

An opening, an end and a reopening count on their effective day, yet never before the one they follow: a reopening
typed under an earlier day than the end it undoes counts on the day of that end. So the spells of a case never overlap,
and what is open before a period together with what comes in is exactly what ends in it together with what stays open.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, models
from django.db.models import Case as Chosen
from django.db.models import F, Max, Q, QuerySet, Value, When, Window
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lead

from cooperatives.models import as_known
from support_cases.choices import CLOSED_STATUSES, OPEN_STATUSES
from support_cases.models import Case, CaseEvent
from support_cases.records import CHANGED, EXTENDED
from support_cases.reports.counting import UNKNOWN

#: What one group of spells is summed up to: ``days`` are the calendar days of those completed.
SUMS = (
    "carried_in",
    "received",
    "reopened",
    "on_time",
    "late",
    "withdrawn",
    "not_eligible",
    "unreachable",
    "stopped",
    "carried_on",
    "days",
)
#: What spells are grouped by, besides all of them together and the days they begin and end on.
GROUPS = ("topic", "district", "commune", "officer")
_KEYS = {group: group for group in GROUPS}
#: In place of a unit, for cases of founding groups; no unit has this number.
FOUNDING_GROUPS = "0"

_OPENED = Q(from_status="") | Q(from_status__in=CLOSED_STATUSES, to_status__in=OPEN_STATUSES)
#: Lines with which a spell begins or ends.
BOUNDARIES = _OPENED | Q(from_status__in=OPEN_STATUSES, to_status__in=CLOSED_STATUSES)
#: Lines after which a case may stand elsewhere, be somebody else's or be due another day; the rest only repeat them.
STANDING_LINES = ~Q(from_status=F("to_status")) | Q(step__in=(EXTENDED, CHANGED))

_DAYS = {
    "postgresql": "ended - began",
    "sqlite": "CAST(julianday(ended) - julianday(began) AS INTEGER)",
}
# The days stand in this order: last; last, last, the moment where there is one, first, first, first, last, first.
_SPELL = """
WITH line (id, case_id, from_status, to_status, began, following, told_on, ended_as, due_on,
        ended_officer) AS ({line}),
     spell AS (
        SELECT line.*, CASE WHEN told_on < began THEN began ELSE told_on END AS ended FROM line
        WHERE to_status IN ({open}) AND began <= %s
     ),
     fact AS MATERIALIZED (
        SELECT spell.id, following, began, ended,
            ({topic}) AS topic, ({district}) AS district, ({commune}) AS commune,
            CASE WHEN ended <= %s THEN ended_officer ELSE (
                SELECT told.officer_id FROM support_cases_caseevent told
                WHERE told.case_id = spell.case_id AND told.effective_on <= %s {known}
                    AND (told.from_status <> told.to_status OR told.step IN ({standing}))
                ORDER BY told.id DESC LIMIT 1
            ) END AS officer,
            CASE WHEN began < %s THEN 1 ELSE 0 END AS carried_in,
            CASE WHEN began >= %s AND from_status = '' THEN 1 ELSE 0 END AS received,
            CASE WHEN began >= %s AND from_status <> '' THEN 1 ELSE 0 END AS reopened,
            CASE WHEN ended <= %s THEN ended_as ELSE '' END AS ended_as,
            CASE WHEN due_on < ended THEN 1 ELSE 0 END AS is_late,
            {days} AS days
        FROM spell
        WHERE ended IS NULL OR ended >= %s
     )
"""
_SUMMED = """
    SUM(carried_in), SUM(received), SUM(reopened),
    SUM(CASE WHEN ended_as = 'completed' AND is_late = 0 THEN 1 ELSE 0 END),
    SUM(CASE WHEN ended_as = 'completed' AND is_late = 1 THEN 1 ELSE 0 END),
    SUM(CASE WHEN ended_as = 'withdrawn' THEN 1 ELSE 0 END),
    SUM(CASE WHEN ended_as = 'not_eligible' THEN 1 ELSE 0 END),
    SUM(CASE WHEN ended_as = 'unreachable' THEN 1 ELSE 0 END),
    SUM(CASE WHEN ended_as = 'stopped' THEN 1 ELSE 0 END),
    SUM(CASE WHEN ended_as = '' THEN 1 ELSE 0 END),
    SUM(CASE WHEN ended_as = 'completed' THEN days ELSE 0 END)
"""
# Nothing in the statements comes from outside but their parameters.
_ALL_SUMS = " UNION ALL ".join(
    [
        f"SELECT 'total', '', {_SUMMED} FROM fact HAVING COUNT(*) > 0",  # noqa: S608
        *(
            f"SELECT '{group}', CAST({group} AS TEXT), {_SUMMED} FROM fact GROUP BY {group}"  # noqa: S608
            for group in (*GROUPS, "began", "ended")
        ),
    ]
)
#: Which spells a number counts, and whether the line behind it is the one that ended the spell.
_COUNTED = {
    "carried_in": ("carried_in = 1", False),
    "received": ("received = 1", False),
    "reopened": ("reopened = 1", False),
    "on_time": ("ended_as = 'completed' AND is_late = 0", True),
    "late": ("ended_as = 'completed' AND is_late = 1", True),
    "finished": ("ended_as = 'completed'", True),
    "withdrawn": ("ended_as = 'withdrawn'", True),
    "not_eligible": ("ended_as = 'not_eligible'", True),
    "unreachable": ("ended_as = 'unreachable'", True),
    "stopped": ("ended_as = 'stopped'", True),
    "ended": ("ended_as NOT IN ('', 'completed')", True),
    "carried_on": ("ended_as = ''", False),
    "to_do": ("1 = 1", False),
}


@dataclass(frozen=True)
class Spells:
    """The spells that are open on a day from ``first`` to ``last``, as known just before ``moment`` (None: now).

    A spell belongs to the officer who had the case when it ended, or at the end of ``last`` where it had not.
    """

    first: date
    last: date
    moment: datetime | None

    @classmethod
    def open_after(cls, day: date, moment: datetime | None) -> "Spells":
        """Return the spells that had begun and not ended when ``day`` was over; all of them are carried on."""
        return cls(date.fromordinal(day.toordinal() + 1), day, moment)

    def sums(self) -> dict[str, dict[str, list[int]]]:
        """Return the numbers of ``SUMS`` by group and key, in one statement.

        The groups are ``total`` (under an empty key), those of ``GROUPS``, ``began`` and ``ended``, whose keys are
        days written as in ISO 8601; what a spell belongs to may be unknown, which is an empty key as well.
        """
        start, params = self._facts()
        found: dict[str, dict[str, list[int]]] = {}
        with connection.cursor() as cursor:
            cursor.execute(start + _ALL_SUMS, params)
            for group, key, *numbers in cursor.fetchall():
                found.setdefault(group, {})[key or UNKNOWN] = [int(number) for number in numbers]
        return found

    def lines(self, number: str, group: str = "total", key: str = UNKNOWN) -> QuerySet[CaseEvent]:
        """Return the lines of history a number counts: the ends of what ended, the openings of everything else.

        ``number`` is one of ``SUMS`` but ``days``, or ``finished``, ``ended`` or ``to_do`` for several together.
        Raises ``KeyError`` for another number or group.
        """
        condition, is_end = _COUNTED[number]
        start, params = self._facts()
        column = "following" if is_end else "id"
        if group != "total":
            condition += f" AND COALESCE(CAST({_KEYS[group]} AS TEXT), '') = %s"
            params.append(key)
        chosen = RawSQL(f"{start} SELECT {column} FROM fact WHERE {condition}", params)  # noqa: S608 S611
        return CaseEvent.objects.filter(pk__in=chosen)

    def _facts(self) -> tuple[str, list[Any]]:
        """Return the start of a statement that has one row for each spell in ``fact``, and its parameters."""
        line, line_params = _line(self).query.sql_with_params()
        facts = {name: query.query.sql_with_params() for name, query in _matter(self.moment).items()}
        first, last = (connection.ops.adapt_datefield_value(day) for day in (self.first, self.last))
        known, known_params = ("", []) if self.moment is None else ("AND told.recorded_at < %s", [_stored(self.moment)])
        sql = _SPELL.format(
            line=line,
            **{name: text for name, (text, _params) in facts.items()},
            open=", ".join(f"'{status.value}'" for status in OPEN_STATUSES),
            known=known,
            standing=f"'{EXTENDED}', '{CHANGED}'",
            days=_DAYS[connection.vendor],
        )
        fact_params = [param for _text, params in facts.values() for param in params]
        asked = [last, last, *known_params, first, first, first, last, first]
        return sql, [*line_params, last, *fact_params, *asked]


def known_lines(moment: datetime | None) -> QuerySet[CaseEvent]:
    """Return the lines of all histories recorded before ``moment``; None means now."""
    return CaseEvent.objects.all() if moment is None else CaseEvent.objects.filter(recorded_at__lt=moment)


def place_of(fact: str, moment: datetime | None, via: str = ""):
    """Return the expression of where a case counts, ``old_district`` or ``new_commune``.

    It is the place of its cooperative as known just before ``moment``; ``via`` leads from the queried row to the case.
    A case of a founding group counts under ``FOUNDING_GROUPS``, also when it became that of a cooperative: no row tells
    where a group was at a past moment, nor since when its case has a cooperative.
    """
    group = When(**{f"{via}founding_group__isnull": False}, then=Value(int(FOUNDING_GROUPS)))
    return Chosen(group, default=as_known(fact, moment, f"{via}cooperative__"), output_field=models.BigIntegerField())


def _touched(spells: Spells) -> QuerySet:
    """Return cases among which are all that can have a spell in the time asked for, and few others.

    A case that is closed and had no line from the first day on is over before it. What was typed since ``moment``
    is not known then, so whoever had a line since may have been open.
    """
    lines = CaseEvent.objects.order_by()
    rows = [Case.objects.order_by().filter(status__in=OPEN_STATUSES).values("pk")]
    rows.append(lines.filter(effective_on__gte=spells.first).values("case"))
    if spells.moment is not None:
        rows.append(lines.filter(recorded_at__gte=spells.moment).values("case"))
    return rows[0].union(*rows[1:])


def _line(spells: Spells) -> QuerySet:
    """Return the openings and ends of cases with the day they count on and what follows them in their case."""
    in_case: dict[str, Any] = {"partition_by": F("case"), "order_by": "pk"}
    return (
        known_lines(spells.moment)
        .filter(BOUNDARIES, case__in=_touched(spells), case__opened_on__lte=spells.last)
        .order_by()
        .annotate(
            began=Window(Max("effective_on"), **in_case),
            following=Window(Lead("pk"), **in_case),
            told_on=Window(Lead("effective_on"), **in_case),
            ended_as=Window(Lead("to_status"), **in_case),
            ended_due=Window(Lead("due_on"), **in_case),
            ended_officer=Window(Lead("officer"), **in_case),
        )
        .values_list(
            "pk",
            "case_id",
            "from_status",
            "to_status",
            "began",
            "following",
            "told_on",
            "ended_as",
            "ended_due",
            "ended_officer",
        )
    )


def _matter(moment: datetime | None) -> dict[str, QuerySet]:
    """Return topic and place of the case of a spell, each as a query by the key of the case.

    As queries of their own, for SQLite would read all cases for every spell if they were joined.
    """
    case = Case.objects.order_by().filter(pk=RawSQL("spell.case_id", []))
    return {
        "topic": case.values_list("topic"),
        "district": case.values_list(place_of("old_district", moment)),
        "commune": case.values_list(place_of("new_commune", moment)),
    }


def _stored(moment: datetime) -> Any:
    """Return a moment as the database keeps it."""
    return connection.ops.adapt_datetimefield_value(moment)
