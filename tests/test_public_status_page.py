"""The public look-up: one answer to the right pair of codes, one refusal to every other, no trace of the visitor."""

import pytest
from django.core.cache import cache
from django.utils import timezone

from support_cases.models import ChecklistRule
from support_cases.workflow import take_step
from tests.factories import change, make_case, make_cooperative, make_user

pytestmark = pytest.mark.django_db

LOOK_UP = "/tra-cuu/"


@pytest.fixture(autouse=True)
def fresh_counts():
    """No look-up of a former test counts in this one."""
    cache.clear()


@pytest.fixture
def case():
    """A case that waits for one paper, with something in it that must not come out."""
    ChecklistRule.objects.create(topic="ocop", code="test", label_vi="Phiếu kiểm nghiệm", valid_from="2020-01-01")
    party = make_cooperative("Hợp tác xã Kín Tiếng", phone="0912345678", representative="Triệu Thị Mai")
    officer = make_user("staff", full_name="Hoàng Văn Thắng")
    row = make_case(party, by=officer, title="Tên việc riêng tư")
    row = take_step(row, "start", by=officer, today=timezone.localdate(), note="Ghi chú nội bộ")
    return take_step(row, "request_papers", by=officer, today=timezone.localdate(), note="Thiếu phiếu")


def ask(client, code: str, secret: str):
    """Send the look-up form."""
    return client.post(LOOK_UP, {"code": code, "secret": secret})


def test_the_form_is_open_to_all_and_filled_from_the_address(client):
    page = client.get(LOOK_UP, {"ma": "TCT-230905-0012"})
    assert page.status_code == 200
    assert 'value="TCT-230905-0012"' in page.text
    assert 'data-from-hash="k"' in page.text
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert client.get(LOOK_UP, {"ma": '"><script>alert(1)</script>'}).text.count("<script>alert") == 0


def test_both_codes_give_status_next_step_and_missing_papers_in_place(client, case):
    page = ask(client, case.reference, case.secret)
    assert page.status_code == 200
    for words in (
        case.reference,
        "Chờ HTX bổ sung giấy tờ",
        "Phiếu kiểm nghiệm",
        "HTX nộp các giấy tờ còn thiếu",
        "Tham gia OCOP",
    ):
        assert words in page.text


def test_nothing_else_of_the_case_comes_out(client, case):
    page = ask(client, case.reference, case.secret).text
    for private in (
        "Kín Tiếng", "0912345678", "0912 345 678", "Triệu Thị Mai", "Hoàng Văn Thắng",
        "riêng tư", "nội bộ", "Thiếu phiếu", case.secret,
    ):  # fmt: skip
        assert private not in page


def test_codes_are_understood_the_way_people_type_them(client, case):
    typed = case.reference.lower().replace("-", " ")
    secret = f"{case.secret[:5].lower()} - {case.secret[5:]}"
    assert ask(client, f"  {typed} ", secret).status_code == 200


def test_a_wrong_code_and_a_wrong_secret_get_one_and_the_same_answer(client, case):
    other = make_case()
    answers = [
        ask(client, "TCT-200101-9999", case.secret),
        ask(client, case.reference, "AAAAAAAAAA"),
        ask(client, case.reference, other.secret),
    ]
    assert [page.status_code for page in answers] == [404, 404, 404]
    assert len({page.context["form"].non_field_errors()[0] for page in answers}) == 1
    shown = [page.text.replace(page.context["form"]["code"].value(), "") for page in answers[:1] + answers[1:]]
    assert all("Phiếu kiểm nghiệm" not in page for page in shown)


def test_an_empty_form_says_what_is_missing(client):
    page = ask(client, "", "")
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"code", "secret"}


@pytest.mark.parametrize("code", ["x" * 500, "\x00", "🦆", "' OR 1=1 --", "<b>"])
def test_odd_codes_are_refused_and_never_an_error(client, code):
    assert ask(client, code, code).status_code in (200, 404)


def test_an_ended_case_asks_for_no_papers(client, case):
    take_step(case, "withdraw", by=make_user(), today=timezone.localdate(), note="HTX đổi ý")
    page = ask(client, case.reference, case.secret)
    assert page.context["found"].missing == []
    assert "HTX đã rút yêu cầu" in page.text
    assert "HTX đổi ý" not in page.text


def test_the_appointment_is_shown(client, case):
    change(case, {"appointment_on": timezone.localdate()})
    assert f"{timezone.localdate():%d/%m/%Y}" in ask(client, case.reference, case.secret).text


def test_a_visitor_leaves_no_session_and_costs_few_questions(client, case, django_assert_max_num_queries):
    with django_assert_max_num_queries(0):
        client.get(LOOK_UP)
    with django_assert_max_num_queries(3):
        page = ask(client, case.reference, case.secret)
    assert page.status_code == 200
    assert "sessionid" not in client.cookies
    assert page.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_whoever_guesses_is_stopped_kindly_and_then_not_even_the_right_code_helps(client, case, settings):
    settings.PUBLIC_STATUS_FAILURES = "3/10min"
    answers = [ask(client, case.reference, "AAAAAAAAAA").status_code for _ in range(4)]
    assert answers == [404, 404, 404, 429]
    page = ask(client, case.reference, case.secret)
    assert page.status_code == 429
    assert "Đã tra cứu quá nhiều lần" in page.text
    assert "Phiếu kiểm nghiệm" not in page.text
    assert 0 < int(page.headers["Retry-After"]) <= 601
    assert client.get(LOOK_UP).status_code == 200


def test_page_and_api_share_one_count(client, case, settings):
    settings.PUBLIC_STATUS_FAILURES = "2/10min"
    for _ in range(2):
        client.post("/api/v1/status/", {"code": case.reference, "secret": "A"}, content_type="application/json")
    assert ask(client, case.reference, case.secret).status_code == 429


def test_other_methods_are_refused(client):
    assert client.put(LOOK_UP).status_code == 405
