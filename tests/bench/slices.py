"""Slices of load, portal and bare view in turn, and what they say together."""

import json
import math
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

import redis

from tests.bench.client import Answer, Sender
from tests.bench.facts import Facts
from tests.bench.operations import Ask, Operation, fresh_id
from tests.bench.recording import blank_out
from tests.bench.server import Server

CONNECTIONS = 2
#: Even the slowest operation is asked this often in a slice, by each connection.
LEAST = 2


class WrongAnswer(Exception):
    """Something was answered otherwise than it must be; the message says what."""


@dataclass
class Slice:
    """What one stretch of load took: seconds of latency each, seconds of CPU altogether."""

    latencies: list[float]
    seconds: float
    application: float
    database: float

    @property
    def cpu(self) -> float:
        """Milliseconds of CPU a request, application and database together."""
        return (self.application + self.database) * 1000 / len(self.latencies)


@dataclass
class Side:
    """The portal's or the bare view's part of one operation at one size."""

    queries: float = 0
    bytes: int = 0
    slices: list[Slice] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """Requests sent under load."""
        return sum(len(each.latencies) for each in self.slices)

    def figures(self) -> dict[str, float]:
        """Return requests a second, p50 and p95 in ms, CPU of application and database in ms, queries, bytes."""
        latencies = sorted(latency for each in self.slices for latency in each.latencies)
        return {
            "requests_per_second": self.requests / sum(each.seconds for each in self.slices),
            "p50_ms": statistics.median(latencies) * 1000,
            "p95_ms": latencies[math.ceil(len(latencies) * 0.95) - 1] * 1000,
            "application_cpu_ms": sum(each.application for each in self.slices) * 1000 / self.requests,
            "database_cpu_ms": sum(each.database for each in self.slices) * 1000 / self.requests,
            "queries": self.queries,
            "bytes": self.bytes,
        }


class Cell:
    """One operation against one server: its requests, and portal and bare view side by side."""

    def __init__(self, operation: Operation, server: Server, facts: Facts, cache: redis.Redis) -> None:
        self.operation = operation
        self.server = server
        self.cache = cache
        self.asks = operation.asks(facts)
        if not self.asks:
            raise WrongAnswer(f"{operation.title}: nothing in the database to ask for")
        self.senders = [Sender(server.port, operation, facts) for _ in range(CONNECTIONS)]
        self.portal, self.bare = Side(), Side()
        self.rows_written = 0
        self._turn = count()

    def record(self) -> None:
        """Send each variant once to the portal, which keeps its statements, and once to the bare view.

        Counts queries and bytes on the way. A variant is asked twice where the first only fills the cache.
        """
        totals = {"portal": 0, "bare": 0}
        for number, ask in enumerate(self.asks):
            name = f"{self.operation.name}-{number}"
            if not (self.operation.writes or self.operation.cold):
                self._checked(self.senders[0].send(ask), self.operation.answer, ask.path)
            totals["portal"] += self._record_portal(ask, name)
            answer = self.senders[0].send(ask, path=self._bare_path(number), record=f"bare-{name}")
            self._checked(answer, 200, self._bare_path(number))
            self.rows_written += self.operation.writes
            totals["bare"] += int(answer.header("X-Queries"))
            self.bare.bytes = max(self.bare.bytes, len(answer.body))
        self.portal.queries = totals["portal"] / len(self.asks)
        self.bare.queries = totals["bare"] / len(self.asks)

    def _record_portal(self, ask: Ask, name: str) -> int:
        """Have one variant recorded, with blanks where an entry differs from the next; the queries it took."""
        if self.operation.cold:
            self.cache.flushdb()
        client_id = fresh_id()
        answer = self.senders[0].send(ask, record=name, client_id=client_id)
        self._checked(answer, self.operation.answer, ask.path)
        if self.operation.writes:
            self.rows_written += 1
            new_id = _id_of(answer)
            blank_out(self.server.data_dir / "recordings" / name, UUID(client_id), new_id)
        self.portal.bytes = max(self.portal.bytes, len(answer.body))
        return int(answer.header("X-Queries"))

    def load_portal(self, seconds: float) -> None:
        """One slice of the portal."""

        def send(sender: Sender, number: int) -> Answer:
            if self.operation.cold:
                self.cache.flushdb()
            return sender.send(self.asks[number])

        self.portal.slices.append(self._slice(seconds, send, self.operation.answer))

    def load_bare(self, seconds: float) -> None:
        """One slice of the bare view."""

        def send(sender: Sender, number: int) -> Answer:
            return sender.send(self.asks[number], path=self._bare_path(number))

        self.bare.slices.append(self._slice(seconds, send, 200))

    def _bare_path(self, number: int) -> str:
        return f"/bare/{self.operation.bare_folder}/{self.operation.name}-{number}/"

    def _slice(self, seconds: float, send: Callable[[Sender, int], Answer], right: int) -> Slice:
        """Send from all connections for so many seconds and return what it took.

        Raises WrongAnswer at an answer with another status than ``right``.
        """
        latencies: list[float] = []
        wrong: list[str] = []
        before = self.server.application_cpu(), self.server.database_cpu()
        started = time.perf_counter()

        def run(place: int) -> None:
            mine = 0
            try:
                while mine < LEAST or time.perf_counter() - started < seconds:
                    # Each connection has variants of its own, so that none warms the other's.
                    number = (next(self._turn) * CONNECTIONS + place) % len(self.asks)
                    answer = send(self.senders[place], number)
                    self._checked(answer, right, f"variant {number}")
                    latencies.append(answer.seconds)
                    mine += 1
            except (OSError, WrongAnswer) as error:
                wrong.append(f"{error}")

        threads = [threading.Thread(target=run, args=(place,)) for place in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if wrong:
            raise WrongAnswer(wrong[0])
        took = time.perf_counter() - started
        after = self.server.application_cpu(), self.server.database_cpu()
        self.rows_written += len(latencies) * self.operation.writes
        return Slice(latencies, took, after[0] - before[0], after[1] - before[1])

    def _checked(self, answer: Answer, right: int, about: str) -> None:
        if answer.status != right or (right == 200 and not answer.body):
            said = answer.body[:300].decode(errors="replace")
            raise WrongAnswer(f"{self.operation.title}, {about}: {answer.status} instead of {right}: {said}")

    def ratios(self) -> dict[str, float]:
        """Return the medians of the ratios of neighbouring slices: CPU, the application's CPU, median latency."""
        pairs = list(zip(self.portal.slices, self.bare.slices, strict=True))
        return {
            "cpu": statistics.median(a.cpu / b.cpu for a, b in pairs),
            "application_cpu": statistics.median(
                (a.application / len(a.latencies)) / (b.application / len(b.latencies)) for a, b in pairs
            ),
            "latency": statistics.median(
                statistics.median(a.latencies) / statistics.median(b.latencies) for a, b in pairs
            ),
        }


def _id_of(answer: Answer) -> int:
    """Return the primary key of the entry an answer speaks of: in the address it leads to, or in its JSON."""
    if place := answer.header("Location"):
        return int(place.rstrip("/").rpartition("/")[2])
    return int(json.loads(answer.body)["id"])


def growth(small: list[Slice], large: list[Slice], times: float) -> float:
    """Return the exponent by which the CPU of a request grows with the rows: the median over the rounds.

    0 is "not at all", 1 "as the rows do"; ``times`` is how many times more rows the large side has.
    """
    rounds = zip(small, large, strict=True)
    return statistics.median(math.log(b.cpu / a.cpu) for a, b in rounds) / math.log(times)
