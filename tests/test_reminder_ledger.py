"""The ledger of reminders: entered once, claimed once, asked again at sending, at most one mail, none lost."""

import smtplib
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as portal
from django.core import mail
from django.db import IntegrityError, transaction

from htx_portal.accounts.models import User
from support_cases import tasks
from support_cases.consultations import Entry, finish_follow_up, log_consultation
from support_cases.models import FollowUp, Reminder
from support_cases.reminders import delivery, ledger
from support_cases.reminders.delivery import deliver, message_for
from support_cases.reminders.rules import FOLLOW_UP_DUE, due_follow_ups, enter_due, recipients_of
from tests.contents import nothing_written
from tests.factories import make_case, make_cooperative, make_founding_group, make_user
from tests.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2023, 9, 20)
NOW = datetime(2023, 9, 20, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def officer(db) -> User:
    return make_user(full_name="Hoàng Thị Thử", email="hoang@example.vn")


@pytest.fixture
def appointment(officer):
    """Make an appointment due on a day, today unless told otherwise."""

    def make(due_on: date = TODAY, *, party=None, by: User = officer, cases=()) -> FollowUp:
        entry = Entry(
            client_id=uuid4(), party=party or make_cooperative("Hợp tác xã Đồng Phúc"), held_on=date(2023, 9, 5),
            channel="office", topics=["ocop"], question="Hỏi", outcome="follow_up", follow_up_on=due_on,
            cases=cases,
        )  # fmt: skip
        return log_consultation(entry, by=by, today=TODAY)[0].follow_up

    return make


@pytest.fixture
def owed(appointment):
    """One mail that is due now."""
    appointment()
    enter_due(TODAY, NOW)
    return Reminder.objects.get(channel="mail")


def states(**which) -> list[tuple[str, str]]:
    """Channel and state of the rows, in order."""
    return sorted(Reminder.objects.filter(**which).values_list("channel", "state"))


# --- Entering -------------------------------------------------------------------------------------


def test_due_means_today_or_earlier(appointment):
    late, today, _tomorrow = (appointment(TODAY + n * DAY) for n in (-9, 0, 1))
    assert list(due_follow_ups(TODAY)) == [late, today]
    enter_due(TODAY, NOW)
    assert {row.follow_up for row in Reminder.objects.all()} == {late, today}


def test_an_appointment_is_owed_by_mail_and_in_the_portal(appointment, officer):
    row = appointment(TODAY - DAY)
    enter_due(TODAY, NOW)
    lines = Reminder.objects.values_list(
        "rule", "follow_up", "occurrence_on", "recipient", "channel", "state", "run_at", "attempts"
    )
    assert sorted(lines) == [
        (FOLLOW_UP_DUE, row.pk, TODAY - DAY, officer.pk, channel, "due", NOW, 0) for channel in ("app", "mail")
    ]


def test_what_is_done_is_not_owed(appointment, officer):
    row = appointment()
    finish_follow_up(row, by=officer, today=TODAY)
    enter_due(TODAY, NOW)
    assert Reminder.objects.count() == 0


def test_the_officers_of_linked_cases_are_told_too_and_each_person_once(appointment, officer):
    colleague, party = make_user(), make_cooperative()
    cases = [make_case(party, by=by, today=TODAY) for by in (colleague, colleague, officer)]
    row = appointment(party=party, cases=cases)
    assert recipients_of(row) == [officer, colleague]
    enter_due(TODAY, NOW)
    assert sorted(Reminder.objects.values_list("recipient", "channel")) == sorted(
        (person.pk, channel) for person in (officer, colleague) for channel in ("app", "mail")
    )


def test_a_founding_group_has_appointments_too(appointment):
    appointment(party=make_founding_group("Nhóm Nà Phặc"))
    enter_due(TODAY, NOW)
    [sent] = [deliver(row.pk, NOW) for row in Reminder.objects.filter(channel="mail")]
    assert sent == "sent"
    assert "Nhóm Nà Phặc" in mail.outbox[0].subject


def test_a_second_sweep_enters_nothing(appointment):
    appointment()
    appointment(TODAY - DAY)
    enter_due(TODAY, NOW)
    with nothing_written():
        assert enter_due(TODAY, NOW + MINUTE) == 0
        assert enter_due(TODAY + DAY, NOW + DAY) == 0


def test_an_appointment_moved_to_another_day_is_owed_again_on_that_day(appointment):
    row = appointment()
    enter_due(TODAY, NOW)
    FollowUp.objects.update(due_on=TODAY + 2 * DAY)
    assert enter_due(TODAY + DAY, NOW + DAY) == 0
    assert enter_due(TODAY + 2 * DAY, NOW + 2 * DAY) == 2
    assert set(Reminder.objects.values_list("follow_up", "occurrence_on")) == {
        (row.pk, TODAY), (row.pk, TODAY + 2 * DAY),
    }  # fmt: skip


def test_the_database_lets_one_row_in_for_one_occasion(owed):
    twin = {
        name: getattr(owed, name) for name in ("rule", "follow_up", "occurrence_on", "recipient", "channel", "run_at")
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(**twin)
    assert Reminder.objects.create(**twin | {"occurrence_on": TODAY - DAY}).pk


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_the_same_moment_enter_each_row_once(appointment):
    party = make_cooperative()
    for _ in range(12):
        appointment(party=party)
    results = at_once(*[lambda: enter_due(TODAY, NOW)] * 4)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert Reminder.objects.count() == 24
    assert Reminder.objects.values("follow_up", "recipient", "channel").distinct().count() == 24


def test_a_sweep_takes_a_bounded_number_and_the_next_the_rest(appointment, monkeypatch):
    monkeypatch.setattr("support_cases.reminders.rules.BATCH", 2)
    party = make_cooperative()
    rows = [appointment(TODAY - n * DAY, party=party) for n in range(5)]
    taken = []
    for _ in range(4):
        enter_due(TODAY, NOW)
        taken.append(Reminder.objects.filter(channel="mail").count())
    assert taken == [2, 4, 5, 5]
    assert len(rows) == 5


# --- Claiming -------------------------------------------------------------------------------------


def test_ready_rows_are_those_whose_time_has_come_oldest_first(appointment):
    for _ in range(3):
        appointment()
    enter_due(TODAY, NOW)
    one, two, three, *rest = Reminder.objects.order_by("pk")
    Reminder.objects.filter(pk=one.pk).update(run_at=NOW + MINUTE)
    Reminder.objects.filter(pk=three.pk).update(run_at=NOW - MINUTE)
    Reminder.objects.filter(pk__in=[row.pk for row in rest]).update(state="sent")
    assert ledger.ready(NOW) == [three.pk, two.pk]
    assert ledger.ready(NOW, most=1) == [three.pk]
    assert ledger.ready(NOW + MINUTE) == [three.pk, two.pk, one.pk]


def test_a_row_is_claimed_when_its_time_has_come_and_not_before(owed):
    Reminder.objects.update(run_at=NOW)
    assert ledger.claim(owed.pk, NOW - timedelta(seconds=1)) is None
    token = ledger.claim(owed.pk, NOW)
    owed.refresh_from_db()
    assert (owed.state, owed.token, owed.attempts, owed.lease_until) == ("claimed", token, 1, NOW + ledger.LEASE)
    assert ledger.claim(owed.pk, NOW) is None


@pytest.mark.parametrize("state", ["claimed", "sending", "sent", "failed", "unknown", "skipped"])
def test_only_a_due_row_can_be_claimed(owed, state):
    Reminder.objects.update(state=state)
    with nothing_written():
        assert ledger.claim(owed.pk, NOW) is None
        assert deliver(owed.pk, NOW) == ""
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_that_race_for_a_row_one_gets_it(owed):
    tokens = at_once(*[lambda: ledger.claim(owed.pk, NOW)] * 8)
    won = [token for token in tokens if token is not None]
    owed.refresh_from_db()
    assert (len(tokens), len(won), owed.token, owed.attempts) == (8, 1, won[0], 1)


@pytest.mark.django_db(transaction=True)
def test_many_workers_delivering_at_once_send_one_mail(owed):
    answers = at_once(*[lambda: deliver(owed.pk, NOW)] * 8)
    assert sorted(answers) == [""] * 7 + ["sent"]
    assert len(mail.outbox) == 1


def test_a_worker_that_lost_its_row_can_no_longer_move_it(owed):
    stale = ledger.claim(owed.pk, NOW)
    ledger.release_expired(NOW + ledger.LEASE + MINUTE)
    current = ledger.claim(owed.pk, NOW + 10 * MINUTE)
    with nothing_written():
        assert ledger.begin_sending(owed.pk, stale, NOW) is False
        assert ledger.skipped(owed.pk, stale, "done") is False
        assert ledger.not_sent(owed.pk, stale, NOW, 1, "OSError") is False
        assert ledger.sent(owed.pk, stale, NOW) is False
        assert ledger.uncertain(owed.pk, stale, "OSError") is False
        assert ledger.sent(owed.pk, current, NOW) is False, "it has not begun"
    assert ledger.begin_sending(owed.pk, current, NOW) is True
    with nothing_written():
        assert ledger.skipped(owed.pk, current, "done") is False, "it may be on its way"
    assert ledger.sent(owed.pk, current, NOW) is True


def test_the_row_held_by_nobody_has_no_token_that_fits(owed):
    with nothing_written():
        assert ledger.begin_sending(owed.pk, uuid4(), NOW) is False


# --- Asked again at sending -----------------------------------------------------------------------


def deactivate(reminder):
    User.objects.filter(pk=reminder.recipient_id).update(is_active=False)


def take_address(reminder):
    User.objects.filter(pk=reminder.recipient_id).update(email="")


def move(reminder):
    FollowUp.objects.update(due_on=TODAY + 3 * DAY)


def do(reminder):
    finish_follow_up(reminder.follow_up, by=reminder.recipient, today=TODAY)


@pytest.mark.parametrize(
    ("event", "reason", "in_portal"),
    [
        (do, "done", "skipped"),
        (move, "moved", "skipped"),
        (deactivate, "inactive", "skipped"),
        (take_address, "no_address", "sent"),
    ],
)
def test_what_happened_since_the_sweep_is_seen_at_sending(owed, event, reason, in_portal):
    event(owed)
    assert deliver(owed.pk, NOW) == "skipped"
    owed.refresh_from_db()
    assert (owed.state, owed.reason, owed.sent_at, owed.lease_until) == ("skipped", reason, None, None)
    assert deliver(Reminder.objects.get(channel="app").pk, NOW) == in_portal
    assert mail.outbox == []


def test_a_reminder_in_the_portal_is_delivered_without_a_mail(owed):
    row = Reminder.objects.get(channel="app")
    assert deliver(row.pk, NOW) == "sent"
    row.refresh_from_db()
    assert (row.sent_at, row.seen_at, row.lease_until) == (NOW, None, None)
    assert mail.outbox == []


# --- The mail -------------------------------------------------------------------------------------


def test_the_mail_names_the_party_and_the_day_and_links_the_exact_entry(owed, officer):
    assert deliver(owed.pk, NOW) == "sent"
    [sent] = mail.outbox
    entry = owed.follow_up.consultation
    assert sent.to == ["hoang@example.vn"]
    assert (sent.cc, sent.bcc, sent.attachments) == ([], [], [])
    assert sent.subject == "Nhắc việc: hẹn làm việc tiếp với Hợp tác xã Đồng Phúc ngày 20/09/2023"
    assert sent.body.startswith("Chào Hoàng Thị Thử,\n")
    assert "05/09/2023" in sent.body
    assert f"{portal.SITE_URL}/tu-van/{entry.pk}/\n" in sent.body
    assert sent.body.count("http") == 1
    owed.refresh_from_db()
    assert (owed.state, owed.sent_at, owed.attempts, owed.reason) == ("sent", NOW, 1, "")


def test_what_was_said_in_the_consultation_is_not_in_the_mail(owed):
    row = owed.follow_up.consultation
    row.question, row.advice = "Câuhỏiriêng", "Lờikhuyênriêng"
    row.save()
    message = message_for(owed)
    assert "riêng" not in message.subject + message.body


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("vi", "Nhắc việc: hẹn làm việc tiếp với Hợp tác xã Đồng Phúc ngày 20/09/2023"),
        ("en", "Reminder: follow-up with Hợp tác xã Đồng Phúc on 20/09/2023"),
    ],
)
def test_the_mail_is_in_the_language_of_its_recipient(owed, officer, language, subject):
    officer.language = language
    officer.save()
    deliver(owed.pk, NOW)
    assert mail.outbox[0].subject == subject
    assert ("Chào" in mail.outbox[0].body) == (language == "vi")


def test_the_message_id_is_the_same_at_every_attempt_and_another_for_another_row(owed):
    first = message_for(Reminder.objects.get(pk=owed.pk)).extra_headers["Message-ID"]
    Reminder.objects.filter(pk=owed.pk).update(attempts=5, run_at=NOW + DAY, state="due")
    again = message_for(Reminder.objects.get(pk=owed.pk)).extra_headers["Message-ID"]
    other = message_for(Reminder.objects.get(channel="app")).extra_headers["Message-ID"]
    assert first == again != other
    assert first.startswith(f"<htx-reminder-{owed.pk}-")
    assert first.endswith("@localhost>")


def test_a_name_with_a_line_break_cannot_add_a_header(owed):
    """No act stores such a name; if one is ever there, nothing leaves and the row waits for a person."""
    party = owed.follow_up.consultation.cooperative
    type(party).objects.filter(pk=party.pk).update(name="HTX\r\nBcc: all@example.vn")
    with pytest.raises(mail.BadHeaderError):
        deliver(owed.pk, NOW)
    assert mail.outbox == []
    assert ledger.release_expired(NOW + DAY) == (0, 1)


# --- When it fails --------------------------------------------------------------------------------


class Connection:
    """A mail connection that fails at one point."""

    def __init__(self, at: str, trouble: Exception):
        self.at, self.trouble, self.closed = at, trouble, False

    def open(self):
        if self.at == "open":
            raise self.trouble

    def send_messages(self, messages):
        if self.at == "send":
            raise self.trouble
        return len(messages)

    def close(self):
        self.closed = True


@pytest.fixture
def failing(monkeypatch):
    """Make every connection fail at a point with an error."""

    def use(at: str, trouble: Exception) -> Connection:
        connection = Connection(at, trouble)
        monkeypatch.setattr(delivery, "get_connection", lambda: connection)
        return connection

    return use


@pytest.mark.parametrize(
    "trouble",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        smtplib.SMTPAuthenticationError(535, b"no"),
        smtplib.SMTPConnectError(421, b"busy"),
    ],
)
def test_a_connection_that_fails_before_anything_left_is_tried_again(owed, failing, trouble):
    failing("open", trouble)
    assert deliver(owed.pk, NOW) == "due"
    owed.refresh_from_db()
    assert (owed.run_at, owed.attempts, owed.reason) == (NOW + 2 * MINUTE, 1, type(trouble).__name__)
    assert owed.lease_until is None


@pytest.mark.parametrize(
    "trouble",
    [
        smtplib.SMTPRecipientsRefused({"hoang@example.vn": (550, b"unknown")}),
        smtplib.SMTPDataError(451, b"later"),
        smtplib.SMTPSenderRefused(550, b"no", "htx-portal@localhost"),
    ],
)
def test_what_the_server_refused_in_so_many_words_is_tried_again(owed, failing, trouble):
    connection = failing("send", trouble)
    assert deliver(owed.pk, NOW) == "due"
    owed.refresh_from_db()
    assert (owed.run_at, owed.reason) == (NOW + 2 * MINUTE, type(trouble).__name__)
    assert connection.closed


@pytest.mark.parametrize(
    "trouble", [smtplib.SMTPServerDisconnected(), ConnectionResetError(), TimeoutError(), BrokenPipeError()]
)
def test_a_line_that_broke_while_sending_leaves_the_mail_unknown_and_never_sends_it_twice(owed, failing, trouble):
    connection = failing("send", trouble)
    assert deliver(owed.pk, NOW) == "unknown"
    owed.refresh_from_db()
    assert (owed.state, owed.reason, owed.lease_until) == ("unknown", type(trouble).__name__, None)
    assert connection.closed
    ledger.release_expired(NOW + DAY)
    assert ledger.ready(NOW + DAY) == [Reminder.objects.get(channel="app").pk]
    assert deliver(owed.pk, NOW + DAY) == ""


def test_a_mail_server_that_is_down_is_tried_ever_more_patiently_and_given_up_at_last(owed, settings):
    """A real connection to a port nobody listens on."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    now, waits = NOW, []
    while deliver(owed.pk, now) == "due":
        owed.refresh_from_db()
        assert deliver(owed.pk, owed.run_at - timedelta(seconds=1)) == ""
        waits.append(owed.run_at - now)
        now = owed.run_at
    owed.refresh_from_db()
    assert waits == [MINUTE * 2**n for n in range(1, ledger.MOST_ATTEMPTS)]
    assert (owed.state, owed.attempts, owed.reason) == ("failed", 8, "ConnectionRefusedError")
    assert (owed.sent_at, owed.lease_until) == (None, None)
    assert mail.outbox == []


def test_a_server_that_comes_back_gets_the_mail_once(owed, failing, monkeypatch):
    failing("open", ConnectionRefusedError())
    deliver(owed.pk, NOW)
    monkeypatch.setattr(delivery, "get_connection", mail.get_connection)
    assert deliver(owed.pk, NOW + 2 * MINUTE) == "sent"
    assert len(mail.outbox) == 1
    assert deliver(owed.pk, NOW + DAY) == ""
    assert len(mail.outbox) == 1


# --- When a worker dies ---------------------------------------------------------------------------


def test_a_claim_whose_worker_died_returns_after_its_lease(owed):
    ledger.claim(owed.pk, NOW)
    assert ledger.release_expired(NOW + ledger.LEASE) == (0, 0)
    assert ledger.release_expired(NOW + ledger.LEASE + MINUTE) == (1, 0)
    owed.refresh_from_db()
    assert (owed.state, owed.token, owed.lease_until) == ("due", None, None)
    assert deliver(owed.pk, NOW + 10 * MINUTE) == "sent"
    assert len(mail.outbox) == 1


def test_a_sending_whose_worker_died_becomes_unknown_and_is_not_sent_again(owed):
    token = ledger.claim(owed.pk, NOW)
    ledger.begin_sending(owed.pk, token, NOW + MINUTE)
    assert ledger.release_expired(NOW + MINUTE + ledger.LEASE) == (0, 0)
    assert ledger.release_expired(NOW + 2 * MINUTE + ledger.LEASE) == (0, 1)
    owed.refresh_from_db()
    assert (owed.state, owed.reason, owed.lease_until) == ("unknown", "interrupted", None)
    assert deliver(owed.pk, NOW + DAY) == ""
    assert mail.outbox == []


@pytest.mark.parametrize("state", ["due", "sent", "failed", "unknown", "skipped"])
def test_rows_nobody_holds_are_left_alone_by_the_release(owed, state):
    Reminder.objects.update(state=state, lease_until=NOW - DAY)
    with nothing_written():
        assert ledger.release_expired(NOW) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_release_and_a_worker_that_goes_on_at_the_same_moment_never_both_win(owed):
    later = NOW + ledger.LEASE + MINUTE
    for _ in range(5):
        Reminder.objects.filter(pk=owed.pk).update(state="due", run_at=NOW)
        token = ledger.claim(owed.pk, NOW)
        freed, going_on = at_once(
            lambda: ledger.release_expired(later),
            lambda mine=token: ledger.begin_sending(owed.pk, mine, later),
        )
        owed.refresh_from_db()
        assert (freed, going_on, owed.state) in [((1, 0), False, "due"), ((0, 0), True, "sending")]


# --- The tasks ------------------------------------------------------------------------------------


def test_the_sweep_enters_frees_and_queues_what_is_ready(appointment, monkeypatch):
    queued = []
    monkeypatch.setattr(tasks.deliver_reminder, "delay", queued.append)
    appointment()
    assert tasks.send_due_reminders() == 2
    assert sorted(queued) == sorted(Reminder.objects.values_list("pk", flat=True))
    ledger.claim(queued[0], Reminder.objects.first().run_at)
    assert tasks.send_due_reminders() == 1
    Reminder.objects.filter(pk=queued[0]).update(lease_until=NOW)
    assert tasks.send_due_reminders() == 2


def test_the_task_delivers_one_row_by_its_number(owed):
    assert tasks.deliver_reminder(owed.pk) == "sent"
    assert len(mail.outbox) == 1
    assert tasks.deliver_reminder(owed.pk) == ""
    assert tasks.deliver_reminder(owed.pk + 999) == ""
