"""Tax obligations and days moved by decree in the admin site: dated rows the office keeps up to date."""

from django.contrib import admin

from cooperatives.models import DeadlineOverride, TaxObligation
from htx_portal.admin_fields import RemembersEditor


@admin.register(TaxObligation)
class TaxObligationAdmin(RemembersEditor, admin.ModelAdmin):
    """Obligations over time; the last editor is kept."""

    fields = [
        "code", "title_vi", "title_en", "frequency", "edge", "months", "day", "filers", "employers_only",
        "not_agriculture", "voluntary", "by_fiscal_year", "position", "valid_from", "valid_to",
        "legal_document", "article", "confidence", "note",
    ]  # fmt: skip
    list_display = [
        "title_vi",
        "frequency",
        "months",
        "day",
        "filers",
        "valid_from",
        "valid_to",
        "confidence",
        "edited_by",
    ]
    list_filter = ["frequency", "confidence", "valid_from"]
    list_select_related = ["edited_by"]
    search_fields = ["code", "title_vi"]


@admin.register(DeadlineOverride)
class DeadlineOverrideAdmin(RemembersEditor, admin.ModelAdmin):
    """Days moved by decree; the last editor is kept."""

    fields = [
        "obligation_code", "period", "new_date", "request_by", "agriculture_only",
        "legal_document", "article", "confidence", "note",
    ]  # fmt: skip
    list_display = ["obligation_code", "period", "new_date", "request_by", "legal_document", "confidence", "edited_by"]
    list_filter = ["obligation_code", "legal_document"]
    list_select_related = ["edited_by"]
    search_fields = ["obligation_code", "period"]
