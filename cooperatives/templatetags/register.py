"""How the states of the register look on a page."""

from django import template

from cooperatives.choices import ActualState, LegalStatus

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
}


@register.filter
def tone(state: str) -> str:
    """Return the badge modifier of a legal status or an actual state: ok, warn, bad, or idle for the rest."""
    return _TONES.get(state, "idle")
