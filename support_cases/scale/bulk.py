"""Many rows into a table at once: ``executemany`` on SQLite, ``COPY`` on PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models

#: Pages of the database SQLite may hold in memory while the set is written, in KiB.
_SQLITE_CACHE = 256 * 1024


class Table:
    """One table being filled: rows wait in ``rows`` until :meth:`write`.

    A row is a sequence of database values for ``columns``; the columns that are not named get the default
    of their field. ``next_id`` gives primary keys that follow those already there.
    """

    def __init__(self, model: type[models.Model], columns: Sequence[str] | None = None):
        fields = {field.attname: field for field in model._meta.concrete_fields}
        self.columns = list(columns or fields)
        self.defaults = [
            field.get_db_prep_save(field.get_default(), connection)
            for name, field in fields.items()
            if name not in self.columns
        ]
        names = self.columns + [name for name in fields if name not in self.columns]
        self.table = connection.ops.quote_name(model._meta.db_table)
        self.names = ", ".join(connection.ops.quote_name(fields[name].column) for name in names)
        self.fields = [fields[name] for name in self.columns]
        self.rows: list[Sequence] = []
        last = model._base_manager.aggregate(last=models.Max("pk"))["last"]
        self._last_id = last if isinstance(last, int) else 0

    def next_id(self) -> int:
        """Return the next primary key."""
        self._last_id += 1
        return self._last_id

    def add(self, row: models.Model) -> None:
        """Let an unsaved object wait to be written; its ``save()`` is not called."""
        self.rows.append([field.get_db_prep_save(getattr(row, field.attname), connection) for field in self.fields])

    def write(self) -> None:
        """Write the waiting rows."""
        if not self.rows:
            return
        rows = [[*row, *self.defaults] for row in self.rows] if self.defaults else self.rows
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {self.table} ({self.names}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(rows[0]))
                # Names come from the models, values go as parameters.
                sql = f"INSERT INTO {self.table} ({self.names}) VALUES ({marks})"  # noqa: S608
                cursor.executemany(sql, rows)
        self.rows = []


@contextmanager
def fast_inserts() -> Iterator[None]:
    """Give a transaction what many inserts need; runs inside it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Otherwise every row's references would wait in memory to be checked at the end.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            yield
            return
        (usual,) = cursor.execute("PRAGMA cache_size").fetchone()
        cursor.execute(f"PRAGMA cache_size = -{_SQLITE_CACHE}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {usual}")


def reset_sequences() -> None:
    """Let the database go on numbering after the primary keys that were given by hand."""
    ours = [model for label in ("accounts", "cooperatives", "support_cases") for model in _tables_of(label)]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), ours):
            cursor.execute(statement)


def settle() -> None:
    """Let the database count what its tables hold now, and give back the room the writing took."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _tables_of(label: str) -> list[type[models.Model]]:
    return list(apps.get_app_config(label).get_models(include_auto_created=True))


def moment(day: date, minutes: int) -> str:
    """Return the moment ``minutes`` after midnight UTC of ``day`` as the database reads it."""
    return f"{day.isoformat()} {minutes // 60:02d}:{minutes % 60:02d}:00{_zone()}"


@cache
def _zone() -> str:
    """Return what a moment ends with: SQLite's moments are UTC without saying so."""
    return "+00" if connection.vendor == "postgresql" else ""
