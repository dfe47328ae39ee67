"""Registration of the accounts app under a short label."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Accounts carry the label ``accounts`` so that ``AUTH_USER_MODEL`` stays readable."""

    name = "htx_portal.accounts"
    label = "accounts"
    verbose_name = _("Tài khoản")
