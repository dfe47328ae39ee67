"""The work in the admin site: reference rows to edit, and the records to look into."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cooperatives.admin.register import FoldedSearchAdmin
from support_cases.models import (
    Case,
    CaseEvent,
    ChecklistItem,
    Closing,
    Consultation,
    ConsultationTopic,
    FollowUp,
    YearlyTarget,
)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Records that come about by an act and are only looked at here."""

    def has_add_permission(self, request, obj=None):
        """Nobody adds a record by hand."""
        return False

    def has_change_permission(self, request, obj=None):
        """Nobody changes a record by hand."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Nobody deletes a record by hand."""
        return False


class ReadOnlyInline(admin.TabularInline):
    """Rows of a record, only looked at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        """Nobody adds a record by hand."""
        return False

    def has_change_permission(self, request, obj=None):
        """Nobody changes a record by hand."""
        return False


@admin.register(Closing)
class ClosingAdmin(ReadOnlyAdmin):
    """Periods declared final, closed and reopened on the pages of the reports."""

    list_display = ["__str__", "closed_at", "closed_by", "reopened_at", "reopened_by", "digest"]
    list_filter = ["calendar"]
    list_select_related = ["closed_by", "reopened_by"]

    def get_queryset(self, request):
        """Return the closings without the figures of all their reports."""
        return super().get_queryset(request).defer("figures", "names")


@admin.register(YearlyTarget)
class YearlyTargetAdmin(ReadOnlyAdmin):
    """What the plan of a year asks for, set on its own page among the reports."""

    list_display = ["of_year", "measure", "value", "decision"]
    list_filter = ["year"]

    @admin.display(description=_("Năm"), ordering="year")
    def of_year(self, row: YearlyTarget) -> str:
        """The year as text: a number would be printed with a dot in it."""
        return str(row.year)


class CaseEventInline(ReadOnlyInline):
    """The history of a case."""

    model = CaseEvent


class ChecklistItemInline(ReadOnlyInline):
    """The papers of a case."""

    model = ChecklistItem


@admin.register(Case)
class CaseAdmin(FoldedSearchAdmin, ReadOnlyAdmin):
    """Cases, to look into."""

    list_display = ["reference", "title", "topic", "status", "officer", "opened_on", "due_on"]
    list_filter = ["topic", "status"]
    list_select_related = ["officer"]
    search_fields = ["search_key"]
    inlines = [ChecklistItemInline, CaseEventInline]


class TopicInline(ReadOnlyInline):
    """The topics of a consultation."""

    model = ConsultationTopic
    fields = ["words"]
    readonly_fields = ["words"]

    @admin.display(description=_("Nội dung"))
    def words(self, topic):
        """Return the topic in the words of staff."""
        return topic.label


class FollowUpInline(ReadOnlyInline):
    """The appointment of a consultation."""

    model = FollowUp


@admin.register(Consultation)
class ConsultationAdmin(ReadOnlyAdmin):
    """Consultations, to look into."""

    list_display = ["held_on", "cooperative", "founding_group", "channel", "outcome", "officer", "voided_at"]
    list_filter = ["channel", "outcome"]
    list_select_related = ["cooperative", "founding_group", "officer"]
    date_hierarchy = "held_on"
    inlines = [TopicInline, FollowUpInline]
