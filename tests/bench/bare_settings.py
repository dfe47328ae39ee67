"""The least Django that can serve the bare views: what a worker's memory is compared with.

Imports nothing of the portal, whose package would bring Celery along.
"""

import os
from pathlib import Path

import environ

_folder = Path(os.environ["HTX_DATA_DIR"])

SECRET_KEY = "for-measuring-memory-only"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "tests.bench.bare_urls"
DATABASES = {"default": environ.Env().db_url("DATABASE_URL", default=f"sqlite:///{_folder / 'db.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = None
USE_TZ = True
BENCH_RECORDINGS = _folder / "recordings"
