"""Pages and API of the human-resource support: what each role sees, what clumsy input gets, how many questions."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cooperatives.models import (
    ApprovedSupport,
    LegalRule,
    MonthlyConfirmation,
    PaymentBatch,
    PaymentItem,
    Placement,
    TrainingClass,
    TrainingParticipation,
)
from cooperatives.reference import add_missing
from cooperatives.workforce.payments import make_batch
from tests.factories import make_cooperative, make_user
from tests.test_support_payments import join, make_training
from tests.test_workforce import JULY, JUNE, approve, confirm, make_placement

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ENDLESS = "9" * 5000
NASTY = ["\x00", ENDLESS, "²", "-1", "' OR 1=1 --", "<script>", "1e9", "NaN"]


@pytest.fixture
def placement(db):
    """A placement in a district with June and July 2024 confirmed and paid."""
    add_missing(settings.FIXTURES_DIR / "reference" / "legal_rules.csv", LegalRule, ("key", "valid_from"))
    placement = make_placement(make_cooperative("Hợp tác xã Miến Nà Duồng"))
    for month in (JUNE, JULY):
        confirm(placement, month)
    pay("12/QĐ-LM")
    return placement


def pay(number, **fields) -> PaymentBatch:
    """A batch for June and July 2024."""
    fields = {"from_month": JUNE, "to_month": JULY, "decided_on": date(2024, 8, 15)} | fields
    return make_batch(number, **fields, by=make_user(), today=timezone.localdate())


def at(role, cooperative=None) -> Client:
    """A browser in which somebody of this role has signed in."""
    client = Client()
    client.force_login(make_user(role, cooperative=cooperative))
    return client


def page(name, *args) -> str:
    """The address of a page of the register."""
    return reverse(f"cooperatives:{name}", args=args)


def errors(answer) -> dict:
    """What the form on a page refuses, by field."""
    assert answer.status_code == 200
    return {name: list(said) for name, said in answer.context["form"].errors.items()}


# --- Who sees what ---------------------------------------------------------------------------------------------


def test_a_cooperative_sees_its_own_people_and_no_amounts(placement):
    stranger = make_placement(person_label="Người lạ")
    client = at("cooperative", placement.cooperative)
    listed = client.get(page("placements")).text
    assert "Lao động 01" in listed and "Người lạ" not in listed
    own = client.get(page("placement", placement.pk))
    assert "07/2024" in own.text and "Đã chi trả" in own.text
    assert [words for words in ("5.175.000", "3.450.000", "1,5", "12/QĐ-LM") if words in own.text] == []
    assert client.get(page("placement", stranger.pk)).status_code == 404
    assert client.get(page("month-confirm", stranger.pk)).status_code == 404
    assert client.post(page("month-confirm", stranger.pk), {}).status_code == 404


def test_the_office_sees_amounts_with_their_inputs(placement):
    for role in ("staff", "manager", "admin"):
        text = at(role).get(page("placement", placement.pk)).text
        assert "5.175.000\N{NO-BREAK SPACE}đ" in text
        assert "1,5 × 3.450.000 đ (lương tối thiểu vùng 4) = 5.175.000 đ." in text


def test_a_paid_month_shows_the_inputs_of_then_after_a_rule_was_corrected(placement):
    LegalRule.objects.filter(key="hr.coefficient").update(value="2")
    text = at("manager").get(page("placement", placement.pk)).text
    assert "1,5 × 3.450.000 đ (lương tối thiểu vùng 4) = 5.175.000 đ." in text
    assert "2 × 3.450.000 đ (lương tối thiểu vùng 4) = 6.900.000 đ." in text
    months = at("manager").get(f"/api/v1/placements/{placement.pk}/months/").json()
    assert [month["support"]["amount"] for month in months[16:20]] == [6_500_000, 4_875_000, 5_175_000, 6_900_000]


def test_the_api_tells_each_role_its_own(placement):
    make_placement(person_label="Người lạ")
    join(make_training(cost=1_000_000), placement.cooperative)
    join(TrainingClass.objects.get())
    join(make_training(name="Lớp khác"))
    mine, office = at("cooperative", placement.cooperative), at("manager")
    seen = mine.get("/api/v1/placements/").json()
    assert [row["person_label"] for row in seen["results"]] == ["Lao động 01"]
    assert office.get("/api/v1/placements/").json()["count"] == 2
    assert mine.get("/api/v1/payment-batches/").status_code == 403
    classes = mine.get("/api/v1/training-classes/").json()["results"]
    assert [(one["cost"], len(one["participations"])) for one in classes] == [(None, 1)]
    assert classes[0]["participations"][0]["cooperative"] == placement.cooperative_id
    classes = office.get("/api/v1/training-classes/").json()["results"]
    assert sorted((one["cost"], len(one["participations"])) for one in classes if one["cost"]) == [(1_000_000, 2)]
    for path in ("placements", "payment-batches", "training-classes"):
        assert Client().get(f"/api/v1/{path}/").status_code == 401
        assert office.post(f"/api/v1/{path}/", {}).status_code == 405


def test_the_months_of_the_api_are_typed_and_amounts_are_for_the_office(placement):
    path = f"/api/v1/placements/{placement.pk}/months/"
    july = next(month for month in at("staff").get(path).json() if month["month"] == "2024-07-01")
    assert july == {
        "number": 19,
        "month": "2024-07-01",
        "state": "paid",
        "confirmation": {
            "days_worked": 22.0, "standard_days": 26.0, "confirmed_on": f"{date(2026, 11, 28)}",
        },
        "paid_amount": 5_175_000,
        "batch": "12/QĐ-LM",
        "support": {
            "amount": 5_175_000,
            "policy_amount": None,
            "coefficient": 1.5,
            "wage": 3_450_000,
            "region": 4,
            "provisional": False,
            "basis": "1,5 × 3.450.000 đ (lương tối thiểu vùng 4) = 5.175.000 đ.",
            "rules": "hr.coefficient@2022-02-14; rmw.region_4@2024-07-01; area_region.061@2020-01-01",
        },
    }  # fmt: skip
    own = at("cooperative", placement.cooperative).get(path).json()
    assert [(month["paid_amount"], month["batch"], month["support"]) for month in own] == [(None, None, None)] * 24
    assert own[18]["state"] == "paid" and own[18]["confirmation"]["days_worked"] == 22.0
    stranger = make_cooperative()
    assert at("cooperative", stranger).get(path).status_code == 404


def test_a_batch_over_the_api_holds_its_sums_and_its_months(placement):
    batch = PaymentBatch.objects.get()
    office = at("manager")
    listed = office.get("/api/v1/payment-batches/").json()["results"][0]
    shown = office.get(f"/api/v1/payment-batches/{batch.pk}/").json()
    assert {name: listed[name] for name in ("months", "people", "cooperatives", "amount")} == {
        "months": 2, "people": 1, "cooperatives": 1, "amount": 10_050_000,
    }  # fmt: skip
    assert shown == listed | {"items": shown["items"]}
    assert [(item["month"], item["amount"], item["wage"]) for item in shown["items"]] == [
        ("2024-06-01", 4_875_000, 3_250_000),
        ("2024-07-01", 5_175_000, 3_450_000),
    ]


# --- Confirming ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["staff", "cooperative"])
def test_staff_and_the_cooperative_confirm_and_a_look_confirms_nothing(placement, role):
    client = at(role, placement.cooperative if role == "cooperative" else None)
    address = page("month-confirm", placement.pk)
    form = client.get(f"{address}?thang=2024-05&days_worked=20")
    assert form.context["form"]["month"].value() == "05/2024"
    assert MonthlyConfirmation.objects.count() == 2
    sent = {"month": "05/2024", "days_worked": "22,5", "standard_days": "26"}
    assert client.post(address, sent)["Location"] == page("placement", placement.pk)
    row = MonthlyConfirmation.objects.get(month=date(2024, 5, 1))
    assert (row.days_worked, row.confirmed_by.role, row.confirmed_on) == (Decimal("22.5"), role, timezone.localdate())


def test_managers_look_and_do_not_confirm(placement):
    sent = {"month": "05/2024", "days_worked": "22", "standard_days": "26"}
    assert at("manager").post(page("month-confirm", placement.pk), sent).status_code == 403
    assert MonthlyConfirmation.objects.count() == 2


def test_a_paid_month_is_refused_in_words_and_what_was_typed_is_kept(placement):
    sent = {"month": "06/2024", "days_worked": "20", "standard_days": "26"}
    answer = at("staff").post(page("month-confirm", placement.pk), sent)
    assert errors(answer) == {"__all__": ["Tháng này đã được chi trả, không sửa xác nhận được nữa."]}
    assert 'value="20"' in answer.text


@pytest.mark.parametrize("text", [*NASTY, "13/2024", "00/2024", "6/99999", "2024"])
@pytest.mark.parametrize("name", ["month", "days_worked", "standard_days"])
@pytest.mark.once
def test_what_is_no_month_and_no_number_of_days_is_refused_beside_it(placement, name, text):
    sent = {"month": "05/2024", "days_worked": "22", "standard_days": "26"} | {name: text}
    answer = at("staff").post(page("month-confirm", placement.pk), sent)
    assert name in errors(answer)
    assert MonthlyConfirmation.objects.count() == 2
    assert at("staff").get(page("month-confirm", placement.pk), {"thang": text}).status_code == 200


# --- Forms of the office ---------------------------------------------------------------------------------------

PLACED = {
    "person_label": "Lao động 09", "degree": "college", "job": "marketing", "started_on": "01/02/2024",
    "ends_on": "31/12/2024", "result": "unknown",
}  # fmt: skip
LISTED = {"decision_no": "88/QĐ-UBND", "decided_on": "05/09/2023", "posts": "2", "valid_from": "01/10/2023"}


def test_staff_choose_a_cooperative_without_accents_and_enter_a_placement(placement):
    client = at("staff")
    found = client.get(page("placement-create"), {"q": "mien na duong"}).text
    assert f"?htx={placement.cooperative_id}" in found
    answer = client.post(f"{page('placement-create')}?htx={placement.cooperative_id}", PLACED)
    row = Placement.objects.get(person_label="Lao động 09")
    assert answer["Location"] == page("placement", row.pk)
    assert (row.started_on, row.cooperative) == (date(2024, 2, 1), placement.cooperative)


def test_going_over_a_limit_is_asked_about_beside_the_reason(placement):
    client, address = at("staff"), f"{page('placement-create')}?htx={placement.cooperative_id}"
    answer = client.post(address, PLACED | {"degree": "intermediate"})
    assert errors(answer) == {
        "exception_note": [
            "Trình độ Trung cấp thấp hơn mức tối thiểu: Cao đẳng.",
            "Nếu vẫn ghi, hãy nêu lý do ở đây.",
        ]
    }
    assert "Lao động 09" in answer.text
    client.post(address, PLACED | {"degree": "intermediate", "exception_note": "Tỉnh đồng ý"})
    assert Placement.objects.get(person_label="Lao động 09").exception_note == "Tỉnh đồng ý"


def test_somebody_leaves_and_is_replaced(placement):
    successor = make_placement(placement.cooperative, person_label="B", started_on=date(2024, 10, 1))
    sent = PLACED | {
        "person_label": placement.person_label, "job": placement.job, "started_on": "01/01/2023",
        "left_on": "30/09/2024", "leave_reason": "other_job", "replaced_by": successor.pk, "result": "left",
    }  # fmt: skip
    assert at("staff").post(page("placement-update", placement.pk), sent).status_code == 302
    placement.refresh_from_db()
    assert (placement.left_on, placement.replaced_by, placement.result) == (date(2024, 9, 30), successor, "left")
    assert "Thay bằng:" in at("staff").get(page("placement", placement.pk)).text
    assert "Thay cho" in at("staff").get(page("placement", successor.pk)).text


def test_staff_enter_and_revoke_a_line_of_the_list(placement):
    client = at("staff")
    address = f"{page('approved-create')}?htx={placement.cooperative_id}"
    assert client.post(address, LISTED | {"monthly_amount": "6tr"}).status_code == 302
    line = ApprovedSupport.objects.get()
    assert (line.decided_on, line.monthly_amount, line.edited_by.role) == (date(2023, 9, 5), 6_000_000, "staff")
    client.post(page("approved-update", line.pk), LISTED | {"revoked_on": "01/10/2024"})
    line.refresh_from_db()
    assert (line.revoked_on, line.monthly_amount) == (date(2024, 10, 1), None)
    text = client.get(page("approved"), {"q": "mien"}).text
    assert "88/QĐ-UBND" in text and "thu hồi 01/10/2024" in text


def test_a_batch_is_previewed_made_shown_and_paid(placement):
    client = at("staff")
    confirm(placement, date(2024, 5, 1))
    sent = {"number": "13/QĐ-LM", "decided_on": "15/08/2024", "from_month": "5/2024", "to_month": "07/2024"}
    seen = client.post(page("batch-create"), sent | {"preview": "1"})
    assert "1 tháng của 1 lao động tại 1 HTX, tổng 4.875.000\N{NO-BREAK SPACE}đ." in seen.text
    assert PaymentBatch.objects.count() == 1
    batch = client.post(page("batch-create"), sent)["Location"]
    text = client.get(batch).text
    assert "13/QĐ-LM" in text and "4.875.000\N{NO-BREAK SPACE}đ" in text and "chưa chi" in text
    assert errors(client.post(batch, {"paid_on": "14/08/2024"})) == {
        "paid_on": ["Ngày chi tiền phải từ ngày quyết định đến hôm nay."]
    }
    assert at("manager").post(batch, {"paid_on": "20/08/2024"}).status_code == 403
    client.post(batch, {"paid_on": "20/08/2024"})
    assert PaymentBatch.objects.get(number="13/QĐ-LM").paid_on == date(2024, 8, 20)
    again = client.post(page("batch-create"), sent | {"number": "14/QĐ-LM"})
    assert errors(again) == {"__all__": ["Không có tháng nào đã xác nhận mà chưa chi trả trong khoảng này."]}
    assert PaymentItem.objects.count() == 3


def test_a_class_and_who_came_are_entered_and_corrected(placement):
    client = at("staff")
    sent = {"name": "Kế toán HTX", "organiser": "Liên minh", "started_on": "06/05/2024", "ended_on": "07/05/2024"}
    shown = client.post(page("training-create"), sent | {"cost": "48,5 triệu"})["Location"]
    training = TrainingClass.objects.get()
    assert training.cost == 48_500_000
    address = f"{page('participation', training.pk)}?htx={placement.cooperative_id}"
    assert "__all__" in errors(client.post(address, {"participants": "2", "women": "3", "ethnic_minority": "0"}))
    for participants in ("2", "4"):
        client.post(address, {"participants": participants, "women": "1", "ethnic_minority": "2"})
    assert TrainingParticipation.objects.get().participants == 4
    assert "4 người của 1 HTX; nữ 1, dân tộc thiểu số 2" in client.get(shown).text
    assert "Miến Nà Duồng" in client.get(page("participation", training.pk), {"q": "mien"}).text
    client.post(page("training-update", training.pk), sent | {"name": "Kế toán"})
    assert TrainingClass.objects.get().name == "Kế toán"


@pytest.mark.parametrize("text", NASTY)
def test_hostile_forms_get_their_messages_and_leave_nothing(placement, text):
    client, htx = at("staff"), f"?htx={placement.cooperative_id}"
    forms = {
        page("placement-create") + htx: (PLACED, ("started_on", "degree", "approved", "replaced_by")),
        page("approved-create") + htx: (LISTED, ("decided_on", "posts", "job", "monthly_amount")),
        page("training-create"): (
            {"name": "A", "organiser": "B", "started_on": "06/05/2024", "ended_on": "07/05/2024"},
            ("started_on", "cost"),
        ),
        page("batch-create"): (
            {"number": "1", "decided_on": "15/08/2024", "from_month": "5/2024", "to_month": "07/2024"},
            ("decided_on", "from_month", "to_month", "cooperative"),
        ),
    }
    before = [model.objects.count() for model in (Placement, ApprovedSupport, TrainingClass, PaymentBatch)]
    for address, (sent, names) in forms.items():
        for name in names:
            assert name in errors(client.post(address, sent | {name: text})), (address, name)
    after = [model.objects.count() for model in (Placement, ApprovedSupport, TrainingClass, PaymentBatch)]
    assert before == after


@pytest.mark.parametrize("text", [*NASTY, "9" * 30])
def test_hostile_addresses_find_nothing_and_never_fail(placement, text):
    client = at("staff")
    for name in ("placements", "approved"):
        for asked in ("q", "page", "missing", "ordering", "cooperative", "state", "district"):
            assert client.get(page(name), {asked: text}).status_code == 200
    for name in ("placement-create", "approved-create"):
        for asked in ("htx", "q"):
            assert client.get(page(name), {asked: text}).status_code == 200
    for name in ("q", "missing", "state", "cooperative"):
        assert client.get("/api/v1/placements/", {name: text}).status_code in (200, 400)
    for path in ("nhan-luc/{}/", "nhan-luc/chi-tra/{}/", "nhan-luc/tap-huan/{}/"):
        for number in ("0", str(2**63), "9" * 40):
            assert client.get(f"/htx/{path.format(number)}").status_code == 404


# --- Lists -----------------------------------------------------------------------------------------------------


def labels(answer) -> list[str]:
    """The labels on a page of placements, in order."""
    return [row.person_label for row, _tally in answer.context["lines"]]


def test_the_list_is_searched_filtered_and_sorted(placement):
    other = make_cooperative("Hợp tác xã Ấm Áp")
    make_placement(other, person_label="B", job="marketing", started_on=date(2023, 7, 1), contract_no="77/HĐ")
    soon = timezone.localdate() + timedelta(days=30)
    make_placement(other, person_label="C", started_on=soon, ends_on=soon + timedelta(days=300))
    client = at("staff")

    def found(**asked):
        return labels(client.get(page("placements"), asked))

    assert found() == ["C", "B", "Lao động 01"]
    assert found(q="mien na duong") == found(q="Lao động 01") == ["Lao động 01"]
    assert found(q="77/HĐ") == found(job="marketing") == ["B"]
    assert found(ordering="ends_on")[-1] == found(ordering="-ends_on")[0] == "C"
    assert found(ordering="cooperative")[-1] == "Lao động 01"
    assert found(cooperative=other.pk) == ["C", "B"]
    assert set(found(state="ended")) == {"Lao động 01", "B"}
    assert (found(state="running"), found(state="to_come")) == ([], ["C"])
    assert found(district="061") == found() and found(district="058") == []
    assert set(found(missing="1")) == {"Lao động 01", "B"}


def test_months_used_left_and_missing_stand_in_the_list_and_the_api(placement):
    row = at("staff").get(f"/api/v1/placements/{placement.pk}/").json()
    assert (row["months_used"], row["months_left"], len(row["missing"])) == (24, 12, 22)
    listed = at("staff").get("/api/v1/placements/").json()["results"][0]
    assert listed == row
    text = at("staff").get(page("placements")).text
    assert "thiếu 22 tháng" in text


def work(count: int) -> None:
    """So many cooperatives, each with a line, a placement with two months paid, and a class."""
    for number in range(count):
        cooperative = make_cooperative()
        line = approve(cooperative)
        placement = make_placement(cooperative, approved=line)
        for month in (JUNE, JULY):
            confirm(placement, month)
        join(make_training(name=f"Lớp {number} {cooperative.pk}"), cooperative)
        pay(f"{number}/{cooperative.pk}", cooperatives=[cooperative])


@pytest.mark.parametrize(
    "path",
    [
        "/htx/nhan-luc/", "/htx/nhan-luc/?missing=1", "/htx/nhan-luc/phe-duyet/", "/htx/nhan-luc/chi-tra/",
        "/htx/nhan-luc/tap-huan/", "/api/v1/placements/", "/api/v1/payment-batches/", "/api/v1/training-classes/",
    ],
)  # fmt: skip
def test_a_list_of_many_asks_as_few_questions_as_one_of_few(placement, path):
    client = at("staff")

    def queries() -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    work(2)
    few = queries()
    work(8)
    assert queries() == few <= 18


def test_a_batch_of_many_months_asks_as_few_questions_and_stays_small(placement):
    client = at("staff")
    counts = []
    for people in (1, 30):
        for number in range(people):
            one = make_placement(person_label=f"Lao động {number}")
            for month in (JUNE, JULY):
                confirm(one, month)
        batch = pay(f"{people}")
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(page("batch", batch.pk))
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert len(answer.content) < 50_000
    assert answer.context["page"].paginator.count == 60


def test_a_contract_of_ten_years_is_still_a_small_page(placement):
    long = make_placement(
        started_on=date(2016, 1, 1), ends_on=date(2025, 12, 31), exception_note="Dài", person_label="Lâu năm"
    )
    assert len(at("staff").get(page("placement", long.pk)).content) < 50_000
