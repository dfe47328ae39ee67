"""Why a reminder of a case went or did not, and when the next will."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from htx_portal.pagination import page_of
from support_cases.access import cases_for, reminders_about
from support_cases.reminders.envelopes import lines_for
from support_cases.reminders.explain import explain, row_words

_HISTORY_ROWS = 50


@require_safe
def explained(request, reference):
    """All occasions of one case in words, and what was sent of them, 50 rows a page."""
    case = get_object_or_404(cases_for(request.user).with_parties(), reference=reference)
    office = request.user.may_review
    rows = reminders_about(request.user, case).select_related(
        "case", "cooperative", "founding_group", "recipient", "instead_of"
    )
    page = page_of(rows.order_by("-occurrence_on", "-pk"), request, _HISTORY_ROWS)
    lines = lines_for(page.object_list)
    context = {
        "case": case,
        "office": office,
        "explanation": explain(case, timezone.localdate(), now=timezone.now(), viewer=None if office else request.user),
        "page": page,
        "history": [
            {"row": row, "title": line.title, "words": row_words(row)}
            for row, line in zip(page.object_list, lines, strict=True)
        ],
    }
    return render(request, "support/explained.html", context)
