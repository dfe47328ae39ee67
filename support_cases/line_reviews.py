"""The review of a cooperative's lines in a case: begun from the register, written as a whole."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cooperatives.choices import LineAction
from cooperatives.errors import InvalidEntry, NotAllowedNow
from support_cases.case_rows import ROWS
from support_cases.details import write_rows
from support_cases.models import Case
from support_cases.records import add_line, lock_case
from support_cases.support_types.business_lines import LineReview, review_of


def fill_from_register(case: Case, *, by, today: date, version: int | None = None) -> int:
    """Add a row "keep" for each line of the register that the review does not name yet; return how many.

    Raises:
        NotAllowedNow: for a case that has ended.
        StaleVersion: when ``version`` is given and somebody changed the case since.
    """
    with transaction.atomic():
        locked = _open_case(case, version)
        found = review_of(locked, today)
        has_main = any(outcome.is_main and outcome.place is not None for outcome in found.after)
        rows = [
            LineReview(
                case=locked,
                action=LineAction.KEEP,
                present=line,
                detail=line.detail,
                is_main=line.is_main and not has_main,
            )
            for line in found.left_out
        ]
        LineReview.objects.bulk_create(rows)
        if rows:
            _tell(locked, by, today)
    return len(rows)


def save_review(case: Case, rows: Sequence[Mapping[str, Any]], *, by, today: date, version: int | None = None) -> None:
    """Make the review what ``rows`` say: those with the ``id`` of one that is there change it, others are added.

    What is wrong with the list as a whole does not keep an officer from going on later; it keeps the case from being
    sent.

    Raises:
        InvalidEntry: under ``lines``, with the number of the row; nothing is written.
        NotAllowedNow, StaleVersion: see :func:`fill_from_register`.
    """
    with transaction.atomic():
        locked = _open_case(case, version)
        problems = write_rows(locked, "lines", list(rows), today)
        if problems:
            raise InvalidEntry(problems)
        _tell(locked, by, today)


def _open_case(case: Case, version: int | None) -> Case:
    locked = lock_case(case, version)
    if not locked.is_open:
        raise NotAllowedNow([_("Hồ sơ đã kết thúc, mở lại rồi mới sửa.")])
    return locked


def _tell(case: Case, by, today: date) -> None:
    """Raise the version of the case and write into its history how many lines are kept, dropped and so on."""
    case.version += 1
    case.save()
    counts = Counter(case.linereview_rows.order_by().values_list("action", flat=True))
    said = ", ".join(f"{action.label}: {counts[action]}" for action in LineAction if counts[action])
    add_line(case, ROWS, by=by, day=today, note=_("Rà soát ngành, nghề: %(counts)s.") % {"counts": said or "0"})
