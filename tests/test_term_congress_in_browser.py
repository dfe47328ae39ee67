"""A term congress at a browser: opened, prepared, corrected, held, completed; what follows; what the public reads."""

from contextlib import suppress

import pytest

from cooperatives.models import Congress, Cooperative, Term
from support_cases.demo.accounts import PASSWORD
from support_cases.models import Case

with suppress(ModuleNotFoundError):  # the browser's own lock file may not be installed; then every test skips
    from playwright.sync_api import expect

    from tests.browsing import DESK, PHONE
    from tests.case_walk import CaseWalk

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def db(demo_set):
    """The demo set."""


def test_a_term_congress_from_its_plan_to_its_linked_cases(person):
    staff = person(PHONE)
    staff.sign_in("canbo", PASSWORD)
    party = Cooperative.objects.get(name="Hợp tác xã Thạch đen Nước Trong")
    walk = CaseWalk(staff).open(
        "term_congress",
        party,
        "Đại hội nhiệm kỳ 2026–2031",
        detail_congress_kind="term",
        detail_planned_on="20/04/2026",
        detail_official_members="20",
    )
    expect(walk.page.locator("main")).to_contain_text("Gửi giấy mời chậm nhất ngày 17/04/2026.")
    expect(walk.page.locator("main")).to_contain_text("Lần triệu tập thứ 1 phải có ít nhất 10 người dự.")
    assert staff.sideways() <= 0
    walk.press("Bắt đầu tư vấn")
    walk.press("Chuẩn bị tài liệu đại hội")
    walk.press("Yêu cầu HTX bổ sung", note="Thiếu báo cáo kiểm soát")
    visitor = person(DESK)
    assert "Chờ HTX bổ sung giấy tờ" in walk.public_words(visitor.page)
    walk.press("HTX đã bổ sung")
    walk.papers_in()
    assert walk.refused("Đã gửi giấy mời") == ["Cần ghi ngày gửi giấy mời vào chi tiết hồ sơ."]
    walk.change(detail_notice_on="18/04/2026")
    late = "Giấy mời gửi ngày 18/04/2026 là muộn: chậm nhất phải gửi ngày 17/04/2026."
    assert walk.refused("Đã gửi giấy mời") == [late, "Nếu vẫn tiếp tục, hãy ghi lý do vào ghi chú."]
    walk.press("Đã gửi giấy mời", note="Thành viên nào cũng đã biết qua điện thoại")
    assert "HTX tổ chức đại hội đúng ngày đã mời." in walk.public_words(visitor.page)
    walk.change(
        detail_held_on="20/04/2026",
        detail_present="15",
        detail_term_years="5",
        detail_chair="Nông Thị Mẫu",
        detail_resolution_no="01/NQ-ĐHTV",
        detail_changes_representative="on",
        detail_changes_lines="on",
    )
    walk.press("Đã họp đại hội")
    walk.press("Hoàn thành", note="Giấy mời muộn một ngày")
    expect(walk.look().locator("main")).to_contain_text("Đăng ký thay đổi người đại diện theo pháp luật sau đại hội")
    assert "Đã hoàn thành" in walk.public_words(visitor.page)
    assert_register(party, walk)
    walk.page.goto(f"/htx/{party.pk}/nghia-vu/")
    expect(walk.page.locator("main")).to_contain_text("Nhiệm kỳ hiện tại hết ngày 19/04/2031.")
    assert staff.sideways() <= 0


def assert_register(party: Cooperative, walk) -> None:
    """The meeting, the term and the cases that follow are there, once."""
    congress = Congress.objects.get(cooperative=party, held_on="2026-04-20")
    term = Term.objects.latest().get(cooperative=party)
    assert (congress.kind, congress.present, congress.quorum_met) == ("term", 15, True)
    assert (f"{term}", term.chair, term.elected_by) == ("20/04/2026 – 19/04/2031", "Nông Thị Mẫu", congress)
    following = Case.objects.get(reference=walk.reference).followers.order_by("follow_key")
    assert [(one.follow_key, one.topic) for one in following] == [
        ("lines", "business_lines"),
        ("representative", "registration"),
    ]
