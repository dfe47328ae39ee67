"""Closing periods: the year's periods with their state, one period with what looks wrong first, and the acts."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cooperatives.errors import InvalidEntry, NotAllowedNow
from htx_portal.accounts.decorators import leader_required, reviewer_required
from htx_portal.pagination import page_of
from support_cases.closings import close_period, reopen_period
from support_cases.exports.front import rule_of
from support_cases.forms.reports import ReopenForm
from support_cases.models import Closing, PeriodDraft
from support_cases.pages.closing_log import logged, since_reopened
from support_cases.pages.hurrying import hurry
from support_cases.pages.report_links import Links, period_params
from support_cases.pages.report_periods import CALENDAR_WORDS
from support_cases.reports.answers import Answer, answer
from support_cases.reports.counting import frame_of
from support_cases.reports.doubts import doubts_of
from support_cases.reports.office import months_of, office_calendar, period_of, reported_periods
from support_cases.reports.periods import CALENDARS, Month, Period
from support_cases.reports.query import ReportQuery
from support_cases.reports.registry import REPORTS
from support_cases.reports.served import SERVED, changed_since, period_days, period_label, period_name
from support_cases.reports.versions import years_with_entries

# So much of a digest is shown on a list; the whole one stands on the page of the period.
_SHOWN_OF_DIGEST = 12
_LOOK_AGAIN_SECONDS = 3


@require_safe
@reviewer_required
def closings(request):
    """Show the periods of one year with their state, and the log of all closings; four queries besides the log."""
    today = timezone.localdate()
    calendar = request.GET.get("calendar", "")
    calendar = calendar if calendar in CALENDARS else office_calendar(today)
    running = Month.containing(today, calendar)
    years = sorted({day.year for day in years_with_entries()} | {running.year}, reverse=True)
    year = next((year for year in years if str(year) == request.GET.get("nam")), years[0])
    log = Closing.objects.filter(calendar=calendar).select_related("closed_by", "reopened_by")
    page = page_of(log.defer("figures", "names").order_by("-closed_at", "-pk"), request)
    context = {
        "calendar": CALENDAR_WORDS[calendar],
        "calendars": [_chip(CALENDAR_WORDS[one], one == calendar, calendar=one, nam=year) for one in CALENDARS],
        "years": [_chip(str(one), one == year, calendar=calendar, nam=one) for one in years],
        "periods": _periods_of_year(year, calendar, today),
        "page": page,
        "log": logged(page),
    }
    return render(request, "support/closings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@reviewer_required
def closing(request, period: Period):
    """Show one period with what looks wrong in it, or close it by POST: leaders and administrators."""
    if request.method != "POST":
        return _closing_page(request, period)
    if not request.user.may_lead:
        raise PermissionDenied
    try:
        row = close_period(period, by=request.user, today=timezone.localdate())
    except NotAllowedNow as refusal:
        # Closed meanwhile, by a second click or by somebody else: the page says by whom.
        messages.info(request, refusal.problems[0])
    else:
        if not row.digest:
            hurry("count_closing", row.pk)
        messages.success(request, _("Đã chốt số liệu. Ghi thêm, sửa, hủy sau lúc này nằm ở mục điều chỉnh kỳ sau."))
    return redirect("support:report-closing", period)


@require_POST
@leader_required
def closing_reopen(request, pk):
    """Take a closing back for the reason sent; a second click changes nothing and says so."""
    row = get_object_or_404(Closing, pk=pk)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _closing_page(request, period_of(row), form)
    try:
        reopen_period(row, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())
    except InvalidEntry as refusal:
        form.show(refusal)
        return _closing_page(request, period_of(row), form)
    except NotAllowedNow as refusal:
        messages.info(request, refusal.problems[0])
    else:
        messages.success(request, _("Đã mở lại kỳ này. Số liệu đã chốt trước đó vẫn được giữ trong sổ."))
    return redirect("support:report-closing", period_of(row))


def _closing_page(request, period: Period, form: ReopenForm | None = None):
    """Show everything about the closing of one period; a form with problems is shown as it was sent.

    While its figures are being counted the page tells how far that is and looks again by itself.
    """
    today = timezone.localdate()
    rows = Closing.objects.filter(**months_of(period)).select_related("closed_by", "reopened_by")
    log = logged(rows.defer("figures", "names").order_by("-closed_at", "-pk"))
    standing = next((one["row"] for one in log if one["row"].reopened_at is None), None)
    complete = period.is_complete(today)
    counting = standing is not None and not standing.digest
    # Nobody waits here for what somebody is counting.
    found = None if counting else answer(SERVED, period, frame=frame_of(period), today=today)
    late, voided = changed_since(found) if found else (0, 0)
    context = {
        "period": period,
        "name": period_name(period),
        "label": period_label(period),
        "calendar": CALENDAR_WORDS[period.calendar],
        "standing": standing,
        "rule": str(SERVED.rule) if found is None else rule_of(found),
        "complete": complete,
        "recorded_late": late,
        "voided_late": voided,
        "counting": counting,
        "reports": len(REPORTS),
        "totals": [] if found is None else _totals(found),
        "draft": PeriodDraft.objects.filter(**months_of(period)).defer("figures", "names").first(),
        "doubts": _with_addresses(doubts_of(period, today=today)) if complete and standing is None else [],
        "may_close": request.user.may_lead,
        "form": form or ReopenForm(),
        "log": log,
        "since_reopened": since_reopened(log),
        "report_url": _report_url(period),
    }
    shown = render(request, "support/closing.html", context)
    if counting:
        shown["Refresh"] = str(_LOOK_AGAIN_SECONDS)
    return shown


def _totals(found: Answer) -> list[dict]:
    """Return the figures counted for HTX with what each is called and where it leads."""
    links = Links.of(found, ReportQuery(found.period, found.frame, None))
    rows = {row.code: row for row in found.table("totals").rows}
    figures = [(rows[code].name, rows[code].cells[0]) for code in ("consultations", "cooperatives", "first_time")]
    return [{"name": name, "value": cell.value, "url": links.behind(cell.behind)} for name, cell in figures]


def _with_addresses(doubts) -> list[dict]:
    return [
        {
            "title": doubt.title,
            "count": doubt.count,
            "more": doubt.more,
            "examples": [
                {"words": one.words, "url": reverse(one.address[0], args=one.address[1])} for one in doubt.examples
            ],
        }
        for doubt in doubts
    ]


def _periods_of_year(year: int, calendar: str, today: date) -> list[dict]:
    """Return the periods of a year that ended or run, in the order they end, with what became of them."""
    periods = list(reported_periods(Month(year, 1), Month(year, 12), calendar))
    theirs = {"calendar": calendar, "last__startswith": str(year)}
    standing = Closing.objects.standing().filter(**theirs).select_related("closed_by").defer("figures", "names")
    closed = {(row.first, row.last): row for row in standing}
    reopened = set(Closing.objects.filter(**theirs, reopened_at__isnull=False).values_list("first", "last"))
    rows = PeriodDraft.objects.filter(**theirs).defer("figures", "names")
    drafts = {(row.first, row.last): row for row in rows}
    found = []
    for period in periods:
        if period.start > today:
            continue
        key = str(period.first), str(period.last)
        closing = closed.get(key)
        found.append(
            {
                "name": period_name(period),
                "label": period_days(period),
                "running": not period.is_complete(today),
                "closing": closing,
                "digest": closing.digest[:_SHOWN_OF_DIGEST] if closing else "",
                "reopened": closing is None and key in reopened,
                "draft": drafts.get(key),
                "url": reverse("support:report-closing", args=[period]),
                "report_url": _report_url(period),
            }
        )
    return found


def _report_url(period: Period) -> str:
    return reverse("support:report", query=period_params(period))


def _chip(words, current: bool, **params) -> dict:
    return {"words": words, "current": current, "url": reverse("support:report-closings", query=params)}
