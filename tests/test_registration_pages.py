"""Pages and API of registrations: forms in groups, the history of a cooperative, notices, who sees what."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from cooperatives.models import Cooperative, FoundingGroup
from htx_portal.accounts.models import Membership, Role
from support_cases.models import Case
from tests.contents import nothing_written
from tests.factories import make_cooperative, make_founding_group, make_user
from tests.kept import put_reference
from tests.registrations import ANSWERED, OPENED, finish, registration, step, walk, write

pytestmark = [pytest.mark.django_db]

FOUNDED = {
    "name": "Hợp tác xã Chè Khuổi Slao", "members": 8, "certificate_no": "0102", "certificate_on": ANSWERED,
}  # fmt: skip


@pytest.fixture(autouse=True)
def reference(db):
    """The shipped rules, catalogue and papers."""
    put_reference()


@pytest.fixture
def staff(db):
    return make_user()


@pytest.fixture
def cooperative(db):
    return make_cooperative("Hợp tác xã Đồng Phúc", charter_capital=900_000_000)


def opening(party, **typed):
    """A form that opens a registration case, every field as a browser sends it."""
    kind = "htx" if isinstance(party, Cooperative) else "nhom"
    return {
        "party": f"{kind}-{party.pk}", "title": "Việc đăng ký", "opened_on": "08/09/2025", "detail_procedure": "found",
    } | {f"detail_{name}": value for name, value in typed.items()}  # fmt: skip


def post_opening(client, party, **typed):
    kind = "htx" if isinstance(party, Cooperative) else "nhom"
    return client.post(f"/ho-so/moi/?topic=registration&{kind}={party.pk}", opening(party, **typed))


# --- The form -------------------------------------------------------------------------------------


def test_the_form_stands_in_groups_that_say_for_what_they_are_needed(client, staff, cooperative):
    client.force_login(staff)
    page = client.get(f"/ho-so/moi/?topic=registration&htx={cooperative.pk}")
    groups = [(str(g["heading"]), g["when"], g["values"], g["later"]) for g in page.context["form"].detail_groups()]
    facts = "found found_tht change change_representative update correct"
    assert groups == [
        ("", "", "", False),
        ("HTX trên giấy chứng nhận", "detail_procedure", "found found_tht", False),
        ("Nội dung đăng ký hoặc thay đổi", "detail_procedure", facts, False),
        ("Tạm ngừng kinh doanh", "detail_procedure", "suspend", False),
        ("Đơn vị phụ thuộc", "detail_procedure", "branch location", False),
        ("Kiểm tra hồ sơ đầu vào", "", "", True),
        ("Cơ quan đăng ký trả lời", "", "", True),
    ]
    assert b"data-kept" not in page.content
    assert "Chỉ cần cho: Tạm ngừng kinh doanh." in page.content.decode()


def test_every_column_of_the_details_is_in_the_form_once(client, staff, cooperative):
    client.force_login(staff)
    form = client.get(f"/ho-so/moi/?topic=registration&htx={cooperative.pk}").context["form"]
    shown = [field.name for group in form.detail_groups() for field in group["fields"]]
    assert sorted(shown) == sorted(name for name in form.fields if name.startswith("detail_"))


def test_a_group_with_something_in_it_is_kept_in_sight(client, staff, cooperative):
    client.force_login(staff)
    case = registration(cooperative, "change", by=staff, suspended_from=date(2025, 10, 1))
    page = client.get(reverse("support:case-edit", args=[case.reference]))
    kept = [str(g["heading"]) for g in page.context["form"].detail_groups() if g["when"] and g["kept"]]
    assert kept == ["Tạm ngừng kinh doanh"]


def test_what_is_typed_wrongly_is_told_in_vietnamese_beside_the_field_and_kept(client, staff, cooperative):
    client.force_login(staff)
    typed = {
        "name": "Chè <b>Khuổi</b>", "charter_capital": "nhiều lắm", "suspended_from": "31/02/2025", "members": "x",
        "tax_code": "47", "commune": "9999999", "branch_closed": "77", "procedure": "change",
    }  # fmt: skip
    with nothing_written():
        page = post_opening(client, cooperative, **typed)
    assert page.status_code == 200
    errors = page.context["form"].errors
    assert {name.removeprefix("detail_") for name in errors} == {
        "charter_capital", "suspended_from", "members", "commune", "branch_closed",
    }  # fmt: skip
    assert 'value="nhiều lắm"' in page.content.decode()
    assert "<b>Khuổi</b>" not in page.content.decode()


@pytest.mark.parametrize("text", ["\x00", "９" * 40, "-1", "1" * 300, "'; DROP TABLE", "𝔘𝔫𝔦", "\u202e"])
def test_no_text_brings_the_form_down(client, staff, cooperative, text):
    client.force_login(staff)
    names = ("name", "address", "commune", "charter_capital", "members", "tax_code", "branch_code", "changed_on")
    page = post_opening(client, cooperative, **dict.fromkeys(names, text))
    assert page.status_code == 200
    assert page.context["form"].errors


def test_a_name_in_another_unicode_form_is_the_same_name(client, staff):
    client.force_login(staff)
    group = make_founding_group()
    post_opening(client, group, name="Hợp tác xã Đồng Phúc", kind="htx")
    assert Case.objects.get().details.name == "Hợp tác xã Đồng Phúc"


# --- The page of a case -----------------------------------------------------------------------------


def test_a_step_refused_for_its_grounds_answers_409_with_the_words(client, staff):
    row = make_cooperative(legal_status="not_at_address")
    case = registration(row, "change", by=staff)
    client.force_login(staff)
    sent = {"step": "start", "version": case.version, "note": "", "effective_on": "08/09/2025"}
    page = client.post(reverse("support:case-step", args=[case.reference]), sent)
    assert page.status_code == 409
    assert "“Không hoạt động tại địa chỉ đã đăng ký”: cơ quan đăng ký từ chối hồ sơ" in page.content.decode()


def test_the_page_leads_staff_and_tells_the_cooperative_nothing_of_it(client, staff, cooperative):
    case = walk(registration(cooperative, "change", by=staff, changed_on=OPENED), "start")
    client.force_login(staff)
    assert (
        "Hạn nộp tính từ ngày có thay đổi: hết ngày 18/09/2025."
        in client.get(reverse("support:case", args=[case.reference])).content.decode()
    )
    client.force_login(make_user(Role.COOPERATIVE, cooperative=cooperative))
    theirs = client.get(reverse("support:case", args=[case.reference])).content.decode()
    assert "Hướng dẫn" not in theirs
    assert "Đang chuẩn bị hồ sơ đăng ký" in theirs


def test_the_page_of_a_case_asks_no_more_questions_as_the_history_grows(client, staff, django_assert_max_num_queries):
    row = make_cooperative()
    case = walk(registration(row, "change", by=staff, changed_on=OPENED), "start")
    client.force_login(staff)
    address = reverse("support:case", args=[case.reference])
    client.get(address)
    with django_assert_max_num_queries(33) as few:
        client.get(address)
    for number in range(10):
        finish(registration(row, "change", by=staff, representative="", charter_capital=number + 1, **_result(number)))
        row.branches.create(kind="branch", name=f"Chi nhánh {number}", opened_on=OPENED)
    with django_assert_max_num_queries(len(few)):
        client.get(address)


def _result(number: int) -> dict:
    return {"changed_on": OPENED + timedelta(days=number % 5), "certificate_on": ANSWERED}


# --- The history of a cooperative -------------------------------------------------------------------


def test_the_history_shows_changes_units_suspensions_and_to_the_office_notices(client, staff, cooperative):
    case = finish(registration(cooperative, "change", by=staff, charter_capital=1_200_000_000, **_result(0)))
    cooperative.branches.create(kind="office", name="Văn phòng Chợ Đồn", code="4700990014-001", opened_on=OPENED)
    cooperative.suspensions.create(starts_on=OPENED, ends_on=ANSWERED)
    cooperative.violation_notices.create(noticed_on=OPENED, subject="Chưa báo cáo")
    address = reverse("cooperatives:registration", args=[cooperative.pk])
    client.force_login(staff)
    page = client.get(address).content.decode()
    for words in ("900.000.000 đ", "1.200.000.000 đ", case.reference, "Văn phòng Chợ Đồn", "4700990014-001",
                  "08/09/2025 – 19/09/2025", "Chưa báo cáo", "chưa khắc phục"):  # fmt: skip
        assert words in page
    client.force_login(make_user(Role.COOPERATIVE, cooperative=cooperative))
    theirs = client.get(address).content.decode()
    assert "1.200.000.000 đ" in theirs
    assert "Chưa báo cáo" not in theirs
    client.force_login(make_user(Role.COOPERATIVE, cooperative=make_cooperative()))
    assert client.get(address).status_code == 404


def test_the_page_of_a_cooperative_shows_its_units_and_last_changes(client, staff, cooperative):
    finish(registration(cooperative, "change", by=staff, name="Hợp tác xã Mới", **_result(0)))
    cooperative.branches.create(kind="office", name="Văn phòng Chợ Đồn", opened_on=OPENED)
    cooperative.branches.create(kind="office", name="Văn phòng cũ", opened_on=OPENED, closed_on=ANSWERED)
    client.force_login(staff)
    page = client.get(reverse("cooperatives:detail", args=[cooperative.pk])).content.decode()
    assert "Hợp tác xã Đồng Phúc → Hợp tác xã Mới" in page
    assert ("Văn phòng Chợ Đồn" in page, "Văn phòng cũ" in page) == (True, False)


def test_a_long_history_has_pages_and_asks_the_same_questions(
    client, staff, cooperative, django_assert_max_num_queries
):
    client.force_login(staff)
    address = reverse("cooperatives:registration", args=[cooperative.pk])
    rows = cooperative.registration_changes
    rows.create(fact="members", old="1", new="2", changed_on=OPENED)
    client.get(address)
    with django_assert_max_num_queries(10) as few:
        client.get(address)
    for number in range(30):
        rows.create(fact="members", old=number, new=number + 1, changed_on=OPENED)
    with django_assert_max_num_queries(len(few)):
        page = client.get(address)
    assert (len(page.context["page"]), page.context["page"].paginator.num_pages) == (25, 2)


def test_a_notice_is_typed_and_settled_on_one_page(client, staff, cooperative):
    client.force_login(staff)
    address = reverse("cooperatives:violation", args=[cooperative.pk])
    there = reverse("cooperatives:registration", args=[cooperative.pk])
    assert client.post(address, {"noticed_on": "02/09/2025", "subject": "Chưa báo cáo"}).url == there
    form = client.get(address).context["form"]
    assert (form.initial["noticed_on"], form.initial["subject"]) == (date(2025, 9, 2), "Chưa báo cáo")
    client.post(address, {"noticed_on": "02/09/2025", "subject": "Chưa báo cáo", "settled_on": "10/09/2025"})
    notice = cooperative.violation_notices.get()
    assert (notice.noticed_on, notice.settled_on) == (date(2025, 9, 2), date(2025, 9, 10))


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"subject": ""}, ["noticed_on"]),
        ({"noticed_on": "31/02/2025"}, ["noticed_on"]),
        ({"noticed_on": "02/09/2025", "settled_on": "01/09/2025"}, ["__all__"]),
        ({"noticed_on": "02/09/2999"}, ["noticed_on"]),
        ({"noticed_on": "02/09/2025", "subject": "x" * 201}, ["subject"]),
    ],
)
def test_a_notice_typed_wrongly_is_told_and_nothing_written(client, staff, cooperative, typed, fields):
    client.force_login(staff)
    with nothing_written():
        page = client.post(reverse("cooperatives:violation", args=[cooperative.pk]), typed)
    assert (page.status_code, list(page.context["form"].errors)) == (200, fields)


# --- Who sees what; the API -------------------------------------------------------------------------


def test_the_people_of_the_new_cooperative_see_how_it_was_founded(client, staff):
    case = finish(registration(make_founding_group(), by=staff, **FOUNDED))
    person = make_user(Role.COOPERATIVE)
    client.force_login(person)
    address = reverse("support:case", args=[case.reference])
    assert client.get(address).status_code == 404
    Membership.objects.create(user=person, cooperative=case.cooperative, since=ANSWERED)
    assert client.get(address).status_code == 200


def test_consultations_of_the_group_stay_those_of_the_group(staff):
    case = finish(registration(make_founding_group(), by=staff, **FOUNDED))
    assert FoundingGroup.objects.get().cooperative == case.cooperative
    assert case.cooperative.consultations.count() == 0


def test_the_api_takes_typed_details_and_gives_them_back(staff):
    group = make_founding_group()
    api = APIClient()
    api.force_authenticate(staff)
    sent = {
        "founding_group": group.pk, "topic": "registration", "title": "Thành lập",
        "details": {
            "procedure": "found", "name": "Hợp tác xã Mới", "members": 8, "met_on": "2025-09-01", "has_name": True,
        },
    }  # fmt: skip
    answer = api.post("/api/v1/cases/", sent, format="json")
    assert answer.status_code == 201, answer.data
    details = answer.data["details"]
    assert (details["name"], details["members"], details["met_on"], details["has_name"], details["kind"]) == (
        "Hợp tác xã Mới", 8, "2025-09-01", True, "",
    )  # fmt: skip


@pytest.mark.parametrize(
    "details",
    [
        {"members": "tám"}, {"members": 2**70}, {"kind": "company"}, {"name": "HTX Mới"}, {"commune": 0},
        {"commune": 2**70}, {"branch_closed": 1}, {"met_on": "31/02/2025"}, {"procedure": None}, {"has_name": "maybe"},
        {"charter_capital": 1.5}, {"supplement_asked_on": "2999-01-01"}, {"unknown": 1},
    ],
)  # fmt: skip
def test_the_api_refuses_details_that_cannot_be_right(staff, details):
    group = make_founding_group()
    api = APIClient()
    api.force_authenticate(staff)
    sent = {"founding_group": group.pk, "topic": "registration", "title": "Thành lập", "details": details}
    with nothing_written():
        answer = api.post("/api/v1/cases/", sent, format="json")
    assert answer.status_code == 400
    assert all(isinstance(words, list) for words in answer.data.values())


def test_the_api_answers_409_with_the_reasons_of_this_kind(staff, cooperative):
    case = walk(registration(cooperative, "change", by=staff, changed_on=OPENED), "start")
    api = APIClient()
    api.force_authenticate(staff)
    late = {"step": "submit", "note": "", "version": case.version}
    answer = api.post(f"/api/v1/cases/{case.reference}/steps/", late, format="json")
    assert (answer.status_code, answer.data["problems"][0]) == (409, "Nộp muộn: hạn nộp là ngày 18/09/2025.")
    answer = api.post(f"/api/v1/cases/{case.reference}/steps/", late | {"note": "Đường sạt lở"}, format="json")
    assert (answer.status_code, answer.data["milestone"]) == (200, "filed")


def test_what_the_case_was_told_of_a_round_is_on_its_page(client, staff, cooperative, time_machine):
    time_machine.move_to("2026-11-28T08:00:00+07:00")
    case = walk(registration(cooperative, "change", by=staff), "start", "submit", on=date(2026, 11, 2))
    case = step(case, "request_papers", date(2026, 11, 10))
    client.force_login(staff)
    page = client.get(reverse("support:case", args=[case.reference])).content.decode()
    assert "quá hạn hồ sơ không còn giá trị." in page
    case = write(case, supplement_asked_on=date(2026, 11, 5))
    assert "hết ngày 04/01/2027" in client.get(reverse("support:case", args=[case.reference])).content.decode()
