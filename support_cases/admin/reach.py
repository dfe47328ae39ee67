"""Whom reminders do not reach, in the admin site: refused addresses, and what an account says of its own."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from htx_portal.accounts.admin import PortalUserAdmin
from htx_portal.accounts.models import User
from support_cases.admin.work import ReadOnlyAdmin
from support_cases.models import RefusedAddress
from support_cases.reminders.addresses import refusals_of


@admin.register(RefusedAddress)
class RefusedAddressAdmin(ReadOnlyAdmin):
    """Addresses nothing is sent to; taking one off the list lets reminders go there again."""

    list_display = ["address", "reason", "refused_at"]
    search_fields = ["address"]
    date_hierarchy = "refused_at"

    def has_delete_permission(self, request, obj=None):
        """Administrators take an address off the list once it works again."""
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


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
