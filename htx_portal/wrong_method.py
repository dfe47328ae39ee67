"""Addresses that only take what a form sends, opened as a page: words and the way back instead of a blank page."""

from django.shortcuts import render

_API = "/api/"


class WrongMethodPage:
    """Middleware that gives an empty 405 answer the portal's own page.

    People come here when they sign in again after pressing a button: the sign-in page sends them on to the
    address of the button, by GET, which changes nothing.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Return the answer, with a page where it is an empty 405."""
        response = self.get_response(request)
        if response.status_code != 405 or response.content or request.path.startswith(_API):
            return response
        above = request.path.rstrip("/").rpartition("/")[0]
        page = render(request, "405.html", {"back": f"{above}/"}, status=405)
        page["Allow"] = response["Allow"]
        return page
