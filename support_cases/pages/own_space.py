"""A cooperative's own page: where its cases stand, what is missing, whom to call, what comes next."""

from datetime import date

from django.db.models import Case, IntegerField, Value, When
from django.shortcuts import render

from cooperatives.access import cooperatives_for
from support_cases.access import cases_for, consultations_for
from support_cases.choices import OPEN_STATUSES
from support_cases.public_status import status_of

_MOST_CASES = 20
_MOST_ENTRIES = 5


def own_space(request, today: date):
    """Show what concerns the cooperatives the person acts for, in public words. Six queries."""
    cases = [{"case": case, "public": status_of(case)} for case in _cases(request.user)]
    entries = consultations_for(request.user).standing()
    next_entry = (
        entries.filter(follow_up__done_on__isnull=True, follow_up__due_on__gte=today)
        .select_related("follow_up__officer", "cooperative", "founding_group")
        .order_by("follow_up__due_on")
        .first()
    )
    context = {
        "today": today,
        "cooperatives": list(cooperatives_for(request.user).select_related("commune")),
        "open_cases": [row for row in cases if row["case"].is_open],
        "closed_cases": [row for row in cases if not row["case"].is_open],
        "next_entry": next_entry,
        "recent": entries.select_related("officer").defer("advice")[:_MOST_ENTRIES],
    }
    return render(request, "support/own_space.html", context)


def _cases(user) -> list:
    """Return the cases with officer and papers, open ones first, then the latest."""
    closed = Case(When(status__in=OPEN_STATUSES, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = cases_for(user).with_parties().prefetch_related("checklist", "referrals")
    return list(rows.order_by(closed, "-opened_on", "-pk")[:_MOST_CASES])
