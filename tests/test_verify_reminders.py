"""`verify_reminders` closes the books: it accounts for what is due and finds each fault planted in them."""

import json
from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from support_cases.consultations import finish_follow_up
from support_cases.models import FollowUp, Reminder, ReminderMessage
from support_cases.reminders.accounting import close_books
from tests.contents import nothing_written
from tests.factories import make_consultation, make_cooperative, make_user
from tests.reminding import make_rule, one_pass

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
IDENTITY = "<htx-stranger@example.vn>"


@pytest.fixture
def appointments(db) -> list[FollowUp]:
    """Three appointments due today and one due tomorrow, of one officer."""
    make_rule("follow_up_due")
    officer = make_user(email="hoang@example.vn")
    return [appoint(officer, TODAY) for _ in range(3)] + [appoint(officer, TODAY + timedelta(days=1))]


def appoint(officer, day: date) -> FollowUp:
    """An appointment of ``officer`` on ``day``."""
    entry = make_consultation(
        make_cooperative(), by=officer, outcome="follow_up", follow_up_on=day, today=TODAY, held_on=date(2026, 2, 20)
    )
    return entry.follow_up


@pytest.fixture
def journal(appointments, tmp_path):
    """What the mail server accepted when all of today was sent."""
    assert one_pass(NOW) == ["sent"] * 4
    path = tmp_path / "journal"
    write(path, ReminderMessage.objects.filter(channel="mail").values_list("identity", flat=True))
    return path


def write(path, identities) -> None:
    """Add identities to a journal."""
    with path.open("a") as file:
        file.writelines(json.dumps({"identity": identity}) + "\n" for identity in identities)


def violations(journal=None, day=TODAY) -> dict[str, int]:
    """What is wrong, by kind."""
    return dict(close_books(day, journal).violations)


def a_mail() -> ReminderMessage:
    return ReminderMessage.objects.filter(channel="mail").earliest("pk")


def test_what_was_sent_is_accounted_for_and_nothing_is_written(journal):
    with nothing_written():
        account = close_books(TODAY, journal)
    assert (account.occurrences, account.entered, account.nobody_to_tell) == (3, 3, 0)
    assert (account.rows, account.messages) == ({"sent": 6}, {"sent": 4})
    assert (account.accepted, account.repeated, account.unknown, account.violations) == (3, 0, [], {})


def test_the_command_says_so_in_words(journal):
    said = StringIO()
    call_command("verify_reminders", "--on", "2026-03-02", "--journal", str(journal), stdout=said)
    assert said.getvalue().splitlines() == [
        "Đến hết ngày 02/03/2026: 3 việc đến hạn; 3 đã vào sổ, 0 không có ai để nhắc.",
        "Dòng: Đã gửi 6.",
        "Tin: Đã gửi 4.",
        "Máy chủ thư đã nhận 3 thư, trong đó 0 lần lặp lại.",
    ]


def test_an_occurrence_without_a_row_is_named_and_the_command_fails(journal, appointments):
    said = StringIO()
    with pytest.raises(CommandError, match="Có 1 chỗ sai"):
        call_command("verify_reminders", "--on", "2026-03-03", stdout=said)
    name = f"follow_up_due consultation/{appointments[3].consultation_id} 2026-03-03"
    assert said.getvalue().splitlines()[-2:] == ["Việc đến hạn mà sổ không có dòng nào: 1", f"  {name}"]


@pytest.mark.parametrize("wrong", [["--on", "02/03/2026"], ["--journal", "nowhere"]])
def test_a_day_or_a_journal_there_is_not_is_said_in_one_line(appointments, wrong):
    with pytest.raises(CommandError, match=r"Ngày 02/03/2026 không đúng|Không có tệp nowhere"):
        call_command("verify_reminders", *wrong)


def test_an_occurrence_nobody_is_left_to_be_told_of_has_that_reason(appointments):
    FollowUp.objects.get(pk=appointments[0].pk).officer.__class__.objects.update(is_active=False)
    account = close_books(TODAY)
    assert (account.entered, account.nobody_to_tell, account.violations) == (0, 3, {})


def test_what_is_done_is_owed_to_nobody(appointments):
    finish_follow_up(appointments[0], by=appointments[0].officer, today=TODAY)
    assert violations() == {"not_entered": 2}


def test_what_stands_must_not_be_given_up(journal):
    Reminder.objects.filter(subject=Reminder.objects.earliest("pk").subject).update(state="skipped", reason="done")
    assert violations() == {"given_up": 1}


def test_what_is_muted_is_skipped_for_a_reason_that_holds(journal):
    Reminder.objects.filter(subject=Reminder.objects.earliest("pk").subject).update(state="skipped", reason="muted")
    assert violations() == {}


def test_a_mail_accepted_twice_is_found_unless_it_might_go_again(journal):
    write(journal, [a_mail().identity])
    assert violations(journal) == {"accepted_twice": 1}
    ReminderMessage.objects.filter(pk=a_mail().pk).update(may_repeat=True)
    account = close_books(TODAY, journal)
    assert (account.accepted, account.repeated, account.violations) == (4, 1, {})


def test_a_mail_a_person_sent_again_may_arrive_twice(journal):
    write(journal, [a_mail().identity])
    ReminderMessage.objects.filter(pk=a_mail().pk).update(resent_at=NOW)
    assert violations(journal) == {}


def test_a_mail_the_ledger_does_not_know_is_found(journal):
    write(journal, [IDENTITY])
    assert violations(journal) == {"not_in_ledger": 1}
    assert close_books(TODAY, journal).named == {"not_in_ledger": [IDENTITY]}


@pytest.mark.parametrize("state", ["due", "claimed", "sending", "failed"])
def test_a_mail_that_arrived_is_sent_or_unknown_and_nothing_else(journal, state):
    ReminderMessage.objects.filter(pk=a_mail().pk).update(state=state)
    assert violations(journal) == {"not_in_ledger": 1}


def test_an_unknown_mail_is_no_fault_and_is_listed(journal):
    ReminderMessage.objects.filter(pk=a_mail().pk).update(state="unknown")
    account = close_books(TODAY, journal)
    assert (account.unknown, account.violations) == ([a_mail().identity], {})


def test_a_mail_called_sent_that_never_arrived_is_found(journal):
    journal.write_text("".join(line for line in journal.read_text().splitlines(True) if a_mail().identity not in line))
    assert violations(journal) == {"not_accepted": 1}


def test_a_line_cut_short_was_never_answered(journal):
    whole = journal.read_text()
    journal.write_text(whole + '{"identity": "<htx-')
    assert violations(journal) == {}


def test_a_sent_message_without_rows_is_found(journal):
    Reminder.objects.filter(message=a_mail()).delete()
    assert violations(journal) == {"empty_message": 1}


@pytest.mark.skipif(connection.vendor == "sqlite", reason="a table of SQLite never loses its unique constraint")
def test_two_rows_sent_for_one_matter_are_found_where_the_table_lets_them_in(journal):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE support_cases_reminder DROP CONSTRAINT support_one_reminder_per_occasion")
    copy = Reminder.objects.filter(channel="mail").earliest("pk")
    copy.pk = None
    copy.save(force_insert=True)
    assert violations(journal) == {"two_rows": 1}


def test_only_some_of_many_are_named_and_all_are_counted(appointments):
    for _ in range(25):
        appoint(appointments[0].officer, TODAY)
    account = close_books(TODAY)
    assert (account.violations["not_entered"], len(account.named["not_entered"])) == (28, 20)


def test_the_books_of_many_are_closed_with_as_many_queries(appointments, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        close_books(TODAY)
