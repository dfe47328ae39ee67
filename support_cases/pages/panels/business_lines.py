"""The review of a cooperative's lines: on the page of the case, and the page on which it is written line by line."""

from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from cooperatives.agencies import registrar_for
from cooperatives.errors import WHOLE, NotAllowedNow
from cooperatives.lines import Outcome, Proposal, proposals_of
from cooperatives.models import ConditionalLine, VsicVersion, version_on
from htx_portal.accounts.decorators import worker_required
from htx_portal.pagination import page_of
from support_cases.access import cases_for
from support_cases.forms.line_review import ReviewForm
from support_cases.line_reviews import fill_from_register, save_review
from support_cases.models import Case
from support_cases.pages.acting import done
from support_cases.support_types.business_lines import effective_day, review_of

TEMPLATE = "support/panels/business_lines.html"
#: Lists of child rows this panel shows itself.
ROWS_SHOWN = frozenset({"lines"})
_ROWS_A_PAGE = 12


@dataclass(frozen=True)
class AfterLine:
    """One line of the list after the change, with what is wrong with it and what licences it needs."""

    outcome: Outcome
    problems: list
    licences: list[str]


def panel(case: Case, user, today) -> dict:
    """Return the rows of the review, the list it leads to, and the lines of the register not reviewed yet."""
    rows = list(case.linereview_rows.select_related("present__line", "line"))
    found = review_of(case, today, rows)
    if not case.is_open:
        # What the list of a later day makes of a review that has ended is nobody's problem.
        found = replace(found, problems={})
    open_now = case.is_open and user.may_work
    return {
        "registrar": registrar_for(case.party, today) if open_now and not case.receiving_agency else None,
        "review_rows": [(row, found.problems.get(place, [])) for place, row in enumerate(rows)],
        "whole_problems": found.problems.get(WHOLE, []),
        "after_lines": _after(found, today) if rows else [],
        "left_out": found.left_out,
        "effective_on": effective_day(case, today),
        "review_open": open_now and case.cooperative is not None,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@worker_required
def review(request, reference):
    """The review line by line. Buttons: save, look at the result without saving, take a proposal and save."""
    case = _case_of(request, reference)
    today = timezone.localdate()
    rows = list(case.linereview_rows.select_related("present__line", "line"))
    vsic = (case.details.target_version if case.details else "") or version_on(case.event_on)
    proposals = {p.present.pk: p for p in proposals_of([row.present for row in rows if row.present], case.event_on)}
    sent = request.POST if request.method == "POST" else None
    if sent is not None and "take" in sent:
        sent = _with_proposal(sent, rows, proposals)
    page = page_of(rows, request, _ROWS_A_PAGE)
    form = ReviewForm(sent, rows=rows, shown=page.object_list, vsic=vsic, initial={"version": case.version})
    status, meant = 200, rows
    if sent is not None and form.is_valid():
        meant = form.unsaved(case)
        if "look" not in sent:
            version = form.cleaned_data["version"]
            status = done(form, lambda: save_review(case, form.values(), by=request.user, today=today, version=version))
        if status == 302:
            messages.success(request, _("Đã lưu bảng rà soát."))
            return redirect(request.get_full_path() if "take" in sent else reverse("support:case", args=[reference]))
    context = _page_context(case, form, proposals, review_of(case, today, meant), today) | {"vsic": vsic, "page": page}
    return render(request, "support/line_review.html", context, status=status)


@require_POST
@worker_required
def fill(request, reference):
    """Add the lines of the register that the review lacks, all kept for a start."""
    case = _case_of(request, reference)
    try:
        count = fill_from_register(case, by=request.user, today=timezone.localdate())
    except NotAllowedNow as refusal:
        for problem in refusal.problems:
            messages.error(request, problem)
        return redirect("support:case", case.reference)
    words = ngettext("Đã thêm %(count)d ngành từ sổ đăng ký.", "Đã thêm %(count)d ngành từ sổ đăng ký.", count)
    messages.success(request, words % {"count": count})
    return redirect("support:lines-review", case.reference)


def _case_of(request, reference) -> Case:
    """Return the case if the person may see it and it is about the lines of a cooperative, 404 otherwise."""
    case = get_object_or_404(cases_for(request.user).with_parties(), reference=reference)
    if case.topic != __name__.rpartition(".")[2] or case.cooperative is None:
        raise Http404
    return case


def _after(found, today) -> list[AfterLine]:
    licences = ConditionalLine.objects.notes([outcome.line for outcome in found.after], today)
    return [
        AfterLine(
            outcome,
            found.problems.get(outcome.place, []) if outcome.place is not None else [],
            licences[outcome.line.pk],
        )
        for outcome in found.after
    ]


def _page_context(case: Case, form: ReviewForm, proposals: dict[int, Proposal], found, today) -> dict:
    """Return what the page of the review shows: each row of the form with its problems and its proposal."""
    problems = {key: found.problems.get(place, []) for place, key in enumerate(form.kept_keys())}
    return {
        "case": case,
        "form": form,
        "rows": [
            (row, problems.get(row.key, []), proposals.get(row.row.present_id) if row.row else None)
            for row in form.form_rows()
        ],
        "whole_problems": found.problems.get(WHOLE, []),
        "after_lines": _after(found, today),
        "left_out": found.left_out,
        "effective_on": effective_day(case, today),
        "version_label": VsicVersion(form.vsic).label if form.vsic else "VSIC",
    }


def _with_proposal(sent, rows, proposals: dict[int, Proposal]):
    """Return the form as sent with one proposal taken over: its row is moved to the line proposed.

    ``take`` is "row:line"; what was not proposed is left aside.
    """
    number, _colon, wanted = sent["take"].partition(":")
    sent = sent.copy()
    for row in rows:
        proposal = proposals.get(row.present_id)
        target = next((line for line in proposal.targets if str(line.pk) == wanted), None) if proposal else None
        if str(row.pk) == number and target is not None:
            sent[f"action_{row.pk}"] = "move"
            sent[f"typed_{row.pk}"] = str(target)
            sent[f"line_{row.pk}"] = str(target.pk)
    return sent


urlpatterns = [
    path("nganh-nghe/", review, name="lines-review"),
    path("nganh-nghe/bat-dau/", fill, name="lines-fill"),
]
