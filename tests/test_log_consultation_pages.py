"""Logging a consultation through its page: who may, what is recorded, what is refused and kept."""

import unicodedata
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from support_cases.models import Case, Consultation, ConsultationTopic, FollowUp
from tests.factories import (
    make_case,
    make_commune,
    make_consultation,
    make_cooperative,
    make_founding_group,
    make_user,
)

pytestmark = pytest.mark.django_db

LOG = "/tu-van/moi/"


@pytest.fixture
def officer(client):
    """A signed-in officer."""
    user = make_user("staff")
    client.force_login(user)
    return user


def typed(party=None, **changes) -> dict:
    """Return what the form sends for one entry."""
    today = timezone.localdate()
    sent = {
        "client_id": str(uuid4()),
        "party": f"htx-{party.pk}" if party else "",
        "topics": ["ocop", "loan"],
        "channel": "phone",
        "held_on": f"{today:%d/%m/%Y}",
        "question": "HTX hỏi về vốn\nvà OCOP.",
        "advice": "Đã hướng dẫn.",
        "outcome": "answered",
        "follow_up_on": "",
    }
    return sent | changes


@pytest.mark.parametrize(("role", "status"), [("staff", 200), ("admin", 200), ("manager", 403), ("cooperative", 403)])
def test_only_people_who_record_open_the_form(client, role, status):
    client.force_login(make_user(role))
    assert client.get(LOG).status_code == status
    assert client.get("/tu-van/tim-htx.json?q=ba").status_code == status
    if status == 403:
        assert client.post(LOG, typed(make_cooperative())).status_code == 403
        assert Consultation.objects.count() == 0


def test_nobody_logs_without_signing_in(client):
    party = make_cooperative()
    assert client.get(LOG).url == f"/accounts/login/?next={LOG}"
    assert client.post(LOG, typed(party)).status_code == 302
    assert Consultation.objects.count() == 0


def test_an_entry_is_recorded_as_typed_and_its_page_opens(client, officer):
    party = make_cooperative()
    today = timezone.localdate()
    due = today + timedelta(days=7)
    sent = typed(party, outcome="follow_up", follow_up_on=f"{due:%d/%m/%Y}")

    answer = client.post(LOG, sent, follow=True)

    row = Consultation.objects.get()
    assert answer.redirect_chain == [(reverse("support:consultation", args=[row.pk]), 302)]
    assert [str(m) for m in answer.context["messages"]] == ["Đã ghi lần tư vấn."]
    assert (row.client_id, row.cooperative, row.founding_group) == (UUID(sent["client_id"]), party, None)
    assert (row.held_on, row.channel, row.outcome) == (today, "phone", "follow_up")
    assert (row.question, row.advice) == ("HTX hỏi về vốn\nvà OCOP.", "Đã hướng dẫn.")
    assert (row.officer, row.recorded_by) == (officer, officer)
    assert [t.topic for t in row.topics.order_by("pk")] == ["ocop", "loan"]
    assert (row.follow_up.due_on, row.follow_up.officer) == (due, officer)


def test_text_pasted_in_decomposed_letters_is_stored_composed(client, officer):
    party = make_cooperative()
    client.post(LOG, typed(party, question=unicodedata.normalize("NFD", "Hỏi về đại hội")))
    assert Consultation.objects.get().question == "Hỏi về đại hội"


def test_a_founding_group_is_consulted_too(client, officer):
    group = make_founding_group(formed_on=date(2023, 1, 10))
    client.post(LOG, typed(party=None) | {"party": f"nhom-{group.pk}"})
    row = Consultation.objects.get()
    assert (row.founding_group, row.cooperative) == (group, None)


def test_a_second_click_opens_the_first_entry_and_records_nothing(client, officer):
    sent = typed(make_cooperative())
    first = client.post(LOG, sent)
    second = client.post(LOG, sent, follow=True)
    assert second.redirect_chain == [(first.url, 302)]
    assert [str(m) for m in second.context["messages"]][-1:] == [
        "Lần tư vấn này đã được ghi từ trước, không ghi thêm lần nữa."
    ]
    assert (Consultation.objects.count(), ConsultationTopic.objects.count()) == (1, 2)


def test_another_entry_under_a_spent_id_is_kept_and_gets_a_fresh_id(client, officer):
    party = make_cooperative()
    sent = typed(party)
    client.post(LOG, sent)
    first = Consultation.objects.get()

    answer = client.post(LOG, sent | {"question": "Việc hoàn toàn khác"})

    assert answer.status_code == 409
    assert Consultation.objects.count() == 1
    page = answer.content.decode()
    assert reverse("support:consultation", args=[first.pk]) in page
    assert "Việc hoàn toàn khác" in page
    fresh = str(answer.context["client_id"])
    assert fresh != sent["client_id"]
    client.post(LOG, sent | {"question": "Việc hoàn toàn khác", "client_id": fresh})
    assert Consultation.objects.count() == 2


@pytest.mark.parametrize("broken", ["", "abc", "' OR 1=1", "00000000-0000-0000-0000-00000000000g", "1" * 500])
def test_a_broken_id_is_said_and_replaced(client, officer, broken):
    answer = client.post(LOG, typed(make_cooperative(), client_id=broken))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["client_id"]
    assert isinstance(answer.context["client_id"], UUID)
    assert Consultation.objects.count() == 0


def in_days(days: int) -> str:
    """Return the day so many days from today as it is typed."""
    return f"{timezone.localdate() + timedelta(days=days):%d/%m/%Y}"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"held_on": in_days(2)}, "held_on"),
        ({"held_on": "31/02/2023"}, "held_on"),
        ({"held_on": "09/2023"}, "held_on"),
        ({"held_on": ""}, "held_on"),
        ({"held_on": "01/01/1900"}, "held_on"),
        ({"held_on": "14/03/2021"}, "held_on"),  # the day before the cooperative was registered
        ({"held_on": "31/12/9999", "follow_up_on": "31/12/9999"}, "held_on"),
        ({"topics": []}, "topics"),
        ({"topics": ["nonsense"]}, "topics"),
        ({"channel": "fax"}, "channel"),
        ({"channel": ""}, "channel"),
        ({"outcome": "done"}, "outcome"),
        ({"outcome": "follow_up"}, "follow_up_on"),
        ({"follow_up_on": "01/02/2023"}, "follow_up_on"),
        ({"follow_up_on": "31/12/9999"}, "follow_up_on"),
        ({"follow_up_on": "mai"}, "follow_up_on"),
        ({"question": ""}, "question"),
        ({"question": " \n\u200b "}, "question"),
        ({"question": "a" * 10_001}, "question"),
        ({"question": "a\x00b"}, "question"),
        ({"advice": "a" * 10_001}, "advice"),
        ({"party": ""}, "party"),
        ({"party": "htx-999999"}, "party"),
        ({"party": "htx-" + "9" * 40}, "party"),
        ({"party": "htx-1 OR 1=1"}, "party"),
        ({"party": "other", "party_text": "không có ai tên thế"}, "party"),
        ({"cases": ["TCT-000000-0000"]}, "cases"),
        ({"open_topics": ["nonsense"]}, "open_topics"),
    ],
)
def test_wrong_input_gets_its_message_and_leaves_nothing(client, officer, changes, field):
    sent = typed(make_cooperative(), question="Câu hỏi đã gõ") | changes
    answer = client.post(LOG, sent)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    page = answer.content.decode()
    assert "Đã hướng dẫn." in page or field == "advice"
    assert str(answer.context["client_id"]) == sent["client_id"]
    assert [Consultation.objects.count(), FollowUp.objects.count(), Case.objects.count()] == [0, 0, 0]


def test_what_was_typed_is_shown_again_and_cannot_break_out(client, officer):
    nasty = "</textarea><script>alert(1)</script>"
    page = client.post(LOG, typed(question=nasty, party_text='"><script>x</script>')).content.decode()
    assert "<script>alert" not in page
    assert "<script>x" not in page
    assert "&lt;/textarea&gt;&lt;script&gt;alert(1)" in page


def test_a_case_of_the_party_is_linked_and_one_of_another_is_refused(client, officer):
    party = make_cooperative()
    own, foreign = make_case(party), make_case(make_cooperative())
    refused = client.post(LOG, typed(party, cases=[foreign.reference]))
    assert list(refused.context["form"].errors) == ["cases"]
    assert Consultation.objects.count() == 0
    client.post(LOG, typed(party, cases=[own.reference]))
    assert list(Consultation.objects.get().cases.all()) == [own]


def test_a_new_case_is_opened_along_with_the_entry(client, officer):
    party = make_cooperative()
    client.post(LOG, typed(party, topics=[], open_topics=["tax"]))
    row, case = Consultation.objects.get(), Case.objects.get()
    assert [t.topic for t in row.topics.all()] == ["tax"]
    assert (case.topic, case.cooperative, case.officer) == ("tax", party, officer)
    assert list(row.cases.all()) == [case]


def test_the_name_typed_without_accents_is_enough_when_only_one_bears_it(client, officer):
    party = make_cooperative("Hợp tác xã Miến dong Côn Minh")
    make_cooperative("Hợp tác xã Miến dong Côn Minh Hai")
    client.post(LOG, typed(party="", party_text="hop tac xa mien dong con minh"))
    assert Consultation.objects.get().cooperative == party


def test_an_unclear_name_is_answered_with_the_choices(client, officer):
    one = make_cooperative("Hợp tác xã Miến dong Một")
    two = make_cooperative("Hợp tác xã Miến dong Hai")
    answer = client.post(LOG, typed(party=None, party_text="mien dong"))
    assert list(answer.context["form"].errors) == ["party"]
    assert {choice["key"] for choice in answer.context["parties"]} == {f"htx-{one.pk}", f"htx-{two.pk}"}
    assert Consultation.objects.count() == 0


def test_without_javascript_the_search_button_lists_matches_and_keeps_the_rest(client, officer):
    party = make_cooperative("Hợp tác xã Miến dong Một")
    make_cooperative("Hợp tác xã Chè")
    sent = typed(party=None, party_text="mien", question="Đã gõ", topics=["tax"], held_on="1/2") | {"find": "1"}
    answer = client.post(LOG, sent)
    assert [(c["key"], c["checked"]) for c in answer.context["parties"]] == [(f"htx-{party.pk}", True)]
    form = answer.context["form"]
    assert (form["question"].value(), form["topics"].value(), form["held_on"].value()) == ("Đã gõ", ["tax"], "1/2")
    assert not form.errors
    assert str(answer.context["client_id"]) == sent["client_id"]
    assert Consultation.objects.count() == 0


def test_the_form_starts_with_today_the_last_channel_and_the_parties_met_last(client, officer):
    today = timezone.localdate()
    old, new = make_cooperative("Hợp tác xã Cũ"), make_cooperative("Hợp tác xã Mới")
    make_consultation(make_cooperative("Hợp tác xã Người khác"))
    make_consultation(old, by=officer, held_on=today - timedelta(days=5), channel="zalo")
    make_consultation(new, by=officer, held_on=today - timedelta(days=1), channel="visit")
    answer = client.get(LOG)
    assert [c["name"] for c in answer.context["parties"]] == ["HTX Mới", "HTX Cũ"]
    form = answer.context["form"]
    assert (form["channel"].value(), form["held_on"].value()) == ("visit", today)
    assert isinstance(answer.context["client_id"], UUID)
    assert answer.context["client_id"] != client.get(LOG).context["client_id"]


def test_an_address_with_a_party_or_a_case_chooses_it(client, officer):
    case = make_case(make_cooperative("Hợp tác xã Chọn sẵn"), topic="tax")
    by_party = client.get(f"{LOG}?htx={case.cooperative_id}")
    by_case = client.get(f"{LOG}?ho-so={case.reference}")
    for answer in (by_party, by_case):
        assert [(c["name"], c["checked"]) for c in answer.context["parties"]] == [("HTX Chọn sẵn", True)]
        assert [ref for ref, _ in answer.context["form"].fields["cases"].choices] == [case.reference]
    assert by_case.context["form"]["cases"].value() == [case.reference]
    assert by_case.context["form"]["topics"].value() == ["tax"]


@pytest.mark.parametrize("query", ["htx=abc", "htx=-1", "htx=" + "9" * 40, "nhom=0", "ho-so=%00", "htx=1%27"])
def test_a_nonsense_address_gives_the_empty_form(client, officer, query):
    answer = client.get(f"{LOG}?{query}")
    assert (answer.status_code, answer.context["parties"]) == (200, [])


def test_opening_the_form_records_nothing(client, officer):
    client.get(LOG)
    client.head(LOG)
    assert Consultation.objects.count() == 0


def test_the_search_finds_without_accents_those_named_so_before_those_placed_so(client, officer):
    commune = make_commune("Đồng Phúc")
    placed = make_cooperative("Hợp tác xã An Lành", commune=commune)
    named = make_cooperative("Hợp tác xã Đồng Phúc", commune=make_commune("Bằng Phúc", code="02041"))
    group = make_founding_group("Nhóm sáng lập Đồng Phúc", commune=commune)
    found = client.get("/tu-van/tim-htx.json", {"q": "dong phuc"}).json()["results"]
    assert [(row["id"], row["label"]) for row in found] == [
        (f"htx-{named.pk}", "Hợp tác xã Đồng Phúc"),
        (f"htx-{placed.pk}", "Hợp tác xã An Lành"),
        (f"nhom-{group.pk}", "Nhóm sáng lập Đồng Phúc"),
    ]
    assert found[2]["note"] == "Nhóm sáng lập · xã Đồng Phúc"


def test_the_name_typed_comes_first_then_names_that_begin_so_and_places_last(client, officer):
    place = make_commune("Thanh Bình", code="02041")
    placed = make_cooperative("Hợp tác xã An Lành", commune=place, phone="0912345678")
    within = make_cooperative("Hợp tác xã Nông nghiệp Thanh Bình")
    begins = make_cooperative("Hợp tác xã Thanh Bình Xanh")
    exact = make_cooperative("Hợp tác xã Thanh Bình")
    found = client.get("/tu-van/tim-htx.json", {"q": "thanh binh"}).json()["results"]
    assert [row["id"] for row in found] == [f"htx-{row.pk}" for row in (exact, begins, within, placed)]
    assert [row["note"] for row in found[:3]] == ["xã Đồng Phúc"] * 3
    assert found[3]["note"] == "xã Thanh Bình"


def test_an_exact_name_is_not_lost_among_many_that_hold_it(client, officer):
    for number in range(40):
        make_cooperative(f"Hợp tác xã An Thanh Bình {number:02}")
    exact = make_cooperative("Hợp tác xã Thanh Bình")
    found = client.get("/tu-van/tim-htx.json", {"q": "htx thanh binh"}).json()["results"]
    assert found[0]["id"] == f"htx-{exact.pk}"


def test_a_party_found_by_something_else_than_its_name_says_by_what(client, officer):
    make_cooperative("Hợp tác xã An Lành", phone="0912345678", representative="Triệu Thị Mai")
    for query, said in (("0912 345", "0912 345 678"), ("trieu mai", "Triệu Thị Mai"), ("ba be", "huyện Ba Bể")):
        (row,) = client.get("/tu-van/tim-htx.json", {"q": query}).json()["results"]
        assert row["note"] == f"xã Đồng Phúc · {said}"


def test_the_parties_recorded_last_come_first_whatever_the_day_of_the_consultation(client, officer):
    today = timezone.localdate()
    before = make_cooperative("Hợp tác xã Trước")
    make_consultation(before, by=officer, held_on=today)
    new = [make_cooperative(f"Hợp tác xã Mới {number}") for number in range(5)]
    for party in (new[4], *new):
        client.post(LOG, typed(party, held_on=f"{today - timedelta(days=9):%d/%m/%Y}"))
    make_consultation(make_cooperative("Hợp tác xã Người khác"), officer=officer)
    answer = client.get(LOG)
    names = [choice["name"] for choice in answer.context["parties"]]
    assert names == ["HTX Mới 4", "HTX Mới 3", "HTX Mới 2", "HTX Mới 1", "HTX Mới 0", "HTX Trước"]
    assert "Gần đây" in answer.text


def test_a_missing_day_of_appointment_is_told_together_with_the_other_mistakes(client, officer):
    answer = client.post(LOG, typed(question="", held_on="x", outcome="follow_up"))
    form = answer.context["form"]
    assert set(form.errors) == {"party", "question", "held_on", "follow_up_on"}
    assert form.fields["follow_up_on"].label == "Ngày hẹn"
    assert form.errors["follow_up_on"] == ["Kết quả là hẹn làm việc tiếp thì cần ngày hẹn."]


@pytest.mark.parametrize("query", ["", "q=", "q=a", "q=%00", "q=%25", "q=___"])
def test_a_search_for_nothing_finds_nothing(client, officer, query):
    make_cooperative()
    assert client.get(f"/tu-van/tim-htx.json?{query}").json() == {"results": []}


def test_the_open_cases_of_a_party_come_with_its_key(client, officer):
    case = make_case(make_cooperative(), topic="tax", title="Xuất hoá đơn")
    make_case(make_cooperative())
    body = client.get(f"/tu-van/tim-htx.json?party=htx-{case.cooperative_id}").json()
    assert body == {"cases": [{"id": case.reference, "label": f"Chính sách thuế: Xuất hoá đơn ({case.reference})"}]}
    assert client.get("/tu-van/tim-htx.json?party=other").json() == {"cases": []}


def test_logging_takes_at_most_fifteen_queries(client, officer, django_assert_max_num_queries):
    party = make_cooperative()
    case = make_case(party)
    for _ in range(30):
        make_consultation(party, by=officer)
    due = timezone.localdate() + timedelta(days=7)
    sent = typed(
        party, cases=[case.reference], outcome="follow_up", follow_up_on=f"{due:%d/%m/%Y}", topics=["tax", "loan"]
    )
    with django_assert_max_num_queries(15):
        answer = client.post(LOG, sent)
    assert answer.status_code == 302
    assert Consultation.objects.count() == 31


def test_the_form_costs_the_same_with_many_rows(client, officer, django_assert_max_num_queries):
    party = make_cooperative()
    for _ in range(45):
        make_consultation(party, by=officer)
        make_case(party)
    with django_assert_max_num_queries(6):
        assert client.get(f"{LOG}?htx={party.pk}").status_code == 200
