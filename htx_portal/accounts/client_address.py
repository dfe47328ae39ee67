"""The address a request comes from, which a client cannot choose for itself."""

from django.conf import settings


def client_address(request) -> str:
    """Return the client's IP address.

    ``X-Forwarded-For`` is believed only as far as ``TRUSTED_PROXIES`` says: with n proxies of ours in
    front, the n-th entry from the right was written by the outermost of them. With none, only the socket
    counts, so that nobody escapes a throttle by inventing a header.
    """
    remote = request.META.get("REMOTE_ADDR", "")
    if not settings.TRUSTED_PROXIES:
        return remote
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if not forwarded:
        return remote
    return forwarded[-min(settings.TRUSTED_PROXIES, len(forwarded))]
