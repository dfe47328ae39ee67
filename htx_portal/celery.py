"""The Celery app and one table: which task runs when.

The broker only hurries the work: every task finds its rows in the database and claims them there, so a
wiped or restarted broker loses nothing. Nothing is ever queued with a long ETA.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "htx_portal.settings")

app = Celery("htx_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["support_cases"])
# Signs of life of worker and beat.
app.autodiscover_tasks(["support_cases"], related_name="clockwork")

SCHEDULE = {
    "reminders-every-minute": {
        "task": "support_cases.tasks.send_due_reminders",
        "schedule": crontab(),
        # A beat that catches up after an outage must not queue a burst of identical sweeps.
        "options": {"expires": 55},
    },
    # Once a day would do; asked each hour, a server that was off in the morning still does it that day.
    "late-referrals-every-hour": {
        "task": "support_cases.tasks.escalate_late_referrals",
        "schedule": crontab(minute=7),
        "options": {"expires": 55 * 60},
    },
    # The page that asks for a file queues it at once; this finds those a dead worker or broker left behind.
    "report-files-every-minute": {
        "task": "support_cases.tasks.write_waiting_report_files",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    "old-report-files-every-hour": {
        "task": "support_cases.tasks.delete_old_report_files",
        "schedule": crontab(minute=23),
        "options": {"expires": 55 * 60},
    },
    # The page on which a long period is closed queues it at once; this finds what a dead worker or broker left behind.
    "closings-every-minute": {
        "task": "support_cases.tasks.count_waiting_closings",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    # Made in the first hours after a period; each hour, so that a standstill is caught up with.
    "period-drafts-every-hour": {
        "task": "support_cases.tasks.make_period_drafts",
        "schedule": crontab(minute=17),
        "options": {"expires": 55 * 60},
    },
}
app.conf.beat_schedule = SCHEDULE
