"""The table of steps and :func:`take_step`, the only code that changes the status of a case."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import InvalidEntry, NotAllowedNow, Words
from cooperatives.text import nfc_lines
from htx_portal.accounts.models import User
from support_cases.cases import lock_case, write_papers
from support_cases.choices import CLOSED_STATUSES, OPEN_STATUSES, Status
from support_cases.models import Case, CaseEvent

_UNDERWAY = frozenset({Status.ADVISING, Status.SUBMITTED, Status.WAITING_RESULT})


@dataclass(frozen=True)
class Step:
    """One row of the table: from which states a step leads where, and what it asks for first."""

    code: str
    label: Words
    source: frozenset[Status]
    target: Status
    needs_papers: bool = False
    needs_note: bool = False


STEPS = {
    step.code: step
    for step in (
        Step("start", _("Bắt đầu tư vấn"), frozenset({Status.NEW}), Status.ADVISING),
        Step("request_papers", _("Yêu cầu HTX bổ sung"), _UNDERWAY, Status.WAITING_COOPERATIVE),
        Step("papers_received", _("HTX đã bổ sung"), frozenset({Status.WAITING_COOPERATIVE}), Status.ADVISING),
        Step(
            "submit",
            _("HTX đã nộp hồ sơ"),
            frozenset({Status.ADVISING}),
            Status.SUBMITTED,
            needs_papers=True,
        ),
        Step("await_result", _("Chờ kết quả"), frozenset({Status.SUBMITTED}), Status.WAITING_RESULT),
        Step("complete", _("Hoàn thành"), _UNDERWAY, Status.COMPLETED, needs_papers=True),
        Step("withdraw", _("HTX rút"), frozenset(OPEN_STATUSES), Status.WITHDRAWN, needs_note=True),
        Step(
            "not_eligible",
            _("Không đủ điều kiện"),
            frozenset(OPEN_STATUSES),
            Status.NOT_ELIGIBLE,
            needs_note=True,
        ),
        Step(
            "unreachable",
            _("Không liên lạc được"),
            frozenset(OPEN_STATUSES),
            Status.UNREACHABLE,
            needs_note=True,
        ),
        Step("stop", _("Dừng theo dõi"), frozenset(OPEN_STATUSES), Status.STOPPED, needs_note=True),
        Step("reopen", _("Mở lại hồ sơ"), frozenset(CLOSED_STATUSES), Status.ADVISING, needs_note=True),
    )
}


def steps_from(case: Case) -> list[Step]:
    """Return the steps the present state of ``case`` allows, in the order of the table."""
    return [step for step in STEPS.values() if case.status in step.source]


def problems_before(case: Case, step: Step, note: str) -> list[Words]:
    """Return what stands in the way of ``step`` now, in words; empty when it may be taken."""
    if case.status not in step.source:
        return [
            _("Không thể “%(step)s” khi hồ sơ đang ở trạng thái “%(status)s”.")
            % {"step": step.label, "status": case.get_status_display()}
        ]
    problems: list[Words] = []
    if step.needs_papers:
        missing = [item.label for item in case.checklist.all() if item.is_missing]
        problems += [_("Còn thiếu giấy tờ: %(paper)s.") % {"paper": label} for label in missing]
    if step.needs_note and not note:
        problems.append(_("Cần ghi lý do."))
    return problems + case.kind.problems_before(step.code, case)


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
    waiting ends, the due day moves by the days waited.

    Raises:
        InvalidEntry: for a step that does not exist, or a day that cannot be right.
        NotAllowedNow: with ``problems`` in words when something stands in the way.
        StaleVersion: when ``version`` is not the present one.
    """
    step = STEPS.get(code)
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
        problems = problems_before(locked, step, note)
        if problems:
            raise NotAllowedNow(problems)
        event = CaseEvent(
            case=locked, step=code, from_status=locked.status, to_status=step.target, note=note, actor=by,
            effective_on=day, recorded_at=timezone.now(),
        )  # fmt: skip
        _move(locked, step, day)
        locked.save()
        event.save()
        locked.kind.after(code, locked)
    return locked


def _move(case: Case, step: Step, day: date) -> None:
    """Set status, clock, closing day and version as ``step`` on ``day`` demands."""
    # Whatever ends the waiting: a case closed while it waited was not late, nor is it once reopened.
    if case.clock_stopped_on and case.due_on:
        case.due_on += max(day - case.clock_stopped_on, timedelta(0))
    case.clock_stopped_on = day if step.target == Status.WAITING_COOPERATIVE else None
    case.closed_on = day if step.target in CLOSED_STATUSES else None
    case.status = step.target
    case.version += 1
