"""The admin site at /quan-tri/: accounts and reference data, for administrators only."""

from django.contrib.admin import AdminSite
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from htx_portal.accounts.models import Role


class PortalAdminSite(AdminSite):
    """Django's admin site, closed to every role but ``admin``."""

    site_title = _("Quản trị cổng HTX")
    site_header = _("Quản trị cổng HTX")
    index_title = _("Danh mục và tài khoản")

    def register(self, model_or_iterable, admin_class=None, **options):
        """Register models, but never Django's groups: here the role alone decides who may do what."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        super().register([model for model in models if model is not Group], admin_class, **options)

    def has_permission(self, request):
        """Whether the request comes from an active administrator."""
        user = request.user
        return user.is_active and user.is_authenticated and user.role == Role.ADMIN
