"""Databases of every size, filled by the portal's own command, each with a portal in front."""

import json
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

from tests import services
from tests.bench.facts import Facts
from tests.bench.server import Server, django

COOPERATIVES = 3_500
#: A caller's own settings that must not change what is measured.
_LEFT_OUT = ("ALLOWED_HOSTS", "DEBUG", "DEMO", "EMAIL_URL", "PORT", "SECRET_KEY", "SITE_URL", "DATABASE_URL")


@dataclass
class Stage:
    """One database of one size with the portal running on it."""

    size: int
    facts: Facts
    server: Server
    cache: redis.Redis
    environment: dict[str, str]

    def rows(self) -> int:
        """How many consultations there are, asked past the portal."""
        url = self.environment.get("DATABASE_URL")
        file = Path(self.environment["HTX_DATA_DIR"]) / "db.sqlite3"
        with closing(psycopg.connect(url) if url else sqlite3.connect(file)) as connection:
            (count,) = connection.execute("SELECT COUNT(*) FROM support_cases_consultation").fetchone()
        return int(count)


@contextmanager
def databases(kind: str) -> Iterator[Callable[[Path, int], dict[str, str]]]:
    """A maker of empty databases of one kind (`postgresql`, `sqlite`), which are gone after the block.

    It takes a data folder and a size and gives the environment that leads there. Raises services.Missing.
    """
    if kind == "sqlite":
        yield lambda folder, size: _environment(folder)
        return
    given = bool(os.environ.get("TEST_DATABASE_URL"))
    with services.postgres(durable=True) as url:
        made: list[str] = []

        def make(folder: Path, size: int) -> dict[str, str]:
            name = f"htx_bench_{size}_{secrets.token_hex(3)}"
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{name}"')
            made.append(name)
            return _environment(folder) | {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}

        try:
            yield make
        finally:
            if given:
                with psycopg.connect(url, autocommit=True) as connection:
                    for name in made:
                        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _make_tables(file: Path, environment: dict[str, str]) -> None:
    """Make the tables of an SQLite database: by the migrations for the first one, copied for the next."""
    kept = file.parent.with_name("tables.sqlite3")
    if kept.exists():
        shutil.copyfile(kept, file)
    else:
        django(environment, "manage.py", "migrate", "--verbosity=0")
        shutil.copyfile(file, kept)


def _environment(folder: Path) -> dict[str, str]:
    """The environment of a portal under measurement in this data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "HTX_DATA_DIR": str(folder),
        "BENCH_STATIC_ROOT": str(folder.parent / "static"),
        # The load names an address for each look-up, as a proxy would, and is never throttled.
        "TRUSTED_PROXIES": "1",
        "PUBLIC_STATUS_RATE": "1000000/min",
    }


def fill(environment: dict[str, str], size: int, cooperatives: int) -> tuple[Facts, float]:
    """Make tables and rows; what requests may ask for, and the seconds it took."""
    started = time.monotonic()
    if "DATABASE_URL" not in environment:
        _make_tables(Path(environment["HTX_DATA_DIR"]) / "db.sqlite3", environment)
    told = django(environment, "-m", "tests.bench.prepare", str(cooperatives), str(size))
    return Facts(**json.loads(told)), time.monotonic() - started


@contextmanager
def stage(environment: dict[str, str], size: int, facts: Facts, cache_url: str) -> Iterator[Stage]:
    """A portal running on a filled database, with a cache of its own at ``cache_url``."""
    environment = environment | {"REDIS_URL": cache_url}
    name = urlsplit(environment.get("DATABASE_URL", "")).path.strip("/")
    with redis.Redis.from_url(cache_url) as cache, Server(environment, name) as server:
        cache.flushdb()
        yield Stage(size, facts, server, cache, environment)
