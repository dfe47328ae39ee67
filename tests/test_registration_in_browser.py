"""A founding from the first talk to the certificate, at a browser: staff do it, the public reads where it stands."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from cooperatives.models import Cooperative, FoundingGroup, find_commune
from support_cases.demo.accounts import PASSWORD
from support_cases.models import Case

with suppress(ModuleNotFoundError):  # the browser's own lock file may not be installed; then every test skips
    from playwright.sync_api import expect

    from tests.browsing import DESK, PHONE
    from tests.case_walk import CaseWalk

pytestmark = pytest.mark.browser

NAME = "Hợp tác xã Lê vàng Khuổi Thử"


@pytest.fixture(scope="module")
def db(demo_set):
    """The demo set, which the live server reads."""


@pytest.fixture
def group():
    """A group that is founding a cooperative, as staff entered it a month ago."""
    formed_on = timezone.localdate() - timedelta(days=30)
    commune = find_commune("02041", formed_on.replace(year=2024))
    return FoundingGroup.objects.create(
        name="Nhóm lê vàng", commune=commune, contact="Bàn Thị Thử", formed_on=formed_on
    )


def test_a_group_becomes_a_cooperative(person, group):
    staff = person(DESK)
    staff.sign_in("canbo", PASSWORD)
    visitor = person(PHONE)
    today = f"{timezone.localdate():%d/%m/%Y}"
    walk = CaseWalk(staff).open(
        "registration", group, "Thành lập HTX lê vàng", detail_procedure="found", detail_kind="htx", detail_name=NAME
    )
    guidance = walk.look().locator("main").inner_text()
    assert "Cần ít nhất 5 thành viên." in guidance
    assert "Nơi nộp: Phòng Kinh tế xã" in guidance
    walk.press("Bắt đầu tư vấn")

    # A correction round: the charter lacks signatures.
    walk.press("Yêu cầu HTX bổ sung", "Điều lệ chưa có chữ ký")
    assert "Chờ HTX bổ sung giấy tờ" in walk.public_words(visitor.page)
    walk.press("HTX đã bổ sung")
    assert any("Còn thiếu giấy tờ: Điều lệ." in words for words in walk.refused("Hồ sơ đủ đầu vào"))
    walk.papers_in()
    walk.change(detail_members="4", detail_has_name="on", detail_has_contact="on", detail_has_fee_receipt="on")
    walk.press("Hồ sơ đủ đầu vào")
    assert "Hồ sơ đã được kiểm tra, sẵn sàng nộp" in walk.public_words(visitor.page)
    assert "Cần ít nhất 5 thành viên, hồ sơ ghi 4." in walk.refused("HTX đã nộp hồ sơ")
    walk.change(detail_members="9")
    walk.press("HTX đã nộp hồ sơ")
    words = walk.public_words(visitor.page)
    assert "Hồ sơ đang ở cơ quan đăng ký kinh doanh" in words
    assert "Cơ quan đăng ký kinh doanh xem xét và trả kết quả." in words

    walk.change(detail_certificate_no="4700995013", detail_certificate_on=today)
    walk.press("Đã có giấy chứng nhận, kết quả")
    walk.press("Hoàn thành")
    row = Cooperative.objects.get(name=NAME)
    assert (row.members, row.certificate_no, row.registered_on) == (9, "4700995013", timezone.localdate())
    assert FoundingGroup.objects.get(pk=group.pk).cooperative == row
    assert [case.title for case in Case.objects.get(reference=walk.reference).followers.all()] == ["Góp đủ vốn điều lệ"]

    page = walk.look()
    page.get_by_role("link", name=NAME).first.click()
    expect(page.locator("h1")).to_have_text(NAME)
    expect(page.locator("main")).to_contain_text("Bàn Thị Thử")
    words = walk.public_words(visitor.page)
    assert "Đã có kết quả đăng ký" in words
    assert [private for private in (NAME, "Nhóm lê vàng", "Bàn Thị Thử", "4700995013") if private in words] == []


def test_groups_of_fields_that_do_not_matter_are_folded_away_and_all_are_there_without_javascript(person, group):
    staff = person(PHONE)
    staff.sign_in("canbo", PASSWORD)
    page = staff.page
    address = f"/ho-so/moi/?topic=registration&nhom={group.pk}"
    page.goto(address)
    suspension, founding = page.locator("[name=detail_suspended_from]"), page.locator("[name=detail_met_on]")
    expect(founding).to_be_visible()
    expect(suspension).to_be_hidden()
    page.locator("[name=detail_procedure]").select_option("suspend")
    expect(suspension).to_be_visible()
    expect(founding).to_be_hidden()
    assert staff.sideways() == 0
    plain = person(PHONE, java_script_enabled=False)
    plain.sign_in("canbo", PASSWORD)
    plain.page.goto(address)
    expect(plain.page.locator("[name=detail_suspended_from]")).to_be_visible()
    expect(plain.page.locator("[name=detail_met_on]")).to_be_visible()
