"""A person's calendar for their telephone: the page that makes its address, and the feed behind it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from support_cases.models import CalendarFeed
from support_cases.pages.receipt import qr_code
from support_cases.reminders.agenda import agenda_for
from support_cases.reminders.feeds import make_feed, open_feed, renew_feed, revoke_feed
from support_cases.reminders.ics import to_ics

_KEPT_SECONDS = 900


@login_not_required
@require_safe
def feed(request, secret):
    """The calendar behind a secret, for whoever has it; a plain 404 for any other. Nothing is written."""
    row = open_feed(secret)
    if row is None:
        answer = HttpResponseNotFound("404\n", content_type="text/plain; charset=utf-8")
        answer["Cache-Control"] = "no-store"
        return answer
    with translation.override(row.person.language):
        days = agenda_for(row.person, timezone.localdate(), row.made_at)
        body = to_ics(days, _("Nhắc việc HTX – %(name)s") % {"name": row.person})
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = f"private, max-age={_KEPT_SECONDS}"
    answer["Content-Disposition"] = 'inline; filename="nhac-viec.ics"'
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request):
    """Show the address of the person's calendar; a POST makes, renews or takes it back (``act``)."""
    if request.method == "POST":
        return _act(request, request.POST.get("act", ""))
    row = CalendarFeed.objects.filter(person=request.user).first()
    context = {"feed": row}
    if row is not None:
        address = settings.SITE_URL + reverse("support:feed", args=[row.secret])
        webcal = f"webcal://{address.split('://', 1)[-1]}"
        context |= {"address": address, "webcal": webcal, "qr": qr_code(webcal)}
    return render(request, "support/calendar_feed.html", context)


def _act(request, act: str):
    """Do what a button of the page says; a word that is none does nothing."""
    if act == "make":
        make_feed(request.user, timezone.now())
        messages.success(request, _("Đã tạo địa chỉ lịch. Giữ kín địa chỉ này."))
    elif act == "renew":
        if renew_feed(request.user, request.POST.get("secret", ""), timezone.now()):
            messages.success(request, _("Đã đổi địa chỉ. Điện thoại dùng địa chỉ cũ không đọc được nữa."))
        else:
            messages.info(request, _("Địa chỉ này đã được đổi từ trước."))
    elif act == "revoke" and revoke_feed(request.user):
        messages.success(request, _("Đã thu hồi địa chỉ lịch."))
    return redirect("support:calendar")
