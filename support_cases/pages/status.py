"""The public look-up: where a case stands, for whoever holds its receipt; no account, no session."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from htx_portal.throttles import allow_status_lookup, note_failed_lookup
from support_cases.forms.status import StatusForm
from support_cases.public_status import look_up


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def status(request):
    """Show the form, or answer in place: the status, one and the same 404 for any wrong code, or 429."""
    if request.method != "POST":
        return _page(request, StatusForm(initial={"code": request.GET.get("ma", "")[:40]}))
    form = StatusForm(request.POST)
    wait = allow_status_lookup(request)
    if wait is not None:
        return _wait_page(request, form, wait)
    if not form.is_valid():
        return _page(request, form)
    found = look_up(form.cleaned_data["code"], form.cleaned_data["secret"])
    if found is None:
        note_failed_lookup(request)
        form.add_error(None, _("Không tìm thấy hồ sơ với mã và mã bí mật này. Xin xem lại từng chữ trên phiếu."))
        return _page(request, form, status=404)
    return _page(request, form, found=found, stages=found.stages)


def _wait_page(request, form, seconds: int):
    """Return the answer to an address that asked too often; it says when to come back."""
    minutes = -(-seconds // 60)
    words = ngettext(
        "Đã tra cứu quá nhiều lần. Xin thử lại sau %(minutes)s phút, hoặc gọi cán bộ phụ trách.",
        "Đã tra cứu quá nhiều lần. Xin thử lại sau %(minutes)s phút, hoặc gọi cán bộ phụ trách.",
        minutes,
    )
    response = _page(request, form, wait=words % {"minutes": minutes}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _page(request, form, *, status=200, **context):
    """Return the page, which no search engine may keep."""
    context |= {"form": form, "office_phone": settings.OFFICE_PHONE}
    response = render(request, "support/status.html", context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
