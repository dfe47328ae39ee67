"""`make test`: the whole suite on SQLite, then what is marked `database` and not `once` again on PostgreSQL.

Arguments are handed on to pytest, for both parts: `python -m tests -k lookup -x`.
"""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests import services

ROOT = Path(__file__).resolve().parent.parent
NOTHING_COLLECTED = 5


@dataclass
class Part:
    """One run of pytest: its name on screen, its extra arguments, the service it stands on."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    outcome: str = ""
    failed: bool = False


def main(arguments: list[str]) -> int:
    """Run both parts and print a summary; 1 when anything failed or a required service is missing."""
    started = time.monotonic()
    with ExitStack() as stack:
        common = provide(stack, "Redis", services.broker, "TEST_REDIS_URL")
        parts = [Part("SQLite", [], common)]
        run(parts[0], arguments)
        database = provide(stack, "PostgreSQL", services.postgres, "TEST_DATABASE_URL")
        parts.append(Part("PostgreSQL", ["-m", "database and not once"], common | database))
        if database:
            run(parts[1], arguments)
        else:
            parts[1].outcome, parts[1].failed = "skipped, no server", services.required()
    print(f"\n== Summary ({time.monotonic() - started:.0f} s)")
    for part in parts:
        print(f"{'FAILED' if part.failed else 'ok':>8}  {part.name:<12} {part.outcome}")
    return int(any(part.failed for part in parts))


def provide(stack, name, service, variable) -> dict[str, str]:
    """Start a service until the stack closes; its environment, or nothing and the reason told."""
    try:
        return {variable: stack.enter_context(service())}
    except services.Missing as reason:
        print(f"{name}: {reason}", flush=True)
        return {}


def run(part: Part, arguments: list[str]) -> None:
    """Run pytest for one part and note how it went."""
    print(f"\n== Tests on {part.name}", flush=True)
    clean = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    # Whoever asks for certain tests wants to see them one after another, or says -n himself.
    spread = [] if arguments else ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    with tempfile.TemporaryDirectory(prefix="htx-tests-") as folder:
        report = Path(folder) / "report.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            *spread,
            *part.arguments,
            "--durations=15",
            f"--junitxml={report}",
            *arguments,
        ]
        code = subprocess.run(command, cwd=ROOT, env=clean | part.environment).returncode
        part.outcome = counts(report)
    # A selection of tests may well leave nothing for the second part; the whole suite may not.
    part.failed = code != 0 and not (code == NOTHING_COLLECTED and arguments)


def counts(report: Path) -> str:
    """`n tests, n failed, n skipped, n s` out of pytest's report; a word for it when there is none."""
    if not report.exists():
        return "no report"
    suite = next(ElementTree.parse(report).getroot().iter("testsuite"))
    number = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
    failed = number["failures"] + number["errors"]
    seconds = float(suite.get("time", 0))
    return f"{number['tests']} tests, {failed} failed, {number['skipped']} skipped, {seconds:.0f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
