"""`python -m tests.bench.reminders`: 100,000 occurrences due at once, entered, put into messages and queued.

Beside each step the bare cost of the same work: the same rows inserted by a plain ``bulk_create`` into the same
table emptied, and as many Celery tasks that do nothing queued through the same broker. Memory is the peak of the
process while it works. Options: --occurrences N, --recipients N, --database postgresql|sqlite, --json FILE.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests import services
from tests.bench.databases import databases
from tests.bench.server import django

KINDS = ("postgresql", "sqlite")
LINES = (
    ("enter", "entered into the ledger", "bare_inserts", "rows"),
    ("enter_again", "gone through again, all known", None, "rows"),
    ("bundle", "put into messages", None, "rows"),
    ("queue", "queued", "queue_nothing", "messages"),
)


def main(arguments: list[str]) -> int:
    """Measure on each database and print; 1 when a required service is missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reminders", description=__doc__.splitlines()[0])
    parser.add_argument("--occurrences", type=int, default=100_000)
    parser.add_argument("--recipients", type=int, default=400)
    parser.add_argument("--database", action="append", choices=KINDS, help="default: both")
    parser.add_argument("--json", type=Path, help="write every figure into this file")
    options = parser.parse_args(arguments)
    report = {}
    for kind in options.database or KINDS:
        try:
            report[kind] = measure(kind, options.occurrences, options.recipients)
        except services.Missing as reason:
            print(f"{kind}: {reason}", flush=True)
            if services.required():
                return 1
        else:
            print("\n".join(lines(kind, report[kind])), flush=True)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))
    return 0


def measure(kind: str, occurrences: int, recipients: int) -> dict:
    """Measure on an empty database of one kind. Raises services.Missing."""
    with (
        tempfile.TemporaryDirectory(prefix="htx-bench-") as folder,
        services.broker() as broker,
        databases(kind) as make,
    ):
        environment = make(Path(folder) / "data", occurrences) | {
            "DJANGO_SETTINGS_MODULE": "htx_portal.settings",
            "REDIS_URL": f"{broker.rsplit('/', 1)[0]}/14",
        }
        return json.loads(django(environment, "-m", "tests.bench.due", str(occurrences), str(recipients)))


def lines(kind: str, figures: dict) -> list[str]:
    """Return the table of one database."""
    found = [
        f"\n== {kind}: {figures['occurrences']:,} occurrences, {figures['recipients']:,} recipients",
        f"{'step':32}{'things':>10}{'s':>9}{'bare s':>9}{'ratio':>8}{'MB before':>11}{'MB peak':>9}",
    ]
    for name, title, bare, things in LINES:
        step = figures[name]
        beside = figures[bare]["seconds"] if bare else None
        ratio = f"{step['seconds'] / beside:>8.2f}" if beside else " " * 8
        bare_seconds = f"{beside:>9.2f}" if bare else " " * 9
        found.append(
            f"{title:32}{figures[things]:>10,}{step['seconds']:>9.2f}{bare_seconds}{ratio}"
            f"{step['before_mb']:>11.0f}{step['peak_mb']:>9.0f}"
        )
    all_of_it = sum(figures[name]["seconds"] for name in ("enter", "bundle", "queue"))
    bare = figures["bare_inserts"]["seconds"] + figures["queue_nothing"]["seconds"]
    whole = f"{'entered, in messages, queued':32}{figures['rows']:>10,}"
    found.append(f"{whole}{all_of_it:>9.2f}{bare:>9.2f}{all_of_it / bare:>8.2f}")
    seconds = figures["execute_nothing"]["seconds"]
    found.append(f"{'tasks that do nothing, executed':32}{figures['messages']:>10,}{'':>9}{seconds:>9.2f}")
    found.append(f"passes to put all into messages: {figures['passes']}")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
