"""The tax calendar: every obligation of every period, against a slow walk; days off, decrees, who owes what."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from cooperatives.calendar import WorkCalendar
from cooperatives.models import DeadlineOverride, TaxObligation, TaxProfile
from cooperatives.tax_calendar import Filer, calendar_for, coming_days, due_of, periods, record_profile, tax_calendar
from tests.factories import make_cooperative, make_user
from tests.kept import put_register_reference
from tests.racing import at_once, of_kind

FIRST, LAST = date(2020, 1, 1), date(2027, 12, 31)
some_days = st.lists(st.integers(min_value=0, max_value=2900).map(lambda n: FIRST + timedelta(days=n)), max_size=80)


def obligation(frequency="quarter", **fields) -> TaxObligation:
    """A rule that is not stored, in force for ever unless told otherwise."""
    fields = {"code": "duty", "title_vi": "Nghĩa vụ", "edge": "end", "months": 1, "day": 0} | fields
    return TaxObligation(frequency=frequency, **{"valid_from": date(1990, 1, 1)} | fields)


def off(day: date, free: set[date]) -> bool:
    return day.isoweekday() > 5 or day in free


def slow_days(rule: TaxObligation, free: set[date], end_month: int = 12) -> dict[str, date]:
    """The day of every period by its name, walked month by month and day by day, from nothing of the code."""
    found = {}
    length = {"month": 1, "quarter": 3, "year": 12}[rule.frequency]
    months = [(year, month) for year in range(2016, 2030) for month in range(1, 13)]
    first_months = [m for m in months if (m[1] - 1) % length == 0] if length < 12 else []
    if length == 12:
        first_months = [m for m in months if m[1] == end_month % 12 + 1]
    for year, month in first_months:
        place = months.index((year, month))
        edge = place if rule.edge == "start" else place + length - 1
        if edge + rule.months >= len(months):
            continue
        due_year, due_month = months[edge + rule.months]
        last = monthrange(due_year, due_month)[1]
        day = date(due_year, due_month, min(rule.day or last, last))
        while off(day, free):
            day += timedelta(days=1)
        name = {"month": f"{year}-{month:02d}", "quarter": f"{year}-Q{(month + 2) // 3}", "year": f"{year}"}
        found[name[rule.frequency]] = day
    return found


@given(
    some_days,
    st.sampled_from(["month", "quarter", "year"]),
    st.sampled_from(["start", "end"]),
    st.integers(min_value=0, max_value=4),
    st.integers(min_value=0, max_value=31),
    st.integers(min_value=1, max_value=12),
)
def test_every_period_falls_on_the_day_a_slow_walk_finds(free, frequency, edge, months, day, end_month):
    rule = obligation(frequency, edge=edge, months=months, day=day, by_fiscal_year=frequency == "year")
    filer = Filer("monthly", True, True, end_month if frequency == "year" else 12)
    found = calendar_for(filer, [rule], [], FIRST, LAST, WorkCalendar(set(free)))
    slow = slow_days(rule, set(free), filer.fiscal_year_end_month)
    expected = sorted((due, label) for label, due in slow.items() if FIRST <= due <= LAST)
    assert [(one.due_on, one.period.label) for one in found] == expected


@pytest.mark.parametrize(
    ("frequency", "rule", "label", "expected"),
    [
        ("month", {"months": 1, "day": 20}, "2023-12", date(2024, 1, 22)),  # the 20th is a Saturday
        ("quarter", {"months": 1, "day": 0}, "2023-Q4", date(2024, 1, 31)),
        ("quarter", {"months": 1, "day": 0}, "2024-Q1", date(2024, 4, 30)),
        ("year", {"months": 3, "day": 0}, "2023", date(2024, 4, 1)),  # 31 March is a Sunday
        ("year", {"months": 2, "day": 0}, "2023", date(2024, 2, 29)),
        ("year", {"edge": "start", "months": 0, "day": 30}, "2023", date(2023, 1, 30)),
    ],
)
def test_known_days(frequency, rule, label, expected):
    (found,) = [
        due
        for due in calendar_for(
            Filer("monthly", True, False), [obligation(frequency, **rule)], [], FIRST, LAST, WorkCalendar()
        )
        if due.period.label == label
    ]
    assert found.due_on == expected


def test_a_year_that_ends_in_march_is_finalised_by_the_end_of_june():
    rule = obligation("year", months=3, by_fiscal_year=True)
    (found,) = calendar_for(
        Filer("none", None, None, 3), [rule], [], date(2024, 1, 1), date(2024, 12, 31), WorkCalendar()
    )
    assert (found.period.label, found.period.start, found.period.end, found.due_on) == (
        "2023", date(2023, 4, 1), date(2024, 3, 31), date(2024, 7, 1),
    )  # fmt: skip


def test_the_end_of_january_in_the_new_year_break_moves_past_it():
    free = {date(2025, 1, 25) + timedelta(days=n) for n in range(9)}
    (found,) = calendar_for(
        Filer("quarterly"), [obligation()], [], date(2025, 1, 1), date(2025, 3, 1), WorkCalendar(free)
    )
    assert (found.statutory_on, found.due_on) == (date(2025, 1, 31), date(2025, 2, 3))


# --- Rules over time, and who they are for ----------------------------------------------------------


def test_a_rule_counts_for_the_periods_whose_edge_lies_in_its_time():
    fee = obligation("year", edge="start", months=0, day=30, valid_from=date(2022, 1, 1), valid_to=date(2025, 12, 31))
    found = calendar_for(Filer(), [fee], [], FIRST, LAST, WorkCalendar())
    assert [due.period.label for due in found] == ["2022", "2023", "2024", "2025"]


@pytest.mark.parametrize(
    ("fields", "filer", "certain"),
    [
        ({"filers": "monthly"}, Filer("monthly"), True),
        ({"filers": "monthly"}, Filer("quarterly"), None),
        ({"filers": "monthly"}, Filer("none"), None),
        ({"filers": "monthly"}, Filer(), False),
        # Who declares no value added tax may still withhold income tax of wages, by month or by quarter.
        ({"filers": "monthly", "employers_only": True}, Filer("none", True), False),
        ({"filers": "quarterly", "employers_only": True}, Filer("none", None), False),
        ({"filers": "quarterly", "employers_only": True}, Filer("none", False), None),
        ({"filers": "monthly", "employers_only": True}, Filer("quarterly", True), None),
        ({"employers_only": True}, Filer(employs_people=True), True),
        ({"employers_only": True}, Filer(employs_people=False), None),
        ({"employers_only": True}, Filer(), False),
        ({"not_agriculture": True}, Filer(agriculture=True), None),
        ({"not_agriculture": True}, Filer(agriculture=False), True),
        ({"not_agriculture": True}, Filer(), False),
        ({"voluntary": True}, Filer("monthly", True, True), False),
        ({}, Filer(), True),
    ],
)
def test_what_is_not_known_of_a_cooperative_is_shown_as_uncertain_and_what_it_does_not_owe_is_left_out(
    fields, filer, certain
):
    found = calendar_for(filer, [obligation(**fields)], [], date(2024, 1, 1), date(2024, 3, 1), WorkCalendar())
    assert [due.certain for due in found] == ([] if certain is None else [certain])


@pytest.mark.parametrize(
    ("agriculture", "day", "certain"),
    [(True, date(2026, 11, 2), True), (False, date(2026, 7, 31), True), (None, date(2026, 7, 31), False)],
)
def test_a_decree_moves_one_period_of_those_it_is_for(agriculture, day, certain):
    moved = DeadlineOverride(
        obligation_code="duty", period="2026-Q2", new_date=date(2026, 11, 2), agriculture_only=True
    )
    found = calendar_for(
        Filer(agriculture=agriculture), [obligation()], [moved], date(2026, 5, 1), date(2026, 12, 31), WorkCalendar()
    )
    days = {due.period.label: (due.due_on, due.certain) for due in found}
    assert days == {"2026-Q2": (day, certain), "2026-Q3": (date(2026, 11, 2), True)}


# --- As shipped -------------------------------------------------------------------------------------


@pytest.fixture
def rules(db):
    """The reference files, as they are shipped."""
    put_register_reference()


@pytest.mark.parametrize("code", ["vat_return_month", "cit_provisional", "cit_finalisation", "pit_return_quarter"])
def test_every_period_from_2021_to_2027_has_each_shipped_obligation_once(rules, code):
    frequency = TaxObligation.objects.filter(code=code).first().frequency
    rows = list(TaxObligation.objects.filter(code=code))
    found = [
        due.period.label for due in calendar_for(Filer(), rows, [], date(2021, 1, 1), date(2030, 1, 1), WorkCalendar())
    ]
    expected = [period.label for period in periods(frequency, date(2021, 1, 1), date(2027, 12, 31))]
    assert [label for label in found if "2021" <= label[:4] <= "2027"] == expected


def test_shipped_rules_of_one_obligation_do_not_overlap(rules):
    for row in TaxObligation.objects.all():
        row.full_clean()


def test_the_decree_of_2026_moves_payments_and_not_returns(rules):
    cooperative = make_cooperative()
    record_profile(
        cooperative, {"vat_filing": "quarterly", "agriculture": True, "employs_people": False}, by=make_user()
    )
    found = tax_calendar(cooperative, date(2026, 7, 1), date(2026, 12, 31))
    assert {(due.obligation.code, due.period.label): due.due_on for due in found} == {
        ("vat_return_quarter", "2026-Q2"): date(2026, 7, 31),
        ("vat_return_quarter", "2026-Q3"): date(2026, 11, 2),
        ("vat_payment_quarter", "2026-Q2"): date(2026, 11, 2),
        ("vat_payment_quarter", "2026-Q3"): date(2026, 12, 30),
        ("cit_provisional", "2026-Q2"): date(2026, 11, 2),
        ("cit_provisional", "2026-Q3"): date(2026, 12, 30),
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"period": "2026"}, "period"),
        ({"period": "2026-Q5"}, "period"),
        ({"obligation_code": "none"}, "obligation_code"),
        ({"obligation_code": "per_occurrence"}, "period"),
        ({"request_by": date(2027, 1, 1)}, "request_by"),
    ],
)
def test_a_moved_day_that_cannot_be_right_is_refused_beside_its_field(rules, changes, field):
    row = DeadlineOverride(
        **{"obligation_code": "cit_provisional", "period": "2025-Q1", "new_date": date(2025, 6, 30)} | changes
    )
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert list(refused.value.message_dict) == [field]


def test_the_licence_fee_ended_with_2025(rules):
    cooperative = make_cooperative()
    found = tax_calendar(cooperative, date(2025, 1, 1), date(2026, 12, 31))
    assert [due.period.label for due in found if due.obligation.code == "licence_fee"] == ["2025"]


def test_no_table_of_the_calendar_holds_an_amount():
    for model in (TaxObligation, DeadlineOverride, TaxProfile):
        assert {field.get_internal_type() for field in model._meta.fields} & {
            "PositiveBigIntegerField", "DecimalField", "FloatField",
        } == set()  # fmt: skip


# --- One period, the whole register -----------------------------------------------------------------


def test_the_day_of_one_period_is_that_of_the_calendar(rules):
    filer = Filer("quarterly", True, True, 6)
    rows = list(TaxObligation.objects.exclude(frequency="occurrence"))
    calendar = calendar_for(filer, rows, DeadlineOverride.objects.all(), FIRST, LAST, WorkCalendar())
    for due in calendar[::7]:
        alone = due_of(due.obligation, due.period.label, filer)
        assert (alone.period, alone.statutory_on) == (due.period, due.statutory_on)
    occurrence = TaxObligation.objects.filter(frequency="occurrence").first()
    assert due_of(occurrence, "2024", filer) is None
    assert due_of(rows[0], "2024-13", filer) is None


def test_the_coming_days_count_every_working_cooperative_once_by_a_slow_count(rules, django_assert_num_queries):
    officer = make_user()
    rows = [make_cooperative() for _ in range(6)]
    make_cooperative(legal_status="dissolved")
    for place, filing in enumerate(("monthly", "quarterly", "none")):
        record_profile(rows[place], {"vat_filing": filing, "employs_people": bool(place)}, by=officer)
    first, last = date(2026, 10, 1), date(2026, 11, 30)
    slow: dict[tuple, int] = {}
    for row in rows:
        for due in tax_calendar(row, first, last):
            key = (due.obligation.code, due.period.label, due.due_on)
            slow[key] = slow.get(key, 0) + 1
    with django_assert_num_queries(4):
        found = coming_days(first, last)
    assert {(due.obligation.code, due.period.label, due.due_on): number for due, number in found} == slow
    assert [due.due_on for due, _number in found] == sorted(due.due_on for due, _number in found)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_two_people_who_write_the_first_profile_at_once_leave_one_with_both_facts():
    cooperative, officer = make_cooperative(), make_user()
    results = at_once(
        lambda: record_profile(cooperative, {"vat_filing": "monthly"}, by=officer),
        lambda: record_profile(cooperative, {"employs_people": True}, by=officer),
    )
    assert len(of_kind(results, TaxProfile)) == 2
    profile = TaxProfile.objects.get()
    assert (profile.vat_filing, profile.employs_people, profile.edited_by) == ("monthly", True, officer)
