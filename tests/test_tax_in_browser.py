"""A tax case in a real Chromium, from its opening to its end, and the cooperative's tax calendar afterwards."""

from contextlib import suppress

import pytest
from django.utils import timezone

from cooperatives.models import Cooperative, TaxObligation, TaxProfile
from support_cases.demo.accounts import PASSWORD
from support_cases.models import Case

with suppress(ModuleNotFoundError):  # the browser's own lock file may not be installed; then every test skips
    from tests.browsing import PHONE
    from tests.case_walk import CaseWalk

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def db(demo_set):
    """The demo set, under the name by which pytest-django knows that a database must be made."""


def test_a_case_is_walked_to_its_end_and_the_calendar_follows(person):
    staff, visitor, member = person(PHONE), person(PHONE), person(PHONE)
    staff.sign_in("canbo", PASSWORD)
    today = timezone.localdate()
    cooperative = Cooperative.objects.get(name="Hợp tác xã Nông nghiệp Đồng Phúc Mẫu")
    duty = TaxObligation.objects.get(code="cit_finalisation", valid_to=None)
    walk = CaseWalk(staff).open(
        "tax", cooperative, "Quyết toán thuế năm sau", detail_subject="finalisation",
        detail_obligation=str(duty.pk), detail_period=str(today.year + 1), detail_in_debt="on",
    )  # fmt: skip
    assert "Hạn của Quyết toán thuế TNDN" in walk.look().locator("main").inner_text()
    walk.press("Bắt đầu tư vấn")
    walk.press("Yêu cầu HTX bổ sung", "Thiếu tờ khai các quý")
    assert "Chờ HTX bổ sung giấy tờ" in walk.public_words(visitor.page)
    walk.press("HTX đã bổ sung")
    walk.papers_in()
    walk.press("Đã hỏi cơ quan thuế")
    assert "Cơ quan thuế trả lời HTX." in walk.public_words(visitor.page)
    assert walk.refused("Cơ quan thuế đã trả lời") == ["Ghi cơ quan thuế trả lời gì và ngày nào ở phần chi tiết trước."]
    walk.change(
        detail_answer="confirmed", detail_answered_on=f"{today:%d/%m/%Y}", detail_vat_filing="quarterly",
        detail_employs_people="false",
    )  # fmt: skip
    walk.press("Cơ quan thuế đã trả lời")
    walk.press("Hoàn thành")
    seen = walk.public_words(visitor.page)
    assert "Đã hoàn thành" in seen
    assert "nợ thuế" not in seen
    assert Case.objects.get(reference=walk.reference).outcome == "helped"
    profile = TaxProfile.objects.get(cooperative=cooperative)
    assert (profile.vat_filing, profile.employs_people) == ("quarterly", False)
    member.sign_in("htx", PASSWORD)
    member.page.goto(f"/htx/{cooperative.pk}/lich-thue/")
    words = member.page.locator("main").inner_text()
    assert "Tờ khai thuế GTGT theo quý" in words
    assert "Tờ khai thuế GTGT theo tháng" not in words
    assert member.sideways() == 0
