"""The register in the admin site: for reference data and repairs; daily work has its own pages."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from cooperatives.models import (
    AdminUnit,
    BusinessLine,
    Contact,
    Cooperative,
    FoundingGroup,
    Holiday,
    LegalRule,
    Term,
    VsicLine,
    keep_past_name,
    keep_past_state,
    may_be_in_figures,
    moment_to_record,
    raise_register_version,
)
from htx_portal.admin_fields import CarefulChoices, LegalTextLast, RemembersEditor


class FoldedSearchAdmin(CarefulChoices, admin.ModelAdmin):
    """Searches the folded key, so that words typed without accents find their rows."""

    def get_search_results(self, request, queryset, search_term):
        """Return the rows whose key holds every word, and that no row is doubled."""
        return (queryset.search(search_term) if search_term.strip() else queryset), False


@admin.register(AdminUnit)
class AdminUnitAdmin(CarefulChoices, admin.ModelAdmin):
    """Territory with validity."""

    list_display = ["code", "titled_name", "level", "parent", "valid_from", "valid_to", "successor"]
    list_filter = ["level", "valid_from"]
    list_select_related = ["parent", "successor"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent", "successor"]

    @admin.display(description=_("Tên"), ordering="name")
    def titled_name(self, unit):
        """Return the name with the word that always goes before it."""
        return unit.full_name


class ContactInline(admin.TabularInline):
    """People to call."""

    model = Contact
    extra = 0


class LinesInForce(forms.models.BaseInlineFormSet):
    """The lines of one cooperative; two typed at once are compared with each other, as the database would."""

    def clean(self):
        """Refuse the same line twice in force, and two main lines in force."""
        super().clean()
        # A form left empty has nothing in it, one that is wrong in itself has its own message.
        typed = [form.cleaned_data for form in self.forms if form.is_valid() and form.cleaned_data]
        lines = [row for row in typed if not row.get("DELETE") and not row["valid_to"]]
        if len({(row["line"], row["detail"]) for row in lines}) < len(lines):
            raise forms.ValidationError(_("Ngành, nghề này đang có trong danh sách."))
        if sum(row["is_main"] for row in lines) > 1:
            raise forms.ValidationError(_("HTX đã có một ngành chính."))


class BusinessLineInline(CarefulChoices, admin.TabularInline):
    """Lines with their dates."""

    model = BusinessLine
    formset = LinesInForce
    extra = 0
    autocomplete_fields = ["line"]


class TermInline(admin.TabularInline):
    """Terms of office."""

    model = Term
    extra = 0


@admin.register(Cooperative)
class CooperativeAdmin(FoldedSearchAdmin):
    """Cooperatives with the small tables that hang on them."""

    list_display = ["name", "kind", "tax_code", "old_district", "legal_status", "actual_state"]
    list_filter = ["kind", "legal_status", "actual_state", "old_district"]
    list_select_related = ["old_district"]
    search_fields = ["search_key"]
    autocomplete_fields = ["commune", "old_commune", "new_commune", "old_district"]
    inlines = [ContactInline, BusinessLineInline, TermInline]

    def save_model(self, request, obj, form, change):
        """Save, and let no figure stand that was computed with the cooperative in another place."""
        moment = moment_to_record()
        keep_past_state(obj, moment)
        if not change:
            obj.created_at = moment
        super().save_model(request, obj, form, change)
        raise_register_version()

    def has_delete_permission(self, request, obj=None):
        """Only one at a time, and none that figures already reported may count: such a one is ended, not deleted."""
        may = obj is not None and not may_be_in_figures(obj.created_at)
        return may and super().has_delete_permission(request, obj)

    def delete_model(self, request, obj):
        """Delete, unless a period was closed since the page was opened."""
        moment_to_record()
        if may_be_in_figures(obj.created_at):
            raise PermissionDenied
        super().delete_model(request, obj)
        raise_register_version()


@admin.register(FoundingGroup)
class FoundingGroupAdmin(FoldedSearchAdmin):
    """Groups that are founding a cooperative."""

    list_display = ["name", "commune", "formed_on", "cooperative"]
    list_select_related = ["commune", "cooperative"]
    search_fields = ["search_key"]
    autocomplete_fields = ["commune", "cooperative"]

    def save_model(self, request, obj, form, change):
        """Save, and remember what the group was called before: lists of past days call it so."""
        keep_past_name(obj, moment_to_record())
        super().save_model(request, obj, form, change)


@admin.register(VsicLine)
class VsicLineAdmin(admin.ModelAdmin):
    """The classification of economic activities."""

    list_display = ["code", "version", "name_vi", "confidence"]
    list_filter = ["version", "confidence"]
    search_fields = ["code", "name_vi", "search_key"]


@admin.register(LegalRule)
class LegalRuleAdmin(LegalTextLast, RemembersEditor, admin.ModelAdmin):
    """Dated rules; the last editor is kept."""

    list_display = [
        "key",
        "value",
        "unit",
        "valid_from",
        "valid_to",
        "legal_document",
        "confidence",
        "edited_by",
    ]
    list_filter = ["confidence", "valid_from"]
    list_select_related = ["edited_by"]
    search_fields = ["key", "legal_document", "note"]


@admin.register(Holiday)
class HolidayAdmin(RemembersEditor, admin.ModelAdmin):
    """Days off and make-up days; the last editor is kept."""

    list_display = ["day", "kind", "name", "confidence", "edited_by"]
    list_filter = ["kind", "confidence"]
    list_select_related = ["edited_by"]
    date_hierarchy = "day"
