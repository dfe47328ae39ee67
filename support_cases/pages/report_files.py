"""Files of reports: short ones at once, long ones written by the worker while a page shows how far it is."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cooperatives.errors import InvalidEntry, NotAllowedNow
from htx_portal.accounts.decorators import reviewer_required
from support_cases.access import report_files_for
from support_cases.exports.making import FORMATS, MOST_AT_ONCE, MadeFile, check_table, entries_in, make
from support_cases.models.report_file import FileState
from support_cases.pages.hurrying import hurry
from support_cases.pages.report_links import address_of
from support_cases.report_files import KEPT_FOR, FileQuestion, ask_for_file, file_question
from support_cases.reports.kinds import ReportKind
from support_cases.reports.served import SERVED, period_label

_LOOK_AGAIN_SECONDS = 3
_RECENT = 10


@require_http_methods(["GET", "HEAD", "POST"])
@reviewer_required
def report_file(request, kind: ReportKind, extension: str):
    """Answer with a file of a report; one that takes long is offered, and by POST asked of the worker."""
    question = file_question(kind, extension, request.GET)
    today = timezone.localdate()
    try:
        found = question.answer(today, today)
        check_table(found, question.wanted)
        entries = entries_in(found, question.wanted)
        if request.method == "POST":
            return _asked_for(request, question, entries)
        if entries > MOST_AT_ONCE:
            return _offer(request, question, found, entries)
        return _as_download(make(found, question.wanted), extension)
    except InvalidEntry:
        return redirect(f"{address_of(kind)}{_query(request)}")
    except KeyError as unknown:
        raise Http404 from unknown


@require_safe
@reviewer_required
def served_workbook(request):
    """Answer with the workbook of the served report, under the address it had first."""
    return report_file(request, SERVED, "xlsx")


@require_safe
@reviewer_required
def file_in_work(request, pk):
    """Show how far a file is; the page looks again by itself until it is there."""
    row = get_object_or_404(report_files_for(request.user).defer("content"), pk=pk)
    waiting = row.state in (FileState.WAITING, FileState.RUNNING)
    recent = report_files_for(request.user).filter(state=FileState.READY).exclude(pk=pk).defer("content")[:_RECENT]
    context = {"file": row, "waiting": waiting, "recent": recent, "kept_days": KEPT_FOR.days}
    answer = render(request, "support/report_file.html", context)
    if waiting:
        answer["Refresh"] = str(_LOOK_AGAIN_SECONDS)
    return answer


@require_safe
@reviewer_required
def file_content(request, pk):
    """Answer with a file that is ready."""
    row = get_object_or_404(report_files_for(request.user).filter(state=FileState.READY), pk=pk)
    return _as_download(MadeFile(row.name, bytes(row.content)), row.format)


def _asked_for(request, question: FileQuestion, entries: int):
    """Let the worker write the file and lead to the page that shows how far it is."""
    token = request.POST.get("token", "")
    try:
        pk = uuid.UUID(token)
    except ValueError:
        pk = uuid.uuid4()
    try:
        row = ask_for_file(question, person=request.user, now=timezone.now(), token=pk, total=entries)
    except NotAllowedNow as refusal:
        messages.error(request, " ".join(refusal.problems))
        return redirect(request.get_full_path())
    hurry("write_report_file", str(row.pk))
    return redirect("support:report-file-in-work", row.pk)


def _offer(request, question: FileQuestion, found, entries: int):
    context = {
        "title": question.kind.title,
        "label": period_label(found.period),
        "entries": entries,
        "token": uuid.uuid4(),
        "action": f"{reverse('support:report-file', args=[question.kind, question.wanted.format])}{_query(request)}",
        "report_url": f"{address_of(question.kind)}{_query(request)}",
    }
    return render(request, "support/report_file_offer.html", context)


def _query(request) -> str:
    return f"?{request.GET.urlencode()}"


def _as_download(made: MadeFile, extension: str) -> HttpResponse:
    heading = f'attachment; filename="{made.name}"'
    return HttpResponse(made.content, content_type=FORMATS[extension], headers={"Content-Disposition": heading})
