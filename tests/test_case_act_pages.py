"""Pages of the acts on one case beside its steps: putting off, the law of another day, dates of papers; same by API."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from support_cases.models import Case, ChecklistRule, LegalBasis
from support_cases.workflow import take_step
from tests.contents import nothing_written
from tests.factories import change, make_case, make_user

pytestmark = pytest.mark.django_db

FIRST_NEW = date(2024, 7, 1)


@pytest.fixture
def staff(client):
    """A signed-in member of staff."""
    user = make_user("staff")
    client.force_login(user)
    return user


@pytest.fixture
def case(staff):
    """A case of the old law, opened today, that is due in ten days."""
    LegalBasis.objects.create(topic="tax", code="old", title_vi="Luật cũ", valid_from=date(1900, 1, 1))
    LegalBasis.objects.create(
        topic="tax", code="new", title_vi="Luật mới", valid_from=FIRST_NEW, legal_document="Luật số 1"
    )
    for code, start, end in (("old", date(1900, 1, 1), FIRST_NEW - timedelta(days=1)), ("new", FIRST_NEW, None)):
        ChecklistRule.objects.create(topic="tax", code=code, label_vi=f"Giấy {code}", valid_from=start, valid_to=end)
    today = timezone.localdate()
    return make_case(topic="tax", by=staff, event_on=date(2024, 6, 1), due_on=today + timedelta(days=10))


def url(name: str, case: Case) -> str:
    return reverse(f"support:{name}", args=[case.reference])


def day(days: int) -> str:
    """The day so many days from today, as people type it."""
    return f"{timezone.localdate() + timedelta(days=days):%d/%m/%Y}"


# --- Putting off ----------------------------------------------------------------------------------


def test_the_case_page_offers_to_put_off_once_and_then_shows_the_old_day(client, case):
    before = case.due_on
    assert url("case-extend", case) in client.get(url("case", case)).text
    sent = {"due_on": day(20), "reason": "Chờ xã xác nhận", "version": case.version}
    assert client.post(url("case-extend", case), sent).url == url("case", case)
    page = client.get(url("case", case)).text
    assert f"đã gia hạn từ {before:%d/%m/%Y}" in page
    assert url("case-extend", case) not in page
    assert "Chờ xã xác nhận" in page


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"due_on": "32/01/2024"}, 200, "due_on"),
        ({"due_on": "01/01/2024"}, 200, "due_on"),
        ({"due_on": "2\x00"}, 200, "due_on"),
        ({"reason": "   "}, 200, "reason"),
        ({"version": "99"}, 409, "__all__"),
        ({"version": "x"}, 200, "version"),
    ],
)
def test_what_cannot_be_put_off_is_told_beside_its_field_and_what_was_typed_stays(client, case, changes, status, field):
    sent = {"due_on": day(20), "reason": "Lý do đã gõ", "version": case.version} | changes
    with nothing_written():
        page = client.post(url("case-extend", case), sent)
    assert page.status_code == status
    assert list(page.context["form"].errors) == [field]
    assert "reason" in changes or "Lý do đã gõ" in page.text


def test_a_cooperative_s_person_and_a_manager_may_not_put_off(client, case):
    people = [make_user("cooperative", cooperative=case.cooperative), make_user("manager")]
    for person in people:
        client.force_login(person)
        assert client.get(url("case-extend", case)).status_code == 403
        assert url("case-extend", case) not in client.get(url("case", case)).text


# --- The law --------------------------------------------------------------------------------------


def test_the_case_page_says_that_the_law_has_changed_and_leads_to_what_would_change(client, case):
    page = client.get(url("case", case)).text
    assert "Hồ sơ đang theo Luật cũ; từ 01/07/2024 là Luật mới." in page
    assert url("case-basis", case) in page
    seen = client.get(url("case-basis", case))
    assert [paper.code for paper in seen.context["switch"].gained] == ["new"]
    assert [paper.code for paper in seen.context["switch"].lost] == ["old"]


def test_looking_at_another_day_changes_nothing_and_keeps_the_reason_typed(client, case):
    sent = {"event_on": "01/06/2024", "reason": "Đang cân nhắc", "version": case.version, "look": "1"}
    with nothing_written():
        page = client.post(url("case-basis", case), sent)
    assert (page.context["switch"].gained, page.context["switch"].lost) == ([], [])
    assert "Đang cân nhắc" in page.text


def test_moving_to_the_new_law_is_one_press_and_is_told_in_the_history(client, case):
    sent = {"event_on": "05/09/2024", "reason": "Nộp lại theo luật mới", "version": case.version}
    assert client.post(url("case-basis", case), sent).url == url("case", case)
    case = Case.objects.get()
    assert (case.basis.code, case.event_on) == ("new", date(2024, 9, 5))
    page = client.get(url("case", case)).text
    assert "Chuyển căn cứ pháp lý" in page
    assert "Luật đã thay đổi" not in page


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"event_on": "09/05"}, 200, "event_on"),
        ({"event_on": "01/01/1900"}, 200, "event_on"),
        ({"event_on": "31/12/9999"}, 200, "event_on"),
        ({"reason": ""}, 200, "reason"),
        ({"version": "99"}, 409, "__all__"),
        ({"event_on": "01/06/2024"}, 409, "__all__"),
    ],
)
def test_a_move_that_cannot_be_made_is_told_and_leaves_nothing(client, case, changes, status, field):
    sent = {"event_on": "05/09/2024", "reason": "Lý do", "version": case.version} | changes
    with nothing_written():
        page = client.post(url("case-basis", case), sent)
    assert page.status_code == status
    assert list(page.context["form"].errors) == [field]


def test_a_strange_day_in_the_address_of_the_law_is_told_and_not_a_fault(client, case):
    for asked in ("abc", "01/01/0001", "\x00", "31/02/2024"):
        page = client.get(url("case-basis", case), {"ngay": asked})
        assert page.status_code == 200
        assert page.context["switch"] is None
        assert "event_on" in page.context["form"].errors


# --- Papers ---------------------------------------------------------------------------------------


def test_the_last_day_of_a_paper_is_written_and_shown(client, case):
    paper = case.checklist.get()
    case.checklist.update(received_on=timezone.localdate())
    sent = {f"paper_{paper.pk}": "05/09/2024", "version": case.version}
    assert client.post(url("case-paper-dates", case), sent).status_code == 302
    paper.refresh_from_db()
    assert (paper.expires_on, paper.received_on) == (date(2024, 9, 5), timezone.localdate())
    assert "hết hạn 05/09/2024" in " ".join(client.get(url("case", case)).text.split())


def test_dates_of_papers_from_a_stale_page_or_mistyped_are_refused(client, case):
    paper = case.checklist.get()
    change(case, {"title": "Tên khác"})
    for sent, status in (({f"paper_{paper.pk}": "05/09/2024"}, 409), ({f"paper_{paper.pk}": "05/13/2024"}, 200)):
        with nothing_written():
            page = client.post(url("case-paper-dates", case), sent | {"version": case.version})
        assert page.status_code == status


def test_lists_a_kind_does_not_have_are_not_found(client, case):
    for name in ("none", "sales", "x" * 60):
        assert client.get(reverse("support:case-row-add", args=[case.reference, name])).status_code == 404
        assert client.post(reverse("support:case-row-drop", args=[case.reference, name, 1])).status_code == 404


# --- The same over the API ------------------------------------------------------------------------


def test_the_api_puts_off_and_switches_with_the_same_rules(client, case):
    extend, basis = (reverse(f"api-cases-{name}", args=[case.reference]) for name in ("extend", "basis"))
    later = (timezone.localdate() + timedelta(days=20)).isoformat()
    answer = client.post(extend, {"due_on": later, "reason": "Lý do"}, content_type="application/json")
    assert (answer.status_code, answer.json()["due_on"]) == (200, later)
    again = client.post(extend, {"due_on": later, "reason": "Lý do"}, content_type="application/json")
    assert (again.status_code, again.json()["problems"]) == (409, ["Hồ sơ đã gia hạn một lần, không gia hạn thêm."])
    seen = client.get(basis, {"event_on": "2024-09-05"}).json()
    assert (seen["basis"]["code"], seen["gained"], seen["lost"]) == ("new", ["Giấy new"], ["Giấy old"])
    moved = client.post(basis, {"event_on": "2024-09-05", "reason": "Lý do"}, content_type="application/json").json()
    assert (moved["basis"]["code"], moved["event_on"]) == ("new", "2024-09-05")
    assert [paper["code"] for paper in moved["checklist"]] == ["new"]
    assert client.get(basis, {"event_on": "x"}).status_code == 400
    for wrong in ({}, {"event_on": "2024-13-01", "reason": "a"}, {"event_on": "2024-09-06", "reason": ""}):
        assert client.post(basis, wrong, content_type="application/json").status_code == 400


def test_a_closed_case_tells_its_outcome_and_hides_the_reason_from_the_cooperative(client, case):
    take_step(case, "not_ours", by=case.officer, today=timezone.localdate(), note="Việc của tòa án")
    address = reverse("api-cases-detail", args=[case.reference])
    seen = client.get(address).json()
    assert (seen["status"], seen["outcome"], seen["outcome_reason"]) == ("stopped", "not_ours", "Việc của tòa án")
    client.force_login(make_user("cooperative", cooperative=case.cooperative))
    theirs = client.get(address).json()
    assert theirs["outcome"] == "not_ours"
    assert "outcome_reason" not in theirs
    page = client.get(url("case", case)).text
    assert "Không thuộc phạm vi của tổ công tác" in page
    assert "tòa án" not in page
