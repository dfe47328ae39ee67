"""The papers of a case: what came in, how long it is good, and what the law of the case asks for."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.text import nfc_lines
from support_cases.models import Case, ChecklistItem
from support_cases.models.checklist import checklist_for
from support_cases.records import add_line, lock_case

#: The line of history of papers that came in or were taken back; no step, for the state stays.
PAPERS = "papers"
#: The line of history of papers the case asks for now and did not before, or no longer.
CHECKLIST = "checklist"


def mark_papers(
    case: Case,
    received: set[int],
    *,
    by,
    today: date,
    note: str = "",
    version: int | None = None,
    expiries: Mapping[int, date | None] | None = None,
) -> Case:
    """Set which papers of the case have come in: those with a primary key in ``received``, and no others.

    ``expiries`` gives last days of validity by primary key. What changes is written into the history, with
    ``note`` beneath. Raises ``StaleVersion`` when ``version`` is given and somebody changed the case since.
    """
    with transaction.atomic():
        locked = lock_case(case, version)
        write_papers(locked, received, by=by, day=today, note=note, expiries=expiries)
        Case.objects.filter(pk=locked.pk).update(version=F("version") + 1, updated_at=timezone.now())
    return Case.objects.get(pk=locked.pk)


def write_papers(
    case: Case, received: set[int], *, by, day: date, note: str = "", expiries: Mapping[int, date | None] | None = None
) -> None:
    """Write which papers came in on ``day`` and the line of history; nothing where nothing changes or is said.

    A paper that had come in before keeps its day. Must run inside a transaction, on a case locked in it.
    """
    papers = [paper for paper in case.checklist.all() if paper.dropped_on is None]
    came = [paper for paper in papers if paper.pk in received and paper.received_on is None]
    gone = [paper for paper in papers if paper.pk not in received and paper.received_on is not None]
    for paper in came:
        paper.received_on = day
    for paper in gone:
        paper.received_on = None
    dated = [paper for paper in papers if _set_expiry(paper, expiries or {})]
    ChecklistItem.objects.bulk_update({*came, *gone, *dated}, ["received_on", "expires_on"])
    said = _said((_("Nhận: %(papers)s."), came), (_("Bỏ đánh dấu đã nhận: %(papers)s."), gone))
    said += [nfc_lines(note)] if nfc_lines(note) else []
    if said:
        add_line(case, PAPERS, by=by, day=day, note="\n".join(said))


def form_checklist(case: Case, variant: str, day: date) -> tuple[list[ChecklistItem], list[ChecklistItem]]:
    """Bring the papers of the case to what its law and ``variant`` ask for; return those gained and those lost.

    A paper that is no longer asked for and had come in stays, marked with ``day`` as dropped; asked for again,
    it counts again. Must run inside a transaction, on a case locked in it.
    """
    gained, lost = compare_checklist(case, case.event_on, variant)
    fresh = [paper for paper in gained if paper.pk is None]
    again = [paper for paper in gained if paper.pk is not None]
    for paper in again:
        paper.dropped_on = None
    kept = [paper for paper in lost if paper.received_on is not None]
    for paper in kept:
        paper.dropped_on = day
    ChecklistItem.objects.bulk_update([*again, *kept], ["dropped_on"])
    ChecklistItem.objects.filter(pk__in=[paper.pk for paper in lost if paper.received_on is None]).delete()
    ChecklistItem.objects.bulk_create(fresh)
    return gained, lost


def compare_checklist(case: Case, day: date, variant: str) -> tuple[list[ChecklistItem], list[ChecklistItem]]:
    """Return the papers the case would gain and lose under the rules of ``day`` in ``variant``; writes nothing."""
    there = {paper.code: paper for paper in case.checklist.all()}
    wanted = {paper.code: paper for paper in checklist_for(case, day, variant)}
    gained = [there.get(code, paper) for code, paper in wanted.items() if code not in there or there[code].dropped_on]
    lost = [paper for code, paper in there.items() if code not in wanted and paper.dropped_on is None]
    return gained, lost


def tell_checklist(
    case: Case, gained: list, lost: list, *, by, day: date, said: str = "", step: str = CHECKLIST
) -> None:
    """Write the line of history of papers gained and lost, ``said`` first; nothing where there is nothing to tell."""
    lines = [said] if said else []
    lines += _said((_("Thêm giấy tờ: %(papers)s."), gained), (_("Bớt giấy tờ: %(papers)s."), lost))
    if lines:
        add_line(case, step, by=by, day=day, note="\n".join(lines))


def _set_expiry(paper: ChecklistItem, expiries: Mapping[int, date | None]) -> bool:
    """Set the last day of validity that was sent for a paper; return whether it changed."""
    if paper.pk not in expiries or expiries[paper.pk] == paper.expires_on:
        return False
    paper.expires_on = expiries[paper.pk]
    return True


def _said(*pairs) -> list[str]:
    """Return a sentence for each list of papers that is not empty."""
    return [words % {"papers": "; ".join(paper.label for paper in some)} for words, some in pairs if some]
