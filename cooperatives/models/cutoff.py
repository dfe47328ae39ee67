"""The moment figures were last declared final, and when something may say it was written down.

Figures of a past moment are counted anew by the moments rows bear. That holds only if nothing is stamped before a
closing and becomes visible after it. So whoever stamps such a row asks :func:`moment_to_record` first.
"""

from datetime import datetime

from django.db import connection, models
from django.db.transaction import TransactionManagementError
from django.utils import timezone

#: The key of the lock of PostgreSQL that writers share and a closing holds alone; no other code uses one.
_LOCK = 2_024_0615


class Cutoff(models.Model):
    """One row: the latest moment at which figures were declared final. There is none before the first closing."""

    moment = models.DateTimeField()

    def __str__(self):
        return f"{self.moment:%d/%m/%Y %H:%M}"


def moment_to_record(given: datetime | None = None) -> datetime:
    """Return the moment to write on what the transaction records: ``given``, else the present one.

    No figures are declared final from here to the end of the transaction, and where that happened since ``given`` the
    moment is a later one: whatever a closing did not see yet is recorded after it. Writers do
    not wait for each other here.

    Raises:
        TransactionManagementError: outside a transaction.
    """
    _lock("pg_advisory_xact_lock_shared")
    moment = given or timezone.now()
    last = _last()
    # Clocks of two machines differ: the moment of the closing is the earliest that is not before it.
    return moment if last is None or moment > last else max(timezone.now(), last)


def moment_to_close(given: datetime | None = None) -> datetime:
    """Return the moment of a closing, ``given`` or the present one, once everything recorded before it is to be seen.

    Waits for the transactions that are recording; those that come meanwhile wait for this one and record after it.

    Raises:
        TransactionManagementError: outside a transaction.
    """
    _lock("pg_advisory_xact_lock")
    moment = given or timezone.now()
    last = _last()
    if last is None or moment > last:
        Cutoff.objects.update_or_create(pk=1, defaults={"moment": moment})
    return moment


def may_be_in_figures(recorded_at: datetime) -> bool:
    """Whether figures that were declared final may count what was recorded at this moment."""
    last = _last()
    return last is not None and recorded_at <= last


def _lock(function: str) -> None:
    if not connection.in_atomic_block:
        raise TransactionManagementError("A moment is recorded inside a transaction.")
    # On SQLite whoever has begun a transaction is the only one who writes.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_LOCK])


def _last() -> datetime | None:
    # A statement of its own after the lock: one that waited would still see what stood before the wait.
    return Cutoff.objects.order_by().values_list("moment", flat=True).first()
