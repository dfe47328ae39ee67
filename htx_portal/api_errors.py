"""The one map from what went wrong to an HTTP answer of the API."""

import logging

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import NotFound, ParseError, PermissionDenied, ValidationError
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler, set_rollback

from cooperatives.errors import WHOLE, InvalidEntry, NotAllowedNow
from htx_portal.api_parsers import TooLarge

log = logging.getLogger("htx_portal.api")


def to_response(exc, context):
    """Return the answer for ``exc``: rules give 400 or 409, the framework its own, a database in trouble 503.

    What was not foreseen is logged with its trace and answered without one.
    """
    if isinstance(exc, InvalidEntry):
        return _rolled_back(_by_field(exc.problems), status.HTTP_400_BAD_REQUEST)
    if isinstance(exc, NotAllowedNow):
        body = {"detail": str(exc.detail), "problems": exc.problems}
        return _rolled_back(body, status.HTTP_409_CONFLICT)
    if isinstance(exc, Http404):
        exc = NotFound(_("Không tìm thấy."))
    elif isinstance(exc, ParseError):
        # What cannot be read is a 400 as any other, with its messages by field.
        exc = ValidationError(exc.detail)
    elif isinstance(exc, RequestDataTooBig):
        exc = TooLarge()
    elif isinstance(exc, PermissionDenied) and str(exc.detail).startswith("CSRF"):
        # The framework says this in English only.
        exc = PermissionDenied(_("Thiếu mã chống giả mạo (CSRF) của trang, hoặc mã đã cũ."))
    answer = exception_handler(exc, context)
    if answer is not None:
        return _as_object(answer)
    if isinstance(exc, DatabaseError):
        log.exception("database error in the API")
        body = {"detail": _("Hệ thống đang bận, xin thử lại sau ít phút.")}
        return _rolled_back(body, status.HTTP_503_SERVICE_UNAVAILABLE)
    return None


def _rolled_back(body, code: int) -> Response:
    set_rollback()
    return Response(body, status=code)


def _by_field(problems) -> dict:
    """Return messages by field, what belongs to no field under the framework's own name."""
    return {
        api_settings.NON_FIELD_ERRORS_KEY if name == WHOLE else name: [str(m) for m in messages]
        for name, messages in problems.items()
    }


def _as_object(answer: Response) -> Response:
    """Return the answer with an object as body: a list of messages is put under the framework's own name."""
    if isinstance(answer.data, list):
        answer.data = {api_settings.NON_FIELD_ERRORS_KEY: answer.data}
    return answer
