"""A small client on plain sockets: one connection a request, as gunicorn's sync workers close each one."""

import re
import socket
import time
from dataclasses import dataclass, field
from itertools import count

from tests.bench.facts import Facts
from tests.bench.operations import Ask, Operation, fresh_id
from tests.bench.recording import HEADER
from tests.services import HOST

_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="(\w+)"')
_COOKIE = re.compile(rb"(?im)^set-cookie: csrftoken=(\w+)")
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
# Public look-ups are throttled by address: many people ask, each of them now and then.
_ADDRESSES = 4000
_asked = count()


@dataclass
class Answer:
    """What came back: status, head, body, and the seconds until the last byte."""

    status: int
    head: bytes
    body: bytes
    seconds: float

    def header(self, name: str) -> str:
        """Return the value of a header, empty when it is not there."""
        found = re.search(rf"(?im)^{re.escape(name)}: (.*?)\r?$".encode(), self.head)
        return found[1].decode() if found else ""


@dataclass
class Sender:
    """Someone who sends the requests of one operation to one server, with session or token, as a browser would."""

    port: int
    operation: Operation
    facts: Facts
    headers: dict[str, str] = field(default_factory=dict)
    form_token: str = ""

    def __post_init__(self) -> None:
        """Take the means of proving who it is, and for a form the page it is on."""
        sessions = {"staff": self.facts.staff_session, "manager": self.facts.manager_session}
        if self.operation.who == "token":
            self.headers["Authorization"] = f"Token {self.facts.token}"
        elif self.operation.who in sessions:
            self.headers["Cookie"] = f"sessionid={sessions[self.operation.who]}"
        if self.operation.form:
            self._fetch_form()

    def _fetch_form(self) -> None:
        page = self._exchange("GET", self.operation.form, b"", {})
        token, cookie = _TOKEN.search(page.body), _COOKIE.search(page.head)
        assert token and cookie, f"{self.operation.form} has no form token (status {page.status})"
        self.form_token = token[1].decode()
        kept = self.headers.get("Cookie")
        pair = f"csrftoken={cookie[1].decode()}"
        self.headers["Cookie"] = f"{kept}; {pair}" if kept else pair

    def send(self, ask: Ask, *, path: str = "", client_id: str = "", record: str = "") -> Answer:
        """Send ``ask``, to another ``path`` where given, and return the answer.

        ``client_id`` names the entry to be recorded (a new one where needed), ``record`` asks the server to
        keep its statements under that name.
        """
        extra = {}
        if self.operation.writes:
            extra["client_id"] = client_id or fresh_id()
        if self.form_token:
            extra["csrfmiddlewaretoken"] = self.form_token
        body = ask.body(extra) if ask.method == "POST" else b""
        headers = {HEADER: record} if record else {}
        if body:
            headers |= {"Content-Type": ask.kind}
        if self.operation.who == "public":
            number = next(_asked) % _ADDRESSES
            headers["X-Forwarded-For"] = f"10.0.{number // 250}.{number % 250 + 1}"
        return self._exchange(ask.method, path or ask.path, body, headers)

    def _exchange(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{self.port}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in (self.headers | headers).items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        message = "\r\n".join([*lines, "", ""]).encode() + body
        started = time.perf_counter()
        with socket.create_connection((HOST, self.port), timeout=60) as connection:
            connection.sendall(message)
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
        seconds = time.perf_counter() - started
        head, _, content = b"".join(parts).partition(b"\r\n\r\n")
        found = _STATUS.match(head)
        return Answer(int(found[1]) if found else 0, head, content, seconds)
