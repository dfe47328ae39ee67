"""The figures of the lượt by SQL somebody would write by hand for exactly these numbers: the yardstick of reports.

As few passes over the entries as possible: what is counted is first brought down to one row for each cooperative and
month, channel, officer, or month and topic, after which distinct HTX are rows and nothing is sorted for them.
Whole calendar months only.
"""

from datetime import date

from django.db import connection

from support_cases.reports.counting import SEPARATOR, UNKNOWN
from support_cases.reports.kinds import Figures
from support_cases.reports.periods import Month, Period

_MONTH = {"postgresql": "to_char(held_on, 'YYYY-MM')", "sqlite": "substr(held_on, 1, 7)"}

# One row for each cooperative and month of all months needed.
_LOTS = """
    CREATE TEMPORARY TABLE lots AS
    SELECT cooperative_id AS coop, {month} AS month, COUNT(*) AS n
    FROM support_cases_consultation
    WHERE voided_at IS NULL AND cooperative_id IS NOT NULL AND ({ranges})
    GROUP BY 1, 2
"""
# PostgreSQL groups by two things in one pass; SQLite takes two.
_WAYS = {
    "postgresql": """
        CREATE TEMPORARY TABLE ways AS
        SELECT cooperative_id AS coop, channel, officer_id AS officer, COUNT(*) AS n
        FROM support_cases_consultation
        WHERE voided_at IS NULL AND cooperative_id IS NOT NULL AND held_on BETWEEN '{start}' AND '{end}'
        GROUP BY GROUPING SETS ((1, 2), (1, 3))
    """,
    "sqlite": """
        CREATE TEMPORARY TABLE ways AS
        SELECT coop, channel, officer, SUM(n) AS n FROM (
            SELECT cooperative_id AS coop, channel, officer_id AS officer, COUNT(*) AS n
            FROM support_cases_consultation
            WHERE voided_at IS NULL AND cooperative_id IS NOT NULL AND held_on BETWEEN '{start}' AND '{end}'
            GROUP BY 1, 2, 3
        ) GROUP BY 1, 2, 3
    """,
}
_TOPICS = """
    CREATE TEMPORARY TABLE about AS
    SELECT cooperative_id AS coop, {month} AS month, topic, COUNT(*) AS n
    FROM support_cases_consultation c LEFT JOIN support_cases_consultationtopic t ON t.consultation_id = c.id
    WHERE voided_at IS NULL AND cooperative_id IS NOT NULL AND held_on BETWEEN '{start}' AND '{end}'
    GROUP BY 1, 2, 3
"""
_SUMS = (
    "CREATE TEMPORARY TABLE whole AS SELECT coop, SUM(n) AS n FROM lots"
    " WHERE month BETWEEN '{first}' AND '{last}' GROUP BY 1",
    "CREATE TEMPORARY TABLE whole_about AS SELECT coop, topic, SUM(n) AS n FROM about GROUP BY 1, 2",
)
_COOP = "JOIN cooperatives_cooperative p ON p.id = coop"
_PLACE = "old_district_id", "old_commune_id", "new_commune_id"
#: Dimension, its keys, where they are found.
_GROUPED = (
    ("month", ("month",), "lots WHERE month BETWEEN '{first}' AND '{last}'"),
    ("month_last_year", ("month",), "lots WHERE month BETWEEN '{first_before}' AND '{last_before}'"),
    ("topic", ("topic",), "whole_about"),
    ("kind", ("kind",), f"whole {_COOP}"),
    ("district", ("old_district_id",), f"whole {_COOP}"),
    ("old_commune", ("old_commune_id",), f"whole {_COOP}"),
    ("commune", ("new_commune_id",), f"whole {_COOP}"),
    ("place", _PLACE, f"whole {_COOP}"),
    ("month|topic", ("month", "topic"), "about"),
    ("month|district", ("month", "old_district_id"), f"lots {_COOP} WHERE month BETWEEN '{{first}}' AND '{{last}}'"),
    ("topic|district", ("topic", "old_district_id"), f"whole_about {_COOP}"),
    ("topic|commune", ("topic", "new_commune_id"), f"whole_about {_COOP}"),
)
_TABLES = ("lots", "ways", "about", "whole", "whole_about")


def figures_by_hand(period: Period) -> Figures:
    """Return what :func:`support_cases.reports.counting.count_figures` counts now, of whole calendar months."""
    compared = _compared(period)
    names = _names(period)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Who writes such a query gives it the room to group in memory.
            cursor.execute("SET work_mem = '256MB'")
        for statement in (_LOTS, _WAYS[connection.vendor], _TOPICS, *_SUMS):
            cursor.execute(statement.format(**names))
        found: Figures = {}
        for name, one in compared.items():
            found[name] = {UNKNOWN: _asked(cursor, _between(one))}
        found["first_time"] = {UNKNOWN: _asked(cursor, _first_time(period))}
        found["first_time_last_year"] = {UNKNOWN: _asked(cursor, _first_time(period.year_before()))}
        cursor.execute(
            "SELECT COUNT(*) FROM support_cases_consultation WHERE voided_at IS NULL AND founding_group_id IS NOT NULL"
            f" AND held_on BETWEEN '{period.start}' AND '{period.end}'"
        )
        found["founding_groups"] = {UNKNOWN: [*cursor.fetchone(), 0]}
        for dimension in ("channel", "officer"):
            _group(cursor, found, dimension, (dimension,), f"(SELECT coop, {dimension}, SUM(n) AS n FROM ways"
                   f" WHERE {dimension} IS NOT NULL GROUP BY 1, 2) AS one")  # fmt: skip
        for dimension, keys, source in _GROUPED:
            _group(cursor, found, dimension, keys, source.format(**names))
        for table in _TABLES:
            cursor.execute(f"DROP TABLE {table}")
        if connection.vendor == "postgresql":
            cursor.execute("RESET work_mem")
    return found


def _compared(period: Period) -> dict[str, Period]:
    """Return the periods whose totals are asked for."""
    before = period.year_before()
    return {
        "total": period,
        "previous": period.previous(),
        "last_year": before,
        "cumulative": period.cumulative(),
        "cumulative_last_year": before.cumulative(),
    }


def _names(period: Period) -> dict[str, object]:
    """Return what is put into the statements."""
    before = period.year_before()
    ranges = _ranges(_compared(period).values())
    return {
        "month": _MONTH[connection.vendor],
        "start": period.start,
        "end": period.end,
        "first": period.first,
        "last": period.last,
        "first_before": before.first,
        "last_before": before.last,
        "ranges": " OR ".join(f"held_on BETWEEN '{start}' AND '{end}'" for start, end in ranges),
    }


def _ranges(periods) -> list[tuple[date, date]]:
    """Return the days of all periods as ranges that do not overlap."""
    ranges: list[tuple[date, date]] = []
    for start, end in sorted((one.start, one.end) for one in periods):
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(ranges[-1][1], end))
        else:
            ranges.append((start, end))
    return ranges


def _between(period: Period) -> str:
    return f"month BETWEEN '{period.first}' AND '{period.last}'"


def _first_time(period: Period) -> str:
    begins = Month(period.first.year, 1)
    earlier = f"SELECT coop FROM lots WHERE month >= '{begins}' AND month < '{period.first}'"
    return f"{_between(period)} AND coop NOT IN ({earlier})"


def _asked(cursor, condition: str) -> list[int]:
    """Return lượt and distinct HTX of some months."""
    cursor.execute(f"SELECT COALESCE(SUM(n), 0), COUNT(DISTINCT coop) FROM lots WHERE {condition}")
    times, distinct = cursor.fetchone()
    return [int(times), distinct]


def _group(cursor, found: Figures, dimension: str, keys: tuple[str, ...], source: str) -> None:
    """Add the numbers of one dimension; every cooperative is in one row of each group."""
    columns = ", ".join(keys)
    cursor.execute(f"SELECT {columns}, SUM(n), COUNT(*) FROM {source} GROUP BY {columns}")
    rows = {
        SEPARATOR.join(UNKNOWN if key is None else str(key) for key in said): [int(times), distinct]
        for *said, times, distinct in cursor
    }
    if rows:
        found[dimension] = rows
