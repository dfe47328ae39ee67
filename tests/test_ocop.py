"""OCOP in the register: stars, councils and certificates by the day, ratings and papers that are written once."""

import calendar
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cooperatives.errors import InvalidEntry
from cooperatives.models import LegalRule, OcopPaper, OcopProduct, OcopProductSet, OcopRating
from cooperatives.ocop import (
    council_for,
    default_expiry,
    enter_product,
    latest_papers,
    record_paper,
    record_rating,
    rules_on,
    stars_for,
    valid_until,
)
from tests.factories import make_cooperative
from tests.ocop_rules import decided, load_rules, make_product, make_rating
from tests.racing import at_once, of_kind

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 28)
FIRST_DAY = date(2019, 8, 21)
D148, LAST_DISTRICT, D1489 = date(2023, 2, 24), date(2025, 7, 5), date(2025, 7, 6)
EDGES = [FIRST_DAY, D148 - timedelta(1), D148, date(2025, 6, 30), date(2025, 7, 1), LAST_DISTRICT, D1489, TODAY]


@pytest.fixture(autouse=True)
def rules(db):
    """The rules as they are shipped."""
    load_rules()


# --- Stars and councils ------------------------------------------------------------------------------------


def stars_by_the_table(total: Decimal) -> int:
    """The bands as the decisions print them: 5★ 90–100, 4★ 70–<90, 3★ 50–<70, 2★ 30–<50, 1★ <30."""
    for stars, low, high in ((1, 0, 30), (2, 30, 50), (3, 50, 70), (4, 70, 90)):
        if low <= total < high:
            return stars
    return 5


@pytest.mark.parametrize("day", EDGES)
def test_every_half_point_has_the_stars_of_its_band(day):
    rules = rules_on(day)
    totals = [Decimal(n) / 2 for n in range(201)]
    assert [rules.stars_for(total) for total in totals] == [stars_by_the_table(total) for total in totals]


@given(st.decimals(0, 100, places=2), st.sampled_from(EDGES))
def test_any_total_has_the_stars_of_its_band(total, day):
    assert rules_on(day).stars_for(total) == stars_by_the_table(total)


def test_points_no_council_gives_and_days_without_rules_have_no_stars():
    assert stars_for(Decimal("100.01"), TODAY) is None
    assert stars_for(Decimal("-0.01"), TODAY) is None
    assert stars_for(Decimal(60), FIRST_DAY - timedelta(1)) is None
    assert council_for(3, FIRST_DAY - timedelta(1)) is None
    assert valid_until(FIRST_DAY - timedelta(1)) is None


def test_three_stars_are_decided_by_the_district_from_24_02_2023_to_05_07_2025_and_by_the_province_otherwise():
    day = FIRST_DAY
    while day <= date(2027, 12, 31):
        district = D148 <= day <= LAST_DISTRICT
        levels = {3: "district" if district else "province", 4: "province", 5: "central"}
        if day in EDGES or day.day == 1:
            assert {stars: council_for(stars, day) for stars in (1, 2, 3, 4, 5)} == {1: None, 2: None} | levels, day
        day += timedelta(1)


@pytest.mark.parametrize(
    ("day", "on_the_way"),
    [
        (D148 - timedelta(1), {3: ("province",), 4: ("province",), 5: ("province", "central")}),
        (D148, {3: ("district",), 4: ("province",), 5: ("province", "central")}),
        (LAST_DISTRICT, {3: ("district",), 4: ("province",), 5: ("province", "central")}),
        (D1489, {3: ("province",), 4: ("province",), 5: ("province", "central")}),
    ],
)
def test_the_central_council_decides_on_what_the_province_proposes(day, on_the_way):
    assert {stars: rules_on(day).councils_on_the_way(stars) for stars in (3, 4, 5)} == on_the_way
    every = {level for way in on_the_way.values() for level in way}
    assert set(rules_on(day).councils_on_the_way(None)) == every


@pytest.mark.parametrize(
    ("day", "version", "maxima"),
    [
        (FIRST_DAY, "1048", (35, 25, 40)),
        (D148 - timedelta(1), "1048", (35, 25, 40)),
        (D148, "148", (40, 25, 35)),
        (LAST_DISTRICT, "148", (40, 25, 35)),
        (D1489, "148-2025", (40, 25, 35)),
        (TODAY, "148-2025", (40, 25, 35)),
    ],
)
def test_the_criteria_of_a_day_have_their_maxima(day, version, maxima):
    rules = rules_on(day)
    assert rules.version == version
    assert rules.decision.startswith("Quyết định ")
    assert tuple(rules.maxima.values()) == maxima
    full = dict(zip(("part_a", "part_b", "part_c"), map(Decimal, maxima), strict=True))
    assert rules.parts_problem(full) == {}
    for name, most in full.items():
        over = rules.parts_problem(full | {name: most + Decimal("0.01")})
        letter = name[-1].upper()
        assert over == {name: [f"Phần {letter} nhiều nhất {most} điểm theo bộ tiêu chí {version}."]}


def test_a_rule_nobody_can_read_counts_as_none_and_a_later_one_before_an_earlier():
    LegalRule.objects.filter(key="ocop.star_5_from").update(value="chín mươi")
    LegalRule.objects.filter(key="ocop.level.star_3", valid_to=None).update(value="xã")
    LegalRule.objects.create(key="ocop.star_4_from", value="72.5", unit="point", valid_from=date(2026, 1, 1))
    rules = rules_on(TODAY)
    assert (rules.stars_for(Decimal(95)), rules.stars_for(Decimal(72)), rules.council_for(3)) == (4, 3, None)


def test_reading_the_rules_of_a_day_is_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        rules_on(TODAY)


# --- The certificate ---------------------------------------------------------------------------------------


def walked_months(day: date, months: int) -> date:
    """The day ``months`` later, walked month by month, as a clerk does with a calendar."""
    year, month = day.year, day.month
    for _ in range(months):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, last if day.day > last else day.day)


def test_a_certificate_of_any_day_is_good_for_36_months_the_29th_of_february_included():
    rule = LegalRule.objects.get(key="ocop.validity_months")
    assert rule.value == "36"
    day = date(2019, 8, 21)
    while day <= date(2028, 12, 31):
        assert valid_until(day) == walked_months(day, 36), day
        day += timedelta(1)
    leap = [date(2020, 2, 29), date(2024, 2, 29), date(2028, 2, 29)]
    assert [valid_until(day) for day in leap] == [date(2023, 2, 28), date(2027, 2, 28), date(2031, 2, 28)]
    assert valid_until(date(2025, 2, 28)) == date(2028, 2, 28)


@given(st.dates(date(2019, 8, 21), date(2028, 12, 31)))
def test_a_certificate_ends_on_the_day_of_its_number_three_years_on_or_the_last_of_february(day):
    until = valid_until(day)
    assert (until.year, until.month) == (day.year + 3, day.month)
    assert until.day == (28 if (day.month, day.day) == (2, 29) else day.day)


def test_the_last_day_is_a_day_of_validity_and_the_next_one_is_not():
    product = make_product()
    rating = record_rating(product, decided(date(2024, 2, 29), "30", "15", "20"))
    assert rating.valid_until == date(2027, 2, 28)
    assert list(OcopRating.objects.valid_on(date(2027, 2, 28))) == [rating]
    assert list(OcopRating.objects.valid_on(date(2027, 3, 1))) == []
    assert list(OcopRating.objects.valid_on(date(2024, 2, 28))) == []


# --- Writing a rating --------------------------------------------------------------------------------------


def rows_of(product: OcopProduct) -> list[dict]:
    return list(product.ratings.order_by("decided_on").values())


def test_a_decision_is_written_with_its_stars_its_council_and_its_end():
    product = make_product()
    rating = record_rating(
        product, decided(date(2024, 6, 18), "30", "18.5", "25.5", decision_no=" 485/QĐ-UBND ", certificate_no="GCN-6")
    )
    assert rows_of(product) == [
        {
            "id": rating.pk, "product_id": product.pk, "criteria_version": "148", "level": "province",
            "score": Decimal("74.00"), "part_a": Decimal("30.00"), "part_b": Decimal("18.50"),
            "part_c": Decimal("25.50"), "stars": 4, "decision_no": "485/QĐ-UBND", "decided_on": date(2024, 6, 18),
            "certificate_no": "GCN-6", "valid_until": date(2027, 6, 18),
        }
    ]  # fmt: skip


def test_a_decision_under_the_old_criteria_stays_under_them():
    rating = record_rating(make_product(), decided(date(2023, 3, 1), "30", "20", "38", criteria_on=date(2022, 12, 1)))
    assert (rating.criteria_version, rating.stars, rating.level) == ("1048", 4, "province")


def test_written_twice_it_is_one_row_and_what_is_known_is_not_forgotten():
    product = make_product()
    first = record_rating(product, decided(date(2024, 6, 18), "30", "18", "26", certificate_no="GCN-6"))
    again = record_rating(product, decided(date(2024, 6, 18), "30", "18", "26", certificate_no=""))
    assert (again.pk, product.ratings.count()) == (first.pk, 1)
    assert again.certificate_no == "GCN-6"


def test_the_old_row_of_the_same_day_gets_its_parts_and_no_second_row_appears():
    product = make_product()
    old = make_rating(product, date(2024, 6, 18), date(2027, 6, 18), stars=4, score=74, level="province")
    new = record_rating(product, decided(date(2024, 6, 18), "30", "18", "26"))
    assert (new.pk, new.part_a, product.ratings.count()) == (old.pk, Decimal(30), 1)


def test_a_row_written_before_moves_with_its_corrected_day_points_and_product():
    product, other = make_product(), make_product("Miến dong loại hai")
    rating = record_rating(product, decided(date(2024, 6, 18), "30", "18", "26"))
    moved = record_rating(other, decided(date(2024, 6, 20), "30", "18", "20"), rating)
    assert (moved.pk, moved.decided_on, moved.stars, moved.valid_until) == (
        rating.pk, date(2024, 6, 20), 3, date(2027, 6, 20),
    )  # fmt: skip
    assert (rows_of(product), other.ratings.count()) == ([], 1)


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (
            decided(date(2024, 6, 18), "41", "18", "26"),
            {"part_a": ["Phần A nhiều nhất 40 điểm theo bộ tiêu chí 148."]},
        ),
        (
            decided(date(2024, 6, 18), "30", "18", "26", level="district"),
            {"council_level": ["Ngày 18/06/2024 hội đồng cấp tỉnh quyết định 4 sao, không phải cấp huyện."]},
        ),
        (
            decided(date(2025, 7, 6), "25", "15", "20", level="district"),
            {"council_level": ["Ngày 06/07/2025 hội đồng cấp tỉnh quyết định 3 sao, không phải cấp huyện."]},
        ),
        (
            decided(date(2024, 6, 18), "10", "10", "10"),
            {"council_level": ["Cần ghi hội đồng đã quyết định."]},
        ),
        (
            decided(date(2019, 8, 20), "30", "18", "26", level="province"),
            {
                "part_a": ["Chưa có khung điểm OCOP của ngày 20/08/2019 nên chưa xác định được số sao."],
                "decided_on": ["Chưa có quy định về thời hạn giấy chứng nhận OCOP của ngày 20/08/2019."],
            },
        ),
    ],
)  # fmt: skip
def test_what_the_rules_do_not_allow_is_refused_in_words_and_nothing_is_written(decision, said):
    product = make_product()
    with pytest.raises(InvalidEntry) as refused:
        record_rating(product, decision)
    assert refused.value.problems == said
    assert rows_of(product) == []


@pytest.mark.parametrize(
    "decision",
    [
        decided(date(2024, 6, 18), "30", "18", "25"),
        decided(date(2024, 6, 18), "30", "18", "26", decision_no="99/QĐ-UBND"),
    ],
)
def test_another_result_of_the_same_day_is_a_contradiction(decision):
    product = make_product()
    record_rating(product, decided(date(2024, 6, 18), "30", "18", "26"))
    before = rows_of(product)
    with pytest.raises(InvalidEntry) as refused:
        record_rating(product, decision)
    assert refused.value.problems == {"decided_on": ["Sổ đăng ký đã có kết quả khác của sản phẩm này ngày 18/06/2024."]}
    assert rows_of(product) == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_two_who_write_one_decision_at_once_make_one_row():
    product = make_product()
    decision = decided(date(2024, 6, 18), "30", "18", "26")
    results = at_once(*[lambda: record_rating(product, decision) for _ in range(4)])
    assert len(of_kind(results, OcopRating)) == 4
    assert product.ratings.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_of_two_who_write_different_decisions_of_one_day_one_is_told():
    product = make_product()
    results = at_once(
        lambda: record_rating(product, decided(date(2024, 6, 18), "30", "18", "26")),
        lambda: record_rating(product, decided(date(2024, 6, 18), "30", "18", "20")),
    )
    assert (len(of_kind(results, OcopRating)), len(of_kind(results, InvalidEntry))) == (1, 1)
    assert product.ratings.count() == 1


def test_parts_that_do_not_add_up_and_parts_alone_are_refused():
    rating = make_rating(make_product(), date(2024, 6, 18), date(2027, 6, 18))
    rating.part_a, rating.part_b, rating.part_c = Decimal(20), Decimal(20), Decimal("19.99")
    with pytest.raises(Exception, match="cộng lại"):
        rating.full_clean()
    rating.part_c = None
    with pytest.raises(Exception, match="cả ba phần"):
        rating.full_clean()


# --- Current stars -----------------------------------------------------------------------------------------


def test_the_current_stars_are_those_of_the_last_decision_even_while_an_older_certificate_lives():
    product = make_product()
    make_rating(product, date(2024, 1, 10), date(2027, 1, 10), stars=4)
    new = make_rating(product, date(2026, 5, 5), date(2029, 5, 5), stars=3)
    make_rating(product, date(2027, 1, 5), date(2030, 1, 5), stars=5)  # after the day that is asked about
    assert list(OcopRating.objects.valid_on(TODAY)) == [new]
    row = OcopProduct.objects.with_current_rating(TODAY).get()
    assert (row.stars, row.decided_on, row.valid_until) == (3, date(2026, 5, 5), date(2029, 5, 5))
    assert OcopProduct.objects.with_current_rating(date(2023, 1, 1)).get().stars is None


# --- Products and their sets -------------------------------------------------------------------------------


def test_a_product_is_entered_once_however_its_name_was_typed():
    party = make_cooperative()
    first = enter_product(party, OcopProduct(name="Miến dong ", group="food", first_year=2022))
    again = enter_product(party, OcopProduct(name="Miê\u0301n dong", group="food", first_year=2024))
    assert (again.pk, again.first_year, party.ocop_products.count()) == (first.pk, 2022, 1)


def test_a_set_of_another_group_is_refused():
    tea = OcopProductSet.objects.get(code="food_tea")
    with pytest.raises(InvalidEntry) as refused:
        enter_product(make_cooperative(), OcopProduct(name="Rượu", group="beverage", first_year=2022, product_set=tea))
    assert refused.value.problems == {"product_set": ["Bộ sản phẩm này thuộc nhóm khác."]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": ""}, "name"), ({"first_year": 2017}, "first_year"), ({"group": "steel"}, "group")],
)
def test_a_product_that_cannot_be_right_is_refused_at_its_field(changes, field):
    product = OcopProduct(**({"name": "Miến", "group": "food", "first_year": 2022} | changes))
    with pytest.raises(InvalidEntry) as refused:
        enter_product(make_cooperative(), product)
    assert list(refused.value.problems) == [field]
    assert OcopProduct.objects.count() == 0


# --- Papers ------------------------------------------------------------------------------------------------


def make_paper(product, kind="test_report", issued_on=date(2026, 2, 10), **fields) -> OcopPaper:
    return record_paper(OcopPaper(product=product, kind=kind, issued_on=issued_on, **fields), TODAY)


def test_a_paper_without_a_last_day_gets_the_usual_one_of_its_kind():
    product = make_product()
    assert make_paper(product).expires_on == date(2027, 2, 10)
    assert make_paper(product, "food_safety_certificate", date(2024, 2, 29)).expires_on == date(2027, 2, 28)
    assert make_paper(product, "vietgap").expires_on is None
    assert make_paper(product, number="2", expires_on=date(2026, 8, 1)).expires_on == date(2026, 8, 1)


@given(st.dates(date(2019, 8, 21), date(2028, 12, 31)))
def test_the_usual_last_days_are_those_of_a_calendar(day):
    assert default_expiry("food_safety_certificate", day) == walked_months(day, 36)
    assert default_expiry("test_report", day) == walked_months(day, 12)
    assert default_expiry("trademark", day) is None


def test_a_paper_written_twice_is_one_row():
    product = make_product()
    first = make_paper(product, number="KN 12")
    again = make_paper(product, number=" KN  12", issuer="Trung tâm kiểm nghiệm")
    assert (again.pk, again.issuer, product.papers.count()) == (first.pk, "Trung tâm kiểm nghiệm", 1)
    undated = [record_paper(OcopPaper(product=product, kind="other", number="7"), TODAY) for _ in range(2)]
    assert undated[0].pk == undated[1].pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_a_paper_sent_several_times_at_once_is_one_row():
    product = make_product()
    results = at_once(*[lambda: make_paper(product, number="KN 12") for _ in range(4)])
    assert len(of_kind(results, OcopPaper)) == 4
    assert product.papers.count() == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"issued_on": TODAY + timedelta(1)}, {"issued_on": ["Ngày cấp không thể ở tương lai."]}),
        ({"expires_on": date(2026, 2, 9)}, {"__all__": ["Ngày hết giá trị không thể trước ngày cấp."]}),
        ({"kind": "x"}, {"kind": ["Giá trị 'x' không phải là một lựa chọn hợp lệ."]}),
    ],
)
def test_a_paper_that_cannot_be_right_is_refused_in_words(fields, said):
    product = make_product()
    with pytest.raises(InvalidEntry) as refused:
        make_paper(product, **fields)
    found = {name: [str(message) for message in messages] for name, messages in refused.value.problems.items()}
    assert found.keys() == said.keys()
    if "kind" not in fields:
        assert found == said
    assert product.papers.count() == 0


def test_of_each_kind_the_paper_that_is_good_the_longest_counts():
    product = make_product()
    make_paper(product, number="1", expires_on=date(2026, 5, 1))
    longest = make_paper(product, number="2", expires_on=date(2026, 9, 1))
    mark = make_paper(product, "trademark")
    make_paper(product, "trademark", number="2", expires_on=date(2027, 1, 1))
    assert {paper.pk for paper in latest_papers(product.pk)} == {longest.pk, mark.pk}
    assert [longest.is_expired(day) for day in (date(2026, 9, 1), date(2026, 9, 2))] == [False, True]
    assert not mark.is_expired(date(2999, 1, 1))
