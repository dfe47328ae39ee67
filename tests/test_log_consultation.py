"""`log_consultation`: one entry is one lượt, a refusal writes nothing anywhere, a repeat records once."""

import unicodedata
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from cooperatives.errors import InvalidEntry
from support_cases.consultations import Entry, SameIdOtherEntry, finish_follow_up, log_consultation
from support_cases.models import (
    Case,
    Consultation,
    ConsultationTopic,
    CountingVersion,
    FollowUp,
    ReferenceCounter,
)
from support_cases.reports.versions import half_month_of, version_until
from tests.contents import nothing_written
from tests.factories import make_case, make_cooperative, make_founding_group, make_user
from tests.racing import at_once, of_kind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2023, 9, 20)
REGISTERED = date(2021, 3, 15)


@pytest.fixture
def officer(db):
    return make_user(full_name="Hoàng Thị Thử")


@pytest.fixture
def cooperative(db):
    return make_cooperative("Hợp tác xã Đồng Phúc", registered_on=REGISTERED)


def entry(party, **fields) -> Entry:
    """An entry right in everything unless told otherwise."""
    values = {
        "client_id": uuid4(),
        "held_on": date(2023, 9, 5),
        "channel": "office",
        "topics": ["ocop"],
        "question": "HTX hỏi về hồ sơ OCOP.",
        "advice": "Đã hướng dẫn.",
        "outcome": "answered",
    }
    return Entry(party=party, **values | fields)


def refusal(said: Entry, by) -> dict[str, list[str]]:
    """The messages by field with which the entry is refused, and nothing written."""
    with nothing_written(), pytest.raises(InvalidEntry) as refused:
        log_consultation(said, by=by, today=TODAY)
    return {field: [str(message) for message in messages] for field, messages in refused.value.problems.items()}


def test_an_entry_is_stored_as_it_was_said(cooperative, officer):
    moment = datetime(2023, 9, 6, 8, 30, tzinfo=HERE)
    said = entry(cooperative, topics=["tax", "ocop"], follow_up_on=date(2023, 10, 1), outcome="follow_up")
    row, new = log_consultation(said, by=officer, today=TODAY, recorded_at=moment)
    assert new is True
    row = Consultation.objects.get(pk=row.pk)
    assert (row.client_id, row.cooperative, row.founding_group) == (said.client_id, cooperative, None)
    assert (row.held_on, row.recorded_at) == (date(2023, 9, 5), moment)
    assert (row.officer, row.recorded_by) == (officer, officer)
    assert (row.channel, row.outcome) == ("office", "follow_up")
    assert (row.question, row.advice) == ("HTX hỏi về hồ sơ OCOP.", "Đã hướng dẫn.")
    assert [topic.topic for topic in row.topics.all()] == ["tax", "ocop"]
    assert (row.follow_up.due_on, row.follow_up.officer, row.follow_up.done_on) == (date(2023, 10, 1), officer, None)
    assert list(row.cases.all()) == []


def test_an_entry_typed_for_a_colleague_names_both(cooperative, officer):
    writer = make_user()
    said = entry(cooperative, follow_up_on=date(2023, 10, 1), open_topics=["loan"])
    row, _ = log_consultation(said, by=writer, officer=officer, today=TODAY)
    assert (row.officer, row.recorded_by) == (officer, writer)
    assert row.follow_up.officer == officer
    opened = row.cases.get()
    assert (opened.officer, opened.events.get().actor) == (officer, writer)


def test_the_moment_of_recording_is_now_unless_given(cooperative, officer):
    before = timezone.now()
    row, _ = log_consultation(entry(cooperative), by=officer, today=TODAY)
    assert before <= row.recorded_at <= timezone.now()


REFUSALS = [
    ({"held_on": TODAY + timedelta(days=1)}, {"held_on": ["Ngày tư vấn không thể ở tương lai."]}),
    (
        {"held_on": date(1999, 12, 31)},
        {"held_on": ["Ngày tư vấn quá xa trong quá khứ, xin kiểm tra năm."]},
    ),
    (
        {"held_on": REGISTERED - timedelta(days=1)},
        {
            "held_on": [
                "HTX đăng ký ngày 15/03/2021, chưa thể được tư vấn trước ngày đó. "
                "Nếu khi ấy còn là nhóm sáng lập, hãy ghi cho nhóm."
            ]
        },
    ),
    ({"topics": []}, {"topics": ["Chọn ít nhất một nội dung."]}),
    ({"topics": ["ocop", "trade"]}, {"topics": ["Không có nội dung “trade”."]}),
    ({"open_topics": ["trade"]}, {"topics": ["Không có nội dung “trade”."]}),
    ({"topics": [""]}, {"topics": ["Không có nội dung “”."]}),
    ({"channel": "fax"}, {"channel": ["Không có hình thức này."]}),
    ({"channel": ""}, {"channel": ["Không có hình thức này."]}),
    ({"outcome": "?"}, {"outcome": ["Không có kết quả này."]}),
    ({"question": ""}, {"question": ["Cần ghi nội dung HTX hỏi."]}),
    ({"question": " \n\t\u200b\ufeff\n"}, {"question": ["Cần ghi nội dung HTX hỏi."]}),
    ({"question": "x" * 10_001}, {"question": ["Tối đa 10000 ký tự."]}),
    ({"advice": "x" * 10_001}, {"advice": ["Tối đa 10000 ký tự."]}),
    (
        {"outcome": "follow_up"},
        {"follow_up_on": ["Kết quả là hẹn làm việc tiếp thì cần ngày hẹn."]},
    ),
    ({"follow_up_on": date(2023, 9, 4)}, {"follow_up_on": ["Ngày hẹn không thể trước ngày tư vấn."]}),
    (
        {"follow_up_on": date(2023, 9, 5) + timedelta(days=733)},
        {"follow_up_on": ["Ngày hẹn xa quá hai năm, xin kiểm tra năm."]},
    ),
    # A wrong day of the consultation is not held against the appointment too.
    (
        {"held_on": TODAY + timedelta(days=1), "follow_up_on": date(2023, 9, 5)},
        {"held_on": ["Ngày tư vấn không thể ở tương lai."]},
    ),
]


@pytest.mark.parametrize(("fields", "problems"), REFUSALS)
@pytest.mark.once
def test_what_cannot_be_right_is_refused_with_words_and_leaves_nothing(cooperative, officer, fields, problems):
    assert refusal(entry(cooperative, **fields), officer) == problems


def test_all_mistakes_are_named_at_once(cooperative, officer):
    said = entry(cooperative, held_on=TODAY + timedelta(days=1), topics=[], channel="?", outcome="?", question="")
    assert list(refusal(said, officer)) == ["held_on", "topics", "channel", "outcome", "question"]


def test_a_refused_entry_may_be_sent_again_with_its_id_once_mended(cooperative, officer):
    said = entry(cooperative, question="")
    refusal(said, officer)
    mended = entry(cooperative, client_id=said.client_id)
    assert log_consultation(mended, by=officer, today=TODAY)[1] is True


def test_a_case_of_somebody_else_cannot_be_linked(cooperative, officer):
    mine = make_case(cooperative, today=TODAY, by=officer)
    foreign = make_case(make_cooperative(), today=TODAY, by=officer)
    of_group = make_case(make_founding_group(), today=TODAY, by=officer)
    assert refusal(entry(cooperative, cases=[mine, foreign, of_group]), officer) == {
        "cases": [
            f"Hồ sơ {foreign.reference} không thuộc HTX này.",
            f"Hồ sơ {of_group.reference} không thuộc HTX này.",
        ]
    }
    row, _ = log_consultation(entry(cooperative, cases=[mine]), by=officer, today=TODAY)
    assert list(row.cases.all()) == [mine]


def test_what_fails_while_writing_takes_back_what_was_written(cooperative, officer, monkeypatch):
    def broken(day):
        raise RuntimeError("the last act of the transaction")

    monkeypatch.setattr("support_cases.consultations.raise_version", broken)
    said = entry(cooperative, topics=["ocop", "tax"], open_topics=["loan"], follow_up_on=date(2023, 10, 1))
    with nothing_written(), pytest.raises(RuntimeError):
        log_consultation(said, by=officer, today=TODAY)


@pytest.mark.parametrize("day", [REGISTERED, TODAY])
def test_the_day_of_registration_and_today_are_possible_days(cooperative, officer, day):
    row, _ = log_consultation(entry(cooperative, held_on=day), by=officer, today=TODAY)
    assert row.held_on == day


def test_a_cooperative_without_a_known_day_of_registration_has_no_such_limit(officer):
    party = make_cooperative(registered_on=None)
    row, _ = log_consultation(entry(party, held_on=date(2000, 1, 1)), by=officer, today=TODAY)
    assert row.held_on == date(2000, 1, 1)


@pytest.mark.parametrize("day", [date(2023, 9, 5), date(2023, 9, 5) + timedelta(days=732)])
def test_an_appointment_may_be_on_the_day_itself_and_up_to_two_years_on(cooperative, officer, day):
    row, _ = log_consultation(entry(cooperative, follow_up_on=day), by=officer, today=TODAY)
    assert row.follow_up.due_on == day


def test_a_text_of_exactly_the_most_characters_is_kept_whole(cooperative, officer):
    row, _ = log_consultation(entry(cooperative, question="đ" * 10_000), by=officer, today=TODAY)
    assert len(Consultation.objects.get(pk=row.pk).question) == 10_000


def test_text_is_stored_composed_with_its_line_breaks(cooperative, officer):
    typed = unicodedata.normalize("NFD", "Hỏi về OCOP \r\n\r\nvà thuế\u200b ")
    row, _ = log_consultation(entry(cooperative, question=typed, advice=typed), by=officer, today=TODAY)
    assert row.question == row.advice == "Hỏi về OCOP\n\nvà thuế"


def test_a_topic_named_twice_is_kept_once(cooperative, officer):
    said = entry(cooperative, topics=["tax", "ocop", "tax"], open_topics=["ocop", "ocop"])
    row, _ = log_consultation(said, by=officer, today=TODAY)
    assert [topic.topic for topic in row.topics.all()] == ["tax", "ocop"]
    assert [case.topic for case in row.cases.all()] == ["ocop"]


def test_open_topics_open_cases_on_the_day_of_the_consultation(cooperative, officer):
    said = entry(cooperative, topics=["tax"], open_topics=["loan", "ocop"], question="Vay vốn làm miến\nDòng hai")
    row, _ = log_consultation(said, by=officer, today=TODAY)
    cases = list(row.cases.order_by("pk"))
    assert [(case.topic, case.title, case.status) for case in cases] == [
        ("loan", "Vay vốn làm miến", "new"),
        ("ocop", "Vay vốn làm miến", "new"),
    ]
    assert {(case.cooperative, case.opened_on, case.officer) for case in cases} == {
        (cooperative, date(2023, 9, 5), officer)
    }
    assert [case.reference for case in cases] == ["TCT-230905-0001", "TCT-230905-0002"]
    assert [topic.topic for topic in row.topics.all()] == ["tax", "loan", "ocop"]


def test_a_long_question_becomes_a_short_title(cooperative, officer):
    row, _ = log_consultation(
        entry(cooperative, question="miến dong " * 40, open_topics=["ocop"]), by=officer, today=TODAY
    )
    title = row.cases.get().title
    assert len(title) <= 120
    assert title.endswith(("miến…", "dong…"))
    unbroken, _ = log_consultation(
        entry(cooperative, question="m" * 500, open_topics=["ocop"]), by=officer, today=TODAY
    )
    assert unbroken.cases.get().title == "m" * 119 + "…"


def test_a_founding_group_has_its_own_first_day_and_words(officer):
    group = make_founding_group(formed_on=date(2023, 1, 10))
    assert refusal(entry(group, held_on=date(2023, 1, 9)), officer) == {
        "held_on": ["Nhóm sáng lập lập ngày 10/01/2023, sau ngày tư vấn."]
    }
    row, _ = log_consultation(entry(group, held_on=date(2023, 1, 10)), by=officer, today=TODAY)
    assert (row.founding_group, row.cooperative) == (group, None)


def test_a_group_and_a_cooperative_with_one_number_are_not_taken_for_each_other(officer):
    cooperative, group = make_cooperative(), make_founding_group()
    type(group).objects.filter(pk=group.pk).update(id=cooperative.pk)
    group = type(group).objects.get(pk=cooperative.pk)
    case = make_case(cooperative, by=officer, today=TODAY)
    assert list(refusal(entry(group, cases=[case]), officer)) == ["cases"]
    said = entry(cooperative)
    log_consultation(said, by=officer, today=TODAY)
    with pytest.raises(SameIdOtherEntry):
        log_consultation(entry(group, client_id=said.client_id), by=officer, today=TODAY)


def test_a_late_entry_keeps_the_day_it_was_held_and_the_day_it_was_typed(cooperative, officer):
    late = datetime(2023, 9, 20, 17, tzinfo=HERE)
    row, _ = log_consultation(entry(cooperative, held_on=date(2022, 2, 3)), by=officer, today=TODAY, recorded_at=late)
    row.refresh_from_db()
    assert (row.held_on, timezone.localdate(row.recorded_at)) == (date(2022, 2, 3), TODAY)


def test_several_consultations_of_one_cooperative_on_one_day_are_several_entries(cooperative, officer):
    for _ in range(3):
        log_consultation(entry(cooperative), by=officer, today=TODAY)
    assert Consultation.objects.filter(cooperative=cooperative, held_on=date(2023, 9, 5)).count() == 3


# --- The same id again ----------------------------------------------------------------------------


def test_the_same_entry_sent_again_returns_the_first_row_and_records_nothing(cooperative, officer):
    said = entry(cooperative, topics=["ocop", "tax"], open_topics=["loan"], follow_up_on=date(2023, 10, 1))
    first, _ = log_consultation(said, by=officer, today=TODAY)
    with nothing_written():
        again, new = log_consultation(said, by=officer, today=TODAY + timedelta(days=5))
    assert (again, new) == (first, False)


def test_a_repeat_is_known_whatever_the_order_of_topics_and_the_form_of_the_letters(cooperative, officer):
    case, other = (make_case(cooperative, by=officer, today=TODAY) for _ in range(2))
    said = entry(cooperative, topics=["ocop", "tax"], cases=[case, other], question="Hỏi về miến dong")
    first, _ = log_consultation(said, by=officer, today=TODAY)
    again = entry(
        cooperative,
        client_id=said.client_id,
        topics=["tax", "ocop", "tax"],
        cases=[other, case],
        question=unicodedata.normalize("NFD", "Hỏi về miến dong \r\n"),
    )
    with nothing_written():
        assert log_consultation(again, by=officer, today=TODAY) == (first, False)


def test_a_repeat_is_answered_also_when_it_would_be_refused_by_now(cooperative, officer):
    said = entry(cooperative)
    first, _ = log_consultation(said, by=officer, today=TODAY)
    cooperative.registered_on = date(2023, 9, 10)
    cooperative.save()
    assert log_consultation(said, by=officer, today=TODAY) == (first, False)


@pytest.mark.parametrize(
    "fields",
    [
        {"held_on": date(2023, 5, 9)},
        {"channel": "phone"},
        {"topics": ["ocop", "tax"]},
        {"open_topics": ["ocop"]},
        {"question": "HTX hỏi về hồ sơ thuế."},
        {"advice": ""},
        {"outcome": "self_done"},
        {"follow_up_on": date(2023, 10, 1)},
    ],
)
def test_the_same_id_with_another_body_is_refused_and_records_nothing(cooperative, officer, fields):
    said = entry(cooperative)
    log_consultation(said, by=officer, today=TODAY)
    with nothing_written(), pytest.raises(SameIdOtherEntry) as refused:
        log_consultation(entry(cooperative, client_id=said.client_id, **fields), by=officer, today=TODAY)
    assert refused.value.problems == ["Mã lần gửi này đã dùng cho một lần tư vấn có nội dung khác."]


def test_the_same_id_for_another_cooperative_or_case_is_another_body(cooperative, officer):
    said = entry(cooperative)
    log_consultation(said, by=officer, today=TODAY)
    with pytest.raises(SameIdOtherEntry):
        log_consultation(entry(make_cooperative(), client_id=said.client_id), by=officer, today=TODAY)
    case = make_case(cooperative, by=officer, today=TODAY)
    with pytest.raises(SameIdOtherEntry):
        log_consultation(entry(cooperative, client_id=said.client_id, cases=[case]), by=officer, today=TODAY)


# --- At the same moment ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_one_entry_sent_by_many_threads_at_once_is_one_row_and_opens_one_case(cooperative, officer):
    said = entry(cooperative, topics=["tax", "ocop"], open_topics=["loan"], follow_up_on=date(2023, 10, 1))
    results = at_once(*[lambda: log_consultation(said, by=officer, today=TODAY)] * 6)
    assert sorted(new for _row, new in results) == [False] * 5 + [True]
    assert len({row.pk for row, _new in results}) == 1
    assert Consultation.objects.count() == 1
    assert ConsultationTopic.objects.count() == 3
    assert (Case.objects.count(), FollowUp.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_bodies_under_one_id_sent_at_once_one_is_recorded_and_the_other_told(cooperative, officer):
    name = UUID(int=7)
    results = at_once(
        lambda: log_consultation(entry(cooperative, client_id=name, question="Một"), by=officer, today=TODAY),
        lambda: log_consultation(entry(cooperative, client_id=name, question="Hai"), by=officer, today=TODAY),
    )
    assert len(of_kind(results, SameIdOtherEntry)) == 1
    assert len(of_kind(results, tuple)) == 1
    assert Consultation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_entries_at_once_are_all_recorded_and_raise_the_version(cooperative, officer):
    before = version_until(date(2023, 9, 30))
    said = [entry(cooperative, open_topics=["loan"], question=f"Câu {n}") for n in range(8)]
    results = at_once(*((lambda e=one: log_consultation(e, by=officer, today=TODAY)) for one in said))
    assert [new for _row, new in results] == [True] * 8
    assert Consultation.objects.count() == 8
    assert sorted(Case.objects.values_list("reference", flat=True)) == [f"TCT-230905-{n:04d}" for n in range(1, 9)]
    assert ReferenceCounter.objects.get().last == 8
    assert [row.half_month for row in CountingVersion.objects.all()] == [date(2023, 9, 1)]
    assert version_until(date(2023, 9, 30)) != before


# --- The version of the figures -------------------------------------------------------------------


def test_the_version_changes_from_the_half_month_of_the_entry_on(cooperative, officer):
    log_consultation(entry(cooperative, held_on=date(2023, 8, 1)), by=officer, today=TODAY)
    ends = [date(2023, 7, 31), date(2023, 8, 14), date(2023, 8, 31), date(2023, 9, 14), date(2023, 9, 30)]
    before = [version_until(day) for day in ends]
    log_consultation(entry(cooperative, held_on=date(2023, 8, 15)), by=officer, today=TODAY)
    after = [version_until(day) for day in ends]
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, True, False, False, False]


def test_half_months_start_on_the_first_and_the_fifteenth():
    assert half_month_of(date(2023, 9, 1)) == half_month_of(date(2023, 9, 14)) == date(2023, 9, 1)
    assert half_month_of(date(2023, 9, 15)) == half_month_of(date(2023, 9, 30)) == date(2023, 9, 15)


# --- Through the API: days as people write them ---------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "held"),
    [("05/09/2023", date(2023, 9, 5)), ("2023-09-05", date(2023, 9, 5)), ("09/05/2023", date(2023, 5, 9))],
)
def test_a_day_typed_5_9_is_the_fifth_of_september(client, cooperative, officer, typed, held):
    client.force_login(officer)
    sent = {
        "client_id": str(uuid4()), "cooperative": cooperative.pk, "held_on": typed, "channel": "office",
        "topics": ["ocop"], "question": "Hỏi", "outcome": "answered",
    }  # fmt: skip
    answer = client.post(reverse("api-consultations-list"), sent, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert Consultation.objects.get().held_on == held


@pytest.mark.parametrize("typed", ["13/13/2023", "31/02/2023", "2023-9-5T10:00", "5 tháng 9", 20230905, None])
def test_what_is_no_day_is_refused_and_leaves_nothing(client, cooperative, officer, typed):
    client.force_login(officer)
    sent = {
        "client_id": str(uuid4()), "cooperative": cooperative.pk, "held_on": typed, "channel": "office",
        "topics": ["ocop"], "question": "Hỏi", "outcome": "answered",
    }  # fmt: skip
    with nothing_written():
        answer = client.post(reverse("api-consultations-list"), sent, content_type="application/json")
    assert answer.status_code == 400
    assert list(answer.json()) == ["held_on"]


# --- The appointment ------------------------------------------------------------------------------


def test_an_appointment_is_finished_once(cooperative, officer):
    row, _ = log_consultation(entry(cooperative, follow_up_on=date(2023, 9, 10)), by=officer, today=TODAY)
    assert finish_follow_up(row.follow_up, by=officer, today=TODAY) is True
    with nothing_written():
        assert finish_follow_up(row.follow_up, by=officer, today=TODAY + timedelta(days=1)) is False
    row.follow_up.refresh_from_db()
    assert (row.follow_up.done_on, row.follow_up.done_by) == (TODAY, officer)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_finish_an_appointment_at_once_one_did_it(cooperative, officer):
    row, _ = log_consultation(entry(cooperative, follow_up_on=date(2023, 9, 10)), by=officer, today=TODAY)
    results = at_once(*[lambda: finish_follow_up(row.follow_up, by=officer, today=TODAY)] * 4)
    assert sorted(results) == [False, False, False, True]
