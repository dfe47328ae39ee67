"""The scratch ground of a rehearsal: a folder, an empty database of its own, and settings that lead nowhere else."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from htx_portal.rehearsal import mark_scratch
from support_cases.chaos import servers
from support_cases.chaos.servers import HOST, Missing, free_port

#: Nothing else of the caller's environment is handed on: it may lead to the office's database, mail or chat.
_HANDED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TERM", "COLUMNS", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")
SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True)
class Ground:
    """Where everything of one rehearsal lies."""

    folder: Path
    database_url: str
    broker_port: int
    mail_port: int

    @property
    def clock(self) -> Path:
        """The file that says what time it is."""
        return self.folder / "clock"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process of the rehearsal."""
        return {name: os.environ[name] for name in _HANDED_ON if name in os.environ} | {
            "HTX_DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": f"redis://{HOST}:{self.broker_port}/0",
            "EMAIL_URL": f"smtp://{HOST}:{self.mail_port}",
            "HTX_REHEARSAL_CLOCK": str(self.clock),
            "SITE_URL": "https://dien-tap.example.vn",
        }


@contextmanager
def scratch_ground(database: str, *, keep: bool = False) -> Iterator[Ground]:
    """Make the ground for the length of the block; ``keep`` leaves the folder, and the database in a named server.

    ``database`` is ``sqlite``, ``postgresql`` (a server from the development wheel) or the URL of a PostgreSQL
    server, in which a database of a new name is made; the one the URL names is only connected to.

    Raises:
        Missing: when there is no such server.
    """
    with ExitStack() as stack:
        if keep:
            folder = Path(tempfile.mkdtemp(prefix="htx-chaos-"))
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="htx-chaos-")))
        if database == SQLITE:
            name = str(folder / "db.sqlite3")
            url = f"sqlite:///{name}"
        else:
            server = stack.enter_context(servers.postgres()) if database == POSTGRESQL else database
            name = f"htx_chaos_{secrets.token_hex(4)}"
            url = stack.enter_context(_new_database(server, name, keep=keep))
        mark_scratch(folder, name)
        yield Ground(folder, url, free_port(), free_port())


@contextmanager
def _new_database(server: str, name: str, *, keep: bool) -> Iterator[str]:
    """Make an empty database in a server and give its URL; drop it afterwards.

    Raises:
        Missing: when the server does not answer or refuses.
    """
    try:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
    except psycopg.Error as error:
        raise Missing(str(error).strip()) from error
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        if not keep:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
