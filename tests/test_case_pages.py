"""Pages of cases: list, opening, one case with its steps and papers, change."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from support_cases.models import Case, CaseEvent, ChecklistRule
from support_cases.papers import mark_papers
from support_cases.workflow import take_step
from tests.factories import change, make_case, make_consultation, make_cooperative, make_founding_group, make_user

pytestmark = pytest.mark.django_db

OPEN = "support:case-open"


@pytest.fixture
def staff(client):
    """A signed-in member of staff."""
    user = make_user("staff", phone="0209 3870 123")
    client.force_login(user)
    return user


def url(name: str, case: Case) -> str:
    """Return the address of a page of ``case``."""
    return reverse(f"support:{name}", args=[case.reference])


def need_papers(*labels: str, topic: str = "ocop") -> None:
    """Write the rule that a case of ``topic`` needs these papers."""
    for position, label in enumerate(labels):
        ChecklistRule.objects.create(
            topic=topic, code=f"paper-{position}", label_vi=label, position=position, valid_from=date(2020, 1, 1)
        )


def opening(whose, **changes) -> dict:
    """Return what the opening form sends for the party ``whose``."""
    kind = "htx" if whose._meta.model_name == "cooperative" else "nhom"
    sent = {
        "party": f"{kind}-{whose.pk}",
        "title": "Đưa miến dong tham gia OCOP",
        "opened_on": f"{timezone.localdate():%d/%m/%Y}",
    }
    return sent | changes


def post_open(client, sent: dict, topic: str = "ocop"):
    """Send the opening form of ``topic``."""
    return client.post(f"{reverse(OPEN)}?topic={topic}", sent)


def references_on(page) -> list[str]:
    """Return the references of the rows of the list, in order."""
    return [case.reference for case in page.context["page"]]


# --- Who may do what --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "seen", "worked"), [("staff", 200, 200), ("admin", 200, 200), ("manager", 200, 403)])
def test_those_who_review_see_every_case_and_only_those_who_work_change_it(client, role, seen, worked):
    case = make_case()
    client.force_login(make_user(role))
    assert references_on(client.get(reverse("support:cases"))) == [case.reference]
    assert client.get(url("case", case)).status_code == seen
    assert client.get(url("case-edit", case)).status_code == worked
    assert client.get(reverse(OPEN)).status_code == worked
    moved = 302 if worked == 200 else 403
    assert client.post(url("case-step", case), {"step": "start", "version": 1}).status_code == moved
    case.refresh_from_db()
    assert (case.status, case.version) == (("advising", 2) if worked == 200 else ("new", 1))


def test_people_of_a_cooperative_see_their_own_cases_and_change_nothing(client):
    own = make_cooperative()
    case, other = make_case(own), make_case()
    client.force_login(make_user("cooperative", cooperative=own))
    assert references_on(client.get(reverse("support:cases"))) == [case.reference]
    assert client.get(url("case", case)).status_code == 200
    assert client.get(url("case", other)).status_code == 404
    for name in ("case-step", "case-papers", "case-edit"):
        assert client.post(url(name, case), {"step": "start", "version": 1}).status_code == 403
    assert client.get(reverse(OPEN)).status_code == 403
    case.refresh_from_db()
    assert (case.status, case.version) == ("new", 1)


def test_nobody_enters_without_signing_in(client):
    case = make_case()
    addresses = [reverse("support:cases"), reverse(OPEN), url("case", case), url("case-edit", case)]
    for address in [*addresses, url("receipt", case)]:
        assert client.get(address).status_code == 302


def test_a_get_never_takes_a_step(client, staff):
    case = make_case()
    assert client.get(url("case-step", case)).status_code == 405
    assert client.get(url("case-papers", case)).status_code == 405


def test_a_cooperative_reads_public_words_and_no_notes_of_the_office(client):
    need_papers("Bản tự công bố")
    own = make_cooperative()
    officer = make_user("staff", full_name="Hoàng Văn Thắng", phone="02093870123")
    case = make_case(own, by=officer)
    today = timezone.localdate()
    case = take_step(case, "start", by=officer, today=today, note="Giám đốc khó gặp")
    case = take_step(case, "request_papers", by=officer, today=today, note="Nhắc lần hai")
    make_consultation(own, by=officer, question="Câu hỏi riêng của HTX", cases=[case])
    client.force_login(make_user("cooperative", cooperative=own))
    page = client.get(url("case", case)).text
    for shown in (
        "Chờ HTX bổ sung giấy tờ",
        "Bản tự công bố",
        "Hoàng Văn Thắng",
        "0209 3870 123",
        "Tổ công tác đang hướng dẫn",
    ):
        assert shown in page
    for kept_back in ("Giám đốc khó gặp", "Nhắc lần hai", "Bắt đầu tư vấn", case.secret, "Kết thúc mà không"):
        assert kept_back not in page


def test_the_secret_is_shown_to_staff_and_not_to_managers(client, staff):
    case = make_case()
    assert case.secret in client.get(url("case", case)).text
    client.force_login(make_user("manager"))
    page = client.get(url("case", case)).text
    assert case.secret not in page
    assert url("receipt", case) not in page


# --- The list ---------------------------------------------------------------------------------------------


def test_the_list_says_how_many_days_are_left_and_how_many_are_over(client, staff):
    today = timezone.localdate()
    late = make_case(opened_on=today - timedelta(days=30), due_on=today - timedelta(days=4))
    soon = make_case(due_on=today + timedelta(days=2))
    page = client.get(reverse("support:cases"))
    assert "quá 4 ngày" in page.text
    assert "còn 2 ngày" in page.text
    assert references_on(client.get(reverse("support:cases"), {"overdue": "true"})) == [late.reference]
    assert references_on(client.get(reverse("support:cases"), {"overdue": "false"})) == [soon.reference]


def test_a_case_that_waits_for_the_cooperative_is_never_overdue(client, staff):
    today = timezone.localdate()
    case = make_case(opened_on=today - timedelta(days=30), due_on=today - timedelta(days=4))
    case = take_step(case, "start", by=staff, today=today)
    take_step(case, "request_papers", by=staff, today=today)
    page = client.get(reverse("support:cases")).text
    assert "quá 4 ngày" not in page
    assert "đang tạm dừng tính" in page


def test_the_list_is_searched_and_filtered_and_keeps_what_was_typed(client, staff):
    case = make_case(make_cooperative("Hợp tác xã Đồng Phúc"), topic="loan", title="Vay vốn mua máy sấy")
    make_case()
    for query in ({"q": "dong phuc"}, {"q": case.reference}, {"topic": "loan"}, {"cooperative": case.cooperative_id}):
        assert references_on(client.get(reverse("support:cases"), query)) == [case.reference]
    page = client.get(reverse("support:cases"), {"opened_from": "31/02/2024"})
    assert references_on(page) == []
    assert page.context["filter"].form.errors.keys() == {"opened_from"}
    assert "31/02/2024" in page.text


def test_a_word_that_is_no_answer_is_refused_beside_its_filter(client, staff):
    make_case()
    page = client.get(reverse("support:cases"), {"overdue": "zz"})
    assert references_on(page) == []
    assert page.context["filter"].form.errors.keys() == {"overdue"}
    assert page.context["filter"].form.errors["overdue"][0] in page.text


def test_a_list_narrowed_to_one_cooperative_says_so_and_opens_a_case_for_it(client, staff):
    party = make_cooperative("Hợp tác xã Đồng Phúc")
    page = client.get(reverse("support:cases"), {"cooperative": party.pk}).text
    assert "Chỉ hồ sơ của Hợp tác xã Đồng Phúc." in page
    assert f"{reverse(OPEN)}?htx={party.pk}" in page
    assert client.get(reverse("support:cases"), {"cooperative": "9" * 30}).status_code == 200


def test_a_cooperative_is_not_told_the_names_of_all_officers(client):
    make_user("staff", full_name="Nông Thị Vắng Mặt")
    own = make_cooperative()
    client.force_login(make_user("cooperative", cooperative=own))
    assert "Nông Thị Vắng Mặt" not in client.get(reverse("support:cases")).text


def test_the_list_asks_as_many_questions_for_thirty_rows_as_for_one(client, staff, django_assert_max_num_queries):
    make_case()
    client.get(reverse("support:cases"))
    with django_assert_max_num_queries(8):
        client.get(reverse("support:cases"))
    for _row in range(29):
        make_case(by=staff)
    with django_assert_max_num_queries(8):
        page = client.get(reverse("support:cases"))
    assert len(references_on(page)) == 25
    assert len(page.content) < 50_000


# --- Opening ----------------------------------------------------------------------------------------------


def test_the_topic_is_asked_first_and_the_party_is_carried_along(client, staff):
    party = make_cooperative()
    page = client.get(reverse(OPEN), {"htx": party.pk})
    assert 'name="topic"' in page.text
    assert f'name="htx" value="{party.pk}"' in page.text
    page = client.get(reverse(OPEN), {"htx": party.pk, "topic": "ocop"})
    assert page.context["parties"] == [{"key": f"htx-{party.pk}", "name": party.name, "checked": True}]
    assert client.get(reverse(OPEN), {"topic": "nonsense"}).status_code == 200


def test_the_form_asks_what_the_kind_of_support_declares(client, staff):
    page = client.get(reverse(OPEN), {"topic": "loan"})
    assert [field.html_name for group in page.context["form"].detail_groups() for field in group["fields"]] == [
        f"detail_{name}"
        for name in (
            "lender",
            "requested",
            "purpose",
            "term_months",
            "submitted_on",
            "plan_ready",
            "statements_ready",
            "cic",
            "own_capital_percent",
            "collateral",
            "result",
            "decided_on",
            "approved",
            "rate_percent",
            "rate_note",
            "refusal_reason",
        )
    ]


def test_a_case_is_opened_with_its_details_and_first_line_of_history(client, staff):
    party = make_cooperative()
    sent = opening(party, detail_lender="agribank", detail_requested="350tr", detail_purpose="Máy sấy", due_on="")
    answer = post_open(client, sent, "loan")
    case = Case.objects.get()
    assert (answer.status_code, answer.url) == (302, url("case", case))
    assert (case.cooperative, case.topic, case.officer, case.opened_on) == (party, "loan", staff, timezone.localdate())
    assert (case.details.lender, case.details.requested) == ("agribank", 350_000_000)
    assert list(case.events.values_list("step", "actor")) == [("open", staff.pk)]
    page = client.get(answer.url).text
    assert f"Đã mở hồ sơ {case.reference}." in page
    assert "350.000.000" in page


def test_a_founding_group_can_have_a_case(client, staff):
    group = make_founding_group()
    assert post_open(client, opening(group, detail_procedure="found"), "registration").status_code == 302
    assert Case.objects.get().founding_group == group


def test_a_typed_name_is_understood_without_javascript(client, staff):
    first = make_cooperative("Hợp tác xã Đồng Phúc")
    make_cooperative("Hợp tác xã Đồng Phúc Mới")
    sent = opening(first, party="other", party_text="dong phuc")
    page = post_open(client, sent)
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"party"}
    assert {choice["name"] for choice in page.context["parties"]} == {
        "Hợp tác xã Đồng Phúc",
        "Hợp tác xã Đồng Phúc Mới",
    }
    assert "Đưa miến dong tham gia OCOP" in page.text
    assert post_open(client, sent | {"party_text": "hợp tác xã Đồng Phúc"}).status_code == 302
    assert Case.objects.get().cooperative == first


def test_the_find_button_only_finds(client, staff):
    party = make_cooperative("Hợp tác xã Đồng Phúc")
    page = post_open(client, opening(party, party="", party_text="dong phuc", title="", find="1"))
    assert page.context["form"].errors == {}
    assert [choice["key"] for choice in page.context["parties"]] == [f"htx-{party.pk}"]
    assert Case.objects.count() == 0


def test_wrong_input_is_named_beside_its_field_kept_and_not_written(client, staff):
    party = make_cooperative()
    sent = opening(party, title="", detail_requested="nhiều", detail_purpose="Mua máy sấy", due_on="32/01/2024")
    page = post_open(client, sent, "loan")
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"title", "detail_requested", "due_on"}
    for kept in ("nhiều", "Mua máy sấy", "32/01/2024"):
        assert kept in page.text
    tomorrow = timezone.localdate() + timedelta(days=1)
    page = post_open(client, opening(party, opened_on=f"{tomorrow:%d/%m/%Y}", detail_target_stars="9"))
    assert page.context["form"].errors.keys() == {"detail_target_stars", "opened_on"}
    assert Case.objects.count() == 0


def test_what_the_details_refuse_together_is_shown(client, staff):
    sent = opening(make_cooperative(), detail_resolution_on="10/02/2024", detail_notified_on="01/02/2024")
    page = post_open(client, sent, "business_lines")
    assert "Nghị quyết phải có trước ngày thông báo." in page.text
    assert Case.objects.count() == 0


def test_a_party_that_does_not_exist_is_refused(client, staff):
    page = post_open(client, opening(make_cooperative(), party="htx-999999"))
    assert page.context["form"].errors.keys() == {"party"}
    assert post_open(client, opening(make_cooperative(), party="", party_found="x")).status_code == 200
    assert Case.objects.count() == 0


def test_a_tapped_and_another_picked_party_are_asked_about_and_not_guessed(client, staff):
    tapped, picked = make_cooperative(), make_cooperative()
    page = post_open(client, opening(tapped, party_found=f"htx-{picked.pk}"))
    assert page.context["form"].errors.keys() == {"party"}
    assert [choice["key"] for choice in page.context["parties"]] == [f"htx-{tapped.pk}", f"htx-{picked.pk}"]
    assert Case.objects.count() == 0


def test_a_second_press_leads_to_the_first_case_and_opens_none(client, staff):
    party = make_cooperative()
    first = post_open(client, opening(party))
    second = post_open(client, opening(party))
    assert first.url == second.url
    assert Case.objects.count() == 1
    assert "không mở thêm" in client.get(second.url).text


def test_a_later_request_of_the_same_kind_is_a_case_of_its_own(client, staff):
    party = make_cooperative()
    post_open(client, opening(party))
    Case.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    post_open(client, opening(party))
    assert Case.objects.count() == 2


# --- One case ---------------------------------------------------------------------------------------------


def test_the_page_offers_exactly_the_steps_of_the_present_state(client, staff):
    case = make_case()
    page = client.get(url("case", case))
    assert [step.code for step in page.context["forward"]] == ["start"]
    assert [s.code for s in page.context["endings"]] == [
        "withdraw", "not_eligible", "unreachable", "not_ours", "stop",
    ]  # fmt: skip
    take_step(case, "start", by=staff, today=timezone.localdate())
    page = client.get(url("case", case))
    forward = [step.code for step in page.context["forward"] if step.target]
    assert forward == ["submit", "complete", "request_papers"]
    assert page.context["endings"][0].code == "complete_partly"


def test_a_step_is_taken_once_and_written_into_the_history(client, staff):
    case = make_case(opened_on=timezone.localdate() - timedelta(days=5))
    day = timezone.localdate() - timedelta(days=2)
    sent = {"step": "start", "version": 1, "note": "Hẹn gặp ở xã", "effective_on": f"{day:%d/%m/%Y}"}
    assert client.post(url("case-step", case), sent).status_code == 302
    case.refresh_from_db()
    event = case.events.last()
    assert (case.status, case.version) == ("advising", 2)
    assert (event.step, event.note, event.actor, event.effective_on) == ("start", "Hẹn gặp ở xã", staff, day)
    page = client.get(url("case", case)).text
    assert "Hồ sơ chuyển sang: Đang tư vấn." in page
    assert "Hẹn gặp ở xã" in page
    assert client.post(url("case-step", case), sent).status_code == 409
    assert CaseEvent.objects.filter(case=case, step="start").count() == 1


def test_a_step_that_is_not_allowed_answers_409_in_words_and_keeps_the_note(client, staff):
    need_papers("Phiếu kiểm nghiệm")
    case = take_step(make_case(), "start", by=staff, today=timezone.localdate())
    page = client.post(url("case-step", case), {"step": "submit", "version": 2, "note": "Đã nộp ở huyện"})
    assert page.status_code == 409
    assert page.context["problems"] == ["Còn thiếu giấy tờ: Phiếu kiểm nghiệm."]
    assert "Còn thiếu giấy tờ: Phiếu kiểm nghiệm." in page.text
    assert "Đã nộp ở huyện" in page.text
    case.refresh_from_db()
    assert (case.status, case.version) == ("advising", 2)


def test_an_ending_needs_its_reason(client, staff):
    case = make_case()
    page = client.post(url("case-step", case), {"step": "unreachable", "version": 1, "note": " "})
    assert (page.status_code, page.context["problems"]) == (409, ["Cần ghi lý do."])
    assert (
        client.post(url("case-step", case), {"step": "unreachable", "version": 1, "note": "Gọi 5 lần"}).status_code
        == 302
    )
    case.refresh_from_db()
    assert (case.status, case.closed_on) == ("unreachable", timezone.localdate())


def test_a_stale_step_is_told_so_and_the_next_try_goes_through(client, staff):
    case = make_case()
    change(case, {"title": "Tên mới"})
    page = client.post(url("case-step", case), {"step": "start", "version": 1, "note": "Ghi chú dài"})
    assert page.status_code == 409
    assert "vừa được người khác cập nhật" in page.text
    assert "Ghi chú dài" in page.text
    assert 'name="version" value="2"' in page.text
    assert client.post(url("case-step", case), {"step": "start", "version": 2}).status_code == 302


@pytest.mark.parametrize(
    "sent",
    [
        {"step": "start"},
        {"step": "start", "version": "x"},
        {"step": "fly", "version": 1},
        {"version": 1},
        {"version": 1, "step": ""},
        {"step": "start", "version": 1, "effective_on": "31/02/2024"},
        {"step": "start", "version": 1, "effective_on": "01/01/1990"},
    ],
)
def test_a_broken_step_form_is_refused_and_nothing_is_written(client, staff, sent):
    case = make_case()
    page = client.post(url("case-step", case), sent | {"note": "Ghi chú dài"})
    assert page.status_code == 200
    assert "Chưa chuyển bước được" in page.text
    assert "Ghi chú dài" in page.text
    case.refresh_from_db()
    assert (case.status, case.version, case.events.count()) == ("new", 1, 1)


def test_papers_are_ticked_and_unticked_together(client, staff):
    need_papers("Đơn đăng ký", "Phiếu kiểm nghiệm")
    case = make_case()
    first, second = case.checklist.all()
    assert client.post(url("case-papers", case), {"received": [first.pk], "version": 1}).status_code == 302
    assert list(case.checklist.values_list("received_on", flat=True)) == [timezone.localdate(), None]
    assert "Còn thiếu" in client.get(url("case", case)).text
    assert client.post(url("case-papers", case), {"received": [second.pk], "version": 2}).status_code == 302
    assert list(case.checklist.values_list("received_on", flat=True)) == [None, timezone.localdate()]


def test_ticks_on_a_stale_page_are_kept_and_not_written(client, staff):
    need_papers("Đơn đăng ký", "Phiếu kiểm nghiệm")
    case = make_case()
    first, second = case.checklist.all()
    mark_papers(case, {first.pk}, by=staff, today=timezone.localdate())
    page = client.post(url("case-papers", case), {"received": [second.pk, "x", "-1"], "version": 1})
    assert page.status_code == 409
    assert page.context["ticked"] == {second.pk}
    assert client.post(url("case-papers", case), {"received": [second.pk], "version": "²"}).status_code == 409
    assert list(case.checklist.values_list("received_on", flat=True)) == [timezone.localdate(), None]


def test_ticks_are_saved_with_the_step_they_make_possible(client, staff):
    need_papers("Đơn đăng ký", "Phiếu kiểm nghiệm")
    case = take_step(make_case(by=staff), "start", by=staff, today=timezone.localdate())
    both = [paper.pk for paper in case.checklist.all()]
    page = client.get(url("case", case)).text
    assert page.count("<form") - client.get("/").text.count("<form") <= 1
    sent = {"step": "submit", "version": 2, "papers": "1", "received": both, "note": "Nộp ở xã"}
    assert client.post(url("case-step", case), sent).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.version) == ("submitted", 3)
    assert list(case.checklist.values_list("received_on", flat=True)) == [timezone.localdate()] * 2
    lines = list(case.events.values_list("step", "from_status", "to_status", "note"))
    assert lines[-2:] == [
        ("papers", "advising", "advising", "Nhận: Đơn đăng ký; Phiếu kiểm nghiệm."),
        ("submit", "advising", "submitted", "Nộp ở xã"),
    ]


def test_a_refused_step_writes_no_tick_and_keeps_it_on_the_page(client, staff):
    need_papers("Đơn đăng ký", "Phiếu kiểm nghiệm")
    case = take_step(make_case(by=staff), "start", by=staff, today=timezone.localdate())
    first, _second = case.checklist.all()
    sent = {"step": "submit", "papers": "1", "received": [first.pk]}
    for version, status in ((2, 409), (1, 409), ("x", 200)):
        page = client.post(url("case-step", case), sent | {"version": version})
        assert (page.status_code, page.context["ticked"]) == (status, {first.pk})
    case.refresh_from_db()
    assert (case.status, case.version, case.events.count()) == ("advising", 2, 2)
    assert set(case.checklist.values_list("received_on", flat=True)) == {None}


def test_a_step_sent_without_the_list_of_papers_leaves_them_alone(client, staff):
    need_papers("Đơn đăng ký")
    case = make_case(by=staff)
    mark_papers(case, {case.checklist.get().pk}, by=staff, today=timezone.localdate())
    assert client.post(url("case-step", case), {"step": "start", "version": 2}).status_code == 302
    assert case.checklist.get().received_on == timezone.localdate()


def test_what_changes_of_the_papers_is_in_the_history_of_the_office_only(client, staff):
    need_papers("Đơn đăng ký", "Phiếu kiểm nghiệm")
    case = make_case(by=staff)
    first, second = case.checklist.all()
    client.post(url("case-papers", case), {"received": [first.pk], "version": 1})
    client.post(url("case-papers", case), {"received": [second.pk], "version": 2, "note": "Trả lại đơn"})
    client.post(url("case-papers", case), {"received": [second.pk], "version": 3})
    page = client.get(url("case", case))
    assert [(line["label"], line["note"]) for line in page.context["history"]] == [
        (
            "Cập nhật giấy tờ",
            "Nhận: Phiếu kiểm nghiệm.\nBỏ đánh dấu đã nhận: Đơn đăng ký.\nTrả lại đơn",
        ),
        ("Cập nhật giấy tờ", "Nhận: Đơn đăng ký."),
        ("Mở hồ sơ", ""),
    ]
    client.force_login(make_user("cooperative", cooperative=case.cooperative))
    assert [line["label"] for line in client.get(url("case", case)).context["history"]] == ["Đã tiếp nhận yêu cầu"]
    steps = client.get(f"/api/v1/cases/{case.reference}/history/").json()["results"]
    assert [line["step"] for line in steps] == ["open"]


def test_a_paper_of_another_case_is_not_touched(client, staff):
    need_papers("Đơn đăng ký")
    case, other = make_case(), make_case()
    client.post(url("case-papers", case), {"received": [other.checklist.get().pk], "version": 1})
    assert other.checklist.get().received_on is None


def test_the_page_of_a_case_asks_as_many_questions_for_a_long_history_as_for_a_short_one(
    client, staff, django_assert_max_num_queries
):
    need_papers(*[f"Giấy {n}" for n in range(8)])
    case = make_case(by=staff)
    client.get(url("case", case))
    with django_assert_max_num_queries(12):
        client.get(url("case", case))
    for _round in range(6):
        take_step(
            case, "start" if case.status == "new" else "reopen", by=make_user(), today=timezone.localdate(), note="x"
        )
        case = take_step(case, "stop", by=make_user(), today=timezone.localdate(), note="x")
        make_consultation(case.cooperative, by=make_user(), cases=[case])
    with django_assert_max_num_queries(12):
        page = client.get(url("case", case))
    assert len(page.context["history"]) == 13
    assert len(page.content) < 50_000


def test_what_a_user_typed_is_escaped(client, staff):
    case = make_case(title="<script>alert(1)</script>")
    take_step(case, "start", by=staff, today=timezone.localdate(), note="<b>chú ý</b>")
    page = client.get(url("case", case)).text
    assert "<script>alert" not in page
    assert "&lt;b&gt;chú ý&lt;/b&gt;" in page


# --- Change -----------------------------------------------------------------------------------------------


def edit_form(client, case: Case, **changes) -> dict:
    """Return what the edit form of ``case`` sends back when only ``changes`` were typed."""
    form = client.get(url("case-edit", case)).context["form"]
    sent = {field.html_name: field.value() for field in form}
    return {
        name: f"{value:%d/%m/%Y}" if isinstance(value, date) else value
        for name, value in sent.items()
        if value is not None
    } | changes


def test_a_change_is_saved_with_its_details(client, staff):
    case = make_case(topic="loan", details={"requested": 350_000_000})
    successor = make_user("staff")
    sent = edit_form(client, case, officer=successor.pk, appointment_on="05/09/2030", detail_lender="agribank")
    assert sent["detail_requested"] == "350.000.000"
    assert client.post(url("case-edit", case), sent).status_code == 302
    case = Case.objects.get()
    assert (case.officer, case.appointment_on, case.version) == (successor, date(2030, 9, 5), 2)
    assert (case.details.lender, case.details.requested) == ("agribank", 350_000_000)


def test_the_officer_of_a_case_stays_a_choice_after_leaving(client, staff):
    officer = make_user("staff")
    case = make_case(by=officer)
    officer.is_active = False
    officer.save()
    assert client.post(url("case-edit", case), edit_form(client, case, title="Tên khác")).status_code == 302
    case.refresh_from_db()
    assert (case.officer, case.title) == (officer, "Tên khác")


def test_a_stale_change_is_told_what_differs_and_loses_nothing(client, staff):
    case = make_case()
    sent = edit_form(client, case, title="Tên của tôi", receiving_agency="Sở Nông nghiệp")
    change(case, {"title": "Tên của người khác"})
    page = client.post(url("case-edit", case), sent)
    assert page.status_code == 409
    for shown in ("vừa được người khác cập nhật", "Tên của tôi", "Sở Nông nghiệp", "Tên việc"):
        assert shown in page.text
    case.refresh_from_db()
    assert (case.title, case.receiving_agency) == ("Tên của người khác", "")
    again = sent | {"version": page.context["form"]["version"].value()}
    assert client.post(url("case-edit", case), again).status_code == 302
    case.refresh_from_db()
    assert (case.title, case.receiving_agency) == ("Tên của tôi", "Sở Nông nghiệp")


def test_a_wrong_change_is_named_kept_and_not_written(client, staff):
    case = make_case(opened_on=date(2024, 3, 1))
    page = client.post(url("case-edit", case), edit_form(client, case, due_on="01/02/2024", title="Tên khác"))
    assert page.context["form"].errors.keys() == {"due_on"}
    assert "Tên khác" in page.text
    case.refresh_from_db()
    assert case.version == 1


def test_filters_that_came_in_a_link_show_in_their_controls(client):
    client.force_login(make_user())
    page = client.get("/ho-so/?overdue=true&opened_from=2023-01-05").content.decode()
    assert '<option value="true" selected>Đã quá hạn</option>' in page
    assert 'name="opened_from" value="05/01/2023"' in page
