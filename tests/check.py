"""`make check`: format, lint, types, what tests read, migrations, templates, deployment settings, translations.

Runs every check even when one fails, says one line for each, and shows what a failing one said.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = [sys.executable]
MANAGE = [*PYTHON, "manage.py"]
CHECKS = {
    "format": [*PYTHON, "-m", "ruff", "format", "--check", "."],
    "lint": [*PYTHON, "-m", "ruff", "check", "."],
    "types": [*PYTHON, "-m", "mypy"],
    "tests": [*PYTHON, "-m", "mypy", "--config-file", "tests/mypy.ini", "tests"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "templates": [*PYTHON, "-m", "tests.templates"],
    "deploy": [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
    "catalogues": [*MANAGE, "compile_catalogues", "--check"],
}
# What a real installation behind TLS sets; the checks must not depend on anything else in the environment.
PRODUCTION = {
    "SITE_URL": "https://htx.example.vn",
    "ALLOWED_HOSTS": "htx.example.vn",
    "TRUSTED_PROXIES": "1",
}
LEFT_OUT = ("DATABASE_URL", "DEBUG", "DEMO", "DJANGO_SETTINGS_MODULE", "EMAIL_URL", "REDIS_URL", "SECRET_KEY")


def main(names: list[str]) -> int:
    """Run the named checks, or all; 1 when one failed, 2 when a name is unknown."""
    if unknown := [name for name in names if name not in CHECKS]:
        print(f"unknown: {', '.join(unknown)}; there are: {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT} | PRODUCTION
    failed = []
    with tempfile.TemporaryDirectory(prefix="htx-check-") as folder:
        environment["HTX_DATA_DIR"] = folder
        for name in names or CHECKS:
            started = time.monotonic()
            done = subprocess.run(CHECKS[name], cwd=ROOT, env=environment, capture_output=True, text=True)
            word = "FAILED" if done.returncode else "ok"
            print(f"{word:>8}  {name:<12} {time.monotonic() - started:.1f} s", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout + done.stderr, flush=True)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
