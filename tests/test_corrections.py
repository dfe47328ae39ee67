"""Wrong entries are voided or replaced: nothing is lost, nothing counts twice, and the past stays what it was."""

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cooperatives.errors import InvalidEntry
from support_cases.access import consultations_for, follow_ups_for
from support_cases.closings import close_period
from support_cases.consultations import Entry, SameIdOtherEntry, finish_follow_up, log_consultation
from support_cases.corrections import AlreadyVoid, replace_consultation, void_consultation
from support_cases.forms.parties import met_last
from support_cases.models import Consultation, FollowUp, Reminder
from support_cases.models.consultation import end_of
from support_cases.reminders.entering import enter_due
from support_cases.reports.behind import counted_entries, entries_to_write
from support_cases.reports.periods import MONTH, Month, Period
from support_cases.reports.served import served
from tests.factories import make_case, make_consultation, make_cooperative, make_founding_group, make_user
from tests.racing import at_once, of_kind
from tests.reminding import make_rule, one_pass

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
HELD = date(2023, 9, 5)
TODAY = date(2023, 9, 20)
NOW = datetime(2023, 9, 20, 10, 0, tzinfo=HERE)
SEPTEMBER = Period(MONTH, Month(2023, 9), Month(2023, 9))
LIST = "/tu-van/"


@pytest.fixture
def officer():
    return make_user(full_name="Hoàng Thị Ghi")


@pytest.fixture
def cooperative():
    return make_cooperative("Hợp tác xã Đồng Phúc")


def said(party, **changes) -> Entry:
    values = {
        "client_id": uuid4(), "party": party, "held_on": HELD, "channel": "office", "topics": ["ocop"],
        "question": "Hỏi về OCOP", "outcome": "answered",
    }  # fmt: skip
    return Entry(**values | changes)


def recorded(party, by, **changes) -> Consultation:
    """An entry typed on 6 September."""
    moment = datetime(2023, 9, 6, 9, 0, tzinfo=HERE)
    return log_consultation(said(party, **changes), by=by, today=TODAY, recorded_at=moment)[0]


def void(row, by, reason="Ghi nhầm HTX", now=NOW) -> Consultation:
    return void_consultation(row, by=by, reason=reason, now=now)


def replace(row, entry, by, reason="Ghi nhầm HTX") -> tuple[Consultation, bool]:
    return replace_consultation(row, entry, by=by, reason=reason, today=TODAY, now=NOW)


def figures(as_of: date | None = None, today: date = date(2023, 12, 1)) -> tuple[int, int, int]:
    report = served(SEPTEMBER, frame="2022", today=today, as_of=as_of)
    return report.consultations, report.cooperatives, report.first_time


# --- The acts ---------------------------------------------------------------------------------------


def test_a_voided_entry_keeps_its_words_and_says_when_by_whom_and_why(cooperative, officer):
    row, other = recorded(cooperative, officer), make_user()
    before = Consultation.objects.values().get(pk=row.pk)
    void(row, other, "  Ghi nhầm   HTX ")
    after = Consultation.objects.values().get(pk=row.pk)
    changed = {name: after[name] for name in after if after[name] != before[name]}
    assert changed == {"voided_at": NOW, "voided_by_id": other.pk, "void_reason": "Ghi nhầm HTX"}


@pytest.mark.parametrize("reason", ["", "  \n\u200b ", "x" * 201])
def test_without_a_reason_that_fits_nothing_is_changed(cooperative, officer, reason):
    row = recorded(cooperative, officer)
    with pytest.raises(InvalidEntry) as refusal:
        void(row, officer, reason)
    assert list(refusal.value.problems) == ["reason"]
    with pytest.raises(InvalidEntry):
        replace(row, said(cooperative), officer, reason)
    assert list(Consultation.objects.standing()) == [row]


def test_the_second_time_it_says_who_did_it_and_changes_nothing(cooperative, officer):
    row = recorded(cooperative, officer)
    void(row, officer)
    with pytest.raises(AlreadyVoid) as refusal:
        void(row, make_user(), "Lý do khác", NOW + timedelta(hours=1))
    assert "Hoàng Thị Ghi" in refusal.value.problems[0]
    assert "20/09/2023 10:00" in refusal.value.problems[0]
    with pytest.raises(AlreadyVoid):
        replace(row, said(cooperative), officer)
    row.refresh_from_db()
    assert (row.voided_at, row.void_reason, Consultation.objects.count()) == (NOW, "Ghi nhầm HTX", 1)


def test_a_replacement_is_recorded_now_for_the_same_officer_and_the_old_entry_points_to_it(cooperative, officer):
    right, other = make_cooperative(), make_user()
    row = recorded(cooperative, officer, outcome="follow_up", follow_up_on=date(2023, 9, 25))
    entry = said(right, held_on=date(2023, 8, 20), topics=["tax", "loan"], outcome="answered")
    made, is_new = replace(row, entry, other)
    row.refresh_from_db()
    assert is_new
    assert (row.replaced_by, row.voided_by, row.cooperative, made.replaces) == (made, other, cooperative, row)
    assert (made.client_id, made.cooperative, made.held_on) == (entry.client_id, right, date(2023, 8, 20))
    assert (made.officer, made.recorded_by, made.recorded_at) == (officer, other, NOW)
    assert {topic.topic for topic in made.topics.all()} == {"tax", "loan"}


def test_the_same_correction_sent_again_gives_the_first_replacement(cooperative, officer):
    row, entry = recorded(cooperative, officer), said(cooperative, question="Hỏi cho đúng")
    first, _ = replace(row, entry, officer)
    assert replace(row, entry, officer) == (first, False)
    with pytest.raises(AlreadyVoid):
        replace(row, said(cooperative, client_id=entry.client_id, question="Khác"), officer)
    assert Consultation.objects.count() == 2


def test_an_id_of_another_entry_replaces_nothing(cooperative, officer):
    row = recorded(cooperative, officer)
    other = said(cooperative, question="Lần khác")
    log_consultation(other, by=officer, today=TODAY)
    for entry in (other, said(cooperative, client_id=row.client_id), said(cooperative, client_id=other.client_id)):
        with pytest.raises(SameIdOtherEntry):
            replace(row, entry, officer)
    assert Consultation.objects.standing().count() == 2


def test_a_correction_that_cannot_be_right_leaves_the_old_entry_standing(cooperative, officer):
    row = recorded(cooperative, officer)
    with pytest.raises(InvalidEntry):
        replace(row, said(cooperative, held_on=TODAY + timedelta(days=1)), officer)
    foreign = make_case(make_cooperative(), today=HELD)
    with pytest.raises(InvalidEntry):
        replace(row, said(cooperative, cases=[foreign], open_topics=["tax"]), officer)
    assert list(Consultation.objects.all()) == [row]
    assert Consultation.objects.standing().count() == 1


@pytest.mark.parametrize(
    "half",
    [
        {"voided_at": NOW},
        {"voided_at": NOW, "void_reason": "Nhầm"},
        {"voided_at": NOW, "voided_by": True},
        {"voided_by": True},
        {"void_reason": "Nhầm"},
        {"replaced_by": True},
    ],
)
def test_the_database_knows_no_half_voided_entry(cooperative, officer, half):
    row, other = recorded(cooperative, officer), recorded(cooperative, officer)
    people = {"voided_by": officer, "replaced_by": other}
    with pytest.raises(IntegrityError), transaction.atomic():
        Consultation.objects.filter(pk=row.pk).update(**half | {name: people[name] for name in half if name in people})


# --- At the same moment -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_many_who_void_and_replace_at_once_one_wins(cooperative, officer):
    row = recorded(cooperative, officer)
    acts = [lambda n=n: void(row, officer, f"Lý do {n}") for n in range(3)]
    acts += [lambda n=n: replace(row, said(cooperative, question=f"Câu {n}"), officer) for n in range(3)]
    results = at_once(*acts)
    assert len(of_kind(results, AlreadyVoid)) == 5, results
    row.refresh_from_db()
    assert row.is_void
    assert Consultation.objects.count() == (2 if row.replaced_by else 1)


@pytest.mark.django_db(transaction=True)
def test_one_correction_sent_by_many_threads_at_once_is_one_row(cooperative, officer):
    row, entry = recorded(cooperative, officer), said(cooperative, question="Đúng", open_topics=["loan"])
    results = at_once(*[lambda: replace(row, entry, officer)] * 5)
    assert sorted(is_new for _made, is_new in results) == [False] * 4 + [True]
    assert (Consultation.objects.count(), Consultation.objects.get(replaces=row).cases.count()) == (2, 1)


# --- What is counted --------------------------------------------------------------------------------


def test_the_figure_falls_and_the_day_before_still_knows_the_old_one(cooperative, officer):
    row = recorded(cooperative, officer)
    recorded(cooperative, officer)
    recorded(make_cooperative(), officer)
    assert figures() == (3, 2, 2)
    void(row, officer)
    assert figures() == (2, 2, 2)
    assert figures(date(2023, 9, 5)) == (0, 0, 0)
    assert figures(date(2023, 9, 19)) == (3, 2, 2)
    assert figures(date(2023, 9, 20)) == (2, 2, 2)


def test_a_replacement_moves_the_count_from_its_own_day_on(cooperative, officer):
    row = recorded(cooperative, officer)
    replace(row, said(cooperative, held_on=date(2023, 8, 31)), officer)
    assert figures() == (0, 0, 0)
    assert figures(date(2023, 9, 19)) == (1, 1, 1)
    august = Period(MONTH, Month(2023, 8), Month(2023, 8))
    known = {day: served(august, frame="2022", today=date(2023, 12, 1), as_of=day) for day in (None, date(2023, 9, 19))}
    assert [report.consultations for report in known.values()] == [1, 0]


def test_a_voided_earlier_entry_no_longer_makes_a_cooperative_served_before(cooperative, officer):
    row = recorded(cooperative, officer, held_on=date(2023, 3, 1))
    recorded(cooperative, officer)
    assert figures()[2] == 0
    void(row, officer)
    assert figures()[2] == 1
    assert figures(date(2023, 9, 19))[2] == 0


def test_a_voided_moment_belongs_to_the_day_of_viet_nam(cooperative, officer):
    late, early = recorded(cooperative, officer), recorded(cooperative, officer)
    void(late, officer, now=datetime(2023, 9, 20, 23, 59, 59, tzinfo=HERE))
    void(early, officer, now=datetime(2023, 9, 21, 0, 0, tzinfo=HERE))
    assert [figures(date(2023, 9, day))[0] for day in (19, 20, 21)] == [2, 1, 0]


def test_behind_a_figure_of_a_past_day_stand_the_entries_of_that_day(client, cooperative, officer):
    row, stays = recorded(cooperative, officer), recorded(cooperative, officer)
    void(row, officer)
    client.force_login(make_user("manager"))
    days = "held_from=2023-09-01&held_to=2023-09-30&party=cooperative"

    def shown(more="") -> set[int]:
        return {entry.pk for entry in client.get(f"{LIST}?{days}{more}").context["page"]}

    assert shown() == {stays.pk}
    assert shown("&recorded_to=19/09/2023") == {row.pk, stays.pk}
    assert shown("&recorded_to=20/09/2023") == {stays.pk}
    assert "Đã hủy sau đó" in client.get(f"{LIST}?{days}&recorded_to=19/09/2023").content.decode()
    for as_of, lots in (("2023-09-19", 2), ("2023-09-20", 1)):
        page = client.get(f"/bao-cao/htx/?from=2023-09&as_of={as_of}").context["page"]
        assert [line["served"] for line in page] == [lots]


def test_after_a_month_was_closed_what_was_voided_is_told_beside_what_came_in(client, cooperative, officer):
    rows = [recorded(cooperative, officer) for _ in range(3)]
    closed_at = datetime(2023, 10, 2, 9, 0, tzinfo=HERE)
    close_period(SEPTEMBER, by=officer, today=closed_at.date(), now=closed_at)
    later = datetime(2023, 10, 5, 9, 0, tzinfo=HERE)
    void(rows[0], officer, now=later)
    replace_consultation(rows[1], said(cooperative), by=officer, reason="Nhầm", today=later.date(), now=later)
    # Came and went after the closing: it was never reported and is not counted.
    void(log_consultation(said(cooperative), by=officer, today=TODAY, recorded_at=later)[0], officer, now=later)
    report = served(SEPTEMBER, frame="2022", today=date(2023, 12, 1))
    assert (report.consultations, report.recorded_late, report.voided_late) == (3, 1, 2)
    then = served(SEPTEMBER, frame="2022", today=date(2023, 12, 1), as_of=report.closed_on)
    assert (then.consultations, then.recorded_late, then.voided_late) == (3, 0, 0)
    client.force_login(make_user("manager"))
    page = client.get("/bao-cao/?from=2023-09").content.decode()
    assert "Có 1 lượt ghi sau khi chốt" in page
    assert "Có 2 lượt đã báo cáo bị hủy hoặc thay sau khi chốt." in page


def test_voided_entries_are_in_no_list_and_nobodys_work(client, cooperative, officer):
    case = make_case(cooperative, today=HELD)
    due = timezone.localdate()
    row = recorded(cooperative, officer, cases=[case], outcome="follow_up", follow_up_on=date(2023, 9, 12))
    other = make_consultation(cooperative, by=officer, cases=[case], held_on=due, follow_up_on=due)
    assert set(follow_ups_for(officer)) == {row.follow_up, other.follow_up}
    void(row, officer)
    void(other, officer, now=timezone.now())
    client.force_login(officer)
    assert not client.get(LIST).context["page"].object_list
    assert list(client.get(f"/ho-so/{case.reference}/").context["consultations"]) == []
    desk = client.get("/").context
    assert [desk[name] for name in ("overdue", "due_today", "upcoming")] == [[], [], []]
    assert met_last(officer) == ([], "")
    assert not follow_ups_for(officer).exists()
    assert client.get("/api/v1/consultations/").json()["count"] == 0


def test_people_of_the_cooperative_see_no_voided_entry(client, cooperative, officer):
    row = make_consultation(cooperative, by=officer, follow_up_on=timezone.localdate())
    person = make_user("cooperative", cooperative=cooperative)
    client.force_login(person)
    assert client.get(f"{LIST}{row.pk}/").status_code == 200
    made, _ = replace_consultation(
        row,
        said(cooperative, held_on=row.held_on),
        by=officer,
        reason="Nhầm",
        today=timezone.localdate(),
        now=timezone.now(),
    )
    assert list(consultations_for(person)) == [made]
    assert client.get(f"{LIST}{row.pk}/").status_code == 404
    assert client.get(f"/api/v1/consultations/{row.pk}/").status_code == 404
    page = client.get(f"{LIST}{made.pk}/").content.decode()
    assert "Thay cho lần ghi" not in page
    assert "Sửa" not in page
    home = client.get("/").context
    assert (list(home["recent"]), home["next_entry"]) == ([made], None)


def test_the_api_answers_for_a_voided_entry_by_its_number(client, cooperative, officer):
    row = recorded(cooperative, officer)
    client.force_login(officer)
    asked = ("voided", "void_reason", "replaced_by")
    answer = client.get(f"/api/v1/consultations/{row.pk}/").json()
    assert [answer[name] for name in asked] == [False, "", None]
    made, _ = replace(row, said(cooperative), officer, "Nhầm ngày")
    answer = client.get(f"/api/v1/consultations/{row.pk}/").json()
    assert [answer[name] for name in asked] == [True, "Nhầm ngày", made.pk]

    def listed(query="") -> list[tuple[int, bool]]:
        lines = client.get(f"/api/v1/consultations/{query}").json()["results"]
        return [(line["id"], line["voided"]) for line in lines]

    for query in ("", "?held_from=2023-01-01", "?recorded_to=", "?recorded_to=2023-09-20"):
        assert listed(query) == [(made.pk, False)]
    assert listed("?recorded_to=2023-09-19") == [(row.pk, True)]


def test_the_workbook_and_the_entries_behind_it_leave_voided_ones_out(cooperative, officer):
    row = recorded(cooperative, officer)
    group = recorded(make_founding_group(), officer)
    for one in (row, group):
        void(one, officer)
    then = end_of(date(2023, 9, 19))
    assert (list(entries_to_write(SEPTEMBER, None)), list(counted_entries(SEPTEMBER, None))) == ([], [])
    assert (len(entries_to_write(SEPTEMBER, then)), list(counted_entries(SEPTEMBER, then))) == (2, [row])


# --- Appointments and reminders ---------------------------------------------------------------------


def test_a_reminder_of_a_voided_entry_is_neither_entered_nor_sent(cooperative, officer):
    rows = [recorded(cooperative, officer, outcome="follow_up", follow_up_on=HELD) for _ in range(2)]
    void(rows[0], officer)
    make_rule("follow_up_due")
    enter_due(TODAY)
    assert {row.subject for row in Reminder.objects.all()} == {f"consultation/{rows[1].pk}"}
    void(rows[1], officer)
    assert set(one_pass(NOW)) == {""}
    assert set(Reminder.objects.values_list("state", "reason")) == {("skipped", "voided")}


def test_the_appointment_of_a_voided_entry_cannot_be_done(client, cooperative, officer):
    row = recorded(cooperative, officer, outcome="follow_up", follow_up_on=HELD)
    void(row, officer)
    assert not finish_follow_up(row.follow_up, by=officer, today=TODAY)
    client.force_login(officer)
    answer = client.post(f"{LIST}{row.pk}/da-lam/", follow=True)
    assert [str(m) for m in answer.context["messages"]] == ["Lần ghi này đã bị hủy, hẹn không còn phải làm."]
    assert FollowUp.objects.get().done_on is None


@pytest.mark.parametrize(("due", "done"), [(date(2023, 9, 12), date(2023, 9, 13)), (date(2023, 10, 2), None)])
def test_an_appointment_that_was_kept_stays_kept_unless_its_day_is_another(cooperative, officer, due, done):
    row = recorded(cooperative, officer, outcome="follow_up", follow_up_on=date(2023, 9, 12))
    finish_follow_up(row.follow_up, by=officer, today=date(2023, 9, 13))
    made, _ = replace(row, said(cooperative, outcome="follow_up", follow_up_on=due), officer)
    assert FollowUp.objects.get(consultation=made).done_on == done


@pytest.mark.parametrize(("due", "told"), [(HELD, 1), (date(2023, 9, 12), 2)])
def test_nobody_is_reminded_again_of_an_appointment_whose_entry_was_corrected(cooperative, officer, due, told):
    make_rule("follow_up_due", channels="app")
    row = recorded(cooperative, officer, outcome="follow_up", follow_up_on=HELD)
    one_pass(NOW)
    made, _ = replace(row, said(cooperative, question="Hỏi khác", outcome="follow_up", follow_up_on=due), officer)
    one_pass(NOW)
    rows = Reminder.objects.filter(state="sent").values_list("subject", flat=True)
    assert sorted(rows) == sorted([f"consultation/{made.pk}", f"consultation/{row.pk}"][:told])


# --- Pages ------------------------------------------------------------------------------------------


def typed(party, **changes) -> dict:
    """What the correction form sends."""
    return {
        "client_id": str(uuid4()), "party": f"htx-{party.pk}", "topics": ["tax"], "channel": "phone",
        "held_on": "04/09/2023", "question": "Hỏi về thuế", "advice": "", "outcome": "answered",
        "follow_up_on": "", "reason": "Nhầm HTX",
    } | changes  # fmt: skip


@pytest.mark.parametrize(("role", "status"), [("staff", 302), ("admin", 302), ("manager", 403), ("cooperative", 403)])
def test_only_people_who_record_put_right(client, cooperative, officer, role, status):
    rows = [recorded(cooperative, officer) for _ in range(2)]
    client.force_login(make_user(role, cooperative=cooperative if role == "cooperative" else None))
    page = client.get(f"{LIST}{rows[0].pk}/").content.decode()
    assert ("Hủy lần ghi này" in page) == (f"{LIST}{rows[0].pk}/sua/" in page) == (status == 302)
    assert client.get(f"{LIST}{rows[0].pk}/sua/").status_code == (200 if status == 302 else 403)
    assert client.post(f"{LIST}{rows[0].pk}/sua/", typed(cooperative)).status_code == status
    assert client.post(f"{LIST}{rows[1].pk}/huy/", {"reason": "Nhầm"}).status_code == status
    assert Consultation.objects.standing().count() == (1 if status == 302 else 2)


def test_nobody_puts_right_without_signing_in_or_what_is_not_there(client, cooperative, officer):
    row = recorded(cooperative, officer)
    assert client.post(f"{LIST}{row.pk}/huy/", {"reason": "Nhầm"}).url.startswith("/accounts/login/")
    assert client.get(f"{LIST}{row.pk}/sua/").url.startswith("/accounts/login/")
    client.force_login(officer)
    for number in (row.pk + 1, 10**30):
        assert client.get(f"{LIST}{number}/sua/").status_code == 404
        assert client.post(f"{LIST}{number}/huy/", {"reason": "Nhầm"}).status_code == 404
    assert client.get(f"{LIST}{row.pk}/huy/").status_code == 405
    assert not Consultation.objects.get().is_void


def test_voiding_shows_when_by_whom_and_why_and_a_second_click_says_so(client, cooperative, officer):
    row = recorded(cooperative, officer, outcome="follow_up", follow_up_on=HELD)
    client.force_login(officer)
    answer = client.post(f"{LIST}{row.pk}/huy/", {"reason": "<b>Nhầm</b>"}, follow=True)
    assert answer.redirect_chain == [(f"{LIST}{row.pk}/", 302)]
    page = answer.content.decode()
    assert "Lần ghi này đã bị hủy và không tính vào số liệu" in page
    assert "bởi Hoàng Thị Ghi" in page
    assert "Lý do: &lt;b&gt;Nhầm&lt;/b&gt;" in page
    assert "da-lam" not in page
    assert f"{LIST}{row.pk}/huy/" not in page
    row.refresh_from_db()
    again = client.post(f"{LIST}{row.pk}/huy/", {"reason": "Lần hai"}, follow=True)
    assert "nên không sửa hay hủy được nữa" in str([*again.context["messages"]][-1])
    assert Consultation.objects.get().void_reason == "<b>Nhầm</b>"


@pytest.mark.parametrize("reason", ["", "   ", "\u200b", "x" * 201])
def test_voiding_without_a_reason_shows_the_field_again(client, cooperative, officer, reason):
    row = recorded(cooperative, officer)
    client.force_login(officer)
    answer = client.post(f"{LIST}{row.pk}/huy/", {"reason": reason})
    assert list(answer.context["void_form"].errors) == ["reason"]
    assert '<details class="stack" open>' in answer.content.decode()
    assert not Consultation.objects.get().is_void


def test_the_form_shows_what_was_recorded(client, cooperative, officer):
    case = make_case(cooperative, today=HELD)
    row = recorded(
        cooperative, officer, topics=["tax", "loan"], cases=[case], advice="Đã chỉ", outcome="follow_up",
        follow_up_on=date(2023, 9, 12),
    )  # fmt: skip
    client.force_login(make_user())
    answer = client.get(f"{LIST}{row.pk}/sua/")
    form = answer.context["form"]
    assert sorted(form["topics"].value()) == ["loan", "tax"]
    assert form["cases"].value() == [case.reference]
    page = answer.content.decode()
    assert f'value="htx-{cooperative.pk}" checked' in page
    for text in ('value="05/09/2023"', 'value="12/09/2023"', "Hỏi về OCOP", "Đã chỉ", "Lý do sửa"):
        assert text in page
    assert answer.context["client_id"] != row.client_id


def test_what_the_form_shows_can_be_sent_back_as_it_is(client, cooperative, officer):
    case = make_case(cooperative, today=HELD)
    row = recorded(cooperative, officer, cases=[case], outcome="follow_up", follow_up_on=date(2023, 9, 12))
    client.force_login(officer)
    shown = client.get(f"{LIST}{row.pk}/sua/").context
    names = ("topics", "channel", "question", "advice", "outcome", "cases")
    sent = {name: shown["form"][name].value() for name in names}
    sent |= {"held_on": "05/09/2023", "follow_up_on": "12/09/2023", "party": f"htx-{cooperative.pk}"}
    client.post(f"{LIST}{row.pk}/sua/", sent | {"client_id": str(shown["client_id"]), "reason": "Ghi lại"})
    made = Consultation.objects.standing().get()
    assert made.fingerprint == row.fingerprint
    assert made.replaces == row


def test_a_correction_opens_the_new_entry_and_both_point_to_each_other(client, cooperative, officer):
    row, right = recorded(cooperative, officer), make_cooperative("Hợp tác xã Yên Dương")
    client.force_login(officer)
    sent = typed(right)
    answer = client.post(f"{LIST}{row.pk}/sua/", sent, follow=True)
    made = Consultation.objects.standing().get()
    assert answer.redirect_chain == [(f"{LIST}{made.pk}/", 302)]
    page = answer.content.decode()
    assert "Đã lưu bản sửa" in page
    assert f'href="{LIST}{row.pk}/"' in page
    assert "Thay cho lần ghi ngày 05/09/2023: Hợp tác xã Đồng Phúc" in page
    old = client.get(f"{LIST}{row.pk}/").content.decode()
    assert "Xem lần ghi thay thế, ngày 04/09/2023: Hợp tác xã Yên Dương" in old
    assert f'href="{LIST}{made.pk}/"' in old
    assert "Lý do: Nhầm HTX" in old

    again = client.post(f"{LIST}{row.pk}/sua/", sent, follow=True)
    assert again.redirect_chain == [(f"{LIST}{made.pk}/", 302)]
    assert "Bản sửa này đã được lưu từ trước" in str([*again.context["messages"]][-1])
    assert Consultation.objects.count() == 2


def test_what_was_typed_for_an_entry_somebody_else_voided_is_shown_again(client, cooperative, officer):
    row = recorded(cooperative, officer)
    void(row, officer)
    client.force_login(make_user())
    answer = client.post(f"{LIST}{row.pk}/sua/", typed(cooperative, question="Câu hỏi đã gõ"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Hoàng Thị Ghi hủy hoặc thay" in page
    assert "Câu hỏi đã gõ" in page
    assert client.get(f"{LIST}{row.pk}/sua/").url == f"{LIST}{row.pk}/"
    assert Consultation.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"reason": " "}, "reason"), ({"held_on": "05/09/2093"}, "held_on"), ({"topics": []}, "topics")],
)
def test_a_correction_with_a_fault_is_shown_again_and_changes_nothing(client, cooperative, officer, wrong, field):
    row = recorded(cooperative, officer)
    client.force_login(officer)
    answer = client.post(f"{LIST}{row.pk}/sua/", typed(cooperative, **wrong))
    assert list(answer.context["form"].errors) == [field]
    assert f"{LIST}{row.pk}/" in answer.content.decode()
    assert list(Consultation.objects.standing()) == [row]


def test_the_party_can_be_searched_without_javascript_and_the_reason_is_kept(client, cooperative, officer):
    row, right = recorded(cooperative, officer), make_cooperative("Hợp tác xã Yên Dương")
    client.force_login(officer)
    sent = typed(cooperative) | {"party": "other", "party_text": "yen duong", "find": "1"}
    page = client.post(f"{LIST}{row.pk}/sua/", sent).content.decode()
    assert f'value="htx-{right.pk}" checked' in page
    assert 'value="Nhầm HTX"' in page
    assert not Consultation.objects.get().is_void


def test_a_spent_id_is_told_and_replaced(client, cooperative, officer):
    row, other = recorded(cooperative, officer), recorded(cooperative, officer, question="Lần khác")
    client.force_login(officer)
    answer = client.post(f"{LIST}{row.pk}/sua/", typed(cooperative, client_id=str(other.client_id)))
    assert answer.status_code == 409
    assert answer.context["client_id"] != other.client_id
    assert Consultation.objects.standing().count() == 2


def test_the_pages_of_a_chain_cost_what_one_entry_costs(client, cooperative, officer, django_assert_max_num_queries):
    first = recorded(cooperative, officer)
    second, _ = replace(first, said(cooperative, question="Hai"), officer)
    third, _ = replace(second, said(cooperative, question="Ba"), officer)
    client.force_login(officer)
    for row in (first, second, third):
        with django_assert_max_num_queries(6):
            assert client.get(f"{LIST}{row.pk}/").status_code == 200
    with django_assert_max_num_queries(9):
        assert client.get(f"{LIST}{third.pk}/sua/").status_code == 200
    # Two of them are PostgreSQL's lock against a closing: for what is voided and for what takes its place.
    with django_assert_max_num_queries(28):
        assert client.post(f"{LIST}{third.pk}/sua/", typed(cooperative)).status_code == 302
