"""The benchmark runs from end to end on a tiny set and measures every operation."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from tests.bench.operations import OPERATIONS
from tests.bench.recording import Blank, Statement, blank_out, plain
from tests.bench.server import Server
from tests.bench.slices import Slice, growth

ROOT = Path(__file__).resolve().parent.parent
TINY = ["--database", "sqlite", "--sizes", "300,600", "--cooperatives", "60", "--rounds", "1", "--seconds", "0.05"]


@pytest.fixture(scope="module")
def run(redis_server, tmp_path_factory):
    """The tiny run: what it printed and what it wrote into its file."""
    file = tmp_path_factory.mktemp("bench") / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", *TINY, "--json", str(file)],
        cwd=ROOT,
        env=os.environ | {"TEST_REDIS_URL": redis_server},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout, json.loads(file.read_text())["databases"]["sqlite"]


@pytest.mark.broker
class TestTinyRun:
    """What a run prints and keeps, whatever its figures."""

    def test_every_operation_is_printed_at_both_sizes(self, run):
        printed, _figures = run
        rows = [line[:35].split() for line in printed.splitlines()]
        for operation in OPERATIONS:
            for size in ("300", "600"):
                assert [*operation.title.split(), size] in rows

    def test_every_operation_has_both_sides_their_ratio_and_its_growth(self, run):
        _printed, figures = run
        assert [(each["operation"], each["rows"]) for each in figures["results"]] == [
            (operation.name, size) for operation in OPERATIONS for size in (300, 600)
        ]
        for result in figures["results"]:
            assert result["portal"]["requests_per_second"] > 0 < result["bare"]["requests_per_second"]
            assert result["ratios"]["cpu"] > 0
            assert ("growth" in result) == (result["rows"] == 600)

    def test_the_bare_view_runs_the_statements_of_the_portal(self, run):
        _printed, figures = run
        for result in figures["results"]:
            assert result["bare"]["queries"] == result["portal"]["queries"]

    def test_as_many_rows_are_written_as_entries_were_sent(self, run):
        _printed, figures = run
        assert min(figures["rows_written"]) > 0

    def test_memory_is_compared_with_a_bare_worker(self, run):
        printed, figures = run
        assert figures["memory"]["portal"]["rss"] > figures["memory"]["bare"]["rss"] > 0
        assert "targets met:" in printed


def test_growth_is_the_exponent_of_the_rows():
    small, larger, ten_times = (Slice([0.1] * 10, 1.0, cpu, 0.0) for cpu in (1.0, 2.0, 10.0))
    assert growth([small], [small], 10) == 0
    assert growth([small], [ten_times], 10) == pytest.approx(1)
    assert growth([small] * 3, [small, larger, ten_times], 2) == pytest.approx(1)


def test_the_time_of_a_database_backend_that_has_gone_is_not_taken_back(tmp_path):
    server = Server({"HTX_DATA_DIR": str(tmp_path)}, "bench_of_this_test")
    busy = "import time\nwhile time.process_time() < 0.05: pass\nprint(flush=True); input()"
    title = "postgres: htx bench_of_this_test [local]"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([title, "-c", busy], executable=sys.executable, **pipes) as backend:
        backend.stdout.readline()
        seen = server.database_cpu()
        assert seen >= 0.05
        backend.communicate(b"\n")
    assert server.database_cpu() == seen
    assert Server({"HTX_DATA_DIR": str(tmp_path)}, "").database_cpu() == 0


def test_what_differs_from_entry_to_entry_is_blanked_out_also_in_arrays(tmp_path):
    client_id, path = uuid4(), tmp_path / "entry"
    path.write_bytes(pickle.dumps([Statement("INSERT", (client_id.hex, [7, 7], True, "7"))]))
    blank_out(path, client_id, 7)
    (statement,) = pickle.loads(path.read_bytes())
    assert statement.params == (Blank.CLIENT_ID_HEX, [Blank.NEW_ID, Blank.NEW_ID], True, "7")
    assert plain(("a", [Blank.NEW_ID])) == ("a", [Blank.NEW_ID.value])


@pytest.mark.broker
def test_reminders_due_at_once_are_measured_from_source_to_queue(redis_server, tmp_path):
    file = tmp_path / "figures.json"
    options = ["--occurrences", "600", "--recipients", "6", "--database", "sqlite", "--json", str(file)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.reminders", *options],
        cwd=ROOT,
        env=os.environ | {"TEST_REDIS_URL": redis_server},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout
    figures = json.loads(file.read_text())["sqlite"]
    assert figures["rows"] >= 1200
    assert figures["messages"] >= 12
    assert all(figures[name]["seconds"] > 0 for name in ("enter", "bundle", "queue", "bare_inserts", "queue_nothing"))
    assert "entered into the ledger" in done.stdout
