"""The table of steps and :func:`take_step`, the only code that changes the status of a case."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, NotAllowedNow, Words
from cooperatives.models import Cooperative, FoundingGroup, Holiday
from cooperatives.text import nfc_lines
from htx_portal.accounts.models import User
from support_cases.cases import open_case
from support_cases.choices import CLOSED_STATUSES, OPEN_STATUSES, CaseOutcome, Status
from support_cases.clock import resumed_due_day
from support_cases.models import Case
from support_cases.papers import write_papers
from support_cases.records import add_line, lock_case
from support_cases.support_types import SUPPORT_TYPES, NextCase

_UNDERWAY = frozenset({Status.ADVISING, Status.SUBMITTED, Status.WAITING_RESULT})
_OPEN = frozenset(OPEN_STATUSES)


@dataclass(frozen=True)
class Step:
    """One row of the table: from which states a step leads where, and what it asks for first.

    A step without a target leaves the state as it is: it reaches a milestone of the kind of support.
    """

    code: str
    label: Words
    source: frozenset[Status]
    target: Status | None
    needs_papers: bool = False
    needs_note: bool = False
    outcome: CaseOutcome | None = None


STEPS = {
    step.code: step
    for step in (
        Step("start", _("Bắt đầu tư vấn"), frozenset({Status.NEW}), Status.ADVISING),
        Step("request_papers", _("Yêu cầu HTX bổ sung"), _UNDERWAY, Status.WAITING_COOPERATIVE),
        Step("papers_received", _("HTX đã bổ sung"), frozenset({Status.WAITING_COOPERATIVE}), Status.ADVISING),
        Step("submit", _("HTX đã nộp hồ sơ"), frozenset({Status.ADVISING}), Status.SUBMITTED, needs_papers=True),
        Step("await_result", _("Chờ kết quả"), frozenset({Status.SUBMITTED}), Status.WAITING_RESULT),
        Step("complete", _("Hoàn thành"), _UNDERWAY, Status.COMPLETED, needs_papers=True, outcome=CaseOutcome.HELPED),
        *(
            Step(code, label, source, target, needs_note=True, outcome=outcome)
            for code, label, source, target, outcome in (
                ("complete_partly", _("Hoàn thành một phần"), _UNDERWAY, Status.COMPLETED, CaseOutcome.PARTLY),
                ("withdraw", _("HTX rút"), _OPEN, Status.WITHDRAWN, CaseOutcome.WITHDREW),
                ("not_eligible", _("Không đủ điều kiện"), _OPEN, Status.NOT_ELIGIBLE, CaseOutcome.NOT_ELIGIBLE),
                ("unreachable", _("Không liên lạc được"), _OPEN, Status.UNREACHABLE, CaseOutcome.UNREACHABLE),
                ("not_ours", _("Không thuộc phạm vi"), _OPEN, Status.STOPPED, CaseOutcome.NOT_OURS),
                ("stop", _("Dừng theo dõi"), _OPEN, Status.STOPPED, CaseOutcome.STOPPED),
            )
        ),
        Step("reopen", _("Mở lại hồ sơ"), frozenset(CLOSED_STATUSES), Status.ADVISING, needs_note=True),
    )
}


def step_choices() -> list[tuple[str, Words]]:
    """Return code and label of every step: those of the table, then the milestones of all kinds, each code once."""
    stops = {stop.code: stop.label for kind in SUPPORT_TYPES.values() for stop in kind.milestones}
    return [(step.code, step.label) for step in STEPS.values()] + [*stops.items()]


def step_of(case: Case, code: str) -> Step | None:
    """Return the step with this code for ``case``: one of the table, or a milestone of its kind; None for neither."""
    stops = (stop for stop in case.kind.milestones if stop.code == code)
    return STEPS.get(code) or next((Step(stop.code, stop.label, stop.statuses, None) for stop in stops), None)


def steps_from(case: Case) -> list[Step]:
    """Return the steps the present state of ``case`` allows: milestones ahead first, then the table in its order."""
    ahead = [step for stop in case.kind.milestones_for(case) if (step := step_of(case, stop.code))]
    steps = [step for step in ahead if not _is_behind(case, step)] + list(STEPS.values())
    return [step for step in steps if case.status in step.source]


def problems_before(case: Case, step: Step, note: str, day: date) -> list[Words]:
    """Return what stands in the way of ``step`` on ``day``, in words; empty when it may be taken.

    What merely speaks against it is no longer in the way once ``note`` gives a reason.
    """
    if case.status not in step.source:
        return [
            _("Không thể “%(step)s” khi hồ sơ đang ở trạng thái “%(status)s”.")
            % {"step": step.label, "status": case.get_status_display()}
        ]
    if _is_behind(case, step):
        return [_("Hồ sơ đã qua giai đoạn “%(step)s”.") % {"step": step.label}]
    problems: list[Words] = []
    if step.needs_papers:
        missing = [item.label for item in case.checklist.all() if item.is_missing]
        problems += [_("Còn thiếu giấy tờ: %(paper)s.") % {"paper": label} for label in missing]
    if step.needs_note and not note:
        problems.append(_("Cần ghi lý do."))
    problems += case.kind.problems_before(step.code, case, day)
    warnings = case.kind.warnings_before(step.code, case, day)
    if warnings and not note:
        problems += [*warnings, _("Nếu vẫn tiếp tục, hãy ghi lý do vào ghi chú.")]
    return problems


def take_step(
    case: Case,
    code: str,
    *,
    by: User,
    today: date,
    note: str = "",
    version: int | None = None,
    effective_on: date | None = None,
    received: set[int] | None = None,
) -> Case:
    """Take one step: check it, change the status, add the line of history, let the kind follow up.

    With ``received``, the papers with these primary keys, and no others, are first noted as come in.
    All in one transaction under the row lock of the case, so that of two people who click at once one is
    told the case has changed. While the case waits for the cooperative its clock stands still; when the
    waiting ends, as many working days are left as before it.

    Raises:
        InvalidEntry: for a step that does not exist, or a day that cannot be right.
        NotAllowedNow: with ``problems`` in words when something stands in the way.
        StaleVersion: when ``version`` is not the present one.
    """
    step = step_of(case, code)
    if step is None:
        raise InvalidEntry({"step": [_("Không có bước này.")]})
    note = nfc_lines(note or "")
    day = effective_on or today
    with transaction.atomic():
        locked = lock_case(case, version)
        if not locked.opened_on <= day <= today:
            raise InvalidEntry({"effective_on": [_("Ngày phải từ ngày mở hồ sơ đến hôm nay.")]})
        if received is not None:
            write_papers(locked, received, by=by, day=day)
        problems = problems_before(locked, step, note, day)
        if problems:
            raise NotAllowedNow(problems)
        _take(locked, step, by=by, today=today, day=day, note=note)
    return locked


def _take(case: Case, step: Step, *, by: User, today: date, day: date, note: str) -> None:
    """Write a step nothing stands in the way of, and what follows from it."""
    # Without a reason there was nothing to overrule, or the step would have been refused.
    warnings = case.kind.warnings_before(step.code, case, day) if note else []
    overruled = [_("Đã tiếp tục dù: %(warning)s") % {"warning": warning} for warning in warnings]
    before = case.status
    _move(case, step, day, note)
    add_line(case, step.code, by=by, day=day, note="\n".join([note, *overruled]), from_status=before)
    following = case.kind.after(step.code, case, day=day, by=by)
    case.save()
    _open_next(case, following, by=by, today=today, day=day)


def _move(case: Case, step: Step, day: date, note: str) -> None:
    """Set status or milestone, clock, end and version as ``step`` on ``day`` demands."""
    case.version += 1
    if step.target is None:
        case.milestone = step.code
        return
    # Whatever ends the waiting: a case closed while it waited was not late, nor is it once reopened.
    if case.clock_stopped_on and case.due_on:
        calendar = Holiday.objects.work_calendar()
        case.due_on = resumed_due_day(case.due_on, case.clock_stopped_on, day, calendar)
    case.clock_stopped_on = day if step.target == Status.WAITING_COOPERATIVE else None
    case.closed_on = day if step.target in CLOSED_STATUSES else None
    case.outcome = step.outcome or ""
    case.outcome_reason = note if step.outcome else ""
    case.status = step.target


def _open_next(case: Case, following: Iterable[NextCase], *, by: User, today: date, day: date) -> None:
    """Open the cases that follow as of ``day``, each once however often the step is taken."""
    there = set(case.followers.values_list("follow_key", flat=True))
    for one in following:
        if one.key not in there:
            open_case(
                party=cast(Cooperative | FoundingGroup, case.party),
                topic=one.topic,
                title=str(one.title),
                by=by,
                officer=case.officer,
                today=today,
                opened_on=day,
                event_on=one.event_on,
                # What was due before it was known is late from its first day.
                due_on=max(one.due_on, day) if one.due_on else None,
                details=one.details,
                follows=case,
                follow_key=one.key,
                is_demo=case.is_demo,
            )


def _is_behind(case: Case, step: Step) -> bool:
    """Whether ``step`` is a milestone the case has reached or passed."""
    codes = [stop.code for stop in case.kind.milestones]
    return step.target is None and case.milestone in codes and codes.index(step.code) <= codes.index(case.milestone)
