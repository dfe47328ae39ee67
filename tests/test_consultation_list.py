"""The list of consultations and the page of one: who reads what, what filters leave, closing a follow-up."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from support_cases.closings import close_period
from support_cases.models import Consultation, FollowUp
from support_cases.reports.periods import MONTH, Period
from tests.factories import make_case, make_commune, make_consultation, make_cooperative, make_founding_group, make_user

pytestmark = pytest.mark.django_db

LIST = "/tu-van/"


@pytest.fixture
def officer(client):
    """A signed-in officer."""
    user = make_user("staff")
    client.force_login(user)
    return user


def listed(answer) -> list[int]:
    """Return the numbers of the entries on the page, in order."""
    return [row.pk for row in answer.context["page"]]


@pytest.mark.parametrize("role", ["staff", "manager", "admin"])
def test_people_who_review_read_all_entries(client, role):
    rows = [make_consultation(), make_consultation()]
    client.force_login(make_user(role))
    assert sorted(listed(client.get(LIST))) == sorted(row.pk for row in rows)
    assert client.get(f"{LIST}{rows[0].pk}/").status_code == 200


def test_people_of_a_cooperative_read_their_own_entries_and_no_others(client):
    own, other = make_consultation(), make_consultation(question="Chuyện riêng của HTX khác")
    client.force_login(make_user("cooperative", cooperative=own.cooperative))
    answer = client.get(LIST)
    assert listed(answer) == [own.pk]
    assert list(answer.context["filter"].form.fields) == ["held_from", "held_to", "topic", "channel"]
    assert client.get(f"{LIST}{own.pk}/").status_code == 200
    assert client.get(f"{LIST}{other.pk}/").status_code == 404
    assert listed(client.get(f"{LIST}?cooperative={other.cooperative_id}")) == [own.pk]


def test_a_person_without_a_cooperative_reads_nothing(client):
    row = make_consultation()
    client.force_login(make_user("cooperative"))
    assert listed(client.get(LIST)) == []
    assert client.get(f"{LIST}{row.pk}/").status_code == 404


def test_nobody_reads_without_signing_in(client):
    row = make_consultation()
    for url in (LIST, f"{LIST}{row.pk}/"):
        assert client.get(url).url == f"/accounts/login/?next={url}"


def test_each_filter_leaves_what_it_says(client, officer):
    commune, far = make_commune(), make_commune("Bằng Phúc", code="02041", district="Chợ Đồn", district_code="064")
    other = make_user("staff")
    one = make_consultation(
        make_cooperative(commune=commune), by=officer, held_on=date(2023, 5, 1), channel="zalo", topics=["tax", "loan"]
    )
    two = make_consultation(
        make_cooperative(commune=far), by=other, held_on=date(2023, 6, 1), channel="phone", topics=["ocop"]
    )
    group = make_consultation(make_founding_group(), by=officer, held_on=date(2023, 7, 1))
    expected = {
        "held_from=01/06/2023": [group, two],
        "held_to=31/05/2023": [one],
        "topic=loan": [one],
        "channel=phone": [two],
        f"officer={other.pk}": [two],
        f"cooperative={one.cooperative_id}": [one],
        "district=064": [two],
        "commune=02041": [two],
        "party=cooperative": [two, one],
        "party=founding_group": [group],
        "held_from=2023-05-01&held_to=2023-05-01": [one],
    }
    for query, rows in expected.items():
        answer = client.get(f"{LIST}?{query}")
        assert listed(answer) == [row.pk for row in rows], query
        assert f'<p class="lead">{len(rows)} lần tư vấn</p>' in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("held_from=31/02/2023", "held_from"),
        ("held_to=abc", "held_to"),
        ("topic=nonsense", "topic"),
        ("channel=fax", "channel"),
        ("officer=999999", "officer"),
        ("officer=' OR 1=1", "officer"),
        ("district=9999", "district"),
        ("cooperative=abc", "cooperative"),
        ("cooperative=" + "9" * 30, "cooperative"),
        ("party=all", "party"),
        ("recorded_to=x", "recorded_to"),
    ],
)
def test_a_filter_that_cannot_be_read_says_so_and_finds_nothing(client, officer, query, field):
    make_consultation()
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    assert (listed(answer), list(answer.context["filter"].form.errors)) == ([], [field])
    assert "Điều kiện lọc chưa đọc được" in answer.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "abc", "9999999999"])
def test_a_page_that_is_not_there_is_no_error(client, officer, page):
    row = make_consultation()
    assert listed(client.get(f"{LIST}?page={page}")) == [row.pk]


def test_people_who_left_can_still_be_chosen_as_officer(client, officer):
    gone = make_user("staff")
    row = make_consultation(by=gone)
    gone.is_active = False
    gone.save()
    assert listed(client.get(f"{LIST}?officer={gone.pk}")) == [row.pk]


def test_the_entry_shows_the_day_it_was_held_and_the_day_it_was_typed(client, officer):
    row = make_consultation(held_on=date(2023, 5, 4), question="Dòng một\nDòng hai <b>", by=officer)
    page = client.get(f"{LIST}{row.pk}/").content.decode()
    assert '<time datetime="2023-05-04">04/05/2023</time>' in page
    assert f"{timezone.localtime(row.recorded_at):%H:%M %d/%m/%Y}" in page
    assert 'class="prose">Dòng một\nDòng hai &lt;b&gt;</p>' in page


def test_the_entry_offers_what_is_done_next(client, officer):
    party = make_cooperative()
    case = make_case(party)
    row = make_consultation(party, cases=[case])
    page = client.get(f"{LIST}{row.pk}/").content.decode()
    for link in (f"/ho-so/{case.reference}/phieu/", f"/ho-so/moi/?htx={party.pk}", "/tu-van/moi/"):
        assert f'href="{link}"' in page


def test_a_manager_and_a_cooperative_see_no_buttons_that_write(client):
    row = make_consultation(follow_up_on=timezone.localdate())
    for person in (make_user("manager"), make_user("cooperative", cooperative=row.cooperative)):
        client.force_login(person)
        page = client.get(f"{LIST}{row.pk}/").content.decode()
        assert "da-lam" not in page
        assert "/tu-van/moi/" not in page


def test_a_follow_up_is_closed_once(client, officer):
    row = make_consultation(follow_up_on=timezone.localdate())
    url = f"{LIST}{row.pk}/da-lam/"
    first = client.post(url, follow=True)
    assert first.redirect_chain == [(f"{LIST}{row.pk}/", 302)]
    other = make_user("staff")
    client.force_login(other)
    second = client.post(url, follow=True)
    assert [str(m) for m in second.context["messages"]] == ["Hẹn này đã được ghi là đã làm từ trước."]
    follow_up = FollowUp.objects.get()
    assert (follow_up.done_on, follow_up.done_by) == (timezone.localdate(), officer)


def test_a_get_closes_nothing(client, officer):
    row = make_consultation(follow_up_on=timezone.localdate())
    assert client.get(f"{LIST}{row.pk}/da-lam/").status_code == 405
    assert FollowUp.objects.get().done_on is None


@pytest.mark.parametrize(("role", "status"), [("manager", 403), ("cooperative", 403)])
def test_others_cannot_close_a_follow_up(client, role, status):
    row = make_consultation(follow_up_on=timezone.localdate())
    client.force_login(make_user(role, cooperative=row.cooperative))
    assert client.post(f"{LIST}{row.pk}/da-lam/").status_code == status
    assert FollowUp.objects.get().done_on is None


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_closing_never_leads_to_another_site(client, officer, wanted):
    row = make_consultation(follow_up_on=timezone.localdate())
    assert client.post(f"{LIST}{row.pk}/da-lam/", {"next": wanted}).url == f"{LIST}{row.pk}/"


def test_closing_leads_back_to_where_the_button_was(client, officer):
    row = make_consultation(follow_up_on=timezone.localdate())
    assert client.post(f"{LIST}{row.pk}/da-lam/", {"next": "/nhac-viec/"}).url == "/nhac-viec/"


def test_an_entry_without_a_follow_up_has_nothing_to_close(client, officer):
    row = make_consultation()
    assert client.post(f"{LIST}{row.pk}/da-lam/").status_code == 404


def test_a_list_page_takes_at_most_eight_queries_whatever_the_rows(client, officer, django_assert_max_num_queries):
    for n in range(30):
        party = make_cooperative()
        make_consultation(
            party,
            topics=["ocop", "tax"],
            cases=[make_case(party)],
            follow_up_on=timezone.localdate() + timedelta(days=n),
        )
    assert Consultation.objects.count() == 30
    query = f"?officer={officer.pk}&district=061&topic=ocop"
    for url in (LIST, f"{LIST}?page=2", f"{LIST}{query}"):
        with django_assert_max_num_queries(8):
            assert client.get(url).status_code == 200


def test_the_page_of_an_entry_costs_the_same_with_many_cases(client, officer, django_assert_max_num_queries):
    party = make_cooperative()
    row = make_consultation(party, cases=[make_case(party) for _ in range(12)], topics=["ocop", "tax", "loan"])
    with django_assert_max_num_queries(6):
        assert client.get(f"{LIST}{row.pk}/").status_code == 200


def test_a_closing_is_named_by_its_period_and_can_be_left(client, officer):
    make_consultation(held_on=date(2024, 5, 6))
    closing = close_period(Period.parse("2024-05", MONTH), by=make_user("manager"), today=date(2024, 8, 20))
    page = client.get(f"{LIST}?held_from=2024-05-01&closing={closing.pk}")
    day = timezone.localtime(closing.closed_at)
    assert f"Như lúc chốt số liệu Tháng 05/2024, ngày {day:%d/%m/%Y}." in page.text
    assert f'<input type="hidden" name="closing" value="{closing.pk}"' in page.text
    assert "Như lúc chốt số liệu (số)" not in page.text
    assert 'href="?held_from=2024-05-01"' in page.text
    unknown = client.get(f"{LIST}?closing=999999")
    assert listed(unknown) == []
    assert "Không có lần chốt số liệu này." in unknown.text
    assert "Như lúc chốt số liệu (số)" in client.get(f"{LIST}?closing=abc").text
