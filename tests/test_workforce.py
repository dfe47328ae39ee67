"""The human-resource support: what a month is worth, which months count, who may be placed, who confirms."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.models import (
    AdminUnit,
    ApprovedSupport,
    Cooperative,
    LegalRule,
    MonthlyConfirmation,
    PaymentBatch,
    PaymentItem,
    Placement,
)
from cooperatives.reference import add_missing
from cooperatives.workforce.acts import confirm_month, enter_approved, enter_placement
from cooperatives.workforce.limits import placement_warnings
from cooperatives.workforce.months import Tally, counted_months, last_day, tally_of
from cooperatives.workforce.rules import SupportRules
from cooperatives.workforce.support import support_at, support_for_month
from cooperatives.workforce.table import MonthState, month_lines
from tests.factories import load_reference_units, make_commune, make_cooperative, make_user
from tests.racing import at_once, of_kind

TODAY = date(2026, 11, 28)
JUNE, JULY = date(2024, 6, 1), date(2024, 7, 1)


@pytest.fixture
def rules(db) -> SupportRules:
    """The rules as they are shipped."""
    add_missing(settings.FIXTURES_DIR / "reference" / "legal_rules.csv", LegalRule, ("key", "valid_from"))
    return SupportRules.load()


def make_placement(cooperative=None, **fields) -> Placement:
    """A placement of an accountant with a college degree, from 01/01/2023 to 31/12/2024, entered by the act."""
    fields = {
        "person_label": "Lao động 01",
        "degree": "college",
        "job": "accountant",
        "started_on": date(2023, 1, 1),
        "ends_on": date(2024, 12, 31),
    } | fields
    return enter_placement(Placement(cooperative=cooperative or make_cooperative(), **fields))


def confirm(placement, month, worked="22", standard="26", *, by=None, today=TODAY):
    """Confirm one month."""
    by = by or make_user()
    days = {"days_worked": Decimal(worked), "standard_days": Decimal(standard)}
    return confirm_month(placement, month, **days, by=by, today=today)


def refusal(act) -> dict[str, list[str]]:
    """What an act refuses, by field."""
    with pytest.raises(InvalidEntry) as refused:
        act()
    return {name: [str(words) for words in said] for name, said in refused.value.problems.items()}


# --- What a month is worth -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month", "amount"),
    [
        (date(2022, 6, 1), 4_605_000),
        (date(2022, 7, 1), 4_875_000),
        (JUNE, 4_875_000),
        (JULY, 5_175_000),
        (date(2025, 12, 1), 5_175_000),
        (date(2026, 1, 1), 5_550_000),
    ],
)
def test_a_month_in_a_district_takes_the_wage_of_region_four_of_that_month(rules, month, amount):
    support = support_for_month(
        make_placement(ends_on=date(2026, 12, 31), started_on=date(2022, 1, 1), exception_note="x"), month, rules
    )
    assert (support.amount, support.coefficient, support.region.number) == (amount, Decimal("1.5"), 4)
    assert support.wage * Fraction(3, 2) == amount


@pytest.mark.parametrize(("month", "amount"), [(JUNE, 5_460_000), (JULY, 5_790_000), (date(2026, 1, 1), 6_210_000)])
def test_the_town_is_of_region_three(rules, month, amount):
    town = make_commune("Sông Cầu", code="01837", district="Bắc Kạn", district_code="058")
    assert support_at(make_cooperative(commune=town), month, rules).amount == amount


def test_the_sum_is_said_with_its_inputs_and_its_rules(rules):
    support = support_for_month(make_placement(), JULY, rules)
    assert str(support.basis) == "1,5 × 3.450.000 đ (lương tối thiểu vùng 4) = 5.175.000 đ."
    assert support.rule_ids == "hr.coefficient@2022-02-14; rmw.region_4@2024-07-01; area_region.061@2020-01-01"
    assert support.source == "Thông tư 124/2021/TT-BTC; Nghị định 74/2024/NĐ-CP"
    assert not support.provisional


def test_the_amount_of_the_decision_counts_where_it_is_the_greater(rules):
    cooperative = make_cooperative()
    for granted, amount in ((5_000_000, 5_175_000), (6_000_000, 6_000_000)):
        support = support_at(cooperative, JULY, rules, granted)
        assert (support.policy_amount, support.amount) == (granted, amount)
    assert str(support_at(cooperative, JULY, rules, 6_000_000).basis) == (
        "Mức cao hơn giữa 6.000.000 đ (theo quyết định) và 1,5 × 3.450.000 đ (lương tối thiểu vùng 4) = 5.175.000 đ."
    )


def test_a_rate_of_the_province_is_a_dated_rule_and_a_decision_of_its_own_goes_before_it(rules):
    LegalRule.objects.create(key="hr.policy_amount", value="5500000", unit="dong_per_month", valid_from=JULY)
    fresh = SupportRules.load()
    cooperative = make_cooperative()
    assert [support_at(cooperative, month, fresh).amount for month in (JUNE, JULY)] == [4_875_000, 5_500_000]
    assert support_at(cooperative, JULY, fresh, 5_000_000).amount == 5_175_000


def test_before_any_rule_there_is_no_amount_and_the_words_say_what_is_missing(rules):
    support = support_at(make_cooperative(), date(2022, 2, 1), rules)
    assert support.amount is None
    assert str(support.basis) == "Chưa có quy định nào cho tháng này: cần vùng lương, lương tối thiểu và hệ số."


@pytest.mark.parametrize("value", ["9" * 100, "1.23456", "-3", "ba", "²"])
def test_a_mistyped_rule_makes_no_amount(rules, value):
    LegalRule.objects.filter(key="hr.coefficient").update(value=value)
    assert support_at(make_cooperative(), JULY, SupportRules.load()).amount is None


months = st.builds(date, st.integers(2018, 2030), st.integers(1, 12), st.just(1))
changes = st.dictionaries(months, st.integers(1, 9_999_999), max_size=6)


@given(months, changes, changes, st.dictionaries(months, st.integers(1, 5000), max_size=3), st.integers(1, 4))
def test_the_support_of_any_month_is_what_a_look_through_all_rows_gives(month, wages, policies, thousandths, region):
    """The oracle knows nothing of periods: the last row begun on or before the month's first day counts."""
    rows = [LegalRule(key="area_region.061", value=str(region), valid_from=date(1900, 1, 1))]
    rows += [LegalRule(key=f"rmw.region_{region}", value=str(wage), valid_from=day) for day, wage in wages.items()]
    rows += [LegalRule(key="hr.policy_amount", value=str(sum_), valid_from=day) for day, sum_ in policies.items()]
    rows += [
        LegalRule(key="hr.coefficient", value=f"{part // 1000}.{part % 1000:03}", valid_from=day)
        for day, part in thousandths.items()
    ]
    place = Cooperative(old_district=AdminUnit(code="061", valid_from=date(1900, 1, 1)))
    found = support_at(place, month, SupportRules.of(reversed(rows)))

    def last(table):
        begun = [day for day in table if day <= month]
        return table[max(begun)] if begun else None

    wage, policy, coefficient = last(wages), last(policies), last(thousandths)
    product = None if wage is None or coefficient is None else ceil(Fraction(coefficient * wage, 1000))
    assert (found.wage, found.policy_amount, found.by_wage) == (wage, policy, product)
    assert found.amount == max((one for one in (policy, product) if one is not None), default=None)


# --- Regions across the merger ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "region"),
    [("01849", 3), ("01984", 3), ("01933", 4), ("02041", 4), ("01837", 3)],
)
def test_after_the_merger_the_highest_region_of_the_parts_counts_provisionally(rules, code, region):
    """Dương Quang (town) and Đôn Phong (district) became Phong Quang: both are of region three from 01/07/2025."""
    load_reference_units()
    commune = AdminUnit.objects.communes().get(code=code, parent__level="district")
    cooperative = make_cooperative(commune=commune)
    rules = SupportRules.load()
    before, after = (rules.region_of(cooperative, day) for day in (date(2025, 6, 30), date(2025, 7, 1)))
    assert before.number == (3 if commune.parent.code == "058" else 4)
    assert (before.provisional, after.number, after.provisional) == (False, region, True)


def test_a_row_for_the_new_commune_ends_the_provisional_answer(rules):
    cooperative = make_cooperative()
    code = cooperative.new_commune.code
    LegalRule.objects.create(key=f"area_region.{code}", value="3", unit="wage_region", valid_from=date(2025, 7, 1))
    fresh = SupportRules.load()
    found = fresh.region_of(cooperative, date(2025, 7, 1))
    assert (found.number, found.provisional) == (3, False)
    assert fresh.region_of(cooperative, date(2025, 6, 30)).number == 4


def test_the_provisional_answer_is_said_and_a_place_without_rules_has_no_region(rules):
    cooperative = make_cooperative()
    assert support_at(cooperative, date(2025, 7, 1), rules).provisional
    assert support_at(cooperative, date(2025, 7, 1), rules).amount == 5_175_000
    assert SupportRules.of([]).region_of(cooperative, JULY) is None


# --- Which months count ----------------------------------------------------------------------------------------

days = st.dates(date(2019, 1, 1), date(2027, 12, 31))


def contract(start: date, length: int, left_after: int | None = None) -> Placement:
    """An unsaved contract of so many days."""
    left = None if left_after is None else start + timedelta(days=min(left_after, length - 1))
    return Placement(started_on=start, ends_on=start + timedelta(days=length - 1), left_on=left)


def months_day_by_day(one: Placement, least: int) -> list[date]:
    """The oracle: every day of work drops a bean into the jar of its month."""
    jars = Counter()
    day = one.started_on
    while day <= one.ends_on and (one.left_on is None or day <= one.left_on):
        jars[day.year, day.month] += 1
        day += timedelta(days=1)
    return sorted(date(year, month, 1) for (year, month), beans in jars.items() if beans >= least)


@given(days, st.integers(1, 1500), st.none() | st.integers(0, 1500), st.integers(1, 31))
def test_the_months_that_count_are_those_with_enough_days(start, length, left_after, least):
    rules = SupportRules.of([LegalRule(key="hr.month_counts_from_days", value=str(least), valid_from=date(1990, 1, 1))])
    one = contract(start, length, left_after)
    assert counted_months(one, rules) == months_day_by_day(one, least)
    assert counted_months(one, SupportRules.of([])) == months_day_by_day(one, 1)


@given(
    days,
    st.integers(1, 900),
    st.sets(st.integers(0, 40)),
    st.none() | st.integers(0, 40),
    st.dates(date(2019, 1, 1), date(2031, 1, 1)),
)
def test_months_used_left_and_missing_agree_with_walking_through_them(start, length, idle, limit, today):
    months_ = months_day_by_day(contract(start, length), 1)
    idle = frozenset(months_[place] for place in idle if place < len(months_))
    confirmed = dict.fromkeys([*idle, *months_[::3]])
    tally = Tally(months_, limit, idle=idle, confirmations=confirmed)
    used, supported, missing = 0, [], []
    for month in months_:
        if month in idle:
            continue
        if limit is not None and len(supported) == limit:
            continue
        supported.append(month)
        over = (month.replace(day=28) + timedelta(days=4)).replace(day=1) <= today
        used += over
        if over and month not in confirmed:
            missing.append(month)
    assert sorted(tally.supported) == supported
    assert (tally.used(today), tally.missing(today)) == (used, missing)
    assert tally.left(today) == (None if limit is None else limit - used)


def test_three_years_from_the_middle_of_a_month_are_36_months(rules):
    one = contract(date(2022, 8, 15), (date(2025, 8, 14) - date(2022, 8, 15)).days + 1)
    assert len(counted_months(one, rules)) == 36
    assert counted_months(one, rules)[0] == date(2022, 8, 1)


def test_a_second_contract_of_the_same_person_goes_on_with_what_is_left(rules):
    cooperative = make_cooperative()
    make_placement(cooperative, started_on=date(2021, 1, 1), ends_on=date(2023, 6, 30))
    second = make_placement(cooperative, started_on=date(2023, 7, 1), ends_on=date(2023, 12, 31))
    stranger = make_placement(
        cooperative, person_label="Lao động 02", started_on=date(2023, 7, 1), ends_on=date(2023, 12, 31)
    )
    tally = tally_of(second, rules)
    assert (tally.used(date(2023, 8, 1)), tally.left(date(2023, 8, 1)), tally.beyond) == (31, 5, 0)
    assert tally_of(stranger, rules).left(date(2023, 8, 1)) == 35


# --- Who may be placed -----------------------------------------------------------------------------------------


def test_a_placement_within_the_limits_is_entered_without_a_word(rules):
    placement = make_placement()
    assert placement_warnings(placement, rules) == []
    assert Placement.objects.get() == placement


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"degree": "intermediate"}, "Trình độ Trung cấp thấp hơn mức tối thiểu: Cao đẳng."),
        ({"ends_on": date(2026, 1, 31)}, "Hợp đồng có 37 tháng được tính, hỗ trợ nhiều nhất 36 tháng."),
    ],
)
def test_what_the_policy_rows_say_against_it_asks_for_a_reason(rules, fields, words):
    assert refusal(lambda: make_placement(**fields)) == {"exception_note": [words, "Nếu vẫn ghi, hãy nêu lý do ở đây."]}
    assert not Placement.objects.exists()
    assert make_placement(**fields, exception_note="Tỉnh đồng ý").exception_note == "Tỉnh đồng ý"


def test_a_third_person_at_one_time_asks_for_a_reason_and_one_after_another_does_not(rules):
    cooperative = make_cooperative()
    make_placement(cooperative, person_label="A", ends_on=date(2023, 6, 30))
    make_placement(cooperative, person_label="B")
    make_placement(cooperative, person_label="C", started_on=date(2023, 7, 1))
    said = refusal(lambda: make_placement(cooperative, person_label="D", started_on=date(2023, 12, 1)))
    assert said["exception_note"][0] == "HTX có 3 người được hỗ trợ cùng lúc, nhiều nhất 2."
    make_placement(cooperative, person_label="D", started_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))


def test_who_left_makes_room_for_who_comes(rules):
    cooperative = make_cooperative()
    first = make_placement(cooperative, person_label="A")
    make_placement(cooperative, person_label="B")
    first.left_on, first.leave_reason = date(2023, 6, 30), "other_job"
    enter_placement(first)
    successor = make_placement(cooperative, person_label="C", started_on=date(2023, 7, 1))
    first.replaced_by = successor
    enter_placement(first)
    assert Placement.objects.get(pk=first.pk).replaced_by == successor


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"valid_from": date(2023, 2, 1)}, "Hợp đồng bắt đầu trước ngày được hỗ trợ theo quyết định."),
        ({"valid_to": date(2024, 6, 30)}, "Hợp đồng kết thúc sau ngày hết hỗ trợ theo quyết định."),
        ({"job": "marketing"}, "Quyết định duyệt vị trí khác: Tiếp thị, bán hàng."),
        ({"revoked_on": date(2024, 1, 1)}, "Quyết định đã bị thu hồi ngày 01/01/2024."),
    ],
)
def test_what_does_not_fit_the_decision_asks_for_a_reason(rules, line, words):
    cooperative = make_cooperative()
    said = refusal(lambda: make_placement(cooperative, approved=approve(cooperative, **line)))
    assert said["exception_note"][0] == words


def approve(cooperative, **fields) -> ApprovedSupport:
    """A line of the approved list: one post from 01/01/2023 on."""
    fields = {
        "decision_no": "88/QĐ-UBND",
        "decided_on": date(2022, 12, 20),
        "posts": 1,
        "valid_from": date(2023, 1, 1),
    } | fields
    return enter_approved(ApprovedSupport(cooperative=cooperative, **fields), by=make_user(), today=TODAY)


def test_more_people_than_the_decision_has_posts_ask_for_a_reason(rules):
    cooperative = make_cooperative()
    line = approve(cooperative)
    make_placement(cooperative, approved=line)
    said = refusal(lambda: make_placement(cooperative, approved=line, person_label="B"))
    assert said["exception_note"][0] == "Có 2 người cùng lúc theo quyết định này, được duyệt 1."


def test_impossible_placements_are_refused_at_their_fields(rules):
    cooperative, other = make_cooperative(), make_cooperative()
    bad = {
        "approved": {"approved": approve(other)},
        "started_on": {"started_on": date(1900, 1, 1)},
        "ends_on": {"ends_on": date(9999, 12, 31)},
        "replaced_by": {"replaced_by": make_placement(other)},
        "person_label": {"person_label": ""},
        "degree": {"degree": "doctor"},
    }
    for name, fields in bad.items():
        assert list(refusal(lambda fields=fields: make_placement(cooperative, **fields))) == [name]
    for fields in (
        {"ends_on": date(2022, 12, 31)},
        {"left_on": date(2025, 2, 1), "leave_reason": "other"},
        {"left_on": date(2023, 2, 1)},
    ):
        assert list(refusal(lambda fields=fields: make_placement(cooperative, **fields))) == ["__all__"]
    assert cooperative.placements.count() == 0


def test_a_contract_cannot_be_moved_away_from_months_that_are_confirmed(rules):
    placement = make_placement()
    confirm(placement, date(2024, 10, 1))
    placement.left_on, placement.leave_reason = date(2024, 6, 30), "other"
    assert refusal(lambda: enter_placement(placement)) == {
        "ends_on": ["Các tháng đã xác nhận hoặc đã chi trả không còn trong hợp đồng: 10/2024."]
    }
    assert Placement.objects.get().left_on is None


def test_impossible_lines_of_the_list_are_refused_at_their_fields(rules):
    cooperative = make_cooperative()
    bad = {
        "decided_on": {"decided_on": TODAY + timedelta(days=1)},
        "posts": {"posts": 0},
        "decision_no": {"decision_no": "  "},
        "revoked_on": {"revoked_on": TODAY + timedelta(days=1)},
        "valid_from": {"valid_from": date(1, 1, 1)},
    }
    for name, fields in bad.items():
        assert list(refusal(lambda fields=fields: approve(cooperative, **fields))) == [name]
    approve(cooperative)
    assert list(refusal(lambda: approve(cooperative))) == ["__all__"]
    approve(cooperative, job="marketing")
    assert cooperative.approved_support.count() == 2


# --- Confirming months -----------------------------------------------------------------------------------------


def test_a_month_is_confirmed_once_and_corrected_until_it_is_paid(rules):
    placement, staff = make_placement(), make_user()
    confirm(placement, date(2024, 6, 17), "20", by=staff)
    confirm(placement, JUNE, "22.5", by=staff)
    row = MonthlyConfirmation.objects.get()
    assert (row.month, row.days_worked, row.standard_days, row.confirmed_on, row.confirmed_by) == (
        JUNE, Decimal("22.5"), Decimal(26), TODAY, staff
    )  # fmt: skip
    pay(placement, JUNE)
    with pytest.raises(NotAllowedNow) as refused:
        confirm(placement, JUNE, "10")
    assert refused.value.problems == ["Tháng này đã được chi trả, không sửa xác nhận được nữa."]
    assert MonthlyConfirmation.objects.get().days_worked == Decimal("22.5")


def pay(placement, month, amount=5_000_000):
    """A month that a batch has paid."""
    batch = PaymentBatch.objects.create(
        number=f"{month}", decided_on=TODAY, from_month=month, to_month=month, made_by=make_user()
    )
    return PaymentItem.objects.create(batch=batch, placement=placement, month=month, amount=amount)


@pytest.mark.parametrize(
    ("month", "worked", "standard", "field"),
    [
        (date(2022, 12, 1), "20", "26", "month"),
        (date(2025, 1, 1), "20", "26", "month"),
        (JUNE, "27", "26", "__all__"),
        (JUNE, "-1", "26", "days_worked"),
        (JUNE, "20", "32", "standard_days"),
        (JUNE, "20.25", "26", "days_worked"),
    ],
)
def test_months_outside_the_contract_and_impossible_days_are_refused(rules, month, worked, standard, field):
    assert list(refusal(lambda: confirm(make_placement(), month, worked, standard))) == [field]
    assert not MonthlyConfirmation.objects.exists()


def test_a_month_is_confirmed_only_when_it_is_over(rules):
    placement = make_placement()
    said = refusal(lambda: confirm(placement, JUNE, today=last_day(JUNE)))
    assert said == {"month": ["Chỉ xác nhận sau khi hết tháng."]}
    confirm(placement, JUNE, today=JULY)


def test_the_table_tells_where_each_month_stands(rules):
    placement = make_placement(started_on=date(2024, 1, 1), ends_on=date(2024, 12, 31))
    for month, worked in ((1, "22"), (2, "0"), (3, "20")):
        confirm(placement, date(2024, month, 1), worked)
    pay(placement, date(2024, 1, 1))
    LegalRule.objects.filter(key="hr.max_months").update(value="4")
    rules = SupportRules.load()
    lines = month_lines(placement, tally_of(placement, rules), rules, date(2024, 8, 20))
    assert [line.state for line in lines] == [
        MonthState.PAID,
        MonthState.IDLE,
        MonthState.CONFIRMED,
        MonthState.MISSING,
        MonthState.MISSING,
        MonthState.BEYOND,
        MonthState.BEYOND,
        *[MonthState.TO_COME] * 5,
    ]
    assert [line.amount for line in lines[:3]] == [5_000_000, 4_875_000, 4_875_000]


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
class TestAtOnce:
    """Two people at the same moment."""

    @pytest.fixture(autouse=True)
    def rules(self, transactional_db):
        """The rules as they are shipped."""
        add_missing(settings.FIXTURES_DIR / "reference" / "legal_rules.csv", LegalRule, ("key", "valid_from"))

    def test_a_month_confirmed_twice_at_once_is_one_confirmation(self):
        placement, users = make_placement(), [make_user(), make_user()]
        results = at_once(*(lambda by=by: confirm(placement, JUNE, by=by) for by in users))
        assert len(of_kind(results, MonthlyConfirmation)) == 2
        assert MonthlyConfirmation.objects.count() == 1

    def test_of_two_people_placed_at_once_one_is_beyond_the_limit(self):
        cooperative = make_cooperative()
        make_placement(cooperative, person_label="A")
        results = at_once(*(lambda label=label: make_placement(cooperative, person_label=label) for label in "BC"))
        assert len(of_kind(results, Placement)) == 1
        assert len(of_kind(results, InvalidEntry)) == 1

    def test_the_same_line_entered_twice_at_once_is_refused_in_words(self):
        cooperative = make_cooperative()
        results = at_once(*[lambda: approve(cooperative)] * 2)
        assert len(of_kind(results, ApprovedSupport)) == len(of_kind(results, InvalidEntry)) == 1
