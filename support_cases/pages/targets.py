"""The page of what the plan of a year asks: everybody in the office sees it, leaders set it."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cooperatives.errors import InvalidEntry
from htx_portal.accounts.decorators import reviewer_required
from htx_portal.pagination import page_of
from support_cases.forms.targets import TargetForm
from support_cases.models import Measure, TargetChange, YearlyTarget
from support_cases.overtaking import Overtaken
from support_cases.pages.report_links import measured, period_params
from support_cases.reports.answers import answer
from support_cases.reports.counting import frame_of
from support_cases.reports.periods import MONTH, Month, Period
from support_cases.reports.summary import SUMMARY, told_of
from support_cases.reports.versions import years_with_entries
from support_cases.targets import FIRST_YEAR, LAST_YEAR, targets_of

_MOST_YEARS = 12


@require_http_methods(["GET", "HEAD", "POST"])
@reviewer_required
def targets(request):
    """Show the targets of the year asked for (by default this one), what was reached, and who changed them when."""
    today = timezone.localdate()
    year = _asked(request.GET.get("nam", ""), today)
    known = targets_of(year)
    if request.method == "POST" and not request.user.may_lead:
        raise PermissionDenied
    form = TargetForm(request.POST or None, known=known) if request.user.may_lead else None
    if request.method == "POST" and form.is_valid() and _saved(form, year, request):
        return redirect(_address(year))
    period = Period(MONTH, Month(year, 1), Month(year, 12))
    log = TargetChange.objects.filter(year=year).select_related("changed_by")
    context = {
        "year": str(year),
        "years": [{"words": str(one), "url": _address(one), "current": one == year} for one in _years(year, today)],
        "form": form,
        "lines": _lines(form, known, answer(SUMMARY, period, frame=frame_of(period), today=today)),
        "page": page_of(log, request),
        "summary_url": reverse("support:report-kind", args=[SUMMARY], query=period_params(period)),
    }
    return render(request, "support/targets.html", context)


def _asked(text: str, today: date) -> int:
    """Return the year of an address; this year where it is none a plan can be of."""
    year = int(text) if len(text) == len(str(LAST_YEAR)) and text.isascii() and text.isdigit() else 0
    return year if FIRST_YEAR <= year <= LAST_YEAR else today.year


def _years(year: int, today: date) -> list[int]:
    """Return the years that are offered, the latest first: with targets, with entries, this one, the next."""
    known = set(YearlyTarget.objects.order_by().values_list("year", flat=True).distinct())
    known |= {day.year for day in years_with_entries()} | {today.year, today.year + 1}
    return sorted({*sorted(known, reverse=True)[:_MOST_YEARS], year}, reverse=True)


def _lines(form: TargetForm | None, known, found) -> list[dict]:
    """Return each measure with what is asked, what was reached and, for those who set them, its fields."""
    fields = {line["measure"]: line for line in form.lines()} if form else {}
    lines = []
    for measure in Measure:
        counted = measured(found, measure, ("cumulative", "cumulative_last_year"))
        line = {"label": measure.label, "target": known.get(measure.value)} | counted
        lines.append(line | told_of(found, measure, ("percent_of_target",)) | fields.get(measure, {}))
    return lines


def _saved(form: TargetForm, year: int, request) -> bool:
    """Whether a valid form was recorded; a refusal is shown in it."""
    try:
        changes = form.save(year, by=request.user, now=timezone.now())
    except InvalidEntry as refusal:
        form.show(refusal)
    except Overtaken as refusal:
        form.overtaken(refusal)
    else:
        saved = _("Đã lưu chỉ tiêu kế hoạch năm %(year)s.") if changes else _("Chỉ tiêu năm %(year)s không đổi.")
        messages.success(request, saved % {"year": year})
    return not form.errors


def _address(year: int) -> str:
    return reverse("support:targets", query={"nam": year})
