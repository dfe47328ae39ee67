"""What nobody foresaw, in the form the asker reads: a page for people, JSON for programs, and never a trace."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

_API = "/api/"
_RETRY_SECONDS = "30"


def failed(request):
    """Answer 503 while the database does not answer, which passes by itself, and 500 otherwise."""
    if isinstance(sys.exception(), (OperationalError, InterfaceError)):
        return _busy(request)
    if request.path.startswith(_API):
        return JsonResponse({"detail": _("Hệ thống đang có lỗi, việc vừa rồi chưa hoàn thành.")}, status=500)
    return render(None, "500.html", status=500)


def not_understood(request, exception):
    """Answer 400 to what the framework cannot read: a foreign host name, a body too large or in another alphabet.

    Django's own page, and its page for errors too, would read the body once more and fail over it.
    """
    if request.path.startswith(_API):
        return JsonResponse({"detail": _("Yêu cầu chưa đúng")}, status=400)
    return render(None, "400.html", status=400)


def _busy(request):
    if request.path.startswith(_API):
        response = JsonResponse({"detail": _("Hệ thống đang bận, xin thử lại sau ít phút.")}, status=503)
    else:
        # Without the parts that ask the database for the person signed in.
        response = render(None, "503.html", status=503)
    response["Retry-After"] = _RETRY_SECONDS
    return response
