"""What comes back to the office's mail server: believed only of a mail of ours to that very address."""

import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from htx_portal.accounts.models import Role, User
from support_cases.management.commands import read_bounce as command
from support_cases.models import RefusedAddress, Reminder, ReminderMessage
from support_cases.reminders.bounces import bounces_in, read_bounce
from support_cases.reminders.channels.mail import means_nobody
from tests.factories import make_case, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOW = datetime(2023, 9, 20, 3, tzinfo=UTC)
IDENTITY = "<htx-0123456789abcdef@example.vn>"
ADDRESS = "hoang@example.vn"

NOTICE = """\
From: MAILER-DAEMON@mx.example.vn (Mail Delivery System)
To: nhac-viec@example.vn
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="ranh-gioi"

This is a MIME-encapsulated message.

--ranh-gioi
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--ranh-gioi
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.vn
Arrival-Date: Wed, 20 Sep 2023 08:00:00 +0700 (ICT)

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.vn
Diagnostic-Code: smtp; 550 5.1.1 unknown

--ranh-gioi
Content-Description: Undelivered Message
Content-Type: {kind}

{head}
--ranh-gioi--
"""
RETURNED = """\
From: nhac-viec@example.vn
To: hoang@example.vn
Subject: =?utf-8?q?Nh=E1=BA=AFc_vi=E1=BB=87c?=
Message-ID: {identity}

"""


def notice(
    *, address: str = ADDRESS, action: str = "failed", status: str = "5.1.1", identity: str = IDENTITY,
    kind: str = "message/rfc822",
) -> bytes:  # fmt: skip
    """A notification as Postfix writes it."""
    head = RETURNED.format(identity=identity)
    return NOTICE.format(address=address, action=action, status=status, kind=kind, head=head).encode()


@pytest.fixture
def officer(db) -> User:
    return make_user(full_name="Hoàng Thị Thử", email=ADDRESS)


@pytest.fixture
def message(officer) -> ReminderMessage:
    """A mail to the officer that was sent, with one row."""
    values = {"recipient": officer, "channel": "mail", "state": "sent", "sent_at": NOW, "run_at": NOW}
    sent = ReminderMessage.objects.create(identity=IDENTITY, created_at=NOW, **values)
    case = make_case(by=officer)
    Reminder.objects.create(
        rule="case_deadline", subject=f"case/{case.pk}", anchor_on=NOW, occurrence_on=NOW, case=case,
        cooperative=case.cooperative, message=sent, **values,
    )  # fmt: skip
    return sent


def states() -> list[tuple[str, str]]:
    """State and reason of the message and of its row."""
    return [*ReminderMessage.objects.values_list("state", "reason"), *Reminder.objects.values_list("state", "reason")]


FAILED = [("failed", "bounced")] * 2
UNTOUCHED = [("sent", "")] * 2


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_bounce_fails_the_message_and_marks_the_address(message, kind):
    assert read_bounce(notice(kind=kind), NOW) == [message]
    assert states() == FAILED
    [refused] = RefusedAddress.objects.all()
    assert (refused.address, refused.reason, refused.refused_at) == (ADDRESS, "5.1.1", NOW)
    assert not Reminder.objects.filter(sent_at__isnull=False).exists()


def test_a_bounce_read_twice_changes_nothing_more(message):
    read_bounce(notice(), NOW)
    RefusedAddress.objects.all().delete()
    assert read_bounce(notice(), NOW) == []
    assert not RefusedAddress.objects.exists()


def test_a_message_of_unknown_fate_is_known_to_have_failed(message):
    ReminderMessage.objects.update(state="unknown", reason="interrupted")
    assert read_bounce(notice(), NOW) == [message]
    assert states() == FAILED


@pytest.mark.parametrize("state", ["due", "claimed", "sending", "skipped", "failed"])
def test_a_message_that_did_not_go_out_yet_is_left_alone(message, state):
    ReminderMessage.objects.update(state=state)
    assert read_bounce(notice(), NOW) == []
    assert ReminderMessage.objects.get().state == state
    assert not RefusedAddress.objects.exists()


@pytest.mark.parametrize("address", ["HOANG@Example.VN", "<hoang@example.vn>"])
def test_the_address_is_told_in_any_dress(message, address):
    assert read_bounce(notice(address=address), NOW) == [message]
    assert RefusedAddress.objects.get().address == ADDRESS


@pytest.mark.parametrize(
    "raw",
    [
        notice(identity="<somebody-elses@example.com>"),
        notice(identity=""),
        notice(identity=IDENTITY + "' OR 1=1 --"),
        notice(address="another@example.vn"),
        notice(address=""),
        notice(action="delayed", status="4.4.1"),
        notice(action="delivered", status="2.0.0"),
        notice(status="4.2.2"),
        notice(action="relayed"),
        notice(status="five"),
        notice(status=""),
        notice().replace(b"multipart/report", b"multipart/mixed"),
        notice().replace(b"message/delivery-status", b"text/plain"),
        notice().replace(b"ranh-gioi", b"khac", 1),
        notice()[:600],
        b"",
        b"\xff\xfe\x00",
        b"Content-Type: multipart/report\n\nno parts",
        b"Content-Type: multipart/report; boundary=a\n\n" + b"--a\n\n" * 3000,
        b"x" * 1_000_001,
    ],
    ids=range(20),
)
def test_what_is_forged_broken_or_no_failure_changes_nothing(message, raw):
    assert read_bounce(raw, NOW) == []
    assert states() == UNTOUCHED
    assert not RefusedAddress.objects.exists()


def test_an_identity_no_database_can_be_asked_for_is_none_of_ours():
    assert bounces_in(notice(identity="<htx-\x00@example.vn>")) == []


def test_what_lies_in_the_returned_mail_is_not_the_servers_word(message):
    """A stranger could send us a report inside of a mail and have it bounce."""
    stranger = notice(identity="<strange@example.com>", address="x@example.com")
    assert read_bounce(stranger.replace(b"\n--ranh-gioi--", b"\n" + notice() + b"\n--ranh-gioi--"), NOW) == []
    assert states() == UNTOUCHED


def test_of_an_address_changed_since_nothing_is_believed(message, officer):
    officer.email = "moi@example.vn"
    officer.save()
    assert read_bounce(notice(), NOW) == []
    assert states() == UNTOUCHED


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "5.3.4", "5.4.4"])
def test_a_full_mailbox_or_a_mail_not_liked_fails_the_message_but_marks_nobody(message, status):
    assert read_bounce(notice(status=status), NOW) == [message]
    assert states() == FAILED
    assert not RefusedAddress.objects.exists()


def test_which_statuses_mean_that_there_is_nobody():
    codes = ["5.0.0", "5.1.0", "5.1.1", "5.1.10", "5.2.1", "5.2.2", "5.7.1", "4.1.1", "2.1.5"]
    assert [code for code in codes if means_nobody(code)] == ["5.0.0", "5.1.0", "5.1.1", "5.1.10", "5.2.1"]


def test_a_report_of_many_recipients_names_each_that_failed():
    more = b"\nFinal-Recipient: rfc822; b@example.vn\nAction: failed\nStatus: 5.2.2 (full)\n\n--ranh-gioi\nContent-Desc"
    raw = notice().replace(b"\n--ranh-gioi\nContent-Description: Und", more + b"ription: Und")
    assert [(one.address, one.status) for one in bounces_in(raw)] == [(ADDRESS, "5.1.1"), ("b@example.vn", "5.2.2")]


# --- The command and the pages -----------------------------------------------------------------------------


def test_the_command_reads_a_file(message, tmp_path):
    file = tmp_path / "mail"
    file.write_bytes(notice())
    told = StringIO()
    call_command("read_bounce", file, stdout=told)
    assert told.getvalue() == "1 tin chuyển sang không gửi được.\n"
    assert states() == FAILED


@pytest.mark.parametrize(("raw", "told"), [(notice(), "1"), (b"Subject: xin chao\n\nHello", "0"), (b"\xff", "0")])
def test_the_command_reads_a_pipe_and_never_answers_with_an_error(message, monkeypatch, raw, told):
    class Pipe:
        class buffer:
            read = staticmethod(lambda most: raw[:most])

    monkeypatch.setattr(command.sys, "stdin", Pipe)
    said = StringIO()
    call_command("read_bounce", stdout=said)
    assert said.getvalue() == f"{told} tin chuyển sang không gửi được.\n"


def test_without_a_database_the_mail_server_is_told_to_come_again(tmp_path):
    environment = {"HTX_DATA_DIR": str(tmp_path), "PATH": "", "DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3"}
    done = subprocess.run(
        [sys.executable, "manage.py", "read_bounce"], input=notice(), env=environment, capture_output=True,
        cwd=Path(__file__).resolve().parent.parent,
    )  # fmt: skip
    assert done.returncode == 75, done.stderr


def test_the_person_reads_in_their_inbox_that_the_address_refuses(message, officer):
    client = Client()
    client.force_login(officer)
    assert ADDRESS not in client.get("/nhac-viec/").text
    read_bounce(notice(), NOW)
    page = client.get("/nhac-viec/").text
    assert f"Nhắc việc không gửi được tới {ADDRESS}" in page and "20/09/2023" in page


@pytest.mark.parametrize("change", ["another address", "taken off the list"])
def test_another_address_or_a_list_without_it_is_all_it_takes(message, officer, change):
    read_bounce(notice(), NOW)
    if change == "another address":
        User.objects.update(email="hoang.thu@example.vn")
    else:
        RefusedAddress.objects.all().delete()
    client = Client()
    client.force_login(officer)
    assert "Nhắc việc không gửi được tới" not in client.get("/nhac-viec/").text


def test_administrators_see_it_in_the_account_and_take_it_off_the_list(message, officer):
    read_bounce(notice(), NOW)
    client = Client()
    client.force_login(make_user(Role.ADMIN))
    account = f"/quan-tri/accounts/user/{officer.pk}/change/"
    assert f"{ADDRESS} (20/09/2023)" in client.get(account).text
    listed = client.get("/quan-tri/support_cases/refusedaddress/").text
    assert ADDRESS in listed
    row = RefusedAddress.objects.get()
    assert client.post(f"/quan-tri/support_cases/refusedaddress/{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not RefusedAddress.objects.exists()
    assert f"{ADDRESS} (20/09/2023)" not in client.get(account).text
    assert client.get("/quan-tri/accounts/user/add/").status_code == 200
