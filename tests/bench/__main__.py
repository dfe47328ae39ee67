"""`make bench`: measures the portal on PostgreSQL, then on SQLite, and prints tables.

Options: --quick (short slices), --database postgresql|sqlite, --sizes 20000,200000, --only list,search,
--rounds N, --seconds S (length of a slice), --json FILE. See `tests/bench/__init__.py` for what is compared.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests import services
from tests.bench import tables
from tests.bench.databases import COOPERATIVES, Stage, databases, fill, stage
from tests.bench.operations import OPERATIONS, Operation
from tests.bench.server import Server, django
from tests.bench.slices import Cell, WrongAnswer, growth

KINDS = ("postgresql", "sqlite")
MEMORY_PASSES = 20


def main(arguments: list[str]) -> int:
    """Measure what the options ask for; 1 when something was answered wrongly or a service is missing."""
    options = parse(arguments)
    started = time.monotonic()
    report: dict = {"machine": machine(), "databases": {}}
    failed = False
    for kind in options.database or KINDS:
        try:
            report["databases"][kind] = measure(kind, options)
        except services.Missing as reason:
            print(f"{kind}: {reason}", flush=True)
            failed = failed or services.required()
        except WrongAnswer as trouble:
            print(f"FAILED  {kind}: {trouble}", flush=True)
            failed = True
    report["seconds"] = time.monotonic() - started
    print(f"\n== Done after {report['seconds']:.0f} s")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))
    return int(failed)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the options, refusing what cannot be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the portal.")
    parser.add_argument("--quick", action="store_true", help="short slices: a look, not a measurement")
    parser.add_argument("--database", action="append", choices=KINDS, help="default: both")
    parser.add_argument("--sizes", default="20000,200000", help="numbers of consultations, smallest first")
    parser.add_argument("--cooperatives", type=int, default=COOPERATIVES)
    parser.add_argument("--only", default="", help=", ".join(each.name for each in OPERATIONS))
    parser.add_argument("--rounds", type=int, default=0, help="rounds of portal and bare view at each size")
    parser.add_argument("--seconds", type=float, default=0, help="length of one slice")
    parser.add_argument("--json", type=Path, help="write every figure into this file")
    options = parser.parse_args(arguments)
    options.sizes = [int(size) for size in options.sizes.split(",")]
    options.rounds = options.rounds or (3 if options.quick else 5)
    options.seconds = options.seconds or (0.3 if options.quick else 0.8)
    wanted = [name for name in options.only.split(",") if name]
    options.operations = [each for each in OPERATIONS if not wanted or each.name in wanted]
    if len(wanted) > len(options.operations):
        parser.error("--only: unknown operation")
    return options


def measure(kind: str, options: argparse.Namespace) -> dict:
    """Fill, serve and measure one kind of database at all sizes; everything found, printed on the way.

    Raises services.Missing, and WrongAnswer at the first answer that is not as it must be.
    """
    print(f"\n== {kind}", flush=True)
    with ExitStack() as stack:
        stages = prepare(kind, options, stack)
        before = [each.rows() for each in stages]
        print(tables.HEAD, flush=True)
        results, written = [], [0] * len(stages)
        for operation in options.operations:
            cells = measure_operation(operation, stages, options)
            results += told(operation, stages, cells)
            written = [sum(pair) for pair in zip(written, (cell.rows_written for cell in cells), strict=True)]
        for each, rows, added in zip(stages, before, written, strict=True):
            if each.rows() - rows != added:
                raise WrongAnswer(f"{added} entries sent, {each.rows() - rows} rows written at {each.size}")
        memory = memory_of(stages[-1], readings(stages[-1], options.operations))
        figures = json.loads(django(stages[-1].environment, "-m", "tests.bench.figures", str(options.rounds)))
    show_summary(results, memory)
    print("\n".join(["", *tables.figures_table(figures)]), flush=True)
    return {"results": results, "memory": memory, "rows_written": written, "figures": figures}


def prepare(kind: str, options: argparse.Namespace, stack: ExitStack) -> list[Stage]:
    """Make and fill a database for each size and start a portal on it, all of it there until the stack closes."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="htx-bench-")))
    cache_url = stack.enter_context(services.broker())
    make = stack.enter_context(databases(kind))
    stages = []
    for place, size in enumerate(options.sizes):
        environment = make(folder / str(size), size)
        facts, seconds = fill(environment, size, options.cooperatives)
        print(f"{tables.number(size)} consultations made in {seconds:.0f} s", flush=True)
        # A cache of its own for each: the numbers of the tests are below these.
        url = f"{cache_url.rsplit('/', 1)[0]}/{place + 8}"
        stages.append(stack.enter_context(stage(environment, size, facts, url)))
    return stages


def measure_operation(operation: Operation, stages: list[Stage], options: argparse.Namespace) -> list[Cell]:
    """Load portal and bare view in turn, at one size after the other, round after round."""
    cells = [Cell(operation, each.server, each.facts, each.cache) for each in stages]
    for cell in cells:
        cell.record()
    for _ in range(options.rounds):
        for cell in cells:
            cell.load_portal(options.seconds)
            cell.load_bare(options.seconds)
    return cells


def told(operation: Operation, stages: list[Stage], cells: list[Cell]) -> list[dict]:
    """Return the results of one operation by size, and print them."""
    results = []
    for each, cell in zip(stages, cells, strict=True):
        result = {
            "operation": operation.name,
            "title": operation.title,
            "rows": each.size,
            "most_queries": operation.most_queries,
            "portal": cell.portal.figures(),
            "bare": cell.bare.figures(),
            "ratios": cell.ratios(),
        }
        results.append(result)
        print(tables.line(result), flush=True)
    if len(cells) > 1:
        times = stages[-1].size / stages[0].size
        results[-1]["growth"] = {
            "portal": growth(cells[0].portal.slices, cells[-1].portal.slices, times),
            "bare": growth(cells[0].bare.slices, cells[-1].bare.slices, times),
        }
    return results


def readings(measured: Stage, operations: list[Operation]) -> list[str]:
    """Return the names of the recordings that only read."""
    reading = [each for each in operations if not each.writes]
    return [f"{each.name}-{number}" for each in reading for number in range(len(each.asks(measured.facts)))]


def memory_of(measured: Stage, names: list[str]) -> dict:
    """Return the memory of the portal's workers after the load and of bare workers after the same reading."""
    bare_environment = measured.environment | {"DJANGO_SETTINGS_MODULE": "tests.bench.bare_settings"}
    found = {"portal": measured.server.memory()}
    with Server(bare_environment, measured.server.database, bare=True) as bare:
        for path in [f"/bare/api/{name}/" for name in names] * MEMORY_PASSES:
            if bare.status_of(path) != 200:
                raise WrongAnswer(f"bare worker, {path}")
        found["bare"] = bare.memory()
    return found | {f"{name}_ratio": found["portal"][name] / found["bare"][name] for name in ("rss", "pss")}


def show_summary(results: list[dict], memory: dict) -> None:
    """Print growth, memory and what was aimed at."""
    for lines in (
        tables.growth_table(results),
        tables.memory_table(memory),
        tables.verdict_table(tables.verdicts(results, memory)),
    ):
        print("\n".join(["", *lines]), flush=True)


def machine() -> dict:
    """Return what the figures depend on besides the code."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg(),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
