"""The ledger of reminders: entered once, put into one message, claimed once, at most one mail, none lost."""

import smtplib
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from htx_portal.accounts.models import User
from support_cases import tasks
from support_cases.consultations import Entry, finish_follow_up, log_consultation
from support_cases.models import FollowUp, RefusedAddress, Reminder, ReminderMessage
from support_cases.reminders import ledger
from support_cases.reminders.bundles import bundle
from support_cases.reminders.channels import mail as mail_channel
from support_cases.reminders.delivery import deliver
from support_cases.reminders.entering import enter_due
from support_cases.reminders.occasions import Scene
from support_cases.reminders.sweep import sweep
from tests.contents import nothing_written
from tests.factories import make_case, make_consultation, make_cooperative, make_founding_group, make_user
from tests.racing import at_once
from tests.reminding import make_rule, one_pass

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2023, 9, 20)
NOW = datetime(2023, 9, 20, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
OPENING = NOW - timedelta(hours=1)


@pytest.fixture(autouse=True)
def rule(db):
    """The office reminds of appointments on their day, in the portal and by mail, and makes up for a year."""
    return make_rule("follow_up_due", unit="working_day", look_back_days=366)


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
def owed(appointment) -> ReminderMessage:
    """One mail that is due now."""
    appointment()
    put_together()
    return ReminderMessage.objects.get(channel="mail")


def put_together(now: datetime = NOW) -> int:
    """Enter what is due and put it into messages, which are counted."""
    enter_due(now.date())
    return bundle(now, Scene.on(now.date()))


def subject(row: FollowUp) -> str:
    return f"consultation/{row.consultation_id}"


def rows(channel: str = "mail") -> list[tuple[str, str]]:
    """State and reason of the rows of a channel, in order."""
    return list(Reminder.objects.filter(channel=channel).order_by("pk").values_list("state", "reason"))


def agree() -> bool:
    """Whether every row is in the state of its message, and no message is without rows."""
    with_message = Reminder.objects.exclude(message=None).values_list("state", "message__state")
    return all(mine == its for mine, its in with_message) and not ReminderMessage.objects.filter(rows=None).exists()


# --- Entering -------------------------------------------------------------------------------------


def test_due_means_today_or_earlier(appointment):
    late, today, _tomorrow = (appointment(TODAY + n * DAY) for n in (-9, 0, 1))
    enter_due(TODAY)
    assert set(Reminder.objects.values_list("subject", flat=True)) == {subject(late), subject(today)}


def test_an_appointment_is_owed_by_mail_and_in_the_portal_from_the_opening_of_its_day(appointment, officer):
    row = appointment(TODAY - DAY)
    enter_due(TODAY)
    lines = Reminder.objects.values_list(
        "rule", "subject", "anchor_on", "occurrence_on", "recipient", "channel", "state", "run_at", "attempts",
        "message", "cooperative",
    )  # fmt: skip
    assert sorted(lines) == [
        (
            "follow_up_due", subject(row), TODAY - DAY, TODAY - DAY, officer.pk, channel, "due", OPENING - DAY, 0,
            None, row.consultation.cooperative_id,
        )
        for channel in ("app", "mail")
    ]  # fmt: skip


def test_what_is_done_is_not_owed(appointment, officer):
    finish_follow_up(appointment(), by=officer, today=TODAY)
    assert enter_due(TODAY) == 0


def test_without_a_rule_in_force_nothing_is_owed(appointment, rule):
    appointment()
    rule.valid_to = TODAY - DAY
    rule.save()
    assert enter_due(TODAY) == 0


def test_the_officers_of_linked_cases_are_told_too_and_each_person_once(appointment, officer):
    colleague, party = make_user(), make_cooperative()
    cases = [make_case(party, by=by, today=TODAY) for by in (colleague, colleague, officer)]
    appointment(party=party, cases=cases)
    enter_due(TODAY)
    assert sorted(Reminder.objects.values_list("recipient", "channel")) == sorted(
        (person.pk, channel) for person in (officer, colleague) for channel in ("app", "mail")
    )


def test_a_founding_group_has_appointments_too(appointment):
    appointment(party=make_founding_group("Nhóm Nà Phặc"))
    assert one_pass(NOW) == ["sent", "sent"]
    assert "Nhóm Nà Phặc" in mail.outbox[0].subject


def test_a_second_sweep_enters_and_bundles_nothing(appointment):
    appointment()
    appointment(TODAY - DAY)
    put_together()
    with nothing_written():
        enter_due(TODAY)
        assert put_together(NOW + MINUTE) == 0
        assert put_together(NOW + DAY) == 0


def test_an_appointment_moved_to_another_day_is_owed_again_on_that_day(appointment):
    row = appointment()
    enter_due(TODAY)
    FollowUp.objects.update(due_on=TODAY + 2 * DAY)
    assert enter_due(TODAY + DAY) == 0
    assert enter_due(TODAY + 2 * DAY) == 2
    assert set(Reminder.objects.values_list("subject", "occurrence_on")) == {
        (subject(row), TODAY), (subject(row), TODAY + 2 * DAY),
    }  # fmt: skip


def test_the_database_lets_one_row_in_for_one_occasion(owed):
    row = owed.rows.get()
    names = ("rule", "subject", "anchor_on", "occurrence_on", "recipient", "channel", "run_at")
    twin = {name: getattr(row, name) for name in names}
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(**twin)
    assert Reminder.objects.create(**twin | {"occurrence_on": TODAY - DAY}).pk


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_the_same_moment_enter_each_row_once_and_make_one_message_a_channel(appointment):
    party = make_cooperative()
    for _ in range(12):
        appointment(party=party)
    results = at_once(*[lambda: sweep(NOW)] * 4)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert Reminder.objects.count() == 24
    assert sorted(ReminderMessage.objects.values_list("channel", flat=True)) == ["app", "mail"]
    assert not Reminder.objects.filter(message=None).exists()


@pytest.mark.django_db(transaction=True)
def test_bundling_at_the_same_moment_makes_one_message(appointment):
    party = make_cooperative()
    for _ in range(8):
        appointment(party=party)
    enter_due(TODAY)
    made = at_once(*[lambda: bundle(NOW, Scene.on(TODAY))] * 4)
    assert sorted(made) == [0, 0, 0, 2]
    assert sorted(len(message.rows.all()) for message in ReminderMessage.objects.all()) == [8, 8]


# --- Claiming -------------------------------------------------------------------------------------


def test_ready_messages_are_those_whose_time_has_come_oldest_first(appointment):
    for _ in range(3):
        appointment()
    put_together()
    one, two, three = ReminderMessage.objects.filter(channel="mail").order_by("pk")
    ReminderMessage.objects.filter(channel="app").update(state="sent")
    ReminderMessage.objects.filter(pk=one.pk).update(run_at=NOW + MINUTE)
    ReminderMessage.objects.filter(pk=three.pk).update(run_at=NOW - MINUTE)
    assert ledger.ready(NOW) == [three.pk, two.pk]
    assert ledger.ready(NOW, most=1) == [three.pk]
    assert ledger.ready(NOW + MINUTE) == [three.pk, two.pk, one.pk]


def test_a_message_is_claimed_with_its_rows_when_its_time_has_come_and_not_before(owed):
    assert ledger.claim(owed.pk, NOW - timedelta(seconds=1)) is None
    token = ledger.claim(owed.pk, NOW)
    owed.refresh_from_db()
    assert (owed.state, owed.token, owed.attempts, owed.lease_until) == ("claimed", token, 1, NOW + ledger.LEASE)
    assert list(owed.rows.values_list("state", "attempts")) == [("claimed", 1)]
    assert ledger.claim(owed.pk, NOW) is None


@pytest.mark.parametrize("state", ["claimed", "sending", "sent", "failed", "unknown", "skipped"])
def test_only_a_due_message_can_be_claimed(owed, state):
    ReminderMessage.objects.update(state=state)
    with nothing_written():
        assert ledger.claim(owed.pk, NOW) is None
        assert deliver(owed.pk, NOW) == ""
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_that_race_for_a_message_one_gets_it(owed):
    tokens = at_once(*[lambda: ledger.claim(owed.pk, NOW)] * 8)
    won = [token for token in tokens if token is not None]
    owed.refresh_from_db()
    assert (len(tokens), len(won), owed.token, owed.attempts) == (8, 1, won[0], 1)
    assert owed.rows.get().attempts == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_delivering_at_once_send_one_mail(owed):
    answers = at_once(*[lambda: deliver(owed.pk, NOW)] * 8)
    assert sorted(answers) == [""] * 7 + ["sent"]
    assert len(mail.outbox) == 1


def test_a_worker_that_lost_its_message_can_no_longer_move_it(owed):
    ReminderMessage.objects.update(may_repeat=True, attempts=1)  # so that it stays the same message when freed
    stale = ledger.claim(owed.pk, NOW)
    ledger.release_expired(NOW + ledger.LEASE + MINUTE)
    current = ledger.claim(owed.pk, NOW + 10 * MINUTE)
    row = owed.rows.get().pk
    with nothing_written():
        assert ledger.begin_sending(owed.pk, stale, NOW) is False
        ledger.skip(owed.pk, stale, [row], "done")
        ledger.hold(owed.pk, stale, [row], NOW + DAY, "grace")
        ledger.not_sent(owed.pk, stale, NOW, "OSError")
        ledger.put_back(owed.pk, stale, NOW)
        assert ledger.sent(owed.pk, stale, NOW) is False
        assert ledger.sent_at_once(owed.pk, stale, NOW) is False
        assert ledger.failed(owed.pk, stale, "OSError") is False
        assert ledger.uncertain(owed.pk, stale, NOW, "OSError") is False
        assert ledger.close_if_empty(owed.pk, stale) is False
        assert ledger.sent(owed.pk, current, NOW) is False, "it has not begun"
    assert ledger.begin_sending(owed.pk, current, NOW) is True
    assert ledger.sent(owed.pk, current, NOW) is True


def test_a_message_taken_apart_is_nobodys_any_more(owed):
    stale = ledger.claim(owed.pk, NOW)
    ledger.release_expired(NOW + ledger.LEASE + MINUTE)
    assert bundle(NOW + 10 * MINUTE, Scene.on(TODAY)) == 1
    with nothing_written():
        assert ledger.begin_sending(owed.pk, stale, NOW) is False
        assert ledger.sent_at_once(owed.pk, stale, NOW) is False


def test_the_message_held_by_nobody_has_no_token_that_fits(owed):
    with nothing_written():
        assert ledger.begin_sending(owed.pk, uuid4(), NOW) is False


def test_a_reminder_in_the_portal_is_delivered_without_a_mail(owed):
    message = ReminderMessage.objects.get(channel="app")
    assert deliver(message.pk, NOW) == "sent"
    row = message.rows.get()
    assert (row.state, row.sent_at, row.seen_at) == ("sent", NOW, None)
    assert mail.outbox == []
    assert agree()


# --- The mail -------------------------------------------------------------------------------------


def test_the_mail_goes_to_the_officer_alone_and_names_party_and_day(owed):
    assert deliver(owed.pk, NOW) == "sent"
    [sent] = mail.outbox
    assert (sent.to, sent.cc, sent.bcc) == (["hoang@example.vn"], [], [])
    assert "Hợp tác xã Đồng Phúc" in sent.subject
    assert "20/09/2023" in sent.subject
    assert sent.body.startswith("Chào Hoàng Thị Thử,\n")
    assert sent.extra_headers["Message-ID"] == owed.identity
    owed.refresh_from_db()
    assert (owed.state, owed.sent_at, owed.attempts, owed.lease_until) == ("sent", NOW, 1, None)
    row = owed.rows.get()
    assert (row.state, row.sent_at, row.attempts, row.reason) == ("sent", NOW, 1, "")


def test_what_was_said_in_the_consultation_is_not_in_the_mail(owed):
    entry = FollowUp.objects.get().consultation
    entry.question, entry.advice = "Câuhỏiriêng", "Lờikhuyênriêng"
    entry.save()
    deliver(owed.pk, NOW)
    assert "riêng" not in mail.outbox[0].subject + mail.outbox[0].body


def test_every_message_has_an_identity_of_its_own(appointment):
    for _ in range(3):
        appointment()
    put_together()
    identities = list(ReminderMessage.objects.values_list("identity", flat=True))
    assert len(identities) == len(set(identities)) == 4
    assert all(text.startswith("<htx-") and text.endswith("@localhost>") for text in identities)


def test_a_name_with_a_line_break_cannot_add_a_header(owed):
    """No act stores such a name; if one is ever there, it becomes words of one line."""
    party = FollowUp.objects.get().consultation.cooperative
    type(party).objects.filter(pk=party.pk).update(name="HTX\r\nBcc: all@example.vn")
    assert deliver(owed.pk, NOW) == "sent"
    [sent] = mail.outbox
    assert "HTX Bcc: all@example.vn" in sent.subject
    assert sent.recipients() == ["hoang@example.vn"]
    assert sent.message().get("Bcc") is None


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
        monkeypatch.setattr(mail_channel, "get_connection", lambda: connection)
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
    deliver(owed.pk, NOW)
    row = Reminder.objects.get(channel="mail")
    assert (row.state, row.run_at, row.attempts, row.reason, row.message) == (
        "due", NOW + 2 * MINUTE, 1, type(trouble).__name__, None,
    )  # fmt: skip
    assert not ReminderMessage.objects.filter(pk=owed.pk).exists()


@pytest.mark.parametrize(
    "trouble",
    [
        smtplib.SMTPRecipientsRefused({"hoang@example.vn": (450, b"busy")}),
        smtplib.SMTPDataError(451, b"later"),
        smtplib.SMTPSenderRefused(550, b"no", "htx-portal@localhost"),
    ],
)
def test_what_the_server_refused_in_so_many_words_is_tried_again(owed, failing, trouble):
    connection = failing("send", trouble)
    deliver(owed.pk, NOW)
    row = Reminder.objects.get(channel="mail")
    assert (row.state, row.run_at, row.reason) == ("due", NOW + 2 * MINUTE, type(trouble).__name__)
    assert connection.closed


def test_a_mail_nobody_is_there_for_fails_and_marks_the_address(owed, failing):
    failing("send", smtplib.SMTPRecipientsRefused({"hoang@example.vn": (550, b"No such user")}))
    assert deliver(owed.pk, NOW) == "failed"
    assert rows() == [("failed", "No such user")]
    assert list(RefusedAddress.objects.values_list("address", "reason")) == [("hoang@example.vn", "No such user")]
    assert agree()


@pytest.mark.parametrize(
    "trouble", [smtplib.SMTPServerDisconnected(), ConnectionResetError(), TimeoutError(), BrokenPipeError()]
)
def test_a_line_that_broke_while_sending_leaves_the_mail_unknown_and_never_sends_it_twice(owed, failing, trouble):
    connection = failing("send", trouble)
    assert deliver(owed.pk, NOW) == "unknown"
    owed.refresh_from_db()
    assert (owed.reason, owed.lease_until) == (type(trouble).__name__, None)
    assert rows() == [("unknown", type(trouble).__name__)]
    assert connection.closed
    one_pass(NOW + DAY)
    assert deliver(owed.pk, NOW + DAY) == ""
    assert rows() == [("unknown", type(trouble).__name__)]


def tries(most: int = 12) -> list[timedelta]:
    """How long each next try of the one mail waits, until it is given up or has been tried so often."""
    waits, now = [], NOW
    while len(waits) < most:
        deliver(ReminderMessage.objects.get(channel="mail").pk, now)
        row = Reminder.objects.get(channel="mail")
        if row.state != "due":
            break
        assert bundle(row.run_at - timedelta(seconds=1), Scene.on(TODAY)) == 0, "too early"
        waits.append(row.run_at - now)
        now = row.run_at
        assert bundle(now, Scene.on(TODAY)) == 1
    return waits


def test_a_mail_the_server_refuses_is_tried_ever_more_patiently_and_given_up_at_last(owed, failing):
    failing("send", smtplib.SMTPDataError(451, b"later"))
    assert tries() == [MINUTE * 2**n for n in range(1, ledger.MOST_ATTEMPTS)]
    row = Reminder.objects.get(channel="mail")
    assert (row.state, row.attempts, row.reason, row.sent_at) == ("failed", 8, "SMTPDataError", None)
    assert (row.message.state, row.message.reason, row.message.lease_until) == ("failed", "SMTPDataError", None)
    assert mail.outbox == []


def test_a_mail_server_that_is_down_is_tried_each_hour_and_fails_nobodys_mail(owed, settings):
    """A real connection to a port nobody listens on."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert tries(10) == [MINUTE * 2 ** min(n, 6) for n in range(1, 11)]
    row = Reminder.objects.get(channel="mail")
    assert (row.state, row.reason, row.attempts) == ("due", "ConnectionRefusedError", 6)


def test_a_server_that_comes_back_gets_the_mail_once(owed, failing, monkeypatch):
    failing("open", ConnectionRefusedError())
    deliver(owed.pk, NOW)
    monkeypatch.setattr(mail_channel, "get_connection", mail.get_connection)
    assert one_pass(NOW + MINUTE) == ["sent"], "the one in the portal"
    assert one_pass(NOW + 2 * MINUTE) == ["sent"]
    assert rows() == [("sent", "")]
    assert one_pass(NOW + DAY) == []
    assert len(mail.outbox) == 1


def test_what_waits_for_another_try_goes_with_what_came_due_meanwhile(owed, appointment, failing, monkeypatch):
    failing("open", ConnectionRefusedError())
    deliver(owed.pk, NOW)
    appointment()
    monkeypatch.setattr(mail_channel, "get_connection", mail.get_connection)
    one_pass(NOW + MINUTE)
    assert rows() == [("sent", "")] * 2
    [sent] = mail.outbox
    assert "2 việc" in sent.subject


# --- When a worker dies ---------------------------------------------------------------------------


def test_a_claim_whose_worker_died_returns_after_its_lease(owed):
    ledger.claim(owed.pk, NOW)
    assert ledger.release_expired(NOW + ledger.LEASE) == (0, 0)
    assert ledger.release_expired(NOW + ledger.LEASE + MINUTE) == (1, 0)
    row = Reminder.objects.get(channel="mail")
    assert (row.state, row.message, row.attempts) == ("due", None, 1)
    one_pass(NOW + 10 * MINUTE)
    assert rows() == [("sent", "")]
    assert len(mail.outbox) == 1


def test_a_sending_whose_worker_died_becomes_unknown_and_is_not_sent_again(owed):
    token = ledger.claim(owed.pk, NOW)
    ledger.begin_sending(owed.pk, token, NOW + MINUTE)
    assert ledger.release_expired(NOW + MINUTE + ledger.LEASE) == (0, 0)
    assert ledger.release_expired(NOW + 2 * MINUTE + ledger.LEASE) == (0, 1)
    owed.refresh_from_db()
    assert (owed.state, owed.reason, owed.lease_until) == ("unknown", "interrupted", None)
    assert rows() == [("unknown", "interrupted")]
    one_pass(NOW + DAY)
    assert mail.outbox == []


@pytest.mark.parametrize("sending", [False, True])
def test_a_lease_given_by_a_clock_that_was_ahead_does_not_hold_a_message_for_ever(owed, sending):
    ahead = NOW + 365 * DAY
    token = ledger.claim(owed.pk, ahead)
    if sending:
        ledger.begin_sending(owed.pk, token, ahead)
    assert ledger.release_expired(NOW) == ((0, 1) if sending else (1, 0))


def test_a_pass_reads_what_is_under_way_by_its_index_and_not_the_ledger_of_years(owed):
    with CaptureQueriesContext(connection) as seen:
        ledger.ready(NOW)
        ledger.release_expired(NOW)
    asked = [query["sql"] for query in seen.captured_queries if query["sql"].startswith("SELECT")]
    assert len(asked) == 4
    if connection.vendor == "sqlite":
        for sql in asked:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}".replace("%", "%%"))
                plan = cursor.fetchall()
            assert "message_to_do" in plan[0][-1], plan


def test_what_every_worker_dies_of_goes_alone_and_at_last_fails_for_a_person_to_look(owed, appointment):
    appointment(TODAY - DAY)
    [bad] = owed.rows.all()
    now, together = NOW, []
    for _ in range(ledger.MOST_INTERRUPTIONS):
        put_together(now)
        message = ReminderMessage.objects.get(channel="mail", rows=bad)
        together.append(message.rows.count())
        assert ledger.claim(message.pk, now)
        now += ledger.LEASE + MINUTE
        ledger.release_expired(now)
    bad.refresh_from_db()
    assert (bad.state, bad.reason, bad.message.state) == ("failed", "interrupted", "failed")
    # With the other, once that one waits too, while nothing speaks against it; alone again from the fourth time on.
    assert together == [1, 1, 2, 2] + [1] * (ledger.MOST_INTERRUPTIONS - 4)
    assert [row.state for row in Reminder.objects.filter(channel="mail").exclude(pk=bad.pk)] == ["due"]


@pytest.mark.parametrize("state", ["sent", "failed", "unknown"])
def test_messages_that_came_to_an_end_are_left_alone_by_the_release(owed, state):
    ReminderMessage.objects.update(state=state, lease_until=NOW - DAY, created_at=NOW - DAY)
    with nothing_written():
        assert ledger.release_expired(NOW) == (0, 0)


def test_a_message_lost_with_the_broker_is_taken_apart_after_ten_minutes(owed):
    assert ledger.release_expired(NOW + ledger.LOST_AFTER) == (0, 0)
    assert ledger.release_expired(NOW + ledger.LOST_AFTER + MINUTE) == (2, 0)
    assert set(Reminder.objects.values_list("state", "message", "attempts")) == {("due", None, 0)}
    one_pass(NOW + 12 * MINUTE)
    assert set(Reminder.objects.values_list("state", flat=True)) == {"sent"}
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_a_release_and_a_worker_that_goes_on_at_the_same_moment_never_both_win(owed):
    later = NOW + ledger.LEASE + MINUTE
    ReminderMessage.objects.filter(channel="app").update(state="sent")
    for _ in range(5):
        pk = ReminderMessage.objects.get(channel="mail").pk
        token = ledger.claim(pk, NOW)
        freed, going_on = at_once(
            lambda: ledger.release_expired(later),
            lambda mine=token, its=pk: ledger.begin_sending(its, mine, later),
        )
        [(state, _reason)] = rows()
        assert (freed, going_on, state) in [((1, 0), False, "due"), ((0, 0), True, "sending")]
        if state == "sending":
            ReminderMessage.objects.filter(pk=pk).update(state="due")
            Reminder.objects.filter(message=pk).update(state="due")
        else:
            bundle(NOW, Scene.on(TODAY))


# --- What may be repeated, and what is put back -----------------------------------------------------


@pytest.fixture
def repeated(rule, owed):
    """The mail of a rule that says to send again what may not have arrived."""
    rule.retry_unknown = True
    rule.save()
    ledger.release_expired(NOW + 11 * MINUTE)
    bundle(NOW, Scene.on(TODAY))
    return ReminderMessage.objects.get(channel="mail")


def test_what_may_be_repeated_is_sent_again_under_the_same_message_id(repeated, failing, monkeypatch):
    failing("send", smtplib.SMTPServerDisconnected())
    assert deliver(repeated.pk, NOW) == "due"
    assert rows() == [("due", "SMTPServerDisconnected")]
    assert deliver(repeated.pk, NOW + MINUTE) == "", "not yet"
    monkeypatch.setattr(mail_channel, "get_connection", mail.get_connection)
    assert deliver(repeated.pk, NOW + 2 * MINUTE) == "sent"
    assert [sent.extra_headers["Message-ID"] for sent in mail.outbox] == [repeated.identity]


def test_repeating_ends_after_eight_attempts(repeated, failing):
    failing("send", smtplib.SMTPServerDisconnected())
    now, ends = NOW, []
    for _ in range(9):
        ends.append(deliver(repeated.pk, now))
        now = ReminderMessage.objects.get(pk=repeated.pk).run_at
    assert ends == ["due"] * 7 + ["unknown", ""]
    assert agree()


@pytest.mark.parametrize("trouble_at", ["open", "lease", "evening"])
def test_a_mail_that_may_be_out_already_keeps_its_message_id_whatever_comes(repeated, failing, trouble_at):
    failing("send", smtplib.SMTPServerDisconnected())
    deliver(repeated.pk, NOW)
    failing("open", ConnectionRefusedError())
    if trouble_at == "lease":
        ledger.claim(repeated.pk, NOW + 2 * MINUTE)
        ledger.release_expired(NOW + 8 * MINUTE)
    else:
        deliver(repeated.pk, NOW + (2 * MINUTE if trouble_at == "open" else timedelta(hours=10)))
    again = ReminderMessage.objects.get(channel="mail")
    assert (again.pk, again.identity, again.state, again.token) == (repeated.pk, repeated.identity, "due", None)
    assert rows()[0][0] == "due"
    assert agree()


def test_a_contact_does_not_hold_a_mail_that_may_be_out_already(rule, repeated, failing, monkeypatch, officer):
    failing("send", smtplib.SMTPServerDisconnected())
    deliver(repeated.pk, NOW)
    rule.grace_days = 3
    rule.save()
    make_consultation(FollowUp.objects.get().consultation.cooperative, by=officer, today=TODAY, held_on=TODAY)
    monkeypatch.setattr(mail_channel, "get_connection", mail.get_connection)
    assert deliver(repeated.pk, NOW + 2 * MINUTE) == "sent"
    assert [sent.extra_headers["Message-ID"] for sent in mail.outbox] == [repeated.identity]


def test_a_rule_that_repeats_beside_one_that_does_not_repeats_nothing(rule, appointment):
    rule.retry_unknown = True
    rule.save()
    make_rule("follow_up_due", "5", unit="working_day", audience="manager")
    appointment()
    put_together()
    assert set(ReminderMessage.objects.values_list("may_repeat", flat=True)) == {False}


def test_a_message_that_comes_up_outside_the_hours_is_put_back_and_that_was_no_attempt(owed):
    evening = NOW.replace(hour=17)
    assert deliver(owed.pk, evening) == ""
    row = Reminder.objects.get(channel="mail")
    assert (row.state, row.message, row.attempts, row.reason) == ("due", None, 0, "")
    assert row.run_at == OPENING + DAY
    assert mail.outbox == []
    one_pass(NOW + DAY)
    assert rows() == [("sent", "")]


@pytest.mark.django_db(transaction=True)
def test_a_person_who_sends_again_twice_at_once_sends_one_mail(owed, failing, monkeypatch):
    failing("send", smtplib.SMTPServerDisconnected())
    deliver(owed.pk, NOW)
    monkeypatch.setattr(mail_channel, "get_connection", mail.get_connection)
    Reminder.objects.filter(message=owed).update(state="due")
    ReminderMessage.objects.filter(pk=owed.pk).update(state="due", resent_at=NOW)
    assert sorted(at_once(*[lambda: deliver(owed.pk, NOW)] * 4)) == ["", "", "", "sent"]
    assert [sent.extra_headers["Message-ID"] for sent in mail.outbox] == [owed.identity]


# --- The tasks ------------------------------------------------------------------------------------


def test_the_task_delivers_one_message_by_its_number(owed, monkeypatch):
    monkeypatch.setattr(tasks.timezone, "now", lambda: NOW)
    assert tasks.deliver_message(owed.pk) == "sent"
    assert len(mail.outbox) == 1
    assert tasks.deliver_message(owed.pk) == ""
    assert tasks.deliver_message(owed.pk + 999) == ""


def test_the_sweep_queues_every_message_it_made(appointment, monkeypatch):
    monkeypatch.setattr(tasks.timezone, "now", lambda: NOW)
    queued = []
    monkeypatch.setattr(tasks.deliver_message, "delay", queued.append)
    appointment()
    assert tasks.send_due_reminders() == 2
    assert sorted(queued) == sorted(ReminderMessage.objects.values_list("pk", flat=True))
