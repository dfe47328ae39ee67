"""Human-resource support in a real Chromium: a case to its placement, a month confirmed by the cooperative and paid."""

from contextlib import suppress
from datetime import date

import pytest

from cooperatives.models import Cooperative, PaymentItem
from support_cases.demo.accounts import PASSWORD
from support_cases.models import Case

with suppress(ModuleNotFoundError):  # the browser's own lock file may not be installed; then every test skips
    from playwright.sync_api import expect

    from tests.browsing import DESK, PHONE
    from tests.case_walk import CaseWalk

pytestmark = pytest.mark.browser

COOPERATIVE = "Hợp tác xã Nông nghiệp Đồng Phúc Mẫu"
CONTRACT = {
    "detail_person_label": "Lao động 07",
    "detail_degree": "college",
    "detail_job": "technician",
    "detail_contract_no": "07/2024/HĐLĐ",
    "detail_started_on": "03/06/2024",
    "detail_ends_on": "31/08/2024",
}
DECISION = {"detail_decision_no": "MẪU-07/2024", "detail_decision_on": "27/05/2024", "detail_posts": "1"}


@pytest.fixture(scope="module")
def db(demo_set):
    """The demo set, under the name by which pytest-django knows that a database must be made."""


def test_a_case_is_walked_to_a_placement_and_read_by_the_public(person):
    staff, visitor = person(PHONE), person(PHONE)
    staff.sign_in("canbo", PASSWORD)
    cooperative = Cooperative.objects.get(name=COOPERATIVE)
    walk = CaseWalk(staff).open("human_resources", cooperative, "Hỗ trợ một kỹ thuật viên", detail_job="technician")
    assert "Giới hạn: 2 người cùng lúc ở một HTX" in staff.page.locator("main").inner_text()
    walk.press("Bắt đầu tư vấn")
    assert "Còn thiếu giấy tờ" in " ".join(walk.refused("Hoàn thành"))
    walk.press("HTX đề nghị")
    assert "HTX đã đề nghị hỗ trợ nhân lực" in walk.public_words(visitor.page)
    walk.press("Yêu cầu HTX bổ sung", "Thiếu bản sao bằng")
    assert "Chờ HTX bổ sung giấy tờ" in walk.public_words(visitor.page)
    walk.press("HTX đã bổ sung")
    walk.papers_in()
    walk.press("Thẩm định")
    assert walk.refused("Có quyết định") == [
        "Ghi số và ngày quyết định, hoặc chọn dòng trong danh sách phê duyệt trước."
    ]
    walk.change(**DECISION)
    walk.press("Có quyết định")
    assert "HTX ký hợp đồng lao động và gửi một bản cho cán bộ." in walk.public_words(visitor.page)
    walk.change(**CONTRACT)
    walk.press("Đã ký hợp đồng")
    text = walk.look().locator("main").inner_text()
    assert "Hỗ trợ tháng 06/2024: 4.875.000 đ. 1,5 × 3.250.000 đ (lương tối thiểu vùng 4) = 4.875.000 đ." in text
    walk.press("Đang hỗ trợ hằng tháng")
    assert staff.sideways() == 0
    walk.press("Hoàn thành")
    seen = walk.public_words(visitor.page)
    assert "Đã hoàn thành" in seen
    assert [words for words in ("Lao động 07", "4.875.000", "MẪU-07/2024") if words in seen] == []
    case = Case.objects.get(reference=walk.reference)
    placement = case.details.placement
    assert (case.status, placement.person_label, placement.approved.decision_no) == (
        "completed", "Lao động 07", "MẪU-07/2024"
    )  # fmt: skip


def confirm_december(member, link: str, days: str) -> str:
    """Confirm 12/2025 as the demo cooperative does, by the link of that name, and return what its page says then."""
    page = member.page
    page.goto("/")
    page.get_by_role("link", name="Lao động được hỗ trợ, xác nhận tháng làm việc").click()
    page.locator(".list__main a", has_text="Lao động 01").click()
    page.get_by_role("link", name=link).first.click()
    page.locator("[name=days_worked]").fill(days)
    assert member.sideways() == 0
    page.get_by_role("button", name="Xác nhận").click()
    expect(page.locator(".messages .notice--ok")).to_have_text("Đã xác nhận tháng 12/2025.")
    return page.content()


def test_the_cooperative_confirms_a_month_and_staff_pay_it_without_scripts(person):
    member, staff = (person(screen, java_script_enabled=False) for screen in (PHONE, DESK))
    member.sign_in("htx", PASSWORD)
    assert "20/26" in confirm_december(member, "Xác nhận tháng 12/2025", "20")
    text = confirm_december(member, "Sửa xác nhận", "22,5")
    assert "22,5/26" in text and "5.175.000" not in text
    staff.sign_in("canbo", PASSWORD)
    staff.page.goto("/htx/nhan-luc/chi-tra/moi/")
    typed = {"number": "CHI-THỬ", "decided_on": "09/01/2026", "from_month": "12/2025", "to_month": "12/2025"}
    for name, words in typed.items():
        staff.page.locator(f"[name={name}]").fill(words)
    staff.page.locator("[name=cooperative]").select_option(label=COOPERATIVE)
    staff.page.get_by_role("button", name="Xem trước").click()
    expect(staff.page.locator("[role=status]")).to_contain_text("1 tháng của 1 lao động tại 1 HTX")
    assert not PaymentItem.objects.filter(month=date(2025, 12, 1)).exists()
    with staff.page.expect_navigation():  # the preview shows the same sum
        staff.page.get_by_role("button", name="Lập đợt chi trả").click()
    expect(staff.page.locator("main")).to_contain_text("5.175.000")
    assert staff.sideways() == 0
    item = PaymentItem.objects.get(month=date(2025, 12, 1))
    assert (item.amount, item.is_provisional, item.batch.number) == (5_175_000, True, "CHI-THỬ")
    member.page.reload()
    assert "Đã chi trả" in member.page.locator("main").inner_text()
