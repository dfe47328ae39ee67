"""A short rehearsal of disaster, as `manage.py chaos_reminders` runs it; and what it refuses to touch."""

import json
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from htx_portal.rehearsal import mark_scratch
from support_cases.chaos.ground import scratch_ground
from tests.contents import nothing_written

pytestmark = [pytest.mark.database, pytest.mark.broker]

KILLS = 8


def place() -> str:
    """What `--database` is on the database of this test run; on PostgreSQL the very server of the tests."""
    return "sqlite" if connection.vendor == "sqlite" else os.environ["TEST_DATABASE_URL"]


@pytest.mark.django_db(transaction=True)
def test_after_some_kills_every_reminder_is_accounted_for_and_our_own_data_is_untouched(tmp_path, redis_server):
    file = tmp_path / "figures.json"
    with nothing_written():
        call_command("chaos_reminders", kills=KILLS, seed=7, database=place(), json=file, verbosity=0)
    figures = json.loads(file.read_text())
    assert figures["violations"] == {}
    assert sum(count for name, count in figures["happened"].items() if name.endswith("r killed")) > 0
    assert sum(figures["restarts"].values()) >= KILLS
    assert figures["occurrences"] == sum(figures[name] for name in ("entered", "nobody_to_tell", "overtaken")) > 20
    assert figures["accepted"] > 5
    assert set(figures["messages"]) <= {"sent", "unknown", "failed"}


def test_the_ground_is_marked_leads_nowhere_else_and_is_gone_afterwards(monkeypatch):
    monkeypatch.setenv("WEBHOOK_URL", "https://office.example.vn/")
    with scratch_ground(place()) as ground:
        assert ground.database_url != str(connection.settings_dict["NAME"])
        assert "WEBHOOK_URL" not in ground.environment
        assert ground.environment["HTX_DATA_DIR"] == str(ground.folder)
        assert (ground.folder / "scratch-database").is_file()
    assert not ground.folder.exists()


def test_what_is_kept_lies_in_the_folder():
    with scratch_ground("sqlite", keep=True) as ground:
        pass
    assert ground.folder.is_dir()
    (ground.folder / "scratch-database").unlink()
    ground.folder.rmdir()


@pytest.mark.parametrize("database", ["mysql://root@db/htx", "/srv/db.sqlite3", "sqlite:////srv/db.sqlite3", ""])
def test_no_database_but_a_new_one_is_taken(database):
    with pytest.raises(CommandError, match="sqlite, postgresql"):
        call_command("chaos_reminders", kills=1, database=database)


def test_a_server_that_does_not_answer_is_said_in_one_line():
    with pytest.raises(CommandError, match="Không có máy chủ cơ sở dữ liệu"):
        call_command("chaos_reminders", kills=1, database="postgresql://htx@127.0.0.1:1/htx")


@pytest.mark.parametrize("options", [{"kills": 0}, {"kills": -1}, {"kills": 1, "days": -1}])
def test_numbers_that_make_no_rehearsal_are_refused(options):
    with pytest.raises(CommandError, match="Số lần giết"):
        call_command("chaos_reminders", **options)


@pytest.mark.django_db
@pytest.mark.parametrize("marked", [None, "another"])
def test_inside_a_database_that_is_not_marked_as_scratch_nothing_begins(marked, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    if marked:
        mark_scratch(tmp_path, marked)
    with nothing_written(), pytest.raises(CommandError, match="không phải để diễn tập"):
        call_command("chaos_reminders", kills=1, inside=["sqlite", 1, 2])


def test_the_office_s_own_folder_bears_no_mark():
    assert not (Path(settings.BASE_DIR) / "var" / "scratch-database").exists()
