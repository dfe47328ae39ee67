"""All rows of all tables, to show that a refused act has left nothing behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table by the table's name, tables of links included."""
    tables = apps.get_models(include_auto_created=True)
    return {model._meta.db_table: list(model._base_manager.order_by("pk").values()) for model in tables}


@contextmanager
def nothing_written() -> Iterator[None]:
    """Fail when the block adds, changes or takes away any row."""
    before = everything()
    yield
    assert everything() == before
