"""How the status and the due day of a case look on a page."""

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from support_cases.choices import PUBLIC_STATUS, ReferralState, Status

register = template.Library()

_TONES = {
    Status.NEW: "info",
    Status.ADVISING: "info",
    Status.WAITING_COOPERATIVE: "warn",
    Status.SUBMITTED: "info",
    Status.WAITING_RESULT: "info",
    Status.COMPLETED: "ok",
}
_REFERRAL_TONES = {
    ReferralState.WAITING: "info",
    ReferralState.LATE: "bad",
    ReferralState.ESCALATED: "bad",
    ReferralState.ANSWERED: "ok",
}
# From how many days before the due day it is worth a look.
_SOON = 3


@register.simple_tag
def status_badge(status: str, public: bool = False):
    """Return the badge of a status, in the words of staff, or in public words for a cooperative."""
    words = PUBLIC_STATUS[Status(status)] if public else Status(status).label
    return format_html('<span class="badge badge--{}">{}</span>', _TONES.get(status, "idle"), words)


@register.simple_tag
def due_badge(case, today):
    """Return "quá n ngày" or "còn n ngày" as a badge, for a case or a referral; nothing where no clock is running."""
    left = case.days_left(today)
    if left is None:
        return ""
    if left < 0:
        words = ngettext("quá %(days)s ngày", "quá %(days)s ngày", -left) % {"days": -left}
        return format_html('<span class="badge badge--bad">{}</span>', words)
    words = ngettext("còn %(days)s ngày", "còn %(days)s ngày", left) % {"days": left} if left else _("hôm nay hết hạn")
    return format_html('<span class="badge badge--{}">{}</span>', "warn" if left <= _SOON else "idle", words)


@register.simple_tag
def referral_badge(state: ReferralState):
    """Return the badge of where a referral stands."""
    return format_html('<span class="badge badge--{}">{}</span>', _REFERRAL_TONES.get(state, "idle"), state.label)
