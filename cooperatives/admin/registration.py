"""Registration in the admin site: the catalogue of procedures, and repairs of what was registered."""

from django.contrib import admin

from cooperatives.models import Branch, RegistrationChange, RegistrationProcedure, Suspension, ViolationNotice
from htx_portal.admin_fields import CarefulChoices, LegalTextLast, RemembersEditor


@admin.register(RegistrationProcedure)
class RegistrationProcedureAdmin(LegalTextLast, RemembersEditor, admin.ModelAdmin):
    """The catalogue of procedures over time; the last editor is kept."""

    list_display = [
        "code", "name_vi", "tthc_code", "deadline_days", "processing_days", "effect", "valid_from", "valid_to",
        "confidence", "edited_by",
    ]  # fmt: skip
    list_filter = ["code", "effect", "confidence"]
    list_select_related = ["edited_by"]
    search_fields = ["code", "name_vi", "tthc_code"]


class OfACooperative(CarefulChoices, admin.ModelAdmin):
    """Rows that hang on a cooperative."""

    list_select_related = ["cooperative"]
    search_fields = ["cooperative__search_key"]
    autocomplete_fields = ["cooperative"]


@admin.register(Branch)
class BranchAdmin(OfACooperative):
    """Dependent units."""

    list_display = ["name", "kind", "cooperative", "code", "opened_on", "closed_on"]
    list_filter = ["kind"]


@admin.register(Suspension)
class SuspensionAdmin(OfACooperative):
    """Suspensions of business."""

    list_display = ["cooperative", "starts_on", "ends_on", "resumed_on"]


@admin.register(ViolationNotice)
class ViolationNoticeAdmin(OfACooperative):
    """Notices of violation."""

    list_display = ["cooperative", "noticed_on", "settled_on", "subject"]


@admin.register(RegistrationChange)
class RegistrationChangeAdmin(OfACooperative):
    """The history of registered facts, to look into: rows come about by an act and hang together."""

    list_display = ["cooperative", "fact", "old", "new", "changed_on", "source"]
    list_filter = ["fact"]

    def has_add_permission(self, request, obj=None):
        """Nobody adds a change by hand."""
        return False

    def has_change_permission(self, request, obj=None):
        """Nobody changes a change by hand."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Nobody takes a change out by hand."""
        return False
