"""Reports on the screen: every figure with the way to what stands behind it."""

from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from htx_portal.accounts.decorators import reviewer_required
from support_cases.exports.front import front_of, notice_of, rule_of
from support_cases.forms.reports import ReportForm
from support_cases.pages.report_links import Links, address_of, change_words
from support_cases.pages.report_periods import CALENDAR_WORDS, offered, quick_periods, ways_to_periods
from support_cases.pages.report_tables import shown_alone, shown_together
from support_cases.reports.answers import Answer, answer
from support_cases.reports.differing import difference_words
from support_cases.reports.kinds import ReportKind
from support_cases.reports.periods import MONTH
from support_cases.reports.registry import REPORTS
from support_cases.reports.served import SERVED, changed_since, period_label
from support_cases.reports.tables import Shape
from support_cases.reports.words import value_in_words

_FILES = (("docx", gettext_lazy("Tải Word")), ("xlsx", gettext_lazy("Tải Excel")), ("csv", gettext_lazy("Tải CSV")))


@require_safe
@reviewer_required
def report(request, kind: ReportKind = SERVED):
    """Show a report on the period asked for; wrong input keeps what was typed and says what is wrong.

    With the code of a table under ``bang`` that table is shown alone, all its lines in pages.
    """
    today = timezone.localdate()
    form = ReportForm(request.GET, today=today)
    query = form.read()
    context = {"form": form.filled(), "kind": kind, "rule": kind.rule}
    if query is None:
        context |= {"quick": offered(quick_periods(today, MONTH)), "reports": _reports(kind, "")}
        return render(request, "support/report.html", context)
    found = answer(kind, query.period, frame=query.frame, today=today, as_of=query.as_of, closing=query.closing)
    links = Links.of(found, query)
    context |= about_report(found, links) | _since_sent(found, links) | ways_to_periods(query, today)
    code = request.GET.get("bang", "")
    if code:
        paper = f"{context['print_url']}&{urlencode({'bang': code})}"
        context |= {"alone": _alone(found, code, links, request), "whole_url": links.asked(), "print_url": paper}
        return render(request, "support/report.html", context)
    context |= {
        "stats": _stats(found, links),
        "tables": shown_together(found.tables, links),
    }
    return render(request, "support/report.html", context)


def _alone(found: Answer, code: str, links: Links, request):
    """Return the one table asked for, a page of its lines."""
    try:
        return shown_alone(found.table(code), links, request)
    except KeyError:
        raise Http404 from None


def about_report(found: Answer, links: Links) -> dict:
    """Return what every report says of itself: its period, whose knowledge it shows, whether it is closed."""
    basis = found.basis
    return {
        "report": found,
        "label": period_label(found.period),
        "running": basis.scope.is_running,
        "known_by": links.query.as_of,
        "notice": notice_of(found),
        "closing": basis.closing,
        "closed_on": basis.closed_on,
        "rule": rule_of(found),
        "facts": [(fact.name, value_in_words(fact.value, Shape.TEXT)) for fact in front_of(found)[:-1]],
        "closing_url": "" if found.period.days else reverse("support:report-closing", args=[found.period]),
        "calendar": CALENDAR_WORDS[found.period.calendar],
        "reports": _reports(found.kind, links.asked()),
        "print_url": f"{reverse('support:report-print', args=[found.kind])}{links.asked()}",
        "files": [(words, _file_url(found.kind, extension, links.asked())) for extension, words in _FILES],
    }


def _since_sent(found: Answer, links: Links) -> dict:
    """Return what became of a closed period since, which is said on the screen alone: files, paper and programs get
    what was sent.
    """
    basis = found.basis
    late, voided = changed_since(found) if found.kind.of_entries else (0, 0)
    reopened = basis.closing if basis.is_named and basis.closing and basis.closing.reopened_at else None
    return {
        "reopened": reopened,
        "standing_url": f"{address_of(found.kind)}{links.standing()}" if reopened else "",
        "differing": difference_words(found),
        "recorded_late": late,
        "voided_late": voided,
        "closed_url": links.asked(as_of=str(basis.closed_on or "")),
    }


def _file_url(kind: ReportKind, extension: str, asked: str) -> str:
    return f"{reverse('support:report-file', args=[kind, extension])}{asked}"


def _reports(kind: ReportKind, asked: str) -> list[dict]:
    """Return the way to every report, on the same period."""
    return [
        {"title": one.title, "url": f"{address_of(one)}{asked}", "current": one is kind} for one in REPORTS.values()
    ]


def _stats(found: Answer, links: Links) -> list[dict]:
    """Return the tiles of the served report: figure, where it leads, words, and the figure of last year beside it."""
    if found.kind is not SERVED:
        return []
    table = found.table("totals")
    rows = {row.code: row for row in table.rows}
    columns = {column.code: at for at, column in enumerate(table.columns)}

    def tile(code: str, label: str, **more) -> dict:
        row = rows[code]
        now, then = row.cells[columns["now"]], row.cells[columns["last_year"]]
        ways = {"url": links.behind(now.behind)}
        if then.value is not None:
            ways |= {"then": then.value, "then_url": links.behind(then.behind)}
        return {"value": now.value, "label": label, **ways, **more}

    change = ""
    if not found.basis.scope.is_running:
        change = change_words(rows["consultations"].cells[columns["change"]].value)
    return [
        tile("consultations", _("lượt HTX được tư vấn"), change=change),
        tile("cooperatives", _("HTX không trùng")),
        tile("first_time", _("HTX lần đầu trong năm")),
        tile("founding_groups", _("lần tư vấn nhóm sáng lập"), note=_("ghi riêng, không tính vào lượt")),
    ]
