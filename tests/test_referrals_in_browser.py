"""A referral in a real Chromium at 360 pixels: sent, late, told to the leaders, answered, and what the public reads."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.utils import timezone

from cooperatives.models import Cooperative
from support_cases.demo.accounts import PASSWORD
from support_cases.models import Case, Referral

with suppress(ModuleNotFoundError):  # the browser's own lock file may not be installed; then every test skips
    from playwright.sync_api import expect

    from tests.browsing import DESK, PHONE
    from tests.case_walk import CaseWalk

pytestmark = pytest.mark.browser

AGENCY = "Thuế cơ sở phụ trách địa bàn"
QUESTION = "Đề nghị xác nhận HTX không nợ thuế."
WAITS = "Đã chuyển cơ quan phối hợp, chờ trả lời."


@pytest.fixture(scope="module")
def db(demo_set):
    """The demo set, under the name by which pytest-django knows that a database must be made."""


def words(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def send(walk: "CaseWalk", sent_on: date, expected_on: date) -> None:
    """Send the question from the page of the case, with the agencies of the day asked for first."""
    page = walk.look()
    page.locator("#chuyen-co-quan").get_by_role("link", name="Chuyển cơ quan phối hợp").tap()
    walk.fill(sent_on=words(sent_on), question=QUESTION, letter_no="12/TCT")
    with page.expect_navigation():  # the page there is holds the same question
        page.get_by_role("button", name="Xem cơ quan của ngày này").tap()
    expect(page.locator("[name=question]")).to_have_value(QUESTION)
    page.locator("[name=agency]").select_option(label=AGENCY)
    walk.fill(expected_on=words(expected_on))
    page.get_by_role("button", name="Chuyển", exact=True).tap()
    expect(page.locator(".messages .notice--ok")).to_have_text("Đã chuyển cơ quan phối hợp.")


def act(walk: "CaseWalk", link: str, **typed: str) -> None:
    """Follow one of the buttons of the referral on the page of the case, fill in the form and send it."""
    page = walk.look()
    page.locator("#chuyen-co-quan").get_by_role("link", name=link).tap()
    expect(page.locator("main form .form__actions")).to_contain_text(link)
    assert walk.staff.sideways() <= 0
    walk.fill(**typed)
    page.locator("main form .form__actions button").tap()
    expect(page.locator(".messages .notice--ok")).to_be_visible()


def test_a_question_is_sent_gets_late_is_told_to_the_leaders_and_answered(person):
    today = timezone.localdate()
    staff, anybody, manager = person(PHONE), person(PHONE), person(DESK)
    staff.sign_in("canbo", PASSWORD)
    party = Cooperative.objects.get(name="Hợp tác xã Nông nghiệp Đồng Phúc Mẫu")
    walk = CaseWalk(staff).open("tax", party, "Xác nhận không nợ thuế", opened_on=words(today - timedelta(days=30)))
    walk.press("Bắt đầu tư vấn")
    assert WAITS not in walk.public_words(anybody.page)

    send(walk, today - timedelta(days=20), today - timedelta(days=1))
    section = walk.look().locator("#chuyen-co-quan")
    expect(section).to_contain_text(AGENCY)
    expect(section).to_contain_text("quá 1 ngày")
    expect(section).to_contain_text("Quá hạn trả lời")
    assert staff.sideways() <= 0
    said = walk.public_words(anybody.page)
    assert WAITS in said
    assert [hidden for hidden in (AGENCY, QUESTION, "12/TCT") if hidden in said] == []

    act(walk, "Báo lãnh đạo", escalation_note="Đã gọi ba lần, chưa có trả lời.")
    expect(walk.page.locator("#chuyen-co-quan")).to_contain_text("Đã báo lãnh đạo")
    manager.sign_in("lanhdao", PASSWORD)
    manager.page.get_by_role("link", name="việc đã báo lãnh đạo").click()
    expect(manager.page.locator("main table")).to_contain_text(walk.reference)

    act(walk, "Ghi trả lời", answered_on=words(today), answer_kind="answered", answer="HTX không nợ thuế.")
    section = walk.page.locator("#chuyen-co-quan")
    expect(section).to_contain_text("Trả lời đầy đủ")
    expect(section.get_by_role("link", name="Ghi trả lời")).to_have_count(0)
    assert WAITS not in walk.public_words(anybody.page)
    row = Referral.objects.get(case=Case.objects.get(reference=walk.reference))
    assert (row.escalated_on, row.answered_on, row.answer) == (today, today, "HTX không nợ thuế.")


def test_it_is_sent_without_javascript(person):
    today = timezone.localdate()
    staff = person(PHONE, java_script_enabled=False)
    staff.sign_in("canbo", PASSWORD)
    staff.page.goto("/chuyen-co-quan/")
    expect(staff.page.locator("main table")).to_contain_text(AGENCY)
    case = Case.objects.filter(referrals__isnull=False, topic="tax").first()
    staff.page.goto(f"/ho-so/{case.reference}/chuyen-co-quan/")
    staff.page.locator("[name=agency]").select_option(label="Ngân hàng Chính sách xã hội (NHCSXH)")
    staff.page.locator("[name=question]").fill("Đề nghị xác nhận dư nợ.")
    staff.page.locator("[name=expected_on]").fill(words(today + timedelta(days=5)))
    staff.page.get_by_role("button", name="Chuyển", exact=True).press("Enter")
    expect(staff.page.locator("#chuyen-co-quan")).to_contain_text("còn 5 ngày")
