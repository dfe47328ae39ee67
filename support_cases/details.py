"""The typed details of a case and their child rows: checked and written for every door in one place."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import WHOLE
from cooperatives.text import nfc
from support_cases.models import Case
from support_cases.support_types import CaseDetails, CaseRow
from support_cases.support_types.base import Problems

#: How many child rows of one kind a case may hold: more than any case has, few enough for one page.
MOST_ROWS = 200


def details_of(case: Case) -> CaseDetails:
    """Return the details row of the case, a new unsaved one where there is none yet."""
    return case.details or case.kind.details(case=case)


def fill(row: CaseDetails | CaseRow, values: Mapping[str, Any]) -> None:
    """Set columns of a row to what was typed, text in its stored form."""
    for name, value in values.items():
        setattr(row, name, nfc(value) if isinstance(value, str) else value)


def unknown_names(case: Case, sent: Mapping[str, Any]) -> Problems:
    """Return a problem for every name in ``sent`` that is no detail and no list of this kind."""
    names = {column.name for column in case.kind.detail_fields()} | case.kind.rows.keys()
    said = [_("Nội dung này không có mục “%(name)s”.") % {"name": name} for name in sent if name not in names]
    return {"details": said} if said else {}


def details_problems(case: Case, row: CaseDetails, today: date) -> Problems:
    """Return what columns, constraints, limits and the kind itself refuse in the details, by column."""
    problems = field_problems(row)
    problems = _merge(problems, _outside_limits(case, row, case.kind.detail_fields()))
    return problems or case.kind.check(case, row, today)


def row_problems(case: Case, name: str, row: CaseRow, today: date) -> Problems:
    """Return what columns, constraints, limits and the kind itself refuse in one child row, by column."""
    problems = field_problems(row)
    problems = _merge(problems, _outside_limits(case, row, case.kind.row_fields(name)))
    return problems or case.kind.check_row(name, row, today)


def write_rows(case: Case, name: str, sent: list[Mapping[str, Any]], today: date) -> Problems:
    """Make the list ``name`` of the case what ``sent`` says and return what stands in the way.

    A row with the ``id`` of one that is there changes it, others are added, those not sent are taken away. Must
    run in a transaction that is rolled back when problems come back.
    """
    model = case.kind.rows[name]
    there = {row.pk: row for row in model._default_manager.filter(case=case)}
    if len(sent) > MOST_ROWS:
        return {name: [_("Nhiều nhất %(most)s dòng.") % {"most": MOST_ROWS}]}
    kept, said = set(), []
    for place, values in enumerate(sent, start=1):
        values = dict(values)
        row = there.get(values.pop("id", None)) or model(case=case)
        fill(row, values)
        said += [
            _("Dòng %(place)s: %(problem)s") % {"place": place, "problem": problem}
            for messages in row_problems(case, name, row, today).values()
            for problem in messages
        ]
        if not said:
            row.save()
            kept.add(row.pk)
    if not said:
        model._default_manager.filter(case=case).exclude(pk__in=kept).delete()
    return {name: said} if said else {}


def field_problems(row, skip=("case",)) -> Problems:
    """Return what the columns and constraints of ``row`` refuse, by field, those in ``skip`` left out."""
    try:
        row.full_clean(exclude=[*skip, "search_key"])
    except ValidationError as refusal:
        return {WHOLE if name == NON_FIELD_ERRORS else name: said for name, said in refusal.message_dict.items()}
    return {}


def _outside_limits(case: Case, row, columns) -> Problems:
    """Return a problem for each foreign key that points to a row of somebody else."""
    problems: Problems = {}
    for column in columns:
        pointed = getattr(row, column.attname)
        allowed = case.kind.limit(column.name, case.party) if column.is_relation and pointed is not None else None
        if allowed is not None and not allowed.filter(pk=pointed).exists():
            problems[column.name] = [_("Chọn một mục của chính HTX này.")]
    return problems


def _merge(one: Problems, other: Problems) -> Problems:
    return one | {name: [*one.get(name, []), *said] for name, said in other.items()}
