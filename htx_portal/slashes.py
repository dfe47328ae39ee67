"""A forgotten slash at the end of an address is put right for those who read, and only for them."""

from django.middleware.common import CommonMiddleware


class SlashForReaders(CommonMiddleware):
    """Django's own, but it sends nobody who writes to another address.

    A redirected POST arrives as a GET: the sender of a consultation would be answered 200, which means
    "recorded before", and nothing would be recorded.
    """

    def should_redirect_with_slash(self, request):
        """Whether the address only lacks the slash and the request only reads."""
        return request.method in ("GET", "HEAD") and super().should_redirect_with_slash(request)
