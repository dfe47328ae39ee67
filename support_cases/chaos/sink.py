"""A mail server in a bad mood: it stalls, drops the line and refuses, and never lies about what it accepted."""

import asyncio
import json
import os
from contextlib import suppress
from email.parser import BytesHeaderParser
from enum import StrEnum
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import BinaryIO

from htx_portal.rehearsal import now
from support_cases.chaos.servers import HOST

#: Seconds a stalling server stays silent before it drops the line.
STALL = 1.5
_LONGEST_LINE = 1 << 20


class Mood(StrEnum):
    """What happens to one connection, at which point of it."""

    GOOD = "good"
    BANNER_421 = "banner 421"
    BANNER_554 = "banner 554"
    BANNER_DROP = "banner drop"
    MAIL_451 = "mail 451"
    MAIL_550 = "mail 550"
    RCPT_450 = "rcpt 450"
    RCPT_550 = "rcpt 550"
    DATA_451 = "data 451"
    TEXT_STALL = "text stall"
    TEXT_DROP = "text drop"
    END_452 = "end 452"
    END_554 = "end 554"
    END_STALL = "end stall"
    END_DROP = "end drop"
    ACCEPTED_STALL = "accepted stall"
    ACCEPTED_DROP = "accepted drop"


#: An address refused for ever ends a recipient's mails, so that happens seldom.
_WEIGHTS = {Mood.GOOD: 0, Mood.RCPT_550: 1, Mood.MAIL_550: 2}
_BAD = [mood for mood in Mood if mood != Mood.GOOD]


class _Over(Exception):
    """The line is dropped now."""


class Sink:
    """The server, in a thread of its own; ``port`` is where it listens while it is :meth:`open`.

    The identity of a mail is in the ``journal``, safely on the disk, before the mail is called accepted.
    """

    def __init__(self, journal: Path, rng: Random, port: int):
        self.port, self.rng = port, rng
        #: The share of connections that go badly, from 0 to 1.
        self.badness = 0.0
        self.accepted = 0
        #: Set when the text of a mail begins to come, which is when killing hurts most.
        self.text_comes = Event()
        self.moods: dict[str, int] = {}
        self._journal: BinaryIO = journal.open("ab")
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.open()

    def open(self) -> None:
        """Take connections."""
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)

    def close(self) -> None:
        """Refuse connections."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)

    def stop(self) -> None:
        """Close for good."""
        self.close()
        asyncio.run_coroutine_threadsafe(self._cancel(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self._journal.close()

    async def _open(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._session, HOST, self.port, limit=_LONGEST_LINE)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _cancel(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _next_mood(self) -> Mood:
        bad = self.rng.random() < self.badness
        mood = self.rng.choices(_BAD, [_WEIGHTS.get(each, 6) for each in _BAD])[0] if bad else Mood.GOOD
        self.moods[mood] = self.moods.get(mood, 0) + 1
        return mood

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(_Over, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await _Session(self, reader, writer, self._next_mood()).talk()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def accept(self, text: bytes, recipient: str) -> None:
        """Write down that a mail is accepted; when this returns it will be remembered whatever happens."""
        identity = BytesHeaderParser().parsebytes(text).get("Message-ID", "").strip()
        line = {"identity": identity, "to": recipient, "at": now().isoformat()}
        self._journal.write(json.dumps(line).encode() + b"\n")
        self._journal.flush()
        os.fsync(self._journal.fileno())
        self.accepted += 1


class _Session:
    """One connection."""

    def __init__(self, sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mood: Mood):
        self.sink, self.reader, self.writer, self.mood = sink, reader, writer, mood
        self.recipient = ""

    async def talk(self) -> None:
        """Answer command by command until the other side leaves or the mood says so."""
        await self._say_or("banner", "220 chaos")
        while line := await self.reader.readline():
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"EHLO":
                await self._say("250-chaos\r\n250 8BITMIME")
            elif verb == b"MAIL":
                await self._say_or("mail", "250 OK")
            elif verb == b"RCPT":
                self.recipient = line.decode(errors="replace").partition("<")[2].partition(">")[0]
                await self._say_or("rcpt", "250 OK")
            elif verb == b"DATA":
                await self._take_text()
            else:
                await self._say("221 Bye" if verb == b"QUIT" else "250 OK")

    async def _take_text(self) -> None:
        if not await self._say_or("data", "354 Go on"):
            return
        self.sink.text_comes.set()
        first = await self.reader.readline()
        await self._break_at("text")
        text = first + await self.reader.readuntil(b"\r\n.\r\n")
        if self.mood in (Mood.END_452, Mood.END_554):
            await self._say(f"{self.mood.value.split()[1]} Not now")
            return
        await self._break_at("end")
        self.sink.accept(text, self.recipient)
        await self._break_at("accepted")
        await self._say("250 Accepted")

    async def _say(self, words: str) -> None:
        self.writer.write(words.encode() + b"\r\n")
        await self.writer.drain()

    async def _say_or(self, point: str, words: str) -> bool:
        """Say ``words`` unless the mood refuses or drops the line here; return whether they were said."""
        await self._break_at(point)
        at, _, how = self.mood.value.partition(" ")
        refused = at == point and how.isdigit()
        await self._say(f"{how} Not now" if refused else words)
        return not refused

    async def _break_at(self, point: str) -> None:
        """Fall silent or drop the line, where the mood is for it.

        Raises:
            _Over: when the line is dropped.
        """
        if self.mood.value in (f"{point} stall", f"{point} drop"):
            if self.mood.value.endswith("stall"):
                await asyncio.sleep(STALL)
            raise _Over
