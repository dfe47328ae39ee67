"""How the states of the register look on a page."""

from datetime import date
from html import escape

from django import template
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from cooperatives.choices import ActualState, LegalStatus, LoanResult, ObligationState
from htx_portal.templatetags.portal import days_words, left_badge, number

register = template.Library()

_TONES = {
    LegalStatus.ACTIVE: "ok",
    LegalStatus.SUSPENDED: "warn",
    LegalStatus.DISSOLVING: "warn",
    LegalStatus.NOT_AT_ADDRESS: "warn",
    LegalStatus.REVOKED_TAX: "bad",
    LegalStatus.BANKRUPTCY: "bad",
    ActualState.OPERATING: "ok",
    ActualState.SLUGGISH: "warn",
    ActualState.STOPPED: "bad",
    ActualState.UNREACHABLE: "warn",
    LoanResult.PENDING: "info",
    LoanResult.APPROVED: "ok",
    LoanResult.PARTIAL: "warn",
    LoanResult.REFUSED: "bad",
    ObligationState.OK: "ok",
    ObligationState.SOON: "warn",
    ObligationState.LATE: "bad",
}


@register.filter
def tone(state: str) -> str:
    """Return the badge modifier of a state of the register or an obligation: ok, warn, bad, or idle for the rest."""
    return _TONES.get(state, "idle")


@register.filter
def days_left(left: int | None) -> str:
    """Return "quá n ngày" or "còn n ngày", or that there is no day to count to."""
    return _("chưa tính được hạn") if left is None else days_words(left)


@register.simple_tag
def days_badge(last_day: date | None, today: date, soon: int = 30):
    """Return the days left to ``last_day`` as a badge, a warning from ``soon`` days before; nothing without a day."""
    return left_badge((last_day - today).days if last_day else None, soon, calm="ok")


@register.simple_tag
def loan_figures(row) -> str:
    """Return the figures of one line of the sums of loans as cells, each a link to the loans behind it."""
    line = row["line"]
    figures = (
        (_("Số khoản vay"), line.loans, row["asked_url"]),
        (_("Đề nghị"), line.asked, row["asked_url"]),
        (_("Được duyệt"), line.approved, row["asked_url"]),
        (_("Giải ngân"), line.disbursed, row["paid_url"]),
    )
    return mark_safe("".join(_cell(*figure) for figure in figures))  # noqa: S308 escaped part by part


def _cell(label: str, value: int, url: str) -> str:
    words = f'<a href="{escape(url)}">{number(value)}</a>' if url and value else number(value)
    return f'<td class="num" data-label="{escape(label)}">{words}</td>'
