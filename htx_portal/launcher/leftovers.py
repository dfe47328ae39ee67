"""Finds and ends what a former start left running, after a kill -9 of its launcher or its supervisor.

Every process of the portal carries a mark in its environment; no list of process numbers can grow stale.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from htx_portal import embedded

MARK = "HTX_PORTAL_RUN"


def mark(data_dir: Path) -> dict[str, str]:
    """The environment entry by which the processes of this data folder are known."""
    return {MARK: str(data_dir)}


def find(data_dir: Path) -> list[int]:
    """Process numbers that belong to this data folder, this process excepted; none where /proc is missing."""
    entry = os.fsencode(f"{MARK}={data_dir}")
    # The broker writes its title over its environment and is known by its socket instead.
    socket = os.fsencode(embedded.socket_path(data_dir))
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) == os.getpid():
            continue
        with suppress(OSError):
            if entry in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
                continue
            title = (folder / "cmdline").read_bytes()
            if socket in title and b"valkey-server" in title:
                found.append(int(folder.name))
    return found


def end(data_dir: Path, patience: float = 8.0) -> int:
    """Ask them to stop, wait `patience` seconds, then kill; returns how many there were at first."""
    first = send(signal.SIGTERM, data_dir)
    deadline = time.monotonic() + patience
    while first and find(data_dir):
        if time.monotonic() > deadline:
            send(signal.SIGKILL, data_dir)
        time.sleep(0.1)
    return first


def send(number: signal.Signals, data_dir: Path) -> int:
    """Send a signal to each of them; returns to how many."""
    pids = find(data_dir)
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    return len(pids)
