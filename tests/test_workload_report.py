"""The work of each officer, counted again in plain Python over random entries, cases and appointments."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support_cases.consultations import finish_follow_up
from support_cases.corrections import void_consultation
from support_cases.models import Consultation
from support_cases.reports.answers import answer
from support_cases.reports.periods import MONTH, Period
from support_cases.reports.tables import ROWS
from support_cases.reports.workload import NUMBERS, WORKLOAD
from tests.case_lives import HERE, LIVES, Office, last_standing, spells_of
from tests.factories import make_case, make_consultation, make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2024, 10, 15)
#: One entry: whose, held how long after the new year, typed how much later, an appointment when, done when, voided.
ENTRIES = st.tuples(
    st.integers(0, 4), st.integers(0, 200), st.integers(0, 40), st.integers(0, 40), st.none() | st.integers(0, 60),
    st.booleans(), st.integers(0, 1),
)  # fmt: skip


@pytest.fixture
def office() -> Office:
    return Office()


class Talks:
    """Entries in the database and again in plain Python: officer, party, held, typed, appointment, done, voided."""

    def __init__(self, office: Office):
        self.office = office
        self.facts: list[tuple] = []

    def record(self, entries: list[tuple]) -> None:
        for party, after, late, ahead, done_after, is_void, officer in entries:
            held = date(2024, 1, 1) + timedelta(days=after)
            typed = datetime.combine(held + timedelta(days=late), time(9), HERE)
            by, whose = self.office.officers[officer], self.office.parties[party]
            due_on = held + timedelta(days=ahead)
            row = make_consultation(
                whose, by=by, today=TODAY, held_on=held, outcome="follow_up", follow_up_on=due_on
            )  # fmt: skip
            Consultation.objects.filter(pk=row.pk).update(recorded_at=typed)
            done_on = None
            if done_after is not None:
                done_on = typed.date() + timedelta(days=done_after)
                finish_follow_up(row.follow_up, by=by, today=done_on)
            voided = typed + timedelta(days=50) if is_void else None
            if voided:
                row.refresh_from_db()
                void_consultation(row, by=by, reason="Ghi nhầm", now=voided)
            self.facts.append((str(by.pk), whose, held, typed, due_on, done_on, voided))

    def known(self, moment: datetime | None) -> list[tuple]:
        if moment is None:
            return [fact for fact in self.facts if fact[6] is None]
        return [fact for fact in self.facts if fact[3] < moment and not (fact[6] and fact[6] < moment)]


def counted(office: Office, talks: Talks, period: Period, moment: datetime | None) -> dict[str, dict[str, int]]:
    """The numbers of every officer and, under an empty name, of all."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(NUMBERS, 0))
    served: dict[str, set[int]] = defaultdict(set)
    knows = TODAY if moment is None else moment.date() - timedelta(days=1)

    def add(officer: str, number: str) -> None:
        for key in ("", officer):
            found[key][number] += 1

    for officer, party, held, _typed, due_on, done_on, _voided in talks.known(moment):
        if period.start <= held <= period.end and party in office.cooperatives:
            add(officer, "consultations")
            for key in ("", officer):
                served[key].add(party.pk)
        if period.start <= due_on <= period.end:
            add(officer, "follow_ups")
            is_over = due_on < TODAY if moment is None else due_on <= knows
            if done_on and (moment is None or done_on <= knows):
                add(officer, "kept" if done_on <= due_on else "done_late")
            elif is_over:
                add(officer, "missed")
    for key, parties in served.items():
        found[key]["cooperatives"] = len(parties)
    stand = min(period.end, TODAY if moment is None else knows)
    for life in office.lives:
        add_case(add, life, period, stand, moment)
    return {key: n for key, n in found.items() if any(n.values())}


def add_case(add, life, period: Period, stand: date, moment: datetime | None) -> None:
    for spell in spells_of(life, moment):
        if spell.began <= stand and not (spell.ended and spell.ended <= stand):
            stood = last_standing(life, stand, moment)
            if stood.after != "waiting_cooperative" and stood.due_on and stood.due_on < stand:
                add(str(stood.officer), "overdue")
        if spell.began > period.end or (spell.ended and spell.ended < period.start):
            continue
        ends = bool(spell.ended and spell.ended <= period.end)
        whose = str(spell.end.officer if ends else last_standing(life, period.end, moment).officer)
        opened = "reopened" if spell.is_reopened else "received"
        add(whose, "carried_in" if spell.began < period.start else opened)
        if not ends:
            add(whose, "carried_on")
        elif spell.end.after == "completed":
            add(whose, "finished")
            if spell.end.due_on and spell.end.due_on < spell.ended:
                add(whose, "late")
        else:
            add(whose, "ended")


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lives=st.lists(LIVES, max_size=3),
    entries=st.lists(ENTRIES, min_size=1, max_size=6),
    name=st.sampled_from(["2024-01", "2024-02", "2024-04", "2024-Q2", "2024-H1", "2024", "2024-10"]),
    as_of=st.none() | st.dates(date(2024, 1, 20), date(2024, 9, 30)),
)
def test_the_work_of_the_officers_is_what_a_count_by_hand_finds(office, lives, entries, name, as_of):
    with transaction.atomic():
        office.lives.clear()
        office.live(lives)
        talks = Talks(office)
        talks.record(entries)
        period = Period.parse(name, MONTH)
        found = answer(WORKLOAD, period, frame="2022", today=TODAY, as_of=as_of)
        moment = None if as_of is None else datetime.combine(as_of + timedelta(days=1), time.min, HERE)
        expected = counted(office, talks, period, moment)
        total = expected.pop("", dict.fromkeys(NUMBERS, 0))
        assert found.figures["total"][""] == [total[one] for one in NUMBERS]
        assert found.figures["officer"] == {key: [n[one] for one in NUMBERS] for key, n in expected.items()}
        assert found.figures == WORKLOAD.recount(found.basis.scope)
        assert_lists_hold_what_they_say(found)
        transaction.set_rollback(True)


def assert_lists_hold_what_they_say(found) -> None:
    for table in found.tables:
        for row in table.rows:
            for column, cell in zip(table.column_codes, row.cells, strict=True):
                if cell.behind == ROWS:
                    listed = WORKLOAD.behind(found.basis.scope, table.code, row.code, column)
                    assert len(listed.rows) == cell.value, (table.code, row.code, column)
                    assert len(listed.line(listed.rows[0])) == len(listed.columns)
                elif table.code != "served":
                    assert not cell.value or column == "kept_percent"


def test_lượt_and_cooperatives_lead_to_the_entries_of_the_officer():
    officer, other = make_user(full_name="Bàn Thị Một"), make_user(full_name="Ma Văn Hai")
    cooperative = make_cooperative()
    for by in (officer, officer, other):
        make_consultation(cooperative, by=by, today=TODAY, held_on=date(2024, 6, 5))
    table = answer(WORKLOAD, Period.parse("2024-06", MONTH), frame="2022", today=TODAY).table("served")
    assert [(row.name, *(cell.value for cell in row.cells)) for row in table.rows] == [
        ("Bàn Thị Một", 2, 1), ("Ma Văn Hai", 1, 1), ("Cộng", 3, 1),
    ]  # fmt: skip
    ways = [[(cell.behind.door, dict(cell.behind.filters)) for cell in row.cells] for row in table.rows]
    assert ways[0] == [("entries", {"officer": str(officer.pk)}), ("cooperatives", {"officer": str(officer.pk)})]
    assert ways[2] == [("entries", {}), ("cooperatives", {})]


def test_an_appointment_of_today_is_not_missed_before_the_day_is_over():
    row = make_consultation(by=make_user(), today=TODAY, held_on=TODAY, outcome="follow_up", follow_up_on=TODAY)
    for today, missed in ((TODAY, 0), (TODAY + timedelta(days=1), 1)):
        found = answer(WORKLOAD, Period.parse("2024-10", MONTH), frame="2022", today=today)
        assert found.table("follow_ups").value("total", "missed") == missed
    assert row.follow_up.done_on is None


def test_at_a_past_moment_the_days_before_it_are_over_and_no_other():
    held, due, done = date(2024, 6, 3), date(2024, 6, 19), date(2024, 6, 20)
    row = make_consultation(by=make_user(), today=TODAY, held_on=held, outcome="follow_up", follow_up_on=due)
    Consultation.objects.update(recorded_at=datetime.combine(held, time(9), HERE))
    finish_follow_up(row.follow_up, by=row.officer, today=done)
    found = {}
    for day in (18, 19, 20):
        report = answer(WORKLOAD, Period.parse("2024-06", MONTH), frame="2022", today=TODAY, as_of=date(2024, 6, day))
        found[day] = tuple(report.table("follow_ups").value("total", one) for one in ("missed", "done_late"))
    assert found == {18: (0, 0), 19: (1, 0), 20: (0, 1)}


@pytest.mark.parametrize(
    "cell",
    [("served", "total", "consultations"), ("cases", "x", "received"), ("cases", "total", "kept"),
     ("x", "total", "kept"), ("follow_ups", "total", "kept_percent")],
)  # fmt: skip
def test_a_cell_there_is_not_has_no_list(cell):
    found = answer(WORKLOAD, Period.parse("2024-06", MONTH), frame="2022", today=TODAY)
    assert WORKLOAD.behind(found.basis.scope, *cell) is None


def test_the_report_takes_as_many_questions_however_much_there_is(django_assert_num_queries):
    for _ in range(2):
        for _ in range(3):
            officer = make_user()
            make_case(by=officer, today=TODAY, opened_on=date(2024, 6, 3))
            make_consultation(by=officer, today=TODAY, held_on=date(2024, 6, 3), follow_up_on=date(2024, 6, 20))
        with django_assert_num_queries(8):
            assert answer(WORKLOAD, Period.parse("2024-06", MONTH), frame="2022", today=TODAY).tables
