"""What the settings of the webhook must be, checked before anything starts."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error
from django.utils.translation import gettext_lazy as _

_SHORTEST_SECRET = 16


def refuse_half_set_up(app_configs, **kwargs) -> list[Error]:
    """System check: the webhook is set up with address and secret, or not at all."""
    if not settings.REMINDER_WEBHOOK_URL and not settings.REMINDER_WEBHOOK_SECRET:
        return []
    problems = []
    if not _is_address(settings.REMINDER_WEBHOOK_URL):
        problems.append(
            Error(_("REMINDER_WEBHOOK_URL phải là một địa chỉ https:// hoặc http://."), id="htx_portal.E002")
        )
    if len(settings.REMINDER_WEBHOOK_SECRET) < _SHORTEST_SECRET:
        problems.append(Error(_("REMINDER_WEBHOOK_SECRET phải có ít nhất 16 ký tự."), id="htx_portal.E003"))
    return problems


def _is_address(url: str) -> bool:
    try:
        target = urlsplit(url)
        _port = target.port
    except ValueError:
        return False
    return target.scheme in ("http", "https") and bool(target.hostname) and url.isascii() and url.isprintable()
