"""`make run` from the outside, on a fresh data folder: `python -m tests.smoke`. The last part of CI.

Starts it, signs in, stops it by Ctrl-C, starts it again, and prints what each took.
"""

import signal
import sys
import tempfile
from pathlib import Path

from tests.running_portal import RunningPortal

FIRST_START_SECONDS = 180
SECOND_START_SECONDS = 15
STOP_SECONDS = 12


def main() -> int:
    """Go through it once; 1 after the reason when something is not as it must be."""
    with (
        tempfile.TemporaryDirectory(prefix="htx-smoke-") as folder,
        RunningPortal(Path(folder) / "data", command=["make", "run"]) as portal,
    ):
        try:
            walk_through(portal)
        except (AssertionError, OSError) as error:
            print(f"FAILED  {type(error).__name__}: {error}")
            return 1
    return 0


def walk_through(portal: RunningPortal) -> None:
    """Start, look, stop, twice. Raises AssertionError or OSError at the first thing that is wrong."""
    print(f"     ok  first start, ready after {portal.start(FIRST_START_SECONDS):.1f} s", flush=True)
    for path in ("/health/live/", "/health/ready/", "/accounts/login/"):
        assert portal.status(path) == 200, f"{path} answers {portal.status(path)}"
    assert "/accounts/logout/" in portal.sign_in("canbo", "htx-demo-2023"), "no way to sign out after signing in"
    print("     ok  health, login page and sign-in", flush=True)
    stop(portal, signal.SIGINT)
    print(f"     ok  second start, ready after {portal.start(SECOND_START_SECONDS):.1f} s", flush=True)
    stop(portal, signal.SIGTERM)


def stop(portal: RunningPortal, number: signal.Signals) -> None:
    """Stop by this signal and insist that no process is left."""
    seconds = portal.stop(number, STOP_SECONDS)
    assert not portal.processes(), f"still there: {portal.processes()}"
    print(f"     ok  {number.name}, stopped after {seconds:.1f} s, no process left", flush=True)


if __name__ == "__main__":
    sys.exit(main())
