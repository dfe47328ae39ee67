"""What must hold before anything is started, each refusal being one line a person can act on."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from htx_portal import embedded, environment

BASE_DIR = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"
TRUE_WORDS = ("1", "true", "yes", "y", "on", "ok")


class Refused(Exception):
    """The portal cannot start here and now. The message is the one line to show."""


def data_folder() -> Path:
    """The absolute data folder: HTX_DATA_DIR, or `var/` in the project."""
    return Path(os.environ.get("HTX_DATA_DIR") or BASE_DIR / "var").expanduser().resolve()


def demo_is_on() -> bool:
    """Whether DEMO holds one of the words for yes, the same the settings accept."""
    return os.environ.get("DEMO", "").strip().lower() in TRUE_WORDS


def prepare_folder(data_dir: Path) -> None:
    """Make the data folder ready. Raises Refused when it cannot be written."""
    try:
        embedded.prepare(data_dir)
    except embedded.DataFolderError as error:
        raise Refused(
            f"Không ghi được thư mục dữ liệu / cannot write the data folder: {error}. "
            "Hãy sửa quyền hoặc đặt HTX_DATA_DIR / mend its rights or set HTX_DATA_DIR."
        ) from error


@contextmanager
def sole_launcher(data_dir: Path) -> Iterator[None]:
    """Hold the data folder's lock for as long as the block lasts. Raises Refused when another holds it.

    The lock dies with the process, however it ends, so there is no stale one to clear away.
    """
    with (data_dir / "run" / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "?"
            raise Refused(
                f"Cổng HTX đang chạy với thư mục này / already running with this data folder: {data_dir} "
                f"(pid {holder})."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def check_environment() -> None:
    """Raise Refused when the portal cannot start with what a variable says."""
    if refusal := environment.refusal(os.environ):
        raise Refused(refusal)


def asked_port() -> int:
    """The port from PORT, 8000 when unset. Raises Refused when it is no number from 1 to 65535."""
    text = os.environ.get("PORT") or "8000"
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise Refused(f"PORT phải là số từ 1 đến 65535 / must be a number from 1 to 65535: {text!r}.")


def check_port(port: int) -> None:
    """Raise Refused when nobody can listen on the port of the loopback address now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError as error:
            raise Refused(
                f"Không được phép mở cổng {port} / not allowed to open port {port}. "
                f"Hãy chọn cổng khác / choose another one: make run PORT={port + 8000}"
            ) from error
        except OSError as error:
            raise Refused(
                f"Cổng {port} đang được dùng / port {port} is in use. "
                f"Hãy chọn cổng khác / choose another one: make run PORT={port % 65535 + 1}"
            ) from error
