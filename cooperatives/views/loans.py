"""Pages of loans for the office: the list, one loan with what was paid out of it, the sums by lender and year."""

from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cooperatives.access import loans_for
from cooperatives.choices import Lender
from cooperatives.errors import InvalidEntry, NotAllowedNow
from cooperatives.lending import checks, hindrances, sums, total_of, void_disbursement
from cooperatives.lending.sums import Line, paid_line
from cooperatives.loan_filters import LoanFilter, LoanSumFilter
from cooperatives.loan_forms import DisbursementForm
from cooperatives.models import Disbursement, Loan
from htx_portal.accounts.decorators import reviewer_required, worker_required
from htx_portal.choice_filter import share_choices
from htx_portal.pagination import page_of

_BY = ("year", "lender")


@require_safe
@reviewer_required
def loans(request):
    """The list of loans with its filters and the sums of all that match, 25 rows a page."""
    found = LoanFilter(request.GET, loans_for(request.user))
    share_choices(found.form)
    valid = found.is_valid()
    rows = found.qs if valid else Loan.objects.none()
    paid_year = int(found.form.cleaned_data["paid_year"] or 0) if valid else 0
    shown = rows.select_related("cooperative", "cooperative__old_district", "programme")
    if paid_year:
        shown = shown.with_paid_in(paid_year)
    context = {
        "filter": found,
        "narrowed": sum(bool(request.GET.get(name)) for name in found.form.fields if name != "ordering"),
        "page": page_of(shown, request, counter=rows.order_by().count),
        "total": _total(rows, paid_year),
        "paid_year": paid_year,
    }
    return render(request, "cooperatives/loans.html", context)


@require_safe
@reviewer_required
def summary(request):
    """Asked, approved and paid out by year and lender; each figure opens into the loans behind it."""
    found = LoanSumFilter(request.GET, loans_for(request.user))
    share_choices(found.form)
    lines = sums(found.qs, _BY) if found.is_valid() else []
    year = found.form.cleaned_data.get("year") if found.is_valid() else ""
    if year:
        lines = [line for line in lines if line.key[0] == int(year)]
    district = request.GET.get("district", "")
    context = {
        "filter": found,
        "narrowed": sum(bool(request.GET.get(name)) for name in found.form.fields),
        "years": [_year_table(each, lines, district) for each in sorted({line.key[0] for line in lines}, reverse=True)],
        "total": total_of(lines),
    }
    return render(request, "cooperatives/loan_summary.html", context)


@require_safe
@reviewer_required
def loan(request, loan):
    """One loan: what was asked, decided and paid out, and what stands in the way of more."""
    return _loan_page(request, _loan_of(request, loan))


@require_POST
@worker_required
def pay(request, loan):
    """Record one payment; 409 with the reasons when the loan is not granted or somebody was faster."""
    row = _loan_of(request, loan)
    form = DisbursementForm(request.POST)
    status = 200
    if form.is_valid():
        try:
            form.save(row, by=request.user, today=timezone.localdate())
        except InvalidEntry as refusal:
            form.show(refusal)
        except NotAllowedNow as refusal:
            row, status = _loan_of(request, loan), 409
            for problem in refusal.problems:
                form.add_error(None, problem)
        else:
            messages.success(request, _("Đã ghi lần giải ngân."))
            return redirect("cooperatives:loan", row.pk)
    # What is true now: who reads the refusal and sends again knows what was paid out.
    form.data = form.data.copy()
    form.data["seen"] = row.disbursed
    return _loan_page(request, row, form=form, status=status)


@require_POST
@worker_required
def void(request, loan, payment):
    """Take a wrongly recorded payment out of the sum, for a reason."""
    row = get_object_or_404(Disbursement, loan__in=loans_for(request.user).filter(pk=loan), pk=payment)
    try:
        void_disbursement(row, request.POST.get("reason", ""), by=request.user)
    except InvalidEntry as refusal:
        for problem in refusal.problems["reason"]:
            messages.error(request, problem)
    else:
        messages.success(request, _("Đã bỏ lần giải ngân ghi sai."))
    return redirect("cooperatives:loan", loan)


def _loan_of(request, pk) -> Loan:
    rows = loans_for(request.user).select_related("cooperative", "programme")
    return get_object_or_404(rows, pk=pk)


def _loan_page(request, row: Loan, *, form=None, status=200):
    """Return the page of one loan."""
    today = timezone.localdate()
    asking = not row.is_granted
    context = {
        "loan": row,
        "payments": row.disbursements.select_related("recorded_by", "voided_by"),
        "reasons": row.further_refusals.all(),
        "hindrances": hindrances(row.cooperative, today) if asking else [],
        "concerns": checks(row, row.cooperative.kind, row.submitted_on),
        "form": form or DisbursementForm(initial={"seen": row.disbursed}),
        "may_pay": request.user.may_work and row.is_granted and row.rest > 0,
    }
    return render(request, "cooperatives/loan.html", context, status=status)


def _total(rows, paid_year: int) -> Line:
    """Return the sums of all rows of a list; of what was paid out only that of ``paid_year``, where it is given."""
    lines = sums(rows, _BY)
    return paid_line(lines, paid_year) if paid_year else total_of(lines)


def _year_table(year: int, lines: list[Line], district: str) -> dict:
    """Return the lines of one year with the addresses of the loans behind each figure, and their sum."""
    words = dict(Lender.choices)
    own = [line for line in lines if line.key[0] == year]
    rows = [_row(words.get(line.key[1], line.key[1]), line, year, district, lender=line.key[1]) for line in own]
    rows.sort(key=lambda row: -row["line"].asked)
    return {"year": year, "rows": rows, "total": _row("", total_of(own), year, district)}


def _row(name, line: Line, year: int, district: str, **more: str) -> dict:
    """Return one line of the table; what was paid is opened by the year of payment, the rest by that of submission."""
    kept = {name: value for name, value in ({"district": district} | more).items() if value}
    start = reverse("cooperatives:loans")
    return {
        "name": name,
        "line": line,
        "asked_url": f"{start}?{urlencode({'year': year} | kept)}" if line.loans else "",
        "paid_url": f"{start}?{urlencode({'paid_year': year} | kept)}" if line.disbursed else "",
    }
