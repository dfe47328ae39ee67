"""The door: settings, urls, accounts, templates and the Celery app. No business rule lives here."""

from htx_portal.celery import app as celery_app

__all__ = ["celery_app"]
