"""What a signed-in person reads is theirs: no proxy keeps it and no browser shows it again unasked."""

# Not "no-store": going back to a half-typed form would find it empty.
_THEIRS_ALONE = "private, no-cache"


class PrivateAnswers:
    """Middleware that marks every answer to a signed-in person, unless its view said something stricter."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Return the answer with its mark; public answers are left as they are."""
        response = self.get_response(request)
        if not response.has_header("Cache-Control") and request.user.is_authenticated:
            response["Cache-Control"] = _THEIRS_ALONE
        return response
