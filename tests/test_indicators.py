"""The yearly indicators against a count in plain Python, what they say of nobody, and the rows behind them."""

import random
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.models import Cooperative, RegistrationChange, TaxProfile, YearFigures
from cooperatives.register import enter_cooperative
from support_cases.closing_checks import verify_closing
from support_cases.closings import close_period
from support_cases.models import KeptLists
from support_cases.reports.basis import basis_of
from support_cases.reports.coverage import COVERAGE
from support_cases.reports.indicators import INDICATORS
from support_cases.reports.kinds import Names, Scope
from support_cases.reports.opened import open_figure
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Period
from support_cases.reports.tables import ROWS, Shape
from tests.factories import make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2026, 11, 28)
ENDED = ("dissolved", "revoked_tax")
PLAIN = ("members", "workers", "managers", "managers_vocational", "managers_college")


def tables_of(scope: Scope) -> dict[str, dict[str, dict]]:
    """The values of the report: table → line → column."""
    tables = INDICATORS.lay_out(scope, INDICATORS.compute(scope), Names(), "2022")
    return {
        table.code: {row.code: dict(zip(table.column_codes, [cell.value for cell in row.cells], strict=True))
                     for row in table.rows}
        for table in tables
    }  # fmt: skip


def scope(name: str = "2024", *, calendar: str = MONTH, today: date = TODAY, moment: datetime | None = None) -> Scope:
    """The scope of a period."""
    return Scope(Period.parse(name, calendar), moment, today)


def make_world(chance: random.Random) -> tuple[list[Cooperative], list[YearFigures]]:
    """Eight cooperatives in every state, and what some of them reported of 2023 and 2024."""
    officer, rows = make_user(), []
    cooperatives = [
        make_cooperative(
            kind=chance.choice(["tht", "htx", "lhhtx"]),
            registered_on=date(chance.choice([2019, 2023, 2024, 2025]), 3, 1),
            legal_status=chance.choice(["active", "active", "active", "suspended", "dissolved", "not_at_address"]),
            actual_state=chance.choice(["operating", "operating", "sluggish", "stopped", "unreachable"]),
        )
        for _ in range(8)
    ]
    for one in cooperatives:
        agriculture = chance.choice([None, True, False])
        if chance.random() < 0.6:
            TaxProfile.objects.create(cooperative=one, agriculture=agriculture)
        for year in (2023, 2024):
            if chance.random() < 0.75:
                rows.append(_reported(chance, one, year, officer))
    return cooperatives, rows


def _reported(chance: random.Random, cooperative: Cooperative, year: int, officer) -> YearFigures:
    def maybe(least: int, most: int) -> int | None:
        return chance.choice([None, chance.randint(least, most), chance.randint(least, most)])

    return YearFigures.objects.create(
        cooperative=cooperative, year=year, members=maybe(0, 40), workers=maybe(0, 9), revenue=maybe(0, 10**15),
        profit=maybe(-(10**15), 10**15), worker_income=maybe(0, 10**9), managers=maybe(0, 9),
        managers_vocational=maybe(0, 4), managers_college=maybe(0, 4),
        rating=chance.choice(["", "good", "fair", "average", "weak"]), value_chain=chance.choice([None, True, False]),
        high_tech=chance.choice([None, True, False]), recorded_by=officer,
        recorded_at=datetime(2025, 1, 5, tzinfo=HERE),
    )  # fmt: skip


def by_hand(cooperatives, rows, year: int) -> dict[str, list]:
    """The figures of one year: value and how many told it; None where nobody did."""
    there = [one for one in cooperatives if one.registered_on.year <= year and one.legal_status not in ENDED]
    active = [o for o in there if o.legal_status == "active" and o.actual_state in ("operating", "sluggish")]
    found = {
        "total": [len(there)],
        **{f"kind_{kind}": [len([o for o in there if o.kind == kind])] for kind in ("tht", "htx", "lhhtx")},
        "active": [len(active)],
        "stopped": [len(there) - len(active)],
        "founded": [len([one for one in cooperatives if one.registered_on.year == year])],
        "ended": [0],
    }
    mine = [row for row in rows if row.year == year and row.cooperative in there]

    def told(values: list) -> list:
        known = [value for value in values if value is not None]
        return [sum(known) if known else None, len(known)]

    def flag(counts, tells=lambda row: True) -> list:
        asked = [row for row in mine if tells(row) and counts(row) is not None]
        return [len([row for row in asked if counts(row)]) if asked else None, len(asked)]

    def average(pairs: list) -> list:
        total, weight = sum(value for value, _w in pairs), sum(weight for _v, weight in pairs)
        return [(2 * total + weight) // (2 * weight) if weight else None, len(pairs)]

    farms = set(TaxProfile.objects.filter(agriculture=True).values_list("pk", flat=True))
    found |= {name: told([getattr(row, name) for row in mine]) for name in PLAIN}
    found |= {
        "good": flag(lambda row: row.rating == "good" if row.rating else None),
        "fair": flag(lambda row: row.rating == "fair" if row.rating else None),
        "value_chain": flag(lambda row: row.value_chain),
        "value_chain_agriculture": flag(lambda row: row.value_chain, lambda row: row.cooperative_id in farms),
        "high_tech": flag(lambda row: row.high_tech),
        "revenue": average([(row.revenue, 1) for row in mine if row.revenue is not None]),
        "profit": average([(row.profit, 1) for row in mine if row.profit is not None]),
        "worker_income": average(
            [
                (row.worker_income * row.workers, row.workers)
                for row in mine
                if row.worker_income is not None and row.workers
            ]
        ),
    }
    return found


@given(st.integers(0, 10**9), st.sampled_from([MONTH, ADMINISTRATIVE]), st.sampled_from(["2024", "2024-05"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12)
def test_both_years_are_those_of_a_count_by_hand_and_open_into_as_many_rows(db, seed, calendar, name):
    with transaction.atomic():
        cooperatives, rows = make_world(random.Random(seed))
        asked = scope(name, calendar=calendar)
        tables = tables_of(asked)
        for column, year in (("year", 2024), ("last_year", 2023)):
            expected = by_hand(cooperatives, rows, year)
            found = {}
            for table in tables.values():
                for code, line in table.items():
                    found[code] = [line[one] for one in (column, f"{column}_reported") if one in line]
            assert found == expected
        rows_behind_are_as_many(asked)
        transaction.set_rollback(True)


def rows_behind_are_as_many(asked: Scope) -> None:
    """Every figure that leads somewhere leads to as many rows as it says."""
    for table in INDICATORS.lay_out(asked, INDICATORS.compute(asked), Names(), "2022"):
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                if cell.behind is None:
                    assert not cell.value or column.shape in (Shape.MONEY, Shape.PERCENT)
                    continue
                assert cell.behind == ROWS
                found = INDICATORS.behind(asked, table.code, row.code, column.code)
                lines = [found.line(one) for one in found.rows]
                at = [one.code for one in found.columns].index(found.summed) if found.summed else None
                assert (row.code in PLAIN and not column.code.endswith("_reported")) == (at is not None)
                assert (len(lines) if at is None else sum(line[at] for line in lines)) == cell.value
                assert all(len(line) == len(found.columns) for line in lines)


def test_the_total_is_that_of_the_report_on_coverage(db):
    make_world(random.Random(3))
    for name in ("2024", "2023"):
        coverage = {
            one.code: one for one in COVERAGE.lay_out(scope(name), COVERAGE.compute(scope(name)), Names(), "2022")
        }
        assert tables_of(scope(name))["register"]["total"]["year"] == coverage["totals"].value(
            "registered", "cooperatives"
        )


def test_what_nobody_told_is_not_nought_and_has_no_change(db):
    make_cooperative()
    line = tables_of(scope())["averages"]["revenue"]
    assert line == {"year": None, "year_reported": 0, "last_year": None, "last_year_reported": 0, "change": None}


def test_a_cooperative_that_ended_in_the_year_is_counted_until_then(db):
    row = make_cooperative(registered_on=date(2020, 1, 1))
    Cooperative.objects.filter(pk=row.pk).update(created_at=datetime(2020, 1, 2, tzinfo=HERE))
    row.refresh_from_db()
    row.legal_status = "dissolved"
    enter_cooperative(row, today=TODAY)
    row.past_states.update(until=datetime(2024, 6, 3, 16, tzinfo=HERE))
    RegistrationChange.objects.create(
        cooperative=row, fact="legal_status", old="active", new="dissolved", changed_on=date(2024, 6, 3)
    )
    register = tables_of(scope())["register"]
    assert (register["total"]["last_year"], register["total"]["year"], register["ended"]["year"]) == (1, 0, 1)
    assert (register["active"]["last_year"], register["stopped"]["last_year"]) == (1, 0)


def test_income_of_many_weighs_more_than_income_of_few(db):
    officer = make_user()
    for workers, income in ((1, 100), (9, 50)):
        YearFigures.objects.create(
            cooperative=make_cooperative(), year=2024, workers=workers, worker_income=income, recorded_by=officer,
            recorded_at=datetime(2025, 1, 5, tzinfo=HERE),
        )  # fmt: skip
    assert tables_of(scope())["averages"]["worker_income"]["year"] == 55


def test_a_slip_of_the_keyboard_breaks_no_report(db):
    YearFigures.objects.create(
        cooperative=make_cooperative(), year=2024, workers=1_000_000, worker_income=10**15, recorded_by=make_user(),
        recorded_at=datetime(2025, 1, 5, tzinfo=HERE),
    )  # fmt: skip
    assert tables_of(scope())["averages"]["worker_income"]["year"] == 10**15


def test_what_was_reported_later_was_not_known_before(db):
    make_world(random.Random(5))
    Cooperative.objects.update(created_at=datetime(2019, 1, 2, tzinfo=HERE))
    before, after = (scope(moment=datetime(2025, 1, day, tzinfo=HERE)) for day in (5, 6))
    assert tables_of(before)["reported"]["members"]["year_reported"] == 0
    assert tables_of(after)["reported"]["members"]["year_reported"] > 0


def test_the_queries_do_not_grow_with_rows(db, django_assert_num_queries):
    make_world(random.Random(1))
    with django_assert_num_queries(6):
        tables_of(scope())


def test_a_cell_there_is_not_lists_nothing(db):
    for cell in (
        ("register", "total", "year_reported"),
        ("register", "nothing", "year"),
        ("nothing", "total", "year"),
        ("averages", "profit", "year"),
        ("averages", "revenue", "change"),
    ):
        assert INDICATORS.behind(scope(), *cell) is None


def test_a_closing_of_before_sums_opened_still_holds_and_opens_them_as_they_are_today(db):
    party = make_cooperative(registered_on=date(2019, 1, 1))
    officer = make_user()
    YearFigures.objects.create(
        cooperative=party, year=2024, members=7, managers=5, recorded_by=officer, recorded_at=timezone.now()
    )
    period = Period.parse("2024", MONTH)
    closing = close_period(period, by=make_user("manager"), today=TODAY)
    kept = KeptLists.objects.get(closing=closing, report="indicators")
    basis = basis_of(period, as_of=None, today=TODAY)
    codes = ("reported", "managers", "year")
    opened = open_figure(INDICATORS, basis, *codes)
    assert opened is not None
    assert (opened.total, "như khi chốt" in opened.note) == (5, True)
    del kept.content["sums"]
    kept.content["cells"] = {key: cell for key, cell in kept.content["cells"].items() if len(cell) == 2}
    kept.save()
    assert verify_closing(closing).differences == []
    YearFigures.objects.update(managers=6)
    opened = open_figure(INDICATORS, basis, *codes)
    assert opened is not None
    assert (opened.total, opened.closed, "không lưu khi chốt" in opened.note) == (6, 5, True)


@pytest.mark.parametrize(
    ("name", "heads"),
    [
        ("2024", ["Năm 2024", "Năm 2023"]),
        ("2024-Q3", ["Cả năm 2024", "Cả năm 2023"]),
        # Of the running year there is no whole one yet; the note says until which day.
        ("2025-Q1", ["Năm 2025", "Cả năm 2024"]),
    ],
)
def test_under_a_shorter_period_the_heads_say_that_years_are_whole(db, name, heads):
    asked = scope(name, today=date(2025, 4, 2))
    register = INDICATORS.lay_out(asked, INDICATORS.compute(asked), Names(), "2022")[0]
    assert [str(column.title) for column in register.columns][:2] == heads
