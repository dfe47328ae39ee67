"""A whole case about a loan in a real Chromium, the money afterwards and its public words; on the demo set."""

from contextlib import suppress

import pytest
from django.utils import timezone

from cooperatives.models import Cooperative, Loan
from support_cases.demo.accounts import PASSWORD

with suppress(ModuleNotFoundError):  # the browser's own lock file may not be installed; then every test skips
    from playwright.sync_api import expect

    from tests.browsing import DESK, PHONE
    from tests.case_walk import CaseWalk

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def db(demo_set):
    """The demo set, under the name by which pytest-django knows that a database is needed."""
    return demo_set


def test_staff_walk_a_loan_from_the_plan_to_the_money_and_the_public_reads_no_amount(person):
    today = f"{timezone.localdate():%d/%m/%Y}"
    staff = person(PHONE)
    staff.sign_in("canbo", PASSWORD)
    party = Cooperative.objects.get(name__contains="Gạo Bao thai")
    walk = CaseWalk(staff).open(
        "loan", party, "Vay mua máy sấy lúa",
        detail_lender="provincial_fund", detail_requested="350tr", detail_own_capital_percent="10",
        detail_purpose="Mua máy sấy lúa",
    )  # fmt: skip
    page = walk.page
    expect(page.locator("main")).to_contain_text("Chưa có phương án vay vốn khả thi.")
    expect(page.locator("#vuong-mac")).to_contain_text("Chưa rà soát")
    assert staff.sideways() <= 0

    walk.press("Bắt đầu tư vấn")
    assert "Còn thiếu giấy tờ" in " ".join(walk.refused("HTX đã nộp hồ sơ"))
    walk.press("Yêu cầu HTX bổ sung", "Thiếu báo cáo tài chính")
    walk.press("HTX đã bổ sung")
    walk.papers_in()
    walk.change(detail_plan_ready="on", detail_statements_ready="on", detail_cic="none")
    walk.press("Đã hoàn thiện phương án")
    said = " ".join(walk.refused("HTX đã nộp hồ sơ"))
    assert "Vốn đối ứng 10%, nơi cho vay yêu cầu ít nhất 20%." in said
    assert "quá hạn 01/01/2026" in said
    walk.press("HTX đã nộp hồ sơ", "HTX cam kết bổ sung vốn")
    walk.press("Nơi cho vay đang thẩm định")
    walk.change(detail_result="partial", detail_approved="300tr", detail_decided_on=today)
    walk.press("Đã có quyết định")

    walk.look()
    page.locator("a[href$='/dong/disbursements/moi/']").click()
    walk.fill(paid_on=today, amount="100tr")
    page.locator("main form .form__actions button").click()
    expect(page.locator(".messages .notice--ok")).to_be_visible()
    walk.press("Đã giải ngân")
    walk.press("Hoàn thành")
    loan = Loan.objects.get(cooperative=party, submitted_on=timezone.localdate())
    assert (loan.result, loan.requested, loan.approved, loan.disbursed) == (
        "partial", 350_000_000, 300_000_000, 100_000_000,
    )  # fmt: skip

    page.get_by_role("link", name="Ghi giải ngân").click()
    walk.fill(paid_on=today, amount="200.000.000")
    page.get_by_role("button", name="Ghi giải ngân").click()
    expect(page.locator(".messages .notice--ok")).to_be_visible()
    expect(page.locator("#giai-ngan")).to_contain_text("300.000.000")
    assert staff.sideways() <= 0

    words = walk.public_words(person(PHONE).page)
    assert "Đã có kết quả vay vốn" in words
    assert not any(secret in words for secret in ("300.000", "350.000", "Vốn đối ứng", "nợ xấu"))


def test_a_manager_opens_a_figure_of_the_sums_into_its_loans(person):
    manager = person(DESK)
    manager.sign_in("lanhdao", PASSWORD)
    page = manager.page
    page.goto("/htx/vay-von/tong-hop/?year=2023")
    link = page.locator("table.list a[href*='paid_year=2023']").first
    figure = link.inner_text()
    link.click()
    expect(page.locator("dl.facts")).to_contain_text(figure)
    expect(page.locator("table.list tbody tr").first).to_be_visible()
    assert manager.sideways() <= 0
