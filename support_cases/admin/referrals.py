"""Referrals in the admin site, to look into."""

from django.contrib import admin

from support_cases.admin.work import ReadOnlyAdmin
from support_cases.models import Referral


@admin.register(Referral)
class ReferralAdmin(ReadOnlyAdmin):
    """What other agencies were asked, and what came of it."""

    list_display = [
        "case",
        "agency",
        "sent_on",
        "expected_on",
        "answered_on",
        "withdrawn_on",
        "escalated_on",
        "sent_by",
    ]
    list_filter = ["agency__kind", "answer_kind"]
    list_select_related = ["case", "agency", "sent_by"]
    date_hierarchy = "sent_on"
