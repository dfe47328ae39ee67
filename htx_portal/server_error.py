"""What nobody foresaw, in the form the asker reads: a page for people, JSON for programs, and never a trace."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import server_error

_API = "/api/"
_RETRY_SECONDS = "30"


def failed(request):
    """Answer 503 while the database does not answer, which passes by itself, and 500 otherwise."""
    if isinstance(sys.exception(), (OperationalError, InterfaceError)):
        return _busy(request)
    if request.path.startswith(_API):
        return JsonResponse({"detail": _("Hệ thống đang có lỗi, việc vừa rồi chưa hoàn thành.")}, status=500)
    return server_error(request)


def _busy(request):
    if request.path.startswith(_API):
        response = JsonResponse({"detail": _("Hệ thống đang bận, xin thử lại sau ít phút.")}, status=503)
    else:
        # Without the parts that ask the database for the person signed in.
        response = render(None, "503.html", status=503)
    response["Retry-After"] = _RETRY_SECONDS
    return response
