"""What every page shows around its content: the menu of the role, the demo mark, unread reminders."""

from functools import cache

from django.conf import settings
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from htx_portal.accounts.models import Role

# (URL name, label, roles that see it)
_ITEMS = (
    ("home", lambda: _("Trang chính"), tuple(Role)),
    ("support:log", lambda: _("Ghi tư vấn"), (Role.STAFF,)),
    ("support:consultations", lambda: _("Lần tư vấn"), (Role.STAFF, Role.MANAGER, Role.ADMIN)),
    ("support:cases", lambda: _("Hồ sơ"), tuple(Role)),
    ("support:referrals", lambda: _("Chuyển cơ quan"), (Role.STAFF, Role.MANAGER, Role.ADMIN)),
    ("cooperatives:list", lambda: pgettext("danh mục", "HTX"), (Role.STAFF, Role.MANAGER, Role.ADMIN)),
    ("support:report", lambda: _("Báo cáo"), (Role.STAFF, Role.MANAGER, Role.ADMIN)),
    ("admin:index", lambda: _("Quản trị"), (Role.ADMIN,)),
)
_PUBLIC = (("support:status", lambda: _("Tra cứu")), ("login", lambda: _("Đăng nhập")))


def portal(request):
    """Context processor: ``menu``, ``demo``, ``unread`` and ``reminders_url``; one count for those signed in."""
    user = getattr(request, "user", None)
    path = request.path
    if user is None or not user.is_authenticated:
        names = _PUBLIC
        unread = 0
    else:
        names = [(name, label) for name, label, roles in _ITEMS if user.role in roles]
        rows = user.reminders.filter(channel="app", state="sent", seen_at__isnull=True)
        # Several about one thing are one line of the inbox.
        unread = rows.order_by().values("rule", "subject").distinct().count()
    labels = {_address(name, get_script_prefix()): label() for name, label in names}
    here = _current(list(labels), path)
    return {
        "menu": [{"url": url, "label": label, "current": url == here} for url, label in labels.items()],
        "demo": settings.DEMO,
        "unread": unread,
        "reminders_url": _address("support:reminders", get_script_prefix()),
    }


@cache
def _address(name: str, _prefix: str) -> str:
    """Return the address of a page of the menu; every page shows all of them, so each is looked up once."""
    return reverse(name)


def _current(urls: list[str], path: str) -> str:
    """Return the entry the page belongs to: the longest address it lies under; the home page only itself."""
    home = _address("home", get_script_prefix())
    under = [url for url in urls if path == url or (url != home and path.startswith(url))]
    return max(under, key=len, default="")
