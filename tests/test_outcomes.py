"""The report "outcomes" against a count in plain Python over random rows, and the rows behind every figure."""

import random
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.choices import CongressKind, Kind, Lender
from cooperatives.models import (
    Branch,
    Congress,
    Cooperative,
    Disbursement,
    ListRevision,
    Loan,
    MonthlyConfirmation,
    OcopProduct,
    OcopRating,
    PastState,
    PaymentBatch,
    PaymentItem,
    Placement,
    RegisteredFact,
    RegistrationChange,
    Suspension,
    Term,
)
from cooperatives.register import enter_cooperative
from support_cases.closings import close_period
from support_cases.reports.answers import answer
from support_cases.reports.kinds import Scope
from support_cases.reports.outcomes import OUTCOMES
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Month, Period
from support_cases.reports.tables import ROWS, Shape
from tests.factories import make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2026, 11, 28)
PERIODS = [
    Period.parse("2023-8M", MONTH),
    Period.parse("2023", ADMINISTRATIVE),
    Period.parse("2023-06", MONTH),
    Period(MONTH, Month(2022, 11), Month(2023, 2)),
    Period.from_day_to_day(MONTH, date(2023, 3, 7), date(2023, 6, 20)),
]


def month_name(period: Period, day: date) -> str:
    """The month a day falls in."""
    return str(Month.containing(day, period.calendar))


def at(day: date) -> datetime:
    """Noon of a day."""
    return datetime.combine(day, time(12), HERE)


@dataclass
class World:
    """Random rows in the database, and the same again as they were written."""

    chance: random.Random
    cooperatives: list[Cooperative] = field(default_factory=list)
    loans: list[Loan] = field(default_factory=list)
    payments: list[Disbursement] = field(default_factory=list)
    ratings: list[OcopRating] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    meetings: list[Congress] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)
    confirmations: list[MonthlyConfirmation] = field(default_factory=list)
    items: list[PaymentItem] = field(default_factory=list)
    changes: list[RegistrationChange] = field(default_factory=list)
    revisions: list[ListRevision] = field(default_factory=list)

    def day(self) -> date:
        """A day of 2022–2024, often at an edge of a month of one calendar."""
        first = date(self.chance.choice([2022, 2023, 2023, 2024]), self.chance.randint(1, 12), 1)
        last = first.replace(day=monthrange(first.year, first.month)[1])
        return self.chance.choice([first, first.replace(day=14), first.replace(day=15), last, first + timedelta(9)])

    def owner(self) -> Cooperative:
        """Any cooperative."""
        return self.chance.choice(self.cooperatives)


def make_world(seed: int) -> World:
    """Twelve or so rows of each kind."""
    world = World(random.Random(seed))
    officer = make_user()
    for n in range(4):
        kind = world.chance.choice(Kind.values)
        world.cooperatives.append(make_cooperative(f"HTX {seed} {n}", kind=kind, registered_on=world.day()))
    _lend(world, officer)
    _rate(world)
    _govern(world)
    _place(world, officer)
    _register(world, officer)
    return world


def _lend(world: World, officer) -> None:
    chance = world.chance
    for _ in range(12):
        result = chance.choice(["pending", "approved", "partial", "refused", "withdrawn"])
        granted = {"approved": 100, "partial": chance.randint(1, 99)}.get(result, 0)
        submitted = world.day()
        decided = (
            submitted + timedelta(chance.choice([0, 1, 17, 40])) if result not in ("pending", "withdrawn") else None
        )
        loan = Loan.objects.create(
            cooperative=world.owner(), lender=chance.choice(Lender.values), requested=100, approved=granted,
            disbursed=0, result=result, refusal_reason="bad_debt" if result == "refused" else "",
            submitted_on=submitted, decided_on=chance.choice([decided, decided, None]),
        )  # fmt: skip
        world.loans.append(loan)
        for _payment in range(chance.randint(0, 3) if granted else 0):
            paid_on = world.day()
            row = Disbursement.objects.create(
                loan=loan, paid_on=paid_on, amount=chance.randint(1, 50), recorded_by=officer
            )
            row.recorded_at = at(paid_on + timedelta(chance.choice([0, 3, 60])))
            if chance.random() < 0.25:
                row.voided_at, row.voided_by, row.void_reason = row.recorded_at + timedelta(30), officer, "Sai"
            row.save()
            world.payments.append(row)


def _rate(world: World) -> None:
    for n in range(5):
        product = OcopProduct.objects.create(cooperative=world.owner(), name=f"Miến {n}", group="food", first_year=2020)
        for decided in {world.day() for _ in range(world.chance.randint(0, 3))}:
            world.ratings.append(
                OcopRating.objects.create(
                    product=product, criteria_version="148", level="province", score=60,
                    stars=world.chance.randint(1, 5), decided_on=decided,
                    valid_until=decided + timedelta(world.chance.choice([30, 180, 400])),
                )
            )  # fmt: skip


def _govern(world: World) -> None:
    for cooperative in world.cooperatives:
        for held in {world.day() for _ in range(3)}:
            world.meetings.append(
                Congress.objects.create(
                    cooperative=cooperative, kind=world.chance.choice(CongressKind.values), held_on=held,
                    quorum_met=world.chance.choice([True, None, False]),
                )
            )  # fmt: skip
        for body in ("board", "control"):
            starts = sorted({world.day() for _ in range(world.chance.randint(0, 3))})
            for n, started in enumerate(starts):
                ends = started + timedelta(world.chance.choice([60, 200, 400]))
                following = starts[n + 1] if n + 1 < len(starts) else None
                cut = following - timedelta(1) if following and following <= ends else None
                own = [one for one in world.meetings if one.cooperative_id == cooperative.pk]
                world.terms.append(
                    Term.objects.create(
                        cooperative=cooperative, body=body, started_on=started, ends_on=ends, ended_on=cut,
                        elected_by=world.chance.choice([None, world.chance.choice(own)]),
                    )
                )  # fmt: skip


def _place(world: World, officer) -> None:
    chance = world.chance
    decided = {world.day() for _ in range(3)}
    batches = [
        PaymentBatch.objects.create(
            number=f"QĐ {n}", decided_on=day, from_month=date(2022, 1, 1), to_month=date(2024, 12, 1),
            paid_on=chance.choice([None, day, day + timedelta(20)]), made_by=officer,
        )
        for n, day in enumerate(sorted(decided))
    ]  # fmt: skip
    for batch in batches:
        PaymentBatch.objects.filter(pk=batch.pk).update(made_at=at(batch.decided_on))
        batch.made_at = at(batch.decided_on)
    for n in range(8):
        # No two of one person begin on one day.
        started = date(2022, 1, 1) + timedelta(chance.randint(0, 130) * 8 + n)
        ends = started + timedelta(chance.choice([20, 90, 365]))
        left = chance.choice([None, None, started + timedelta(10)])
        placement = Placement.objects.create(
            cooperative=world.owner(), person_label=f"LĐ {chance.randint(1, 3)}", degree="college", job="accountant",
            started_on=started, ends_on=ends, left_on=left, leave_reason="other" if left else "",
        )  # fmt: skip
        world.placements.append(placement)
        for month in {world.day().replace(day=1) for _ in range(3)}:
            world.confirmations.append(
                MonthlyConfirmation.objects.create(
                    placement=placement, month=month, days_worked=chance.choice([0, 20]), standard_days=22,
                    confirmed_on=month, confirmed_by=officer,
                )
            )  # fmt: skip
            world.items.append(
                PaymentItem.objects.create(
                    batch=chance.choice(batches), placement=placement, month=month, amount=chance.randint(1, 9)
                )
            )


def _register(world: World, officer) -> None:
    states = ["active", "suspended", "dissolved", "revoked_tax"]
    for n in range(12):
        fact = world.chance.choice(["name", "address", "members", "legal_status", "legal_status"])
        changed = world.day()
        row = RegistrationChange.objects.create(
            cooperative=world.owner(), fact=fact, old=world.chance.choice(states), new=world.chance.choice(states),
            changed_on=changed, source=f"HS {n}",
        )  # fmt: skip
        row.recorded_at = at(changed + timedelta(world.chance.choice([0, 90])))
        row.save()
        world.changes.append(row)
        revision = ListRevision.objects.create(cooperative=world.owner(), changed_on=changed, recorded_by=officer)
        ListRevision.objects.filter(pk=revision.pk).update(recorded_at=row.recorded_at)
        revision.recorded_at = row.recorded_at
        world.revisions.append(revision)
        Branch.objects.create(cooperative=world.owner(), kind="branch", name="CN", opened_on=changed)
        Suspension.objects.create(cooperative=world.owner(), starts_on=changed, ends_on=changed + timedelta(30))


class ByHand:
    """The figures of one period counted row by row, without a database."""

    def __init__(self, world: World, scope: Scope):
        self.world, self.scope, self.period = world, scope, scope.period

    def inside(self, day: date | None) -> bool:
        return day is not None and self.period.start <= day <= self.period.end

    def knew(self, moment: datetime) -> bool:
        return self.scope.moment is None or moment < self.scope.moment

    def loans(self, keep) -> list[int]:
        """The figures of one line of the loans: ``keep`` says which loans and days belong to it."""
        asked = [one for one in self.world.loans if self.inside(one.submitted_on) and keep(one, one.submitted_on)]
        decided = [
            one
            for one in self.world.loans
            if one.result in ("approved", "partial", "refused")
            and self.inside(one.decided_on or one.submitted_on)
            and keep(one, one.decided_on or one.submitted_on)
        ]
        granted = [one for one in decided if one.result != "refused"]
        paid = [
            one
            for one in self.world.payments
            if self.inside(one.paid_on)
            and self.knew(one.recorded_at)
            and not (one.voided_at and self.knew(one.voided_at))
            and keep(one.loan, one.paid_on)
        ]
        return [
            len(asked),
            sum(one.requested for one in asked),
            len(granted),
            sum(one.approved for one in granted),
            len(decided) - len(granted),
            len({one.loan_id for one in paid}),
            sum(one.amount for one in paid),
        ]

    def current(self, day: date) -> list[OcopRating]:
        """The last decision on each product by a day."""
        last: dict[int, OcopRating] = {}
        for one in sorted(self.world.ratings, key=lambda one: one.decided_on):
            if one.decided_on <= day:
                last[one.product_id] = one
        return list(last.values())

    def stars(self, stars: tuple[int, ...]) -> list[int]:
        won = [one for one in self.current(self.period.end) if self.inside(one.decided_on) and one.stars in stars]
        lapsing = [one for one in self.world.ratings if self.inside(one.valid_until) and one.stars in stars]
        current = [one for one in self.current(self.scope.stand) if one.stars in stars]
        return [
            len(won),
            len({one.product.cooperative_id for one in won}),
            len(lapsing),
            len([one for one in lapsing if one in current]),
            len([one for one in current if one.valid_until >= self.scope.stand]),
        ]

    def terms(self) -> dict[str, list]:
        boards = [one for one in self.world.terms if one.body == "board"]

        def others(term: Term, by: date) -> list[Term]:
            return [one for one in boards if one.cooperative_id == term.cooperative_id and one.started_on <= by]

        lapsing = [one for one in boards if self.inside(one.ends_on) and one.ended_on is None]
        return {
            "renewed": [
                one
                for one in boards
                if self.inside(one.started_on)
                and not (one.elected_by and one.elected_by.kind == "founding")
                and (one.elected_by or others(one, one.started_on - timedelta(1)))
            ],
            "lapsing": lapsing,
            "not_renewed": [
                one
                for one in lapsing
                if not [after for after in others(one, self.scope.stand) if after.started_on > one.started_on]
            ],
            "yearly": [
                one
                for one in self.world.meetings
                if self.inside(one.held_on)
                and one.kind in ("annual", "term", "delegates")
                and one.quorum_met is not False
            ],
            **{
                f"held_{kind}": [one for one in self.world.meetings if self.inside(one.held_on) and one.kind == kind]
                for kind in CongressKind.values
            },
        }

    def placements(self, month: str | None) -> list[int]:
        part = self.period if month is None else self.period.part(Month.parse(month))
        until = min(part.end, self.scope.day)
        worked = [
            one
            for one in self.world.placements
            if one.started_on <= until
            and min(one.left_on or one.ends_on, one.ends_on) >= part.start
            and part.start <= until
        ]

        def sum_of(day: str) -> int:
            rows = [one for one in self.world.items if self.knew(one.batch.made_at)]
            days = [(getattr(one.batch, day), one.amount) for one in rows]
            return sum(amount for paid, amount in days if paid and part.start <= paid <= part.end)

        return [
            len([one for one in self.world.placements if part.start <= one.started_on <= part.end]),
            len({(one.cooperative_id, one.person_label) for one in worked}),
            len({one.cooperative_id for one in worked}),
            len([o for o in self.world.confirmations if part.start <= o.month <= part.end and o.days_worked]),
            sum_of("decided_on"),
            sum_of("paid_on"),
        ]

    def registrations(self) -> dict[str, list]:
        changes = [one for one in self.world.changes if self.inside(one.changed_on) and self.knew(one.recorded_at)]
        over = ("dissolved", "revoked_tax")
        status = [one for one in changes if one.fact == "legal_status"]
        founded = [
            one for one in self.world.cooperatives if self.inside(one.registered_on) and self.knew(one.created_at)
        ]
        return {
            "founded": founded,
            **{f"founded_{kind}": [one for one in founded if one.kind == kind] for kind in Kind.values},
            "ended": [one for one in status if one.new in over and one.old not in over],
            "lines": [o for o in self.world.revisions if self.inside(o.changed_on) and self.knew(o.recorded_at)],
            **{f"changed_{fact}": [one for one in changes if one.fact == fact] for fact in RegisteredFact.values},
        }


def figures_by(table) -> dict[str, list]:
    """The values of a table by the codes of its lines."""
    return {row.code: [cell.value for cell in row.cells] for row in table.rows}


def tables_of(scope: Scope) -> dict:
    """The tables of a scope by their codes, straight from the two functions of the kind."""
    return {table.code: table for table in OUTCOMES.lay_out(scope, OUTCOMES.compute(scope), None, "2022")}


SCOPES = st.builds(
    lambda period, day, known: Scope(period, at(day) if known else None, day),
    st.sampled_from(PERIODS),
    st.sampled_from([date(2023, 5, 20), date(2023, 9, 1), TODAY]),
    st.booleans(),
)


@given(st.integers(0, 10**9), SCOPES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_every_figure_is_that_of_a_count_by_hand_and_opens_into_as_many_rows(db, seed, scope):
    with transaction.atomic():
        world = make_world(seed)
        tables, by_hand = tables_of(scope), ByHand(world, scope)
        compare_loans(tables, by_hand)
        compare_the_rest(tables, by_hand)
        rows_behind_are_as_many(scope, tables)
        transaction.set_rollback(True)


def compare_loans(tables: dict, by_hand: ByHand) -> None:
    """Both tables of loans against the oracle."""
    period = by_hand.period
    lenders = figures_by(tables["loans"])
    assert lenders.pop("total") == by_hand.loans(lambda loan, day: True)
    assert lenders == {code: by_hand.loans(lambda loan, day, c=code: loan.lender == c) for code in Lender.values}
    months = figures_by(tables["loans_month"])
    assert months.pop("total") == by_hand.loans(lambda loan, day: True)
    assert months == {
        str(month): by_hand.loans(lambda loan, day, m=str(month): month_name(period, day) == m)
        for month in period.months()
    }


def compare_the_rest(tables: dict, by_hand: ByHand) -> None:
    """Stars, terms, placements and registrations against the oracle."""
    stars = figures_by(tables["stars"])
    assert stars.pop("total") == by_hand.stars((1, 2, 3, 4, 5))
    assert stars == {str(n): by_hand.stars((n,)) for n in (5, 4, 3, 2, 1)}
    assert figures_by(tables["terms"]) == {
        code: [len(rows), len({one.cooperative_id for one in rows})] for code, rows in by_hand.terms().items()
    }
    people = figures_by(tables["placements"])
    assert people.pop("total") == by_hand.placements(None)
    assert people == {str(month): by_hand.placements(str(month)) for month in by_hand.period.months()}
    registered = figures_by(tables["registrations"])
    for code, rows in by_hand.registrations().items():
        owners = {getattr(one, "cooperative_id", one.pk) for one in rows}
        assert (code, registered[code]) == (code, [len(rows), len(owners)])


def rows_behind_are_as_many(scope: Scope, tables: dict) -> None:
    """A count opens into as many rows, a sum of money into rows that add up to it, zero into nothing."""
    for table in tables.values():
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                assert cell.behind == (ROWS if cell.value else None)
                if not cell.value:
                    continue
                found = OUTCOMES.behind(scope, table.code, row.code, column.code)
                lines = [found.line(one) for one in found.rows]
                assert {len(line) for line in lines} == {len(found.columns)}
                if column.shape == Shape.COUNT:
                    assert len(lines) == cell.value
                elif not column.code.startswith("granted"):
                    money = [n for n, one in enumerate(found.columns) if one.shape == Shape.MONEY]
                    at_place = money[0] if column.code == "asked_money" else money[-1]
                    assert sum(line[at_place] for line in lines) == cell.value


def test_a_cell_there_is_not_lists_nothing(db):
    scope = Scope(PERIODS[0], None, TODAY)
    assert OUTCOMES.behind(scope, "loans", "nobody", "asked") is None
    assert OUTCOMES.behind(scope, "loans", "vbsp", "nothing") is None
    assert OUTCOMES.behind(scope, "nothing", "vbsp", "asked") is None
    assert OUTCOMES.behind(scope, "terms", "renewed", "nothing") is None
    assert OUTCOMES.behind(scope, "loans_month", "2031-01", "asked") is None


def test_the_report_is_one_statement_however_many_rows_and_months(db, django_assert_num_queries):
    make_world(1)
    for period in (PERIODS[2], Period(MONTH, Month(2015, 1), Month(2024, 12))):
        with django_assert_num_queries(1):
            tables_of(Scope(period, None, TODAY))


def test_a_loan_paid_in_two_months_is_one_loan_of_the_year(db):
    officer, loan = make_user(), Loan(lender="vbsp", requested=90, approved=90, result="approved")
    loan.cooperative, loan.submitted_on = make_cooperative(), date(2023, 2, 1)
    loan.save()
    for paid_on in (date(2023, 3, 1), date(2023, 4, 1), date(2023, 4, 20)):
        Disbursement.objects.create(loan=loan, paid_on=paid_on, amount=30, recorded_by=officer)
    table = tables_of(Scope(Period.parse("2023", MONTH), None, TODAY))["loans_month"]
    assert [table.value(row, "paid") for row in ("2023-03", "2023-04", "total")] == [1, 1, 1]
    assert [table.value(row, "paid_money") for row in ("2023-03", "2023-04", "total")] == [30, 60, 90]


def test_day_and_kind_put_right_later_do_not_change_what_was_founded_as_known_before(db):
    june, day = Period.parse("2023-06", MONTH), date(2023, 6, 10)
    for change in ({"registered_on": date(2023, 5, 10)}, {"kind": "tht"}):
        row = make_cooperative(kind="htx", registered_on=day)
        for fact, new in change.items():
            setattr(row, fact, new)
        enter_cooperative(row, today=TODAY)
    Cooperative.objects.update(created_at=at(date(2023, 6, 12)))
    assert PastState.objects.update(until=at(date(2023, 7, 5))) == 2
    found = []
    for moment in (at(date(2023, 6, 11)), at(date(2023, 7, 4)), at(date(2023, 7, 6)), None):
        table = tables_of(Scope(june, moment, TODAY))["registrations"]
        found.append(tuple(table.value(row, "times") for row in ("founded", "founded_htx", "founded_tht")))
    assert found == [(0, 0, 0), (2, 2, 0), (1, 0, 1), (1, 0, 1)]


def test_a_closed_period_keeps_its_outcomes_whatever_is_decided_later(db):
    period, cooperative = Period.parse("2023-06", MONTH), make_cooperative()
    loan = Loan.objects.create(cooperative=cooperative, lender="vbsp", requested=9, submitted_on=date(2023, 6, 2))
    close_period(period, by=make_user(), today=TODAY)
    Loan.objects.filter(pk=loan.pk).update(result="approved", approved=9, decided_on=date(2023, 6, 5))
    kept = answer(OUTCOMES, period, frame="2022", today=TODAY)
    assert (kept.table("loans").value("vbsp", "asked"), kept.table("loans").value("vbsp", "granted")) == (1, 0)
    assert tables_of(Scope(period, None, TODAY))["loans"].value("vbsp", "granted") == 1
