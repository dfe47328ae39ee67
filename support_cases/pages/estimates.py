"""The page where leaders enter what a running period is expected to come to, beside what is counted so far."""

from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cooperatives.errors import InvalidEntry, NotAllowedNow
from htx_portal.accounts.decorators import leader_required
from support_cases.forms.estimates import EstimateForm
from support_cases.models import Measure
from support_cases.overtaking import Overtaken
from support_cases.pages.report_links import measured
from support_cases.reports.answers import answer
from support_cases.reports.counting import frame_of
from support_cases.reports.measures import estimates_of
from support_cases.reports.periods import CALENDARS, MONTH, MONTHS_OF, Period
from support_cases.reports.served import period_label, period_name
from support_cases.reports.summary import SUMMARY


@require_http_methods(["GET", "HEAD", "POST"])
@leader_required
def estimates(request):
    """Show the running period asked for (by default the month), with a field for each measure."""
    today = timezone.localdate()
    running = _running(request.GET.get("calendar"), today)
    period = next((one for one in running if one.code == request.GET.get("period")), running[0])
    found = answer(SUMMARY, period, frame=frame_of(period), today=today)
    known = list(estimates_of(found.basis.scope).select_related("entered_by").order_by("-entered_at"))
    form = EstimateForm(request.POST or None, known=known)
    if request.method == "POST" and form.is_valid() and _saved(form, period, request.user, today):
        messages.success(request, _("Đã lưu ước thực hiện: %(period)s.") % {"period": period_name(period)})
        return redirect(f"{reverse('support:estimates')}?{_asked(period)}")
    context = {
        "form": form,
        "label": period_label(period),
        "lines": _lines(form, found),
        "last": known[0] if known else None,
        "periods": [{"words": period_name(one), "url": f"?{_asked(one)}", "current": one == period} for one in running],
        "summary_url": f"{reverse('support:report-kind', args=[SUMMARY])}?{_asked(period)}",
    }
    return render(request, "support/estimates.html", context)


def _running(calendar: str | None, today) -> list[Period]:
    """Return the periods that are running, the month first."""
    chosen = calendar if calendar in CALENDARS else MONTH
    return [Period.containing(today, chosen, span) for span in MONTHS_OF]


def _asked(period: Period) -> str:
    return urlencode({"period": period.code, "calendar": period.calendar})


def _lines(form: EstimateForm, found) -> list[dict]:
    """Return each measure with its field and what is counted so far and was counted a year before."""
    return [{"field": form[one.value]} | measured(found, one, ("now", "last_year")) for one in Measure]


def _saved(form: EstimateForm, period: Period, user, today) -> bool:
    """Whether a valid form was recorded; a refusal is shown in it."""
    try:
        form.save(period, by=user, today=today, now=timezone.now())
    except InvalidEntry as refusal:
        form.show(refusal)
    except Overtaken as refusal:
        form.overtaken(refusal)
    except NotAllowedNow as refusal:
        for problem in refusal.problems:
            form.add_error(None, problem)
    return not form.errors
