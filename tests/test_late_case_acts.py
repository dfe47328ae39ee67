"""Cases and closed months: an act typed too late is named once, and what a period was sent with leads to the next."""

import random
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cooperatives.models import Cooperative, FoundingGroup
from htx_portal.accounts.models import Role
from support_cases.choices import OPEN_STATUSES, Status
from support_cases.closing_checks import verify_closing
from support_cases.closings import close_period, reopen_period
from support_cases.models import Case, CaseEvent, Closing
from support_cases.pages.report_links import Links
from support_cases.reports.adjustments import ADJUSTMENTS
from support_cases.reports.answers import Answer, answer
from support_cases.reports.flow import FLOW
from support_cases.reports.late_case_changes import ACTS
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Period
from support_cases.reports.query import ReportQuery
from support_cases.workflow import take_step
from tests.case_lives import HERE, Life, Office, spells_of
from tests.factories import make_case, make_cooperative, make_founding_group, make_user
from tests.opening import wrong_figures

pytestmark = [pytest.mark.django_db, pytest.mark.database]
TODAY = date(2024, 12, 31)


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=HERE)


def period(code: str, calendar: str = MONTH) -> Period:
    return Period.parse(code, calendar)


def flow(code: str, as_of: date | None = None) -> Answer:
    return answer(FLOW, period(code), frame="2022", today=TODAY, as_of=as_of)


def adjustments(code: str, as_of: date | None = None) -> Answer:
    return answer(ADJUSTMENTS, period(code), frame="2022", today=TODAY, as_of=as_of)


def joined(code: str) -> dict[str, int]:
    """The lines of the flow's totals that lead from what was sent to what was carried in; nothing without them.

    There and by topic and district, what was sent and what was carried in open into as many cases.
    """
    found = flow(code)
    assert wrong_figures(found, as_of=None) == []
    for table in found.tables:
        for row in table.rows if table.code.startswith("joined") else ():
            assert [cell.behind is not None for cell in row.cells] == [bool(cell.value) for cell in row.cells]
    rows = {row.code: row.cells[0].value for row in found.table("totals").rows}
    return {name: rows[name] for name in ("sent", "adjustment", "carried_in")} if "sent" in rows else {}


def acts(code: str) -> dict[str, list]:
    """What is said of each act a report names, by reference: who, then the cells after the reference."""
    rows = adjustments(code).table("case").rows
    return {row.cells[0].value: [row.name, *(cell.value for cell in row.cells[1:])] for row in rows}


def counts(code: str) -> dict[str, int]:
    return {row.code: row.cells[0].value for row in adjustments(code).table("cases").rows if row.cells[0].value}


@pytest.fixture
def officer():
    return make_user(full_name="Hoàng Thị Tiếp")


@pytest.fixture
def manager():
    return make_user(Role.MANAGER)


def opened(officer, day: date, typed: datetime | None = None, party=None, **fields) -> Case:
    case = make_case(party, by=officer, today=TODAY, opened_on=day, due_on=day + timedelta(days=60), **fields)
    typed_at(case, typed or at(day))
    return case


def step(case: Case, code: str, day: date, typed: datetime, officer) -> Case:
    found = take_step(Case.objects.get(pk=case.pk), code, by=officer, today=TODAY, note="Lý do", effective_on=day)
    typed_at(case, typed)
    return found


def typed_at(case: Case, moment: datetime) -> None:
    line = CaseEvent.objects.filter(case=case).order_by("-pk")[0]
    CaseEvent.objects.filter(pk=line.pk).update(recorded_at=moment)


def close(code: str, day: date, manager, calendar: str = MONTH) -> Closing:
    return close_period(period(code, calendar), by=manager, today=TODAY, now=at(day, 12))


@pytest.fixture
def june_closed(officer, manager) -> Case:
    """A case of June, open when June was closed on 5 July."""
    case = opened(officer, date(2024, 6, 3))
    close("2024-06", date(2024, 7, 5), manager)
    return case


def test_an_end_dated_back_into_a_closed_month_is_named_in_the_next_report_and_the_carry_over_joins(
    june_closed, officer
):
    step(june_closed, "stop", date(2024, 6, 28), at(date(2024, 7, 8)), officer)
    assert joined("2024-07") == {"sent": 1, "adjustment": -1, "carried_in": 0}
    assert acts("2024-07") == {
        june_closed.reference: [
            june_closed.cooperative.name, "Tham gia OCOP", "Hoàng Thị Tiếp", "Kết thúc hồ sơ", date(2024, 6, 28),
            date(2024, 7, 8),
        ]
    }  # fmt: skip
    assert counts("2024-07") == {"ended": 1, "carried": -1}


def test_every_act_of_june_typed_after_its_closing_is_named_and_leads_to_its_case(june_closed, officer):
    group = make_founding_group(name="Nhóm Nà Làng", formed_on=date(2024, 1, 1))
    late = opened(officer, date(2024, 6, 20), at(date(2024, 7, 9)), group, topic="registration")
    step(
        late,
        "start",
        date(2024, 6, 21),
        at(
            date(
                2024,
                7,
                9,
            ),
            10,
        ),
        officer,
    )
    step(late, "request_papers", date(2024, 6, 25), at(date(2024, 7, 9), 11), officer)
    step(june_closed, "withdraw", date(2024, 6, 28), at(date(2024, 7, 8)), officer)
    step(june_closed, "reopen", date(2024, 6, 29), at(date(2024, 7, 10)), officer)
    assert counts("2024-07") == {"opened": 1, "reopened": 1, "ended": 1, "round": 1, "carried": 1}
    assert joined("2024-07") == {"sent": 1, "adjustment": 1, "carried_in": 2}
    found = adjustments("2024-07")
    table = found.table("case")
    assert [(row.name, row.cells[0].value, row.cells[3].value) for row in table.rows] == [
        ("Nhóm Nà Làng", late.reference, "Tiếp nhận hồ sơ"),
        ("Nhóm Nà Làng", late.reference, "Yêu cầu HTX bổ sung"),
        (june_closed.cooperative.name, june_closed.reference, "Kết thúc hồ sơ"),
        (june_closed.cooperative.name, june_closed.reference, "Mở lại hồ sơ đã kết thúc"),
    ]
    links = Links(ReportQuery(period("2024-07"), "2022", None), None, ADJUSTMENTS)
    way = links.to(table, table.rows[0], table.columns[0], table.rows[0].cells[0])
    assert way == f"/ho-so/{late.reference}/"
    for did in ACTS:
        assert ADJUSTMENTS.behind(found.basis.scope, "cases", did, "acts").rows.count() == 1
    for cell in (("cases", "carried", "acts"), ("cases", "opened", "x"), ("case", "1", "reference")):
        assert ADJUSTMENTS.behind(found.basis.scope, *cell) is None


def test_what_counts_after_the_closed_month_is_no_adjustment_of_it(june_closed, officer):
    step(june_closed, "withdraw", date(2024, 7, 10), at(date(2024, 7, 10)), officer)
    step(june_closed, "reopen", date(2024, 6, 15), at(date(2024, 7, 11)), officer)
    assert acts("2024-07") == {}
    assert joined("2024-07") == {"sent": 1, "adjustment": 0, "carried_in": 1}


def test_what_the_report_after_has_named_is_named_no_more_and_stays_there(june_closed, officer, manager):
    step(june_closed, "stop", date(2024, 6, 28), at(date(2024, 7, 8)), officer)
    closing = close("2024-07", date(2024, 8, 5), manager)
    step(june_closed, "reopen", date(2024, 6, 30), at(date(2024, 8, 6)), officer)
    assert list(acts("2024-07")) == [june_closed.reference]
    assert joined("2024-07") == {"sent": 1, "adjustment": -1, "carried_in": 0}
    assert [said[3] for said in acts("2024-08").values()] == ["Mở lại hồ sơ đã kết thúc"]
    assert joined("2024-08") == {"sent": 0, "adjustment": 1, "carried_in": 1}
    closing.refresh_from_db()
    assert verify_closing(closing).holds


def test_what_is_dated_before_the_first_closed_month_changes_what_that_carried_on(june_closed, officer):
    opened(officer, date(2024, 4, 2), at(date(2024, 7, 9)))
    assert counts("2024-07") == {"opened": 1, "carried": 1}
    assert joined("2024-07") == {"sent": 1, "adjustment": 1, "carried_in": 2}


def test_a_report_follows_the_closing_right_before_it_or_none(june_closed, officer, manager):
    assert joined("2024-06") == {}
    assert joined("2024-08") == {}
    assert joined("2024-Q3") == {"sent": 1, "adjustment": 0, "carried_in": 1}
    assert "joined_topic" not in [table.code for table in flow("2024-08").tables]
    days = Period.from_day_to_day(MONTH, date(2024, 7, 1), date(2024, 7, 20))
    assert "sent_total" not in answer(FLOW, days, frame="2022", today=TODAY).figures
    assert "sent_total" not in answer(FLOW, period("2024-07", ADMINISTRATIVE), frame="2022", today=TODAY).figures
    reopen_period(Closing.objects.get(), by=manager, reason="Sai", now=at(date(2024, 7, 20)))
    assert joined("2024-07") == {}


@pytest.mark.parametrize(
    ("code", "joins"),
    [("2024-09", {"sent": 1, "adjustment": -1, "carried_in": 0}), ("2024-9M", {}), ("2024", {}), ("2024-Q4", {})],
)
def test_what_comes_late_into_the_first_eight_months_is_named_in_the_next_report_of_every_chain(
    code, joins, officer, manager
):
    case = opened(officer, date(2024, 6, 3))
    close("2024-8M", date(2024, 9, 5), manager)
    step(case, "stop", date(2024, 6, 28), at(date(2024, 9, 8)), officer)
    assert list(acts(code)) == [case.reference]
    assert joined(code) == joins


def test_a_closing_whose_figures_are_not_counted_yet_is_counted_as_known_at_its_moment(june_closed, officer):
    Closing.objects.update(figures={}, digest="")
    step(june_closed, "stop", date(2024, 6, 28), at(date(2024, 7, 8)), officer)
    assert joined("2024-07") == {"sent": 1, "adjustment": -1, "carried_in": 0}


def test_topics_and_places_join_as_well(june_closed, officer):
    opened(officer, date(2024, 6, 5), at(date(2024, 7, 9)), topic="tax")
    found = flow("2024-07")
    lines = {row.code: [cell.value for cell in row.cells] for row in found.table("joined_topic").rows}
    assert lines == {"ocop": [1, 0, 1], "tax": [0, 1, 1], "total": [1, 1, 2]}
    places = [[cell.value for cell in row.cells] for row in found.table("joined_district").rows]
    assert [sum(column) for column in zip(*places[:-1], strict=True)] == places[-1] == [1, 1, 2]


def test_a_party_is_called_what_it_was_when_the_period_was_closed(june_closed, officer, manager):
    group = make_founding_group(name="Nhóm Nà Làng", formed_on=date(2024, 1, 1))
    case = opened(officer, date(2024, 6, 20), at(date(2024, 7, 9)), group, topic="registration")
    closing = close("2024-07", date(2024, 8, 5), manager)
    FoundingGroup.objects.filter(pk=group.pk).update(name="Nhóm tên khác")
    Case.objects.filter(pk=case.pk).update(cooperative=make_cooperative())
    assert acts("2024-07")[case.reference][0] == "Nhóm Nà Làng"
    closing.refresh_from_db()
    assert verify_closing(closing).holds


def test_both_reports_take_as_many_questions_however_many_acts_came_late(june_closed, officer):
    def questions() -> list[int]:
        found = []
        for report in (flow, adjustments):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert report("2024-07").tables
            found.append(len(asked))
        return found

    parties: list[Cooperative | FoundingGroup] = [make_cooperative(), make_founding_group(formed_on=date(2024, 1, 1))]
    for party, topic in zip(parties, ("ocop", "registration"), strict=True):
        opened(officer, date(2024, 6, 5), at(date(2024, 7, 9)), party, topic=topic)
    before = questions()
    for number in range(6):
        other = make_user(full_name=f"Cán bộ {number}")
        case = opened(other, date(2024, 6, 5), at(date(2024, 7, 9)), make_cooperative())
        step(case, "stop", date(2024, 6, 7), at(date(2024, 7, 9), 10), other)
    assert questions() == before
    assert before[0] <= 8


# ------------------------------------------------------------------- oracle


def acts_by_hand(lives: list[Life]):
    """Yield case, what it did, the day it counts on and when it was typed, of every act the flow counts."""
    for life in lives:
        latest = date.min
        for line in life.lines:
            was_open, is_open = line.before in OPEN_STATUSES, line.after in OPEN_STATUSES
            if was_open != is_open:
                latest = max(latest, line.day)
                did = "ended" if was_open else "reopened" if line.before else "opened"
                yield life.case.reference, did, latest, line.typed
            elif line.after == Status.WAITING_COOPERATIVE != line.before:
                yield life.case.reference, "round", line.day, line.typed


def open_by_hand(lives: list[Life], day: date, moment: datetime | None) -> int:
    """How many cases lay open at the end of a day, as known just before a moment."""
    spells = [spell for life in lives for spell in spells_of(life, moment)]
    return sum(spell.began <= day and (spell.ended is None or spell.ended > day) for spell in spells)


def random_lives(dice: random.Random) -> list[tuple]:
    """Lives as ``tests.case_lives`` has them."""
    return [
        (
            dice.randrange(5),
            dice.choice(("ocop", "loan", "tax")),
            dice.randrange(140),
            dice.choice((0, 0, 3, 20, 45)),
            [(dice.randrange(10), dice.randrange(50), dice.randrange(20)) for _ in range(dice.randint(1, 9))],
        )
        for _ in range(9)
    ]


@pytest.mark.parametrize(("seed", "calendar"), [(1, MONTH), (2, ADMINISTRATIVE)])
def test_months_closed_in_turn_join_and_every_late_act_is_named_once_in_the_next(seed, calendar, manager):
    dice = random.Random(seed)
    office = Office()
    office.live(random_lives(dice))
    periods = [period(f"2024-{number:02d}", calendar) for number in range(dice.randint(1, 3), 9)]
    moments = []
    for one in periods:
        day = one.end + timedelta(days=dice.randint(1, 25))
        moments.append(datetime.combine(day, time(dice.randrange(24)), HERE))
        close_period(one, by=manager, today=TODAY, now=moments[-1])
    closings = list(Closing.objects.order_by("first"))
    known = list(acts_by_hand(office.lives))
    named_in_all = 0
    for (one, since), (following, until) in pairwise(zip(periods, moments, strict=True)):
        late = sorted(act for act in known if act[2] <= one.end and since <= act[3] < until)
        kept = closings[periods.index(following)].figures
        named = sorted((facts[1], facts[0], facts[5]) for facts in kept["adjustments"]["case"].values())
        assert named == sorted((reference, did, day.isoformat()) for reference, did, day, _typed in late)
        signs = {"opened": 1, "reopened": 1, "ended": -1, "round": 0}
        adjustment = sum(signs[did] for _reference, did, _day, _typed in late)
        sent = closings[periods.index(one)].figures["flow"]["total"].get("", [0] * 12)[9]
        carried_in = kept["flow"]["total"].get("", [0])[0]
        assert (sent, carried_in) == (
            open_by_hand(office.lives, one.end, since), open_by_hand(office.lives, one.end, until),
        )  # fmt: skip
        assert sent + adjustment == carried_in
        shown = answer(FLOW, following, frame="2022", today=TODAY)
        rows = {row.code: row.cells[0].value for row in shown.table("totals").rows}
        assert (rows["sent"], rows["adjustment"], rows["carried_in"]) == (sent, adjustment, carried_in)
        for table in ("joined_topic", "joined_district"):
            *lines, total = [[cell.value for cell in row.cells] for row in shown.table(table).rows]
            assert total == [sent, adjustment, carried_in]
            assert [sum(line[at] for line in lines) for at in range(3)] == total
        named_in_all += len(late)
    assert named_in_all > 5
    assert verify_closing(closings[-1]).holds
