"""A mail that may be repeated keeps its one identity, and what may have left is never forgotten."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from support_cases.consultations import finish_follow_up
from support_cases.models import FollowUp, Reminder, ReminderMessage
from support_cases.reminders import ledger
from support_cases.reminders.delivery import deliver
from support_cases.reminders.sweep import sweep
from tests.factories import make_consultation, make_cooperative, make_user
from tests.reminding import make_rule

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
LATER = NOW + timedelta(minutes=3)


@pytest.fixture(autouse=True)
def rule(db):
    """The office reminds of appointments by mail and repeats a mail nobody knows the fate of."""
    return make_rule("follow_up_due", channels="mail", retry_unknown=True, grace_days=3)


@pytest.fixture
def officer(db):
    return make_user(email="hoang@example.vn")


def appoint(officer) -> FollowUp:
    """An appointment due today."""
    entry = make_consultation(
        make_cooperative(), by=officer, outcome="follow_up", follow_up_on=TODAY, today=TODAY, held_on=date(2026, 2, 20)
    )
    return entry.follow_up


def lose_the_answer() -> ReminderMessage:
    """Sweep, and let the line break after the one mail was handed over."""
    (pk,) = sweep(NOW)
    token = ledger.claim(pk, NOW)
    assert ledger.begin_sending(pk, token, NOW)
    assert ledger.uncertain(pk, token, NOW, "SMTPServerDisconnected")
    return ReminderMessage.objects.get(pk=pk, state="due")


def test_it_goes_again_under_the_same_identity(officer):
    appoint(officer)
    message = lose_the_answer()
    assert deliver(message.pk, LATER) == "sent"
    assert [each.extra_headers["Message-ID"] for each in mail.outbox] == [message.identity]


def test_what_is_not_wanted_any_more_stays_unknown_with_its_rows_and_is_not_forgotten(officer):
    appointment = appoint(officer)
    message = lose_the_answer()
    finish_follow_up(appointment, by=officer, today=TODAY)
    assert deliver(message.pk, LATER) == "unknown"
    row = Reminder.objects.get()
    assert (row.state, row.reason, row.message.identity) == ("unknown", "done", message.identity)
    assert mail.outbox == []
    assert sweep(LATER + timedelta(hours=1)) == []


def test_a_contact_in_between_does_not_move_it_into_another_mail(officer):
    appointment = appoint(officer)
    message = lose_the_answer()
    make_consultation(appointment.consultation.cooperative, by=officer, today=TODAY, held_on=TODAY)
    assert deliver(message.pk, LATER) == "sent"
    assert [each.extra_headers["Message-ID"] for each in mail.outbox] == [message.identity]


def test_of_several_matters_those_that_are_over_are_left_out_of_the_repeat(officer):
    done, *_ = (appoint(officer) for _ in range(6))
    message = lose_the_answer()
    finish_follow_up(done, by=officer, today=TODAY)
    assert deliver(message.pk, LATER) == "sent"
    assert sorted(Reminder.objects.values_list("state", flat=True)) == ["sent"] * 5 + ["skipped"]
    assert len(mail.outbox) == 1


def test_a_mail_a_person_sends_again_is_not_forgotten_either(officer, rule):
    appointment = appoint(officer)
    message = lose_the_answer()
    ReminderMessage.objects.filter(pk=message.pk).update(may_repeat=False, resent_at=NOW)
    finish_follow_up(appointment, by=officer, today=TODAY)
    assert deliver(message.pk, LATER) == "unknown"
