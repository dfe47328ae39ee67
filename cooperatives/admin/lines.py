"""The classification in the admin site: how codes changed, which lines need a licence."""

from django.contrib import admin

from cooperatives.models import ConditionalLine, VsicChange
from htx_portal.admin_fields import RemembersEditor


@admin.register(VsicChange)
class VsicChangeAdmin(RemembersEditor, admin.ModelAdmin):
    """Which code became which."""

    list_display = ["from_version", "from_code", "to_version", "to_code", "confidence", "edited_by"]
    list_select_related = ["edited_by"]
    list_filter = ["from_version", "to_version", "confidence"]
    search_fields = ["from_code", "to_code", "note"]


@admin.register(ConditionalLine)
class ConditionalLineAdmin(RemembersEditor, admin.ModelAdmin):
    """Lines for which the law of a sector asks for a licence."""

    list_display = ["version", "code", "note_vi", "valid_from", "valid_to", "confidence", "edited_by"]
    list_select_related = ["edited_by"]
    list_filter = ["version", "licence", "confidence"]
    search_fields = ["code", "note_vi", "licence", "legal_document"]
