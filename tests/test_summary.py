"""The leaders' one page: every measure equals its own report, beside other times, plan and estimate."""

import random
from datetime import date, timedelta

import pytest
from django.utils import timezone

from support_cases.models import Measure, PeriodEstimate, YearlyTarget
from support_cases.reports.answers import answer
from support_cases.reports.flow import FLOW
from support_cases.reports.kinds import Scope
from support_cases.reports.measures import TIMES, times_of
from support_cases.reports.outcomes import OUTCOMES
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Month, Period
from support_cases.reports.served import SERVED
from support_cases.reports.summary import SUMMARY
from support_cases.reports.tables import ROWS
from support_cases.workflow import take_step
from tests.factories import make_case, make_consultation, make_cooperative, make_user
from tests.test_outcomes import at, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2026, 11, 28)
#: Where each measure is counted besides: report, table, line, column.
ELSEWHERE = {
    Measure.CONSULTATIONS: (SERVED, "totals", "consultations", "now"),
    Measure.COOPERATIVES: (SERVED, "totals", "cooperatives", "now"),
    Measure.FIRST_TIME: (SERVED, "totals", "first_time", "now"),
    Measure.CASES_FINISHED: (FLOW, "totals", "finished", "cases"),
    Measure.COOPERATIVES_FOUNDED: (OUTCOMES, "registrations", "founded", "times"),
    Measure.LOANS_APPROVED: (OUTCOMES, "loans", "total", "granted"),
    Measure.DISBURSED: (OUTCOMES, "loans", "total", "paid_money"),
    Measure.STARS_WON: (OUTCOMES, "stars", "total", "won"),
    Measure.TERMS_RENEWED: (OUTCOMES, "terms", "renewed", "cooperatives"),
    Measure.PLACEMENTS: (OUTCOMES, "placements", "total", "people"),
}


def page(period: Period, *, today: date = TODAY, as_of: date | None = None):
    """The summary of a period."""
    return answer(SUMMARY, period, frame="2022", today=today, as_of=as_of)


def value(period: Period, measure: str, column: str, **how):
    """One value of the summary."""
    table = "money" if measure == Measure.DISBURSED else "measures"
    return page(period, **how).table(table).value(str(measure), column)


@pytest.fixture
def world():
    """Random rows of the register, and two dozen entries and cases of four more cooperatives."""
    world, officer = make_world(7), make_user()
    chance, served = random.Random(7), [make_cooperative() for _ in range(4)]
    for _ in range(24):
        held = world.day()
        make_consultation(chance.choice(served), by=officer, today=TODAY, held_on=held)
    for _ in range(8):
        opened = world.day()
        case = make_case(
            chance.choice(served), by=officer, today=TODAY, opened_on=opened, due_on=opened + timedelta(20)
        )
        case = take_step(case, "start", by=officer, today=TODAY, note="", effective_on=opened)
        ended = opened + timedelta(chance.randint(1, 60))
        take_step(case, "complete_partly", by=officer, today=TODAY, note="Xong", effective_on=ended)
    return world


@pytest.mark.parametrize(
    "period",
    [
        Period.parse("2023-06", MONTH),
        Period.parse("2023-8M", ADMINISTRATIVE),
        Period.parse("2023-Q1", MONTH),
        Period.parse("2023", MONTH),
        Period.from_day_to_day(MONTH, date(2023, 2, 20), date(2023, 5, 3)),
    ],
    ids=str,
)
def test_every_measure_equals_its_own_report_in_every_time(world, period):
    summary = page(period)
    for time, other in times_of(period).items():
        reports = {kind.code: answer(kind, other, frame="2022", today=TODAY) for kind in (SERVED, FLOW, OUTCOMES)}
        for measure, (kind, table, row, column) in ELSEWHERE.items():
            own = "money" if measure == Measure.DISBURSED else "measures"
            counted = reports[kind.code].table(table).value(row, column)
            assert (measure, time, summary.table(own).value(measure, time)) == (measure, time, counted)


def test_every_figure_opens_into_what_it_counts(world):
    period = Period.parse("2023-8M", MONTH)
    scope = Scope(period, None, TODAY)
    opened = 0
    for table in page(period).tables:
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                if column.code not in TIMES:
                    assert cell.behind is None
                elif cell.behind == ROWS:
                    rows = SUMMARY.behind(scope, table.code, row.code, column.code).rows
                    assert table.code == "money" or rows.count() == cell.value
                    opened += 1
                else:
                    assert (cell.behind is None) == (cell.value == 0)
                    assert cell.value == 0 or cell.behind.period in (None, times_of(period)[column.code])
    assert opened > 10
    assert SUMMARY.behind(scope, "measures", "consultations", "now") is None
    assert SUMMARY.behind(scope, "measures", "founded", "change_previous") is None
    assert SUMMARY.behind(scope, "nothing", "founded", "now") is None


def test_nothing_to_compare_with_is_no_percent(db):
    period = Period.parse("2023-06", MONTH)
    make_consultation(held_on=date(2023, 6, 3), today=TODAY)
    YearlyTarget.objects.create(year=2023, measure=Measure.COOPERATIVES, value=0)
    changes = ("change_previous", "change_last_year", "change_cumulative", "target", "percent_of_target")
    assert [value(period, Measure.CONSULTATIONS, one) for one in changes] == [None] * 5
    assert [value(period, Measure.COOPERATIVES, one) for one in changes] == [None, None, None, 0, None]


def test_changes_and_the_plan_are_in_percent_of_what_they_are_compared_with(db):
    cooperative = make_cooperative()
    for held in (
        date(2022, 6, 1),
        date(2022, 6, 2),
        date(2023, 5, 1),
        date(2023, 6, 1),
        date(2023, 6, 2),
        date(2023, 6, 3),
    ):
        make_consultation(cooperative, held_on=held, today=TODAY)
    YearlyTarget.objects.create(year=2023, measure=Measure.CONSULTATIONS, value=8)
    YearlyTarget.objects.create(year=2022, measure=Measure.CONSULTATIONS, value=1)
    columns = [column.code for column in page(Period.parse("2023-06", MONTH)).table("measures").columns]
    found = [value(Period.parse("2023-06", MONTH), Measure.CONSULTATIONS, one) for one in columns]
    assert dict(zip(columns, found, strict=True)) == {
        "now": 3,
        "previous": 1,
        "change_previous": 200.0,
        "last_year": 2,
        "change_last_year": 50.0,
        "cumulative": 4,
        "cumulative_last_year": 2,
        "change_cumulative": 100.0,
        "target": 8,
        "percent_of_target": 50.0,
    }


def test_across_two_years_the_plan_is_that_of_the_year_it_ends_in(db):
    period = Period(MONTH, Month(2022, 11), Month(2023, 2))
    make_consultation(held_on=date(2023, 2, 1), today=TODAY)
    for year, number in ((2022, 2), (2023, 4)):
        YearlyTarget.objects.create(year=year, measure=Measure.CONSULTATIONS, value=number)
    reached = [value(period, Measure.CONSULTATIONS, one) for one in ("cumulative", "target", "percent_of_target")]
    assert reached == [1, 4, 25.0]


def test_a_running_period_says_so_and_is_not_compared_in_percent(db):
    period, cooperative = Period.parse("2023-06", MONTH), make_cooperative()
    for held in (date(2023, 5, 1), date(2023, 6, 1)):
        make_consultation(cooperative, held_on=held, today=date(2023, 6, 30))
    running, over = page(period, today=date(2023, 6, 30)), page(period, today=date(2023, 7, 1))
    assert "30/06/2023" in str(running.table("measures").note)
    assert running.table("measures").value("consultations", "change_previous") is None
    assert (over.table("measures").note, over.table("measures").value("consultations", "change_previous")) == ("", 0.0)


def test_the_last_day_of_a_period_is_over_in_what_was_known_at_its_end():
    last = date(2023, 6, 30)
    assert Scope(Period.parse("2023-06", MONTH), None, last).is_running
    assert not Scope(Period.parse("2023-06", MONTH), at(last), last).is_running


def test_an_estimate_stands_apart_and_changes_no_counted_figure(db):
    period, manager = Period.parse("2023-06", MONTH), make_user("manager")
    make_consultation(held_on=date(2023, 6, 1), today=TODAY)
    before = page(period).tables
    for measure, number in ((Measure.CONSULTATIONS, 10), (Measure.DISBURSED, 500)):
        PeriodEstimate.objects.create(
            calendar="month", first="2023-06", last="2023-06", measure=measure, value=number, entered_by=manager,
            entered_at=timezone.now(),
        )  # fmt: skip
    after = page(period)
    assert [table.code for table in after.tables] == ["measures", "money", "estimates", "estimates_money"]
    assert after.tables[:2] == before
    expected = after.table("estimates").rows[0]
    assert (expected.code, [cell.value for cell in expected.cells]) == ("consultations", [1, 10, 10.0, 0, None])
    assert after.table("estimates_money").value("disbursed", "estimate") == 500
    assert len(page(period, as_of=date(2023, 7, 1)).tables) == 2
    assert len(page(Period.parse("2023-06", ADMINISTRATIVE)).tables) == 2


def test_the_queries_do_not_grow_with_rows(world, django_assert_max_num_queries):
    with django_assert_max_num_queries(24):
        assert page(Period.parse("2023-8M", MONTH)).tables
