"""The demo set, loaded by its command once in a test process and afterwards put back as it then stood.

For tests that stand on the set; what the command does has tests of its own.
"""

from datetime import date
from io import StringIO
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.test import override_settings
from django.utils import timezone

#: The rows of each table as the driver gives and takes them, by the day they were counted from.
_kept: dict[date, dict[str, list[tuple[Any, ...]]]] = {}


def put_demo_set() -> None:
    """Fill the tables of an empty database, in one transaction, with the demo set of today."""
    today = timezone.localdate()
    if today in _kept:
        with transaction.atomic():
            _put(_kept[today])
        return
    with override_settings(DEMO=True):
        call_command("seed_demo", stdout=StringIO(), stderr=StringIO())
    _kept[today] = contents()


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that has any, types and permissions left out: those are made with the tables."""
    found = {}
    with connection.cursor() as cursor:
        for model in _models():
            cursor.execute(f"SELECT {_columns(model)} FROM {_quoted(model._meta.db_table)} ORDER BY 1")
            rows = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]
            if rows:
                found[model._meta.db_table] = rows
    return found


def _put(kept: dict[str, list[tuple[Any, ...]]]) -> None:
    """Write rows as they were read; references are checked at the end of the transaction."""
    filled = [model for model in _models() if model._meta.db_table in kept]
    with connection.cursor() as cursor:
        for model in filled:
            places = ", ".join(["%s"] * len(model._meta.local_concrete_fields))
            statement = f"INSERT INTO {_quoted(model._meta.db_table)} ({_columns(model)}) VALUES ({places})"
            cursor.executemany(statement, kept[model._meta.db_table])
        for statement in connection.ops.sequence_reset_sql(no_style(), filled):
            cursor.execute(statement)


def _models() -> list[type[models.Model]]:
    made_with_the_tables = ("contenttypes.contenttype", "auth.permission")
    every = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    return [model for model in every if model._meta.label_lower not in made_with_the_tables]


def _columns(model: type[models.Model]) -> str:
    return ", ".join(_quoted(field.column) for field in model._meta.local_concrete_fields)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
