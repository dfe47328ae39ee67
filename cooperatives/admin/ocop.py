"""OCOP in the admin site: products with their ratings and papers, and the sets of products."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cooperatives.models import OcopPaper, OcopProduct, OcopProductSet, OcopRating
from htx_portal.admin_fields import CarefulChoices, LegalTextLast, RemembersEditor


class OcopRatingInline(admin.TabularInline):
    """Ratings of a product."""

    model = OcopRating
    extra = 0


class OcopPaperInline(admin.TabularInline):
    """Papers of a product."""

    model = OcopPaper
    extra = 0


@admin.register(OcopProduct)
class OcopProductAdmin(CarefulChoices, admin.ModelAdmin):
    """Products with their ratings and papers."""

    list_display = ["name", "cooperative", "group", "product_set", "joined_in"]
    list_filter = ["group", "first_year"]
    list_select_related = ["cooperative", "product_set"]
    search_fields = ["name"]
    autocomplete_fields = ["cooperative"]
    inlines = [OcopRatingInline, OcopPaperInline]

    @admin.display(description=_("Năm tham gia"), ordering="first_year")
    def joined_in(self, product):
        """Return the year without the dots that other numbers are printed with."""
        return str(product.first_year)


@admin.register(OcopProductSet)
class OcopProductSetAdmin(LegalTextLast, RemembersEditor, admin.ModelAdmin):
    """Dated sets of products; the last editor is kept."""

    list_display = ["code", "name", "group", "sets", "criteria_version", "valid_from", "confidence", "edited_by"]
    list_filter = ["group", "confidence"]
    list_select_related = ["edited_by"]
    search_fields = ["code", "name"]
