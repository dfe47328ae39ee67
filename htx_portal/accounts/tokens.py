"""API tokens: the same accounts, the same shut door for demo accounts."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.authentication import TokenScheme
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from htx_portal.accounts.backends import may_sign_in


class PortalTokenAuthentication(TokenAuthentication):
    """``Authorization: Token …``; refuses a token whose account may not sign in now."""

    def authenticate_credentials(self, key):
        """Return ``(user, token)``.

        Raises:
            AuthenticationFailed: for an unknown token or an account that may not sign in.
        """
        user, token = super().authenticate_credentials(key)
        if not may_sign_in(user):
            raise AuthenticationFailed(_("Tài khoản không được phép đăng nhập."))
        return user, token


class PortalTokenScheme(TokenScheme):
    """Describes the token header in the OpenAPI document."""

    target_class = "htx_portal.accounts.tokens.PortalTokenAuthentication"
    name = "tokenAuth"
