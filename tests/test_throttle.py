"""How often one address may look up: failures are few, a proxy's word counts only where we put a proxy."""

from typing import Any

import pytest
from django.core.cache import cache, caches
from django.test import RequestFactory
from django.urls import reverse

from htx_portal import settings as portal
from htx_portal.accounts.client_address import client_address
from htx_portal.throttles import FailedStatusLookups, StatusLookups
from support_cases.models import Case
from tests.factories import make_case

pytestmark = [pytest.mark.django_db, pytest.mark.broker]

MOST_FAILURES = 15
TEN_MINUTES = 600
WRONG = "AAAAAAAAAA"


@pytest.fixture(autouse=True)
def real_cache(settings, redis_url):
    """The cache of a real installation, empty, and no proxy in front unless a test puts one there."""
    settings.CACHES = {"default": portal.CACHES["default"] | {"LOCATION": redis_url}}
    settings.TRUSTED_PROXIES = 0


@pytest.fixture
def clock(monkeypatch):
    """The time the throttles read; a test sets ``now`` forward."""

    class Clock:
        now = 1_000_000.0

    for throttle in (StatusLookups, FailedStatusLookups):
        monkeypatch.setattr(throttle, "timer", lambda self: Clock.now)
    return Clock


@pytest.fixture
def case(db) -> Case:
    return make_case()


@pytest.fixture
def ask(client, case):
    """Look up from an address; gives the HTTP status. ``forwarded`` is what the header says."""

    def look(address: str, secret: str = WRONG, forwarded: str | None = None):
        headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
        body = {"code": case.reference, "secret": secret}
        return client.post(reverse("api-status"), body, content_type="application/json", REMOTE_ADDR=address, **headers)

    return look


def statuses(answers) -> list[int]:
    return [answer.status_code for answer in answers]


def test_after_fifteen_failures_an_address_has_to_wait(ask, case, clock):
    assert statuses(ask("192.0.2.1") for _ in range(MOST_FAILURES + 2)) == [404] * MOST_FAILURES + [429] * 2
    refused = ask("192.0.2.1", case.secret)
    assert refused.status_code == 429
    assert refused.json() == {"detail": "Tra cứu quá nhiều lần. Xin thử lại sau ít phút."}
    assert 0 < int(refused.headers["Retry-After"]) <= TEN_MINUTES + 1


def test_other_addresses_are_not_affected(ask, case, clock):
    assert statuses(ask("192.0.2.1") for _ in range(MOST_FAILURES + 1))[-1] == 429
    assert ask("192.0.2.2", case.secret).status_code == 200
    assert ask("2001:db8::1", case.secret).status_code == 200
    assert ask("192.0.2.2").status_code == 404


def test_right_look_ups_are_no_failures(ask, case, clock):
    assert set(statuses(ask("192.0.2.1", case.secret) for _ in range(MOST_FAILURES * 2))) == {200}
    assert statuses(ask("192.0.2.1") for _ in range(MOST_FAILURES)) == [404] * MOST_FAILURES


def test_a_right_look_up_in_between_does_not_forgive_failures(ask, case, clock):
    for _ in range(MOST_FAILURES):
        ask("192.0.2.1")
        ask("192.0.2.1", case.secret)
    assert ask("192.0.2.1", case.secret).status_code == 429


def test_asking_while_shut_out_does_not_prolong_the_wait(ask, case, clock):
    statuses(ask("192.0.2.1") for _ in range(MOST_FAILURES))
    for _ in range(5):
        clock.now += 100
        assert ask("192.0.2.1").status_code == 429
    clock.now += 101
    assert ask("192.0.2.1", case.secret).status_code == 200


def test_failures_are_forgotten_ten_minutes_after_each(ask, case, clock):
    for _ in range(MOST_FAILURES):
        assert ask("192.0.2.1").status_code == 404
        clock.now += 10
    clock.now += TEN_MINUTES - 10 * MOST_FAILURES - 1
    assert ask("192.0.2.1").status_code == 429
    clock.now += 2
    assert statuses(ask("192.0.2.1") for _ in range(2)) == [404, 429]


def test_all_look_ups_of_an_address_have_a_limit_too(ask, case, clock, settings):
    settings.PUBLIC_STATUS_RATE = "20/min"
    assert statuses(ask("192.0.2.1", case.secret) for _ in range(22)) == [200] * 20 + [429] * 2
    clock.now += 61
    assert ask("192.0.2.1", case.secret).status_code == 200


def test_the_shipped_limits_are_those_of_the_contract():
    assert (portal.PUBLIC_STATUS_RATE, portal.PUBLIC_STATUS_FAILURES) == ("120/min", "15/10min")
    rates = {rate: StatusLookups().parse_rate(rate) for rate in ("120/min", "15/10min", "3/s", "5/2h", "1/d")}
    assert rates == {
        "120/min": (120, 60), "15/10min": (15, 600), "3/s": (3, 1), "5/2h": (5, 7200), "1/d": (1, 86400),
    }  # fmt: skip


# --- Who is asking --------------------------------------------------------------------------------


def test_an_invented_header_does_not_help_without_a_proxy(ask, case, clock):
    answers = [ask("192.0.2.1", forwarded=f"198.51.100.{n}, 10.0.0.{n}") for n in range(MOST_FAILURES)]
    assert set(statuses(answers)) == {404}
    assert ask("192.0.2.1", case.secret, forwarded="203.0.113.9").status_code == 429
    assert ask("198.51.100.1", case.secret).status_code == 200


def test_behind_one_proxy_the_last_entry_is_the_client(ask, case, clock, settings):
    settings.TRUSTED_PROXIES = 1
    answers = [ask("10.0.0.1", forwarded=f"203.0.113.{n}, 198.51.100.7") for n in range(MOST_FAILURES)]
    assert set(statuses(answers)) == {404}
    assert ask("10.0.0.1", case.secret, forwarded="198.51.100.7").status_code == 429
    assert ask("10.0.0.1", case.secret, forwarded="198.51.100.7, 198.51.100.8").status_code == 200
    assert ask("10.0.0.1", case.secret, forwarded="203.0.113.1").status_code == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "10.0.0.1"),
        (0, "203.0.113.5", "10.0.0.1"),
        (1, None, "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, " , ", "10.0.0.1"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),
        (1, "6.6.6.6,203.0.113.5 ", "203.0.113.5"),
        (2, "6.6.6.6, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        (2, "203.0.113.5", "203.0.113.5"),
    ],
)
def test_the_address_is_the_one_our_outermost_proxy_saw(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", **headers)) == address


# --- The store ------------------------------------------------------------------------------------


def test_the_count_is_kept_in_the_real_cache_for_ten_minutes(ask, case, clock):
    ask("192.0.2.1")
    key = "throttle:status-failed:192.0.2.1"
    assert len(cache.get(key)) == 1
    left: Any = caches["default"]  # the cache of the broker alone knows how long
    assert 0 < left.ttl(key) <= TEN_MINUTES


def test_page_and_api_share_the_count(client, ask, case, clock):
    for _ in range(MOST_FAILURES):
        ask("192.0.2.1")
    body = {"code": case.reference, "secret": case.secret}
    answer = client.post(reverse("support:status"), body, REMOTE_ADDR="192.0.2.1")
    assert answer.status_code == 429
    assert case.title not in answer.content.decode()


def test_without_the_cache_people_can_still_look_up(ask, case, settings):
    settings.CACHES = {"default": portal.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
    assert ask("192.0.2.1", case.secret).status_code == 200
    assert ask("192.0.2.1").status_code == 404
