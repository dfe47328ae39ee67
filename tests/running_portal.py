"""A whole portal of its own, as `make run` starts it: for tests and for the smoke check of CI."""

import http.client
import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from pathlib import Path

from htx_portal.launcher import leftovers
from tests.services import HOST, free_port

ROOT = Path(__file__).resolve().parent.parent
LAUNCHER = [sys.executable, "-m", "htx_portal.launcher"]
LEFT_OUT = (
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "DEBUG",
    "DJANGO_SETTINGS_MODULE",
    "EMAIL_URL",
    "REDIS_URL",
    "SITE_URL",
)


class RunningPortal:
    """One data folder and port, and the process that serves them; as a context it always ends stopped."""

    def __init__(self, data_dir: Path, *, command: list[str] = LAUNCHER, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.command = command
        inherited = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
        self.environment = {
            **inherited,
            "HTX_DATA_DIR": str(data_dir),
            "PORT": str(self.port),
            "DEMO": "1",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.output = data_dir.with_name(f"{data_dir.name}.log")

    def __enter__(self) -> "RunningPortal":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError, AssertionError):
            self.stop()
        leftovers.end(self.data_dir, patience=0)

    def start(self, seconds: float) -> float:
        """Start and wait until ready; gives the seconds it took. Fails with the output when they run out."""
        started = time.monotonic()
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        # Its own word, printed after the site has answered, and not only an open port.
        while f"http://{HOST}:{self.port}/" not in self.said():
            assert self.process.poll() is None, f"ended while starting:\n{self.said()}"
            assert time.monotonic() - started < seconds, f"not ready after {seconds} s:\n{self.said()}"
            time.sleep(0.1)
        return time.monotonic() - started

    def said(self) -> str:
        """Everything printed since the last start."""
        return self.output.read_text(errors="replace")

    def stop(self, number: signal.Signals = signal.SIGINT, seconds: float = 60) -> float:
        """Signal the whole group, as Ctrl-C in a terminal does; gives the seconds until it had ended."""
        assert self.process is not None
        started = time.monotonic()
        os.killpg(self.process.pid, number)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise AssertionError(f"still running {seconds} s after {number.name}:\n{self.said()}") from None
        return time.monotonic() - started

    def processes(self) -> dict[int, str]:
        """The running processes of this portal, launcher excepted: number and command line."""
        found = {}
        for pid in leftovers.find(self.data_dir):
            with suppress(OSError):
                title = Path(f"/proc/{pid}/cmdline").read_bytes()
                found[pid] = title.replace(b"\0", b" ").decode().strip()
        return found

    def status(self, path: str) -> int:
        """The HTTP status of a page, asked for without a session; 0 when nobody answers."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def sign_in(self, username: str, password: str) -> str:
        """Sign in by the login page like a browser; gives the home page's text. Raises HTTPError."""
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)
        page = f"http://{HOST}:{self.port}/accounts/login/"
        with opener.open(page, timeout=10) as response:
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', response.read().decode())
        assert token, "the login form has no token"
        form = {"csrfmiddlewaretoken": token[1], "username": username, "password": password}
        request = urllib.request.Request(page, urllib.parse.urlencode(form).encode(), {"Referer": page})
        with opener.open(request, timeout=10) as response:
            assert response.url != page, "the sign-in was refused"
            return response.read().decode()
