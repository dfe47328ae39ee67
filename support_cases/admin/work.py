"""The work in the admin site: reference rows to edit, and the records to look into."""

from django import forms
from django.contrib import admin
from django.utils import timezone
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
)
from support_cases.reports.periods import Month


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


class ClosingForm(forms.ModelForm):
    """A month to close: written 2023-08 or 08/2023, and over."""

    month = forms.CharField(label=_("Tháng"), max_length=7, help_text=_("Ghi dạng 08/2023."))

    def clean(self):
        """Bring the month to its stored form and refuse one that is still running.

        Raises:
            forms.ValidationError: beside the month.
        """
        data = super().clean()
        if "month" in data and "calendar" in data:
            try:
                month = Month.parse(data["month"])
            except ValueError:
                raise forms.ValidationError({"month": _("Ghi tháng dạng 2023-01 hoặc 01/2023.")}) from None
            if month.last_day(data["calendar"]) >= timezone.localdate():
                raise forms.ValidationError({"month": _("Tháng này chưa kết thúc, chưa chốt được.")})
            data["month"] = str(month)
        return data


@admin.register(Closing)
class ClosingAdmin(admin.ModelAdmin):
    """Months declared final; who did it is kept."""

    list_display = ["calendar", "month", "closed_at", "closed_by"]
    list_filter = ["calendar"]
    fields = ["calendar", "month"]
    form = ClosingForm

    def save_model(self, request, obj, form, change):
        """Remember who closed the month."""
        obj.closed_by = request.user
        super().save_model(request, obj, form, change)


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
