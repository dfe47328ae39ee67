"""How the status and the due day of a case look on a page."""

from django import template
from django.utils.html import format_html

from htx_portal.templatetags.portal import left_badge
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


@register.simple_tag
def status_badge(status: str, public: bool = False):
    """Return the badge of a status, in the words of staff, or in public words for a cooperative."""
    words = PUBLIC_STATUS[Status(status)] if public else Status(status).label
    return format_html('<span class="badge badge--{}">{}</span>', _TONES.get(status, "idle"), words)


@register.simple_tag
def due_badge(case, today):
    """Return "quá n ngày" or "còn n ngày" as a badge, for a case or a referral; nothing where no clock is running."""
    return left_badge(case.days_left(today))


@register.simple_tag
def referral_badge(state: ReferralState):
    """Return the badge of where a referral stands."""
    return format_html('<span class="badge badge--{}">{}</span>', _REFERRAL_TONES.get(state, "idle"), state.label)
