"""Putting off the due day of a case: once, with a reason."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.text import nfc_lines
from support_cases.models import Case
from support_cases.records import EXTENDED, add_line, lock_case

_MOST_DAYS = 366


def extend_due(case: Case, due_on: date, reason: str, *, by, today: date, version: int | None = None) -> Case:
    """Put the due day off to ``due_on`` and return the fresh case; the history keeps the old day and the reason.

    An appointment may be moved once (Decree 61/2018/NĐ-CP, Article 19).

    Raises:
        InvalidEntry: when the day does not put anything off, is too far, or the reason is missing.
        NotAllowedNow: for a case that has ended, has no due day, waits for the cooperative or was put off before.
        StaleVersion: when ``version`` is given and somebody changed the case since.
    """
    reason = nfc_lines(reason or "")
    with transaction.atomic():
        locked = lock_case(case, version)
        problems = _in_the_way(locked)
        if problems:
            raise NotAllowedNow(problems)
        _check(locked, due_on, reason, today)
        words = _("Gia hạn từ %(before)s đến %(after)s.") % {
            "before": f"{locked.due_on:%d/%m/%Y}",
            "after": f"{due_on:%d/%m/%Y}",
        }
        locked.extended_from, locked.due_on = locked.due_on, due_on
        locked.version += 1
        locked.save()
        add_line(locked, EXTENDED, by=by, day=today, note=f"{words}\n{reason}")
    return locked


def may_be_extended(case: Case) -> bool:
    """Whether the due day of ``case`` can be put off now."""
    return not _in_the_way(case)


def _in_the_way(case: Case) -> list:
    if not case.is_open:
        return [_("Hồ sơ đã kết thúc, không còn hạn để gia hạn.")]
    if case.due_on is None:
        return [_("Hồ sơ chưa có hạn xử lý.")]
    if case.is_waiting:
        return [_("Hồ sơ đang chờ HTX bổ sung nên hạn đang tạm dừng, chưa cần gia hạn.")]
    if case.extended_from is not None:
        return [_("Hồ sơ đã gia hạn một lần, không gia hạn thêm.")]
    return []


def _check(case: Case, due_on: date, reason: str, today: date) -> None:
    problems = {}
    if due_on <= case.due_on or due_on < today:
        problems["due_on"] = [_("Hạn mới phải sau hạn hiện nay và không trước hôm nay.")]
    elif (due_on - max(case.due_on, today)).days > _MOST_DAYS:
        problems["due_on"] = [_("Ngày này quá xa, xin kiểm tra năm.")]
    if not reason:
        problems["reason"] = [_("Cần ghi lý do.")]
    if problems:
        raise InvalidEntry(problems)
