"""The human-resource support in the admin site: repairs of what daily work enters on its own pages."""

from django.contrib import admin

from cooperatives.models import (
    ApprovedSupport,
    PaymentBatch,
    PaymentItem,
    Placement,
    TrainingClass,
    TrainingParticipation,
)
from htx_portal.admin_fields import CarefulChoices, RemembersEditor


@admin.register(ApprovedSupport)
class ApprovedSupportAdmin(CarefulChoices, RemembersEditor, admin.ModelAdmin):
    """The approved list; the last editor is kept."""

    list_display = ["decision_no", "decided_on", "cooperative", "job", "posts", "valid_from", "valid_to", "edited_by"]
    list_filter = ["job"]
    list_select_related = ["cooperative", "edited_by"]
    search_fields = ["decision_no", "cooperative__search_key"]
    autocomplete_fields = ["cooperative"]


@admin.register(Placement)
class PlacementAdmin(CarefulChoices, admin.ModelAdmin):
    """Placements."""

    list_display = ["person_label", "cooperative", "job", "degree", "started_on", "ends_on"]
    list_filter = ["job", "degree", "result"]
    list_select_related = ["cooperative"]
    search_fields = ["person_label", "contract_no"]
    autocomplete_fields = ["cooperative", "approved", "replaced_by"]


class PaymentItemInline(admin.TabularInline):
    """Months paid: as they were paid."""

    model = PaymentItem
    extra = 0
    can_delete = False
    readonly_fields = [
        "placement", "month", "amount", "policy_amount", "coefficient", "wage", "region", "is_provisional", "rules",
    ]  # fmt: skip

    def has_add_permission(self, request, obj=None):
        """Months are paid by the act that makes a batch, never by hand."""
        return False


@admin.register(PaymentBatch)
class PaymentBatchAdmin(admin.ModelAdmin):
    """Payment batches; made on their own page, taken away here when one was made by mistake."""

    list_display = ["number", "decided_on", "from_month", "to_month", "paid_on", "made_by"]
    list_select_related = ["made_by"]
    search_fields = ["number"]
    readonly_fields = ["from_month", "to_month", "made_by"]
    inlines = [PaymentItemInline]

    def has_add_permission(self, request):
        """A batch is made by its act, which knows what is confirmed and unpaid."""
        return False


class ParticipationInline(CarefulChoices, admin.TabularInline):
    """Cooperatives that took part."""

    model = TrainingParticipation
    extra = 0
    autocomplete_fields = ["cooperative"]


@admin.register(TrainingClass)
class TrainingClassAdmin(admin.ModelAdmin):
    """Training classes."""

    list_display = ["name", "organiser", "started_on", "ended_on", "cost_source"]
    search_fields = ["name", "organiser"]
    inlines = [ParticipationInline]
