"""The portal's settings, on a data folder of the test run's own and never a caller's data."""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="htx-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

# A developer's own environment must neither change what is tested nor be touched by it.
for _name in ("ALLOWED_HOSTS", "DEBUG", "DEMO", "EMAIL_URL", "HTX_REHEARSAL_CLOCK", "PORT", "SECRET_KEY", "SITE_URL"):
    os.environ.pop(_name, None)
for _name in ("DATABASE_URL", "REDIS_URL", "REMINDER_WEBHOOK_SECRET", "REMINDER_WEBHOOK_URL"):
    os.environ.pop(_name, None)
if os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
os.environ["HTX_DATA_DIR"] = _folder

from htx_portal.settings import *  # noqa: E402, F403
from htx_portal.settings import DATA_DIR, STATIC_ROOT, STORAGES  # noqa: E402

(DATA_DIR / "logs").mkdir()
STATIC_ROOT.mkdir()
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Each test process has its own cache and queue; what needs a real broker asks for the `redis_url` fixture.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_BROKER_URL = "memory://"
