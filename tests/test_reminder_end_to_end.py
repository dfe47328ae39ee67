"""From a due appointment to a mail: real worker, real broker, real SMTP server on loopback."""

import os
import signal
import socketserver
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from datetime import time as hour
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Event, Thread

import pytest
import redis
from aiosmtpd.controller import Controller
from celery import Celery
from django.db import connection
from django.utils import timezone

from htx_portal.rehearsal import mark_scratch, set_clock
from support_cases.models import FollowUp, Reminder, ReminderMessage
from support_cases.reminders.ledger import LEASE
from tests.factories import make_consultation, make_cooperative, make_user
from tests.reminding import make_rule
from tests.services import HOST, free_port

pytestmark = [pytest.mark.broker, pytest.mark.database, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parent.parent
SITE = "https://cong-htx.example.vn"
PATIENCE = 60  # seconds for a process to start and do its work on a busy machine
UNTIL_BEAT = 75
MONDAY = date(2026, 3, 2)


class Mailbox:
    """An SMTP handler that keeps what it accepts; ``hang`` makes it fall silent after the text of a mail."""

    def __init__(self):
        self.mails: list[EmailMessage] = []
        self.hang = False
        self.text_came = Event()

    async def handle_DATA(self, server, session, envelope) -> str:
        """Accept a mail, or never answer."""
        self.text_came.set()
        if self.hang:
            return await server.loop.create_future()
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def post_office() -> Iterator[Controller]:
    """A real SMTP server; what it accepted is in ``handler.mails``."""
    controller = Controller(Mailbox(), hostname=HOST, port=free_port())
    controller.start()
    yield controller
    controller.stop(no_assert=True)


@pytest.fixture
def silent_server() -> Iterator[int]:
    """The port of a server that takes a connection and never says a word."""
    over = Event()

    class Silent(socketserver.BaseRequestHandler):
        def handle(self):
            over.wait(PATIENCE)

    with socketserver.ThreadingTCPServer((HOST, 0), Silent) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        over.set()
        server.shutdown()


class Portal:
    """Celery processes of a portal of its own, on this test's database and broker."""

    def __init__(self, data_dir: Path, redis_url: str):
        self.data_dir, self.redis_url = data_dir, redis_url
        self.processes: list[subprocess.Popen[bytes]] = []
        self.lost = 0
        mark_scratch(data_dir, str(connection.settings_dict["NAME"]))
        self.go_to(MONDAY, hour(9))

    @property
    def clock(self) -> Path:
        """The file that says what time it is in this portal."""
        return self.data_dir / "clock"

    def go_to(self, day: date, moment: hour) -> None:
        """Move the clock of all processes."""
        set_clock(self.clock, timezone.make_aware(datetime.combine(day, moment)))

    def start(self, *command: str, mail_port: int) -> subprocess.Popen[bytes]:
        """Start `celery -A htx_portal.celery:app <command>` in a process group of its own."""
        inherited = {k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "DEMO", "DEBUG")}
        environment = inherited | {
            "HTX_DATA_DIR": str(self.data_dir),
            "DATABASE_URL": database_url(),
            "REDIS_URL": self.redis_url,
            "EMAIL_URL": f"smtp://{HOST}:{mail_port}",
            "SITE_URL": SITE,
            "HTX_REHEARSAL_CLOCK": str(self.clock),
        }
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "htx_portal.celery:app", *command],
                cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def worker(self, *, mail_port: int) -> subprocess.Popen[bytes]:
        """Start a worker with one child."""
        return self.start("worker", "--pool=prefork", "-c", "1", "--loglevel=WARNING", mail_port=mail_port)

    @property
    def log(self) -> Path:
        """What all processes have said."""
        return self.data_dir / "celery.log"

    def sweep(self) -> None:
        """Ask for one sweep, as beat does each minute."""
        with Celery(broker=self.redis_url) as app:
            app.send_task("support_cases.tasks.send_due_reminders")

    def is_idle(self) -> bool:
        """Whether no task waits and none is under way: tasks leave the broker when they are done.

        What killed workers held stays there for an hour.
        """
        with redis.Redis.from_url(self.redis_url) as broker:
            return broker.llen("celery") == 0 and broker.hlen("unacked") == self.lost

    def wait(self, until: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until something is so; fails with the log when a process ended or the time is over."""
        deadline = time.monotonic() + seconds
        while not until():
            dead = [process.args for process in self.processes if process.poll() not in (None, -signal.SIGKILL)]
            said = self.log.read_text(errors="replace")
            assert dead == [], said
            assert time.monotonic() < deadline, f"still waiting after {seconds} s\n{said}"
            time.sleep(0.1)

    def sweep_and_wait(self) -> None:
        """Ask for one sweep and wait until all that came of it is done."""
        self.sweep()
        self.wait(self.is_idle)

    def kill(self, process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGKILL) -> None:
        """End a process with its children; by default without a chance to tidy up."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if number == signal.SIGKILL:
            with redis.Redis.from_url(self.redis_url) as broker:
                self.lost = broker.hlen("unacked")


def database_url() -> str:
    """The URL under which another process opens this test's database."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    return f"postgresql://{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


@pytest.fixture
def portal(tmp_path, redis_url) -> Iterator[Portal]:
    """No process yet; those a test starts are ended after it."""
    running = Portal(tmp_path, redis_url)
    yield running
    for process in running.processes:
        running.kill(process, signal.SIGTERM)


@pytest.fixture
def appointment(transactional_db) -> FollowUp:
    """An appointment due on Monday, of an officer with an address, and the rule that reminds of it."""
    make_rule("follow_up_due", "0")
    officer = make_user(full_name="Hoàng Thị Thử", email="hoang@example.vn")
    return appoint(make_cooperative("Hợp tác xã Đồng Phúc"), officer)


def appoint(party, officer) -> FollowUp:
    """One more appointment due on Monday."""
    entry = make_consultation(
        party, by=officer, outcome="follow_up", follow_up_on=MONDAY, today=MONDAY, held_on=MONDAY - timedelta(days=3)
    )
    return entry.follow_up


def rows() -> list[tuple[str, str, int]]:
    """Channel, state and attempts of all rows of the ledger."""
    return sorted(Reminder.objects.values_list("channel", "state", "attempts"))


def messages() -> list[tuple[str, str]]:
    """Channel and state of all messages."""
    return sorted(ReminderMessage.objects.values_list("channel", "state"))


def sent_by_both() -> list[tuple[str, str, int]]:
    """What the ledger says once an appointment is in the inbox and in the mail."""
    return [("app", "sent", 1), ("mail", "sent", 1)]


AFTER_THE_LEASE = (datetime.combine(MONDAY, hour(9, 10)) + LEASE).time()


def test_one_due_appointment_becomes_one_mail_and_a_second_pass_sends_none(portal, post_office, appointment):
    portal.worker(mail_port=post_office.port)
    portal.sweep()
    portal.wait(lambda: rows() == sent_by_both())
    [mail] = post_office.handler.mails
    assert mail["To"] == "hoang@example.vn"
    assert "Hẹn làm việc tiếp với Hợp tác xã Đồng Phúc ngày 02/03/2026" in mail["Subject"]
    assert mail["Message-ID"] == ReminderMessage.objects.get(channel="mail").identity
    text = mail.get_body(("plain",)).get_content()
    assert f"{SITE}/tu-van/{appointment.consultation_id}/" in text
    before = list(Reminder.objects.values())
    for _ in range(2):
        portal.sweep_and_wait()
    assert list(Reminder.objects.values()) == before
    assert len(post_office.handler.mails) == 1


def test_two_workers_and_many_sweeps_at_once_send_each_mail_once(portal, post_office, appointment):
    for _ in range(4):
        appoint(appointment.consultation.cooperative, appointment.officer)
    for _ in range(6):
        portal.sweep()
    for _ in range(2):
        portal.worker(mail_port=post_office.port)
    portal.wait(lambda: rows() == [("app", "sent", 1)] * 5 + [("mail", "sent", 1)] * 5)
    portal.wait(portal.is_idle)
    identities = [mail["Message-ID"] for mail in post_office.handler.mails]
    assert len(identities) == len(set(identities)) == 5


def test_a_worker_killed_between_claim_and_send_loses_nothing(portal, post_office, silent_server, appointment):
    killed = portal.worker(mail_port=silent_server)
    portal.sweep()
    portal.wait(lambda: rows() == [("app", "sent", 1), ("mail", "claimed", 1)])
    portal.kill(killed)
    portal.worker(mail_port=post_office.port)
    portal.sweep_and_wait()
    assert rows() == [("app", "sent", 1), ("mail", "claimed", 1)]
    assert post_office.handler.mails == []
    portal.go_to(MONDAY, AFTER_THE_LEASE)
    portal.sweep()
    portal.wait(lambda: rows() == [("app", "sent", 1), ("mail", "sent", 2)])
    assert len(post_office.handler.mails) == 1


def test_a_worker_killed_while_sending_leaves_the_mail_unknown_and_sends_no_second(portal, post_office, appointment):
    post_office.handler.hang = True
    killed = portal.worker(mail_port=post_office.port)
    portal.sweep()
    portal.wait(post_office.handler.text_came.is_set)
    assert ("mail", "sending", 1) in rows()
    portal.kill(killed)
    post_office.handler.hang = False
    portal.go_to(MONDAY, AFTER_THE_LEASE)
    portal.worker(mail_port=post_office.port)
    portal.sweep_and_wait()
    assert rows() == [("app", "sent", 1), ("mail", "unknown", 1)]
    portal.go_to(MONDAY + timedelta(days=1), hour(8))
    portal.sweep_and_wait()
    assert messages() == [("app", "sent"), ("mail", "unknown")]
    assert post_office.handler.mails == []


def test_a_broker_wiped_with_everything_in_it_loses_nothing(portal, post_office, appointment):
    portal.sweep()
    with redis.Redis.from_url(portal.redis_url) as broker:
        broker.flushdb()
    portal.worker(mail_port=post_office.port)
    portal.sweep()
    portal.wait(lambda: rows() == sent_by_both())
    assert len(post_office.handler.mails) == 1


@pytest.mark.once
def test_with_beat_and_a_worker_the_mail_comes_by_itself_when_the_office_opens(portal, post_office, appointment):
    portal.go_to(MONDAY, hour(6, 30))
    portal.worker(mail_port=post_office.port)
    portal.sweep()
    portal.wait(lambda: Reminder.objects.count() == 2)
    portal.wait(portal.is_idle)
    assert post_office.handler.mails == []
    portal.go_to(MONDAY, hour(7))
    portal.start("beat", "-s", str(portal.data_dir / "beat"), "--pidfile=", mail_port=post_office.port)
    portal.wait(lambda: len(post_office.handler.mails) == 1, UNTIL_BEAT + PATIENCE / 4)
    assert post_office.handler.mails[0]["To"] == "hoang@example.vn"
    portal.wait(lambda: rows() == sent_by_both())
