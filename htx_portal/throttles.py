"""How often one address may ask for the public status of a case; the page and the API share the count."""

from django.conf import settings
from rest_framework.throttling import SimpleRateThrottle

from htx_portal.accounts.client_address import client_address

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class _PerAddress(SimpleRateThrottle):
    """Counts requests of one address over the span of the rate, which may be written like ``15/10min``."""

    def get_cache_key(self, request, view):
        """One count for each address and scope."""
        return f"throttle:{self.scope}:{client_address(request)}"

    def parse_rate(self, rate):
        """Return ``(requests, seconds)`` of a rate such as ``120/min`` or ``15/10min``."""
        number, _, span = rate.partition("/")
        digits = "".join(c for c in span if c.isdigit())
        unit = span[len(digits) :]
        return int(number), int(digits or 1) * _SECONDS[unit[0]]

    def has_room(self, key: str, moments: list[float]) -> bool:
        """Whether one more is allowed after those at ``moments``, latest first, kept under ``key``."""
        self.key, self.now = key, self.timer()
        self.history = [moment for moment in moments if moment > self.now - self.duration]
        return len(self.history) < self.num_requests

    def note(self) -> None:
        """Count one more."""
        self.throttle_success()


class StatusLookups(_PerAddress):
    """All look-ups of one address."""

    scope = "status"

    def get_rate(self):
        """The rate of the environment."""
        return settings.PUBLIC_STATUS_RATE


class FailedStatusLookups(_PerAddress):
    """Look-ups with a wrong code or secret: whoever guesses is stopped long before those who read a receipt."""

    scope = "status-failed"

    def get_rate(self):
        """The rate of the environment."""
        return settings.PUBLIC_STATUS_FAILURES


def allow_status_lookup(request) -> int | None:
    """Return None when the address may look up now, otherwise the seconds it has to wait.

    Both counts are read at once; asking costs no failure, see :func:`note_failed_lookup`.
    """
    lookups = StatusLookups()
    counts = {throttle.get_cache_key(request, None): throttle for throttle in (FailedStatusLookups(), lookups)}
    known = lookups.cache.get_many(counts)
    for key, throttle in counts.items():
        if not throttle.has_room(key, known.get(key) or []):
            return int(throttle.wait() or 1) + 1
    lookups.note()
    return None


def note_failed_lookup(request) -> None:
    """Count a look-up that found nothing."""
    failures = FailedStatusLookups()
    key = failures.get_cache_key(request, None)
    failures.has_room(key, failures.cache.get(key) or [])
    failures.note()
