"""Which programs make up the running portal, and how the supervisor starts and stops each."""

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from htx_portal import embedded
from htx_portal.launcher.checks import BASE_DIR, HOST

# Time, method, path, status, bytes, microseconds: no address, no agent, no query string, no user.
ACCESS_LOG = '%(t)s "%(m)s %(U)s" %(s)s %(b)s %(D)s'


@dataclass(frozen=True)
class Program:
    """One supervised program: its name, its command, and how many seconds it gets to stop by itself."""

    name: str
    command: list[str]
    stop_seconds: int


def programs(data_dir: Path, port: int, own_broker: bool) -> list[Program]:
    """The programs in the order they start; raises embedded.BrokerMissing when ours cannot be started."""
    found = [Program("broker", embedded.broker_command(data_dir), 3)] if own_broker else []
    return [*found, _web(port), _worker(1 if own_broker else 2), _beat(data_dir)]


def _web(port: int) -> Program:
    arguments = {
        "bind": f"{HOST}:{port}",
        "workers": "2",
        "timeout": "60",
        "graceful-timeout": "5",
        "max-requests": "5000",
        "max-requests-jitter": "500",
        "access-logfile": "-",
        "access-logformat": ACCESS_LOG,
        "logger-class": "htx_portal.launcher.web_log.WebLog",
    }
    options = [part for name, value in arguments.items() for part in (f"--{name}", value)]
    command = [sys.executable, "-m", "gunicorn", *options, "--preload", "--no-control-socket"]
    return Program("web", [*command, "htx_portal.wsgi:application"], 7)


def _worker(concurrency: int) -> Program:
    options = ["--loglevel", "INFO", "--concurrency", str(concurrency), "--hostname", "htx@%h"]
    return Program("worker", [*_celery("worker"), *options, "--without-gossip", "--without-mingle"], 7)


def _beat(data_dir: Path) -> Program:
    schedule = str(data_dir / "run" / "beat-schedule")
    return Program("beat", [*_celery("beat"), "--schedule", schedule, "--pidfile", "", "--loglevel", "INFO"], 3)


def _celery(role: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--app", "htx_portal.celery", "--quiet", role]


def supervisor_config(data_dir: Path, listed: list[Program]) -> str:
    """The supervisor's configuration: no network server, logs rotated, the broker first and stopped last.

    File names are relative to the data folder, where the supervisor must be started: it would read a
    percent sign in a longer name as a format.
    """
    sections = {
        "supervisord": {
            "nodaemon": "true",
            "silent": "true",
            "identifier": "htx-portal",
            "umask": "077",
            "pidfile": "run/supervisord.pid",
            "logfile": "logs/supervisord.log",
            "logfile_maxbytes": "1MB",
            "logfile_backups": "2",
        },
        "unix_http_server": {"file": str(control_socket(data_dir)), "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
    }
    for program in listed:
        sections[f"program:{program.name}"] = _program_section(program)
    # In one group they stop at the same time, and the broker only after them.
    portal = [program.name for program in listed if program.name != "broker"]
    sections["group:portal"] = {"programs": ",".join(portal), "priority": "20"}
    return "\n".join(_section(name, values) for name, values in sections.items())


def control_socket(data_dir: Path) -> Path:
    """Where the supervisor answers questions about its programs; private to this user."""
    return embedded.socket_path(data_dir, "supervisor.sock")


def _program_section(program: Program) -> dict[str, str]:
    return {
        "command": shlex.join(program.command),
        "directory": str(BASE_DIR),
        "priority": "10",
        "autorestart": "true",
        "startsecs": "3",
        "startretries": "8",
        "stopwaitsecs": str(program.stop_seconds),
        # The first signal goes to the parent alone, which lets work in hand finish; the kill goes to all.
        "stopasgroup": "false",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": f"logs/{program.name}.log",
        "stdout_logfile_maxbytes": "2MB",
        "stdout_logfile_backups": "3",
    }


def _section(name: str, values: dict[str, str]) -> str:
    lines = [f"{key}={value.replace('%', '%%')}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, ""])
