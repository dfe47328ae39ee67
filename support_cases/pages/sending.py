"""Pages about the sending itself: what could not be delivered, and how the clockwork fares."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cooperatives.errors import NotAllowedNow
from htx_portal.accounts.decorators import reviewer_required
from htx_portal.pagination import page_of
from support_cases.access import messages_for
from support_cases.choices import ReminderChannel, ReminderState
from support_cases.forms.attention import LetBeForm
from support_cases.pages.acting import done
from support_cases.reminders.figures import figures, sent_today, window
from support_cases.reminders.resending import TROUBLED, let_be, resend, shown, undelivered_for
from support_cases.reminders.sweep import swept_at

_STATES = [(state.value, state.label) for state in (ReminderState.FAILED, ReminderState.UNKNOWN)]
_CHANNELS = [(channel.value, channel.label) for channel in (ReminderChannel.MAIL, ReminderChannel.WEBHOOK)]


@require_safe
@reviewer_required
def undelivered(request):
    """Show failed and unknown messages, newest first, of one state (``?trang-thai=``) or channel (``?kenh=``)."""
    state = _one_of(_STATES, request.GET.get("trang-thai"))
    channel = _one_of(_CHANNELS, request.GET.get("kenh"))
    rows = undelivered_for(request.user).select_related("recipient")
    if state:
        rows = rows.filter(state=state)
    if channel:
        rows = rows.filter(channel=channel)
    page = page_of(rows, request)
    context = {
        "page": page,
        "items": shown(list(page)),
        "states": _STATES,
        "channels": _CHANNELS,
        "state": state,
        "channel": channel,
    }
    return render(request, "support/undelivered.html", context)


@require_POST
@reviewer_required
def resend_message(request, pk):
    """Let a message go once more."""
    message = get_object_or_404(messages_for(request.user).select_related("recipient"), pk=pk)
    try:
        if resend(message, by=request.user, now=timezone.now()):
            messages.success(request, _("Sẽ gửi lại trong vài phút, vào giờ làm việc, nếu việc đó vẫn còn phải nhắc."))
        else:
            messages.info(request, _("Tin này đã được xử lý từ trước."))
    except NotAllowedNow as refusal:
        messages.error(request, " ".join(refusal.problems))
    return redirect("support:undelivered")


@require_http_methods(["GET", "HEAD", "POST"])
@reviewer_required
def let_message_be(request, pk):
    """Ask why a message need not be sent, and note it by POST."""
    message = get_object_or_404(messages_for(request.user).select_related("recipient"), pk=pk)
    form = LetBeForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        changed = []
        status = done(form, lambda: changed.append(let_be(message, form.cleaned_data["reason"], by=request.user)))
        if status == 302:
            if changed == [True]:
                messages.success(request, _("Đã ghi: tin này không cần gửi."))
            else:
                messages.info(request, _("Tin này đã được xử lý từ trước."))
            return redirect("support:undelivered")
    items = shown([message]) if message.state in TROUBLED else []
    context = {"form": form, "message": message, "items": items, "back": resolve_url("support:undelivered")}
    return render(request, "support/let_be.html", context, status=status)


@require_safe
@reviewer_required
def operations(request):
    """Show signs of life, what waits to be sent, and what went wrong."""
    now = timezone.now()
    context = {
        "now": now,
        "figures": figures(now),
        "sent_today": sent_today(now),
        "window": window(now),
        "swept_at": swept_at(),
    }
    return render(request, "support/operations.html", context)


def _one_of(choices: list, typed: str | None) -> str:
    """Return what was chosen, "" for anything else."""
    return typed if typed in dict(choices) else ""
