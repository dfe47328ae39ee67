"""The reminders of the person signed in."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from htx_portal.pagination import page_of
from support_cases.reminders.envelopes import lines_for
from support_cases.reminders.inbox import inbox, mark_seen

ALL = "all"


@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request):
    """Show the inbox; a POST notes one reminder (``seen=12``) or all of them (``seen=all``) as seen."""
    if request.method == "POST":
        return _note_as_seen(request, request.POST.get("seen", ""))
    page = page_of(inbox(request.user), request)
    items = [{"row": row, "line": line} for row, line in zip(page, lines_for(list(page)), strict=True)]
    context = {"page": page, "items": items, "today": timezone.localdate(), "all": ALL}
    return render(request, "support/reminders.html", context)


def _note_as_seen(request, which: str):
    """Mark what was asked for and go back to the inbox; a number of nobody's reminder changes nothing."""
    seen = 0
    if which == ALL:
        seen = mark_seen(request.user, timezone.now())
    elif which.isascii() and which.isdigit() and len(which) <= 18:
        seen = mark_seen(request.user, timezone.now(), pk=int(which))
    if seen:
        words = ngettext("Đã xem %(n)s nhắc việc.", "Đã xem %(n)s nhắc việc.", seen)
        messages.success(request, words % {"n": seen})
    else:
        messages.info(request, _("Không có nhắc việc nào chưa xem."))
    return redirect("support:reminders")
