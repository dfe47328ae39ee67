"""Registration of the register."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CooperativesConfig(AppConfig):
    """Whom we help and what is true of them."""

    name = "cooperatives"
    verbose_name = _("Sổ đăng ký HTX")
