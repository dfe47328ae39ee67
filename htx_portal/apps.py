"""App configuration of the door: the admin site under its Vietnamese name."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Makes the door's management commands and template tags findable."""

    name = "htx_portal"
    verbose_name = _("Cổng HTX")


class PortalAdminConfig(AdminConfig):
    """Django's admin with the portal's site, which only administrators enter."""

    default_site = "htx_portal.admin_site.PortalAdminSite"
