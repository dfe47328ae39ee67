"""The inbox in a real Chromium on a phone: done, seen, a text copied, a matter muted, days away, a calendar."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from htx_portal.accounts.models import User
from support_cases.demo.accounts import PASSWORD
from support_cases.models import Absence, CalendarFeed, FollowUp, Reminder, ReminderMute
from support_cases.reminders.entering import enter_due
from tests.factories import make_case, make_consultation, make_cooperative

with suppress(ModuleNotFoundError):  # the browser's own lock file may not be installed; then every test skips
    from playwright.sync_api import expect

    from tests.browsing import DESK, PHONE

pytestmark = pytest.mark.browser

APPOINTMENT = "Hẹn làm việc tiếp với Hợp tác xã Nhắc Việc Mẫu"


@pytest.fixture(scope="module")
def db(demo_set):
    """The demo set, under the name by which pytest-django knows that a database must be made."""


@pytest.fixture(scope="module")
def officer(db):
    """The officer of the demo set with an appointment due today and one case due in three days."""
    staff, today = User.objects.get(username="canbo"), timezone.localdate()
    party = make_cooperative("Hợp tác xã Nhắc Việc Mẫu", phone="0987654321")
    case = make_case(party, by=staff, title="Rà soát ngành nghề")
    make_consultation(party, by=staff, cases=[case], outcome="follow_up", follow_up_on=today)
    enter_due(today)
    Reminder.objects.filter(channel="app").update(state="sent", sent_at=timezone.now())
    return staff


def at(person, address: str):
    """Open an address, which must fit the screen; give the page."""
    person.page.goto(address)
    assert person.sideways() == 0, address
    return person.page


def test_an_officer_works_through_the_inbox_on_a_phone(person, officer):
    me = person(PHONE)
    me.sign_in("canbo", PASSWORD)
    page = at(me, "/nhac-viec/")
    item = page.locator(".items > li", has_text=APPOINTMENT)
    item.get_by_role("link", name="Lời nhắn Zalo/SMS").click()
    me.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Chép").first.click()
    expect(page.get_by_role("button", name="Đã chép")).to_be_visible()
    words = page.evaluate("navigator.clipboard.readText()")
    assert words == page.locator("#zalo").input_value()
    assert words.startswith("Kính gửi Hợp tác xã Nhắc Việc Mẫu,\n")
    assert page.locator("#sms-1").input_value().isascii()
    assert me.sideways() == 0

    page = at(me, "/nhac-viec/")
    page.locator(".items > li", has_text=APPOINTMENT).get_by_role("link", name="Tắt nhắc").click()
    page.get_by_label("Lý do").fill("HTX hẹn sau Tết.")
    assert me.sideways() == 0
    page.get_by_role("main").get_by_role("button", name="Tắt nhắc").click()
    expect(page.locator(".messages .notice--ok")).to_contain_text("Đã tắt nhắc")
    page.locator(".items > li", has_text=APPOINTMENT).get_by_role("button", name="Đã làm").click()
    expect(page.locator(".messages .notice--ok")).to_have_text("Đã ghi nhận là đã làm.")
    assert page.url == f"{me.site}/nhac-viec/"
    assert FollowUp.objects.get(consultation__cooperative__phone="0987654321").done_by == officer

    page = at(me, "/nhac-viec/da-tat/")
    assert "HTX hẹn sau Tết." in page.locator("main").inner_text()
    page.get_by_role("button", name="Bật lại").click()
    expect(page.locator(".messages .notice--ok")).to_have_text("Đã bật lại nhắc việc.")
    assert not ReminderMute.objects.exists()


def test_an_officer_enters_days_away_and_comes_back(person, officer):
    me, today = person(PHONE), timezone.localdate()
    me.sign_in("canbo", PASSWORD)
    page = at(me, "/nhac-viec/vang-mat/")
    page.get_by_label("Từ ngày").fill(f"{today:%d/%m/%Y}")
    page.get_by_label("Đến hết ngày").fill(f"{today + timedelta(days=2):%d/%m/%Y}")
    page.get_by_label("Lý do").fill("Đi tập huấn.")
    page.get_by_role("button", name="Ghi vắng mặt").click()
    expect(page.locator(".errors")).to_be_focused()
    assert page.get_by_label("Lý do").input_value() == "Đi tập huấn."
    assert me.sideways() == 0
    other = User.objects.get(username="canbo2")
    page.get_by_label("Người làm thay").select_option(str(other.pk))
    page.get_by_role("button", name="Ghi vắng mặt").click()
    expect(page.locator(".messages .notice--ok")).to_contain_text("Đã ghi vắng mặt")
    assert Absence.objects.get().stand_in == other
    page.get_by_role("button", name="Đã về").click()
    expect(page.locator(".messages .notice--ok")).to_contain_text("Đã kết thúc")
    assert not Absence.objects.exists()


def test_a_calendar_is_made_read_and_taken_back(person, officer):
    me = person(DESK)
    me.sign_in("canbo", PASSWORD)
    page = at(me, "/nhac-viec/lich/")
    page.get_by_role("button", name="Tạo địa chỉ lịch").click()
    expect(page.locator("svg.qr")).to_be_visible()
    address = page.locator("#dia-chi").input_value()
    assert address == f"{me.site}/lich/{CalendarFeed.objects.get().secret}.ics"
    answer = me.context.request.get(address)
    assert (answer.status, answer.text()[:15]) == (200, "BEGIN:VCALENDAR")
    me.page.set_viewport_size(PHONE)
    assert me.sideways() == 0
    page.get_by_role("button", name="Thu hồi").click()
    expect(page.get_by_role("button", name="Tạo địa chỉ lịch")).to_be_visible()
    assert me.context.request.get(address).status == 404
