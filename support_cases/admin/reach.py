"""Whether reminders reach people: what an account says of it in the admin site."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from htx_portal.accounts.admin import PortalUserAdmin
from htx_portal.accounts.models import User
from support_cases.reminders.addresses import refusals_of

admin.site.unregister(User)


@admin.register(User)
class ReachableUserAdmin(PortalUserAdmin):
    """Accounts, and whether reminders reach them."""

    readonly_fields = ["reach"]

    def get_fieldsets(self, request, obj=None):
        """The fields of an account, after them how it is reached; a new one has not been tried yet."""
        fieldsets = super().get_fieldsets(request, obj)
        return [*fieldsets, (_("Nhắc việc"), {"fields": ["reach"]})] if obj else fieldsets

    @admin.display(description=_("Địa chỉ bị từ chối"))
    def reach(self, person: User) -> str:
        """Which addresses of the account refuse, since when."""
        found = [f"{row.address} ({row.refused_at:%d/%m/%Y})" for row in refusals_of(person)]
        return ", ".join(found) or str(_("Không có"))
