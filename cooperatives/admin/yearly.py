"""What cooperatives reported of a year in the admin site: repairs of what daily work enters on its own pages."""

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.models import YearFigures
from htx_portal.admin_fields import CarefulChoices


@admin.register(YearFigures)
class YearFiguresAdmin(CarefulChoices, admin.ModelAdmin):
    """Year figures; who recorded them last is kept."""

    list_display = ["cooperative", "of_year", "members", "workers", "revenue", "profit", "rating", "recorded_by"]
    list_filter = ["year", "rating"]
    list_select_related = ["cooperative", "recorded_by"]
    search_fields = ["cooperative__search_key"]
    autocomplete_fields = ["cooperative"]

    @admin.display(description=_("Năm"), ordering="year")
    def of_year(self, row: YearFigures) -> str:
        """The year as text: a number would be printed with a dot in it."""
        return str(row.year)

    def save_model(self, request, obj, form, change):
        """Save, and remember who did and when."""
        obj.recorded_by, obj.recorded_at = request.user, timezone.now()
        super().save_model(request, obj, form, change)
