"""One OCOP case at a real Chromium: rated again, its new stars in the register, its words read by the public."""

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from cooperatives.models import Cooperative, OcopProduct
from support_cases.demo.accounts import PASSWORD
from support_cases.models import Case

with suppress(ModuleNotFoundError):  # the browser's own lock file may not be installed; then every test skips
    from playwright.sync_api import expect

    from tests.browsing import DESK, PHONE
    from tests.case_walk import CaseWalk

pytestmark = pytest.mark.browser

PRODUCT = "Miến dong rau củ Sợi Nắng"


@pytest.fixture(scope="module")
def db(demo_set):
    """The demo set, loaded once for all tests here."""
    return demo_set


@pytest.fixture
def walk(person):
    """A case in the hands of an officer at a desk."""
    staff = person(DESK)
    staff.sign_in("canbo", PASSWORD)
    return CaseWalk(staff)


def test_a_product_is_rated_again_from_the_opening_to_the_new_stars(walk, person):
    product = OcopProduct.objects.select_related("cooperative").get(name=PRODUCT)
    old = product.ratings.get()
    visitor = person(PHONE)
    walk.open(
        "ocop", product.cooperative, "Đánh giá lại miến rau củ",
        detail_cycle="upgrade", detail_product=str(product.pk), detail_target_stars="4",
    )  # fmt: skip
    assert "Đã tiếp nhận yêu cầu" in walk.public_words(visitor.page)
    walk.press("Bắt đầu tư vấn")
    assert "Đang hoàn thiện sản phẩm và hồ sơ OCOP" in walk.public_words(visitor.page)
    expect(walk.look().get_by_text("Giấy chứng nhận 3 sao đã hết hạn ngày 20/06/2026")).to_be_visible()

    walk.press("Yêu cầu HTX bổ sung", "Thiếu phiếu kiểm nghiệm mới")
    assert "Chờ HTX bổ sung giấy tờ" in walk.public_words(visitor.page)
    walk.press("HTX đã bổ sung")
    walk.papers_in()
    walk.press("Tự đánh giá")
    walk.press("HTX đã nộp hồ sơ")
    assert "Xã kiểm tra hồ sơ" in walk.public_words(visitor.page)
    expect(walk.look().get_by_role("button", name="Hội đồng cấp huyện")).to_have_count(0)
    walk.press("Hội đồng cấp tỉnh")
    words = walk.public_words(visitor.page)
    assert "Hội đồng cấp tỉnh đánh giá, phân hạng" in words
    assert visitor.sideways() == 0

    write_the_result(walk, product, old)
    assert "Đã có kết quả phân hạng" in walk.public_words(visitor.page)
    read_the_product(walk.page, product, old)


def write_the_result(walk, product, old):
    """The officer types points with a comma; half a result is refused in words, the whole one enters the register."""
    today = timezone.localdate()
    walk.change(detail_part_a="32,5", detail_part_b="18", detail_part_c="24", detail_decided_on=f"{today:%d/%m/%Y}")
    assert walk.refused("Hoàn thành") == ["Đã ghi một phần kết quả, còn thiếu: số quyết định."]
    walk.change(detail_decision_no="77/QĐ-UBND", detail_council_level="district")
    (said,) = walk.refused("Hoàn thành")
    assert re.search(r"hội đồng cấp tỉnh quyết định 4 sao, không phải cấp huyện", said)
    walk.change(detail_council_level="province")
    walk.press("Quyết định và giấy chứng nhận")
    walk.press("Hoàn thành")
    new = product.ratings.exclude(pk=old.pk).get()
    assert (new.stars, str(new.score), new.decided_on) == (4, "74.50", today)
    assert new.valid_until - today in (timedelta(1095), timedelta(1096))
    assert Case.objects.get(reference=walk.reference).details.rating == new


def read_the_product(page, product, old):
    """Old stars stand beside the new ones on the page of the product, which the page of the case leads to."""
    page.get_by_role("link", name="Xem sản phẩm").click()
    expect(page.locator("h1")).to_have_text(PRODUCT)
    first = page.locator("tbody tr").first
    expect(first).to_contain_text("77/QĐ-UBND")
    expect(first.locator("td").nth(1)).to_have_text("3 ★")
    expect(first.locator("td").nth(2)).to_have_text("4 ★")
    expect(page.locator("tbody tr").nth(1)).to_contain_text(old.decision_no)


def test_a_paper_of_a_product_is_recorded_on_a_phone_without_javascript(person):
    party = Cooperative.objects.get(name__contains="Nông nghiệp Đồng Phúc Mẫu")
    product = party.ocop_products.get(name="Miến dong Đồng Phúc Mẫu")
    staff = person(PHONE, java_script_enabled=False)
    staff.sign_in("canbo", PASSWORD)
    page = staff.page
    page.goto("/htx/ocop/?q=mien dong phuc")
    page.get_by_role("link", name=product.name).tap()
    page.get_by_role("link", name="Thêm giấy tờ").tap()
    page.locator("[name=kind]").select_option("food_safety_certificate")
    page.locator("[name=number]").fill("99/2026")
    page.locator("[name=issued_on]").fill("29/02/2024")
    page.get_by_role("button", name="Lưu").tap()
    expect(page.locator("main")).to_contain_text("28/02/2027")
    assert product.papers.filter(number="99/2026").count() == 1


def test_a_cooperative_sees_its_own_product_on_its_phone(person):
    own = person(PHONE)
    own.sign_in("htx", PASSWORD)
    own.page.goto("/htx/ocop/")
    shown = own.page.locator("tbody tr").all_inner_texts()
    assert len(shown) == 2
    own.page.get_by_role("link", name="Bí xanh thơm Đồng Phúc Mẫu").tap()
    expect(own.page.locator("main")).to_contain_text("KN-2207")
    expect(own.page.get_by_role("link", name="Thêm giấy tờ")).to_have_count(0)
    assert own.sideways() == 0
