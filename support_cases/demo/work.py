"""The work of the demo set: cases taken through their steps, and the consultations."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone

from htx_portal.accounts.models import User
from support_cases.cases import open_case
from support_cases.consultations import Entry, finish_follow_up, log_consultation
from support_cases.demo.details import resolved, typed_details
from support_cases.demo.files import DemoFiles, Row
from support_cases.demo.register import Party
from support_cases.models import Case, CaseEvent
from support_cases.papers import mark_papers
from support_cases.workflow import STEPS, take_step

_SPACE = UUID("6b0f3c1e-4a57-5d0f-9a55-7d2c1b8f4e10")
_FURTHEST_FOLLOW_UP = timedelta(days=720)


def entry_id(row: Row) -> UUID:
    """Return the id under which an entry of the set is recorded: the same on every machine and every day."""
    return uuid5(_SPACE, f"consultation:{row.text('n')}")


def open_cases(files: DemoFiles, parties: Mapping[str, Party], people: Mapping[str, User]) -> dict[str, Case]:
    """Open the cases, take their steps, tick their papers, and return them by key. Raises ``BadDataFile``."""
    cases = {}
    details = typed_details(files)
    for row in files.rows("cases"):
        key = row.text("key")
        with row.told():
            party = parties[row.text("party")]
            cases[key] = _worked_case(row, party, people[row.text("officer")], details.get(key, {}))
    return cases


def _worked_case(row: Row, party: Party, officer: User, details: Mapping[str, Any]) -> Case:
    """Open one case and bring it to where its row says it stands."""
    case = open_case(
        party=party,
        topic=row.text("topic"),
        title=row.text("title"),
        by=officer,
        today=row.today,
        opened_on=row.day("opened_on"),
        due_on=row.day("due_on"),
        receiving_agency=row.text("receiving_agency"),
        external_ref=row.text("external_ref"),
        details=resolved(party, details),
        is_demo=True,
    )
    steps = [_step(row, text) for text in row.parts("steps")]
    turn = _turn_of_papers(row, steps)
    for number, (code, day, note) in enumerate(steps):
        if number == turn:
            case = _with_papers(row, case, officer, steps[number - 1][1] if number else day)
        case = take_step(case, code, by=officer, today=row.today, note=note, effective_on=day)
    if turn == len(steps):
        case = _with_papers(row, case, officer, steps[-1][1] if steps else case.opened_on)
    for told in (case, *case.followers.all()):
        tell_when_recorded(told)
    return case


def _step(row: Row, text: str) -> tuple[str, date, str]:
    """Return code, day and note of ``code@day:note``; the note may be missing."""
    code, _at, rest = text.partition("@")
    day, _colon, note = rest.partition(":")
    return code, row.day_in(day), note


def _turn_of_papers(row: Row, steps: list[tuple[str, date, str]]) -> int | None:
    """Return before which step the papers came: the first that needs them, else the second; None for none."""
    if not row.text("received"):
        return None
    needing = [number for number, (code, _day, _note) in enumerate(steps) if STEPS[code].needs_papers]
    return needing[0] if needing else min(1, len(steps))


def _with_papers(row: Row, case: Case, officer: User, day: date) -> Case:
    """Tick the papers that ``received`` names, ``all`` or ``first:n``, as come in on ``day``."""
    papers = list(case.checklist.values_list("pk", flat=True))
    how = row.text("received")
    count = len(papers) if how == "all" else int(how.removeprefix("first:"))
    return mark_papers(case, set(papers[:count]), by=officer, today=day)


def tell_when_recorded(case: Case) -> None:
    """Let the history read as if each step had been typed on its day: the set is four years old, not new."""
    events = list(case.events.all())
    for event in events:
        event.recorded_at = afternoon_of(event.effective_on)
    CaseEvent.objects.bulk_update(events, ["recorded_at"])
    Case.objects.filter(pk=case.pk).update(created_at=events[0].recorded_at, updated_at=events[-1].recorded_at)


def log_entries(
    files: DemoFiles,
    parties: Mapping[str, Party],
    people: Mapping[str, User],
    cases: Mapping[str, Case],
) -> int:
    """Log the consultations with their follow-ups and return their number. Raises ``BadDataFile``."""
    count = 0
    for row in files.rows("consultations"):
        with row.told():
            entry = _entry(row, parties, cases)
            officer = people[row.text("officer")]
            logged, _new = log_consultation(
                entry, by=officer, today=row.today, recorded_at=_recorded_at(row), is_demo=True
            )
            done_on = row.day("follow_up_done_on")
            if done_on:
                finish_follow_up(logged.follow_up, by=officer, today=done_on)
            count += 1
    return count


def _entry(row: Row, parties: Mapping[str, Party], cases: Mapping[str, Case]) -> Entry:
    held_on, follow_up_on = row.day("held_on"), row.day("follow_up_on")
    if follow_up_on:
        # Appointments that hang on today must stay within what may be entered, however old the set grows.
        follow_up_on = min(follow_up_on, held_on + _FURTHEST_FOLLOW_UP)
    return Entry(
        client_id=entry_id(row),
        party=parties[row.text("party")],
        held_on=held_on,
        channel=row.text("channel"),
        topics=row.parts("topics"),
        question=row.text("question"),
        advice=row.text("advice"),
        outcome=row.text("outcome"),
        follow_up_on=follow_up_on,
        cases=[cases[key] for key in row.parts("cases")],
    )


def _recorded_at(row: Row) -> datetime:
    """Return when the entry was typed: mostly that afternoon, every eighth one a few mornings later."""
    spread = entry_id(row).int
    if spread % 8:
        return _moment(row.day("held_on"), 14 * 60 + spread // 8 % 160)
    late = timedelta(days=1 + spread // 8 % 4)
    return _moment(min(row.day("held_on") + late, row.today), 8 * 60 + spread // 64 % 160)


def afternoon_of(day: date) -> datetime:
    """Return four o'clock of ``day``, when what happened on it was typed."""
    return _moment(day, 16 * 60)


def _moment(day: date, minutes: int) -> datetime:
    """Return the moment ``minutes`` after midnight of ``day`` in the portal's time zone."""
    return timezone.make_aware(datetime.combine(day, time(minutes // 60, minutes % 60)))
