"""Brings the data folder up to date before the programs start: `python -m htx_portal.launcher.prepare`.

A process of its own, so that Django is loaded once for all the steps and then gone from memory.
"""

import hashlib
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from htx_portal.launcher.checks import BASE_DIR, demo_is_on


def main() -> int:
    """Run every step, each with its line and its seconds; 1 after one clear line when a step fails."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "htx_portal.settings")
    name = "Cấu hình / settings"
    try:
        django.setup()
        for name, act in steps():
            started = time.monotonic()
            act()
            print(f"  {name}: {time.monotonic() - started:.1f} s", flush=True)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        log = settings_log()
        log.write_text(traceback.format_exc())
        reason = (str(error).strip().splitlines() or [""])[0]
        print(f"Không xong bước / failed: {name}: {type(error).__name__}: {reason} ({log})", file=sys.stderr)
        return 1
    return 0


def settings_log() -> Path:
    """Where the reason of a failure is kept whole."""
    return Path(os.environ["HTX_DATA_DIR"]) / "logs" / "prepare.log"


def steps() -> list[tuple[str, Callable[[], None]]]:
    """Each step's name on screen and its act, in the order they depend on each other."""
    found: list[tuple[str, Callable[[], None]]] = [
        ("Cơ sở dữ liệu / database", lambda: call("migrate", interactive=False)),
        ("Bản dịch / translations", lambda: call("compile_catalogues")),
        ("Danh mục / reference data", lambda: call("load_reference")),
    ]
    if demo_is_on():
        found.append(("Dữ liệu mẫu / demo set", lambda: call("seed_demo")))
    found.append(("Tệp tĩnh / static files", collect_static))
    return found


def call(command: str, **options: object) -> None:
    """Run a management command, its chatter left out."""
    call_command(command, verbosity=0, **options)


def collect_static() -> None:
    """Collect and compress the static files, only when one of them or the locked libraries changed."""
    root = Path(settings.STATIC_ROOT)
    stamp = root.parent / "run" / "static.sha256"
    wanted = static_digest()
    if root.is_dir() and stamp.exists() and stamp.read_text() == wanted:
        return
    call("collectstatic", interactive=False, clear=root.is_dir())
    stamp.write_text(wanted)


def static_digest() -> str:
    """A digest of the names, sizes and times of all static sources and of the lock file."""
    digest = hashlib.sha256((BASE_DIR / "requirements.txt").read_bytes())
    digest.update(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: str(found[0])):
            status = os.stat(storage.path(path))
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
