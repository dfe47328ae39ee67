"""An OCOP case: its stops and councils, what may be written on it, and the register after its end, row by row."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.models import OcopPaper, OcopProduct, OcopProductSet, OcopRating
from support_cases.bases import switch_basis
from support_cases.cases import change_case
from support_cases.choices import Status
from support_cases.models import ChecklistRule
from support_cases.papers import mark_papers
from support_cases.public_status import status_of
from support_cases.stages import stages_of
from support_cases.support_types import SUPPORT_TYPES
from support_cases.workflow import steps_from, take_step
from tests.factories import make_case, make_cooperative, make_founding_group, make_user
from tests.kept import put_reference
from tests.ocop_rules import make_product, make_rating
from tests.racing import at_once, of_kind
from tests.test_workflow import TABLE, WAY_TO

pytestmark = pytest.mark.django_db

OPENED, TODAY = date(2024, 3, 4), date(2024, 9, 20)
DECIDED = date(2024, 6, 18)
KIND = SUPPORT_TYPES["ocop"]
STOPS = [stop.code for stop in KIND.milestones]
RESULT = {
    "part_a": Decimal(30), "part_b": Decimal("18.5"), "part_c": Decimal("25.5"), "council_level": "province",
    "decision_no": "485/QĐ-UBND", "decided_on": DECIDED, "certificate_no": "GCN-6",
}  # fmt: skip


@pytest.fixture
def officer(db):
    """An officer, with the reference files as they are shipped and no paper that must come in first."""
    load_needed()
    return make_user()


def open_ocop(officer, party=None, *, opened_on=OPENED, today=TODAY, **details):
    """A case with these details, opened on a day."""
    return make_case(party, topic="ocop", by=officer, today=today, opened_on=opened_on, details=details)


def go(case, *steps, day=None, note="", today=TODAY):
    """Take steps one after another."""
    for code in steps:
        case = take_step(case, code, by=case.officer, today=today, effective_on=day, note=note)
    return case


def refusal(case, step, *, day=None, note="", today=TODAY) -> list[str]:
    """The words with which a step is refused."""
    with pytest.raises(NotAllowedNow) as refused:
        go(case, step, day=day, note=note, today=today)
    return refused.value.problems


def wrong(officer, party=None, **details) -> dict:
    """The messages by column with which details are refused."""
    with pytest.raises(InvalidEntry) as refused:
        open_ocop(officer, party, **details)
    return {name: [str(message) for message in messages] for name, messages in refused.value.problems.items()}


def register() -> tuple[list, list]:
    """Every product and every rating there is."""
    return list(OcopProduct.objects.order_by("pk").values()), list(OcopRating.objects.order_by("pk").values())


# --- The register after the end ----------------------------------------------------------------------------


def test_a_case_with_a_decision_enters_product_and_rating_row_by_row(officer):
    party = make_cooperative()
    dried = OcopProductSet.objects.get(code="food_processed")
    case = open_ocop(
        officer, party, cycle="first", product_name="Miến dong  Nà Duồng ", group="food", product_set=dried,
        target_stars=4, software_ref="OCOP-77", **RESULT,
    )  # fmt: skip
    case = go(case, "start", "submit", "await_result", "complete")
    product, rating = OcopProduct.objects.get(), OcopRating.objects.get()
    assert register() == (
        [
            {
                "id": product.pk, "cooperative_id": party.pk, "name": "Miến dong Nà Duồng", "group": "food",
                "product_set_id": dried.pk, "first_year": 2024, "external_ref": "OCOP-77",
                "search_key": product.search_key, "sort_key": product.sort_key,
            }
        ],
        [
            {
                "id": rating.pk, "product_id": product.pk, "criteria_version": "148", "level": "province",
                "score": Decimal("74.00"), "part_a": Decimal("30.00"), "part_b": Decimal("18.50"),
                "part_c": Decimal("25.50"), "stars": 4, "decision_no": "485/QĐ-UBND", "decided_on": DECIDED,
                "certificate_no": "GCN-6", "valid_until": date(2027, 6, 18),
            }
        ],
    )  # fmt: skip
    details = case.details
    assert (details.product, details.rating, details.product_name, details.group) == (product, rating, "", "")
    assert (case.status, case.outcome) == ("completed", "helped")


@pytest.mark.parametrize("details", [{}, {"target_stars": 3}, {"product_name": "Chè", "group": "food"}])
def test_a_case_without_a_decision_leaves_the_register_as_it_was(officer, details):
    case = open_ocop(officer, **details)
    assert go(case, "start", "submit", "await_result", "complete").status == "completed"
    assert register() == ([], [])


def test_points_without_a_decision_lead_the_officer_and_change_nothing(officer):
    points = {name: RESULT[name] for name in ("part_a", "part_b", "part_c")}
    case = go(open_ocop(officer, product_name="Chè", group="food", target_stars=4, **points), "start")
    said = [str(hint.text) for hint in KIND.guidance(case, TODAY)]
    assert "Đã ghi điểm nhưng chưa ghi quyết định; nếu hoàn thành lúc này, sổ đăng ký không thay đổi." in said
    assert "tổng 74 điểm (A 30, B 18,5, C 25,5), ứng với 4 sao." in said
    go(case, "complete")
    assert register() == ([], [])


def test_a_bare_case_is_told_that_the_register_will_not_change(officer):
    said = [str(hint.text) for hint in KIND.guidance(open_ocop(officer), TODAY)]
    assert said == [
        "Chấm theo bộ tiêu chí 148: phần A nhiều nhất 40 điểm, phần B 25, phần C 35.",
        "Chưa ghi mục tiêu số sao, nên chưa biết hồ sơ qua hội đồng nào.",
        "Chưa chọn sản phẩm hoặc ghi tên sản phẩm mới.",
        "Chưa ghi kết quả phân hạng; nếu hoàn thành lúc này, sổ đăng ký không thay đổi.",
    ]


def test_reopened_and_completed_again_the_same_rows_change_and_none_is_added(officer):
    case = open_ocop(officer, product_name="Miến dong", group="food", **RESULT)
    case = go(case, "start", "complete")
    product, rating = OcopProduct.objects.get(), OcopRating.objects.get()
    case = go(case, "reopen", note="Ghi sai ngày")
    corrected = {"decided_on": DECIDED + timedelta(2), "part_c": Decimal(20), "council_level": "district"}
    case = change_case(case, {"details": corrected}, by=officer, today=TODAY)
    go(case, "complete")
    assert [row["id"] for row in register()[0]] == [product.pk]
    (row,) = register()[1]
    assert (row["id"], row["decided_on"], row["score"], row["stars"], row["level"], row["valid_until"]) == (
        rating.pk, date(2024, 6, 20), Decimal("68.50"), 3, "district", date(2027, 6, 20),
    )  # fmt: skip


def test_a_decision_in_the_register_cannot_be_taken_off_the_case(officer):
    case = go(open_ocop(officer, product_name="Miến dong", group="food", **RESULT), "start", "complete")
    case = go(case, "reopen", note="Xem lại")
    with pytest.raises(InvalidEntry) as refused:
        change_case(case, {"details": {"decided_on": None}}, by=officer, today=TODAY)
    assert refused.value.problems == {
        "decided_on": ["Kết quả của hồ sơ đã ghi vào sổ đăng ký, không để trống ngày quyết định."]
    }


def test_rows_that_are_there_already_are_found_and_completed(officer):
    product = make_product("Miến dong")
    old = make_rating(product, DECIDED, date(2027, 6, 18), stars=4, score=74, level="province")
    case = open_ocop(officer, product.cooperative, product_name="Miến dong", group="food", **RESULT)
    go(case, "start", "complete")
    assert [row["id"] for row in register()[0]] == [product.pk]
    (row,) = register()[1]
    assert (row["id"], row["part_b"], row["certificate_no"]) == (old.pk, Decimal("18.50"), "GCN-6")


def test_rated_again_the_old_stars_stay_beside_the_new(officer):
    product = make_product()
    old = make_rating(product, date(2021, 7, 1), date(2024, 7, 1), stars=3, criteria_version="1048")
    case = open_ocop(officer, product.cooperative, cycle="upgrade", product=product, target_stars=4, **RESULT)
    assert [(str(label), str(words)) for label, words in KIND.facts(case, TODAY)] == [
        ("Bộ tiêu chí", "148 · Quyết định 148/QĐ-TTg ngày 24/02/2023"),
        ("Sao cũ", "3 ★, có giá trị đến 01/07/2024"),
        ("Sao mới theo điểm", "4 ★ · tổng 74 điểm (A 30, B 18,5, C 25,5)"),
        ("Giấy chứng nhận có giá trị đến", "18/06/2027"),
    ]
    case = go(case, "start", "complete")
    assert [row["stars"] for row in register()[1]] == [3, 4]
    assert case.details.rating_before() == old


def test_partly_helped_with_a_decision_is_written_too(officer):
    case = go(open_ocop(officer, product_name="Miến dong", group="food", target_stars=5, **RESULT), "start")
    case = go(case, "complete_partly", note="Chỉ đạt 4 sao")
    assert (case.outcome, OcopRating.objects.get().stars) == ("partly", 4)


@pytest.mark.parametrize("ending", ["withdraw", "not_eligible", "unreachable", "stop", "not_ours"])
def test_other_endings_write_nothing(officer, ending):
    case = go(open_ocop(officer, product_name="Miến dong", group="food", **RESULT), "start")
    go(case, ending, note="Lý do")
    assert register() == ([], [])


# --- What stands in the way of the end ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"decision_no": ""}, "Đã ghi một phần kết quả, còn thiếu: số quyết định."),
        ({"decided_on": None}, "Đã ghi một phần kết quả, còn thiếu: ngày quyết định."),
        ({"part_b": None}, "Đã ghi một phần kết quả, còn thiếu: điểm cả ba phần A, B, C."),
        ({"group": ""}, "Cần chọn sản phẩm, hoặc ghi tên và nhóm của sản phẩm mới."),
        (
            {"council_level": "district"},
            "Ngày 18/06/2024 hội đồng cấp tỉnh quyết định 4 sao, không phải cấp huyện.",
        ),
        (
            {"part_a": Decimal(10), "council_level": "province"},
            "Ngày 18/06/2024 hội đồng cấp huyện quyết định 3 sao, không phải cấp tỉnh.",
        ),
    ],
)
def test_half_a_result_or_the_wrong_council_keeps_the_case_open_in_words(officer, changes, said):
    case = go(open_ocop(officer, **({"product_name": "Miến dong", "group": "food"} | RESULT | changes)), "start")
    assert refusal(case, "complete") == [said]
    assert register() == ([], [])


def test_another_result_of_that_day_in_the_register_keeps_the_case_open(officer):
    product = make_product()
    make_rating(product, DECIDED, date(2027, 6, 18), stars=3)
    case = go(open_ocop(officer, product.cooperative, product=product, **RESULT), "start")
    assert refusal(case, "complete") == ["Sổ đăng ký đã có kết quả khác của sản phẩm này ngày 18/06/2024."]


def test_a_group_that_is_no_cooperative_yet_has_no_product_and_the_one_it_became_has(officer):
    group = make_founding_group()
    case = go(open_ocop(officer, group, product_name="Miến dong", group="food", **RESULT), "start")
    assert refusal(case, "complete") == ["Nhóm sáng lập chưa là HTX trong sổ đăng ký nên chưa ghi được sản phẩm."]
    group.cooperative = make_cooperative()
    group.save()
    go(case, "complete")
    assert OcopProduct.objects.get().cooperative == group.cooperative


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_two_cases_of_one_product_completed_at_once_leave_one_row(officer):
    party = make_cooperative()
    cases = [go(open_ocop(officer, party, product_name="Miến dong", group="food", **RESULT), "start") for _ in range(2)]
    results = at_once(*[lambda case=case: go(case, "complete") for case in cases])
    assert [type(result).__name__ for result in results] == ["Case", "Case"]
    assert (OcopProduct.objects.count(), OcopRating.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_of_two_cases_with_different_results_completed_at_once_one_is_told(officer):
    product = make_product()
    cases = [
        go(open_ocop(officer, product.cooperative, product=product, **(RESULT | {"part_c": Decimal(c)})), "start")
        for c in (25, 24)
    ]
    results = at_once(*[lambda case=case: go(case, "complete") for case in cases])
    assert len(of_kind(results, NotAllowedNow)) == 1
    assert OcopRating.objects.count() == 1


# --- What may be written -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ({"part_a": Decimal("40.5")}, {"part_a": ["Phần A nhiều nhất 40 điểm theo bộ tiêu chí 148."]}),
        ({"part_c": Decimal(36)}, {"part_c": ["Phần C nhiều nhất 35 điểm theo bộ tiêu chí 148."]}),
        ({"decided_on": TODAY + timedelta(1)}, {"decided_on": ["Ngày quyết định từ năm 2018 đến hôm nay."]}),
        ({"decided_on": date(2017, 12, 31)}, {"decided_on": ["Ngày quyết định từ năm 2018 đến hôm nay."]}),
    ],
)
def test_details_that_cannot_be_right_are_refused_at_their_field(officer, details, said):
    assert wrong(officer, **details) == said


@pytest.mark.parametrize("value", ["-1", "100.01", "abc", "1e400", "NaN", "7.123"])
@pytest.mark.parametrize("name", ["self_score", "part_a", "part_b", "part_c"])
def test_no_points_out_of_a_hundred_are_taken(officer, name, value):
    assert list(wrong(officer, **{name: value})) == [name]


def test_points_are_judged_by_the_criteria_of_the_day_of_the_case(officer):
    old = {"part_c": Decimal(38), "part_a": Decimal(35)}
    open_ocop(officer, opened_on=date(2023, 2, 23), **old)
    with pytest.raises(InvalidEntry):
        open_ocop(officer, opened_on=date(2023, 2, 24), **old)


def test_the_product_is_the_cooperatives_own(officer):
    product = make_product()
    assert wrong(officer, make_cooperative(), product=product) == {"product": ["Chọn một mục của chính HTX này."]}
    assert wrong(officer, make_founding_group(), product=product) == {"product": ["Chọn một mục của chính HTX này."]}


def test_a_product_is_named_once_and_in_its_own_group(officer):
    product = make_product()
    tea = OcopProductSet.objects.get(code="food_tea")
    party = product.cooperative
    assert wrong(officer, party, product=product, product_name="Chè") == {
        "product_name": ["Chọn sản phẩm đã có hoặc ghi sản phẩm mới, không cả hai."]
    }
    assert wrong(officer, party, product=product, group="tourism") == {
        "group": ["Sản phẩm này trong sổ đăng ký thuộc nhóm khác."]
    }
    assert wrong(officer, party, product_name="Rượu", group="beverage", product_set=tea) == {
        "product_set": ["Bộ sản phẩm này thuộc nhóm khác."]
    }


def test_the_cycle_agrees_with_the_stars_the_product_had(officer):
    product = make_product()
    party = product.cooperative
    open_ocop(officer, party, product=product, cycle="first")
    make_rating(product, date(2021, 7, 1), date(2024, 7, 1), stars=4)
    assert wrong(officer, party, product=product, cycle="first") == {
        "cycle": ["Sản phẩm đã được phân hạng 4 sao ngày 01/07/2021, đây là đánh giá lại hoặc nâng hạng."]
    }
    assert wrong(officer, party, product=product, cycle="upgrade", target_stars=4) == {
        "target_stars": ["Nâng hạng phải cao hơn 4 sao đang có."]
    }
    open_ocop(officer, party, product=product, cycle="upgrade", target_stars=5)
    open_ocop(officer, party, product=product, cycle="again", target_stars=3)


# --- Stops and councils ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opened_on", "target", "councils"),
    [
        (date(2023, 2, 23), 3, ["ocop_province"]),
        (date(2023, 2, 24), 3, ["ocop_district"]),
        (date(2025, 7, 5), 3, ["ocop_district"]),
        (date(2025, 7, 6), 3, ["ocop_province"]),
        (date(2024, 3, 4), 4, ["ocop_province"]),
        (date(2024, 3, 4), 5, ["ocop_province", "ocop_central"]),
        (date(2024, 3, 4), None, ["ocop_district", "ocop_province", "ocop_central"]),
        (date(2025, 7, 6), None, ["ocop_province", "ocop_central"]),
        (date(2019, 1, 1), 3, ["ocop_district", "ocop_province", "ocop_central"]),
    ],
)
def test_the_councils_offered_are_those_that_decide_on_the_stars_aimed_at(officer, opened_on, target, councils):
    today = date(2026, 11, 28)
    case = open_ocop(officer, opened_on=opened_on, today=today, target_stars=target)
    case = go(case, "start", "submit", day=opened_on, today=today)
    offered = [step.code for step in steps_from(case) if step.target is None]
    assert offered == [*councils, "ocop_decision"]
    ahead = {"ocop_district", "ocop_province", "ocop_central"} - set(councils)
    for code in sorted(ahead):
        (said,) = refusal(case, code, day=opened_on, today=today)
        level = {"ocop_district": "cấp huyện", "ocop_province": "cấp tỉnh", "ocop_central": "trung ương"}[code]
        assert level in said and f"{opened_on:%d/%m/%Y}" in said


def test_the_words_of_a_council_that_has_no_say(officer):
    case = go(open_ocop(officer, target_stars=3), "start", "submit")
    assert refusal(case, "ocop_province") == [
        "Ngày 20/09/2024 sản phẩm 3 sao do hội đồng cấp huyện đánh giá, không phải cấp tỉnh."
    ]
    late = date(2025, 7, 6)
    assert refusal(case, "ocop_district", day=late, today=late) == [
        "Ngày 06/07/2025 sản phẩm 3 sao do hội đồng cấp tỉnh đánh giá, không phải cấp huyện."
    ]


def test_a_case_of_the_old_levels_reaches_the_province_after_it_was_moved_to_the_new_law(officer):
    day = date(2025, 8, 1)
    case = go(open_ocop(officer, opened_on=date(2025, 5, 19), today=day, target_stars=3), "start", "submit", today=day)
    assert "ocop_province" not in [step.code for step in steps_from(case)]
    case = switch_basis(case, date(2025, 7, 6), "Theo Quyết định 1489", by=officer, today=day)
    assert case.basis.code == "decision_148_as_of_2025"
    case = go(case, "ocop_province", today=day)
    assert (case.milestone, case.status) == ("ocop_province", "submitted")


def test_the_central_council_is_asked_only_from_90_points_on(officer):
    parts = {"part_a": Decimal(40), "part_b": Decimal(20), "part_c": Decimal("29.5")}
    case = go(open_ocop(officer, target_stars=5, **parts), "start", "submit", "ocop_province")
    assert refusal(case, "ocop_central") == ["Chỉ đề nghị hội đồng trung ương khi đạt từ 90 điểm; đang ghi 89,5 điểm."]
    case = change_case(case, {"details": {"part_c": Decimal(30)}}, by=officer, today=TODAY)
    assert go(case, "ocop_central").milestone == "ocop_central"


@pytest.mark.parametrize("code", STOPS)
@pytest.mark.parametrize("status", TABLE)
def test_every_stop_in_every_state_is_reached_or_refused_in_words(officer, status, code):
    case = open_ocop(officer, opened_on=date(2024, 3, 4))
    case = go(case, *WAY_TO[status], note="Lý do")
    stop = KIND.milestones[STOPS.index(code)]
    behind = case.milestone and STOPS.index(code) <= STOPS.index(case.milestone)
    if status not in stop.statuses:
        label = case.get_status_display()
        assert refusal(case, code) == [f"Không thể “{stop.label}” khi hồ sơ đang ở trạng thái “{label}”."]
    elif behind:
        assert refusal(case, code) == [f"Hồ sơ đã qua giai đoạn “{stop.label}”."]
    else:
        reached = go(case, code)
        assert (reached.milestone, reached.status) == (code, status)


@given(st.lists(st.sampled_from(STOPS), min_size=1, max_size=6))
@hypothesis_settings(max_examples=20)
def test_stops_only_go_forward(codes):
    load_needed()
    case = go(open_ocop(make_user(), target_stars=5), "start")
    for code in codes:
        before = case.milestone
        try:
            case = go(case, code)
        except NotAllowedNow:
            assert case.milestone == before
        else:
            assert before == "" or STOPS.index(case.milestone) > STOPS.index(before)


def load_needed() -> None:
    """The rules as they are shipped, no paper required; a second example finds them there."""
    put_reference()
    ChecklistRule.objects.filter(topic="ocop").update(required=False)


def test_the_public_reads_its_stage_in_words_and_never_a_council_that_is_not_sure(officer):
    case = open_ocop(officer, cycle="first", target_stars=3)
    assert [stage.label for stage in stages_of(case)] == [
        "Đã tiếp nhận yêu cầu",
        "HTX đăng ký ý tưởng sản phẩm",
        "HTX lập phương án sản xuất, kinh doanh",
        "Đang hoàn thiện sản phẩm và hồ sơ OCOP",
        "HTX tự đánh giá, chấm điểm sản phẩm",
        "Xã kiểm tra hồ sơ",
        "Hội đồng đánh giá, phân hạng sản phẩm",
        "Đã có quyết định phân hạng",
        "Đã có kết quả phân hạng",
    ]
    case = go(case, "start")
    assert status_of(case).stage == "HTX đăng ký ý tưởng sản phẩm"
    case = go(case, "ocop_self_score", "submit")
    assert (status_of(case).stage, status_of(case).next_step) == (
        "Xã kiểm tra hồ sơ", "Xã kiểm tra và chuyển hồ sơ lên hội đồng.",
    )  # fmt: skip
    case = go(case, "ocop_district")
    assert status_of(case).stage == "Hội đồng cấp huyện đánh giá, phân hạng"
    assert [stage.label for stage in stages_of(case) if stage.is_current] == ["Hội đồng cấp huyện đánh giá, phân hạng"]
    case = go(case, "request_papers", "papers_received")
    assert status_of(case).stage == "Đang hoàn thiện sản phẩm và hồ sơ OCOP"
    case = go(case, "submit", "ocop_decision", "complete")
    assert status_of(case).stage == "Đã có kết quả phân hạng"


def test_a_product_rated_again_starts_past_idea_and_plan(officer):
    product = make_product()
    make_rating(product, date(2021, 7, 1), date(2024, 7, 1))
    case = go(open_ocop(officer, product.cooperative, cycle="again", product=product, target_stars=3), "start")
    assert case.milestone == "ocop_product"
    assert [step.code for step in steps_from(case) if step.target is None] == ["ocop_self_score"]


def test_the_stages_of_a_list_of_cases_ask_the_database_nothing(officer, django_assert_num_queries):
    case = go(open_ocop(officer, target_stars=5), "start", "submit")
    with django_assert_num_queries(0):
        stages_of(case)


# --- Papers that run out -----------------------------------------------------------------------------------


@pytest.fixture
def dated_case(officer):
    """A case being prepared, whose test report came in."""
    product = make_product()
    case = go(open_ocop(officer, product.cooperative, product=product), "start", day=OPENED)
    report = case.checklist.get(code="test_report")
    return case, report


def with_last_day(case, report, last, by):
    return mark_papers(case, {report.pk}, by=by, today=OPENED, expiries={report.pk: last})


def test_a_paper_that_has_expired_on_the_day_of_handing_in_needs_a_reason(dated_case, officer):
    case, report = dated_case
    day = date(2024, 5, 10)
    case = with_last_day(case, report, day - timedelta(1), officer)
    said = "Phiếu kiểm nghiệm còn hạn hết hạn ngày 09/05/2024, trước ngày nộp hồ sơ."
    assert refusal(case, "submit", day=day) == [said, "Nếu vẫn tiếp tục, hãy ghi lý do vào ghi chú."]
    case = go(case, "submit", day=day, note="Đã gửi mẫu kiểm nghiệm lại")
    assert case.events.last().note == f"Đã gửi mẫu kiểm nghiệm lại\nĐã tiếp tục dù: {said}"


@pytest.mark.parametrize("spare", [0, 1, 400])
def test_a_paper_that_is_good_on_the_day_of_handing_in_is_no_hindrance(dated_case, officer, spare):
    case, report = dated_case
    day = date(2024, 5, 10)
    case = with_last_day(case, report, day + timedelta(spare), officer)
    assert go(case, "submit", day=day).status == Status.SUBMITTED


def test_a_paper_of_the_register_counts_unless_the_case_holds_a_newer_one(dated_case, officer):
    case, report = dated_case
    day = date(2024, 5, 10)
    OcopPaper.objects.create(
        product=case.details.product, kind="test_report", number="KN-1", expires_on=day - timedelta(3)
    )
    said = "Phiếu kiểm nghiệm KN-1 hết hạn ngày 07/05/2024, trước ngày nộp hồ sơ."
    assert refusal(case, "submit", day=day)[0] == said
    bad = [str(hint.text) for hint in KIND.guidance(case, day) if hint.tone == "bad"]
    assert bad == ["Phiếu kiểm nghiệm KN-1 đã hết hạn ngày 07/05/2024."]
    case = with_last_day(case, report, day + timedelta(30), officer)
    assert go(case, "submit", day=day).status == Status.SUBMITTED
    soon = [str(hint.text) for hint in KIND.guidance(case, day) if hint.tone == "warn"]
    assert "Phiếu kiểm nghiệm còn hạn sắp hết hạn, ngày 09/06/2024." in soon


def test_an_old_certificate_that_lapsed_is_told_to_the_officer(officer):
    product = make_product()
    make_rating(product, date(2021, 5, 1), date(2024, 5, 1))
    case = open_ocop(officer, product.cooperative, cycle="again", product=product, target_stars=3)
    said = {str(hint.text): hint.tone for hint in KIND.guidance(case, date(2024, 5, 2))}
    assert said["Giấy chứng nhận 3 sao đã hết hạn ngày 01/05/2024; cần đánh giá, phân hạng lại."] == "bad"
    said = {str(hint.text): hint.tone for hint in KIND.guidance(case, date(2024, 5, 1))}
    assert said["Giấy chứng nhận 3 sao có giá trị đến 01/05/2024."] == "warn"
    assert said["Mục tiêu 3 sao: hội đồng cấp huyện quyết định."] == "info"
