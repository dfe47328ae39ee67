"""One portal under measurement: its gunicorn, and what it and its database cost."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from htx_portal.launcher.programs import programs
from tests.services import HOST, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 40


class Server:
    """gunicorn as the portal starts it, on a port of its own; as a context it always ends stopped.

    ``environment`` names the settings, the data folder, the database and the cache. ``database`` is the name
    of a PostgreSQL database on this machine whose backends are to be measured too, empty for SQLite.
    ``bare`` serves the bare views alone.
    """

    def __init__(self, environment: dict[str, str], database: str = "", *, bare: bool = False) -> None:
        self.environment = environment
        self.database = database
        self.application = "tests.bench.bare_wsgi:application" if bare else "htx_portal.wsgi:application"
        self.port = free_port()
        self.data_dir = Path(environment["HTX_DATA_DIR"])
        self._backends: dict[int, float] = {}

    def __enter__(self) -> "Server":
        web = next(program for program in programs(self.data_dir, self.port, own_broker=False))
        # Workers that retire in the middle of a slice would take their CPU time with them.
        command = [*web.command[:-1], "--max-requests", "0", self.application]
        self.log = self.data_dir / "gunicorn.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
                return

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            with suppress(OSError):
                self.status_of("/bare/")
                return
            said = self.log.read_text(errors="replace")[-2000:]
            assert self.process.poll() is None, f"gunicorn ended while starting:\n{said}"
            assert time.monotonic() < deadline, f"gunicorn is not ready after {START_SECONDS} s:\n{said}"
            time.sleep(0.05)

    def status_of(self, path: str) -> int:
        """The status with which a path is answered. Raises OSError when nobody answers."""
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=10)) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            return response.status

    def workers(self) -> list[int]:
        """The process numbers of the workers."""
        return children_of(self.process.pid)

    def application_cpu(self) -> float:
        """Seconds of CPU that gunicorn, its workers included, has had so far."""
        return sum(map(cpu_seconds, [self.process.pid, *self.workers()]))

    def database_cpu(self) -> float:
        """Seconds of CPU that the backends serving this database have had so far; 0 for SQLite.

        Connections grow old and are made anew: of backends that are gone counts what was read of them last.
        """
        if self.database:
            now = {pid: cpu_seconds(pid) for pid in backends_of(self.database)}
            self._backends |= {pid: max(spent, self._backends.get(pid, 0.0)) for pid, spent in now.items()}
        return sum(self._backends.values())

    def memory(self) -> dict[str, float]:
        """MB of memory of one worker, the mean over workers: ``rss`` whole, ``pss`` with shared pages divided."""
        found = [_memory(pid) for pid in self.workers()]
        return {name: sum(each[name] for each in found) / len(found) for name in ("rss", "pss")}


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU, user and system, that a process and its threads have had; 0 when it is gone.

    From `schedstat`, in nanoseconds; where the kernel keeps none, from `stat`, in hundredths of a second.
    """
    total = 0
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                total += int((task / "schedstat").read_text().split()[0])
    if total:
        return total / 1e9
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def children_of(pid: int) -> list[int]:
    """The child processes of a process, in order."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sorted(int(child) for task in tasks for child in (task / "children").read_text().split())


def backends_of(database: str) -> list[int]:
    """The PostgreSQL backends on this machine that serve a database, known by their titles.

    Also the helpers of a parallel query, while they live.
    """
    return [pid for pid, title in _titles() if title.startswith("postgres: ") and f" {database} " in title]


def _titles() -> Iterable[tuple[int, str]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                yield int(folder.name), (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()


def _memory(pid: int) -> dict[str, float]:
    lines = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if ":" in line
    )
    return {name: int(lines[name.capitalize()].split()[0]) / 1024 for name in ("rss", "pss")}


def django(environment: dict[str, str], *arguments: str) -> str:
    """Run `python <arguments>` in the project and return what it printed. Raises CalledProcessError."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout
