"""Obligations of cooperatives: against a slow count row by row, page by page, in both orders."""

import random
from datetime import date, timedelta

import pytest

from cooperatives.choices import ENDED_STATUSES, CharterReview, Kind, LegalStatus, ObligationKind, ObligationState
from cooperatives.governance.duties import DUTIES
from cooperatives.governance.duty import Scene
from cooperatives.governance.obligations import ObligationList, obligations_of
from cooperatives.models import AnnualUpdate, Congress, Cooperative, Holiday, LegalRule, Term
from tests.factories import make_commune, make_cooperative
from tests.law import load_rules

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2026, 11, 28)
PLACES = {kind: place for place, kind in enumerate(ObligationKind)}
NAMES = [f"Hợp tác xã Số {number:02d}" for number in range(40)]


@pytest.fixture
def law():
    """The reference rules and holidays."""
    load_rules()


# --- The oracle: the law said once more, as a clerk would work it out --------------------------------------


def months_on(day: date, months: int) -> date:
    """The day of the same number so many months on, the last of the month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError


def worked(day: date, off: set[date]) -> date:
    """The first day from ``day`` on that is neither a weekend nor a day off."""
    while day.isoweekday() > 5 or day in off:
        day += timedelta(days=1)
    return day


def year_ends(month: int) -> list[date]:
    """The last days of the financial years that end in this month."""
    return [date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1) for year in range(2000, 2035)]


def expected_of(row: Cooperative, today: date, off: set[date]) -> dict[ObligationKind, date | None]:
    """What one cooperative owes and by when."""
    found: dict[ObligationKind, date | None] = {}
    if row.legal_status in ENDED_STATUSES:
        return found
    if year := nearest_update(row, today):
        found[ObligationKind.ANNUAL_UPDATE] = date(year, 12, 15)
    if row.kind == Kind.THT:
        return found
    last_of_body: dict[str, Term] = {}
    for term in sorted(row.terms.all(), key=lambda term: term.started_on):
        last_of_body[term.body] = term
    found[ObligationKind.TERM_END] = min((term.ends_on for term in last_of_body.values()), default=None)
    held = [
        c.held_on
        for c in row.congresses.all()
        if c.kind in ("annual", "term", "delegates") and c.quorum_met is not False and c.held_on <= today
    ]
    found[ObligationKind.ANNUAL_CONGRESS] = annual(row, held, today, off)
    if today >= date(2024, 7, 1):
        found[ObligationKind.REVOCATION] = months_on(max(held), 18) if held else None
        old = row.registered_on is None or row.registered_on < date(2024, 7, 1)
        if old and row.charter_review in ("not_reviewed", "must_amend"):
            found[ObligationKind.CHARTER_REVIEW] = date(2026, 1, 1)
    if row.registered_on and date(2024, 7, 1) <= row.registered_on <= today and row.capital_paid_on is None:
        paid_by = worked(months_on(row.registered_on, 6), off)
        found[ObligationKind.CAPITAL] = paid_by
        if paid_by < today:
            found[ObligationKind.CAPITAL_AGAIN] = worked(paid_by + timedelta(days=30), off)
    return found


def annual(row: Cooperative, held: list[date], today: date, off: set[date]) -> date:
    """The end of the year not met for yet and the months the law of that day gave."""
    ends = year_ends(row.fiscal_year_end_month)
    past, coming = max(end for end in ends if end <= today), min(end for end in ends if end > today)
    done = any(day > past for day in held) or (row.registered_on is not None and row.registered_on > past)
    end = coming if done else past
    return worked(months_on(end, 4 if end >= date(2024, 7, 1) else 3), off)


def nearest_update(row: Cooperative, today: date) -> int | None:
    """The year of the update to be sent next: last year's for half a year, where it was owed and not sent."""
    sent = {update.year for update in row.annual_updates.all()}
    due = [date(year, 12, 15) for year in range(2024, today.year + 3)]
    past, coming = [day for day in due if day < today], [day for day in due if day >= today][:2]
    near = [past[-1]] if past and today - past[-1] < coming[0] - today else []
    owed = [
        day.year
        for day in near + coming
        if day.year not in sent and (row.registered_on is None or row.registered_on < day)
    ]
    return owed[0] if owed else None


# --- A made-up register ------------------------------------------------------------------------------------


def fill_register(chance: random.Random, today: date) -> None:
    """Forty cooperatives with terms, congresses and updates in all combinations, some of them on one day."""
    rows = [make_cooperative(name) for name in NAMES]
    days = [today + timedelta(days=chance.randrange(-1500, 1500)) for _ in range(25)]
    for row in rows:
        row.kind = chance.choice(Kind.values)
        row.legal_status = chance.choice([LegalStatus.ACTIVE, LegalStatus.ACTIVE, *LegalStatus.values])
        row.registered_on = chance.choice([None, *(day for day in days if day <= today)])
        row.charter_review = chance.choice(CharterReview.values)
        row.fiscal_year_end_month = chance.choice([12, 12, 12, chance.randrange(1, 13)])
        row.capital_paid_on = chance.choice([None, None, today])
        row.save()
        for body in ("board", "control")[: chance.randrange(3)]:
            for started in chance.sample(days, chance.randrange(1, 3)):
                Term.objects.create(cooperative=row, body=body, started_on=started - timedelta(1000), ends_on=started)
        for held in chance.sample(days, chance.randrange(4)):
            Congress.objects.create(
                cooperative=row,
                kind=chance.choice(["annual", "term", "delegates", "extraordinary", "founding"]),
                held_on=held,
                quorum_met=chance.choice([None, True, False]),
            )
        for year in chance.sample([2024, 2025, 2026, 2027], chance.randrange(3)):
            AnnualUpdate.objects.create(cooperative=row, year=year, filed_on=today)


def everything_expected(today: date) -> list[tuple]:
    """``(unknown, due, place, name)`` of every obligation, in the order of the list."""
    off = set(Holiday.objects.values_list("day", flat=True))
    return sorted(
        (due is None, due or date.max, PLACES[kind], row.name)
        for row in Cooperative.objects.all()
        for kind, due in expected_of(row, today, off).items()
    )


def as_tuple(one) -> tuple:
    """The same of a row of the list."""
    return (one.due_on is None, one.due_on or date.max, PLACES[one.kind], one.cooperative.name)


def by_day(rows: list[tuple]) -> list[tuple]:
    """Rows without the fine order among those due on one day, which several days to count from may share."""
    return sorted(rows)


@pytest.mark.parametrize(
    "today", [TODAY, date(2024, 6, 30), date(2024, 12, 31), date(2025, 2, 28), date(2026, 6, 16), date(2028, 2, 29)]
)
@pytest.mark.parametrize("seed", range(3))
def test_the_list_is_what_a_clerk_works_out_row_by_row(law, today, seed):
    fill_register(random.Random(seed), today)
    expected = everything_expected(today)
    found = ObligationList(Cooperative.objects.all(), Scene.on(today))
    rows = found[0 : len(found)]
    assert by_day([as_tuple(row) for row in rows]) == expected
    assert [as_tuple(row)[:3] for row in rows] == [row[:3] for row in expected]
    paged = [row for start in range(0, len(found), 7) for row in found[start : start + 7]]
    assert [as_tuple(row) for row in paged] == [as_tuple(row) for row in rows]
    backwards = ObligationList(Cooperative.objects.all(), Scene.on(today), descending=True)
    turned = backwards[0 : len(backwards)]
    assert [as_tuple(row)[:2] for row in turned] == sorted(
        (row[:2] for row in expected), key=lambda row: (row[0], -row[1].toordinal())
    )
    assert by_day([as_tuple(row) for row in turned]) == expected


@pytest.mark.parametrize("seed", range(3))
def test_filters_leave_exactly_what_they_say(law, seed):
    fill_register(random.Random(seed), TODAY)
    scene = Scene.on(TODAY)
    everything = ObligationList(Cooperative.objects.all(), scene)
    rows = everything[0 : len(everything)]
    for kind in ObligationKind:
        for state in ["", *ObligationState]:
            for within in (None, -1, 0, 90):
                found = ObligationList(Cooperative.objects.all(), scene, kind=kind, state=state, within=within)
                kept = [
                    row
                    for row in rows
                    if row.kind == kind
                    and (not state or row.state == state)
                    and (within is None or (row.due_on and row.due_on <= TODAY + timedelta(days=within)))
                ]
                assert by_day([as_tuple(row) for row in found[0 : len(found)]]) == [as_tuple(r) for r in kept]
    totals = {kind: sum(states.values()) for kind, states in everything.totals().items()}
    assert totals == {kind: n for kind in ObligationKind if (n := sum(row.kind == kind for row in rows))}


def test_queries_do_not_grow_with_cooperatives(law, django_assert_num_queries):
    make_cooperative()
    # Two for the law, one count for each duty, one for each duty on the page, one for the cooperatives.
    with django_assert_num_queries(2 + len(DUTIES) + 5 + 1):
        found = ObligationList(Cooperative.objects.all(), Scene.on(TODAY))
        assert len(found[0:25]) == 5
    for _ in range(9):
        make_cooperative()
    with django_assert_num_queries(2 + len(DUTIES) + 5 + 1):
        found = ObligationList(Cooperative.objects.all(), Scene.on(TODAY))
        assert len(found[0:60]) == 50


# --- Single sentences --------------------------------------------------------------------------------------


def owed(row: Cooperative, kind: ObligationKind, today: date = TODAY):
    """The one obligation of this kind, or None."""
    return next((one for one in obligations_of(row, today) if one.kind == kind), None)


def test_both_days_are_shown_where_the_four_months_end_on_a_holiday(law):
    row = make_cooperative()
    one = owed(row, ObligationKind.ANNUAL_CONGRESS, date(2026, 3, 1))
    assert (one.anchor_on, one.ends_on, one.due_on) == (date(2025, 12, 31), date(2026, 4, 30), date(2026, 5, 4))
    assert one.arithmetic == (
        "Năm tài chính kết thúc ngày 31/12/2025, phải họp trong 4 tháng. "
        "Hạn theo lịch 30/04/2026 là ngày nghỉ nên được làm đến hết ngày 04/05/2026."
    )
    assert (one.source, one.confidence) == ("Luật số 17/2023/QH15, Điều 56–70", "C")


def test_the_year_that_ended_under_the_old_law_has_three_months(law):
    row = make_cooperative()
    assert owed(row, ObligationKind.ANNUAL_CONGRESS, date(2024, 12, 1)).due_on == date(2024, 4, 1)


def test_an_annual_meeting_held_after_the_year_ended_settles_that_year(law):
    row = make_cooperative()
    Congress.objects.create(cooperative=row, kind="annual", held_on=date(2026, 4, 2))
    assert owed(row, ObligationKind.ANNUAL_CONGRESS).anchor_on == date(2026, 12, 31)


@pytest.mark.parametrize("change", [{"kind": "extraordinary"}, {"quorum_met": False}])
def test_a_meeting_that_is_no_yearly_one_or_lacked_a_quorum_settles_nothing(law, change):
    row = make_cooperative()
    Congress.objects.create(cooperative=row, **{"kind": "annual", "held_on": date(2026, 4, 2)} | change)
    assert owed(row, ObligationKind.ANNUAL_CONGRESS).state == ObligationState.LATE
    assert owed(row, ObligationKind.REVOCATION).arithmetic == "Chưa ghi đại hội nào."


def test_eighteen_months_after_31_august_end_on_the_last_of_february(law):
    row = make_cooperative()
    Congress.objects.create(cooperative=row, kind="term", held_on=date(2026, 8, 31))
    one = owed(row, ObligationKind.REVOCATION)
    assert (one.due_on, one.days_left, one.state) == (date(2028, 2, 29), 458, ObligationState.OK)


def test_nothing_is_invented_without_rules():
    row = make_cooperative()
    assert [(one.kind, one.state) for one in obligations_of(row, TODAY)] == [
        (ObligationKind.TERM_END, ObligationState.UNKNOWN)
    ]


def test_the_charter_is_settled_once_reviewed(law):
    row = make_cooperative(charter_review="must_amend")
    assert owed(row, ObligationKind.CHARTER_REVIEW).state == ObligationState.LATE
    Cooperative.objects.update(charter_review="amended")
    assert owed(row, ObligationKind.CHARTER_REVIEW) is None


def test_the_nearness_is_the_offices_own(law):
    row = make_cooperative(registered_on=date(2026, 11, 1), commune=make_commune())
    Term.objects.create(cooperative=row, started_on=date(2022, 1, 1), ends_on=TODAY + timedelta(days=61))
    assert owed(row, ObligationKind.TERM_END).state == ObligationState.OK
    LegalRule.objects.filter(key="obligations.soon_days").update(value="61")
    assert owed(row, ObligationKind.TERM_END).state == ObligationState.SOON
