"""Starting and stopping the whole portal: what is refused in one line, what survives which death."""

import importlib.util
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from htx_portal import embedded, environment, setup_env
from htx_portal.launcher import leftovers
from htx_portal.launcher.programs import programs, supervisor_config
from tests import services
from tests.conftest import skip_or_fail
from tests.running_portal import LAUNCHER, ROOT, RunningPortal


def launch(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run the launcher in the hope that it refuses."""
    return subprocess.run(LAUNCHER, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=90)


def wait_for(condition: Callable[[], object], seconds: float) -> None:
    """Wait until the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.1)


class TestRefusals:
    """What stands in the way is one line on the error output, exit code 2, and nothing is started."""

    def refused(self, done: subprocess.CompletedProcess[str], word: str) -> None:
        assert done.returncode == 2
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1
        assert word in done.stderr

    def test_a_port_in_use_is_refused(self, tmp_path: Path) -> None:
        with socket.socket() as taken:
            taken.bind((services.HOST, 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            self.refused(launch(HTX_DATA_DIR=str(tmp_path), PORT=port), f"Cổng {port} đang được dùng")
        assert leftovers.find(tmp_path) == []

    @pytest.mark.parametrize("port", ["0", "65536", "-1", "8000x", "٨", " "])
    def test_a_port_that_is_no_port_is_refused(self, tmp_path: Path, port: str) -> None:
        self.refused(launch(HTX_DATA_DIR=str(tmp_path), PORT=port), "PORT phải là số từ 1 đến 65535")

    @pytest.mark.parametrize(
        ("name", "value"),
        [("PUBLIC_STATUS_FAILURES", "5"), ("DATABASE_URL", "rubbish"), ("TRUSTED_PROXIES", "x")],
    )
    def test_a_variable_that_cannot_be_read_is_named(self, tmp_path: Path, name: str, value: str) -> None:
        self.refused(launch(HTX_DATA_DIR=str(tmp_path), **{name: value}), f"{name} phải ")
        manage = [sys.executable, "manage.py", "check"]
        asked = os.environ | {
            "DJANGO_SETTINGS_MODULE": "htx_portal.settings",
            "HTX_DATA_DIR": str(tmp_path),
            name: value,
        }
        done = subprocess.run(manage, cwd=ROOT, env=asked, capture_output=True, text=True, timeout=90)
        assert (done.returncode, done.stderr) == (1, f"{environment.refusal({name: value})}\n")

    def test_a_data_folder_that_cannot_be_written_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        folder = tmp_path / "file" / "data"
        self.refused(
            launch(HTX_DATA_DIR=str(folder)),
            f"Không ghi được thư mục dữ liệu / cannot write the data folder: {folder}",
        )

    def test_a_missing_broker_asks_for_redis_url(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        with pytest.raises(embedded.BrokerMissing, match="REDIS_URL"):
            programs(tmp_path, 8000, own_broker=True)
        assert [program.name for program in programs(tmp_path, 8000, own_broker=False)] == [
            "web",
            "worker",
            "beat",
        ]


class TestEnvironment:
    """What variables may say, whichever program reads them."""

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("DATABASE_URL", ["postgresql://a:b%40c@h:5432/n", "postgres:///n?host=/tmp", "sqlite:////a/b.sqlite3"]),
            ("REDIS_URL", ["", "redis://h:6379/0", "rediss://:secret@h/1", "redis://127.0.0.1:1"]),
            ("EMAIL_URL", ["", "smtp+tls://a%40b:c@h:587", "smtp://h:25", "consolemail://"]),
            ("TRUSTED_PROXIES", ["0", "1", "12"]),
            ("PUBLIC_STATUS_RATE", ["120/min", "15/10min", "3/s", "5/2h", "1000000/min"]),
        ],
    )
    def test_what_is_documented_is_taken(self, name: str, values: list[str]) -> None:
        assert [value for value in values if environment.refusal({name: value})] == []

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("DATABASE_URL", ["", "zz", "mysql://a:b@h/n", "postgresql://h", "postgresql://a:b@h:x/n", "//h/n"]),
            ("REDIS_URL", ["zz", "http://h", "redis://", "redis:h", "redis://h:x/0", "redis://h:99999"]),
            ("EMAIL_URL", ["zz", "http://h", "smtp:h", "smtp://h:x"]),
            ("TRUSTED_PROXIES", ["", "x", "-1", "1.5", "٣"]),
            ("PUBLIC_STATUS_FAILURES", ["", "5", "zz", "5/", "5/x", "x/min", "5/0min", "-5/min", "5/ min", "5/Min"]),
        ],
    )
    def test_what_cannot_be_read_is_refused_by_name_and_no_password_is_shown(
        self, name: str, values: list[str]
    ) -> None:
        said = {environment.refusal({name: value}) for value in values}
        assert len(said) == 1
        assert said.pop().startswith(f"{name} phải ")

    def test_nothing_needs_to_be_set(self) -> None:
        assert environment.refusal({}) == ""


class TestSetup:
    """The set-up script says in one line what stands in its way."""

    def test_a_missing_venv_module_gives_the_line_that_mends_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        with pytest.raises(setup_env.SetupFailed) as failure:
            setup_env.check_venv_module()
        assert str(failure.value).endswith(f"apt install {package}")
        assert "\n" not in str(failure.value)

    def test_an_old_python_without_a_newer_one_beside_it_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(setup_env.sys, "version_info", (3, 9, 18))
        monkeypatch.setenv("PATH", "")
        with pytest.raises(setup_env.SetupFailed, match=r"Python 3\.11"):
            setup_env.use_recent_python()

    def test_a_failed_step_tells_its_reason_in_one_line(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(setup_env, "VENV", tmp_path)
        command = [sys.executable, "-c", "import sys; sys.exit('ERROR: no such thing')"]
        with pytest.raises(setup_env.SetupFailed, match="ERROR: no such thing") as failure:
            setup_env.run_quietly(command, "step")
        assert "\n" not in str(failure.value)

    def test_nothing_is_installed_twice(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        ran: list[list[str]] = []
        monkeypatch.setattr(setup_env, "VENV", tmp_path)
        monkeypatch.setattr(setup_env, "run_quietly", lambda command, step: ran.append(command))
        lock = tmp_path / "requirements.txt"
        lock.write_text("a==1")
        setup_env.install([lock])
        setup_env.install([lock])
        assert len(ran) == 1
        lock.write_text("a==2")
        setup_env.install([lock])
        assert len(ran) == 2


class TestDataFolder:
    """What lies in the data folder belongs to its owner alone."""

    def test_everybody_who_asks_at_once_gets_one_secret_key(self, tmp_path: Path) -> None:
        with ProcessPoolExecutor(4) as pool:
            keys = set(pool.map(embedded.secret_key, [tmp_path / "data"] * 8))
        assert len(keys) == 1
        assert len(keys.pop()) >= 50
        assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600

    def test_an_empty_key_left_by_a_crash_is_filled(self, tmp_path: Path) -> None:
        (tmp_path / "secret_key").touch()
        key = embedded.secret_key(tmp_path)
        assert len(key) >= 50
        assert embedded.secret_key(tmp_path) == key

    def test_a_deep_data_folder_gets_a_short_private_socket(self, tmp_path: Path) -> None:
        folder = tmp_path / ("x" * 100)
        embedded.prepare(folder)
        path = embedded.socket_path(folder)
        try:
            assert len(str(path)) < embedded.SOCKET_PATH_LIMIT
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
            path.parent.chmod(0o755)
            with pytest.raises(embedded.DataFolderError, match="not private"):
                embedded.prepare(folder)
        finally:
            path.parent.rmdir()

    def test_a_folder_with_a_space_and_a_percent_sign_reaches_the_programs_whole(self, tmp_path: Path) -> None:
        folder = tmp_path / "dữ liệu 100%"
        config = supervisor_config(folder, programs(folder, 8000, own_broker=False))
        assert f"'{folder}/run/beat-schedule'".replace("%", "%%") in config


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    """A portal that has been started once, on a data folder whose name is no easy one."""
    try:
        embedded.broker_binary()
    except embedded.BrokerMissing as reason:
        skip_or_fail(services.Missing(str(reason)))
    with RunningPortal(tmp_path_factory.mktemp("portal") / "dữ liệu 1%") as running:
        running.start(240)
        yield running


@pytest.mark.broker
class TestWholePortal:
    """One portal through its life: the tests follow each other in this order."""

    def test_it_says_where_it_is_and_who_may_sign_in(self, portal: RunningPortal) -> None:
        assert f"HTX portal: http://127.0.0.1:{portal.port}/ (Ctrl-C để dừng)" in portal.said()
        assert "htx-demo-2023" in portal.said()
        assert portal.status("/health/ready/") == 200

    def test_it_answers_on_the_loopback_only_and_by_no_other_port(self, portal: RunningPortal) -> None:
        listening = set()
        inodes = {
            link.readlink().name.removeprefix("socket:[").removesuffix("]")
            for pid in portal.processes()
            for link in Path(f"/proc/{pid}/fd").iterdir()
            if link.is_symlink() and link.readlink().name.startswith("socket:")
        }
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == "0A" and columns[9] in inodes:
                    listening.add(columns[1])
        assert listening == {f"0100007F:{portal.port:04X}"}

    def test_its_files_are_private(self, portal: RunningPortal) -> None:
        for name in ("db.sqlite3", "secret_key", "broker.sock", "logs/web.log"):
            assert stat.S_IMODE((portal.data_dir / name).stat().st_mode) & 0o077 == 0, name

    def test_the_access_log_has_neither_query_nor_address_nor_secret(self, portal: RunningPortal) -> None:
        secret = "S" * 43
        portal.status("/tra-cuu/?code=TCT-230905-0001&phone=0912345678")
        assert portal.status(f"/lich/{secret}.ics") == 404
        log = portal.data_dir / "logs" / "web.log"
        wait_for(lambda: "/tra-cuu/" in log.read_text() and "/lich/" in log.read_text(), 30)
        assert secret not in log.read_text()
        assert "0912345678" not in log.read_text()
        assert '"GET /tra-cuu/"' in log.read_text()
        assert "127.0.0.1 -" not in log.read_text()

    def test_a_second_start_on_the_same_data_is_refused(self, portal: RunningPortal) -> None:
        done = launch(HTX_DATA_DIR=str(portal.data_dir), PORT=str(services.free_port()))
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert f"(pid {portal.process.pid})" in done.stderr
        assert portal.status("/health/ready/") == 200

    @pytest.mark.parametrize("program", [" worker ", " beat ", "gunicorn", "valkey-server"])
    def test_a_killed_program_comes_back(self, portal: RunningPortal, program: str) -> None:
        wait_for(lambda: self.running(portal, program), 30)
        before = self.running(portal, program)
        os.kill(min(before), signal.SIGKILL)

        def replaced() -> bool:
            # Its children go too: workers of two ages must not share the queue or the port. The web's
            # notice that they are orphans at their next request, so the site is asked all the while.
            answers = portal.status("/health/ready/") == 200
            now = self.running(portal, program)
            return answers and bool(now) and not before & now

        wait_for(replaced, 60)

    def test_ctrl_c_leaves_no_process(self, portal: RunningPortal) -> None:
        assert portal.processes()
        portal.stop(signal.SIGINT)
        assert portal.process.returncode == 0
        assert portal.processes() == {}
        assert portal.status("/health/live/") == 0

    def test_the_second_start_keeps_the_data(self, portal: RunningPortal) -> None:
        with sqlite3.connect(portal.data_dir / "db.sqlite3") as database:
            database.execute("CREATE TABLE kept (answer integer)")
        key = (portal.data_dir / "secret_key").read_text()
        portal.start(120)
        with sqlite3.connect(portal.data_dir / "db.sqlite3") as database:
            assert database.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        assert (portal.data_dir / "secret_key").read_text() == key

    def test_what_a_killed_launcher_left_is_ended_by_the_next_start(self, portal: RunningPortal) -> None:
        os.kill(portal.process.pid, signal.SIGKILL)
        portal.process.wait()
        left = set(portal.processes())
        assert left
        portal.start(120)
        assert "Đã dừng" in portal.said()
        assert not left & set(portal.processes())

    def test_a_killed_supervisor_takes_everything_with_it(self, portal: RunningPortal) -> None:
        pid = int((portal.data_dir / "run" / "supervisord.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        portal.process.wait(60)
        assert portal.process.returncode == 1
        assert portal.processes() == {}

    def test_a_program_that_cannot_run_is_told_with_the_end_of_its_log(self, portal: RunningPortal) -> None:
        broken = portal.environment | {"GUNICORN_CMD_ARGS": "--no-such-option"}
        done = subprocess.run(LAUNCHER, cwd=ROOT, env=broken, capture_output=True, text=True, timeout=180)
        assert done.returncode == 1
        assert "no-such-option" in done.stderr
        assert portal.processes() == {}

    def running(self, portal: RunningPortal, program: str) -> set[int]:
        """Process numbers of one of its programs, its children included."""
        return {pid for pid, title in portal.processes().items() if program in title}
