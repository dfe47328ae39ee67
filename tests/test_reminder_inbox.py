"""The reminders of the person signed in: what is shown, what a click notes, what a visit leaves alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from support_cases.models import FollowUp, Reminder
from support_cases.reminders.ledger import begin_sending, claim, ready, sent
from support_cases.reminders.rules import enter_due
from tests.factories import make_case, make_consultation, make_cooperative, make_user

pytestmark = pytest.mark.django_db

INBOX = "/nhac-viec/"


@pytest.fixture
def officer(client):
    """A signed-in officer."""
    user = make_user("staff")
    client.force_login(user)
    return user


def remind(officer, *, days: int = 0, party=None, **fields) -> Reminder:
    """Return the delivered in-app reminder of an appointment ``days`` from today."""
    today, now = timezone.localdate(), timezone.now()
    row = make_consultation(
        party, by=officer, held_on=today - timedelta(days=30), follow_up_on=today + timedelta(days=days), **fields
    )
    enter_due(today, now)
    for pk in ready(now):
        token = claim(pk, now)
        begin_sending(pk, token, now)
        sent(pk, token, now)
    return Reminder.objects.get(follow_up__consultation=row, recipient=officer, channel="app")


def shown(answer) -> list[int]:
    """Return the numbers of the reminders on the page, in order."""
    return [row.pk for row in answer.context["page"]]


def test_the_inbox_holds_own_delivered_reminders_and_the_header_counts_them(client, officer):
    mine = remind(officer)
    remind(make_user("staff"))
    answer = client.get(INBOX)
    assert (shown(answer), answer.context["unread"]) == ([mine.pk], 1)
    entry = mine.follow_up.consultation
    page = answer.content.decode()
    assert f'href="/tu-van/{entry.pk}/"' in page
    assert '<span class="count">1</span>' in page


def test_reminders_not_yet_delivered_and_mails_are_not_shown(client, officer):
    today = timezone.localdate()
    make_consultation(by=officer, held_on=today, follow_up_on=today)
    enter_due(today, timezone.now())
    answer = client.get(INBOX)
    assert (shown(answer), answer.context["unread"]) == ([], 0)


def test_open_ones_come_first_then_unread_then_latest(client, officer):
    done = remind(officer, days=0)
    read = remind(officer, days=-1)
    late = remind(officer, days=-5)
    client.post(f"/tu-van/{done.follow_up.consultation_id}/da-lam/")
    client.post(INBOX, {"seen": read.pk})
    assert shown(client.get(INBOX)) == [late.pk, read.pk, done.pk]


def test_a_visit_notes_nothing(client, officer):
    reminder = remind(officer)
    client.get(INBOX)
    client.head(INBOX)
    client.get(f"{INBOX}?seen={reminder.pk}")
    reminder.refresh_from_db()
    assert reminder.seen_at is None


def test_a_click_notes_one_as_seen_and_leaves_the_appointment_open(client, officer):
    one, two = remind(officer, days=0), remind(officer, days=-1)
    answer = client.post(INBOX, {"seen": one.pk}, follow=True)
    assert answer.redirect_chain == [(INBOX, 302)]
    assert list(Reminder.objects.filter(channel="app", seen_at__isnull=False)) == [one]
    assert FollowUp.objects.filter(done_on__isnull=False).count() == 0
    assert answer.context["unread"] == 1
    assert shown(answer) == [two.pk, one.pk]


def test_a_second_click_keeps_the_first_moment(client, officer):
    reminder = remind(officer)
    client.post(INBOX, {"seen": reminder.pk})
    first = Reminder.objects.get(pk=reminder.pk).seen_at
    client.post(INBOX, {"seen": reminder.pk})
    assert Reminder.objects.get(pk=reminder.pk).seen_at == first


def test_all_are_noted_at_once_but_only_ones_own(client, officer):
    remind(officer, days=0), remind(officer, days=-2)
    other = remind(make_user("staff"))
    client.post(INBOX, {"seen": "all"})
    assert Reminder.objects.filter(channel="app", recipient=officer, seen_at__isnull=True).count() == 0
    other.refresh_from_db()
    assert other.seen_at is None


@pytest.mark.parametrize("which", ["", "0", "abc", "-1", "9" * 40, "1 OR 1=1", "²"])
def test_nonsense_notes_nothing(client, officer, which):
    reminder = remind(officer)
    assert client.post(INBOX, {"seen": which}).status_code == 302
    reminder.refresh_from_db()
    assert reminder.seen_at is None


def test_another_persons_reminder_cannot_be_noted(client, officer):
    other = remind(make_user("staff"))
    client.post(INBOX, {"seen": other.pk})
    other.refresh_from_db()
    assert other.seen_at is None


def test_done_from_the_inbox_closes_the_appointment_and_the_count(client, officer):
    reminder = remind(officer)
    url = f"/tu-van/{reminder.follow_up.consultation_id}/da-lam/"
    answer = client.post(url, {"next": INBOX}, follow=True)
    assert answer.redirect_chain == [(INBOX, 302)]
    reminder.refresh_from_db()
    assert (reminder.follow_up.done_by, reminder.seen_at is None) == (officer, False)
    assert answer.context["unread"] == 0


def test_every_role_has_an_inbox_and_strangers_have_none(client):
    for role in ("staff", "manager", "admin", "cooperative"):
        client.force_login(make_user(role))
        answer = client.get(INBOX)
        assert (answer.status_code, shown(answer)) == (200, [])
    client.logout()
    assert client.get(INBOX).url == f"/accounts/login/?next={INBOX}"


def test_the_inbox_takes_five_queries_whatever_the_rows(client, officer, django_assert_max_num_queries):
    party = make_cooperative()
    for n in range(30):
        remind(officer, days=-n, party=party, cases=[make_case(party, today=timezone.localdate())])
    with django_assert_max_num_queries(5):
        assert len(shown(client.get(INBOX))) == 25
