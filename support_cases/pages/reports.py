"""The month report: figures with the way to what stands behind them, and the same as a workbook."""

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cooperatives.choices import UnitKind
from htx_portal.accounts.decorators import reviewer_required
from htx_portal.pagination import page_of
from support_cases.exports.served_xlsx import MOST_ENTRIES, served_workbook
from support_cases.filters import ConsultationFilter
from support_cases.forms.reports import ReportForm, month_text
from support_cases.models import Closing
from support_cases.pages.report_links import Links, change_words, quick_periods
from support_cases.reports.basis import Basis, basis_of
from support_cases.reports.behind import cooperatives_of, counted_entries, entries_in_words
from support_cases.reports.charts import bar_chart
from support_cases.reports.periods import MONTH
from support_cases.reports.served import RULE, Line, Served, period_label, served

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Beyond these the page would no longer open on a phone; the workbook has every line.
_MOST_LINES = 60
_MOST_CHART_MONTHS = 24
_UNIT_FILTER = {"2022": "district", "2025": "commune"}
_NARROWING = ("topic", "channel", "officer", "district", "old_commune", "commune", "kind", "unplaced")


@require_safe
@reviewer_required
def report(request):
    """Show the report of the period asked for; wrong input keeps what was typed and says what is wrong."""
    today = timezone.localdate()
    form = ReportForm(request.GET, today=today)
    context = {"form": form.filled(), "periods": _periods(request, today), "rule": RULE}
    if not form.is_valid():
        return render(request, "support/report.html", context)
    query = form.query
    figures = served(query.period, frame=query.frame, today=today, as_of=query.as_of)
    closing = figures.answer.basis.closing
    links = Links(query, closing.pk if closing else None)
    context |= {
        "report": figures,
        "label": period_label(query.period),
        "running": not query.period.is_complete(today),
        "known_by": query.as_of,
        "closed_url": f"?{urlencode(_asked(query) | {'as_of': figures.closed_on or ''})}",
        "stats": _stats(figures, links, complete=query.period.is_complete(today)),
        "chart": _chart(figures),
        "months": _with_last_year(links.months(figures.by_month), figures, links),
        "tables": _tables(figures, links),
        "export_url": f"{reverse('support:report-export')}?{urlencode(_asked(query))}",
    }
    return render(request, "support/report.html", context)


@require_safe
@reviewer_required
def report_cooperatives(request):
    """Show the cooperatives behind a figure, each with its lượt, which lead to the entries."""
    today = timezone.localdate()
    form = ReportForm(request.GET, today=today)
    if not form.is_valid():
        return redirect(f"{reverse('support:report')}?{request.GET.urlencode()}")
    first_time = request.GET.get("first") == "1"
    narrowing = {name: request.GET[name] for name in _NARROWING if request.GET.get(name)}
    basis = basis_of(form.query.period, as_of=form.query.as_of, today=today)
    moment = _moment(request, basis)
    rows = counted_entries(form.query.period, moment, first_time=first_time)
    found = ConsultationFilter(narrowing, queryset=rows, moment=moment)
    rows = found.qs if found.is_valid() else rows.none()
    page = page_of(cooperatives_of(rows), request)
    links = Links(form.query, basis.closing.pk if basis.closing else None)
    for row in page:
        row["commune"] = f"{UnitKind(row['place_kind']).label} {row['place']}"
        row["url"] = links.entries(cooperative=row["cooperative"], **narrowing)
    context = {
        "page": page,
        "label": period_label(form.query.period),
        "first_time": first_time,
        "known_by": form.query.as_of,
        "narrowed": bool(narrowing),
        "report_url": f"{reverse('support:report')}?{urlencode(links.params())}",
    }
    return render(request, "support/report_cooperatives.html", context)


@require_safe
@reviewer_required
def report_export(request):
    """Answer with the workbook of the period asked for: the same figures as the page."""
    today = timezone.localdate()
    form = ReportForm(request.GET, today=today)
    if not form.is_valid():
        return redirect(f"{reverse('support:report')}?{request.GET.urlencode()}")
    query = form.query
    figures = served(query.period, frame=query.frame, today=today, as_of=query.as_of)
    rows = entries_in_words(query.period, figures.answer.basis.moment, MOST_ENTRIES + 1)
    body = served_workbook(figures, label=period_label(query.period), rule=str(RULE), rows=rows, known_by=figures.as_of)
    name = f"bao-cao-htx-{query.period.first}-{query.period.last}.xlsx"
    return HttpResponse(body, content_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _moment(request, basis: Basis) -> datetime | None:
    """Return whose knowledge the cooperatives of a figure are asked for: that of a closing, or the period's."""
    named = request.GET.get("closing", "")
    closing = Closing.objects.filter(pk=int(named)).first() if named.isascii() and named.isdigit() else None
    return closing.closed_at if closing else basis.moment


def _asked(query) -> dict[str, str]:
    return Links(query).params() | {"frame": query.frame}


def _periods(request, today) -> list[dict]:
    """Return the links to the periods asked for most, the present one marked."""
    asked = {name: request.GET.get(name, "") for name in ("from", "to")}
    calendar = request.GET.get("calendar") or MONTH
    found = []
    for words, params in quick_periods(today, calendar):
        if calendar == MONTH:
            params.pop("calendar")
        current = asked == {name: params[name] for name in ("from", "to")}
        if request.GET.get("frame"):
            params["frame"] = request.GET["frame"]
        found.append({"words": words, "url": f"?{urlencode(params)}", "current": current})
    return found


def _stats(figures: Served, links: Links, *, complete: bool) -> list[dict]:
    """Return the tiles: figure, where it leads, words, and the figure of last year where there is one.

    A running period is not compared in percent: it would seem to fall short of a whole one.
    """
    before = links.query.period.year_before()
    return [
        _tile(
            figures.consultations,
            links.entries(),
            _("lượt HTX được tư vấn"),
            then=figures.last_year_consultations,
            then_url=links.entries(before),
            change=change_words(figures.change_percent) if complete else "",
        ),
        _tile(
            figures.cooperatives,
            links.cooperatives(),
            _("HTX không trùng"),
            then=figures.last_year_cooperatives,
            then_url=links.cooperatives(before),
        ),
        _tile(figures.first_time, links.cooperatives(first="1"), _("HTX lần đầu trong năm")),
        _tile(
            figures.founding_groups,
            links.entries(party="founding_group"),
            _("lần tư vấn nhóm sáng lập"),
            note=_("ghi riêng, không tính vào lượt"),
        ),
    ]


def _tile(value: int, url: str, label: str, **more) -> dict:
    return {"value": value, "url": url, "label": label, **more}


def _chart(figures: Served) -> dict | None:
    """Return the chart of lượt by month beside the year before; None for one month or too many."""
    months = list(figures.period.months())
    if not 1 < len(months) <= _MOST_CHART_MONTHS:
        return None
    title = _("Lượt tư vấn theo tháng")
    return {
        "title": title,
        "svg": bar_chart(
            [str(month.number) for month in months],
            [line.consultations for line in figures.by_month],
            [line.consultations for line in figures.by_month_last_year],
            title=title,
            label=_("Biểu đồ lượt tư vấn theo tháng, số liệu trong bảng ngay dưới"),
        ),
        "now": _span(figures.period),
        "then": _span(figures.period.year_before()),
    }


def _span(period) -> str:
    first, last = period.first, period.last
    if first.year == last.year:
        return _("Năm %(year)s") % {"year": first.year}
    return f"{month_text(first)} – {month_text(last)}"


def _with_last_year(rows, figures: Served, links: Links) -> list[dict]:
    """Return the months, each beside the same month of the year before."""
    before = links.months(figures.by_month_last_year)
    return [{"row": row, "then": then} for row, then in zip(rows, before, strict=True)]


def _tables(figures: Served, links: Links) -> list[dict]:
    """Return the breakdowns; long ones shortened to the lines with most lượt."""
    unit = _UNIT_FILTER[figures.frame]
    return [
        _table(links, _("Theo nội dung"), _("Nội dung"), figures.by_topic, "topic"),
        _table(links, _("Theo địa bàn"), _("Địa bàn"), figures.by_unit, unit),
        _table(links, _("Theo hình thức"), _("Hình thức"), figures.by_channel, "channel"),
        _table(links, _("Theo cán bộ"), _("Cán bộ"), figures.by_officer, "officer"),
    ]


def _table(links: Links, title: str, what: str, lines: list[Line], name: str) -> dict:
    """Return one breakdown whose lines lead on; the filter ``name`` understands their codes."""
    shown = lines
    if len(lines) > _MOST_LINES:
        shown = sorted(lines, key=lambda line: -line.consultations)[:_MOST_LINES]
    return {"title": title, "what": what, "rows": links.table(shown, name), "left_out": len(lines) - len(shown)}
