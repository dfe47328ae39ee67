"""The portal's settings with the bare views beside it and statements recorded on request."""

import os
from pathlib import Path

from htx_portal.settings import *  # noqa: F403
from htx_portal.settings import MIDDLEWARE, STORAGES

ROOT_URLCONF = "tests.bench.urls"
# Does nothing but look for a header, unless statements are to be recorded.
MIDDLEWARE = ["tests.bench.recording.RecordingMiddleware", *MIDDLEWARE]
BENCH_RECORDINGS = Path(os.environ["HTX_DATA_DIR"]) / "recordings"
# Collected once for all servers; compressing would take longer than measuring.
STATIC_ROOT = Path(os.environ["BENCH_STATIC_ROOT"])
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "tests.bench.storage.PlainStaticStorage"}}
