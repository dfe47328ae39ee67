"""`python -m htx_portal.launcher`: check, prepare, start everything, watch over it, stop everything."""

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from htx_portal import embedded
from htx_portal.launcher import checks, leftovers
from htx_portal.launcher.programs import programs
from htx_portal.launcher.supervision import ProgramFailed, Supervisor

READY_SECONDS = 120
DEMO_ACCOUNTS = (
    "Tài khoản mẫu: canbo (cán bộ), lanhdao (lãnh đạo), htx (hợp tác xã), quantri (quản trị); mật khẩu: htx-demo-2023"
)


def main() -> int:
    """Serve until Ctrl-C or SIGTERM.

    0 after a clean stop, 1 when a program failed, 2 when refused, 130 when stopped before the start.
    """
    os.umask(0o077)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    data_dir = checks.data_folder()
    try:
        checks.check_environment()
        checks.prepare_folder(data_dir)
        with checks.sole_launcher(data_dir):
            return serve(data_dir)
    except (checks.Refused, embedded.BrokerMissing) as reason:
        complain(str(reason))
        return 2
    except ProgramFailed as reason:
        complain(f"Chương trình không chạy được / a program cannot run: {reason}")
        return 1
    except KeyboardInterrupt as signalled:
        say(f"Đã dừng khi đang chuẩn bị / stopped while preparing ({signalled}).")
        return 130


def serve(data_dir: Path) -> int:
    """Prepare the data folder, then keep its programs running until a signal; gives the exit code.

    Raises ProgramFailed when a program cannot run, Refused when the portal cannot start; everything is
    stopped by then.
    """
    if ended := leftovers.end(data_dir):
        say(f"Đã dừng {ended} tiến trình còn sót từ lần chạy trước / ended leftovers of a former run.")
    port = checks.asked_port()
    checks.check_port(port)
    listed = programs(data_dir, port, own_broker=not os.environ.get("REDIS_URL"))
    os.environ.update(HTX_DATA_DIR=str(data_dir), PORT=str(port))
    say("Đang chuẩn bị / preparing …")
    command = [sys.executable, "-m", "htx_portal.launcher.prepare"]
    if code := subprocess.run(command, cwd=checks.BASE_DIR).returncode:
        return code
    keep_running(Supervisor(data_dir, listed), port)
    return 0


def keep_running(supervisor: Supervisor, port: int) -> None:
    """Start the programs and watch over them until a signal comes or one fails; then stop them all."""
    try:
        supervisor.start()
        wait_until_ready(supervisor, port)
        while True:
            for name in supervisor.check():
                say(f"{name}: đã dừng bất thường và được chạy lại / fell and was started again.")
            time.sleep(1)
    except KeyboardInterrupt as signalled:
        say(f"Đang dừng / stopping ({signalled}) …")
    finally:
        # A second Ctrl-C means: now.
        signal.signal(signal.SIGINT, lambda *_: supervisor.kill())
        supervisor.stop()
        say("Đã dừng / stopped.")


def wait_until_ready(supervisor: Supervisor, port: int) -> None:
    """Return once the site says it is ready, after telling where it is. Raises ProgramFailed."""
    deadline = time.monotonic() + READY_SECONDS
    while (answer := readiness(port)) != "":
        supervisor.check()
        if time.monotonic() > deadline:
            raise ProgramFailed(f"web\n  {answer}")
        time.sleep(0.1)
    say(f"HTX portal: http://{checks.HOST}:{port}/ (Ctrl-C để dừng)")
    if checks.demo_is_on():
        say(DEMO_ACCOUNTS)


def readiness(port: int) -> str:
    """Empty when /health/ready/ answers 200, else what it answers instead."""
    hosts = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".*")
    connection = http.client.HTTPConnection(checks.HOST, port, timeout=5)
    try:
        connection.request("GET", "/health/ready/", headers={"Host": hosts or f"{checks.HOST}:{port}"})
        response = connection.getresponse()
        return "" if response.status == 200 else f"{response.status} {response.read(300).decode()}"
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()


def interrupt(number: int, frame: FrameType | None) -> None:
    """Turn a stop signal into the exception every waiting call is left by; the first one only."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt(signal.Signals(number).name)


def say(text: str) -> None:
    """One line of status, at once."""
    print(text, flush=True)


def complain(text: str) -> None:
    """One line of what went wrong."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
