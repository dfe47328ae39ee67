"""Absences: who is away, from when to when, and who is reminded in their place."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry
from cooperatives.text import nfc
from htx_portal.accounts.models import Role, User
from support_cases.models import Absence
from support_cases.reasons import reason_problems

_OFFICERS = (Role.STAFF, Role.MANAGER)
_LEADERS = (Role.MANAGER, Role.ADMIN)
MOST_CHARACTERS = 200
#: Nobody is away for longer at a stretch, nor says so later.
_LONGEST, _LATEST = timedelta(days=366), timedelta(days=31)


def may_enter_for(user: User, person: User) -> bool:
    """Whether ``user`` may enter and end absences of ``person``: their own, leaders and administrators any."""
    return user.role in _LEADERS or (user.pk == person.pk and user.role in _OFFICERS)


def enter_absence(
    person: User, stand_in: User, first_day: date, last_day: date, reason: str, *, by: User, today: date
) -> Absence:
    """Enter that ``person`` is away and ``stand_in`` told instead; return the row, the same one if it is there already.

    Both days are included. What waits to be sent goes to the stand-in from the next look at it on.

    Raises:
        InvalidEntry: by field; nothing is written.
    """
    reason = nfc(reason or "")
    problems = _who_problems(person, stand_in, by) | _day_problems(first_day, last_day, today)
    if wrong := reason_problems(reason, MOST_CHARACTERS):
        problems["reason"] = wrong
    if problems:
        raise InvalidEntry(problems)
    with transaction.atomic():
        # The account stands for all its absences: of two at once the second sees the first.
        User.objects.select_for_update(of=("self",)).get(pk=person.pk)
        there = Absence.objects.filter(person=person, first_day__lte=last_day, last_day__gte=first_day).first()
        if there is None:
            return Absence.objects.create(
                person=person, stand_in=stand_in, first_day=first_day, last_day=last_day, reason=reason, entered_by=by
            )
        if (there.first_day, there.last_day, there.stand_in_id) == (first_day, last_day, stand_in.pk):
            return there
    words = _("Đã ghi vắng từ %(first)s đến %(last)s, các khoảng không được trùng ngày.")
    raise InvalidEntry({"first_day": [words % {"first": _day(there.first_day), "last": _day(there.last_day)}]})


def end_absence(row: Absence, *, today: date) -> bool:
    """Let an absence end before ``today`` because the person is back; return whether that changed anything.

    One that has not begun before today is taken out.
    """
    with transaction.atomic():
        locked = Absence.objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
        if locked is None or locked.last_day < today:
            return False
        if locked.first_day >= today:
            locked.delete()
        else:
            locked.last_day = today - timedelta(days=1)
            locked.save(update_fields=["last_day"])
    return True


def _who_problems(person: User, stand_in: User, by: User) -> dict:
    problems = {}
    if person.role not in _OFFICERS or not person.is_active or not may_enter_for(by, person):
        problems["person"] = [_("Chỉ ghi được cho mình; lãnh đạo, quản trị ghi được cho cán bộ đang làm việc.")]
    if stand_in.pk == person.pk:
        problems["stand_in"] = [_("Người làm thay phải là người khác.")]
    elif stand_in.role not in _OFFICERS or not stand_in.is_active:
        problems["stand_in"] = [_("Chọn một cán bộ đang làm việc.")]
    return problems


def _day_problems(first_day: date, last_day: date, today: date) -> dict:
    if last_day < first_day:
        return {"last_day": [_("Ngày cuối không thể trước ngày đầu.")]}
    if last_day < today:
        return {"last_day": [_("Khoảng này đã qua, không còn gì để nhắc người làm thay.")]}
    if first_day < today - _LATEST or first_day > today + _LONGEST:
        return {"first_day": [_("Ngày này quá xa, xin kiểm tra năm.")]}
    if last_day - first_day > _LONGEST:
        return {"last_day": [_("Nhiều nhất một năm mỗi lần.")]}
    return {}


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
