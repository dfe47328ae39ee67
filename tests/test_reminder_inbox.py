"""The reminders of the person signed in: what is shown, what a click notes, what a visit leaves alone."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cooperatives.models import Agency
from support_cases.models import FollowUp, Reminder
from support_cases.referrals import refer
from support_cases.workflow import take_step
from tests.factories import make_case, make_consultation, make_cooperative, make_founding_group, make_user
from tests.reminding import make_rule, one_pass

pytestmark = pytest.mark.django_db

INBOX = "/nhac-viec/"


@pytest.fixture
def officer(client):
    """A signed-in officer who is reminded of appointments on their day."""
    make_rule("follow_up_due", look_back_days=366)
    user = make_user("staff")
    client.force_login(user)
    return user


def today() -> date:
    """The day pages are shown on."""
    return timezone.localdate()


def remind(officer, *, days: int = 0, party=None, **fields) -> Reminder:
    """Return the delivered in-app reminder of an appointment ``days`` from today."""
    entry = make_consultation(
        party,
        by=officer,
        held_on=today() - timedelta(days=60),
        outcome="follow_up",
        follow_up_on=today() + timedelta(days=days),
        **fields,
    )
    deliver_all()
    return Reminder.objects.get(subject=f"consultation/{entry.pk}", recipient=officer, channel="app")


def deliver_all() -> None:
    """Let everything that is due arrive, at whatever hour it is."""
    one_pass(timezone.make_aware(datetime.combine(today(), datetime.max.time().replace(microsecond=0))))


def shown(answer) -> list[int]:
    """Return the numbers of the reminders on the page, in order."""
    return [item.row.pk for item in answer.context["items"]]


def item_of(answer, row):
    """Return one item of the page."""
    return next(item for item in answer.context["items"] if item.row == row)


# --- What is there ------------------------------------------------------------------------------------------


def test_the_inbox_holds_own_delivered_reminders_and_the_header_counts_them(client, officer):
    mine = remind(officer)
    remind(make_user("staff"))
    answer = client.get(INBOX)
    assert (shown(answer), answer.context["unread"]) == ([mine.pk], 1)
    page = answer.content.decode()
    assert f'/tu-van/{mine.subject_id}/"' in page
    assert '<span class="count">1</span>' in page


def test_reminders_not_yet_delivered_and_mails_are_not_shown(client, officer):
    remind(officer)
    Reminder.objects.filter(channel="app").update(state="due")
    answer = client.get(INBOX)
    assert (shown(answer), answer.context["unread"]) == ([], 0)


def test_unread_ones_come_first_then_the_latest_day(client, officer):
    read, late, new = remind(officer), remind(officer, days=-5), remind(officer, days=-1)
    client.post(INBOX, {"seen": read.pk})
    assert shown(client.get(INBOX)) == [new.pk, late.pk, read.pk]


def test_of_several_reminders_of_one_thing_the_latest_speaks_for_all(client, officer):
    make_rule("case_deadline", "-3, 0, 1", look_back_days=60)
    make_case(by=officer, due_on=today() + timedelta(days=1), today=today() - timedelta(days=20))
    Reminder.objects.all().delete()
    deliver_all()
    rows = list(Reminder.objects.filter(rule="case_deadline", channel="app").order_by("occurrence_on"))
    before = Reminder.objects.create(
        **{f.name: getattr(rows[-1], f.name) for f in Reminder._meta.fields if f.name not in ("id", "occurrence_on")},
        occurrence_on=rows[-1].occurrence_on - timedelta(days=7),
    )
    answer = client.get(INBOX)
    assert (shown(answer), answer.context["unread"]) == ([rows[-1].pk], 1)
    assert "Đã xem 1 nhắc việc." in client.post(INBOX, {"seen": rows[-1].pk}, follow=True).text
    before.refresh_from_db()
    assert before.seen_at is not None


def test_the_days_left_are_told_where_the_day_is_a_deadline(client, officer):
    make_rule("no_contact", "14", look_back_days=60)
    appointment = remind(officer, days=-2)
    case = make_case(by=officer, today=today() - timedelta(days=20))
    deliver_all()
    silence = Reminder.objects.get(rule="no_contact", subject=f"case/{case.pk}", channel="app")
    answer = client.get(INBOX)
    assert (item_of(answer, appointment).days, item_of(answer, silence).days) == (-2, None)
    assert "quá 2 ngày" in answer.text
    assert f'href="http://127.0.0.1:8000/ho-so/{case.reference}/"' in answer.text


def test_a_stand_in_reads_for_whom(client, officer):
    row = remind(officer)
    Reminder.objects.filter(pk=row.pk).update(instead_of=make_user("staff", full_name="Lý Thị Vắng"))
    assert "(thay Lý Thị Vắng)" in client.get(INBOX).text


def test_every_role_has_an_inbox_and_strangers_have_none(client):
    for role in ("staff", "manager", "admin", "cooperative"):
        client.force_login(make_user(role))
        answer = client.get(INBOX)
        assert (answer.status_code, shown(answer)) == (200, [])
    client.logout()
    assert client.get(INBOX).url == f"/accounts/login/?next={INBOX}"


# --- Filters ------------------------------------------------------------------------------------------------


def test_the_list_can_be_narrowed_to_a_kind_and_to_what_is_unread(client, officer):
    make_rule("case_deadline", "0")
    appointment = remind(officer)
    make_case(by=officer, due_on=today(), today=today() - timedelta(days=5))
    deliver_all()
    deadline = Reminder.objects.get(rule="case_deadline", channel="app")
    client.post(INBOX, {"seen": deadline.pk})
    assert shown(client.get(f"{INBOX}?loai=case_deadline")) == [deadline.pk]
    assert shown(client.get(f"{INBOX}?xem=chua-xem")) == [appointment.pk]
    assert shown(client.get(f"{INBOX}?xem=chua-xem&loai=case_deadline")) == []
    assert [(kind.code, kind.number, kind.unread) for kind in client.get(INBOX).context["kinds"]] == [
        ("follow_up_due", 1, 1),
        ("case_deadline", 1, 0),
    ]


@pytest.mark.parametrize("query", ["?loai=x", "?loai=%00", "?xem=%F0", "?page=99999999999999999999", "?loai=1&xem=1"])
def test_a_filter_that_is_none_leaves_the_list_as_it_is(client, officer, query):
    row = remind(officer)
    assert shown(client.get(INBOX + query)) == [row.pk]


def test_all_of_one_kind_are_noted_and_the_filter_stays(client, officer):
    make_rule("case_deadline", "0")
    appointment = remind(officer)
    make_case(by=officer, due_on=today(), today=today() - timedelta(days=5))
    deliver_all()
    answer = client.post(f"{INBOX}?loai=case_deadline", {"seen": "all"})
    assert answer.url == f"{INBOX}?loai=case_deadline"
    assert list(Reminder.objects.filter(channel="app", seen_at=None)) == [appointment]


# --- What clicks note ---------------------------------------------------------------------------------------


def test_a_visit_notes_nothing_nor_does_opening_what_it_is_about(client, officer):
    row = remind(officer)
    for address in (INBOX, f"{INBOX}?seen={row.pk}", f"/tu-van/{row.subject_id}/"):
        client.get(address)
        client.head(address)
    row.refresh_from_db()
    assert row.seen_at is None


def test_a_click_notes_one_as_seen_and_leaves_the_appointment_open(client, officer):
    one, two = remind(officer, days=0), remind(officer, days=-1)
    answer = client.post(INBOX, {"seen": one.pk}, follow=True)
    assert answer.redirect_chain == [(INBOX, 302)]
    assert list(Reminder.objects.filter(channel="app", seen_at__isnull=False)) == [one]
    assert FollowUp.objects.filter(done_on__isnull=False).count() == 0
    assert answer.context["unread"] == 1
    assert shown(answer) == [two.pk, one.pk]


def test_a_second_click_keeps_the_first_moment(client, officer):
    row = remind(officer)
    client.post(INBOX, {"seen": row.pk})
    first = Reminder.objects.get(pk=row.pk).seen_at
    client.post(INBOX, {"seen": row.pk})
    assert Reminder.objects.get(pk=row.pk).seen_at == first


def test_all_are_noted_at_once_but_only_ones_own(client, officer):
    remind(officer, days=0), remind(officer, days=-2)
    other = remind(make_user("staff"))
    client.post(INBOX, {"seen": "all"})
    assert Reminder.objects.filter(channel="app", recipient=officer, seen_at__isnull=True).count() == 0
    other.refresh_from_db()
    assert other.seen_at is None


@pytest.mark.parametrize("which", ["", "0", "abc", "-1", "9" * 18, "9" * 40, "1 OR 1=1", "²"])
def test_nonsense_notes_nothing(client, officer, which):
    row = remind(officer)
    assert client.post(INBOX, {"seen": which}).status_code == 302
    row.refresh_from_db()
    assert row.seen_at is None


def test_another_persons_reminder_cannot_be_noted(client, officer):
    other = remind(make_user("staff"))
    client.post(INBOX, {"seen": other.pk})
    other.refresh_from_db()
    assert other.seen_at is None


# --- Done from the inbox ------------------------------------------------------------------------------------


def test_done_from_the_inbox_closes_the_appointment_and_the_count(client, officer):
    row = remind(officer)
    url = f"/tu-van/{row.subject_id}/da-lam/"
    assert f'action="{url}"' in client.get(INBOX).text
    answer = client.post(url, {"next": INBOX}, follow=True)
    assert answer.redirect_chain == [(INBOX, 302)]
    row.refresh_from_db()
    assert (FollowUp.objects.get().done_by, row.seen_at is None) == (officer, False)
    assert (answer.context["unread"], item_of(answer, row).over) == (0, "done")
    assert f'action="{url}"' not in answer.text


def test_what_is_over_offers_no_button_and_says_why(client, officer):
    make_rule("case_deadline", "0")
    voided = remind(officer)
    case = make_case(by=officer, due_on=today(), today=today() - timedelta(days=5))
    deliver_all()
    ended = Reminder.objects.get(rule="case_deadline", channel="app")
    client.post(f"/tu-van/{voided.subject_id}/huy/", {"reason": "Ghi nhầm."})
    take_step(case, "stop", by=officer, today=today(), note="HTX không làm nữa.")
    answer = client.get(INBOX)
    assert {item.row.pk: (item.over, item.days, item.may_finish) for item in answer.context["items"]} == {
        voided.pk: ("voided", None, False),
        ended.pk: ("closed", None, False),
    }
    assert "Lần ghi đã hủy" in answer.text and "Hồ sơ đã kết thúc" in answer.text


def test_a_manager_reads_of_an_appointment_but_does_not_close_it(client, officer):
    make_rule("follow_up_due", "0", audience="manager")
    manager = make_user("manager")
    remind(officer)
    client.force_login(manager)
    (item,) = client.get(INBOX).context["items"]
    assert (item.row.recipient, item.may_finish, item.over) == (manager, False, "")


def test_a_group_has_no_page_to_mute_but_its_case_has(client, officer):
    group = make_founding_group()
    alone = remind(officer, party=group)
    with_case = remind(officer, days=-1, party=group, cases=[make_case(group)])
    answer = client.get(INBOX)
    assert (item_of(answer, alone).may_mute, item_of(answer, with_case).may_mute) == (False, True)
    assert client.get(f"{INBOX}{alone.pk}/tat/").status_code == 404


# --- Its cost -----------------------------------------------------------------------------------------------


def test_many_rows_take_as_many_queries_as_few(client, officer, django_assert_max_num_queries):
    make_rule("referral_late", "1", unit="working_day", look_back_days=366)
    asked = today() - timedelta(days=30)
    for number in range(28):
        agency = Agency.objects.create(
            code=f"thu-{number}", kind="tax", name_vi=f"Thuế cơ sở {number}", valid_from=date(2020, 1, 1)
        )
        party = make_cooperative()
        case = make_case(party, by=officer, today=asked)
        refer(case, agency, "Hỏi.", by=officer, today=asked, expected_on=asked + timedelta(days=5))
        if number % 2:
            make_consultation(party, by=officer, held_on=asked, cases=[case], outcome="follow_up", follow_up_on=today())
    deliver_all()
    # Session, person, kinds, how many, the rows, their appointments, their agencies, the count of the header.
    with django_assert_max_num_queries(8):
        answer = client.get(INBOX)
    assert len(shown(answer)) == 25
    assert {kind.code: kind.number for kind in answer.context["kinds"]} == {"follow_up_due": 14, "referral_late": 28}
    assert len(answer.content) < 50_000


def test_months_to_confirm_take_as_many_queries_as_few(client, officer):
    def show(number: int) -> int:
        party = make_cooperative()
        for place in range(number):
            Reminder.objects.create(
                rule="placement_confirm", subject=f"placement/{place + 1}/2026-{number:02}", cooperative=party,
                detail="2026-08/Kỹ sư", anchor_on=today(), occurrence_on=today(), recipient=officer, channel="app",
                state="sent", run_at=timezone.now(), sent_at=timezone.now(),
            )  # fmt: skip
        with CaptureQueriesContext(connection) as seen:
            assert client.get(INBOX).status_code == 200
        return len(seen)

    show(1)
    assert show(2) == show(12)
