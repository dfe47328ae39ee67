"""What every test may ask for: the real servers, a browser, and how hard hypothesis tries."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from htx_portal import catalogues
from tests import services

hypothesis_settings.register_profile("here", max_examples=60, deadline=None)
hypothesis_settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True, database=None)
hypothesis_settings.load_profile("ci" if services.required() or os.environ.get("CI") else "here")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues before anything is translated: a fresh clone has none."""
    if not hasattr(config, "workerinput"):
        catalogues.compile_stale(catalogues.po_files(settings.LOCALE_PATHS))


def skip_or_fail(reason: services.Missing) -> None:
    """Leave the test: skipped with the reason, or failed where every service must be there."""
    if services.required():
        pytest.fail(f"REQUIRE_SERVICES: {reason}", pytrace=False)
    pytest.skip(str(reason))


@pytest.fixture(autouse=True)
def first_language() -> None:
    """Vietnamese at the start of every test: a page answered in English leaves English behind in its thread."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """URL of a real Redis-protocol server, the database number of this test process in it."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(services.broker())
        except services.Missing as reason:
            skip_or_fail(reason)
        number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
        yield f"{url.rsplit('/', 1)[0]}/{number}"


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The same, emptied for this test: nothing of a former test is in it."""
    with services.redis.Redis.from_url(redis_server) as client:
        client.flushdb()
    return redis_server


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Path of the Chromium that browser tests drive."""
    try:
        return services.chromium()
    except services.Missing as reason:
        skip_or_fail(reason)
        raise
