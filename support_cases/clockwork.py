"""Worker and beat say every few seconds that they live. Celery finds this module by the app and the settings."""

import logging
import time

from celery import bootsteps
from celery.beat import PersistentScheduler
from django.db import Error, connection
from django.utils import timezone

from htx_portal.celery import app
from support_cases.reminders.signs import BEAT, NOTE_EVERY, WORKER, note

logger = logging.getLogger(__name__)
_SECONDS = NOTE_EVERY.total_seconds()


def say_alive(process: str) -> None:
    """Note that ``process`` lives, on a database connection that is not kept.

    A database that is locked or away is no reason to stop, and a connection that is kept would be inherited by the
    children a worker makes.
    """
    try:
        note(process, timezone.now())
    except Error as trouble:
        logger.warning("no sign of life of %s could be noted: %s", process, type(trouble).__name__)
    finally:
        connection.close()


class LivingScheduler(PersistentScheduler):
    """Celery's scheduler, which says that beat lives each time it looks at the schedule."""

    _said_at = float("-inf")

    def tick(self, *args, **kwargs):
        """Do what is due, say that beat lives, and return the seconds until the next look."""
        pause = super().tick(*args, **kwargs)
        began = time.monotonic()
        if began - self._said_at >= _SECONDS / 2:
            say_alive(BEAT)
            self._said_at = began
        return max(0.0, min(pause, _SECONDS) - (time.monotonic() - began))


class SignsOfWorker(bootsteps.StartStopStep):
    """Lets the main process of a worker say that it lives, from the loop that also hands out its tasks."""

    requires = ("celery.worker.components:Timer",)
    entry = None

    def start(self, parent):
        """Say it now and then every few seconds."""
        say_alive(WORKER)
        self.entry = parent.timer.call_repeatedly(_SECONDS, say_alive, (WORKER,))

    def stop(self, parent):
        """Say nothing more."""
        if self.entry is not None:
            self.entry.cancel()
            self.entry = None


app.steps["worker"].add(SignsOfWorker)
