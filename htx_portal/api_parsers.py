"""Reading JSON from strangers: a limit on size, and nothing that the database or the interpreter chokes on."""

import json
import math

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils.json import strict_constant


class TooLarge(APIException):
    """The body is larger than the portal reads."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _("Nội dung gửi lên quá lớn.")
    default_code = "too_large"


class CarefulJSONParser(JSONParser):
    """JSON in UTF-8 of at most ``DATA_UPLOAD_MAX_MEMORY_SIZE`` bytes.

    Refuses NaN and infinities, also as numbers too large to hold (1e999), nesting too deep to read, lone
    surrogates, which no database stores, and a bare null.
    """

    def parse(self, stream, media_type=None, parser_context=None):
        """Return the data of the body.

        Raises:
            TooLarge: for a body over the limit.
            ParseError: for anything that is not plain JSON.
        """
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(most + 1)
        if len(raw) > most:
            raise TooLarge
        try:
            text = raw.decode("utf-8-sig")
            data = json.loads(text, parse_constant=strict_constant, parse_float=_finite)
            if "\\ud" in text.lower():
                json.dumps(data, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as trouble:
            raise ParseError(_("Không đọc được nội dung JSON.")) from trouble
        if data is None:
            raise ParseError(_("Cần một đối tượng JSON, không phải null."))
        return data


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
