"""Pages of the register: who sees what, what is found, what may be entered."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cooperatives.models import AdminUnit, Contact, Cooperative, FoundingGroup, Loan, OcopProduct, OcopRating, Term
from tests.factories import load_reference_units, make_commune, make_cooperative, make_founding_group, make_user

pytestmark = pytest.mark.django_db

LIST = "cooperatives:list"
CREATE = "cooperatives:create"


def names_on(response) -> list[str]:
    """Return the names of the rows of a list page, in order."""
    return [row.name for row in response.context["page"]]


def entry(commune: AdminUnit, **changes) -> dict:
    """Return what the form of a new cooperative sends when it is filled in sparsely."""
    sent = {
        "name": "Hợp tác xã Đồng Phúc",
        "kind": "htx",
        "commune": commune.pk,
        "legal_status": "active",
        "actual_state": "operating",
        "charter_review": "not_reviewed",
    }
    return sent | changes


def update_form(client, row: Cooperative, **changes) -> dict:
    """Return what the form of ``row`` sends back when only ``changes`` were typed."""
    form = client.get(reverse("cooperatives:update", args=[row.pk])).context["form"]
    sent = {field.html_name: field.value() for field in form}
    return {k: v for k, v in sent.items() if v is not None and v is not False} | changes


@pytest.fixture
def staff(client):
    """A signed-in member of staff."""
    user = make_user("staff")
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("role", "listed", "detail", "create", "groups"),
    [
        ("staff", 200, 200, 200, 200),
        ("admin", 200, 200, 200, 200),
        ("manager", 200, 200, 403, 200),
        ("cooperative", 403, 404, 403, 403),
    ],
)
def test_each_role_opens_its_own_doors_and_no_others(client, role, listed, detail, create, groups):
    row = make_cooperative()
    client.force_login(make_user(role))
    answers = [
        client.get(reverse(LIST)).status_code,
        client.get(reverse("cooperatives:detail", args=[row.pk])).status_code,
        client.get(reverse(CREATE)).status_code,
        client.get(reverse("cooperatives:groups")).status_code,
    ]
    assert answers == [listed, detail, create, groups]
    assert client.get(reverse("cooperatives:update", args=[row.pk])).status_code == create
    assert client.get(reverse("cooperatives:group-create")).status_code == create


def test_nobody_enters_without_signing_in(client):
    for name in (LIST, CREATE, "cooperatives:groups", "cooperatives:communes"):
        assert client.get(reverse(name)).status_code == 302


def test_a_refused_role_writes_nothing(client):
    client.force_login(make_user("manager"))
    assert client.post(reverse(CREATE), entry(make_commune())).status_code == 403
    assert Cooperative.objects.count() == 0


def test_people_of_a_cooperative_see_their_own_without_notes_and_amounts(client):
    own = make_cooperative("Hợp tác xã Của Mình", note="Ghi chú nội bộ")
    Loan.objects.create(cooperative=own, lender="agribank", requested=350_000_000, submitted_on=date(2023, 5, 4))
    other = make_cooperative("Hợp tác xã Khác")
    client.force_login(make_user("cooperative", cooperative=own))
    page = client.get(reverse("cooperatives:detail", args=[own.pk]))
    assert page.status_code == 200
    assert "Agribank" in page.text
    assert "350.000.000" not in page.text
    assert "Ghi chú nội bộ" not in page.text
    assert client.get(reverse("cooperatives:detail", args=[other.pk])).status_code == 404


def test_the_search_box_finds_without_accents_by_name_tax_code_phone_and_commune(client, staff):
    make_cooperative("Hợp tác xã Đồng Phúc", tax_code="4700123456", phone="0912345678")
    make_cooperative("Hợp tác xã Yến Dương", commune=make_commune("Yến Dương", code="01945"))
    for query in ("hop tac xa dong phuc", "4700123456", "0912 345 678", "Đồng Phúc"):
        assert names_on(client.get(reverse(LIST), {"q": query})) == ["Hợp tác xã Đồng Phúc"]
    assert names_on(client.get(reverse(LIST), {"q": "yen duong"})) == ["Hợp tác xã Yến Dương"]


def test_the_list_shows_where_a_cooperative_is_and_when_its_term_ends(client, staff):
    row = make_cooperative(phone="0912345678")
    Term.objects.create(cooperative=row, started_on=date(2015, 1, 1), ends_on=date(2019, 12, 31))
    Term.objects.create(cooperative=row, started_on=date(2020, 1, 1), ends_on=date(2024, 12, 31))
    page = client.get(reverse(LIST)).text
    assert "huyện Ba Bể" in page
    assert "31/12/2024" in page
    assert "31/12/2019" not in page
    assert "đã hết" in page
    assert "0912 345 678" in page


def test_a_filter_value_that_makes_no_sense_shows_its_error_and_no_rows(client, staff):
    make_cooperative()
    page = client.get(reverse(LIST), {"congress_due_before": "31/02/2024", "q": "thử"})
    assert page.status_code == 200
    assert names_on(page) == []
    assert page.context["filter"].form.errors.keys() == {"congress_due_before"}
    assert "31/02/2024" in page.text
    assert client.get(reverse(LIST), {"status": "nonsense", "page": "x"}).status_code == 200


def test_an_empty_result_says_what_to_do_next(client, staff):
    page = client.get(reverse(LIST), {"q": "không có đâu"})
    assert "Chưa có HTX nào khớp" in page.text
    assert reverse(CREATE) in page.text


def test_the_list_asks_as_many_questions_for_thirty_rows_as_for_one(client, staff, django_assert_max_num_queries):
    make_cooperative()
    client.get(reverse(LIST))
    for _ in range(2):
        with django_assert_max_num_queries(8):
            page = client.get(reverse(LIST))
        if Cooperative.objects.count() == 1:
            for _row in range(29):
                Term.objects.create(
                    cooperative=make_cooperative(), started_on=date(2022, 1, 1), ends_on=date(2026, 12, 31)
                )
    assert len(names_on(page)) == 25


def test_pages_stay_below_fifty_kilobytes(client, staff):
    load_reference_units()
    for _row in range(26):
        make_cooperative(commune=AdminUnit.objects.communes().first())
    for name in (LIST, CREATE, "cooperatives:groups", "cooperatives:group-create"):
        assert len(client.get(reverse(name)).content) < 50_000


def test_a_cooperative_is_entered_with_name_kind_and_commune_alone(client, staff):
    commune = make_commune()
    answer = client.post(reverse(CREATE), entry(commune))
    row = Cooperative.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("cooperatives:detail", args=[row.pk]))
    assert (row.name, row.kind, row.old_commune, row.new_commune) == (
        "Hợp tác xã Đồng Phúc",
        "htx",
        commune,
        commune.successor,
    )
    assert row.old_district.full_name == "huyện Ba Bể"
    assert "Đã thêm" in client.get(answer.url).text


def test_everything_that_is_typed_is_kept_as_it_was_meant(client, staff):
    sent = entry(
        make_commune(),
        tax_code="4700 123 456",
        registered_on="05/09/2023",
        phone="+84 912 345 678",
        charter_capital="350tr",
        contact_name="Triệu Thị Mai",
        contact_phone="0987 654 321",
    )
    client.post(reverse(CREATE), sent)
    row = Cooperative.objects.get()
    assert (row.tax_code, row.registered_on, row.phone, row.charter_capital) == (
        "4700123456",
        date(2023, 9, 5),
        "0912345678",
        350_000_000,
    )
    assert list(row.contacts.values_list("name", "phone")) == [("Triệu Thị Mai", "0987654321")]


def test_wrong_input_is_named_beside_its_field_kept_and_not_written(client, staff):
    tomorrow = timezone.localdate() + timedelta(days=1)
    sent = entry(
        make_commune().successor,
        name="",
        tax_code="12",
        registered_on=f"{tomorrow:%d/%m/%Y}",
        charter_capital="nhiều lắm",
        phone="gọi sau",
        contact_phone="0987654321",
        address="Thôn Nà Phầy",
    )
    page = client.post(reverse(CREATE), sent)
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"name", "charter_capital", "contact_name"}
    for kept in ("nhiều lắm", "gọi sau", "Thôn Nà Phầy", f"{tomorrow:%d/%m/%Y}"):
        assert kept in page.text
    sent |= {"name": "HTX Mới", "charter_capital": "", "contact_phone": ""}
    page = client.post(reverse(CREATE), sent)
    assert page.context["form"].errors.keys() == {"tax_code", "registered_on", "phone"}
    assert Cooperative.objects.count() == 0
    assert Contact.objects.count() == 0


def test_a_commune_that_was_merged_before_the_registration_is_refused(client, staff):
    page = client.post(reverse(CREATE), entry(make_commune(), registered_on="15/08/2025"))
    assert "xin chọn xã mới" in page.context["form"].errors["commune"][0]
    assert Cooperative.objects.count() == 0
    client.post(reverse(CREATE), entry(make_commune().successor, registered_on="15/08/2025"))
    assert Cooperative.objects.get().new_commune == make_commune().successor


def test_a_name_that_is_there_already_is_asked_about_once(client, staff):
    commune = make_commune()
    first = make_cooperative("Hợp tác xã Đồng Phúc", commune=commune)
    page = client.post(reverse(CREATE), entry(commune, name="hợp tác xã đồng phúc", address="Thôn Tẩn Lượt"))
    assert page.status_code == 200
    assert [twin.pk for twin in page.context["form"].twins] == [first.pk]
    assert "Vẫn lưu, đây là HTX khác" in page.text
    assert "Thôn Tẩn Lượt" in page.text
    assert Cooperative.objects.count() == 1
    client.post(reverse(CREATE), entry(commune, name="hợp tác xã đồng phúc", is_another="on"))
    assert Cooperative.objects.count() == 2


def test_a_second_press_does_not_enter_the_cooperative_twice(client, staff):
    sent = entry(make_commune())
    client.post(reverse(CREATE), sent)
    client.post(reverse(CREATE), sent)
    assert Cooperative.objects.count() == 1


def test_a_change_is_saved_and_everything_else_stays(client, staff):
    row = make_cooperative(phone="0912345678", charter_capital=1_200_000_000, members=18)
    sent = update_form(client, row, representative="Hà Văn Thuấn")
    assert sent["charter_capital"] == "1.200.000.000"
    assert client.post(reverse("cooperatives:update", args=[row.pk]), sent).status_code == 302
    saved = Cooperative.objects.get()
    assert (saved.representative, saved.phone, saved.charter_capital, saved.members, saved.registered_on) == (
        "Hà Văn Thuấn",
        "0912345678",
        1_200_000_000,
        18,
        date(2021, 3, 15),
    )


def test_a_stale_form_is_told_what_differs_and_loses_nothing(client, staff):
    row = make_cooperative(phone="0912345678")
    sent = update_form(client, row, representative="Hà Văn Thuấn")
    row.phone = "0987654321"
    row.save()
    page = client.post(reverse("cooperatives:update", args=[row.pk]), sent)
    assert page.status_code == 409
    assert "Hà Văn Thuấn" in page.text
    assert "Điện thoại" in page.context["form"].non_field_errors()[0]
    row.refresh_from_db()
    assert (row.representative, row.phone) == ("", "0987654321")
    again = sent | {"seen_at": page.context["form"]["seen_at"].value(), "phone": "0987654321"}
    assert client.post(reverse("cooperatives:update", args=[row.pk]), again).status_code == 302
    row.refresh_from_db()
    assert (row.representative, row.phone) == ("Hà Văn Thuấn", "0987654321")


def test_the_detail_page_shows_terms_products_and_what_to_look_at_again(client, staff):
    row = make_cooperative("Hợp tác xã Đồng Phúc", tax_code="4700123457")
    make_cooperative("Hợp tác xã Đồng Phúc")
    product = OcopProduct.objects.create(cooperative=row, name="Miến dong", group="food", first_year=2020)
    for year, stars in ((2019, 3), (2022, 4)):
        OcopRating.objects.create(
            product=product, criteria_version="1048", level="province", score=75, stars=stars,
            decided_on=date(year, 6, 1), valid_until=date(year + 3, 6, 1),
        )  # fmt: skip
    page = client.get(reverse("cooperatives:detail", args=[row.pk])).text
    assert "4 ★" in page
    assert "3 ★" not in page
    assert "đã hết hạn" in page
    assert "Có thể trùng với" in page
    assert "chữ số kiểm tra không khớp" in page
    assert f"{reverse('support:cases')}?cooperative={row.pk}" in page


def test_what_a_user_typed_is_escaped(client, staff):
    row = make_cooperative("HTX <script>alert(1)</script>", note='"><img src=x onerror=alert(1)>')
    for address in (reverse(LIST), reverse("cooperatives:detail", args=[row.pk])):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_communes_are_found_while_typing_old_and_new_apart(client, staff):
    load_reference_units()
    results = client.get(reverse("cooperatives:communes"), {"q": "dong phuc"}).json()["results"]
    assert [(r["label"], r["note"]) for r in results] == [
        ("xã Đồng Phúc", "huyện Ba Bể"),
        ("xã Đồng Phúc", "xã, phường mới từ 01/07/2025"),
    ]
    assert client.get(reverse("cooperatives:communes"), {"q": ""}).json() == {"results": []}
    assert len(client.get(reverse("cooperatives:communes"), {"q": "xa"}).json()["results"]) == 10


def test_a_founding_group_is_written_down_and_found(client, staff):
    commune = make_commune()
    sent = {"name": "Nhóm Homestay Pác Ngòi", "commune": commune.pk, "formed_on": "10/01/2024", "phone": "0912 345 678"}
    assert client.post(reverse("cooperatives:group-create"), sent).status_code == 302
    row = FoundingGroup.objects.get()
    assert (row.name, row.commune, row.formed_on, row.phone) == (
        "Nhóm Homestay Pác Ngòi", commune, date(2024, 1, 10), "0912345678",
    )  # fmt: skip
    make_founding_group("Nhóm Khác")
    assert names_on(client.get(reverse("cooperatives:groups"), {"q": "homestay pac ngoi"})) == [row.name]


def test_a_founding_group_cannot_be_formed_tomorrow(client, staff):
    tomorrow = f"{timezone.localdate() + timedelta(days=1):%d/%m/%Y}"
    sent = {"name": "Nhóm", "commune": make_commune().pk, "formed_on": tomorrow, "phone": "12"}
    page = client.post(reverse("cooperatives:group-create"), sent)
    assert page.context["form"].errors.keys() == {"formed_on", "phone"}
    assert tomorrow in page.text
    assert FoundingGroup.objects.count() == 0
