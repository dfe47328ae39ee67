"""Handing long work to the worker at once; the row in the database is what makes sure that it is done."""

import logging

from kombu.exceptions import OperationalError

from htx_portal.celery import app

logger = logging.getLogger(__name__)


def hurry(task: str, pk: str | int) -> None:
    """Queue one row for a task of ``support_cases.tasks``; without a queue beat finds it in a minute."""
    try:
        app.send_task(f"support_cases.tasks.{task}", [pk], retry=False)
    except OperationalError:
        logger.warning("%s of %s waits for beat: the queue does not answer", task, pk)
