"""The details of a case and their child rows in words, as the case page shows them."""

from dataclasses import dataclass

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from htx_portal.templatetags.portal import number, vnd
from support_cases.models import Case


@dataclass(frozen=True)
class RowTable:
    """One list of child rows: for each row its key and, where something was filled in, label and words."""

    name: str
    title: str
    rows: list[tuple[int, list[tuple[str, str]]]]
    open: bool


def detail_facts(row: Case, *, public: bool = False) -> list[tuple[str, str]]:
    """Return label and words of every detail of the kind that was filled in, in ``public`` without the office's own."""
    details = row.details
    if details is None:
        return []
    hidden = row.kind.office_only if public else frozenset()
    return _filled(details, [column for column in row.kind.detail_fields() if column.name not in hidden])


def row_tables(row: Case, *, public: bool = False, without: frozenset[str] = frozenset()) -> list[RowTable]:
    """Return the lists of child rows of the case but those ``without``; one query for each, whatever its length."""
    hidden = without | (row.kind.office_only if public else frozenset())
    return [_table(row, name, model) for name, model in row.kind.rows.items() if name not in hidden]


def words_of(row: models.Model, column: models.Field) -> str:
    """Return the value of a column as people read it; "" where nothing was filled in."""
    value = getattr(row, column.attname)
    if value in (None, ""):
        return ""
    if column.is_relation:
        return str(getattr(row, column.name))
    if column.choices:
        return str(getattr(row, f"get_{column.name}_display")())
    if isinstance(column, models.BooleanField):
        return _("có") if value else ""
    if isinstance(column, models.DateField):
        return date_format(value)
    if isinstance(column, models.PositiveBigIntegerField):
        return vnd(value)
    return number(value) if isinstance(column, models.DecimalField) else str(value)


def _filled(row: models.Model, columns: list[models.Field]) -> list[tuple[str, str]]:
    """Return label and words of the columns that were filled in."""
    facts = [(str(column.verbose_name), words_of(row, column)) for column in columns]
    return [(label, words) for label, words in facts if words]


def _table(row: Case, name: str, model) -> RowTable:
    columns = row.kind.row_fields(name)
    related = [column.name for column in columns if column.is_relation]
    rows = model._default_manager.filter(case=row)
    rows = rows.select_related(*related) if related else rows
    return RowTable(
        name=name,
        title=str(model._meta.verbose_name_plural),
        rows=[(each.pk, _filled(each, columns)) for each in rows],
        open=row.is_open or model.open_after_closing,
    )
