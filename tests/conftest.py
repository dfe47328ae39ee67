"""What every test may ask for: the real servers, a browser, and how hard hypothesis tries."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.test import override_settings
from django.test.testcases import LiveServerThread
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from htx_portal import catalogues
from tests import services
from tests.kept import put_demo_set

with suppress(ModuleNotFoundError):  # the browser's own lock file may not be installed; then every test skips
    from tests.browsing import PHONE, Person, chromium

# By how long they take; those that mostly wait stand between those that mostly work.
LONG = (
    "test_bench", "test_signs_of_life", "test_launcher", "test_reminder_end_to_end", "test_upgrade",
    "test_seed_demo", "test_every_page", "test_chaos", "test_reminder_catch_up", "test_languages",
    "test_invariants", "test_the_108", "test_counting_oracle", "test_flow_oracle",
)  # fmt: skip

hypothesis_settings.register_profile("here", max_examples=60, deadline=None)
hypothesis_settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True, database=None)
hypothesis_settings.load_profile("ci" if services.required() or os.environ.get("CI") else "here")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues before anything is translated: a fresh clone has none."""
    if not hasattr(config, "workerinput"):
        catalogues.compile_stale(catalogues.po_files(settings.LOCALE_PATHS))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with few but long tests first: last, they would keep one worker while the other has nothing to do."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONG)))


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


# --- People at a browser on the demo set ------------------------------------------------------------------
# A module that uses these says `db = demo_set` in a fixture of its own: pytest-django goes by that name.


@pytest.fixture(scope="module")
def demo_set(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The demo set for all tests of a module, gone again after the last one.

    Rows are really committed, for the server reads them in other threads.
    """
    with pytest.MonkeyPatch.context() as patch, override_settings(DEMO=True), django_db_blocker.unblock():
        # Playwright keeps an idle event loop in this thread; the queries of a test do not run inside of it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        try:
            put_demo_set()
            yield
        finally:
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="module")
def site(db) -> Iterator[str]:
    """Address of a server on the demo set."""
    server = LiveServerThread(services.HOST, StaticFilesHandler, connections_override={})
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    address = f"http://{services.HOST}:{server.port}"
    with override_settings(SITE_URL=address):
        yield address
    server.terminate()


@pytest.fixture(scope="module")
def browser(chromium_path, site):
    """One Chromium for all tests of a module; each person in it has a profile of their own."""
    with chromium(chromium_path) as started:
        yield started


@pytest.fixture
def person(browser, site) -> Iterator[Callable[..., "Person"]]:
    """Makes people; at the end of the test each of them must have met no error, refusal or stranger."""
    made: list[Person] = []

    def make(screen=None, **options) -> Person:
        made.append(Person(browser, site, screen or PHONE, **options))
        return made[-1]

    yield make
    for each in made:
        each.leave()
