"""Pages of muted matters: muting from a reminder or a case, the list of one's own, taking it back."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cooperatives.access import cooperatives_for
from cooperatives.models import Cooperative
from htx_portal.pagination import page_of
from support_cases.access import cases_for, mutes_for
from support_cases.forms.attention import MuteForm
from support_cases.models import Case
from support_cases.pages.acting import case_of, done
from support_cases.reminders.inbox import inbox
from support_cases.reminders.muting import OF_A_CASE, mute, unmute

_READ_OR_SEND = require_http_methods(["GET", "HEAD", "POST"])
_CASE, _COOPERATIVE = "case", "cooperative"


@_READ_OR_SEND
def mute_reminder(request, pk):
    """Mute the case or the cooperative of one of the person's own reminders."""
    row = get_object_or_404(inbox(request.user), pk=pk)
    matters: dict[str, Case | Cooperative] = {}
    if row.case_id and (case := cases_for(request.user).with_parties().filter(pk=row.case_id).first()):
        matters[_CASE] = case
    if row.cooperative_id and (found := cooperatives_for(request.user).filter(pk=row.cooperative_id).first()):
        matters[_COOPERATIVE] = found
    if not matters:
        raise Http404
    return _mute(request, matters, [row.rule], back=resolve_url("support:reminders"))


@_READ_OR_SEND
def mute_case(request, reference):
    """Mute a case."""
    case = case_of(request, reference)
    return _mute(request, {_CASE: case}, OF_A_CASE, back=resolve_url("support:case", reference))


@require_safe
def mutes(request):
    """The matters the person has muted, those in force first."""
    rows = mutes_for(request.user).select_related("case", "cooperative").order_by("-pk")
    page = page_of(rows, request)
    today = timezone.localdate()
    context = {"page": page, "items": [{"row": row, "in_force": row.covers(today)} for row in page]}
    return render(request, "support/mutes.html", context)


@require_POST
def unmute_matter(request, pk):
    """Take a mute back."""
    row = get_object_or_404(mutes_for(request.user), pk=pk)
    if unmute(row, today=timezone.localdate()):
        messages.success(request, _("Đã bật lại nhắc việc."))
    else:
        messages.info(request, _("Nhắc việc này đã được bật lại từ trước."))
    return redirect("support:mutes")


def _mute(request, matters: dict[str, Case | Cooperative], kinds: Iterable[str], *, back: str):
    """Show the form that mutes one of ``matters``, and do it by POST."""
    words = [(code, _words(matter)) for code, matter in matters.items()]
    form = MuteForm(request.POST if request.method == "POST" else None, matters=words, kinds=kinds)
    status = 200
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        today = timezone.localdate()
        status = done(
            form,
            lambda: mute(
                request.user, matters[sent["matter"]], sent["reason"], today=today,
                occasion=sent["occasion"], until=sent["until"],
            ),
        )  # fmt: skip
        if status == 302:
            messages.success(request, _("Đã tắt nhắc. Xem và bật lại ở “Đã tắt”."))
            return redirect(back)
    return render(request, "support/mute.html", {"form": form, "back": back}, status=status)


def _words(matter: Case | Cooperative) -> str:
    if isinstance(matter, Case):
        return _("Hồ sơ %(reference)s: %(title)s") % {"reference": matter.reference, "title": matter.title}
    return _("Mọi việc của %(party)s") % {"party": matter.name}
