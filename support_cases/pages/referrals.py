"""Pages of referrals to other agencies: the list, sending a question, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cooperatives.errors import Words
from htx_portal.accounts.decorators import reviewer_required, worker_required
from htx_portal.choice_filter import share_choices
from htx_portal.pagination import page_of
from support_cases.access import referrals_for
from support_cases.filters import ReferralFilter
from support_cases.forms.case_acts import ActForm
from support_cases.forms.referrals import AnswerForm, EscalateForm, ReferForm, WithdrawForm
from support_cases.models import Case, Referral
from support_cases.pages.acting import case_of, done
from support_cases.referrals import answer, escalate, refer, withdraw

_READ_OR_SEND = require_http_methods(["GET", "HEAD", "POST"])
#: How many referrals the page of a case shows; the list has all of them.
_MOST_OF_A_CASE = 20


@require_safe
@reviewer_required
def referrals(request):
    """The list of referrals with its filters, 25 rows a page; what is still owed an answer first."""
    found = ReferralFilter(request.GET, referrals_for(request.user).with_rows().open_first())
    share_choices(found.form)
    rows = found.qs if found.is_valid() else Referral.objects.none()
    today = timezone.localdate()
    page = page_of(rows, request)
    context = {
        "filter": found,
        "narrowed": sum(bool(request.GET.get(name)) for name in found.form.fields if name != "ordering"),
        "page": page,
        "rows": with_states(page, today),
        "today": today,
    }
    return render(request, "support/referrals.html", context)


@_READ_OR_SEND
@worker_required
def refer_case(request, reference):
    """Send a question of the case to another agency; 409 with the reasons in words when that cannot be now."""
    case = case_of(request, reference)
    today = timezone.localdate()
    if request.method != "POST" or "look" in request.POST:
        # Asked only which agencies there were on a day: what was typed is kept and not judged.
        typed = {"sent_on": f"{today:%d/%m/%Y}", "version": case.version} | request.POST.dict()
        return _refer_page(request, case, ReferForm(initial=typed, case=case, today=today))
    form = ReferForm(request.POST, case=case, today=today)
    status = done(form, lambda: _send(form, case, request.user, today)) if form.is_valid() else 200
    if status == 302:
        messages.success(request, _("Đã chuyển cơ quan phối hợp."))
        return redirect("support:case", case.reference)
    return _refer_page(request, case, form, status)


@dataclass(frozen=True)
class _Act:
    """One thing that may become of a referral: its words, its form, and the act with what was typed."""

    title: Words
    said: Words
    form: type[ActForm]
    day: str
    run: Callable[..., Referral]


_ANSWER = _Act(
    gettext_lazy("Ghi trả lời"),
    gettext_lazy("Đã ghi trả lời của cơ quan phối hợp."),
    AnswerForm,
    "answered_on",
    lambda row, sent, **who: answer(
        row, sent["answer_kind"], sent["answer"], answered_on=sent["answered_on"], version=sent["version"], **who
    ),
)
_WITHDRAW = _Act(
    gettext_lazy("Rút lại"),
    gettext_lazy("Đã rút lại việc chuyển cơ quan."),
    WithdrawForm,
    "withdrawn_on",
    lambda row, sent, **who: withdraw(
        row, sent["withdrawn_reason"], withdrawn_on=sent["withdrawn_on"], version=sent["version"], **who
    ),
)
_ESCALATE = _Act(
    gettext_lazy("Báo lãnh đạo"),
    gettext_lazy("Đã báo lãnh đạo."),
    EscalateForm,
    "",
    lambda row, sent, **who: escalate(row, sent["escalation_note"], version=sent["version"], **who),
)


@_READ_OR_SEND
@worker_required
def referral_answer(request, reference, referral):
    """Log the answer of the agency."""
    return _act(request, reference, referral, _ANSWER)


@_READ_OR_SEND
@worker_required
def referral_withdraw(request, reference, referral):
    """Take the question back."""
    return _act(request, reference, referral, _WITHDRAW)


@_READ_OR_SEND
@worker_required
def referral_escalate(request, reference, referral):
    """Tell the leaders that the answer is late."""
    return _act(request, reference, referral, _ESCALATE)


def referral_context(case: Case, user, today: date) -> dict:
    """Return what the page of a case shows of its referrals: nothing to those who may not see them."""
    rows = list(referrals_for(user).filter(case=case).with_rows().open_first()[:_MOST_OF_A_CASE])
    return {"referrals": with_states(rows, today), "referrals_open": sum(row.is_open for row in rows)}


def with_states(rows, today: date) -> list[dict]:
    """Return each referral with where it stands on ``today`` and whether the leaders may be told now."""
    return [
        {"row": row, "state": row.state(today), "may_escalate": row.is_late(today) and row.escalated_on is None}
        for row in rows
    ]


def _send(form: ReferForm, case: Case, user, today: date) -> None:
    sent = form.cleaned_data
    refer(
        case,
        form.chosen(),
        sent["question"],
        by=user,
        today=today,
        sent_on=sent["sent_on"],
        expected_on=sent["expected_on"],
        letter_no=sent["letter_no"],
        version=sent["version"],
    )


def _refer_page(request, case: Case, form: ReferForm, status: int = 200):
    context = {"form": form, "case": case}
    return render(request, "support/referral_new.html", context, status=status)


def _act(request, reference: str, pk: int, act: _Act):
    """Show the form of an act on one referral, and do it by POST."""
    case = case_of(request, reference)
    row = get_object_or_404(referrals_for(request.user).filter(case=case).with_rows(), pk=pk)
    today = timezone.localdate()
    sent = request.POST if request.method == "POST" else None
    form = act.form(sent, initial={"version": row.version, act.day: f"{today:%d/%m/%Y}"})
    status = 200
    if request.method == "POST" and form.is_valid():
        status = done(form, lambda: act.run(row, form.cleaned_data, by=request.user, today=today))
        if status == 302:
            messages.success(request, act.said)
            return redirect("support:case", case.reference)
    context = {"form": form, "case": case, "referral": row, "title": act.title, "today": today}
    return render(request, "support/referral_act.html", context, status=status)
