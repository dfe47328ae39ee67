"""The least Django that can serve the bare views on the portal's database: what a worker's memory is compared with."""

import os
from pathlib import Path

from htx_portal.settings import DATABASES  # noqa: F401 the same connection, its cache of pages included

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
USE_TZ = True
BENCH_RECORDINGS = Path(os.environ["HTX_DATA_DIR"]) / "recordings"
