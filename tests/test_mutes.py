"""Muted matters: what is muted and for whom, taking it back, twice at once, and whose pages they are."""

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from cooperatives.errors import InvalidEntry
from support_cases.models import Reminder, ReminderMute
from support_cases.reminders.muting import mute, unmute
from tests.factories import make_case, make_consultation, make_cooperative, make_user
from tests.racing import at_once
from tests.reminding import make_rule, one_pass

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MONDAY = date(2026, 11, 30)


def at(day: date, hour: int = 9) -> datetime:
    """A moment of a day."""
    return timezone.make_aware(datetime.combine(day, time(hour)))


def told() -> list[tuple[str, str, str]]:
    """Who was told of what in the portal, and what became of the rest."""
    rows = Reminder.objects.filter(channel="app").order_by("pk")
    return [(row.recipient.username, row.rule, row.reason or row.state) for row in rows.select_related("recipient")]


def refused(*arguments, **values) -> dict:
    """The fields a mute is refused for."""
    with pytest.raises(InvalidEntry) as refusal:
        mute(*arguments, **{"today": MONDAY} | values)
    assert not ReminderMute.objects.exists()
    return set(refusal.value.problems)


# --- The acts -----------------------------------------------------------------------------------------------


def test_a_muted_case_is_kept_from_the_one_person_only():
    make_rule("case_deadline", "0", audience="officer,manager")
    officer, manager = make_user("staff", username="a"), make_user("manager", username="b")
    case = make_case(by=officer, due_on=MONDAY, today=MONDAY - timedelta(days=5))
    mute(officer, case, "HTX xin lùi.", today=MONDAY)
    one_pass(at(MONDAY))
    assert told() == [("a", "case_deadline", "muted"), ("b", "case_deadline", "sent")]
    assert manager.reminders.get(channel="app").seen_at is None


def test_one_kind_may_be_muted_and_the_rest_still_comes():
    make_rule("case_deadline", "0")
    make_rule("no_contact", "5")
    officer = make_user("staff", username="a")
    case = make_case(by=officer, due_on=MONDAY, today=MONDAY - timedelta(days=5))
    mute(officer, case, "Đang chờ.", today=MONDAY, occasion="no_contact")
    one_pass(at(MONDAY))
    assert sorted(told()) == [("a", "case_deadline", "sent"), ("a", "no_contact", "muted")]


def test_a_muted_cooperative_covers_all_its_cases_and_appointments_and_no_other():
    make_rule("follow_up_due", "0")
    officer, party = make_user("staff", username="a"), make_cooperative()
    for whose in (party, make_cooperative()):
        make_consultation(
            whose,
            by=officer,
            held_on=MONDAY - timedelta(days=9),
            today=MONDAY,
            outcome="follow_up",
            follow_up_on=MONDAY,
        )
    mute(officer, party, "HTX tạm nghỉ.", today=MONDAY)
    one_pass(at(MONDAY))
    assert sorted(reason for _who, _rule, reason in told()) == ["muted", "sent"]


def test_a_mute_holds_to_its_last_day_and_not_longer():
    make_rule("follow_up_due", "0")
    officer, party = make_user("staff", username="a"), make_cooperative()
    mute(officer, party, "Nghỉ lễ.", today=MONDAY, until=MONDAY + timedelta(days=1))
    for days in (1, 2):
        make_consultation(
            party, by=officer, held_on=MONDAY, today=MONDAY, outcome="follow_up",
            follow_up_on=MONDAY + timedelta(days=days),
        )  # fmt: skip
        one_pass(at(MONDAY + timedelta(days=days)))
    assert [reason for _who, _rule, reason in told()] == ["muted", "sent"]


def test_muting_again_gives_the_one_row_its_new_reason_and_day():
    officer, case = make_user("staff"), make_case()
    first = mute(officer, case, "Chờ.", today=MONDAY)
    again = mute(officer, case, "  Chờ   mùa  vụ. ", today=MONDAY + timedelta(days=3), until=MONDAY + timedelta(days=9))
    assert (again.pk, again.reason, again.since, again.until) == (
        first.pk, "Chờ mùa vụ.", MONDAY, MONDAY + timedelta(days=9),
    )  # fmt: skip
    mute(officer, case, "Chờ.", today=MONDAY, occasion="no_contact")
    mute(make_user("staff"), case, "Chờ.", today=MONDAY)
    assert ReminderMute.objects.count() == 3


def test_after_its_end_a_matter_is_muted_by_a_new_row():
    officer, case = make_user("staff"), make_case()
    mute(officer, case, "Chờ.", today=MONDAY, until=MONDAY)
    mute(officer, case, "Lại chờ.", today=MONDAY + timedelta(days=1))
    assert [row.reason for row in ReminderMute.objects.order_by("pk")] == ["Chờ.", "Lại chờ."]


def test_taking_back_ends_it_yesterday_and_one_of_today_leaves_no_trace():
    officer, case = make_user("staff"), make_case()
    old = mute(officer, case, "Chờ.", today=MONDAY)
    assert unmute(old, today=MONDAY + timedelta(days=4)) is True
    old.refresh_from_db()
    assert old.until == MONDAY + timedelta(days=3)
    assert unmute(old, today=MONDAY + timedelta(days=4)) is False
    fresh = mute(officer, case, "Chờ.", today=MONDAY + timedelta(days=4))
    assert [unmute(fresh, today=MONDAY + timedelta(days=4)) for _ in range(2)] == [True, False]
    assert list(ReminderMute.objects.all()) == [old]


def test_what_was_taken_back_is_reminded_of_from_then_on():
    make_rule("no_contact", "5", repeat_every=1)
    officer = make_user("staff", username="a")
    case = make_case(by=officer, today=MONDAY - timedelta(days=5))
    row = mute(officer, case, "Chờ.", today=MONDAY)
    one_pass(at(MONDAY))
    unmute(row, today=MONDAY + timedelta(days=1))
    one_pass(at(MONDAY + timedelta(days=1)))
    assert [reason for _who, _rule, reason in told()] == ["muted", "sent"]


@pytest.mark.parametrize("reason", ["", " \n ", "\u200b", "x" * 201])
def test_a_mute_needs_a_reason_of_some_length(reason):
    assert refused(make_user("staff"), make_case(), reason) == {"reason"}


@pytest.mark.parametrize("until", [MONDAY - timedelta(days=1), date.max, date.min])
def test_a_last_day_must_be_near_and_ahead(until):
    assert refused(make_user("staff"), make_case(), "Chờ.", until=until) == {"until"}


def test_an_unknown_kind_is_refused():
    assert refused(make_user("staff"), make_case(), "Chờ.", occasion="x") == {"occasion"}


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_row_and_taking_back_twice_happens_once():
    officer, case = make_user("staff"), make_case()
    rows = at_once(*[lambda: mute(officer, case, "Chờ.", today=MONDAY)] * 4)
    assert {row.pk for row in rows} == {ReminderMute.objects.get().pk}
    later = MONDAY + timedelta(days=2)
    assert sorted(at_once(*[lambda: unmute(rows[0], today=later)] * 4)) == [False, False, False, True]


# --- The pages ----------------------------------------------------------------------------------------------


@pytest.fixture
def officer(client):
    """A signed-in officer."""
    user = make_user("staff")
    client.force_login(user)
    return user


def reminder_of(person, case=None, **values) -> Reminder:
    """A delivered reminder of a case due today."""
    today = timezone.localdate()
    case = case or make_case()
    fields = {
        "rule": "case_deadline", "subject": f"case/{case.pk}", "anchor_on": today, "occurrence_on": today,
        "case": case, "cooperative": case.cooperative, "recipient": person, "channel": "app", "state": "sent",
        "run_at": timezone.now(),
    }  # fmt: skip
    return Reminder.objects.create(**fields | values)


def test_from_the_inbox_one_kind_of_a_case_is_muted(client, officer):
    row = reminder_of(officer)
    address = f"/nhac-viec/{row.pk}/tat/"
    assert address in client.get("/nhac-viec/").text
    page = client.get(address).text
    assert row.case.title in page and row.cooperative.name in page
    sent = {"matter": "case", "occasion": "case_deadline", "until": "", "reason": "HTX xin lùi."}
    answer = client.post(address, sent, follow=True)
    assert answer.redirect_chain == [("/nhac-viec/", 302)]
    found = ReminderMute.objects.get()
    assert (found.person, found.case, found.cooperative, found.occasion, found.until) == (
        officer, row.case, None, "case_deadline", None,
    )  # fmt: skip
    assert found.since == timezone.localdate()


def test_from_the_inbox_everything_of_a_cooperative_is_muted(client, officer):
    row = reminder_of(officer)
    day = timezone.localdate() + timedelta(days=20)
    sent = {"matter": "cooperative", "occasion": "all", "until": f"{day:%d/%m/%Y}", "reason": "Nghỉ."}
    client.post(f"/nhac-viec/{row.pk}/tat/", sent)
    found = ReminderMute.objects.get()
    assert (found.case, found.cooperative, found.occasion, found.until) == (None, row.cooperative, "", day)


def test_from_the_page_of_a_case_it_is_muted_for_the_reader(client, officer):
    case = make_case()
    address = f"/ho-so/{case.reference}/tat-nhac/"
    assert f'href="{address}"' in client.get(f"/ho-so/{case.reference}/").text
    answer = client.post(address, {"matter": "case", "occasion": "all", "reason": "Không theo nữa."})
    assert answer.url == f"/ho-so/{case.reference}/"
    assert ReminderMute.objects.get().person == officer


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "\x00"}, "reason"),
        ({"until": "31/02/2027"}, "until"),
        ({"until": "01/01/2020"}, "until"),
        ({"matter": "x"}, "matter"),
        ({"matter": ""}, "matter"),
        ({"occasion": "x"}, "occasion"),
        ({"occasion": ""}, "occasion"),
    ],
)
@pytest.mark.once
def test_what_cannot_be_is_told_beside_its_field_and_what_was_typed_is_kept(client, officer, sent, field):
    case = make_case()
    typed = {"matter": "case", "occasion": "all", "until": "", "reason": "Chờ mùa vụ."} | sent
    answer = client.post(f"/ho-so/{case.reference}/tat-nhac/", typed)
    assert (answer.status_code, set(answer.context["form"].errors)) == (200, {field})
    assert field == "reason" or "Chờ mùa vụ." in answer.text
    assert not ReminderMute.objects.exists()


def test_the_list_holds_the_own_ones_and_each_is_taken_back_once(client, officer):
    mine = mute(officer, make_case(title="Hồ sơ bị tắt"), "Chờ mùa vụ.", today=timezone.localdate())
    mute(make_user("staff"), make_case(title="Của người khác"), "Chờ.", today=timezone.localdate())
    text = client.get("/nhac-viec/da-tat/").text
    assert "Hồ sơ bị tắt" in text and "Chờ mùa vụ." in text and "Của người khác" not in text
    address = f"/nhac-viec/da-tat/{mine.pk}/bat-lai/"
    assert client.get(address).status_code == 405
    assert client.post(address).url == "/nhac-viec/da-tat/"
    assert client.post(address).status_code == 404
    assert "Chưa tắt nhắc việc nào" in client.get("/nhac-viec/da-tat/").text


def test_nobody_mutes_or_takes_back_for_others_nor_what_they_may_not_see(client, officer):
    other = make_user("staff")
    theirs, row = mute(other, make_case(), "Chờ.", today=timezone.localdate()), reminder_of(other)
    sent = {"matter": "case", "occasion": "all", "reason": "Chờ."}
    assert client.post(f"/nhac-viec/da-tat/{theirs.pk}/bat-lai/").status_code == 404
    assert client.post(f"/nhac-viec/{row.pk}/tat/", sent).status_code == 404
    member = make_user("cooperative", cooperative=make_cooperative())
    client.force_login(member)
    assert client.post(f"/ho-so/{row.case.reference}/tat-nhac/", sent).status_code == 404
    # Told while they still acted for the cooperative: its case is not theirs to choose any more.
    assert client.get(f"/nhac-viec/{reminder_of(member, row.case).pk}/tat/").status_code == 404
    assert list(ReminderMute.objects.all()) == [theirs]


def test_people_of_a_cooperative_mute_their_own(client):
    case = make_case()
    client.force_login(make_user("cooperative", cooperative=case.cooperative))
    client.post(f"/ho-so/{case.reference}/tat-nhac/", {"matter": "case", "occasion": "all", "reason": "Đã biết."})
    assert case.reference in client.get("/nhac-viec/da-tat/").text


def test_many_mutes_take_as_many_queries_as_few(client, officer, django_assert_max_num_queries):
    for _ in range(30):
        mute(officer, make_case(), "Chờ.", today=timezone.localdate())
    with django_assert_max_num_queries(5):
        assert client.get("/nhac-viec/da-tat/").text.count("Bật lại</button>") == 25
