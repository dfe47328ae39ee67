"""The child rows of a case's details, one at a time: acts of the pages."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, NotAllowedNow
from support_cases.details import MOST_ROWS, fill, row_problems
from support_cases.models import Case
from support_cases.records import add_line, lock_case
from support_cases.support_types import CaseRow

#: The line of history of a child row written or taken away.
ROWS = "rows"


def save_row(
    case: Case,
    name: str,
    values: Mapping[str, Any],
    *,
    by,
    today: date,
    pk: int | None = None,
    version: int | None = None,
) -> CaseRow:
    """Add a row to the list ``name`` of the case, or change the row ``pk``, and return it.

    Raises:
        InvalidEntry: with messages by column; nothing is written.
        NotAllowedNow: for a case that has ended, where the list ends with it, or a row that is gone.
        StaleVersion: when ``version`` is given and somebody changed the case since.
    """
    model = case.kind.rows[name]
    with transaction.atomic():
        locked = _open_for_rows(case, model, version)
        rows = model._default_manager.filter(case=locked)
        row = rows.filter(pk=pk).first() if pk else model(case=locked)
        if row is None:
            raise NotAllowedNow([_("Dòng này vừa được người khác bỏ đi.")])
        if pk is None and rows.count() >= MOST_ROWS:
            raise NotAllowedNow([_("Nhiều nhất %(most)s dòng.") % {"most": MOST_ROWS}])
        fill(row, values)
        problems = row_problems(locked, name, row, today)
        if problems:
            raise InvalidEntry(problems)
        row.save()
        words = _("Thêm %(kind)s: %(row)s.") if pk is None else _("Sửa %(kind)s: %(row)s.")
        _tell(locked, model, words, row, by=by, today=today)
    return row


def drop_row(case: Case, name: str, pk: int, *, by, today: date, version: int | None = None) -> None:
    """Take the row ``pk`` out of the list ``name``; a row that is gone already is no harm.

    Raises:
        NotAllowedNow: for a case that has ended, where the list ends with it.
        StaleVersion: when ``version`` is given and somebody changed the case since.
    """
    model = case.kind.rows[name]
    with transaction.atomic():
        locked = _open_for_rows(case, model, version)
        row = model._default_manager.filter(case=locked, pk=pk).first()
        if row is not None:
            _tell(locked, model, _("Bỏ %(kind)s: %(row)s."), row, by=by, today=today)
            row.delete()


def _open_for_rows(case: Case, model: type[CaseRow], version: int | None) -> Case:
    locked = lock_case(case, version)
    if not locked.is_open and not model.open_after_closing:
        raise NotAllowedNow([_("Hồ sơ đã kết thúc, mở lại rồi mới sửa.")])
    return locked


def _tell(case: Case, model: type[CaseRow], words, row: CaseRow, *, by, today: date) -> None:
    """Raise the version of the case and write what happened to a row into its history."""
    case.version += 1
    case.save()
    add_line(case, ROWS, by=by, day=today, note=words % {"kind": model._meta.verbose_name, "row": row})
