"""Opening a case and changing what is written on it: acts every door calls."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.models import Cooperative, FoundingGroup
from cooperatives.text import nfc
from support_cases.clock import default_due_day
from support_cases.details import details_of, details_problems, field_problems, fill, unknown_names, write_rows
from support_cases.models import Case, ChecklistItem, LegalBasis
from support_cases.models.case import next_reference
from support_cases.models.checklist import checklist_for
from support_cases.papers import form_checklist, tell_checklist
from support_cases.records import CHANGED, add_line, lock_case
from support_cases.support_types import SUPPORT_TYPES
from support_cases.support_types.base import Problems

OPENING = "open"
#: What may be written on a case by hand; its state changes by steps, its party and topic never.
CHANGEABLE = frozenset({"title", "officer", "due_on", "receiving_agency", "external_ref", "appointment_on", "details"})
# A reference names its day with two digits of the year, so no case may be from another century.
_EARLIEST = date(2000, 1, 1)
# Matters are older than the cases about them: a charter of 1998 is looked at today.
_EARLIEST_EVENT = date(1945, 9, 2)
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
    received_at: time | None = None,
    event_on: date | None = None,
    officer=None,
    due_on: date | None = None,
    details: Mapping[str, Any] | None = None,
    receiving_agency: str = "",
    external_ref: str = "",
    follows: Case | None = None,
    follow_key: str = "",
    is_demo: bool = False,
) -> Case:
    """Open a case with its reference, basis, checklist, details and first line of history, in one transaction.

    ``event_on`` is the day the matter arose and decides the law; it defaults to the day the details name and then
    to the opening day. ``due_on`` defaults to :func:`support_cases.clock.default_due_day`; ``received_at`` is the
    time of day on ``opened_on``, where it is known.

    Raises:
        InvalidEntry: with messages by field (details under their own names); nothing is written.
    """
    opened_on = opened_on or today
    if topic not in SUPPORT_TYPES:
        raise InvalidEntry({"topic": [_("Không có nội dung hỗ trợ này.")]})
    problems = _opening_problems(opened_on, event_on, today)
    case = Case(
        topic=topic,
        title=nfc(title or ""),
        cooperative=party if isinstance(party, Cooperative) else None,
        founding_group=party if isinstance(party, FoundingGroup) else None,
        officer=officer or by,
        opened_on=opened_on,
        received_at=received_at,
        event_on=event_on or opened_on,
        due_on=due_on or (None if problems else default_due_day(topic, opened_on, received_at)),
        receiving_agency=nfc(receiving_agency),
        external_ref=nfc(external_ref),
        follows=follows,
        follow_key=follow_key,
        is_demo=is_demo,
    )
    problems |= {} if problems else _term_problems(case)
    problems |= field_problems(case, skip=["reference"])
    row, rows = _typed_details(case, details or {}, problems)
    unreadable = field_problems(row)
    if event_on is None and not unreadable:
        case.event_on = _event_day(case, row)
    problems |= unreadable or details_problems(case, row, today)
    if problems:
        raise InvalidEntry(problems)
    with transaction.atomic():
        _write_new(case, row)
        _write_lists(case, rows, today)
        add_line(case, OPENING, by=by, day=opened_on, from_status="")
    return case


def change_case(case: Case, changes: Mapping[str, Any], *, by, today: date, version: int | None = None) -> Case:
    """Write ``changes`` (columns in ``CHANGEABLE``, and ``details`` as a mapping) and return the fresh case.

    Where the details now ask for another variant of the checklist, the papers follow and the history says so; it
    says also who had the case before and when it was due.

    Raises:
        InvalidEntry: with messages by field.
        StaleVersion: when ``version`` is given and somebody changed the case since.
        NotAllowedNow: for child rows of a case that has ended, where the list ended with it.
        ValueError: for a column that only an act of its own may change.
    """
    if not changes.keys() <= CHANGEABLE:
        raise ValueError(f"not to be changed by hand: {sorted(changes.keys() - CHANGEABLE)}")
    changes = dict(changes)
    sent = changes.pop("details", None)
    with transaction.atomic():
        locked = lock_case(case, version)
        officer_before, due_before = locked.officer, locked.due_on
        for name, value in changes.items():
            setattr(locked, name, nfc(value) if isinstance(value, str) else value)
        problems = _term_problems(locked) | _put_off_by_hand(locked, due_before)
        problems |= field_problems(locked, skip=())
        row, rows = _typed_details(locked, sent or {}, problems)
        if sent is not None:
            problems |= details_problems(locked, row, today)
        if problems:
            raise InvalidEntry(problems)
        locked.version += 1
        locked.save()
        _tell_changes(locked, officer_before, due_before, by=by, day=today)
        if sent is not None:
            row.save()
            # What a kind says of a row tells more than the general refusal; either takes everything back.
            _write_lists(locked, rows, today)
            _refuse_ended(locked, rows)
            gained, lost = form_checklist(locked, locked.kind.variant(row), today)
            tell_checklist(locked, gained, lost, by=by, day=today)
    return locked


def _tell_changes(case: Case, officer, due_on: date | None, *, by, day: date) -> None:
    """Write into the history whose the case was and when it was due, where that is not so any more."""
    said = []
    if officer.pk != case.officer_id:
        said.append(_("Cán bộ phụ trách: %(before)s → %(after)s.") % {"before": officer, "after": case.officer})
    if due_on != case.due_on:
        days = [f"{one:%d/%m/%Y}" if one else "–" for one in (due_on, case.due_on)]
        said.append(_("Hạn xử lý: %(before)s → %(after)s.") % {"before": days[0], "after": days[1]})
    if said:
        add_line(case, CHANGED, by=by, day=day, note="\n".join(said))


def _write_new(case: Case, row) -> None:
    """Write a checked case with its reference, the law of its day, its details and its papers."""
    case.reference = next_reference(case.opened_on)
    case.basis = LegalBasis.objects.of(case.topic, case.event_on)
    case.save()
    row.case = case
    row.save(force_insert=True)
    ChecklistItem.objects.bulk_create(checklist_for(case, case.event_on, case.kind.variant(row)))


def _typed_details(case: Case, sent: Mapping[str, Any], problems: Problems):
    """Return the details row filled with ``sent`` and the child rows by list; names unknown become problems."""
    problems |= unknown_names(case, sent)
    row = details_of(case)
    columns = {column.name for column in case.kind.detail_fields()}
    fill(row, {name: value for name, value in sent.items() if name in columns})
    return row, {name: value for name, value in sent.items() if name in case.kind.rows}


def _write_lists(case: Case, rows: Mapping[str, Any], today: date) -> None:
    """Write the child rows of the case.

    Raises:
        InvalidEntry: with messages by list; the transaction must be rolled back.
    """
    problems: Problems = {}
    for name, sent in rows.items():
        problems |= write_rows(case, name, sent, today)
    if problems:
        raise InvalidEntry(problems)


def _refuse_ended(case: Case, rows: Mapping[str, Any]) -> None:
    """Refuse to write lists that ended with their case; what follows in the register hangs on them.

    Raises:
        NotAllowedNow: with the way to go on.
    """
    if not case.is_open and not all(case.kind.rows[name].open_after_closing for name in rows):
        raise NotAllowedNow([_("Hồ sơ đã kết thúc, mở lại rồi mới sửa.")])


def _event_day(case: Case, row) -> date:
    """Return the day the details name as that of the matter, when it can be one; else the opening day."""
    day = case.kind.event_day(row)
    return day if day and _EARLIEST_EVENT <= day <= case.opened_on + _FURTHEST else case.opened_on


def _opening_problems(opened_on: date, event_on: date | None, today: date) -> Problems:
    if opened_on > today:
        return {"opened_on": [_("Ngày mở hồ sơ không thể ở tương lai.")]}
    if opened_on < _EARLIEST:
        return {"opened_on": [_("Ngày mở hồ sơ quá xa trong quá khứ, xin kiểm tra năm.")]}
    return event_problems(event_on, opened_on) if event_on else {}


def event_problems(event_on: date, opened_on: date) -> Problems:
    """Return what cannot be right in the day a matter arose, by field."""
    if _EARLIEST_EVENT <= event_on <= opened_on + _FURTHEST:
        return {}
    return {"event_on": [_("Ngày này quá xa, xin kiểm tra năm.")]}


def _put_off_by_hand(case: Case, before: date | None) -> Problems:
    """Return the refusal to put a due day off by simply writing a later one: that is done once, with a reason."""
    if before is None or (case.due_on is not None and case.due_on <= before):
        return {}
    return {"due_on": [_("Muốn lùi hạn, hãy dùng nút Gia hạn của hồ sơ: một lần, có ghi lý do.")]}


def _term_problems(case: Case) -> Problems:
    """Return what cannot be right in the days by which something is to happen, by field."""
    problems: Problems = {}
    if case.due_on and case.due_on < case.opened_on:
        problems["due_on"] = [_("Hạn xử lý không thể trước ngày mở hồ sơ.")]
    for name in ("due_on", "appointment_on"):
        day = getattr(case, name)
        if day and name not in problems and not _EARLIEST <= day <= case.opened_on + _FURTHEST:
            problems[name] = [_("Ngày này quá xa, xin kiểm tra năm.")]
    return problems
