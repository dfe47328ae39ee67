"""The reminders of the person signed in."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from htx_portal.pagination import page_of
from support_cases.reminders.addresses import refusals_of
from support_cases.reminders.inbox import inbox, items, kinds_of, mark_one_seen, mark_seen

ALL = "all"
UNREAD = "chua-xem"


@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request):
    """Show the inbox, unread ones (``?xem=chua-xem``) or one kind (``?loai=``) of it.

    A POST notes one reminder (``seen=12``) or all that are shown so (``seen=all``) as seen.
    """
    kinds = kinds_of(request.user)
    kind = next((kind for kind in kinds if kind.code == request.GET.get("loai")), None)
    if request.method == "POST":
        return _note_as_seen(request, request.POST.get("seen", ""), {"rule": kind.code} if kind else {})
    rows = inbox(request.user)
    only_unread = request.GET.get("xem") == UNREAD
    if only_unread:
        rows = rows.filter(seen_at__isnull=True)
    if kind:
        rows = rows.filter(rule=kind.code)
    page = page_of(rows, request)
    context = {
        "page": page,
        "items": items(page, request.user, timezone.localdate()),
        "kinds": kinds,
        "kind": kind,
        "only_unread": only_unread,
        "shown_unread": sum(each.unread for each in kinds if kind in (None, each)),
        "all": ALL,
        "unread_only": UNREAD,
        "refusals": refusals_of(request.user),
    }
    return render(request, "support/reminders.html", context)


def _note_as_seen(request, which: str, narrowed: dict):
    """Mark what was asked for and go back to what was shown; a number of nobody's reminder changes nothing."""
    seen = 0
    if which == ALL:
        seen = mark_seen(request.user, timezone.now(), **narrowed)
    elif which.isascii() and which.isdigit() and len(which) <= 18:
        seen = mark_one_seen(request.user, timezone.now(), int(which))
    if seen:
        words = ngettext("Đã xem %(n)s nhắc việc.", "Đã xem %(n)s nhắc việc.", seen)
        messages.success(request, words % {"n": seen})
    else:
        messages.info(request, _("Không có nhắc việc nào chưa xem."))
    return redirect(request.get_full_path())
