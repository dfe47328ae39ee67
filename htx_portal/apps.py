"""App configuration of the door: the admin site under its Vietnamese name."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from htx_portal.rehearsal import refuse_real_data
from htx_portal.webhook_settings import refuse_half_set_up


class PortalConfig(AppConfig):
    """Makes the door's management commands and template tags findable."""

    name = "htx_portal"
    verbose_name = _("Cổng HTX")

    def ready(self):
        """Let the system checks look for a rehearsal on real data and a webhook half set up."""
        register(refuse_real_data)
        register(refuse_half_set_up)


class PortalAdminConfig(AdminConfig):
    """Django's admin with the portal's site, which only administrators enter."""

    default_site = "htx_portal.admin_site.PortalAdminSite"
