"""Pages on which periods are closed and reopened: what looks wrong first, one click, and the log."""

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from cooperatives.models import LegalRule
from htx_portal.accounts.models import Role
from support_cases.choices import Status
from support_cases.closings import close_period, reopen_period
from support_cases.models import Closing, Consultation
from support_cases.models.consultation import end_of
from support_cases.reports.doubts import doubts_of
from support_cases.reports.periods import MONTH, Month, Period
from tests.factories import make_case, make_consultation, make_cooperative, make_user

pytestmark = pytest.mark.django_db
AUGUST = Period(MONTH, Month(2023, 8), Month(2023, 8))
ADDRESS = "/bao-cao/chot/month-2023-08-2023-08/"


def login(client, role=Role.MANAGER):
    """Sign in a person of a role."""
    user = make_user(role)
    client.force_login(user)
    return user


def text_of(page) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.text).split())


def codes() -> dict[str, int]:
    """What looks wrong in August 2023, by code."""
    return {doubt.code: doubt.count for doubt in doubts_of(AUGUST, today=timezone.localdate())}


def test_what_looks_wrong_is_counted_by_kind():
    assert codes() == {"nothing": 1}
    cooperative = make_cooperative()
    first = make_consultation(cooperative, held_on=date(2023, 8, 10))
    assert codes() == {}
    make_consultation(cooperative, held_on=date(2023, 8, 10))
    make_consultation(cooperative, held_on=date(2023, 8, 10))
    make_consultation(cooperative, held_on=date(2023, 7, 10))
    assert codes() == {"double": 2, "open_before": 1}
    first.topics.all().delete()
    Consultation.objects.filter(pk=first.pk).update(recorded_at=end_of(date(2023, 8, 8)))
    type(cooperative).objects.filter(pk=cooperative.pk).update(old_district=None)
    make_case(opened_on=date(2023, 8, 1), due_on=date(2023, 8, 20), today=date(2023, 8, 1))
    assert codes() == {"no_topic": 1, "future": 1, "double": 2, "no_place": 1, "case_due": 1, "open_before": 1}


def test_a_case_that_waits_for_the_cooperative_is_not_due():
    make_consultation(held_on=date(2023, 8, 10))
    case = make_case(opened_on=date(2023, 8, 1), due_on=date(2023, 8, 31), today=date(2023, 8, 1))
    assert codes() == {"case_due": 1}
    type(case).objects.filter(pk=case.pk).update(status=Status.WAITING_COOPERATIVE)
    assert codes() == {}


def test_a_day_still_to_come_is_found_in_whatever_month():
    row = make_consultation(held_on=date(2023, 8, 10))
    Consultation.objects.filter(pk=row.pk).update(held_on=date(2099, 8, 10))
    assert codes() == {"future": 1, "nothing": 1}


def test_the_number_of_queries_does_not_grow_with_what_looks_wrong(django_assert_max_num_queries):
    cooperative = make_cooperative()
    for _each in range(9):
        make_consultation(cooperative, held_on=date(2023, 8, 10))
    with django_assert_max_num_queries(12):
        found = doubts_of(AUGUST, today=timezone.localdate())
    assert [(doubt.code, doubt.count, len(doubt.examples), doubt.more) for doubt in found] == [("double", 8, 5, 3)]


def test_a_leader_closes_by_one_click_and_a_second_click_only_says_so(client):
    manager = login(client)
    make_consultation(held_on=date(2023, 8, 10))
    page = client.get(ADDRESS)
    assert "Không thấy điểm nào cần xem lại." in page.text
    first = client.post(ADDRESS, follow=True)
    again = client.post(ADDRESS, follow=True)
    assert (first.status_code, again.status_code) == (200, 200)
    assert "Đã chốt số liệu." in text_of(first)
    assert f"Kỳ này đã được {manager} chốt lúc" in text_of(again)
    assert Closing.objects.count() == 1
    assert Closing.objects.get().digest[:32] in again.text


def test_the_figures_open_into_the_rows_behind_them_before_and_after_closing(client):
    login(client)
    cooperative = make_cooperative()
    for day in (10, 11):
        make_consultation(cooperative, held_on=date(2023, 8, day))

    def opened():
        """Each figure with the number of rows its list holds."""
        totals = client.get(ADDRESS).context["totals"]
        return [(one["value"], client.get(one["url"]).context["page"].paginator.count) for one in totals]

    assert opened() == [(2, 2), (1, 1), (1, 1)]
    client.post(ADDRESS)
    make_consultation(held_on=date(2023, 8, 12))
    assert opened() == [(2, 2), (1, 1), (1, 1)]


def test_examples_lead_to_where_they_are_put_right(client):
    login(client)
    row = make_consultation(held_on=date(2023, 8, 10))
    row.topics.all().delete()
    make_consultation(held_on=date(2023, 7, 10))
    page = client.get(ADDRESS)
    assert reverse("support:consultation", args=[row.pk]) in page.text
    assert "/bao-cao/chot/month-2023-07-2023-07/" in page.text


def test_staff_look_and_do_not_close_or_reopen(client):
    login(client, Role.STAFF)
    assert 'method="post" action="/bao-cao/chot' not in client.get(ADDRESS).text
    assert client.post(ADDRESS).status_code == 403
    closing = close_period(AUGUST, by=make_user(Role.MANAGER), today=timezone.localdate())
    assert client.post(f"/bao-cao/chot/{closing.pk}/mo-lai/", {"reason": "Sửa"}).status_code == 403
    assert Closing.objects.get().reopened_at is None


def test_reopening_needs_a_reason_and_is_in_the_log(client):
    login(client)
    closing = close_period(AUGUST, by=make_user(Role.MANAGER), today=timezone.localdate())
    address = f"/bao-cao/chot/{closing.pk}/mo-lai/"
    for reason in ("", "  ", "á" * 201):
        refused = client.post(address, {"reason": reason})
        assert refused.status_code == 200
        assert "aria-invalid" in refused.text
    assert Closing.objects.get().reopened_at is None
    assert "Đã mở lại kỳ này." in text_of(client.post(address, {"reason": "Thiếu một huyện"}, follow=True))
    assert "Kỳ này đã được mở lại trước đó." in text_of(client.post(address, {"reason": "Lần nữa"}, follow=True))
    log = text_of(client.get("/bao-cao/chot/?calendar=month&nam=2023"))
    assert "Lý do: Thiếu một huyện" in log


def test_a_running_period_and_hostile_addresses_are_answered(client):
    login(client)
    running = Month.containing(timezone.localdate(), MONTH)
    address = f"/bao-cao/chot/month-{running}-{running}/"
    assert "Kỳ này chưa kết thúc, chưa chốt được." in client.get(address).text
    assert client.post(address).status_code == 302
    assert not Closing.objects.exists()
    for word in ("month-2023-13-2023-13", "month-2023-08-2023-07", "tuan-2023-08-2023-08", "month-1000-01-1000-01"):
        assert client.get(f"/bao-cao/chot/{word}/").status_code == 404
    assert client.get("/bao-cao/chot/?calendar=%00&nam=%27%00&page=-1").status_code == 200


def test_periods_are_those_of_the_calendar_of_the_office(client):
    login(client)
    make_consultation(held_on=date(2023, 8, 10))
    assert "15/07/2023 – 14/08/2023" in client.get("/bao-cao/chot/?nam=2023").text
    LegalRule.objects.create(key="report.calendar", value="month", unit="choice", valid_from=date(2020, 1, 1))
    page = client.get("/bao-cao/chot/?nam=2023").text
    assert "01/08/2023 – 31/08/2023" in page
    assert "15/07/2023" not in page
    assert page.count('<th scope="row"') == 12 + 4 + 2 + 1 + 1


def test_a_closing_offers_no_years_without_entries(client):
    login(client)
    make_consultation(held_on=date(2023, 1, 10))
    close_period(Period(MONTH, Month(2023, 1), Month(2023, 1)), by=make_user(Role.MANAGER), today=timezone.localdate())
    page = client.get("/bao-cao/chot/?calendar=month").text
    assert "nam=2023" in page
    assert "nam=2022" not in page


def test_the_list_costs_the_same_however_many_closings_there_are(client, django_assert_max_num_queries):
    manager = login(client)
    for number in range(1, 10):
        month = Month(2023, number)
        close_period(Period(MONTH, month, month), by=manager, today=timezone.localdate())
    reopen_period(Closing.objects.first(), by=manager, reason="Thử", now=timezone.now())
    with django_assert_max_num_queries(14):
        page = client.get("/bao-cao/chot/?calendar=month&nam=2023")
    assert len(page.content) < 50_000
