"""What cooperatives reported of a year in the admin site: repairs of what daily work enters on its own pages."""

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import WHOLE
from cooperatives.models import YearFigures, moment_to_record
from cooperatives.text import nfc
from cooperatives.yearly import year_problems
from htx_portal.admin_fields import CarefulChoices


class YearFiguresForm(forms.ModelForm):
    """The columns, under the rules of the page."""

    def clean_source(self) -> str:
        """Return the source as the page stores it."""
        return nfc(self.cleaned_data["source"] or "")

    def clean(self) -> dict:
        """Refuse what the page refuses; the columns refuse the rest themselves."""
        said = super().clean() or self.cleaned_data
        if not self.errors:
            for name, problems in year_problems(YearFigures(**said), timezone.localdate()).items():
                self.add_error(None if name == WHOLE else name, problems)
        return said


@admin.register(YearFigures)
class YearFiguresAdmin(CarefulChoices, admin.ModelAdmin):
    """Year figures; who recorded them last is kept."""

    form = YearFiguresForm
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
        obj.recorded_by, obj.recorded_at = request.user, moment_to_record()
        super().save_model(request, obj, form, change)
