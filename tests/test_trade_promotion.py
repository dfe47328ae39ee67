"""Trade promotion: the eighth kind, picked up by every door from its one file."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from cooperatives.errors import InvalidEntry, NotAllowedNow
from support_cases.case_rows import drop_row, save_row
from support_cases.models import Case
from support_cases.public_status import status_of
from support_cases.stages import stages_of
from support_cases.support_types import SUPPORT_TYPES
from support_cases.workflow import steps_from, take_step
from tests.contents import nothing_written
from tests.factories import make_case, make_consultation, make_cooperative, make_user

pytestmark = pytest.mark.django_db

TODAY = date(2024, 9, 20)
FAIR = {"promotion": "fair", "product_name": "Miến dong", "place": "Hội chợ OCOP", "starts_on": date(2024, 9, 10)}


@pytest.fixture
def case(db):
    row = make_case(topic="trade_promotion", title="Đưa miến đi hội chợ", today=TODAY, details=FAIR)
    return take_step(row, "start", by=row.officer, today=TODAY)


def step(case: Case, code: str, **how) -> Case:
    return take_step(case, code, by=case.officer, **{"today": TODAY} | how)


def test_the_way_leads_over_its_own_milestones_to_the_end(case):
    codes = ["promotion_plan", "promotion_ready", "promotion_under_way"]
    assert [one.code for one in steps_from(case)][:3] == codes
    for place, code in enumerate(codes):
        case = step(case, code)
        assert (case.status, case.milestone) == ("advising", code)
        assert [stage.is_current for stage in stages_of(case)] == [n == place + 1 for n in range(5)]
    assert str(status_of(case).stage) == "Đang tham gia xúc tiến"
    assert str(status_of(case).next_step) == "HTX báo cho cán bộ các hợp đồng, đơn hàng có được."
    case = step(case, "complete")
    assert str(status_of(case).stage) == "Đã có kết quả xúc tiến"


def test_a_milestone_passed_is_not_reached_again(case):
    ready = step(case, "promotion_ready")
    for code, label in (("promotion_ready", "Đã chuẩn bị xong"), ("promotion_plan", "Đã chọn hình thức")):
        with nothing_written(), pytest.raises(NotAllowedNow) as refused:
            step(ready, code)
        assert refused.value.problems == [f"Hồ sơ đã qua giai đoạn “{label}”."]


def test_nothing_is_under_way_before_its_first_day(case):
    later = make_case(topic="trade_promotion", today=TODAY, details=FAIR | {"starts_on": date(2024, 10, 1)})
    later = step(later, "start")
    for code in ("promotion_under_way", "complete"):
        with nothing_written(), pytest.raises(NotAllowedNow) as refused:
            step(later, code)
        assert refused.value.problems == ["Chưa đến ngày bắt đầu 01/10/2024."]


def test_sales_are_noted_also_after_the_end_and_tell_the_history(case):
    case = step(case, "complete")
    values = {"buyer": "Siêu thị Thử", "agreed_on": date(2024, 9, 18), "contracts": 2, "value": 350_000_000}
    row = save_row(case, "sales", values, by=case.officer, today=TODAY)
    assert list(case.sale_rows.values_list("buyer", "contracts", "value")) == [("Siêu thị Thử", 2, 350_000_000)]
    assert [(str(a), str(b)) for a, b in case.kind.facts(case, TODAY)] == [("Kết quả xúc tiến", "2 hợp đồng")]
    drop_row(case, "sales", row.pk, by=case.officer, today=TODAY)
    assert list(case.events.values_list("note", flat=True))[-2:] == [
        "Thêm đầu ra: Siêu thị Thử, 18/09/2024.",
        "Bỏ đầu ra: Siêu thị Thử, 18/09/2024.",
    ]


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"buyer": "", "agreed_on": TODAY}, ["buyer"]),
        ({"buyer": "A", "agreed_on": date(2024, 9, 21)}, ["agreed_on"]),
        ({"buyer": "A", "agreed_on": TODAY, "contracts": 0}, ["contracts"]),
        ({"buyer": "A", "agreed_on": TODAY, "value": 10**16}, ["value"]),
    ],
)
def test_a_sale_that_cannot_be_right_is_refused(case, values, fields):
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        save_row(case, "sales", values, by=case.officer, today=TODAY)
    assert sorted(refused.value.problems) == fields


def test_an_end_before_the_start_is_refused(db):
    party, officer = make_cooperative(), make_user()
    with nothing_written(), pytest.raises(InvalidEntry):
        make_case(party, by=officer, topic="trade_promotion", today=TODAY, details=FAIR | {"ends_on": date(2024, 9, 9)})


def test_the_api_writes_and_reads_details_with_their_sales_and_hides_the_money_from_the_cooperative(client):
    staff, party = make_user(), make_cooperative()
    client.force_login(staff)
    today = timezone.localdate().isoformat()
    sent = {
        "cooperative": party.pk, "topic": "trade_promotion", "title": "Lên sàn",
        "details": {
            "promotion": "e_commerce", "support": 5_000_000,
            "sales": [{"buyer": "Sàn Thử", "agreed_on": today, "contracts": 1, "value": 9_000_000}],
        },
    }  # fmt: skip
    answer = client.post(reverse("api-cases-list"), sent, content_type="application/json")
    assert answer.status_code == 201
    details = answer.json()["details"]
    assert (details["promotion"], details["support"], details["sales"][0]["value"]) == (
        "e_commerce",
        5_000_000,
        9_000_000,
    )
    address = reverse("api-cases-detail", args=[answer.json()["reference"]])
    kept = details["sales"][0] | {"contracts": 3}
    changed = client.patch(address, {"details": {"sales": [kept]}}, content_type="application/json").json()
    assert changed["details"]["sales"] == [kept]
    wrong = {"details": {"sales": [kept | {"agreed_on": "2999-01-01"}]}}
    refused = client.patch(address, wrong, content_type="application/json")
    assert (refused.status_code, list(refused.json())) == (400, ["sales"])
    client.force_login(make_user("cooperative", cooperative=party))
    seen = client.get(address).json()["details"]
    assert seen.keys() & {"support", "sales"} == set()
    assert seen["promotion"] == "e_commerce"


def test_form_filter_report_and_receipt_know_the_kind(client):
    case = make_case(topic="trade_promotion", title="Đăng ký nhãn hiệu")
    make_consultation(case.cooperative, cases=[case], topics=["trade_promotion"])
    client.force_login(case.officer)
    label = str(SUPPORT_TYPES["trade_promotion"].label)
    assert label in client.get(reverse("support:case-open")).text
    assert "Hình thức xúc tiến" in client.get(reverse("support:case-open") + "?topic=trade_promotion").text
    assert case.reference in client.get(reverse("support:cases") + "?topic=trade_promotion").text
    assert "Xúc tiến thương mại" in client.get(reverse("support:receipt", args=[case.reference])).text
    assert label in client.get(reverse("support:report")).text
