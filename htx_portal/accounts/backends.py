"""Signing in with a password, with the demo accounts shut whenever the demo is off."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend


def may_sign_in(user) -> bool:
    """Whether an account may be used now: active, and if it belongs to the demo set, only while DEMO is on."""
    return user.is_active and (settings.DEMO or not user.is_demo)


class PortalBackend(ModelBackend):
    """Django's password backend; it also ends the sessions of demo accounts when the demo is switched off."""

    def user_can_authenticate(self, user):
        """Refuse inactive accounts, and demo accounts outside the demo; also asked at every request."""
        return may_sign_in(user)
