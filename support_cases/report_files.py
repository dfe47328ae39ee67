"""Files of reports that take long: asked for, taken by a worker under a lease, written with progress, deleted later."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from cooperatives.errors import NotAllowedNow
from support_cases.exports.making import FileWanted, MadeFile, make
from support_cases.leases import Lease, Taken
from support_cases.models import ReportFile
from support_cases.models.report_file import FileState
from support_cases.reports.answers import Answer, answer
from support_cases.reports.kinds import ReportKind
from support_cases.reports.query import read_query
from support_cases.reports.registry import REPORTS

#: How long a worker has a file before another may take it; longer than writing a thousand lines ever takes.
LEASE = timedelta(minutes=5)
#: A file that is not there by then will not come: whatever stops it would stop it again.
GIVE_UP_AFTER = timedelta(hours=1)
KEPT_FOR = timedelta(days=3)
#: Files one person may have waiting at once.
MOST_WAITING = 5
_ASKED = ("period", "from", "to", "calendar", "frame", "as_of", "closing", "bang")
_LONGEST = 40


@dataclass(frozen=True)
class FileQuestion:
    """A file as somebody asks for it: the report, what of it, and the parameters of its address."""

    kind: ReportKind
    wanted: FileWanted
    asked: dict[str, str]

    def answer(self, asked_on: date, today: date) -> Answer:
        """Return the answer the file shows: what was known by the end of the day it was asked for.

        Raises:
            InvalidEntry: where the parameters cannot be read, or name no closing of the period.
        """
        query = read_query(self.asked, asked_on)
        # Written after midnight, it may not tell what came in since under the day it was asked for.
        as_of = query.as_of or (asked_on if asked_on < today else None)
        return answer(self.kind, query.period, frame=query.frame, today=today, as_of=as_of, closing=query.closing)


def file_question(kind: ReportKind, extension: str, params: Mapping[str, str]) -> FileQuestion:
    """Return what the address of a file asks for; what no database takes is left out of the table's code.

    In all the others it is refused as what cannot be read.
    """
    sent = {name: params.get(name, "")[:_LONGEST] for name in _ASKED}
    sent["bang"] = sent["bang"].replace("\x00", "")
    asked = {name: text for name, text in sent.items() if text}
    return FileQuestion(kind, FileWanted(extension, _table(extension, asked)), asked)


def ask_for_file(question: FileQuestion, *, person, now: datetime, token: uuid.UUID, total: int) -> ReportFile:
    """Return the row of a file that waits to be written; asked again under the same ``token``, the same row.

    Raises:
        NotAllowedNow: while too many files of the person are not written yet.
    """
    mine = ReportFile.objects.filter(person=person)
    if found := mine.filter(pk=token).first():
        return found
    if mine.filter(state__in=(FileState.WAITING, FileState.RUNNING)).count() >= MOST_WAITING:
        words = _("Bạn đang có %(most)s tệp chờ lập; hãy đợi các tệp đó xong.")
        raise NotAllowedNow([words % {"most": MOST_WAITING}])
    values = {
        "report": question.kind.code,
        "format": question.wanted.format,
        "asked": question.asked,
        "language": get_language() or "vi",
        "person": person,
        "asked_at": now,
        "total": total,
    }
    try:
        with transaction.atomic():
            return ReportFile.objects.create(pk=token, **values)
    except IntegrityError:
        # Pressed twice at the same moment; or a token that is somebody else's, who is not to be told of it.
        return mine.filter(pk=token).first() or ReportFile.objects.create(**values)


def files_to_write(now: datetime) -> list[uuid.UUID]:
    """Return the files nobody is writing, the longest waiting first; those that waited too long are given up."""
    open_rows = ReportFile.objects.filter(_free(now))
    open_rows.filter(asked_at__lt=now - GIVE_UP_AFTER).update(
        state=FileState.FAILED, leased_until=None, finished_at=now
    )
    return list(open_rows.order_by("asked_at", "pk").values_list("pk", flat=True))


def write_file(pk: uuid.UUID, now: datetime) -> str:
    """Write file ``pk`` if nobody else has it; return the state it ended in, "" where it was not ours to write."""
    if not ReportFile.objects.filter(_free(now), pk=pk).update(
        state=FileState.RUNNING, leased_until=now + LEASE, done=0
    ):
        return ""
    row = ReportFile.objects.get(pk=pk)
    lease = Lease(ReportFile.objects.filter(pk=pk, state=FileState.RUNNING), row.leased_until, LEASE)
    try:
        made = _made(row, lease, timezone.localdate(now))
    except Taken:
        return ""
    except Exception:
        lease.finish(state=FileState.FAILED, finished_at=timezone.now())
        raise
    ready = {"state": FileState.READY, "finished_at": timezone.now(), "done": row.total}
    kept = lease.finish(**ready, name=made.name, content=made.content)
    return FileState.READY if kept else ""


def delete_old_files(now: datetime) -> int:
    """Delete what was asked for days ago; return how many."""
    return ReportFile.objects.filter(asked_at__lt=now - KEPT_FOR).delete()[0]


def _made(row: ReportFile, lease: Lease, today: date) -> MadeFile:
    """Return the file as of the day it was asked for, in the language of who asked."""
    kind = REPORTS[row.report]
    question = FileQuestion(kind, FileWanted(row.format, _table(row.format, row.asked)), row.asked)
    with override(row.language):
        found = question.answer(timezone.localdate(row.asked_at), today)
        return make(found, question.wanted, tell=lambda done: lease.tell(done=done))


def _table(extension: str, asked: Mapping[str, str]) -> str:
    """Return the code of the one table that is asked for; only plain lines come table by table."""
    return asked.get("bang", "") if extension == "csv" else ""


def _free(now: datetime) -> Q:
    """Rows nobody is writing: waiting, or left by a worker whose lease is over."""
    return Q(state=FileState.WAITING) | Q(state=FileState.RUNNING, leased_until__lt=now)
