"""What was sent by a closing opens by its number at every door, also after it was reopened and closed anew."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from htx_portal.accounts.models import Role
from support_cases.closings import close_period, reopen_period
from support_cases.corrections import void_consultation
from support_cases.models import Closing, Consultation
from support_cases.reports.answers import answer
from support_cases.reports.periods import MONTH, Month, Period
from support_cases.reports.registry import REPORTS
from support_cases.reports.served import SERVED
from tests.factories import make_consultation, make_cooperative, make_user

pytestmark = pytest.mark.django_db
JUNE = Period(MONTH, Month(2025, 6), Month(2025, 6))
FIRST, SECOND = "12 lượt, 3 HTX, 3 HTX lần đầu trong năm", "11 lượt, 3 HTX, 3 HTX lần đầu trong năm"
LOG = "/bao-cao/chot/?calendar=month&nam=2025"


@pytest.fixture
def manager(client):
    """Who closes and looks."""
    user = make_user(Role.MANAGER)
    client.force_login(user)
    return user


@pytest.fixture
def twice(manager) -> tuple[Closing, Closing]:
    """June sent with 12 lượt, reopened the same day, and sent with 11: two were voided and one was typed late."""
    parties = [make_cooperative(f"HTX {number}") for number in range(3)]
    for day in (2, 3, 4, 5):
        for party in parties:
            make_consultation(party, held_on=date(2025, 6, day), topics=["tax"])
    first = close_period(JUNE, by=manager, today=timezone.localdate())
    for row in Consultation.objects.order_by("pk")[:2]:
        void_consultation(row, by=manager, reason="Ghi nhầm ngày", now=timezone.now())
    make_consultation(parties[0], held_on=date(2025, 6, 6), topics=["loan"])
    first = reopen_period(first, by=manager, reason="Thiếu một huyện", now=timezone.now())
    return first, close_period(JUNE, by=manager, today=timezone.localdate())


def text_of(page) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.text).split())


def sent_by(client, address: str) -> bytes:
    """What an address answers."""
    answered = client.get(address)
    assert answered.status_code == 200, address
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", answered.content)


def test_the_ledger_opens_each_closing_with_its_figures_and_says_its_totals(client, twice):
    page = client.get(LOG)
    for closing, totals in zip(twice, (FIRST, SECOND), strict=True):
        assert f"Xem số liệu của lần chốt số {closing.pk} : {totals}" in text_of(page)
        address = f"/bao-cao/?period=2025-06&amp;closing={closing.pk}"
        assert address in page.text
        report = client.get(address.replace("&amp;", "&"))
        assert closing.digest in report.text
        assert report.context["stats"][0]["value"] == int(totals.split()[0])


def test_the_page_of_a_reopened_closing_says_so_and_its_links_keep_it(client, twice):
    first = twice[0]
    page = client.get(f"/bao-cao/?period=2025-06&closing={first.pk}")
    assert "đã mở lại lúc" in text_of(page)
    assert f"Đây là số liệu của lần chốt số {first.pk}, đã mở lại với lý do: Thiếu một huyện" in text_of(page)
    assert "ghi sau khi chốt" not in page.text
    assert client.get(page.context["standing_url"]).context["stats"][0]["value"] == 11
    for url in [page.context["print_url"], *(url for _words, url in page.context["files"])]:
        assert f"closing={first.pk}" in url
    assert all(f"closing={first.pk}" in one["url"] for one in page.context["reports"])
    entries = client.get(page.context["stats"][0]["url"])
    assert entries.context["page"].paginator.count == 12
    served = client.get(page.context["stats"][1]["url"])
    assert (len(served.context["page"]), f"closing={first.pk}" in served.context["report_url"]) == (3, True)


def test_the_same_month_last_year_opens_from_a_named_closing_and_leads_back_to_a_page(client, twice):
    first = twice[0]
    row = make_consultation(held_on=date(2024, 6, 3))
    Consultation.objects.filter(pk=row.pk).update(recorded_at=first.closed_at - timedelta(days=1))
    Closing.objects.filter(pk=first.pk).update(digest="", figures={}, names={})
    tile = client.get(f"/bao-cao/?period=2025-06&closing={first.pk}").context["stats"][1]
    behind = client.get(tile["then_url"])
    assert (tile["then"], len(behind.context["page"])) == (1, 1)
    assert client.get(behind.context["report_url"]).context["report"] is not None


def test_every_report_of_a_closing_is_sent_again_to_the_byte_after_it_was_reopened_and_closed_anew(client, manager):
    party = make_cooperative("HTX Một")
    row = make_consultation(party, held_on=date(2025, 6, 2))
    first = close_period(JUNE, by=manager, today=timezone.localdate())
    asked = f"?period=2025-06&closing={first.pk}"
    doors = ["/api/v1/reports/served/" + asked]
    for kind in REPORTS.values():
        doors += [f"/bao-cao/{kind.slug}/in/{asked}", f"/api/v1/reports/{kind.code}/tables/{asked}"]
        doors += [f"/bao-cao/{kind.slug}/tep.{extension}{asked}" for extension in ("xlsx", "csv")]
    doors.append(f"/bao-cao/luot-htx/tep.docx{asked}")
    before = {door: sent_by(client, door) for door in doors}
    void_consultation(row, by=manager, reason="Ghi nhầm", now=timezone.now())
    reopen_period(first, by=manager, reason="Sai ngày", now=timezone.now())
    close_period(JUNE, by=manager, today=timezone.localdate())
    assert [door for door in doors if sent_by(client, door) != before[door]] == []
    answered = client.get(f"/bao-cao/luot-htx/tep.xlsx{asked}")
    assert f"2025-06-lan-chot-{first.pk}.xlsx" in answered["Content-Disposition"]


def test_the_page_of_the_period_says_what_changed_since_the_closing_before(client, twice):
    page = text_of(client.get("/bao-cao/chot/month-2025-06-2025-06/"))
    assert f"Lần chốt trước (đã mở lại) {FIRST} Lần này {SECOND}" in page
    assert "Ghi thêm giữa hai lần chốt: 1 06/06/2025 · HTX 0" in page
    assert "Hủy hoặc thay giữa hai lần chốt: 2 02/06/2025 · HTX 0 · Ghi nhầm ngày 02/06/2025 · HTX 1" in page


def test_a_closing_that_was_never_counted_is_counted_as_known_at_its_moment(client, twice):
    Closing.objects.filter(pk=twice[0].pk).update(digest="", figures={}, names={})
    found = answer(SERVED, JUNE, frame="2022", today=timezone.localdate(), closing=twice[0].pk)
    assert (found.kept, found.table("totals").rows[0].cells[0].value) == (False, 12)
    assert FIRST not in text_of(client.get(LOG))
    assert "Chưa giữ số liệu Lần này" in text_of(client.get("/bao-cao/chot/month-2025-06-2025-06/"))


@pytest.mark.parametrize("number", ["x", "-1", "²", "0", "999999", "9" * 30, "1\x00", "' OR 1=1 --"])
def test_a_number_that_is_no_closing_of_the_period_is_refused_with_words_at_every_door(client, twice, number):
    asked = {"period": "2025-06", "closing": number}
    page = client.get("/bao-cao/", asked)
    assert (page.status_code, list(page.context["form"].errors)) == (200, ["closing"])
    for door in ("/bao-cao/luot-htx/in/", "/bao-cao/luot-htx/tep.csv", "/bao-cao/tong-hop/sau-so/"):
        assert client.get(door, asked).status_code in (302, 404), door
    for door in ("/api/v1/reports/served/", "/api/v1/reports/flow/tables/"):
        answered = client.get(door, asked)
        assert (answered.status_code, list(answered.json())) == (400, ["closing"])


def test_a_closing_of_another_period_or_beside_a_day_is_refused(client, twice):
    first = twice[0].pk
    for asked in ({"period": "2025-07"}, {"period": "2025-06", "calendar": "administrative"}, {"period": "2025-Q2"}):
        page = client.get("/bao-cao/", asked | {"closing": first})
        assert page.context["form"].errors == {"closing": [f"Kỳ này không có lần chốt số {first}."]}
    days = client.get("/bao-cao/", {"from": "2025-06-02", "to": "2025-06-30", "closing": first})
    both = client.get("/bao-cao/", {"period": "2025-06", "as_of": "2025-07-15", "closing": first})
    for page in (days, both):
        assert list(page.context["form"].errors) == ["closing"]


def test_the_log_asks_no_more_queries_for_many_closings(client, twice, django_assert_num_queries, manager):
    with django_assert_num_queries(10):
        client.get(LOG)
    for number in range(1, 6):
        month = Month(2025, number)
        close_period(Period(MONTH, month, month), by=manager, today=timezone.localdate())
    with django_assert_num_queries(10):
        client.get(LOG)
