"""Which language a page speaks: Vietnamese, unless the reader chose otherwise."""

from django.conf import settings
from django.middleware.locale import LocaleMiddleware
from django.utils import translation


class VietnameseFirst(LocaleMiddleware):
    """Django's choice of language without guessing from the browser.

    Many phones of the province are set to English and their owners read Vietnamese, so a page follows only
    the switch (a cookie). Programs that call the API say what they want by ``Accept-Language``.
    """

    def process_request(self, request):
        """Activate the language of this request."""
        if request.path.startswith("/api/"):
            super().process_request(request)
            return
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = language
