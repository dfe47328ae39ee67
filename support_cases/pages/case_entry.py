"""Opening a case and changing what is written on it."""

from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from cooperatives.errors import InvalidEntry, StaleVersion
from cooperatives.text import nfc
from htx_portal.accounts.decorators import worker_required
from support_cases.access import cases_for
from support_cases.forms.cases import OTHER, EditCaseForm, OpenCaseForm, TopicForm
from support_cases.forms.parties import find_party, key_of, met_last, search_parties
from support_cases.models import Case
from support_cases.support_types import SUPPORT_TYPES

# Two equal cases of one officer within this time are one press too many and not a second request.
_DOUBLE_PRESS = timedelta(minutes=2)


@worker_required
def open_new(request):
    """Ask for the topic first (``?topic=``), then show the form of that kind.

    ``?htx=12`` and ``?nhom=3`` choose the party beforehand. The button "find" looks a party up for browsers
    without JavaScript and judges nothing else.
    """
    kind = SUPPORT_TYPES.get(request.GET.get("topic", ""))
    if kind is None:
        form = TopicForm(request.GET if "topic" in request.GET else None)
        return render(request, "support/case_topic.html", {"form": form})
    today = timezone.localdate()
    if request.method != "POST":
        party = _party_asked_for(request)
        form = OpenCaseForm(initial={"opened_on": today}, kind=kind, party=party, user=request.user)
        return _form_page(request, form, party)
    form = OpenCaseForm(request.POST, kind=kind, party=_party_asked_for(request), user=request.user)
    if "find" in request.POST:
        return _found_page(request, kind)
    if not form.is_valid():
        return _form_page(request, form, form.chosen)
    try:
        case, is_new = _open_once(form, request.user, today)
    except InvalidEntry as refusal:
        form.show(refusal)
        return _form_page(request, form, form.chosen)
    words = _("Đã mở hồ sơ %(reference)s.") if is_new else _("Hồ sơ %(reference)s đã được mở, không mở thêm.")
    messages.success(request, words % {"reference": case.reference})
    return redirect("support:case", case.reference)


@worker_required
def edit(request, reference):
    """Change what is written on a case; 409 with the typed values kept when somebody was faster."""
    case = get_object_or_404(cases_for(request.user).with_parties(), reference=reference)
    form = EditCaseForm(request.POST or None, case=case)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            form.save(by=request.user, today=timezone.localdate())
        except InvalidEntry as refusal:
            form.show(refusal)
        except StaleVersion as refusal:
            form.take_note_of_change(refusal.problems)
            status = 409
        else:
            messages.success(request, _("Đã lưu thay đổi của hồ sơ."))
            return redirect("support:case", case.reference)
    return render(request, "support/case_edit.html", {"form": form, "case": case}, status=status)


def _open_once(form, by, today) -> tuple[Case, bool]:
    """Open the case and return it with True; after a double press return the first one with False.

    The lock on the party makes the second of two simultaneous presses wait and then see the first one's case.
    A form that says something else is not a second press: what was typed anew must not be thrown away.
    """
    party = form.chosen
    typed = form.cleaned_data
    model = form.kind.details._meta.model_name
    with transaction.atomic():
        type(party).objects.select_for_update().get(pk=party.pk)
        just_now = timezone.now() - _DOUBLE_PRESS
        first = party.cases.filter(
            topic=form.kind.code,
            opened_on=typed["opened_on"],
            created_at__gte=just_now,
            events__actor=by,
            **{name: nfc(typed[name]) for name in ("title", "receiving_agency", "external_ref")},
            **{name: typed[name] for name in ("due_on", "officer", "event_on") if typed[name]},
            **{f"{model}__{name}": _as_kept(value) for name, value in form.details().items()},
        ).first()
        return (first, False) if first else (form.save(by=by, today=today), True)


def _as_kept(value):
    return nfc(value) if isinstance(value, str) else value


def _party_asked_for(request):
    """Return the party the address names, or None."""
    for kind in ("htx", "nhom"):
        if request.GET.get(kind):
            return find_party(request.user, f"{kind}-{request.GET[kind]}")
    return None


def _found_page(request, kind):
    """Return the form as it was sent, unjudged, with the parties the search box found as choices."""
    form = OpenCaseForm(initial=request.POST.dict(), kind=kind, user=request.user)
    form.matches = search_parties(request.user, request.POST.get("party_text", ""))
    party = find_party(request.user, request.POST.get("party", ""))
    return _form_page(request, form, party, searched=True)


def _form_page(request, form, party, *, searched=False):
    """Return the page of the opening form, with the chosen party, those found, or else those met last to tap."""
    nearest = [party] if party else [*form.matches] or met_last(request.user)[0]
    choices = {key_of(p): p for p in nearest}
    context = {
        "form": form,
        "kind": form.kind,
        "parties": [{"key": key, "name": p.name, "checked": p == party} for key, p in choices.items()],
        "other": OTHER,
        "other_checked": party is None and (not choices or form["party"].value() == OTHER),
        "searched": searched,
    }
    return render(request, "support/case_open.html", context)
