"""The admin site at /quan-tri/: accounts and reference data, for administrators only."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _

from htx_portal.accounts.models import Role


class PortalAdminSite(AdminSite):
    """Django's admin site, closed to every role but ``admin``."""

    site_title = _("Quản trị cổng HTX")
    site_header = _("Quản trị cổng HTX")
    index_title = _("Danh mục và tài khoản")

    def has_permission(self, request):
        """Whether the request comes from an active administrator."""
        user = request.user
        return user.is_active and user.is_authenticated and user.role == Role.ADMIN
