"""Rows many tests begin with, made by the portal once in a test process and afterwards put back as they then stood.

For tests that stand on these rows; the acts that make them have tests of their own. The sets are the
reference files as they are shipped and the demo set of today.
"""

from collections.abc import Callable
from io import StringIO
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.test import override_settings
from django.utils import timezone

from cooperatives.reference import load_register_reference
from support_cases.reference import load_reference

#: The rows of each table as the driver gives and takes them.
Rows = dict[str, list[tuple[Any, ...]]]

_kept: dict[str, Rows] = {}


def put_demo_set() -> None:
    """Let the demo set of today be there; the database is empty."""
    _put(f"demo set of {timezone.localdate()}", _seed)


def put_reference() -> None:
    """Let the rows of all reference files be there."""
    _put("reference", lambda: load_reference(settings.FIXTURES_DIR / "reference"))


def put_register_reference() -> None:
    """Let the rows of the register's reference files be there."""
    _put("reference of the register", lambda: load_register_reference(settings.FIXTURES_DIR / "reference"))


def contents() -> Rows:
    """Every row of every table that has any; types and permissions, made with the tables, are left out."""
    found = {}
    with connection.cursor() as cursor:
        for model in _models():
            cursor.execute(f"SELECT {_columns(model)} FROM {_quoted(model._meta.db_table)} ORDER BY 1")
            rows = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]
            if rows:
                found[model._meta.db_table] = rows
    return found


def _seed() -> None:
    with override_settings(DEMO=True):
        call_command("seed_demo", stdout=StringIO(), stderr=StringIO())


def _put(name: str, load: Callable[[], object]) -> None:
    """Put rows back into empty tables; where they were never made or some are there already, ``load`` sees to it."""
    kept = _kept.get(name)
    if kept and not _any_rows([*kept]):
        with transaction.atomic():
            _write(kept)
        return
    alone = kept is None and not contents()
    load()
    if alone:
        _kept[name] = contents()


def _any_rows(tables: list[str]) -> bool:
    asked = " OR ".join(f"EXISTS (SELECT 1 FROM {_quoted(table)})" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 WHERE {asked}")
        return cursor.fetchone() is not None


def _write(kept: Rows) -> None:
    """Write rows as they were read; references are checked at the end of the transaction."""
    filled = [model for model in _models() if model._meta.db_table in kept]
    with connection.cursor() as cursor:
        for model in filled:
            into, rows = f"{_quoted(model._meta.db_table)} ({_columns(model)})", kept[model._meta.db_table]
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                places = ", ".join(["%s"] * len(rows[0]))
                cursor.executemany(f"INSERT INTO {into} VALUES ({places})", rows)
        for statement in connection.ops.sequence_reset_sql(no_style(), filled):
            cursor.execute(statement)


def _models() -> list[type[models.Model]]:
    every = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    made_with_the_tables = ("contenttypes.contenttype", "auth.permission")
    return [model for model in every if model._meta.label_lower not in made_with_the_tables]


def _columns(model: type[models.Model]) -> str:
    return ", ".join(_quoted(field.column) for field in model._meta.local_concrete_fields)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
