"""The portal's own beat in a hurry, for rehearsals: what it does each minute and each hour, it does every four seconds.

Started as ``celery --app support_cases.chaos.beat beat``.
"""

from datetime import timedelta

from htx_portal.celery import SCHEDULE, app

EVERY = timedelta(seconds=4)

app.conf.beat_schedule = {
    name: entry | {"schedule": EVERY, "options": {"expires": 10}} for name, entry in SCHEDULE.items()
}
