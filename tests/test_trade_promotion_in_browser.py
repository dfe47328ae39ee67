"""A case of trade promotion in a real Chromium, from its opening to its end, and what the cooperative reads of it."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from cooperatives.models import Cooperative
from support_cases.demo.accounts import PASSWORD
from support_cases.models import Case

with suppress(ModuleNotFoundError):  # the browser's own lock file may not be installed; then every test skips
    from playwright.sync_api import expect

    from tests.browsing import DESK, PHONE
    from tests.case_walk import CaseWalk

pytestmark = pytest.mark.browser

COOPERATIVE = "Hợp tác xã Nông nghiệp Đồng Phúc Mẫu"


@pytest.fixture(scope="module")
def db(demo_set):
    """The demo set, under the name by which pytest-django knows that a database must be made."""


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_a_case_is_walked_to_its_end_and_read_by_the_public(person, screen):
    staff, visitor = person(PHONE if screen == "phone" else DESK), person(PHONE)
    staff.sign_in("canbo", PASSWORD)
    yesterday = timezone.localdate() - timedelta(days=1)
    cooperative = Cooperative.objects.get(name=COOPERATIVE)
    walk = CaseWalk(staff).open(
        "trade_promotion", cooperative, f"Đưa bí xanh thơm đi hội chợ ({screen})", detail_promotion="fair",
        detail_place="Hội chợ thử", detail_starts_on=f"{yesterday:%d/%m/%Y}", detail_support="5tr",
    )  # fmt: skip
    walk.press("Bắt đầu tư vấn")
    assert "Còn thiếu giấy tờ" in " ".join(walk.refused("Hoàn thành"))
    walk.press("Yêu cầu HTX bổ sung", "Thiếu nhãn sản phẩm")
    assert "Chờ HTX bổ sung giấy tờ" in walk.public_words(visitor.page)
    walk.press("HTX đã bổ sung")
    walk.papers_in()
    for step, words in (
        ("Đã chuẩn bị xong", "HTX tham gia theo lịch đã hẹn với cán bộ."),
        ("Đang tham gia", "HTX báo cho cán bộ các hợp đồng, đơn hàng có được."),
    ):
        walk.press(step)
        assert words in walk.public_words(visitor.page)
    walk.look().get_by_role("link", name="Thêm", exact=True).click()
    walk.fill(buyer="Siêu thị thử", agreed_on=f"{yesterday:%d/%m/%Y}", contracts="2", value="350tr")
    staff.page.get_by_role("button", name="Lưu", exact=True).click()
    expect(staff.page.locator("main")).to_contain_text("350.000.000")
    assert staff.sideways() == 0
    walk.press("Hoàn thành")
    seen = walk.public_words(visitor.page)
    assert "Đã có kết quả xúc tiến" in seen
    assert not {"350.000.000", "5.000.000", "Siêu thị thử"} & set(seen.split("\n"))
    case = Case.objects.get(reference=walk.reference)
    assert (case.status, case.outcome) == ("completed", "helped")
    assert list(case.sale_rows.values_list("buyer", "contracts", "value")) == [("Siêu thị thử", 2, 350_000_000)]
