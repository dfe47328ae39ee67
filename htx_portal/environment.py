"""What the environment may say, checked before anything starts.

Knows nothing of Django, because the settings and the launcher both ask before Django is there.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

_DATABASES = ("postgres", "postgresql", "psql", "pgsql")
_BROKERS = ("redis", "rediss")
_MAILERS = ("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail", "dummymail")
# As htx_portal.throttles reads it: 120/min, 15/10min, 5/2h.
_RATE = re.compile(r"[0-9]{1,9}/(?:[1-9][0-9]{0,5})?[smhd][a-z]*")
_FEW = re.compile(r"[0-9]{1,2}")


def refusal(environment: Mapping[str, str]) -> str:
    """Return the one line that names the first variable the portal cannot start with, empty when there is none.

    What addresses hold is not repeated: there are passwords in them.
    """
    for name, (is_fine, said) in _RULES.items():
        if name in environment and not is_fine(environment[name]):
            return f"{name} {said}."
    return ""


def _is_database(url: str) -> bool:
    if url.startswith("sqlite:"):
        return True
    return _is_address(url, _DATABASES) and urlsplit(url).path.strip("/") != ""


def _is_broker(url: str) -> bool:
    return url == "" or (_is_address(url, _BROKERS) and urlsplit(url).netloc != "")


def _is_mailer(url: str) -> bool:
    return url == "" or _is_address(url, _MAILERS)


def _is_address(url: str, schemes: tuple[str, ...]) -> bool:
    try:
        target = urlsplit(url)
        _port = target.port
    except ValueError:
        return False
    return target.scheme in schemes and "://" in url


def _is_rate(text: str) -> bool:
    return _RATE.fullmatch(text) is not None


_A_RATE = (_is_rate, "phải có dạng như 15/10min / must be written like 15/10min")
_RULES: dict[str, tuple[Callable[[str], object], str]] = {
    "DATABASE_URL": (
        _is_database,
        "phải có dạng postgresql://user:password@host:5432/name hoặc không đặt / must be written so, or be unset",
    ),
    "REDIS_URL": (_is_broker, "phải có dạng redis://host:6379/0 / must be written like redis://host:6379/0"),
    "EMAIL_URL": (_is_mailer, "phải có dạng smtp+tls://user:password@host:587 / must be written so"),
    "TRUSTED_PROXIES": (_FEW.fullmatch, "phải là số từ 0 đến 99 / must be a number from 0 to 99"),
    "PUBLIC_STATUS_RATE": _A_RATE,
    "PUBLIC_STATUS_FAILURES": _A_RATE,
}
