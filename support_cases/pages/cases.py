"""Pages of cases: the list, one case with its steps, its papers and its history."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cooperatives.access import cooperatives_for
from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.models import Cooperative
from htx_portal.accounts.decorators import worker_required
from htx_portal.choice_filter import share_choices
from htx_portal.pagination import page_of
from support_cases.access import cases_for, consultations_for
from support_cases.bases import newer_basis
from support_cases.choices import Status
from support_cases.extensions import may_be_extended
from support_cases.filters import CaseFilter
from support_cases.forms.cases import StepForm
from support_cases.history import labels, public_events, public_words
from support_cases.models import Case
from support_cases.pages.detail_words import detail_facts, row_tables
from support_cases.pages.panels import panel_of, rows_shown
from support_cases.pages.referrals import referral_context
from support_cases.papers import mark_papers
from support_cases.public_status import next_step_of
from support_cases.stages import stages_of
from support_cases.workflow import steps_from, take_step

_MOST_CONSULTATIONS = 20
# A cooperative has few cases and no use for the words and people of the office.
_FILTERS_OF_A_COOPERATIVE = ("q", "topic")
_HIDDEN_FILTERS = ("cooperative",)


@require_safe
def cases(request):
    """The list of cases with its filters, 25 rows a page; a cooperative's people see their own."""
    found = CaseFilter(request.GET, cases_for(request.user).with_parties())
    share_choices(found.form)
    rows = found.qs if found.is_valid() else Case.objects.none()
    found.form.fields["overdue"].widget.choices = [
        ("", _("Tất cả")),
        ("true", _("Đã quá hạn")),
        ("false", _("Chưa quá hạn")),
    ]
    shown = found.form.fields if request.user.may_review else _FILTERS_OF_A_COOPERATIVE
    fields = [found.form[name] for name in shown if name not in _HIDDEN_FILTERS]
    context = {
        "filter": found,
        "fields": fields,
        "narrowed": sum(bool(request.GET.get(field.name)) for field in fields if field.name != "ordering"),
        "cooperative": _cooperative_asked_for(request),
        "page": page_of(rows, request),
        "today": timezone.localdate(),
        "public": not request.user.may_review,
    }
    return render(request, "support/cases.html", context)


@require_safe
def case(request, reference):
    """One case: where it stands, what comes next, what is missing, what happened."""
    return _case_page(request, _case_of(request, reference))


@require_POST
@worker_required
def step(request, reference):
    """Take one step; 409 with the reasons in words, and what was typed kept, when it cannot be taken."""
    row = _case_of(request, reference)
    form = StepForm(request.POST)
    ticked = _ticked(request) if "papers" in request.POST else None
    if not form.is_valid():
        return _case_page(request, row, form=form, ticked=ticked)
    sent = form.cleaned_data
    try:
        row = take_step(
            row,
            sent["step"],
            by=request.user,
            today=timezone.localdate(),
            note=form.said(),
            version=sent["version"],
            effective_on=sent["effective_on"],
            received=ticked,
        )
    except InvalidEntry as refusal:
        for name, problems in refusal.problems.items():
            form.add_error(name if name in form.fields else None, problems)
        return _case_page(request, row, form=form, ticked=ticked)
    except NotAllowedNow as refusal:
        row = _case_of(request, reference)
        return _case_page(request, row, form=form, ticked=ticked, problems=refusal.problems, status=409)
    stop = row.kind.milestone_of(row) if row.milestone == sent["step"] else None
    where = stop.label if stop else row.get_status_display()
    messages.success(request, _("Hồ sơ chuyển sang: %(status)s.") % {"status": where})
    return redirect("support:case", row.reference)


@require_POST
@worker_required
def papers(request, reference):
    """Note which papers have come in: the ticked ones and no others; 409 when the case changed meanwhile."""
    row = _case_of(request, reference)
    ticked = _ticked(request)
    form = StepForm(request.POST)
    version = request.POST.get("version", "")
    try:
        mark_papers(
            row,
            ticked,
            by=request.user,
            today=timezone.localdate(),
            # One form for papers and steps: a remark typed before this button was pressed must not be lost.
            note=form.said(),
            version=int(version) if _is_number(version) else -1,
        )
    except NotAllowedNow as refusal:
        row = _case_of(request, reference)
        return _case_page(request, row, form=form, ticked=ticked, problems=refusal.problems, status=409)
    messages.success(request, _("Đã lưu giấy tờ của hồ sơ."))
    return redirect("support:case", row.reference)


def _ticked(request) -> set[int]:
    """Return the numbers of the ticked papers; what is no number of a row is left out."""
    return {int(pk) for pk in request.POST.getlist("received") if _is_number(pk)}


def _case_of(request, reference) -> Case:
    """Return the case with this reference if the person may see it, 404 otherwise."""
    rows = cases_for(request.user).with_parties().select_related("basis", "follows").prefetch_related("checklist")
    return get_object_or_404(rows, reference=reference)


def _case_page(request, row: Case, *, form=None, ticked=None, problems=(), status=200):
    """Return the page of a case; ``problems`` are reasons why what was just asked was not done."""
    checklist = [paper for paper in row.checklist.all() if paper.dropped_on is None or paper.received_on]
    public = not request.user.may_review
    if ticked is None:
        ticked = {paper.pk for paper in checklist if paper.received_on}
    met = consultations_for(request.user).standing().filter(cases=row)
    context = {
        "case": row,
        "today": timezone.localdate(),
        "public": public,
        "stages": stages_of(row),
        "stage": row.kind.stage(row),
        "next_step": next_step_of(row) if public else "",
        "details": detail_facts(row, public=public),
        "tables": row_tables(row, public=public, without=rows_shown(row)),
        "followers": list(row.followers.order_by("pk")),
        "checklist": checklist,
        "missing": [paper for paper in checklist if paper.is_missing] if row.is_open else [],
        "ticked": ticked,
        "history": _history(row, public),
        "consultations": met.select_related("officer").prefetch_related("topics").defer("advice")[:_MOST_CONSULTATIONS],
        "form": form or StepForm(),
        "problems": problems,
    }
    context |= panel_of(row, request.user, context["today"])
    if not public:
        context |= _office_context(row, context["today"]) | referral_context(row, request.user, context["today"])
    if request.user.may_work:
        context |= _steps_context(row, context["missing"], context["form"])
    return render(request, "support/case.html", context, status=status)


def _office_context(row: Case, today) -> dict:
    """Return what leads an officer through the law of this case: hints, computed facts, a law about to change."""
    return {
        "guidance": row.kind.guidance(row, today) if row.is_open else [],
        "facts": row.kind.facts(row, today),
        "new_basis": newer_basis(row, today) if row.is_open else None,
        "may_be_extended": may_be_extended(row),
    }


def _steps_context(row: Case, missing: list, form: StepForm) -> dict:
    """Return the steps the page offers: those that go on, and those that end or reopen and need a reason."""
    steps = steps_from(row)
    endings = [s for s in steps if s.needs_note]
    # The step that leads on comes first and is the page's main button; sending back comes after it.
    forward = sorted((s for s in steps if not s.needs_note), key=lambda s: s.target == Status.WAITING_COOPERATIVE)
    return {
        "forward": forward,
        "endings": endings,
        "waits_for_papers": bool(missing) and any(s.needs_papers for s in steps),
        "note_open": form.data.get("step") in {s.code for s in endings},
    }


def _history(row: Case, public: bool) -> list[dict]:
    """Return the steps of the case, latest first: all of it for the office, day and public words for others."""
    if public:
        events = public_events(row).order_by("-pk")
        return [{"day": e.effective_on, "label": public_words(e, row)} for e in events]
    words = labels()
    return [
        {
            "day": e.effective_on,
            "label": words.get(e.step, e.step),
            "actor": e.actor,
            "note": e.note,
            "recorded_on": timezone.localdate(e.recorded_at),
        }
        for e in row.events.select_related("actor").order_by("-pk")
    ]


def _is_number(text: str) -> bool:
    """Whether ``text`` is a number of a size that rows have."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def _cooperative_asked_for(request) -> Cooperative | None:
    """Return the cooperative ``?cooperative=`` narrows the list to, if the person may see it."""
    pk = request.GET.get("cooperative", "")
    return cooperatives_for(request.user).filter(pk=pk).first() if _is_number(pk) else None
