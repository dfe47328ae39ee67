"""The first page of each role: its own work, and nobody else's."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from cooperatives.models import OcopProduct, OcopRating, Term
from support_cases.models import Case, ChecklistItem
from support_cases.workflow import take_step
from tests.factories import make_case, make_consultation, make_cooperative, make_founding_group, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    """The present day in Viet Nam."""
    return timezone.localdate()


@pytest.fixture
def officer(client):
    """A signed-in officer."""
    user = make_user("staff")
    client.force_login(user)
    return user


def appoint(officer, day: date):
    """Return the entry of ``officer`` with an appointment on ``day``."""
    return make_consultation(by=officer, held_on=day - timedelta(days=20), follow_up_on=day)


def entries(follow_ups) -> list[int]:
    return [follow_up.consultation_id for follow_up in follow_ups]


@pytest.mark.parametrize(
    ("role", "template"),
    [("staff", "desk"), ("manager", "month"), ("cooperative", "own_space"), ("admin", "administration")],
)
def test_each_role_has_its_own_first_page(client, role, template):
    client.force_login(make_user(role))
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.templates[0].name == f"support/{template}.html"
    assert client.post("/").status_code == 405


def test_strangers_are_asked_to_sign_in(client):
    assert client.get("/").url == "/accounts/login/?next=/"


def test_the_desk_sorts_appointments_by_how_urgent_they_are(client, officer, today):
    late, now, soon = (appoint(officer, today + timedelta(days=n)) for n in (-3, 0, 7))
    appoint(officer, today + timedelta(days=8))
    appoint(make_user("staff"), today)
    done = appoint(officer, today)
    client.post(f"/tu-van/{done.pk}/da-lam/")
    shown = client.get("/").context
    assert entries(shown["overdue"]) == [late.pk]
    assert entries(shown["due_today"]) == [now.pk]
    assert entries(shown["upcoming"]) == [soon.pk]


def test_the_desk_puts_overdue_cases_first_and_waiting_ones_apart(client, officer, today):
    opened = today - timedelta(days=40)
    cases = {
        name: make_case(by=officer, today=opened, due_on=due)
        for name, due in {
            "later": today + timedelta(days=9),
            "overdue": today - timedelta(days=2),
            "none": None,
            "waiting": today - timedelta(days=5),
            "closed": today - timedelta(days=5),
        }.items()
    }
    make_case(by=make_user("staff"), today=opened, due_on=today)
    Case.objects.filter(pk=cases["none"].pk).update(due_on=None)
    take_step(cases["waiting"], "start", by=officer, today=today)
    take_step(Case.objects.get(pk=cases["waiting"].pk), "request_papers", by=officer, today=today)
    take_step(cases["closed"], "stop", by=officer, today=today, note="HTX đã tự làm xong")
    shown = client.get("/").context
    assert [case.pk for case in shown["running"]] == [cases[n].pk for n in ("overdue", "later", "none")]
    assert [case.pk for case in shown["waiting"]] == [cases["waiting"].pk]
    assert "quá 2 ngày" in client.get("/").content.decode()


def test_the_desk_names_terms_and_certificates_that_run_out(client, officer, today):
    party = make_cooperative()
    ends = today + timedelta(days=90)
    renewed = make_cooperative()
    for row, last in ((party, ends), (renewed, today + timedelta(days=30))):
        Term.objects.create(cooperative=row, started_on=today - timedelta(days=1700), ends_on=last)
    Term.objects.create(cooperative=renewed, started_on=today - timedelta(days=1), ends_on=today + timedelta(days=1800))
    Term.objects.create(
        cooperative=make_cooperative(), started_on=today - timedelta(days=9), ends_on=ends + timedelta(days=1)
    )
    rice = OcopProduct.objects.create(cooperative=party, name="Gạo", group="food", first_year=2022)
    tea = OcopProduct.objects.create(cooperative=party, name="Chè", group="beverage", first_year=2022)
    for product, until in ((rice, ends), (tea, ends), (tea, today + timedelta(days=900))):
        OcopRating.objects.create(
            product=product, criteria_version="148", level="district", score=70, stars=3,
            decided_on=until - timedelta(days=1096), valid_until=until,
        )  # fmt: skip
    shown = client.get("/").context
    assert [term.cooperative for term in shown["terms"]] == [party]
    assert [rating.product for rating in shown["ratings"]] == [rice]


def test_the_manager_sees_month_last_month_and_the_year_beside_the_year_before(client, today, monkeypatch):
    day = date(2026, 11, 23)
    monkeypatch.setattr("support_cases.pages.home.timezone.localdate", lambda: day)
    client.force_login(make_user("manager"))
    party = make_cooperative()
    for held in (date(2026, 11, 2), date(2026, 11, 20), date(2026, 10, 5), date(2026, 1, 5), date(2025, 12, 31)):
        make_consultation(party, held_on=held, today=day, topics=["tax", "loan"])
    for held in (date(2025, 10, 1), date(2025, 11, 1)):
        make_consultation(party, held_on=held, today=day)
    make_consultation(make_founding_group(), held_on=date(2026, 11, 3), today=day)
    make_case(today=date(2026, 11, 1), due_on=date(2026, 11, 2))
    shown = client.get("/").context
    assert [(t["month"], t["served"], t["cooperatives"], t["then"], t["running"]) for t in shown["tiles"]] == [
        ("11/2026", 2, 1, 1, True),
        ("10/2026", 1, 1, 1, False),
    ]
    year = shown["year"]
    assert (year["months"], year["served"], year["then"], year["change"]) == (10, 2, 1, "tăng 100%")
    assert [(t["name"], t["served"]) for t in shown["topics"]] == [
        ("Tiếp cận vốn vay", 4),
        ("Chính sách thuế", 4),
    ]
    assert shown["overdue"] == 1
    assert "Chưa đủ kỳ" in client.get("/").content.decode()


def test_in_january_the_last_month_lies_in_the_year_before(client, monkeypatch):
    day = date(2026, 1, 10)
    monkeypatch.setattr("support_cases.pages.home.timezone.localdate", lambda: day)
    client.force_login(make_user("manager"))
    party = make_cooperative()
    for held in (date(2026, 1, 3), date(2025, 12, 4), date(2025, 12, 5)):
        make_consultation(party, held_on=held, today=day)
    shown = client.get("/").context
    assert [(t["month"], t["served"]) for t in shown["tiles"]] == [("01/2026", 1), ("12/2025", 2)]
    assert shown["year"] is None


def test_a_year_without_an_entry_points_to_the_years_that_have_some(client):
    client.force_login(make_user("manager"))
    this_year = timezone.localdate().year
    for year in (this_year - 1, this_year - 3):
        make_consultation(held_on=date(year, 3, 20))
    page = client.get("/").content.decode()
    shown = re.findall(r'<a href="/bao-cao/\?period=(\d{4})">(\d{4})</a>', page)
    assert shown == [(str(year),) * 2 for year in (this_year - 1, this_year - 3)]
    make_consultation(held_on=date(this_year, 1, 1))
    assert "Mở báo cáo cả năm" not in client.get("/").content.decode()


def test_a_cooperative_reads_where_its_cases_stand_in_public_words(client, today):
    officer = make_user("staff", full_name="Hoàng Thị Cán", phone="0912345678")
    case = make_case(by=officer, today=today, title="Đăng ký OCOP của mình")
    ChecklistItem.objects.create(case=case, code="a", label_vi="Phiếu kiểm nghiệm", required=True)
    ChecklistItem.objects.create(case=case, code="b", label_vi="Đã có rồi", required=True, received_on=today)
    make_case(by=officer, title="Việc của HTX khác")
    make_consultation(case.cooperative, by=officer, follow_up_on=today + timedelta(days=3))
    client.force_login(make_user("cooperative", cooperative=case.cooperative))
    answer = client.get("/")
    shown = answer.context
    assert [row["case"].pk for row in shown["open_cases"]] == [case.pk]
    assert shown["open_cases"][0]["public"].missing == ["Phiếu kiểm nghiệm"]
    assert shown["next_entry"].follow_up.due_on == today + timedelta(days=3)
    page = answer.content.decode()
    assert "Đã tiếp nhận yêu cầu" in page
    assert "Mới ghi nhận" not in page
    assert "0912 345 678" in page
    assert "Việc của HTX khác" not in page


def test_a_person_without_a_cooperative_is_told_what_to_do(client):
    client.force_login(make_user("cooperative"))
    assert "Tài khoản chưa gắn với HTX nào" in client.get("/").content.decode()


@pytest.mark.parametrize(("role", "most"), [("staff", 9), ("manager", 19), ("cooperative", 9), ("admin", 3)])
def test_no_first_page_costs_more_with_more_rows(client, role, most, today, django_assert_max_num_queries):
    officer = make_user("staff")
    person = officer if role == "staff" else None
    parties = [make_cooperative() for _ in range(12)]
    if person is None:
        person = make_user(role, cooperative=parties[0])
    for party in parties + [parties[0]] * 6:
        case = make_case(party, by=officer, today=today)
        ChecklistItem.objects.create(case=case, code="a", label_vi="Giấy", required=True)
        make_consultation(party, by=officer, follow_up_on=today)
        product = OcopProduct.objects.create(
            cooperative=party, name=f"Sản phẩm {case.pk}", group="food", first_year=2022
        )
        OcopRating.objects.create(
            product=product, criteria_version="148", level="district", score=70, stars=3,
            decided_on=today - timedelta(days=900), valid_until=today + timedelta(days=30),
        )  # fmt: skip
    client.force_login(person)
    with django_assert_max_num_queries(most):
        assert client.get("/").status_code == 200
