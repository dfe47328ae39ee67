"""Which state of the entries a set of figures was computed from."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection, transaction

from support_cases.models import CountingVersion

# Asked before nearly every answer, so it is not put together anew each time.
_VERSIONS = """
    SELECT COALESCE(SUM(version), 0), COALESCE((SELECT MAX(version) FROM cooperatives_registerversion), 0)
    FROM support_cases_countingversion WHERE half_month <= %s
"""


def half_month_of(day: date) -> date:
    """Return the first day of the half-month of ``day``: the 1st, or the 15th."""
    return day.replace(day=15 if day.day >= 15 else 1)


def raise_version(*days: date) -> None:
    """Note that entries held on ``days`` were added, changed or taken away; runs in that transaction.

    One statement whether the rows are there or not. The version is the moment in microseconds: all that matters is
    that it differs from every one before. Whoever changes an entry calls this first: the rows stay locked until the
    end of the transaction, in the order of their days.
    """
    version = time.time_ns() // 1000
    halves = sorted({half_month_of(day) for day in days})
    CountingVersion.objects.bulk_create(
        [CountingVersion(half_month=half, version=version) for half in halves],
        update_conflicts=True,
        unique_fields=["half_month"],
        update_fields=["version"],
    )


@contextmanager
def one_state() -> Iterator[None]:
    """Let everything read inside see one state of the database, however much others write meanwhile; for reading only.

    Nobody waits for it. Inside a transaction of the caller it is that one which decides what is seen.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        connection.ensure_connection()
        mode, connection.transaction_mode = connection.transaction_mode, "DEFERRED"
        try:
            with transaction.atomic():
                yield
        finally:
            connection.transaction_mode = mode


def version_until(day: date) -> str:
    """Return a text that changes whenever figures of periods ending by ``day`` may change.

    Holds the entries of all half-months up to that day (first-time cooperatives depend on the past) and the
    version of the register (a moved cooperative counts elsewhere). One query over a few dozen small rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, [day.isoformat()])
        entries, register = cursor.fetchone()
    return f"{entries}-{register}"


def years_with_entries():
    """Return the first days of the years in which entries were held, latest first; one small query."""
    # Earlier closings left rows of half-months without entries; those keep the version a row begins with.
    return CountingVersion.objects.filter(version__gt=1).dates("half_month", "year", order="DESC")
