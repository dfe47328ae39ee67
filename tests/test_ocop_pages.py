"""Pages and API of OCOP products: the list and its filters, one product with cycles and papers, and who sees what."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token

from cooperatives.models import Cooperative, OcopPaper, OcopProduct, OcopProductSet
from tests.factories import make_case, make_commune, make_cooperative, make_user
from tests.ocop_rules import load_rules, make_product, make_rating

pytestmark = pytest.mark.django_db

LIST = "/htx/ocop/"
API = "/api/v1/ocop-products/"


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def staff(client):
    user = make_user()
    client.force_login(user)
    return user


def address(name: str, product: OcopProduct, **more) -> str:
    """An address of the product's pages."""
    return reverse(f"cooperatives:{name}", kwargs={"pk": product.cooperative_id, "product": product.pk, **more})


def rated(name: str, left: int, *, stars: int = 3, cooperative=None, **fields) -> OcopProduct:
    """A product whose certificate ends in ``left`` days from today."""
    product = make_product(name, cooperative=cooperative, **fields)
    last = timezone.localdate() + timedelta(left)
    make_rating(product, last - timedelta(1096), last, stars=stars)
    return product


def names(client, query: str = "") -> list[str]:
    """The products the list shows, in order."""
    return [row.name for row in client.get(f"{LIST}?{query}").context["page"]]


# --- The list ----------------------------------------------------------------------------------------------


@pytest.fixture
def five(db):
    """Products in every state: lapsed, ending today, soon, late, never rated."""
    far = make_commune("Quảng Bạch", code="02038", district="Chợ Đồn", district_code="064")
    there = make_cooperative("Hợp tác xã Chè Quảng Bạch", commune=far)
    rated("Chè lam", -1, cooperative=there, group="beverage")
    rated("Đậu phụ", 0, stars=4)
    rated("Bún khô", 90)
    rated("Ấm tích", 400, stars=5, group="handicraft")
    make_product("Cá suối")


@pytest.mark.database
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["Chè lam", "Đậu phụ", "Bún khô", "Ấm tích", "Cá suối"]),
        ("lapse=valid", ["Đậu phụ", "Bún khô", "Ấm tích"]),
        ("lapse=lapsed", ["Chè lam"]),
        ("lapse=never", ["Cá suối"]),
        ("lapse=30", ["Đậu phụ"]),
        ("lapse=90", ["Đậu phụ", "Bún khô"]),
        ("stars=3", ["Chè lam", "Bún khô"]),
        ("stars=4&lapse=30", ["Đậu phụ"]),
        ("group=handicraft", ["Ấm tích"]),
        ("district=064", ["Chè lam"]),
        ("q=che lam", ["Chè lam"]),
        ("q=quang bach", ["Chè lam"]),
        ("q=dau", ["Đậu phụ"]),
        ("ordering=name", ["Ấm tích", "Bún khô", "Cá suối", "Chè lam", "Đậu phụ"]),
        ("ordering=-stars", ["Ấm tích", "Đậu phụ", "Chè lam", "Bún khô", "Cá suối"]),
        ("ordering=stars", ["Chè lam", "Bún khô", "Đậu phụ", "Ấm tích", "Cá suối"]),
        ("ordering=-valid_until", ["Ấm tích", "Bún khô", "Đậu phụ", "Chè lam", "Cá suối"]),
        ("ordering=x", []),
        ("stars=7", []),
        ("lapse_from=hôm qua", []),
        ("cooperative=99999999999999999999", []),
    ],
)
def test_the_list_is_filtered_and_ordered(client, staff, five, query, shown):
    assert names(client, query) == shown


def test_the_span_of_last_days_can_be_typed(client, staff, five, today):
    last = today + timedelta(90)
    assert names(client, f"lapse_from={today:%d/%m/%Y}&lapse_to={last:%d/%m/%Y}") == ["Đậu phụ", "Bún khô"]


def test_the_list_says_how_many_days_are_left_or_over(client, staff, five):
    text = client.get(LIST).text
    for words in ("quá 1 ngày", "hôm nay hết hạn", "còn 90 ngày", "còn 400 ngày", "Chưa phân hạng"):
        assert words in text


def test_the_list_has_pages_and_as_many_queries_for_many_rows_as_for_few(client, staff, django_assert_max_num_queries):
    rated("Một", 10)
    client.get(LIST)
    with django_assert_max_num_queries(6):
        client.get(LIST)
    for number in range(30):
        rated(f"Sản phẩm {number}", number)
    with django_assert_max_num_queries(6):
        page = client.get(LIST)
    assert len(page.context["page"]) == 25
    assert "Trang 1 / 2 · 31 mục" in page.text
    assert len(page.content) < 50_000


# --- Whose products ----------------------------------------------------------------------------------------


def test_a_cooperatives_people_see_their_own_products_at_every_door_and_no_other(client, today):
    own = rated("Của mình", 20)
    other = rated("Của người khác", 20)
    paper = OcopPaper.objects.create(product=other, kind="other", number="1")
    client.force_login(make_user("cooperative", cooperative=own.cooperative))
    assert names(client) == ["Của mình"]
    assert client.get(address("ocop-product", own)).status_code == 200
    assert client.get(address("ocop-product", other)).status_code == 404
    assert [row["name"] for row in client.get(API).json()["results"]] == ["Của mình"]
    assert client.get(f"{API}{own.pk}/").status_code == 200
    assert client.get(f"{API}{other.pk}/").status_code == 404
    for name in ("ocop-product-update", "ocop-paper-add"):
        assert client.get(address(name, own)).status_code == 403
    assert client.post(address("ocop-paper-update", other, paper=paper.pk), {"kind": "other"}).status_code == 403
    assert "Sửa" not in client.get(address("ocop-product", own)).text


def test_a_manager_reads_and_does_not_write(client):
    product = rated("Miến", 20)
    client.force_login(make_user("manager"))
    assert client.get(address("ocop-product", product)).status_code == 200
    assert client.get(address("ocop-product-update", product)).status_code == 403
    assert client.post(address("ocop-paper-add", product), {"kind": "other"}).status_code == 403


def test_nobody_without_an_account_sees_a_product():
    product = rated("Miến", 20)
    stranger = Client()
    assert stranger.get(LIST).status_code == 302
    assert stranger.get(address("ocop-product", product)).status_code == 302
    assert stranger.get(API).status_code == 401


def test_a_product_lies_under_its_own_cooperative_only(client, staff):
    product = rated("Miến", 20)
    elsewhere = reverse("cooperatives:ocop-product", args=[make_cooperative().pk, product.pk])
    assert client.get(elsewhere).status_code == 404
    assert client.get(f"/htx/{10**30}/ocop/{10**30}/").status_code == 404


# --- One product -------------------------------------------------------------------------------------------


def test_a_product_shows_the_old_stars_beside_the_new_and_its_papers(client, staff, today):
    product = rated("Miến dong", 20)
    old = product.ratings.get()
    make_rating(product, today - timedelta(3), today + timedelta(1093), stars=4, part_a=30, part_b=20, part_c=25)
    OcopPaper.objects.create(product=product, kind="test_report", number="KN-1", expires_on=today - timedelta(2))
    OcopPaper.objects.create(product=product, kind="vietgap", number="VG-1", expires_on=today + timedelta(9))
    page = client.get(address("ocop-product", product))
    assert [(new.stars, before.stars if before else None) for new, before in page.context["cycles"]] == [
        (4, 3),
        (3, None),
    ]
    assert page.context["current"].stars == 4
    text = page.text
    for words in (
        "A 30 · B 20 · C 25",
        f"{old.decided_on:%d/%m/%Y}",
        "quá 2 ngày",
        "còn 9 ngày",
        "KN-1",
        "còn 1093 ngày",
    ):
        assert words in text


def test_a_product_asks_as_many_queries_for_many_cycles_and_papers(client, staff, today, django_assert_max_num_queries):
    product = rated("Miến dong", 20)
    for number in range(12):
        make_rating(product, today - timedelta(400 + number), today + timedelta(90))
        OcopPaper.objects.create(product=product, kind="other", number=str(number))
    client.get(address("ocop-product", product))
    with django_assert_max_num_queries(6):
        client.get(address("ocop-product", product))


def test_the_desk_and_a_cooperatives_own_space_lead_to_products(client, staff):
    product = rated("Miến dong", 20)
    assert address("ocop-product", product) in client.get("/").text
    client.force_login(make_user("cooperative", cooperative=product.cooperative))
    assert f'href="{LIST}"' in client.get("/").text


def test_the_page_of_the_cooperative_leads_to_its_products(client, staff):
    product = rated("Miến dong", 20)
    text = client.get(reverse("cooperatives:detail", args=[product.cooperative_id])).text
    assert address("ocop-product", product) in text
    assert reverse("cooperatives:ocop-product-create", args=[product.cooperative_id]) in text


def test_the_page_of_a_case_shows_old_and_new_stars_and_papers_to_staff_and_cooperative(client, staff, today):
    load_rules()
    product = rated("Miến dong", 20)
    OcopPaper.objects.create(product=product, kind="test_report", number="KN-1", expires_on=today - timedelta(2))
    details = {
        "product": product,
        "target_stars": 4,
        "part_a": Decimal(30),
        "part_b": Decimal(20),
        "part_c": Decimal(25),
    }
    case = make_case(product.cooperative, by=staff, details=details)
    page = client.get(reverse("support:case", args=[case.reference]))
    for words in ("Sao cũ và sao mới", "Kết quả đang ghi ở hồ sơ này", "4 ★", "KN-1", "quá 2 ngày"):
        assert words in page.text
    client.force_login(make_user("cooperative", cooperative=product.cooperative))
    page = client.get(reverse("support:case", args=[case.reference]))
    assert "KN-1" in page.text
    assert "Hướng dẫn" not in page.text


@pytest.mark.parametrize("role", ["staff", "cooperative"])
def test_the_page_of_a_case_asks_as_many_queries_for_many_cycles_and_papers(client, today, role):
    load_rules()
    product = rated("Miến dong", 20)
    person = make_user(role, cooperative=product.cooperative if role == "cooperative" else None)
    case = make_case(product.cooperative, by=make_user(), details={"product": product, "part_a": Decimal(30)})
    client.force_login(person)
    page = reverse("support:case", args=[case.reference])
    few = queries_of(client, page)
    for number in range(12):
        make_rating(product, today - timedelta(400 + number), today + timedelta(90))
        OcopPaper.objects.create(product=product, kind="other", number=str(number))
    assert queries_of(client, page) == few
    assert few <= 30


def queries_of(client, page: str) -> int:
    """The statements one visit of a page takes, once it was seen before."""
    client.get(page)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(page).status_code == 200
    return len(seen)


# --- Forms -------------------------------------------------------------------------------------------------


def test_a_product_is_entered_and_changed_by_its_form(client, staff):
    load_rules()
    party = make_cooperative()
    tea = OcopProductSet.objects.get(code="food_tea")
    sent = {"name": "Chè Shan", "group": "food", "product_set": tea.pk, "first_year": "2023", "external_ref": "X1"}
    answer = client.post(reverse("cooperatives:ocop-product-create", args=[party.pk]), sent)
    product = OcopProduct.objects.get()
    assert answer["Location"] == address("ocop-product", product)
    assert (product.name, product.product_set, product.first_year, product.cooperative) == (
        "Chè Shan",
        tea,
        2023,
        party,
    )
    answer = client.post(address("ocop-product-update", product), sent | {"name": "Chè Shan tuyết"})
    assert answer.status_code == 302
    assert OcopProduct.objects.get().name == "Chè Shan tuyết"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "m" * 161}, "name"),
        ({"first_year": "2017"}, "first_year"),
        ({"first_year": "9" * 30}, "first_year"),
        ({"group": "x"}, "group"),
        ({"product_set": "9" * 30}, "product_set"),
        ({"product_set": "abc"}, "product_set"),
    ],
)
def test_a_product_that_cannot_be_right_comes_back_with_words_and_what_was_typed(client, staff, changes, field):
    sent = {
        "name": "Chè Shan",
        "group": "food",
        "product_set": "",
        "first_year": "2023",
        "external_ref": "X1",
    } | changes
    page = client.post(reverse("cooperatives:ocop-product-create", args=[make_cooperative().pk]), sent)
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert 'value="X1"' in page.text
    assert OcopProduct.objects.count() == 0


def test_a_name_the_cooperative_has_already_is_refused_on_change(client, staff):
    product = make_product("Chè")
    other = make_product("Miến", cooperative=product.cooperative)
    page = client.post(address("ocop-product-update", other), {"name": "Chè", "group": "food", "first_year": "2022"})
    assert "HTX đã có sản phẩm này." in page.text
    assert OcopProduct.objects.get(pk=other.pk).name == "Miến"


def test_a_paper_is_recorded_with_its_usual_last_day_and_changed(client, staff):
    load_rules()
    product = make_product()
    sent = {"kind": "test_report", "number": "KN-5", "issuer": "Trung tâm", "issued_on": "29/02/2024", "expires_on": ""}
    assert client.post(address("ocop-paper-add", product), sent).status_code == 302
    paper = product.papers.get()
    assert f"{paper.expires_on:%d/%m/%Y}" == "28/02/2025"
    client.post(address("ocop-paper-add", product), sent)
    assert product.papers.count() == 1
    changed = sent | {"expires_on": "01/06/2025"}
    assert client.post(address("ocop-paper-update", product, paper=paper.pk), changed).status_code == 302
    assert f"{product.papers.get().expires_on:%d/%m/%Y}" == "01/06/2025"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"issued_on": "2024"}, "issued_on"),
        ({"issued_on": "31/02/2024"}, "issued_on"),
        ({"issued_on": "01/01/2999"}, "issued_on"),
        ({"expires_on": "01/01/2023"}, "__all__"),
        ({"kind": ""}, "kind"),
        ({"kind": "'; drop"}, "kind"),
        ({"number": "n" * 61}, "number"),
    ],
)
def test_a_paper_that_cannot_be_right_comes_back_with_words(client, staff, changes, field):
    product = make_product()
    sent = {"kind": "test_report", "number": "KN-5", "issued_on": "01/03/2024", "expires_on": ""} | changes
    page = client.post(address("ocop-paper-add", product), sent)
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert product.papers.count() == 0


def test_points_are_typed_with_a_comma_and_shown_so_again(client, staff):
    load_rules()
    case = make_case(by=staff, details={"part_a": Decimal("22.5")})
    edit = reverse("support:case-edit", args=[case.reference])
    page = client.get(edit)
    assert 'value="22,5"' in page.text
    sent = {"title": case.title, "officer": staff.pk, "version": case.version, "detail_part_a": "23,75"}
    sent["due_on"] = f"{case.due_on:%d/%m/%Y}"
    answer = client.post(edit, sent)
    assert answer.status_code == 302, answer.context["form"].errors
    case.refresh_from_db()
    assert case.details.part_a == Decimal("23.75")
    for typed in ("23,7,5", "1e999", "NaN", "２３ điểm", "41"):
        page = client.post(edit, sent | {"version": case.version, "detail_part_a": typed})
        assert page.status_code == 200
        assert "detail_part_a" in page.context["form"].errors
        assert typed in page.text


# --- API ---------------------------------------------------------------------------------------------------


@pytest.fixture
def api(staff):
    token = Token.objects.create(user=staff).key
    return Client(headers={"authorization": f"Token {token}"})


def test_the_api_tells_a_product_with_its_ratings_and_papers(api, today):
    load_rules()
    product = rated("Miến dong", 20, product_set=OcopProductSet.objects.get(code="food_processed"))
    rating = product.ratings.get()
    OcopPaper.objects.create(product=product, kind="vietgap", number="VG", expires_on=today)
    listed = {
        "id": product.pk, "cooperative": product.cooperative_id, "cooperative_name": product.cooperative.name,
        "district": "061", "name": "Miến dong", "group": "food", "product_set": "food_processed", "first_year": 2022,
        "external_ref": "", "stars": 3, "decided_on": rating.decided_on.isoformat(),
        "valid_until": rating.valid_until.isoformat(), "days_left": 20,
    }  # fmt: skip
    assert api.get(API).json() == {"count": 1, "next": None, "previous": None, "results": [listed]}
    assert api.get(f"{API}{product.pk}/").json() == listed | {
        "ratings": [
            {
                "decided_on": rating.decided_on.isoformat(), "stars": 3, "score": 60.0, "part_a": None,
                "part_b": None, "part_c": None, "level": "district", "criteria_version": "148", "decision_no": "",
                "certificate_no": "", "valid_until": rating.valid_until.isoformat(),
            }
        ],
        "papers": [
            {"kind": "vietgap", "number": "VG", "issuer": "", "issued_on": None, "expires_on": today.isoformat()}
        ],
    }  # fmt: skip


def test_the_api_filters_as_the_page_does_and_names_what_it_cannot_read(api, five):
    found = api.get(f"{API}?stars=3&ordering=name").json()
    assert [row["name"] for row in found["results"]] == ["Bún khô", "Chè lam"]
    for name, value in (("stars", "6"), ("group", "x"), ("lapse", "soon"), ("lapse_to", "mai"), ("ordering", "id;")):
        answer = api.get(f"{API}?{name}={value}")
        assert (answer.status_code, list(answer.json())) == (400, [name])


def test_the_api_writes_no_product(api):
    product = rated("Miến", 20)
    assert api.post(API, {}).status_code == 405
    assert api.delete(f"{API}{product.pk}/").status_code == 405


def test_the_api_list_takes_as_many_queries_for_many_rows(api, django_assert_max_num_queries):
    for number in range(12):
        rated(f"Sản phẩm {number}", number)
    with django_assert_max_num_queries(4):
        api.get(API)


def test_cooperatives_are_found_by_the_stars_that_count_today(api, today):
    renewed = rated("Miến", 30, stars=4)
    make_rating(renewed, today - timedelta(1), today + timedelta(1095), stars=3)
    lapsed = rated("Chè", -1, stars=4)
    still = rated("Rượu", 0, stars=4)

    def found(stars):
        rows = api.get(f"/api/v1/cooperatives/?ocop_stars={stars}").json()["results"]
        return {row["id"] for row in rows}

    assert found(4) == {still.cooperative_id}
    assert found(3) == {renewed.cooperative_id}
    assert Cooperative.objects.filter(pk=lapsed.cooperative_id).exists()


def test_a_case_is_opened_and_read_by_the_api_with_typed_details(api, staff):
    load_rules()
    product = make_product()
    sent = {
        "cooperative": product.cooperative_id, "topic": "ocop", "title": "Đánh giá lại",
        "details": {"cycle": "again", "product": product.pk, "target_stars": 3, "part_a": "25.5", "part_b": 10},
    }  # fmt: skip
    answer = api.post("/api/v1/cases/", sent, content_type="application/json")
    assert answer.status_code == 201, answer.json()
    details = answer.json()["details"]
    assert (details["product"], details["part_a"], details["part_b"], details["cycle"]) == (
        product.pk, 25.5, 10.0, "again",
    )  # fmt: skip
    for wrong in (
        {"product": make_product("Khác").pk},
        {"product": "x"},
        {"part_a": "nhiều"},
        {"cycle": "x"},
        {"rating": 1},
    ):
        answer = api.post("/api/v1/cases/", sent | {"details": wrong}, content_type="application/json")
        assert answer.status_code == 400, wrong
