"""The supervisor as the launcher sees it: start it, ask after its programs, stop it and all of them."""

import os
import signal
import subprocess
import sys
import xmlrpc.client
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from htx_portal.launcher import leftovers
from htx_portal.launcher.programs import Program, control_socket, supervisor_config

STOP_SECONDS = 10
TAIL_LINES = 15


class ProgramFailed(Exception):
    """A program does not come up, or the supervisor itself is gone. The message ends with the log's tail."""


class Supervisor:
    """The supervisor of one data folder and the programs it keeps alive."""

    def __init__(self, data_dir: Path, listed: list[Program]) -> None:
        self.data_dir = data_dir
        self.listed = listed
        self.process: subprocess.Popen[bytes] | None = None
        self.log_starts: dict[str, int] = {}
        self.starts: dict[str, set[int]] = {}
        self.stood: set[str] = set()

    def start(self) -> None:
        """Write the configuration and start. Returns at once; `check` tells how the programs fare."""
        config = self.data_dir / "run" / "supervisord.conf"
        config.write_text(supervisor_config(self.data_dir, self.listed))
        self.log_starts = {program.name: self._log_size(program.name) for program in self.listed}
        with (self.data_dir / "logs" / "supervisord.err").open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(config)],
                cwd=self.data_dir,
                env=os.environ | leftovers.mark(self.data_dir),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                # Ctrl-C reaches the launcher alone, which then stops everything in order.
                start_new_session=True,
            )

    def check(self) -> list[str]:
        """Names of the programs that fell and came back since the last call.

        Raises ProgramFailed when the supervisor is gone or has given a program up, and already at the
        second fall of a program that never stood: its configuration or code is wrong, not its luck.
        """
        if self.process is None or self.process.poll() is not None:
            raise ProgramFailed(f"supervisord\n{self._tail('supervisord.err')}")
        came_back = []
        for info in self._states():
            name, state = info["name"], info["statename"]
            seen = self.starts.setdefault(name, set())
            if state == "RUNNING":
                self.stood.add(name)
            if state == "FATAL" or (state == "BACKOFF" and len(seen) > 1 and name not in self.stood):
                raise ProgramFailed(f"{name}\n{self._tail(f'{name}.log', self.log_starts.get(name, 0))}")
            if info["start"] and info["start"] not in seen:
                if name in self.stood:
                    came_back.append(name)
                seen.add(info["start"])
        return came_back

    def stop(self) -> None:
        """Stop the supervisor and every process of this data folder, by force if they take too long."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
        leftovers.end(self.data_dir, patience=2)

    def kill(self) -> None:
        """Kill everything at once, for a person who pressed Ctrl-C twice; `stop`, under way, sees it gone."""
        leftovers.send(signal.SIGKILL, self.data_dir)

    def _states(self) -> list[dict[str, Any]]:
        transport = SupervisorTransport(None, None, f"unix://{control_socket(self.data_dir)}")
        proxy = xmlrpc.client.ServerProxy("http://localhost", transport=transport)
        try:
            with proxy:
                return list(proxy.supervisor.getAllProcessInfo())  # type: ignore[arg-type]
        except (OSError, HTTPException, xmlrpc.client.Error):
            # It is only just starting, or stopping: the next call will know more.
            return []

    def _log_size(self, name: str) -> int:
        path = self.data_dir / "logs" / f"{name}.log"
        return path.stat().st_size if path.exists() else 0

    def _tail(self, file_name: str, start: int = 0) -> str:
        path = self.data_dir / "logs" / file_name
        if not path.exists():
            return ""
        with path.open("rb") as file:
            # A rotated log is shorter than it was: then all of it is new.
            file.seek(start if path.stat().st_size >= start else 0)
            lines = file.read().decode(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-TAIL_LINES:])
