"""Logging a consultation: the form an officer fills in many times a day, and its search while typing."""

from uuid import uuid4

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cooperatives.errors import InvalidEntry
from cooperatives.models import FoundingGroup
from htx_portal.accounts.decorators import worker_required
from support_cases.access import cases_for
from support_cases.choices import OPEN_STATUSES, Channel
from support_cases.consultations import SameIdOtherEntry, log_consultation
from support_cases.forms.consultations import OTHER, ConsultationForm
from support_cases.forms.parties import find_party, found_by, key_of, met_last, search_parties, short_name
from support_cases.models import Case
from support_cases.reports.closed_days import ClosedDay, closed_day, closed_day_of

_MOST_OPEN_CASES = 20


@require_http_methods(["GET", "HEAD", "POST"])
@worker_required
def log(request):
    """Show the empty form, or record what was sent and go to the entry.

    ``?htx=12``, ``?nhom=3`` and ``?ho-so=TCT-…`` choose the party (and tick the case) beforehand. The button
    "find" looks the party up for browsers without JavaScript and judges nothing else.
    """
    today = timezone.localdate()
    if request.method != "POST":
        return form_page(request, *_blank_form(request, today))
    form = ConsultationForm(request.POST, user=request.user, today=today)
    if "find" in request.POST:
        return found_page(request, form)
    if not form.is_valid():
        return form_page(request, form, form.chosen)
    try:
        row, is_new = log_consultation(form.entry(), by=request.user, today=today)
    except SameIdOtherEntry:
        return form_page(request, form, form.chosen, first=form.recorded_before(), status=409)
    except InvalidEntry as refusal:
        form.show(refusal)
        return form_page(request, form, form.chosen)
    # Also for a repeat: a message of success is what tells the browser to throw the kept draft away.
    if is_new:
        messages.success(request, _("Đã ghi lần tư vấn."))
    else:
        messages.success(request, _("Lần tư vấn này đã được ghi từ trước, không ghi thêm lần nữa."))
    return redirect("support:consultation", row.pk)


@require_safe
@worker_required
def party_lookup(request):
    """Answer ``?q=`` with the parties that match, or ``?party=htx-12`` with the open cases of that party."""
    if "party" in request.GET:
        party = find_party(request.user, request.GET["party"])
        cases = _open_cases(request.user, party)
        return JsonResponse({"cases": [{"id": ref, "label": label} for ref, label in cases]})
    text = request.GET.get("q", "")
    found = search_parties(request.user, text)
    results = [{"id": key_of(p), "label": p.name, "note": _note_of(p, text)} for p in found]
    return JsonResponse({"results": results})


def _note_of(party, text: str) -> str:
    """Return where a party is and what else ``text`` found it by, with the mark of a founding group."""
    place = " · ".join(dict.fromkeys([party.commune.full_name, *found_by(party, text)]))
    return place if key_of(party).startswith("htx") else _("Nhóm sáng lập · %(place)s") % {"place": place}


def _blank_form(request, today):
    """Return a fresh form with its own id, and the party the address asks for."""
    initial = {"held_on": today, "outcome": "answered"}
    case = party = None
    if request.GET.get("ho-so"):
        wanted = cases_for(request.user).with_parties().referred_to([request.GET["ho-so"]])
        case = wanted.first()
    if case is not None:
        party = case.party
        initial |= {"cases": [case.reference], "topics": [case.topic]}
    for kind in ("htx", "nhom"):
        if party is None and request.GET.get(kind):
            party = find_party(request.user, f"{kind}-{request.GET[kind]}")
    return ConsultationForm(initial=initial, user=request.user, today=today), party


def found_page(request, form, **page):
    """Return the form as it was sent, with the parties the search box found as choices; ``page`` as for
    ``form_page``.
    """
    typed = form.typed()
    matches = search_parties(request.user, typed["party_text"] or "")
    party = matches[0] if len(matches) == 1 else find_party(request.user, typed["party"] or "")
    again = type(form)(initial=typed, user=request.user, today=form.today)
    again.matches = matches
    return form_page(request, again, party, searched=True, **page)


def form_page(request, form, party, *, first=None, searched=False, status=200, corrected=None):
    """Return the page of the form; ``first`` is the other entry that already has this form's id, ``corrected``
    the entry that is to be put right.
    """
    recent, last_channel = met_last(request.user)
    if not form.is_bound:
        form.initial.setdefault("channel", last_channel or Channel.PHONE)
    open_cases = _open_cases(request.user, party, ticked=form["cases"].value() or [])
    form.fields["cases"].choices = open_cases
    was_closed = closed_day_of(corrected) if corrected else None
    choices = {key_of(p): p for p in [*([party] if party else []), *form.matches, *recent]}
    context = {
        "form": form,
        "client_id": _client_id(form, first),
        "parties": [{"key": key, "name": short_name(p), "checked": p == party} for key, p in choices.items()],
        "other": OTHER,
        "other_checked": party is None and (not choices or form["party"].value() == OTHER),
        "has_open_cases": bool(open_cases),
        "shown_for": key_of(party) if party else "",
        "first": first,
        "searched": searched,
        "corrected": corrected,
        "corrected_closed": was_closed,
        "closed": _closed_as_typed(form, was_closed),
        "of_group": isinstance(party, FoundingGroup),
    }
    template = "support/correct.html" if corrected else "support/log.html"
    return render(request, template, context, status=status)


def _closed_as_typed(form, told: ClosedDay | None) -> ClosedDay | None:
    """Return what was closed of the day sent in a form that is shown again; None where that is ``told`` already."""
    day = form.cleaned_data.get("held_on") if form.is_bound else None
    return closed_day(day) if day and not (told and told.day == day) else None


def _client_id(form, first):
    """Return the id the form came with, so that a repeat is known; a new one when that is spent or broken."""
    sent = form["client_id"].value()
    if not sent or first is not None or "client_id" in form.errors:
        return uuid4()
    return sent


def _open_cases(user, party, ticked=()) -> list[tuple[str, str]]:
    """Return ``(reference, words)`` of the open cases of a party and of those ticked already, latest first.

    One query, none without a party.
    """
    if party is None:
        return []
    field = "cooperative" if key_of(party).startswith("htx") else "founding_group"
    offered = cases_for(user).filter(status__in=OPEN_STATUSES) | cases_for(user).referred_to(ticked)
    rows = offered.filter(**{field: party})[:_MOST_OPEN_CASES]
    return [(case.reference, _words_of(case)) for case in rows]


def _words_of(case: Case) -> str:
    return f"{case.topic_label}: {case.title} ({case.reference})"
