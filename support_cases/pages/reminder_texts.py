"""Pages with a text to copy into Zalo or an SMS, for a reminder or for a case."""

from datetime import date
from urllib.parse import quote

from django.conf import settings
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from htx_portal.accounts.decorators import reviewer_required
from htx_portal.templatetags.portal import phone
from support_cases.choices import Occasion
from support_cases.models import Case, Reminder
from support_cases.pages.acting import case_of
from support_cases.reminders.inbox import inbox
from support_cases.reminders.sources import SOURCES
from support_cases.reminders.texts import FOR_COOPERATIVES, WITH_DEADLINE, Matter, about, texts_of

#: Whoever reads English on screen still writes to a cooperative in Vietnamese.
_LANGUAGE = "vi"


@require_safe
@reviewer_required
def reminder_text(request, pk):
    """The texts of one of the person's own reminders."""
    rows = inbox(request.user).filter(rule__in=FOR_COOPERATIVES).select_related("case__officer")
    row = get_object_or_404(rows, pk=pk)
    with translation.override(_LANGUAGE):
        matter = _of_reminder(row, request.user)
    return _page(request, matter, row.party, row.case)


@require_safe
@reviewer_required
def case_text(request, reference):
    """The texts of the next thing in a case: what it waits for, or where it stands."""
    case = case_of(request, reference)
    kind = Occasion.WAITING_COOPERATIVE if case.is_waiting else Occasion.CASE_DEADLINE
    with translation.override(_LANGUAGE):
        words = about(kind, day=timezone.localdate(), case=case.title)
        matter = _matter(case.party, words, case, None, case.officer)
    return _page(request, matter, case.party, case)


def _of_reminder(row: Reminder, user) -> Matter:
    what = SOURCES[row.rule].whats([row.detail])[row.detail]
    words = about(row.rule, what=what, day=row.anchor_on, case=row.case.title if row.case else "")
    ahead = row.rule in WITH_DEADLINE and row.anchor_on >= timezone.localdate()
    caller = row.case.officer if row.case and not row.instead_of_id else user
    return _matter(row.party, words, row.case, row.anchor_on if ahead else None, caller)


def _matter(party, words: str, case: Case | None, deadline: date | None, caller) -> Matter:
    missing = [paper.label for paper in case.checklist.all() if paper.is_missing] if case and case.is_open else []
    number = phone(caller.phone or settings.OFFICE_PHONE)
    return Matter(
        party.name if party else "", words, missing=missing, deadline=deadline, officer=str(caller), phone=number
    )


def _page(request, matter: Matter, party, case: Case | None):
    with translation.override(_LANGUAGE):
        texts = texts_of(matter)
    number = party.phone if party else ""
    context = {
        "texts": texts,
        "parts": [
            {"text": text, "length": len(text), "link": f"sms:{number}?body={quote(text)}"} for text in texts.sms
        ],
        "party": party,
        "case": case,
    }
    return render(request, "support/reminder_text.html", context)
