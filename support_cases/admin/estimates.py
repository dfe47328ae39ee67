"""What leaders expected of running periods and changed of plans in the admin site, only looked at."""

from django.contrib import admin

from support_cases.admin.work import ReadOnlyAdmin
from support_cases.models import PeriodEstimate, TargetChange


@admin.register(PeriodEstimate)
class PeriodEstimateAdmin(ReadOnlyAdmin):
    """Estimates, entered on their own page while the period runs."""

    list_display = ["__str__", "measure", "value", "note", "entered_by", "entered_at"]
    list_filter = ["calendar", "measure"]
    list_select_related = ["entered_by"]


@admin.register(TargetChange)
class TargetChangeAdmin(ReadOnlyAdmin):
    """Who changed what the plan of a year asks for, and when."""

    list_display = ["__str__", "was_value", "value", "decision", "changed_by", "changed_at"]
    list_filter = ["year", "measure"]
    list_select_related = ["changed_by"]
