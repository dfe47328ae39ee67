"""Whether worker and beat live: what they write down, what /health/ready/ says of it, and a real one that dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from htx_portal import health
from support_cases.models import SignOfLife
from support_cases.reminders import signs as module
from support_cases.reminders.signs import note, signs

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ROOT = Path(__file__).resolve().parent.parent
NOW = timezone.now()
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
PATIENCE = 90  # seconds for a process to start on a busy machine


@pytest.fixture
def ready(monkeypatch) -> Callable[[], tuple[int, dict]]:
    """Asks /health/ready/ of a portal with a broker that has been up for an hour; gives status and body."""
    monkeypatch.setattr(health, "_broker_answers", lambda: True)
    monkeypatch.setattr(health, "_STARTED", time.monotonic() - 3600)

    def ask() -> tuple[int, dict]:
        answer = Client().get("/health/ready/")
        return answer.status_code, answer.json()

    return ask


def seen(**ago: timedelta) -> None:
    """Let processes have been heard of so long ago."""
    for process, age in ago.items():
        note(process, timezone.now() - age)


def states(body: dict) -> tuple[str, str]:
    """What is said of worker and beat."""
    return body["processes"]["worker"], body["processes"]["beat"]


def test_a_process_noted_again_has_one_sign_the_latest():
    for moment in (NOW - MINUTE, NOW):
        note("worker", moment)
    note("beat", NOW)
    assert sorted(SignOfLife.objects.values_list("process", "seen_at")) == [("beat", NOW), ("worker", NOW)]


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (0 * SECOND, "ok"),
        (3 * MINUTE, "ok"),
        (3 * MINUTE + SECOND, "silent"),
        (timedelta(days=9), "silent"),
        (-2 * MINUTE, "ok"),
        (-timedelta(hours=5), "silent"),
    ],
)
def test_who_was_not_heard_of_for_three_minutes_is_silent(age, state):
    note("worker", NOW - age)
    assert [(sign.process, sign.state) for sign in signs(NOW)] == [("worker", state), ("beat", "silent")]


@pytest.mark.parametrize(
    ("up_for", "state"), [(0 * SECOND, "starting"), (179 * SECOND, "starting"), (3 * MINUTE, "silent")]
)
def test_in_the_first_minutes_of_the_portal_both_may_be_about_to_start(up_for, state):
    note("worker", NOW - timedelta(days=1))
    assert [sign.state for sign in signs(NOW, up_for)] == [state] * 2


def test_with_both_alive_the_portal_is_ready(ready):
    seen(worker=SECOND, beat=SECOND)
    assert ready() == (
        200,
        {
            "status": "ok",
            "checks": {"database": True, "broker": True, "worker": True, "beat": True},
            "processes": {"worker": "ok", "beat": "ok"},
        },
    )


@pytest.mark.parametrize("silent", ["worker", "beat"])
def test_one_that_is_silent_makes_it_unready(ready, silent):
    seen(**({"worker": SECOND, "beat": SECOND} | {silent: 4 * MINUTE}))
    status, body = ready()
    assert (status, body["status"], body["checks"][silent], body["processes"][silent]) == (
        503, "unavailable", False, "silent",
    )  # fmt: skip


def test_at_its_start_it_is_ready_without_them_and_says_so(ready, monkeypatch):
    monkeypatch.setattr(health, "_STARTED", time.monotonic() - 60)
    status, body = ready()
    assert (status, states(body)) == (200, ("starting", "starting"))
    seen(beat=SECOND)
    assert states(ready()[1]) == ("starting", "ok")


def test_without_a_broker_it_is_unready_whoever_lives(ready, monkeypatch):
    monkeypatch.setattr(health, "_broker_answers", lambda: False)
    seen(worker=SECOND, beat=SECOND)
    status, body = ready()
    assert (status, body["checks"]["broker"], states(body)) == (503, False, ("ok", "ok"))


def test_a_process_outlives_a_database_that_is_not_there(tmp_path):
    code = (
        "import django; django.setup()\n"
        "from support_cases.clockwork import say_alive\n"
        "say_alive('beat'); say_alive('worker'); print('still here')"
    )
    environment = {
        "HTX_DATA_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3",
        "DJANGO_SETTINGS_MODULE": "htx_portal.settings", "PATH": "",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "still here\n", done.stderr
    assert done.stderr.count("OperationalError") == 2


# --- Real processes ----------------------------------------------------------------------------------------


class Processes:
    """A real worker and a real beat on this test's database and broker."""

    def __init__(self, data_dir: Path, redis_url: str):
        self.data_dir, self.redis_url = data_dir, redis_url
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *options: str) -> None:
        """Start one in a process group of its own."""
        found = connection.settings_dict
        sqlite = f"sqlite:///{found['NAME']}"
        server = f"postgresql://{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"
        inherited = {k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "DEMO", "DEBUG")}
        environment = inherited | {
            "HTX_DATA_DIR": str(self.data_dir),
            "DATABASE_URL": sqlite if connection.vendor == "sqlite" else server,
            "REDIS_URL": self.redis_url,
        }
        with (self.data_dir / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "htx_portal.celery:app", name, *options],
                cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """End one with its children, without a chance to tidy up."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def said(self) -> str:
        """What both have written."""
        return "\n".join(path.read_text(errors="replace") for path in self.data_dir.glob("*.log"))


@pytest.fixture
def processes(tmp_path, redis_url) -> Iterator[Processes]:
    """None yet; those a test starts are ended after it."""
    found = Processes(tmp_path, redis_url)
    yield found
    for name in list(found.running):
        found.kill(name)


@pytest.mark.broker
@pytest.mark.django_db(transaction=True)
@pytest.mark.once
def test_a_worker_and_a_beat_that_are_killed_fall_silent(processes, ready, monkeypatch):
    def until(wanted: tuple[int, str, str]) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            status, body = ready()
            if (status, *states(body)) == wanted:
                return
            assert time.monotonic() < deadline, f"{body}\n{processes.said()}"
            time.sleep(0.2)

    cache.clear()
    assert ready()[0] == 503
    processes.start("worker", "--pool=prefork", "-c", "1", "--loglevel=WARNING")
    processes.start("beat", "-s", str(processes.data_dir / "beat"), "--pidfile=", "--loglevel=WARNING")
    until((200, "ok", "ok"))
    processes.kill("worker")
    # Longer than the pause between two signs of who lives, so that only the dead one is out of time.
    monkeypatch.setattr(module, "SILENT_AFTER", timedelta(seconds=25))
    until((503, "silent", "ok"))
    processes.kill("beat")
    until((503, "silent", "silent"))
