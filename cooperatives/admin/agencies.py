"""Agencies in the admin site: names, areas and spans of time the office keeps up to date."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cooperatives.admin.register import FoldedSearchAdmin
from cooperatives.models import Agency
from htx_portal.admin_fields import LegalTextLast, RemembersEditor


@admin.register(Agency)
class AgencyAdmin(LegalTextLast, RemembersEditor, FoldedSearchAdmin):
    """Agencies over time; the last editor is kept."""

    list_display = ["called", "kind", "unit", "valid_from", "valid_to", "successor", "confidence", "edited_by"]
    list_filter = ["kind", "confidence", "valid_from"]
    list_select_related = ["unit", "successor", "edited_by"]
    search_fields = ["search_key"]
    autocomplete_fields = ["unit", "successor"]

    @admin.display(description=_("Tên cơ quan"), ordering="name_vi")
    def called(self, agency):
        """Return the name in the language of the reader."""
        return agency.name
