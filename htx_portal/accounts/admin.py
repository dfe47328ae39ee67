"""Accounts in the admin site: roles and who may act for which cooperative."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from htx_portal.accounts.models import Membership, User
from htx_portal.admin_fields import CarefulChoices


class MembershipInline(CarefulChoices, admin.TabularInline):
    """The cooperatives an account may act for."""

    model = Membership
    extra = 0
    autocomplete_fields = ["cooperative"]


@admin.register(User)
class PortalUserAdmin(UserAdmin):
    """Django's account pages with the portal's fields instead of first and last name."""

    list_display = ["username", "full_name", "role", "email", "is_active", "is_demo"]
    list_filter = ["role", "is_active", "is_demo"]
    search_fields = ["username", "full_name", "email"]
    ordering = ["username"]
    inlines = [MembershipInline]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Người dùng"), {"fields": ["full_name", "email", "phone", "language"]}),
        (_("Quyền"), {"fields": ["role", "is_staff", "is_superuser", "is_active", "is_demo"]}),
        (_("Thời điểm"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": ["username", "usable_password", "password1", "password2"]}),
        (_("Quyền"), {"fields": ["role", "is_staff", "is_superuser", "full_name", "email"]}),
    ]
