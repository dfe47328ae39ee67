"""Make the virtual environment `.venv` and install the locked requirements in it, only what has changed.

Run by a bare Python, before anything is installed: `python3 -I htx_portal/setup_env.py [--dev] [--browser]`.
Says one line per step, nothing when there is nothing to do, and one line when it cannot go on.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
VENV = BASE_DIR / ".venv"
NEEDED = (3, 11)
KNOWN_PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")


class SetupFailed(Exception):
    """Set-up cannot go on. The message is the one line the person reads."""


def say(text):
    """Print one line of progress at once, even into a pipe."""
    print(text, flush=True)


def use_recent_python():
    """Start over with a recent enough Python from the search path when this one is too old.

    Raises SetupFailed when there is none. Only returns when this Python will do.
    """
    if sys.version_info >= NEEDED:
        return
    for name in KNOWN_PYTHONS:
        found = shutil.which(name)
        if found:
            os.execv(found, [found, "-I", os.path.abspath(__file__), *sys.argv[1:]])  # noqa: S606
    raise SetupFailed(
        "Cần Python 3.11 trở lên / Python 3.11 or newer is needed: apt install python3.11 python3.11-venv"
    )


def check_venv_module():
    """Raise SetupFailed, with the line that mends it, when this Python cannot make environments."""
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        raise SetupFailed(f"Thiếu {package} / {package} is missing: apt install {package}")


def works(python):
    """Whether the environment's Python starts, is recent enough and has pip (it breaks when Python moves)."""
    probe = f"import sys, pip; sys.exit(sys.version_info < {NEEDED})"
    try:
        return subprocess.run([python, "-I", "-c", probe], capture_output=True).returncode == 0
    except OSError:
        return False


def run_quietly(command, step):
    """Run a command with its output in `.venv/setup.log`, telling its step and seconds.

    Raises SetupFailed with the last line that looks like the reason.
    """
    say(f"… {step}")
    started = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=BASE_DIR)
    log = VENV / "setup.log"
    if VENV.is_dir():
        log.write_bytes(done.stdout)
    if done.returncode:
        lines = [line.strip() for line in done.stdout.decode(errors="replace").splitlines() if line.strip()]
        reasons = [line for line in lines if line.lower().startswith("error")] or lines or ["?"]
        raise SetupFailed(f"Không xong bước / failed: {step} ({reasons[-1]} · {log})")
    say(f"  xong / done: {time.monotonic() - started:.0f} s")


def make_environment():
    """Make or remake `.venv` when it is missing or its Python no longer works."""
    python = VENV / "bin" / "python"
    if works(python):
        return
    check_venv_module()
    run_quietly(
        [sys.executable, "-I", "-m", "venv", "--clear", str(VENV)],
        f"Tạo môi trường Python / making {VENV.name}",
    )


def install(locks):
    """Install those lock files whose text differs from what was installed last, in one go."""
    python = VENV / "bin" / "python"
    stamps = {}
    for lock in locks:
        digest = hashlib.sha256(lock.read_bytes()).hexdigest()
        stamp = VENV / (lock.name + ".sha256")
        if not stamp.exists() or stamp.read_text() != digest:
            stamps[lock] = (stamp, digest)
    if not stamps:
        return
    command = [str(python), "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--quiet", "--require-hashes"]
    for lock in stamps:
        command += ["-r", str(lock)]
    names = ", ".join(lock.name for lock in stamps)
    run_quietly(command, f"Cài thư viện / installing {names}")
    for stamp, digest in stamps.values():
        stamp.write_text(digest)


def main():
    """Set everything up; the exit code is 0, or 1 after one line that says what stands in the way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--browser", action="store_true", help="also what browser tests need")
    asked = parser.parse_args()
    locks = ["requirements.txt"]
    locks += ["requirements-dev.txt"] if asked.dev else []
    locks += ["requirements-browser.txt"] if asked.browser else []
    # Two commands at once, say `make run` and `make test`: the second waits for the first.
    folder = os.open(BASE_DIR, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        use_recent_python()
        make_environment()
        install([BASE_DIR / name for name in locks])
    except SetupFailed as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        print(f"Không thiết lập được / set-up failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
