"""Pages and API of obligations: who sees them, what they say, what they refuse, how much they ask the database."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from cooperatives.choices import ObligationKind
from cooperatives.models import AnnualUpdate, Congress
from htx_portal.accounts.models import Role
from tests.contents import nothing_written
from tests.factories import make_commune, make_cooperative, make_user
from tests.law import load_rules

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ALL = "/htx/nghia-vu/"


@pytest.fixture(autouse=True)
def law():
    """The reference rules and holidays."""
    load_rules()


@pytest.fixture
def cooperative():
    return make_cooperative("Hợp tác xã Miến dong Nà Duồng")


@pytest.fixture
def staff(client):
    user = make_user()
    client.force_login(user)
    return user


def words(answer) -> str:
    """The text of a page without its markup, blanks folded."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def queries_of(client, django_assert_max_num_queries, address: str) -> int:
    """How many queries a page takes."""
    with django_assert_max_num_queries(60) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


# --- One cooperative ---------------------------------------------------------------------------------------


def test_staff_read_what_a_cooperative_owes_how_it_was_counted_and_where_it_is_written(client, staff, cooperative):
    Congress.objects.create(cooperative=cooperative, kind="term", held_on=date(2024, 8, 31), present=12, call_no=2)
    text = words(client.get(f"/htx/{cooperative.pk}/nghia-vu/"))
    assert "Đại hội gần nhất ngày 31/08/2024; 18 tháng liên tục không họp thì có thể bị thu hồi." in text
    assert "hạn 28/02/2026" in text
    assert "Luật số 17/2023/QH15, Điều 103 · Đã đối chiếu văn bản" in text
    assert "31/08/2024 · Nhiệm kỳ triệu tập lần thứ 2 · 12 người dự" in text
    assert "Chưa ghi nhiệm kỳ nào." in text


def test_a_cooperatives_people_read_their_own_in_plain_words_and_nobody_elses(client, cooperative):
    client.force_login(make_user(Role.COOPERATIVE, cooperative=cooperative))
    text = words(client.get(f"/htx/{cooperative.pk}/nghia-vu/"))
    assert "Họp đại hội thành viên thường niên, báo cáo kết quả năm và phương án phân phối thu nhập." in text
    assert "Đã đối chiếu văn bản" not in text
    assert "Ghi đã gửi" not in text
    assert client.get(f"/htx/{make_cooperative().pk}/nghia-vu/").status_code == 404
    assert client.get(ALL).status_code == 403
    assert f'href="/htx/{cooperative.pk}/nghia-vu/"' in client.get("/").content.decode()


def test_the_page_of_a_cooperative_leads_there(client, staff, cooperative):
    assert f'href="/htx/{cooperative.pk}/nghia-vu/"' in client.get(f"/htx/{cooperative.pk}/").content.decode()
    assert f'href="{ALL}"' in client.get("/htx/").content.decode()


def test_an_update_is_noted_and_taken_back_at_the_page(client, staff, cooperative):
    address = f"/htx/{cooperative.pk}/nghia-vu/cap-nhat/"
    answer = client.post(address, {"year": "2025", "filed_on": "10/12/2025"}, follow=True)
    assert "Đã ghi HTX gửi cập nhật thông tin năm 2025." in words(answer)
    row = AnnualUpdate.objects.get()
    assert (row.cooperative, row.year, row.filed_on, row.recorded_by) == (cooperative, 2025, date(2025, 12, 10), staff)
    answer = client.post(f"{address}2025/bo/", follow=True)
    assert "Đã bỏ ghi nhận cập nhật năm 2025." in words(answer)
    assert AnnualUpdate.objects.count() == 0


HOSTILE = [
    ({"year": "", "filed_on": ""}, "Mục này cần có nội dung."),
    ({"year": "2025", "filed_on": "12/31/2025"}, "Hãy ghi ngày dạng 05/09/2023."),
    ({"year": "99999999999999999999", "filed_on": "10/12/2025"}, "2200"),
    ({"year": "-1", "filed_on": "10/12/2025"}, "2024"),
    ({"year": "<b>", "filed_on": "10/12/2025"}, "Hãy ghi một số nguyên."),
    ({"year": "2025", "filed_on": "01/01/0001"}, "Ngày này quá xa, xin kiểm tra năm."),
    ({"year": "2025", "filed_on": "01/01/2190"}, "Ngày này không thể ở tương lai."),
    ({"year": "2025\x00", "filed_on": "10/12/2025\x00"}, ""),
    ({}, ""),
]


@pytest.mark.parametrize(("sent", "said"), HOSTILE)
@pytest.mark.once
def test_wrong_input_is_named_kept_and_not_written(client, staff, cooperative, sent, said):
    with nothing_written():
        answer = client.post(f"/htx/{cooperative.pk}/nghia-vu/cap-nhat/", sent)
    assert answer.status_code == 200
    assert said in words(answer)
    assert "<b>" not in answer.content.decode()


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COOPERATIVE])
def test_only_those_who_record_note_an_update(client, cooperative, role):
    client.force_login(make_user(role, cooperative=cooperative if role == Role.COOPERATIVE else None))
    with nothing_written():
        sent = {"year": "2025", "filed_on": "10/12/2025"}
        assert client.post(f"/htx/{cooperative.pk}/nghia-vu/cap-nhat/", sent).status_code == 403
        assert client.post(f"/htx/{cooperative.pk}/nghia-vu/cap-nhat/2025/bo/").status_code == 403


def test_the_page_of_one_takes_as_many_queries_with_ten_meetings_as_with_one(
    client, staff, cooperative, django_assert_max_num_queries
):
    def add(number):
        Congress.objects.create(cooperative=cooperative, kind="annual", held_on=date(2016 + number, 4, 1))
        AnnualUpdate.objects.create(cooperative=cooperative, year=2030 + number, filed_on=date(2025, 1, 1))
        cooperative.terms.create(started_on=date(2001 + number, 1, 1), ends_on=date(2002 + number, 1, 1))

    add(0)
    address = f"/htx/{cooperative.pk}/nghia-vu/"
    one = queries_of(client, django_assert_max_num_queries, address)
    for number in range(1, 10):
        add(number)
    assert queries_of(client, django_assert_max_num_queries, address) == one


# --- All of them -------------------------------------------------------------------------------------------


def rows_of(client, query: str = "") -> list[tuple[str, str]]:
    """Cooperative and obligation of each line of the list."""
    page = client.get(f"{ALL}?{query}").context["page"]
    return [(one.cooperative.name, one.kind) for one in page]


@pytest.fixture
def three():
    """Three cooperatives whose terms end late, soon and far away; in two districts."""
    today = timezone.localdate()
    other = make_commune("Bằng Phúc", code="02041", district="Chợ Đồn", district_code="064")
    for name, left, commune in (("Trễ", -5, None), ("Gần", 20, other), ("Xa", 900, None)):
        row = make_cooperative(f"Hợp tác xã {name}", commune=commune)
        row.terms.create(started_on=today - timedelta(1000), ends_on=today + timedelta(days=left))


def names(client, query: str) -> list[str]:
    """The last words of the cooperatives whose terms end, in the order of the list."""
    return [name.split()[-1] for name, _kind in rows_of(client, f"kind=term_end&{query}")]


def test_the_list_is_narrowed_and_turned_round(client, staff, three):
    assert names(client, "") == ["Trễ", "Gần", "Xa"]
    assert names(client, "ordering=-days_left") == ["Xa", "Gần", "Trễ"]
    assert names(client, "state=late") == ["Trễ"]
    assert names(client, "state=soon") == ["Gần"]
    assert names(client, "within=30") == ["Trễ", "Gần"]
    assert names(client, "district=064") == ["Gần"]
    assert {kind for _name, kind in rows_of(client)} > {ObligationKind.TERM_END, ObligationKind.ANNUAL_CONGRESS}


def test_the_list_says_days_and_how_many_there_are(client, staff, three):
    text = words(client.get(f"{ALL}?kind=term_end"))
    assert "quá 5 ngày" in text
    assert "còn 20 ngày" in text
    totals = client.get(f"{ALL}?kind=term_end").context["totals"]
    assert [(kind, {state.value: n for state, n in states}) for kind, _label, states in totals] == [
        ("term_end", {"late": 1, "soon": 1, "ok": 1, "unknown": 0})
    ]


@pytest.mark.parametrize(
    "query",
    [
        "kind=x",
        "state=%00",
        "within=abc",
        "within=-5",
        "within=999999999999",
        "district=zzz",
        "ordering=name",
        "page=-1",
    ],
)
def test_nonsense_in_the_address_is_said_and_never_a_fault(client, staff, three, query):
    answer = client.get(f"{ALL}?{query}")
    assert answer.status_code == 200
    if not query.startswith("page"):
        assert answer.context["page"].object_list == []
        assert "field--bad" in answer.content.decode()


def test_an_ended_cooperative_owes_nothing(client, staff, cooperative):
    cooperative.legal_status = "dissolved"
    cooperative.save()
    assert rows_of(client) == []


def test_the_list_takes_as_many_queries_for_ten_as_for_one(client, staff, django_assert_max_num_queries):
    make_cooperative()
    of_one_kind = f"{ALL}?kind=annual_congress"
    one, all_kinds = (queries_of(client, django_assert_max_num_queries, at) for at in (of_one_kind, ALL))
    for _ in range(9):
        make_cooperative()
    assert queries_of(client, django_assert_max_num_queries, of_one_kind) == one
    # The first page of ten shows fewer kinds than the page of one, and reads only those it shows.
    assert queries_of(client, django_assert_max_num_queries, ALL) <= all_kinds
    assert len(client.get(f"{ALL}?page=2").context["page"].object_list) == 25


# --- API ---------------------------------------------------------------------------------------------------


def test_the_api_answers_with_typed_rows(client, staff):
    row = make_cooperative(registered_on=timezone.localdate(), charter_review="conforms")
    answer = client.get(f"/api/v1/cooperatives/{row.pk}/obligations/").json()
    assert (answer["count"], answer["next"]) == (len(answer["results"]), None)
    capital = next(one for one in answer["results"] if one["kind"] == "capital")
    assert set(capital) == {
        "kind", "label", "advice", "state", "anchor_on", "ends_on", "due_on", "days_left", "arithmetic", "source",
        "confidence",
    }  # fmt: skip
    assert (capital["anchor_on"], capital["label"], capital["confidence"]) == (
        f"{timezone.localdate():%Y-%m-%d}",
        "Góp đủ vốn điều lệ",
        "C",
    )
    term = next(one for one in answer["results"] if one["kind"] == "term_end")
    assert (term["state"], term["due_on"], term["days_left"]) == ("unknown", None, None)


def test_the_api_shows_a_cooperatives_people_their_own_only(client, cooperative):
    client.force_login(make_user(Role.COOPERATIVE, cooperative=cooperative))
    assert client.get(f"/api/v1/cooperatives/{cooperative.pk}/obligations/").status_code == 200
    assert client.get(f"/api/v1/cooperatives/{make_cooperative().pk}/obligations/").status_code == 404
    client.logout()
    assert client.get(f"/api/v1/cooperatives/{cooperative.pk}/obligations/").status_code == 401


def test_an_update_is_noted_over_the_api_once_a_year(client, staff, cooperative):
    address = f"/api/v1/cooperatives/{cooperative.pk}/annual-updates/"
    for day in ("2025-12-10", "2025-12-11"):
        answer = client.post(address, {"year": 2025, "filed_on": day}, content_type="application/json")
        assert (answer.status_code, answer.json()) == (201, {"year": 2025, "filed_on": day})
    assert client.get(address).json() == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [{"year": 2025, "filed_on": "2025-12-11"}],
    }
    assert AnnualUpdate.objects.get().recorded_by == staff


@pytest.mark.parametrize(
    ("body", "columns"),
    [
        ({}, ["filed_on", "year"]),
        ({"year": "x", "filed_on": "2025-12-10"}, ["year"]),
        ({"year": 10**30, "filed_on": "2025-12-10"}, ["year"]),
        ({"year": 2023, "filed_on": "2023-12-10"}, ["year"]),
        ({"year": 2025, "filed_on": "2999-01-01"}, ["filed_on"]),
        ({"year": 2025, "filed_on": "2024-12-14"}, ["filed_on"]),
        ({"year": None, "filed_on": []}, ["filed_on", "year"]),
    ],
)
@pytest.mark.once
def test_an_update_that_cannot_be_right_is_refused_over_the_api(client, staff, cooperative, body, columns):
    with nothing_written():
        address = f"/api/v1/cooperatives/{cooperative.pk}/annual-updates/"
        answer = client.post(address, body, content_type="application/json")
    assert (answer.status_code, sorted(answer.json())) == (400, columns)


def test_only_those_who_record_note_an_update_over_the_api(client, cooperative):
    client.force_login(make_user(Role.COOPERATIVE, cooperative=cooperative))
    address = f"/api/v1/cooperatives/{cooperative.pk}/annual-updates/"
    assert client.get(address).status_code == 200
    with nothing_written():
        sent = {"year": 2025, "filed_on": "2025-12-10"}
        assert client.post(address, sent, content_type="application/json").status_code == 403


def test_the_new_facts_of_a_cooperative_are_written_by_form_and_api(client, staff, cooperative):
    sent = {"fiscal_year_end_month": 6, "capital_paid_on": "2022-01-05", "charter_amended_on": "2025-03-01"}
    answer = client.patch(f"/api/v1/cooperatives/{cooperative.pk}/", sent, content_type="application/json")
    assert answer.status_code == 200, answer.content
    cooperative.refresh_from_db()
    assert (cooperative.fiscal_year_end_month, cooperative.capital_paid_on) == (6, date(2022, 1, 5))
    form = client.get(f"/htx/{cooperative.pk}/sua/").context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    # A form without the month leaves it as it is.
    typed |= {"fiscal_year_end_month": "", "capital_paid_on": "06/01/2022", "charter_amended_on": "01/03/2025"}
    typed |= {"registered_on": "15/03/2021"}
    answer = client.post(f"/htx/{cooperative.pk}/sua/", typed)
    assert answer.status_code == 302, answer.context["form"].errors
    cooperative.refresh_from_db()
    assert (cooperative.fiscal_year_end_month, cooperative.capital_paid_on) == (6, date(2022, 1, 6))
    bad = client.patch(
        f"/api/v1/cooperatives/{cooperative.pk}/", {"fiscal_year_end_month": 13}, content_type="application/json"
    )
    assert bad.status_code == 400
