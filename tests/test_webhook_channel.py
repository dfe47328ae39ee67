"""Reminders to a gateway of the office's own, a real HTTP server: what is sent, and what each answer is taken as."""

import hashlib
import hmac
import json
import socket
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from zoneinfo import ZoneInfo

import pytest

from htx_portal.accounts.models import User
from htx_portal.webhook_settings import refuse_half_set_up
from support_cases.models import RefusedAddress, Reminder, ReminderMessage
from support_cases.reminders.channels import webhook
from support_cases.reminders.delivery import deliver
from support_cases.reminders.sweep import sweep
from tests.factories import make_consultation, make_cooperative, make_user
from tests.reminding import make_rule
from tests.services import HOST, free_port

pytestmark = pytest.mark.django_db

TODAY = date(2023, 9, 20)  # a Wednesday
NOW = datetime(2023, 9, 20, 8, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
SECRET = "khoa-bi-mat-cua-cong-nhan-tin"
PATIENCE = 30


class Gateway(BaseHTTPRequestHandler):
    """Takes what is signed rightly and answers as the server is told to."""

    protocol_version = "HTTP/1.1"
    server: "Office"

    def do_GET(self):
        """Note that somebody followed a redirect."""
        self.server.followed.append(self.path)
        self.send_response(200)
        self.end_headers()

    def do_POST(self):
        """Verify and keep a message, then answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        stamp = self.headers["X-HTX-Timestamp"]
        due = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(self.headers["X-HTX-Signature"], f"sha256={due}"):
            self.send_error(401)
            return
        self.server.bodies.append(json.loads(body))
        self.server.heads.append(dict(self.headers.items()))
        self.server.answer(self)

    def log_message(self, format, *args):
        """Say nothing."""


class Office(ThreadingHTTPServer):
    """A gateway on loopback."""

    daemon_threads = True

    def __init__(self):
        super().__init__((HOST, 0), Gateway)
        self.bodies: list[dict] = []
        self.heads: list[dict[str, str]] = []
        self.followed: list[str] = []
        self.over = Event()
        self.answer: Callable[[Gateway], None] = status(200)

    def handle_error(self, request, client_address):
        """A line broken off by the other side is no news."""


def status(code: int, **headers: str) -> Callable[[Gateway], None]:
    """An answer without a body."""

    def answer(handler: Gateway) -> None:
        handler.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()

    return answer


def silence(handler: Gateway) -> None:
    """Never answer."""
    handler.server.over.wait(PATIENCE)


def dripping(handler: Gateway) -> None:
    """Answer so slowly that no single wait is long."""
    for letter in b"HTTP/1.1 200 OK\r\n":
        handler.wfile.write(bytes([letter]))
        if handler.server.over.wait(0.2):
            return


def hanging_up(handler: Gateway) -> None:
    """Close the line after reading everything."""
    handler.connection.shutdown(socket.SHUT_RDWR)


def nonsense(handler: Gateway) -> None:
    """Speak no HTTP."""
    handler.wfile.write(b"\x16\x03\x01 xin chao\r\n\r\n")
    hanging_up(handler)


def endless(handler: Gateway) -> None:
    """Answer 200 and then more than anybody would read."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.over.is_set():
        handler.wfile.write(b"x" * 65_536)


@pytest.fixture
def gateway(settings) -> Iterator[Office]:
    """A gateway, and settings that send there."""
    office = Office()
    Thread(target=office.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    settings.REMINDER_WEBHOOK_URL = f"http://{HOST}:{office.server_address[1]}/tin?kenh=zalo"
    settings.REMINDER_WEBHOOK_SECRET = SECRET
    settings.SITE_URL = "https://cong-htx.example.vn"
    yield office
    office.over.set()
    office.shutdown()
    office.server_close()


@pytest.fixture
def hurried(monkeypatch):
    """Time limits of a moment."""
    monkeypatch.setattr(webhook, "_CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(webhook, "_EXCHANGE_SECONDS", 1)


@pytest.fixture
def officer(db) -> User:
    return make_user(full_name="Hoàng Thị Thử", phone="+84 912 345 678")


def appointment(officer: User) -> None:
    """An appointment due today, and the rule that reminds of it by the gateway alone."""
    make_rule("follow_up_due", channels="webhook")
    make_consultation(
        make_cooperative("Hợp tác xã Đồng Phúc"), by=officer, today=TODAY, held_on=date(2023, 9, 5),
        outcome="follow_up", follow_up_on=TODAY,
    )  # fmt: skip


def ledger() -> list[tuple[str, str, int]]:
    """State, reason and attempts of all rows."""
    return list(Reminder.objects.values_list("state", "reason", "attempts"))


def deliver_all() -> list[str]:
    """One pass; the states the messages ended in."""
    return [deliver(pk, NOW) for pk in sweep(NOW)]


def test_a_message_arrives_signed_and_whole_and_is_sent(gateway, officer):
    appointment(officer)
    assert deliver_all() == ["sent"]
    [body], [head] = gateway.bodies, gateway.heads
    row, message = Reminder.objects.get(), ReminderMessage.objects.get()
    address = f"https://cong-htx.example.vn/tu-van/{row.subject_id}/"
    assert body == {
        "identity": message.identity,
        "recipient": {"name": "Hoàng Thị Thử", "phone": "0912345678", "language": "vi"},
        "subject": "Nhắc việc: Hẹn làm việc tiếp với Hợp tác xã Đồng Phúc ngày 20/09/2023",
        "text": body["text"],
        "lines": [
            {
                "title": "Hẹn làm việc tiếp với Hợp tác xã Đồng Phúc ngày 20/09/2023",
                "advice": body["lines"][0]["advice"],
                "url": address,
            }
        ],
    }
    assert address in body["text"]
    assert head["Idempotency-Key"] == message.identity
    assert head["Content-Type"] == "application/json; charset=utf-8"
    assert abs(int(head["X-HTX-Timestamp"]) - time.time()) < PATIENCE
    assert ledger() == [("sent", "", 1)]


def test_a_wrong_secret_is_found_out_by_the_gateway_and_nothing_is_lost(gateway, officer, settings):
    appointment(officer)
    settings.REMINDER_WEBHOOK_SECRET = "mot-khoa-bi-mat-khac"
    assert deliver_all() == [""]
    assert gateway.bodies == []
    assert ledger() == [("due", "HTTP 401", 1)]


@pytest.mark.parametrize("code", [200, 201, 202, 204])
def test_any_success_is_sent(gateway, officer, code):
    gateway.answer = status(code)
    appointment(officer)
    assert deliver_all() == ["sent"]


@pytest.mark.parametrize("code", [400, 401, 403, 404, 422, 429, 501, 503])
def test_who_answers_that_nothing_was_taken_is_asked_again(gateway, officer, code):
    gateway.answer = status(code)
    appointment(officer)
    assert deliver_all() == [""]
    assert ledger() == [("due", f"HTTP {code}", 1)]
    assert not RefusedAddress.objects.exists()


@pytest.mark.parametrize(("code", "ends"), [(422, True), (501, True), (429, False), (404, False), (503, False)])
def test_only_what_is_said_of_the_message_itself_makes_it_fail_in_the_end(gateway, officer, code, ends):
    appointment(officer)
    gateway.answer = status(code)
    [pk] = sweep(NOW)
    Reminder.objects.update(attempts=7)
    assert deliver(pk, NOW) == ("failed" if ends else "")
    assert [state for state, *_ in ledger()] == ["failed" if ends else "due"]


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_no_redirect_is_followed(gateway, officer, code):
    gateway.answer = status(code, Location="/elsewhere")
    appointment(officer)
    assert deliver_all() == [""]
    assert ledger() == [("due", f"HTTP {code}", 1)]
    assert gateway.followed == []
    assert len(gateway.bodies) == 1


def test_a_number_nobody_has_is_marked_and_used_no_more(gateway, officer):
    gateway.answer = status(410)
    appointment(officer)
    assert deliver_all() == ["failed"]
    assert RefusedAddress.objects.get().address == "0912345678"
    make_consultation(by=officer, today=TODAY, held_on=date(2023, 9, 5), outcome="follow_up", follow_up_on=TODAY)
    assert deliver_all() == [""]
    assert sorted(ledger()) == [("failed", "HTTP 410", 1), ("skipped", "refused_address", 1)]
    assert len(gateway.bodies) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (silence, "TimeoutError"),
        (dripping, "BadStatusLine"),
        (hanging_up, "RemoteDisconnected"),
        (nonsense, "BadStatusLine"),
        (status(500), "HTTP 500"),
        (status(502), "HTTP 502"),
        (status(504), "HTTP 504"),
    ],
    ids=["silent", "drips", "hangs up", "nonsense", "500", "502", "504"],
)
def test_what_may_have_been_taken_ends_as_unknown_and_is_not_sent_again(gateway, officer, hurried, answer, reason):
    gateway.answer = answer
    appointment(officer)
    assert deliver_all() == ["unknown"]
    [(state, said, attempts)] = ledger()
    assert (state, attempts) == ("unknown", 1)
    assert said in (reason, "IncompleteRead", "LineTooLong", "ConnectionResetError")
    assert deliver_all() == []
    assert len(gateway.bodies) == 1


def test_a_huge_answer_is_not_read(gateway, officer):
    gateway.answer = endless
    appointment(officer)
    assert deliver_all() == ["sent"]


@pytest.mark.parametrize(
    "url", [f"http://{HOST}:{{port}}/", "http://khong-co.invalid/", "http:///khong", "ftp://x/", "http://x:y/"]
)
def test_nobody_there_is_an_outage_of_the_channel(officer, settings, url):
    settings.REMINDER_WEBHOOK_URL, settings.REMINDER_WEBHOOK_SECRET = url.format(port=free_port()), SECRET
    appointment(officer)
    [pk] = sweep(NOW)
    Reminder.objects.update(attempts=30)
    assert deliver(pk, NOW) == ""
    assert [(state, attempts) for state, _reason, attempts in ledger()] == [("due", 6)]


def test_a_server_without_a_certificate_is_told_nothing(gateway, officer, settings):
    settings.REMINDER_WEBHOOK_URL = settings.REMINDER_WEBHOOK_URL.replace("http://", "https://")
    appointment(officer)
    assert deliver_all() == [""]
    assert gateway.bodies == []
    assert [state for state, *_ in ledger()] == ["due"]


@pytest.mark.parametrize("phone", ["", "không có"])
def test_who_has_no_number_is_left_out(gateway, phone):
    appointment(make_user(phone=phone))
    assert deliver_all() == [""]
    assert [(state, reason) for state, reason, _ in ledger()] == [("skipped", "no_address")]
    assert gateway.bodies == []


def test_a_rule_that_names_the_webhook_enters_nothing_while_it_is_off(officer):
    appointment(officer)
    assert deliver_all() == []
    assert ledger() == []


def test_switched_off_between_two_passes_it_keeps_what_was_due(gateway, officer, settings):
    appointment(officer)
    [pk] = sweep(NOW)
    settings.REMINDER_WEBHOOK_URL = ""
    assert deliver(pk, NOW) == ""
    assert ledger() == [("due", "WebhookNotSetUp", 1)]


@pytest.mark.parametrize(
    ("url", "secret", "found"),
    [
        ("", "", []),
        ("https://tin.example.vn/htx", SECRET, []),
        ("http://127.0.0.1:9000/", SECRET, []),
        ("https://tin.example.vn/htx", "", ["htx_portal.E003"]),
        ("https://tin.example.vn/htx", "ngan", ["htx_portal.E003"]),
        ("", SECRET, ["htx_portal.E002"]),
        ("tin.example.vn", SECRET, ["htx_portal.E002"]),
        ("file:///etc/passwd", SECRET, ["htx_portal.E002"]),
        ("https://tin.example.vn:port/", SECRET, ["htx_portal.E002"]),
        ("https://tin.example.vn/\r\nX: 1", SECRET, ["htx_portal.E002"]),
    ],
)
def test_the_check_wants_an_address_and_a_secret_or_neither(settings, url, secret, found):
    settings.REMINDER_WEBHOOK_URL, settings.REMINDER_WEBHOOK_SECRET = url, secret
    assert [error.id for error in refuse_half_set_up(None)] == found
