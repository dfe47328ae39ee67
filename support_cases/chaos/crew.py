"""The processes of a rehearsal: two workers, two beats and a broker, killed without warning and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import redis
from django.conf import settings

from htx_portal import embedded
from support_cases.chaos.servers import HOST, Missing

_START_SECONDS = 60


class Process:
    """One process in a group of its own, which may be killed and started any number of times."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str], log: Path):
        self.name, self.command, self.environment, self.log = name, command, environment, log
        self.starts = 0
        #: When it was last started, by a clock that only tells what was before what.
        self.started = 0.0
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> bool:
        """Start it, unless it runs; return whether it did not."""
        if self._running is not None and self._running.poll() is None:
            return False
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(  # noqa: S603 the command is ours
                self.command,
                cwd=settings.BASE_DIR,
                env=dict(self.environment),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.starts += 1
        self.started = time.monotonic()
        return True

    def kill(self) -> bool:
        """Kill it with its children, at once; return whether it was running."""
        if self._running is None:
            return False
        alive = self._running.poll() is None
        with suppress(ProcessLookupError):
            os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()
        return alive


class Crew:
    """All processes of one rehearsal, on the settings of this process; ended by :meth:`stop`."""

    def __init__(self, folder: Path, broker_port: int, environment: Mapping[str, str]):
        self.url = f"redis://{HOST}:{broker_port}/0"
        self.log = folder / "celery.log"

        def celery(name: str, *arguments: str) -> Process:
            return Process(name, [sys.executable, "-m", "celery", "--quiet", *arguments], environment, self.log)

        quiet = ("--loglevel", "WARNING")
        alone = ("--pool=prefork", "--concurrency", "1", "--without-gossip", "--without-mingle")
        self.workers = [
            celery(f"worker-{n}", "--app", "htx_portal.celery", "worker", *alone, "-n", f"w{n}@%h", *quiet)
            for n in (1, 2)
        ]
        self.beats = [
            celery(
                f"beat-{n}", "--app", "support_cases.chaos.beat", "beat", "--max-interval", "1",
                "--schedule", str(folder / f"beat-{n}"), "--pidfile", "", *quiet,
            )
            for n in (1, 2)
        ]  # fmt: skip
        self.broker = Process("broker", _broker_command(folder, broker_port), environment, folder / "broker.log")

    def start(self) -> int:
        """Start whatever does not run, the broker first; return how many workers and beats that were.

        Raises:
            Missing: when the broker does not answer.
        """
        self.start_broker()
        return sum(process.start() for process in (*self.workers, *self.beats))

    def start_broker(self) -> None:
        """Start the broker and wait until it answers.

        Raises:
            Missing: when it does not.
        """
        self.broker.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self.answers():
            if time.monotonic() > deadline:
                raise Missing("valkey")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether the broker answers and has read what it kept."""
        with suppress(redis.RedisError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False

    def wipe_broker(self) -> None:
        """Throw away everything the broker holds."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self) -> None:
        """End every process."""
        for process in (*self.beats, *self.workers, self.broker):
            process.kill()


def _broker_command(folder: Path, port: int) -> list[str]:
    """The command line of a broker that remembers, like the portal's own, what it held when it was killed."""
    options = {"port": str(port), "bind": HOST, "dir": str(folder), "save": "", "appendonly": "yes"}
    return [str(embedded.broker_binary()), *(part for name, value in options.items() for part in (f"--{name}", value))]
