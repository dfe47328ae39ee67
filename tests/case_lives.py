"""Cases that live random lives by the real acts, kept again in plain Python for those who count in another way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.models import AdminUnit, Cooperative, FoundingGroup, find_commune, keep_past_state
from support_cases.cases import change_case, open_case
from support_cases.choices import OPEN_STATUSES
from support_cases.extensions import extend_due
from support_cases.models import Case, CaseEvent
from support_cases.workflow import steps_from, take_step
from tests.factories import load_reference_units, make_cooperative, make_founding_group, make_user

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST_DAY = date(2024, 1, 8)
#: What may be tried, by whether the case is open: ends and reopenings often, for they are what is counted.
WHILE_OPEN = (
    "start", "complete_partly", "request_papers", "withdraw", "papers_received", "hand over", "stop", "put off",
    "unreachable", "set due",
)  # fmt: skip
ONCE_ENDED = ("reopen", "reopen", "hand over")
#: One act: what of that, how many days before it is typed it counts for, how many days after the last it is typed.
ACTS = st.tuples(st.integers(0, 9), st.integers(0, 30), st.integers(0, 20))
#: One case: whose, of which topic, opened how long after the first day and typed how long after, what happens to it.
LIVES = st.tuples(
    st.integers(0, 4),
    st.sampled_from(("ocop", "loan", "tax")),
    st.integers(0, 90),
    st.integers(0, 20),
    st.lists(ACTS, min_size=1, max_size=8),
)


@dataclass(frozen=True)
class Told:
    """One line of history as plain Python keeps it: the case as the act left it."""

    day: date
    typed: datetime
    before: str
    after: str
    officer: int
    due_on: date | None


@dataclass
class Life:
    """One case and its lines in the order they were typed."""

    case: Case
    lines: list[Told] = field(default_factory=list)

    @property
    def topic(self) -> str:
        return self.case.topic


class Office:
    """Four cooperatives in different places, a founding group, two officers, and the cases of them all."""

    def __init__(self) -> None:
        load_reference_units()
        communes = [find_commune(code, date(2023, 1, 1)) for code in ("02041", "01933", "01864", "02041")]
        self.cooperatives = [make_cooperative(commune=unit, registered_on=date(2020, 1, 1)) for unit in communes]
        group = make_founding_group(commune=find_commune("01834", date(2023, 1, 1)), formed_on=date(2020, 1, 1))
        self.parties: list[Cooperative | FoundingGroup] = [*self.cooperatives, group]
        self.officers = [make_user(full_name="Bàn Thị Một"), make_user(full_name="Ma Văn Hai")]
        self.moved: dict[int, tuple[datetime, tuple[int | None, int | None]]] = {}
        self.lives: list[Life] = []

    def live(self, lives: Sequence[tuple]) -> None:
        """Open the cases and let happen what can; what the office refuses does not happen."""
        for party, topic, after, late, acts in lives:
            opened_on = FIRST_DAY + timedelta(days=after)
            typed = opened_on + timedelta(days=late)
            case = open_case(
                party=self.parties[party], topic=topic, title="Việc thử", by=self.officers[0],
                today=typed, opened_on=opened_on, due_on=opened_on + timedelta(days=20),
            )  # fmt: skip
            life = Life(case)
            self.lives.append(life)
            self._tell(life, typed)
            for which, back, gap in acts:
                typed += timedelta(days=gap)
                self._act(life, which, max(opened_on, typed - timedelta(days=back)), typed)

    def move(self, cooperative: int, day: date) -> None:
        """Let a cooperative move to another commune at noon of ``day``."""
        row = self.cooperatives[cooperative]
        moment = datetime.combine(day, time(12), HERE)
        self.moved[row.pk] = (moment, (row.old_district_id, row.new_commune_id))
        unit = AdminUnit.objects.get(code="02146", parent__level="district")
        row.old_district, row.old_commune, row.new_commune = unit.parent, unit, unit.successor
        keep_past_state(row, moment)
        Cooperative.objects.filter(pk=row.pk).update(
            old_district=row.old_district, old_commune=row.old_commune, new_commune=row.new_commune
        )

    def places(self, life: Life, moment: datetime | None) -> dict[str, str]:
        """Return where a case counts, as known just before ``moment``."""
        party = life.case.party
        if isinstance(party, FoundingGroup):
            return {"district": "0", "commune": "0"}
        found = self._place(party, moment)
        return {"district": str(found[0] or ""), "commune": str(found[1] or "")}

    def _place(self, party: Cooperative, moment: datetime | None) -> tuple[int | None, int | None]:
        since, before = self.moved.get(party.pk, (None, None))
        if since is not None and before is not None and moment is not None and moment <= since:
            return before
        now = next(one for one in self.cooperatives if one.pk == party.pk)
        return now.old_district_id, now.new_commune_id

    def _act(self, life: Life, which: int, day: date, typed: date) -> None:
        case, by = Case.objects.get(pk=life.case.pk), self.officers[0]
        allowed = {step.code for step in steps_from(case)}
        acts = [act for act in (WHILE_OPEN if case.is_open else ONCE_ENDED) if act in allowed or " " in act]
        what = acts[which % len(acts)]
        try:
            if what == "hand over":
                other = next(one for one in self.officers if one.pk != case.officer_id)
                change_case(case, {"officer": other}, by=by, today=typed)
            elif what == "put off":
                extend_due(case, max(case.due_on or typed, typed) + timedelta(days=9), "Lý do", by=by, today=typed)
            elif what == "set due":
                change_case(case, {"due_on": max(case.opened_on, day)}, by=by, today=typed)
            else:
                take_step(case, what, by=by, today=typed, note="Lý do", effective_on=day)
        except (InvalidEntry, NotAllowedNow):
            return
        self._tell(life, typed)

    def _tell(self, life: Life, typed: date) -> None:
        """Keep the line just written, typed at nine o'clock of its day and some minutes for those before it."""
        moment = datetime.combine(typed, time(9, len(life.lines)), HERE)
        event = CaseEvent.objects.filter(case=life.case).order_by("-pk")[0]
        if event.recorded_at.year == moment.year:
            return
        CaseEvent.objects.filter(pk=event.pk).update(recorded_at=moment)
        case = Case.objects.get(pk=life.case.pk)
        before = life.lines[-1].after if life.lines else ""
        assert case.officer_id is not None
        life.lines.append(
            Told(event.effective_on, moment, before, case.status, case.officer_id, case.due_on)
        )  # fmt: skip


@dataclass
class Spell:
    """One time a case lay open, by hand."""

    life: Life
    began: date
    is_reopened: bool
    ended: date | None = None
    end: Told | None = None


def spells_of(life: Life, moment: datetime | None) -> list[Spell]:
    """Return the times a case lay open as known just before ``moment``, walking its history line by line."""
    found: list[Spell] = []
    latest = date.min
    for line in life.lines:
        if moment is not None and line.typed >= moment:
            break
        was_open, is_open = line.before in OPEN_STATUSES, line.after in OPEN_STATUSES
        if was_open == is_open:
            continue
        latest = max(latest, line.day)
        if is_open:
            found.append(Spell(life, latest, is_reopened=bool(line.before)))
        else:
            found[-1].ended, found[-1].end = latest, line
    return found


def last_standing(life: Life, day: date, moment: datetime | None) -> Told:
    """Return the line that tells how a case stood at the end of ``day``, as known just before ``moment``."""
    known = [line for line in life.lines if line.day <= day and (moment is None or line.typed < moment)]
    return known[-1]
