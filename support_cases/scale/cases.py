"""The cases of the large set: opened by a consultation, taken along a path of real steps."""

from datetime import date, timedelta
from random import Random

from cooperatives.models import Cooperative
from support_cases.cases import OPENING
from support_cases.choices import CLOSED_STATUSES, Status
from support_cases.models import Case, CaseEvent, ChecklistItem, LegalBasis, ReferenceCounter
from support_cases.models.case import SECRET_ALPHABET, SECRET_LENGTH
from support_cases.models.checklist import checklist_for
from support_cases.scale.bulk import Table, moment
from support_cases.scale.words import ANY_TITLE, REASON, TITLES
from support_cases.support_types import SUPPORT_TYPES
from support_cases.workflow import STEPS

_LAST_DAY = date(2025, 12, 31)
_CORRECTION = ("request_papers", "papers_received")
_PATHS = (
    ("start", "submit", "await_result", "complete"),
    ("start", "submit", "complete"),
    ("start", *_CORRECTION, "submit", "await_result", "complete"),
    ("start", "submit", *_CORRECTION, *_CORRECTION, "submit", "complete"),
    ("start", "complete"),
    ("start", *_CORRECTION[:1], "unreachable"),
    ("start", "submit", "not_eligible"),
    ("start", "withdraw"),
    ("start", *_CORRECTION, "stop"),
    ("start", "withdraw", "reopen", "submit", "complete"),
)
_PATH_WEIGHTS = (24, 40, 62, 68, 82, 86, 91, 95, 98, 100)
#: One case in so many stands still at some step, whatever its age.
_STUCK = 0.01
_MORNING, _AFTERNOON = 2 * 60, 9 * 60
_CASE_COLUMNS = (
    "id", "reference", "secret", "topic", "title", "cooperative_id", "status", "officer_id", "opened_on", "event_on",
    "basis_id", "due_on", "clock_stopped_on", "closed_on", "outcome", "outcome_reason", "version", "is_demo",
    "search_key", "created_at", "updated_at",
)  # fmt: skip
_EVENT_COLUMNS = (
    "id",
    "case_id",
    "step",
    "from_status",
    "to_status",
    "note",
    "actor_id",
    "officer_id",
    "due_on",
    "effective_on",
    "recorded_at",
)
_PAPER_COLUMNS = ("id", "case_id", "code", "label_vi", "label_en", "required", "position", "received_on")


class Cases:
    """Opens cases and writes them with details, papers and history."""

    def __init__(self, rng: Random):
        self.rng = rng
        self.cases = Table(Case, _CASE_COLUMNS)
        self.events = Table(CaseEvent, _EVENT_COLUMNS)
        self.papers = Table(ChecklistItem, _PAPER_COLUMNS)
        self.details = {code: Table(kind.details, ("case_id",)) for code, kind in SUPPORT_TYPES.items()}
        self.counters = dict(ReferenceCounter.objects.values_list("day", "last"))
        self.bases = list(LegalBasis.objects.order_by("-valid_from").values_list("topic", "valid_from", "pk"))
        self._checklists: dict[tuple[str, date], tuple] = {}
        self._one_of_each: dict[tuple, tuple] = {}

    def open(self, day: date, topic: str, cooperative: int, name: str, officer: int) -> int:
        """Let one case wait with its whole life until the end of the four years, and return its key."""
        pk, reference = self.cases.next_id(), self._reference(day)
        steps = self._steps(day)
        codes = [code for code, _on in steps]
        status = STEPS[codes[-1]].target if steps else Status.NEW
        last = steps[-1][1] if steps else day
        title = f"{TITLES.get(topic, ANY_TITLE)} năm {day.year}"
        case = Case(reference=reference, topic=topic, title=title, cooperative=Cooperative(name=name))
        waited, stopped_on = _clock(steps)
        due_on = day + timedelta(days=20 + int(self.rng.random() * 40)) + waited
        self.cases.rows.append(
            (pk, reference, "".join(self.rng.choices(SECRET_ALPHABET, k=SECRET_LENGTH)), topic, title, cooperative,
             status.value, officer, day.isoformat(), day.isoformat(), self._basis(topic, day), due_on.isoformat(),
             _text(stopped_on), _text(last if status in CLOSED_STATUSES else None),
             *_end(codes), 1 + len(steps), 1, case.fresh_search_key(),
             moment(day, _MORNING), moment(last, _AFTERNOON))
        )  # fmt: skip
        self.details[topic].rows.append((pk,))
        self._tell(pk, day, steps, officer, due_on)
        self._collect_papers(pk, topic, day, steps)
        return pk

    def write(self) -> None:
        """Write what waits, cases before what hangs on them."""
        for table in (self.cases, self.events, self.papers, *self.details.values()):
            table.write()

    def keep_counters(self) -> None:
        """Note the last number of each day, so that real cases are numbered after these."""
        ReferenceCounter.objects.bulk_create(
            [ReferenceCounter(day=day, last=last) for day, last in sorted(self.counters.items())],
            update_conflicts=True,
            unique_fields=["day"],
            update_fields=["last"],
        )

    def _reference(self, day: date) -> str:
        """Return the day's next reference, in the form :func:`next_reference` gives."""
        self.counters[day] = self.counters.get(day, 0) + 1
        return f"TCT-{day:%y%m%d}-{self.counters[day]:04d}"

    def _steps(self, day: date) -> list[tuple[str, date]]:
        """Return the steps taken by the end of the four years, each with its day."""
        path = self.rng.choices(_PATHS, cum_weights=_PATH_WEIGHTS)[0]
        if self.rng.random() < _STUCK:
            path = path[: int(self.rng.random() * len(path))]
        taken = []
        for number, code in enumerate(path):
            day += timedelta(days=int(self.rng.random() * (18 if number else 3)) + (1 if number else 0))
            if day > _LAST_DAY:
                break
            taken.append((code, day))
        return taken

    def _tell(self, pk: int, day: date, steps: list[tuple[str, date]], officer: int, due_on: date) -> None:
        """Let the history wait: the opening and each step, all under the due day the case came to have."""
        add, number = self.events.rows.append, self.events.next_id
        responsible = (officer, officer, due_on.isoformat())
        add((number(), pk, OPENING, "", Status.NEW.value, "", *responsible, day.isoformat(), moment(day, _MORNING)))
        before = Status.NEW
        for code, on in steps:
            step = STEPS[code]
            note = REASON if step.needs_note else ""
            add(
                (number(), pk, code, before.value, step.target.value, note, *responsible, on.isoformat(),
                 moment(on, _AFTERNOON))
            )  # fmt: skip
            before = step.target

    def _collect_papers(self, pk: int, topic: str, day: date, steps: list[tuple[str, date]]) -> None:
        """Let the checklist wait; all papers are in once a step needed them, half of them before."""
        papers = self._checklist(topic, day)
        needed_on = next((on for code, on in steps if STEPS[code].needs_papers), None)
        have = len(papers) if needed_on else len(papers) // 2 if steps else 0
        received_on = _text(needed_on or (steps[0][1] if steps else None))
        self.papers.rows.extend(
            (self.papers.next_id(), pk, *paper, received_on if index < have else None)
            for index, paper in enumerate(papers)
        )

    def _basis(self, topic: str, day: date) -> int | None:
        """Return the key of the law of a topic on a day."""
        return next((pk for of, start, pk in self.bases if of == topic and start <= day), None)

    def _checklist(self, topic: str, day: date) -> tuple:
        """Return what the rules ask for on a day as values of columns.

        Asked of the database once for each topic and day; equal lists are kept once.
        """
        found = self._checklists.get((topic, day))
        if found is None:
            kind = SUPPORT_TYPES[topic]
            items = checklist_for(Case(topic=topic), day, kind.variant(kind.details()))
            found = tuple((i.code, i.label_vi, i.label_en, int(i.required), i.position) for i in items)
            found = self._checklists[topic, day] = self._one_of_each.setdefault(found, found)
        return found


def _clock(steps: list[tuple[str, date]]) -> tuple[timedelta, date | None]:
    """Return how long the case waited for the cooperative, and since when it does so now."""
    waited, stopped_on = timedelta(0), None
    for code, on in steps:
        if stopped_on and code == "papers_received":
            waited += on - stopped_on
        stopped_on = on if STEPS[code].target == Status.WAITING_COOPERATIVE else None
    return waited, stopped_on


def _end(codes: list[str]) -> tuple[str, str]:
    """Return outcome and reason of a case after these steps; two empty texts while it goes on."""
    last = STEPS[codes[-1]] if codes else None
    if last is None or last.outcome is None:
        return "", ""
    return last.outcome.value, REASON if last.needs_note else ""


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
