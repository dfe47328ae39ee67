"""To a messaging gateway of the office's own by HTTP: a signed POST for each message. See docs/channels.md."""

import hashlib
import hmac
import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from cooperatives.text import digits_only, nfc, normal_phone
from support_cases.choices import ReminderChannel
from support_cases.reminders.channels.base import AddressRefused, Channel, ChannelDown, Envelope, NotSent, Uncertain
from support_cases.reminders.channels.wording import text_of, wording_of

#: Seconds for the line to stand, and then for the whole exchange, however slowly the other side drips.
_CONNECT_SECONDS, _EXCHANGE_SECONDS = 10, 20

#: The gateway says that nobody has this number.
_NOBODY = 410
#: It took nothing and would take nothing from anybody now: too busy, down, or not set up to listen to us.
_DOWN = frozenset({401, 403, 404, 405, 407, 429, 503})
#: A proxy in front speaks for a gateway it lost on the way, or the gateway broke down over the message: it may have
#: handed it on before.
_NOBODY_KNOWS = frozenset({408, 500, 502, 504})


class WebhookChannel(Channel):
    """One POST for one message to one person."""

    code = ReminderChannel.WEBHOOK

    def is_on(self):
        """Whether both address and secret are set."""
        return bool(settings.REMINDER_WEBHOOK_URL and settings.REMINDER_WEBHOOK_SECRET)

    def address_of(self, person):
        """The person's telephone number in digits."""
        return normal_phone(person.phone) if digits_only(person.phone) else ""

    def send(self, envelope, hand_over):
        """Open the line, hand over, post: until the line stands nothing can have left. Redirects are not followed."""
        if not self.is_on():
            raise ChannelDown("WebhookNotSetUp")
        connection = _connection(settings.REMINDER_WEBHOOK_URL)
        try:
            connection.connect()
        except OSError as trouble:
            raise ChannelDown(type(trouble).__name__) from trouble
        try:
            body = body_of(envelope, self.address_of(envelope.recipient))
            if hand_over():
                _judge(_post(connection, envelope.identity, body))
        except (OSError, HTTPException) as trouble:
            raise Uncertain(type(trouble).__name__) from trouble
        finally:
            connection.close()


def body_of(envelope: Envelope, phone: str) -> bytes:
    """Return the JSON of a message."""
    words = wording_of(envelope)
    fields: dict[str, Any] = {
        "identity": envelope.identity,
        "recipient": {"name": nfc(str(envelope.recipient)), "phone": phone, "language": envelope.recipient.language},
        "subject": words.subject,
        "text": text_of(words),
        "lines": [
            {"title": nfc(line.title), "advice": nfc(line.advice), "url": line.url} for line in envelope.lines
        ],
    }  # fmt: skip
    return json.dumps(fields, ensure_ascii=False).encode()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return what the header ``X-HTX-Signature`` holds for a body sent at a moment."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _connection(url: str) -> HTTPConnection:
    """Return a line, not yet open, to the host of the setting and to no other.

    Raises:
        ChannelDown: when the setting is no address.
    """
    try:
        target = urlsplit(url)
        if target.scheme == "https" and target.hostname:
            context = ssl.create_default_context()
            return HTTPSConnection(target.hostname, target.port, timeout=_CONNECT_SECONDS, context=context)
        if target.scheme == "http" and target.hostname:
            return HTTPConnection(target.hostname, target.port, timeout=_CONNECT_SECONDS)
    except (ValueError, HTTPException) as trouble:
        raise ChannelDown("InvalidWebhookURL") from trouble
    raise ChannelDown("InvalidWebhookURL")


def _post(connection: HTTPConnection, identity: str, body: bytes) -> int:
    """Send a message over an open line and return the status; what else is answered is not read."""
    timestamp = str(int(time.time()))
    target = urlsplit(settings.REMINDER_WEBHOOK_URL)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": identity,
        "X-HTX-Timestamp": timestamp,
        "X-HTX-Signature": signature(settings.REMINDER_WEBHOOK_SECRET, timestamp, body),
        "User-Agent": "htx-portal",
        "Connection": "close",
    }
    with _limited(connection):
        connection.request("POST", (target.path or "/") + (f"?{target.query}" if target.query else ""), body, headers)
        with connection.getresponse() as answer:
            return answer.status


@contextmanager
def _limited(connection: HTTPConnection) -> Iterator[None]:
    """Break the line off after the time for the whole exchange: a time-out alone begins anew with each byte."""
    line = connection.sock
    timer = Timer(_EXCHANGE_SECONDS, _break_off, [line])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _break_off(line: socket.socket) -> None:
    with suppress(OSError):
        # Of an encrypted line too the plain shutdown, which does not touch what another thread is reading.
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def _judge(status: int) -> None:
    """Raise what a status means for the message; nothing when it was taken.

    Raises:
        AddressRefused, ChannelDown, NotSent, Uncertain: see docs/channels.md.
    """
    if 200 <= status < 300:
        return
    said = f"HTTP {status}"
    if status == _NOBODY:
        raise AddressRefused(said)
    if status in _NOBODY_KNOWS:
        raise Uncertain(said)
    if status in _DOWN or status < 400:
        raise ChannelDown(said)
    raise NotSent(said)
