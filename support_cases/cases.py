"""Opening a case, changing what is written on it, ticking its papers: acts every door calls."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, StaleVersion
from cooperatives.models import Cooperative, FoundingGroup, Holiday, LegalRule
from cooperatives.text import nfc, nfc_lines
from support_cases.choices import Status
from support_cases.models import Case, CaseEvent, ChecklistItem
from support_cases.models.case import next_reference
from support_cases.models.checklist import checklist_for
from support_cases.support_types import SUPPORT_TYPES

OPENING = "open"
#: The line of history of papers that came in or were taken back; no step, for the state stays.
PAPERS = "papers"
#: What may be written on a case by hand; its state changes by steps, its party and topic never.
CHANGEABLE = frozenset({"title", "officer", "due_on", "receiving_agency", "external_ref", "appointment_on", "details"})
# A reference names its day with two digits of the year, so no case may be from another century.
_EARLIEST = date(2000, 1, 1)
# Further off than any term of the field, near enough for the due day to be moved without an end.
_FURTHEST = timedelta(days=10 * 366)


def open_case(
    *,
    party: Cooperative | FoundingGroup,
    topic: str,
    title: str,
    by,
    today: date,
    opened_on: date | None = None,
    officer=None,
    due_on: date | None = None,
    details: Mapping[str, Any] | None = None,
    receiving_agency: str = "",
    external_ref: str = "",
    is_demo: bool = False,
) -> Case:
    """Open a case with its reference, checklist, details and first line of history, in one transaction.

    ``due_on`` defaults to the working days the rule ``case.due_working_days.<topic>`` gives on the opening
    day; where there is no such rule the case has no due day.

    Raises:
        InvalidEntry: with messages by field (details under their own names); nothing is written.
    """
    opened_on = opened_on or today
    if topic not in SUPPORT_TYPES:
        raise InvalidEntry({"topic": [_("Không có nội dung hỗ trợ này.")]})
    problems = _opening_problems(opened_on, today)
    case = Case(
        topic=topic,
        title=nfc(title or ""),
        cooperative=party if isinstance(party, Cooperative) else None,
        founding_group=party if isinstance(party, FoundingGroup) else None,
        officer=officer or by,
        opened_on=opened_on,
        due_on=due_on or (None if problems else default_due_day(topic, opened_on)),
        receiving_agency=nfc(receiving_agency),
        external_ref=nfc(external_ref),
        is_demo=is_demo,
    )
    problems |= {} if problems else _term_problems(case)
    problems |= _field_problems(case, skip=["reference"])
    row = SUPPORT_TYPES[topic].details(case=case, **_known_details(topic, details or {}, problems))
    problems |= _field_problems(row, skip=["case"])
    if problems:
        raise InvalidEntry(problems)
    with transaction.atomic():
        case.reference = next_reference(opened_on)
        case.save()
        row.case = case
        row.save(force_insert=True)
        ChecklistItem.objects.bulk_create(checklist_for(case, opened_on))
        CaseEvent.objects.create(
            case=case,
            step=OPENING,
            to_status=Status.NEW,
            actor=by,
            effective_on=opened_on,
            recorded_at=timezone.now(),
        )
    return case


def default_due_day(topic: str, opened_on: date) -> date | None:
    """Return the day by which the office wants a case of ``topic`` done, or None where no rule says."""
    days = LegalRule.objects.days(f"case.due_working_days.{topic}", opened_on)
    if days is None:
        return None
    return Holiday.objects.work_calendar().add_working_days(opened_on, days)


def change_case(case: Case, changes: Mapping[str, Any], *, version: int | None = None) -> Case:
    """Write ``changes`` (columns in ``CHANGEABLE``, and ``details`` as a mapping) and return the fresh case.

    Raises:
        InvalidEntry: with messages by field.
        StaleVersion: when ``version`` is given and somebody changed the case since.
        ValueError: for a column that only an act of its own may change.
    """
    if not changes.keys() <= CHANGEABLE:
        raise ValueError(f"not to be changed by hand: {sorted(changes.keys() - CHANGEABLE)}")
    changes = dict(changes)
    details = changes.pop("details", None)
    with transaction.atomic():
        locked = lock_case(case, version)
        for name, value in changes.items():
            setattr(locked, name, nfc(value) if isinstance(value, str) else value)
        problems = _term_problems(locked)
        problems |= _field_problems(locked)
        row = None
        if details is not None:
            row = locked.details or locked.kind.details(case=locked)
            for name, value in _known_details(locked.topic, details, problems).items():
                setattr(row, name, value)
            problems |= _field_problems(row, skip=["case"])
        if problems:
            raise InvalidEntry(problems)
        locked.version += 1
        locked.save()
        if row is not None:
            row.save()
    return locked


def mark_papers(case: Case, received: set[int], *, by, today: date, note: str = "", version: int | None = None) -> Case:
    """Set which papers of the case have come in: those with a primary key in ``received``, and no others.

    What changes is written into the history, with ``note`` beneath. Raises ``StaleVersion`` like
    :func:`change_case`.
    """
    with transaction.atomic():
        locked = lock_case(case, version)
        write_papers(locked, received, by=by, day=today, note=note)
        Case.objects.filter(pk=locked.pk).update(version=F("version") + 1, updated_at=timezone.now())
    return Case.objects.get(pk=locked.pk)


def write_papers(case: Case, received: set[int], *, by, day: date, note: str = "") -> None:
    """Write which papers came in on ``day`` and the line of history; nothing where nothing changes or is said.

    A paper that had come in before keeps its day. Must run inside a transaction, on a case locked in it.
    """
    papers = case.checklist.all()
    came = [paper for paper in papers if paper.pk in received and paper.received_on is None]
    gone = [paper for paper in papers if paper.pk not in received and paper.received_on is not None]
    for paper in came:
        paper.received_on = day
    for paper in gone:
        paper.received_on = None
    ChecklistItem.objects.bulk_update([*came, *gone], ["received_on"])
    lines = [
        words % {"papers": "; ".join(paper.label for paper in some)}
        for words, some in (
            (_("Nhận: %(papers)s."), came),
            (_("Bỏ đánh dấu đã nhận: %(papers)s."), gone),
        )
        if some
    ]
    lines += [nfc_lines(note)] if nfc_lines(note) else []
    if lines:
        CaseEvent.objects.create(
            case=case,
            step=PAPERS,
            from_status=case.status,
            to_status=case.status,
            note="\n".join(lines),
            actor=by,
            effective_on=day,
            recorded_at=timezone.now(),
        )


def lock_case(case: Case, version: int | None) -> Case:
    """Return the case read again under a row lock; must run inside a transaction.

    Raises:
        StaleVersion: when ``version`` is given and is not the present one.
    """
    locked = Case.objects.select_for_update(of=("self",)).with_parties().get(pk=case.pk)
    if version is not None and version != locked.version:
        raise StaleVersion
    return locked


def _opening_problems(opened_on: date, today: date) -> dict[str, list[str]]:
    if opened_on > today:
        return {"opened_on": [_("Ngày mở hồ sơ không thể ở tương lai.")]}
    if opened_on < _EARLIEST:
        return {"opened_on": [_("Ngày mở hồ sơ quá xa trong quá khứ, xin kiểm tra năm.")]}
    return {}


def _term_problems(case: Case) -> dict[str, list[str]]:
    """Return what cannot be right in the days by which something is to happen, by field."""
    problems: dict[str, list[str]] = {}
    if case.due_on and case.due_on < case.opened_on:
        problems["due_on"] = [_("Hạn xử lý không thể trước ngày mở hồ sơ.")]
    for name in ("due_on", "appointment_on"):
        day = getattr(case, name)
        if day and name not in problems and not _EARLIEST <= day <= case.opened_on + _FURTHEST:
            problems[name] = [_("Ngày này quá xa, xin kiểm tra năm.")]
    return problems


def _known_details(topic: str, details: Mapping[str, Any], problems: dict[str, list[str]]) -> dict[str, Any]:
    """Return the details that are columns of the kind; report the others as problems."""
    names = {field.name for field in SUPPORT_TYPES[topic].detail_fields()}
    for name in details:
        if name not in names:
            problems.setdefault("details", []).append(_("Nội dung này không có mục “%(name)s”.") % {"name": name})
    return {name: nfc(value) if isinstance(value, str) else value for name, value in details.items() if name in names}


def _field_problems(row, skip=()) -> dict[str, list[str]]:
    """Return what the columns and constraints of ``row`` refuse, by field."""
    try:
        row.full_clean(exclude=[*skip, "search_key"])
    except ValidationError as refusal:
        return refusal.message_dict
    return {}
