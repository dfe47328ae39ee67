"""Muting a matter: a person says why they do not want to be reminded of it, and takes that back."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry
from cooperatives.models import Cooperative
from cooperatives.text import nfc
from htx_portal.accounts.models import User
from support_cases.choices import Occasion
from support_cases.models import Case, ReminderMute
from support_cases.reasons import reason_problems

#: What somebody may be reminded of in one case.
OF_A_CASE = (
    Occasion.FOLLOW_UP_DUE,
    Occasion.CASE_DEADLINE,
    Occasion.NO_CONTACT,
    Occasion.WAITING_COOPERATIVE,
    Occasion.KIND_DAY,
    Occasion.REFERRAL_LATE,
    Occasion.REFERRAL_ESCALATED,
)
MOST_CHARACTERS = 200
_FURTHEST = timedelta(days=5 * 366)


def mute(
    person: User, matter: Case | Cooperative, reason: str, *, today: date, occasion: str = "", until: date | None = None
) -> ReminderMute:
    """Mute ``matter`` for ``person`` from ``today`` on and return the row.

    Of one kind of reminder, or of all with an ``occasion`` of ""; ``until`` is the last day. What is muted already
    gets the new reason and last day, so that there is one row in force for a matter and a kind.

    Raises:
        InvalidEntry: by field; nothing is written.
    """
    reason = nfc(reason or "")
    _check(reason, occasion, until, today)
    about = {"case": matter} if isinstance(matter, Case) else {"cooperative": matter}
    with transaction.atomic():
        # The account stands for all its mutes: of two at once the second finds the row of the first.
        User.objects.select_for_update(of=("self",)).get(pk=person.pk)
        rows = ReminderMute.objects.filter(person=person, occasion=occasion, **about)
        row = next((row for row in rows if row.covers(today)), None)
        if row is None:
            row = ReminderMute(person=person, occasion=occasion, since=today, **about)
        row.reason, row.until = reason, until
        row.save()
    return row


def unmute(row: ReminderMute, *, today: date) -> bool:
    """Let ``row`` end before ``today``; return whether it was in force until now.

    A mute of today leaves no trace, any other stays as what it was, for those who ask why nothing came.
    """
    with transaction.atomic():
        locked = ReminderMute.objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
        if locked is None or not locked.covers(today):
            return False
        if locked.since >= today:
            locked.delete()
        else:
            locked.until = today - timedelta(days=1)
            locked.save(update_fields=["until"])
    return True


def _check(reason: str, occasion: str, until: date | None, today: date) -> None:
    problems = {}
    if wrong := reason_problems(reason, MOST_CHARACTERS):
        problems["reason"] = wrong
    if occasion and occasion not in Occasion.values:
        problems["occasion"] = [_("Chọn một loại nhắc.")]
    if until is not None and until < today:
        problems["until"] = [_("Ngày này đã qua.")]
    elif until is not None and until > today + _FURTHEST:
        problems["until"] = [_("Ngày này quá xa, xin kiểm tra năm.")]
    if problems:
        raise InvalidEntry(problems)
