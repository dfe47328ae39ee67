"""A whole case about business lines in a real Chromium, and its public words; on the demo set, over a live server."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from cooperatives.models import Cooperative
from support_cases.demo.accounts import PASSWORD

with suppress(ModuleNotFoundError):  # the browser's own lock file may not be installed; then every test skips
    from playwright.sync_api import expect

    from tests.browsing import DESK, PHONE
    from tests.case_walk import CaseWalk

pytestmark = pytest.mark.browser

NOTICE = "Đã lưu bảng rà soát."


@pytest.fixture(scope="module")
def db(demo_set):
    """The demo set, under the name by which pytest-django knows that a database is needed."""
    return demo_set


def typed_day(days_ago):
    return f"{timezone.localdate() - timedelta(days=days_ago):%d/%m/%Y}"


def opened(person, screen, name, **options):
    """An officer with a case just opened whose resolution is three days old."""
    staff = person(screen, **options)
    staff.sign_in("canbo", PASSWORD)
    party = Cooperative.objects.get(name__contains=name)
    details = {
        "detail_minutes_on": typed_day(3),
        "detail_resolution_on": typed_day(3),
        "detail_resolution_no": "07/NQ-ĐHTV",
    }
    return CaseWalk(staff).open("business_lines", party, "Rà soát ngành, nghề", **details), party


def take_lines(page):
    """Fill the review from the register; over only when the answer is on screen, so what follows cannot cross it."""
    page.get_by_role("button", name="Lấy danh sách từ sổ đăng ký").click()
    expect(page.locator(".messages .notice--ok")).to_contain_text("từ sổ đăng ký")


def card(page, code):
    """The card of the review about the line with this code."""
    return page.locator("section.card").filter(has=page.locator("h2 .code", has_text=code))


def test_staff_review_line_by_line_and_the_register_follows(person):
    walk, party = opened(person, PHONE, "Gạo")
    page = walk.page
    walk.press("Bắt đầu tư vấn")
    assert "Còn thiếu giấy tờ" in " ".join(walk.refused("HTX đã nộp hồ sơ"))

    walk.look()
    take_lines(page)
    expect(page.locator(".messages .notice--ok")).to_have_text("Đã thêm 4 ngành từ sổ đăng ký.")
    assert walk.staff.sideways() <= 0
    card(page, "1061").get_by_label("Bỏ").check()
    card(page, "0161").get_by_role("button", name="Nhận đề xuất: 0161").click()
    expect(page.locator(".messages .notice--ok")).to_have_text(NOTICE)
    expect(card(page, "0161").get_by_label("Chuyển sang VSIC mới")).to_be_checked()
    expect(card(page, "1061").get_by_label("Bỏ")).to_be_checked()

    box = page.locator("[name=typed_new1]")
    box.press_sequentially("mien dong")
    expect(page.get_by_role("option").first).to_contain_text("1074")
    box.press("ArrowDown")
    box.press("Enter")
    page.locator("[name=detail_new1]").fill("Sản xuất miến dong")
    with page.expect_navigation():  # the page there is says the same already
        page.get_by_role("button", name="Lưu rà soát").click()
    expect(page.locator(".messages .notice--ok")).to_have_text(NOTICE)
    expect(page.locator("#ra-soat")).to_contain_text("Sau thay đổi")

    walk.press("Yêu cầu HTX bổ sung", "Biên bản thiếu chữ ký")
    visitor = person(PHONE)
    assert "Chờ HTX bổ sung giấy tờ" in walk.public_words(visitor.page)
    walk.press("HTX đã bổ sung")
    walk.papers_in()
    walk.press("HTX đã nộp hồ sơ")
    assert "Đã gửi thông báo thay đổi ngành nghề" in walk.public_words(visitor.page)
    walk.press("Chờ kết quả")
    walk.press("Hoàn thành")
    words = walk.public_words(visitor.page)
    assert "Đã thay đổi ngành nghề" in words
    assert party.name not in words

    today = timezone.localdate()
    rows = party.business_lines.in_force(today).select_related("line").order_by("line__code")
    assert [(r.line.version, r.line.code, r.detail, r.is_main, r.valid_from == today) for r in rows] == [
        ("2018", "0111", "", True, False),
        ("2025", "0161", "Dịch vụ làm đất, phun phòng trừ sâu bệnh", False, True),
        ("2025", "1074", "Sản xuất miến dong", False, True),
        ("2018", "4721", "", False, False),
    ]
    page.goto(f"/htx/{party.pk}/nganh-nghe/?ngay={typed_day(1)}")
    expect(page.locator("section.card").filter(has_text="Danh sách ngày").last).to_contain_text("1061")


def test_without_javascript_a_code_typed_is_enough(person):
    walk, party = opened(person, PHONE, "Khoai", java_script_enabled=False)
    page = walk.page
    walk.press("Bắt đầu tư vấn")
    walk.look()
    take_lines(page)
    page.locator("[name=typed_new1]").fill("ban buon")
    page.get_by_role("button", name="Xem kết quả, chưa lưu").click()
    expect(page.locator(".field__error")).to_contain_text("Có nhiều ngành khớp, hãy gõ mã của một ngành:")
    page.locator("[name=typed_new1]").fill("4632")
    page.get_by_role("button", name="Lưu rà soát").click()
    expect(page.locator(".messages .notice--ok")).to_have_text(NOTICE)
    rows = party.cases.latest("pk").linereview_rows.select_related("line")
    assert [(row.line.version, row.line.code) for row in rows if row.action == "add"] == [("2025", "4632")]


def test_the_review_is_walked_by_keyboard(person):
    walk, _party = opened(person, DESK, "Chè Shan")
    page = walk.page
    walk.press("Bắt đầu tư vấn")
    walk.look()
    take_lines(page)
    page.reload()
    walk.staff.tab_to("[name=typed_new1]")
    page.keyboard.type("homestay")
    expect(page.get_by_role("option").first).to_contain_text("5520")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    walk.staff.tab_to("main form .form__actions .btn--primary")
    page.keyboard.press("Enter")
    expect(page.locator(".messages .notice--ok")).to_have_text(NOTICE)
