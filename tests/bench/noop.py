"""The least a Celery task can cost: one that does nothing, on the portal's own settings."""

from htx_portal.celery import app


@app.task
def nothing(pk: int) -> None:
    """Do nothing."""
