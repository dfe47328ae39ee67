"""Inside the portal's settings: many occurrences due at once, entered, put into messages and queued; prints JSON.

`python -m tests.bench.due OCCURRENCES RECIPIENTS`, on an empty database.
"""

import json
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import django

django.setup()

from celery import current_app  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from cooperatives.models import AdminUnit, Cooperative  # noqa: E402
from cooperatives.register import enter_cooperative  # noqa: E402
from htx_portal.accounts.models import Role, User  # noqa: E402
from support_cases.chaos.world import make_tables  # noqa: E402
from support_cases.models import Consultation, FollowUp, Reminder, ReminderMessage  # noqa: E402
from support_cases.reference import load_reference  # noqa: E402
from support_cases.reminders.bundles import bundle  # noqa: E402
from support_cases.reminders.entering import enter_due  # noqa: E402
from support_cases.reminders.ledger import ready  # noqa: E402
from support_cases.reminders.occasions import Scene  # noqa: E402
from support_cases.tasks import deliver_message  # noqa: E402
from tests.bench.noop import nothing  # noqa: E402

CHUNK = 500
TODAY = date(2026, 3, 2)
NOW = timezone.make_aware(datetime(2026, 3, 2, 9))  # noqa: DTZ001


def main(occurrences: int, recipients: int) -> None:
    """Make the work, then measure entering, a second pass, messages, queueing, and the bare cost beside each."""
    make_tables()
    load_reference(settings.FIXTURES_DIR / "reference")
    make_due(occurrences, recipients)
    figures: dict = {"occurrences": occurrences, "recipients": recipients}
    scene = Scene.on(TODAY)
    with measured(figures, "enter"):
        enter_due(TODAY, scene=scene)
    figures["rows"] = Reminder.objects.count()
    with measured(figures, "enter_again"):
        enter_due(TODAY, scene=scene)
    figures["passes"] = 0
    with measured(figures, "bundle"):
        while bundle(NOW, scene):
            figures["passes"] += 1
    due = ready(NOW, most=ReminderMessage.objects.count())
    figures["messages"] = len(due)
    with measured(figures, "queue"):
        for pk in due:
            deliver_message.delay(pk)
    current_app.control.purge()
    with measured(figures, "queue_nothing"):
        for pk in due:
            nothing.delay(pk)
    figures["execute_nothing"] = {"seconds": executed()}
    bare_inserts(figures)
    print(json.dumps(figures))


def make_due(occurrences: int, recipients: int) -> None:
    """Write appointments due today, spread over officers; in chunks, so that this does not count as memory."""
    officers = [
        User(username=f"can-bo-{n}", role=Role.STAFF, email=f"can-bo-{n}@example.vn", password="!")
        for n in range(recipients)
    ]
    officers = User.objects.bulk_create(officers)
    began = date(2021, 3, 15)
    commune = AdminUnit.objects.valid_on(began).filter(level="commune").order_by("code")[0]
    row = Cooperative(name="Hợp tác xã Đo", commune=commune, kind="htx", registered_on=began)
    party = enter_cooperative(row, today=TODAY)
    for start in range(0, occurrences, CHUNK):
        numbers = range(start, min(start + CHUNK, occurrences))
        entries = Consultation.objects.bulk_create(
            [
                Consultation(
                    client_id=UUID(int=n + 1), fingerprint="-", cooperative=party, held_on=date(2026, 2, 20),
                    recorded_at=NOW, officer=officers[n % recipients], recorded_by=officers[n % recipients],
                    channel="phone", question="Hỏi", outcome="follow_up",
                )
                for n in numbers
            ]
        )  # fmt: skip
        FollowUp.objects.bulk_create(
            [FollowUp(consultation=each, due_on=TODAY, officer_id=each.officer_id) for each in entries]
        )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def bare_inserts(figures: dict) -> None:
    """Insert the very rows of the ledger again into the emptied table, with nothing around it."""
    with tempfile.TemporaryFile() as spool:
        chunk: list[Reminder] = []
        for row in Reminder.objects.order_by("pk").iterator(CHUNK):
            row.pk, row.message_id = None, None
            chunk.append(row)
            if len(chunk) == CHUNK:
                pickle.dump(chunk, spool)
                chunk = []
        pickle.dump(chunk, spool)
        Reminder.objects.all()._raw_delete("default")
        spool.seek(0)
        spent, left = 0.0, figures["rows"]
        while left > 0:
            chunk = pickle.load(spool)
            left -= len(chunk)
            started = time.monotonic()
            with transaction.atomic():
                Reminder.objects.bulk_create(chunk, ignore_conflicts=True)
            spent += time.monotonic() - started
    figures["bare_inserts"] = {"seconds": spent}


def executed() -> float:
    """Let a real worker work off what is queued and return the seconds from the first task done to the last."""
    log = settings.DATA_DIR / "worker.log"
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "tests.bench.noop", "worker", "--concurrency", "1"]
    with log.open("wb") as output, current_app.connection_for_read() as line:
        channel = line.default_channel
        waiting = first = channel.client.llen("celery")
        worker = subprocess.Popen([*command, "--loglevel", "ERROR"], stdout=output, stderr=output)
        try:
            while waiting == first and worker.poll() is None:
                waiting = channel.client.llen("celery")
            started = time.monotonic()
            while channel.client.llen("celery") + channel.client.hlen("unacked") and worker.poll() is None:
                time.sleep(0.01)
            if worker.poll() is not None:
                raise SystemExit(log.read_text())
            return (time.monotonic() - started) * first / max(waiting, 1)
        finally:
            worker.terminate()
            worker.wait()


@contextmanager
def measured(figures: dict, name: str) -> Iterator[None]:
    """Note seconds and how far the memory of this process rose above what it was, in MB."""
    before = reset_peak()
    started = time.monotonic()
    yield
    seconds = time.monotonic() - started
    figures[name] = {"seconds": seconds, "before_mb": before, "peak_mb": memory("VmHWM")}


def reset_peak() -> float:
    """Let the kernel count the peak anew, and return what is held now, in MB."""
    Path("/proc/self/clear_refs").write_text("5")
    return memory("VmRSS")


def memory(name: str) -> float:
    """Return one of the kernel's figures about this process, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise KeyError(name)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
