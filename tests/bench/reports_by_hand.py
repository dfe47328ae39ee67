"""Coverage and the work of officers by SQL somebody would write by hand for exactly these numbers, as known now.

Like `tests/bench/by_hand.py`: the entries are passed over once and brought down to one row for each cooperative and
topic or officer. The cases of officers are counted by the same statements on both sides; they are SQL by hand already.
"""

from datetime import datetime

from django.db import connection

from cooperatives.choices import ENDED_STATUSES
from support_cases.models.consultation import end_of
from support_cases.reports.counting import SEPARATOR, UNKNOWN
from support_cases.reports.kinds import Figures, Scope
from support_cases.reports.workload import with_cases

_ENTRIES = "voided_at IS NULL AND cooperative_id IS NOT NULL AND held_on BETWEEN '{start}' AND '{end}'"
_ABOUT = f"""
    CREATE TEMPORARY TABLE about AS
    SELECT cooperative_id AS coop, COALESCE(topic, '') AS topic
    FROM support_cases_consultation c LEFT JOIN support_cases_consultationtopic t ON t.consultation_id = c.id
    WHERE {_ENTRIES} GROUP BY 1, 2
"""
# Whoever ended since the last day had not ended on it.
_REGISTER = """
    CREATE TEMPORARY TABLE register AS
    SELECT p.id AS coop, p.kind, old_district_id AS district, new_commune_id AS commune,
        CASE WHEN COALESCE(then_said.legal_status, p.legal_status) IN ({ended}) THEN 'ended'
            WHEN p.registered_on IS NULL THEN 'undated' WHEN p.registered_on <= '{end}' THEN '' ELSE 'later'
        END AS standing, CASE WHEN served.coop IS NULL THEN 0 ELSE 1 END AS served
    FROM cooperatives_cooperative p
    LEFT JOIN (SELECT DISTINCT coop FROM about) served ON served.coop = p.id
    LEFT JOIN (
        SELECT cooperative_id, legal_status, ROW_NUMBER() OVER (PARTITION BY cooperative_id ORDER BY until, id) AS nth
        FROM cooperatives_paststate WHERE until >= '{judged}'
    ) then_said ON then_said.cooperative_id = p.id AND nth = 1
"""
_OFFICERS = f"""
    CREATE TEMPORARY TABLE work AS
    SELECT officer_id AS officer, cooperative_id AS coop, COUNT(*) AS n FROM support_cases_consultation
    WHERE {_ENTRIES} GROUP BY 1, 2
"""
_OF_TOPICS = "about JOIN register USING (coop) WHERE standing = ''"
#: Dimension, its keys, what is counted, where it is found.
_COVERAGE = (
    ("total", (), "COUNT(*), SUM(served)", "register WHERE standing = ''"),
    ("district", ("district",), "COUNT(*), SUM(served)", "register WHERE standing = ''"),
    ("commune", ("commune",), "COUNT(*), SUM(served)", "register WHERE standing = ''"),
    ("kind", ("kind",), "COUNT(*), SUM(served)", "register WHERE standing = ''"),
    ("apart", ("standing",), "COUNT(*)", "register WHERE standing <> '' AND served = 1"),
    ("undated", (), "COUNT(*)", "register WHERE standing = 'undated' HAVING COUNT(*) > 0"),
    ("topic", ("topic",), "COUNT(*)", _OF_TOPICS),
    ("topic|district", ("topic", "district"), "COUNT(*)", _OF_TOPICS),
    ("topic|commune", ("topic", "commune"), "COUNT(*)", _OF_TOPICS),
)
_WORK = (
    ("total", (), "SUM(n), COUNT(DISTINCT coop)", "work"),
    ("officer", ("officer",), "SUM(n), COUNT(*)", "work"),
)


def coverage_by_hand(scope: Scope) -> Figures:
    """Return what :func:`support_cases.reports.coverage_counts.counted_coverage` counts now."""
    return _counted(scope, (_ABOUT, _REGISTER), _COVERAGE, ("about", "register"))


def workload_by_hand(scope: Scope) -> Figures:
    """Return what the report on the work of officers counts now."""
    return with_cases(scope, _counted(scope, (_OFFICERS,), _WORK, ("work",)))


def _counted(scope: Scope, made: tuple[str, ...], asked: tuple[tuple, ...], tables: tuple[str, ...]) -> Figures:
    names = {
        "start": scope.period.start,
        "end": scope.period.end,
        "judged": _stored(end_of(scope.stand)),
        "ended": ", ".join(f"'{status}'" for status in ENDED_STATUSES),
    }
    found: Figures = {}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET work_mem = '256MB'")
        for statement in made:
            cursor.execute(statement.format(**names))
        for dimension, keys, counts, source in asked:
            grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
            cursor.execute(f"SELECT {', '.join([*keys, counts])} FROM {source}{grouped}")
            found[dimension] = dict(_line(row, len(keys)) for row in cursor)
        for table in tables:
            cursor.execute(f"DROP TABLE {table}")
        if connection.vendor == "postgresql":
            cursor.execute("RESET work_mem")
    return found


def _line(row: tuple, keys: int) -> tuple[str, list[int]]:
    """Return key and numbers of a row whose first columns are its keys."""
    key = SEPARATOR.join(UNKNOWN if part is None else str(part) for part in row[:keys])
    return key, [int(number or 0) for number in row[keys:]]


def _stored(moment: datetime) -> object:
    """Return a moment as the database keeps it."""
    return connection.ops.adapt_datetimefield_value(moment)
