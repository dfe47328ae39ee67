"""Loans and programmes of lenders in the admin site."""

from django.contrib import admin

from cooperatives.models import Disbursement, FurtherRefusal, Loan, LoanProgramme
from htx_portal.admin_fields import CarefulChoices, LegalTextLast, RemembersEditor


class FurtherRefusalInline(admin.TabularInline):
    """Reasons of refusal beside the main one."""

    model = FurtherRefusal
    extra = 0


class DisbursementInline(admin.TabularInline):
    """Payments, to be read only: they are recorded on the page of the loan, where their sum is kept."""

    model = Disbursement
    extra = 0
    fields = ["paid_on", "amount", "note", "source", "recorded_by", "voided_at", "void_reason"]
    readonly_fields = fields
    can_delete = False

    def has_add_permission(self, request, obj=None):
        """No payment is added here."""
        return False


@admin.register(Loan)
class LoanAdmin(CarefulChoices, admin.ModelAdmin):
    """Loans; what was paid out comes from the payments."""

    list_display = ["cooperative", "lender", "requested", "approved", "disbursed", "result", "submitted_on"]
    list_filter = ["lender", "result"]
    list_select_related = ["cooperative"]
    autocomplete_fields = ["cooperative"]
    readonly_fields = ["disbursed"]
    inlines = [FurtherRefusalInline, DisbursementInline]

    def save_model(self, request, obj, form, change):
        """Save, the sum paid out as it stands now and not as it was when the row was read."""
        if change:
            obj.disbursed = Loan.objects.select_for_update().get(pk=obj.pk).disbursed
        super().save_model(request, obj, form, change)


@admin.register(LoanProgramme)
class LoanProgrammeAdmin(LegalTextLast, RemembersEditor, admin.ModelAdmin):
    """Programmes with their dates and caps; the last editor is kept."""

    list_display = ["name_vi", "lender", "cap_htx", "cap_rule", "valid_from", "valid_to", "confidence", "edited_by"]
    list_filter = ["lender", "confidence"]
    list_select_related = ["edited_by"]
    search_fields = ["code", "name_vi", "legal_document"]
