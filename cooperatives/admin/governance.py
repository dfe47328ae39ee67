"""General meetings and yearly updates in the admin site, for repairs."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cooperatives.models import AnnualUpdate, Congress
from htx_portal.admin_fields import CarefulChoices


@admin.register(Congress)
class CongressAdmin(CarefulChoices, admin.ModelAdmin):
    """General meetings held."""

    list_display = ["cooperative", "kind", "call_no", "held_on", "present", "had_quorum"]
    list_filter = ["kind", "quorum_met"]
    list_select_related = ["cooperative"]
    search_fields = ["cooperative__search_key"]
    autocomplete_fields = ["cooperative"]
    date_hierarchy = "held_on"

    @admin.display(description=_("Đủ số dự"), ordering="quorum_met")
    def had_quorum(self, congress):
        """Return whether the meeting had its quorum, in words; Django's picture for "not known" speaks English."""
        return {True: _("có"), False: _("không")}.get(congress.quorum_met, "–")


@admin.register(AnnualUpdate)
class AnnualUpdateAdmin(CarefulChoices, admin.ModelAdmin):
    """Yearly information sent; who noted it last is kept."""

    list_display = ["cooperative", "of_year", "filed_on", "recorded_by"]
    list_select_related = ["cooperative", "recorded_by"]
    search_fields = ["cooperative__search_key"]
    autocomplete_fields = ["cooperative"]
    date_hierarchy = "filed_on"

    @admin.display(description=_("Năm"), ordering="year")
    def of_year(self, update):
        """Return the year without the dots that other numbers are printed with."""
        return str(update.year)

    def save_model(self, request, obj, form, change):
        """Remember who noted it."""
        obj.recorded_by = request.user
        super().save_model(request, obj, form, change)
