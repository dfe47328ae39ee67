"""Moving a case to the law of another day: shown before it is done, and written into its history."""

from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.text import nfc_lines
from support_cases.cases import event_problems
from support_cases.details import details_of
from support_cases.models import Case, ChecklistItem, LegalBasis
from support_cases.papers import compare_checklist, form_checklist, tell_checklist
from support_cases.records import lock_case

#: The line of history of a change of law.
SWITCHED = "basis"


@dataclass(frozen=True)
class Switch:
    """What moving a case to the law of ``event_on`` would change."""

    event_on: date
    basis: LegalBasis | None
    gained: list[ChecklistItem] = field(default_factory=list)
    lost: list[ChecklistItem] = field(default_factory=list)


def preview_switch(case: Case, event_on: date) -> Switch:
    """Return what :func:`switch_basis` would do; writes nothing.

    Raises:
        InvalidEntry: for a day that cannot be right.
    """
    _check_day(case, event_on)
    gained, lost = compare_checklist(case, event_on, case.kind.variant(details_of(case)))
    return Switch(event_on, LegalBasis.objects.of(case.topic, event_on), gained, lost)


def newer_basis(case: Case, today: date) -> LegalBasis | None:
    """Return the law that has taken over from that of the case by ``today``, or None where it still stands."""
    present = LegalBasis.objects.of(case.topic, today)
    return present if present and case.basis and present.valid_from > case.basis.valid_from else None


def switch_basis(case: Case, event_on: date, reason: str, *, by, today: date, version: int | None = None) -> Case:
    """Pin the case to the law of ``event_on``, bring its papers in line, and return the fresh case.

    The history tells the old and the new basis, the papers gained and lost, and the reason. Papers that had come in
    and are no longer asked for stay with the case.

    Raises:
        InvalidEntry: for a day that cannot be right, or without a reason.
        NotAllowedNow: for a case that has ended, or when the day is the present one.
        StaleVersion: when ``version`` is given and somebody changed the case since.
    """
    reason = nfc_lines(reason or "")
    with transaction.atomic():
        locked = lock_case(case, version)
        if not locked.is_open:
            raise NotAllowedNow([_("Hồ sơ đã kết thúc, mở lại rồi mới chuyển căn cứ.")])
        _check_day(locked, event_on)
        if not reason:
            raise InvalidEntry({"reason": [_("Cần ghi lý do.")]})
        basis = LegalBasis.objects.of(locked.topic, event_on)
        if event_on == locked.event_on and basis == locked.basis:
            raise NotAllowedNow([_("Hồ sơ đang theo đúng căn cứ của ngày này.")])
        said = _("Ngày phát sinh sự việc: %(day)s. Căn cứ: %(before)s → %(after)s.") % {
            "day": f"{event_on:%d/%m/%Y}",
            "before": locked.basis or "–",
            "after": basis or "–",
        }
        locked.event_on, locked.basis = event_on, basis
        locked.version += 1
        locked.save()
        gained, lost = form_checklist(locked, locked.kind.variant(details_of(locked)), today)
        tell_checklist(locked, gained, lost, by=by, day=today, said=f"{said}\n{reason}", step=SWITCHED)
    return locked


def pin_cases() -> int:
    """Give cases without a basis the one of their day, and return how many those were.

    For cases opened before there were bases; nothing is left to do on a second run.
    """
    pinned = 0
    if not Case.objects.filter(basis__isnull=True).exists():
        return pinned
    for basis in LegalBasis.objects.all():
        following = LegalBasis.objects.next_after(basis.topic, basis.valid_from)
        rows = Case.objects.filter(basis__isnull=True, topic=basis.topic, event_on__gte=basis.valid_from)
        pinned += (rows.filter(event_on__lt=following.valid_from) if following else rows).update(basis=basis)
    return pinned


def _check_day(case: Case, event_on: date) -> None:
    problems = event_problems(event_on, case.opened_on)
    if problems:
        raise InvalidEntry(problems)
