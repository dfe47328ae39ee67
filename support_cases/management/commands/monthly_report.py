"""``manage.py monthly_report``: a report as the page says it, as it was known on a day; and whether it still holds."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from support_cases.closing_checks import Difference, by_hand_differences, verify_closing
from support_cases.closings import canonical, counted_on
from support_cases.exports.front import rule_of
from support_cases.management.questions import question
from support_cases.reports.answers import Answer, answer
from support_cases.reports.basis import Basis, basis_of
from support_cases.reports.counting import FRAMES
from support_cases.reports.periods import CALENDARS, MONTH, Period
from support_cases.reports.query import ReportQuery
from support_cases.reports.registry import REPORTS
from support_cases.reports.served import SERVED, period_label
from support_cases.reports.tables import Table
from support_cases.reports.words import value_in_words


class Command(BaseCommand):
    """Prints one or all reports on a period, and with ``--verify`` counts what was sent again from the rows."""

    help = "Print a report as known on a day; with --verify count again what was sent and compare byte for byte."

    def add_arguments(self, parser):
        """Take the period, whose knowledge, which reports, and how to print them."""
        parser.add_argument(
            "--period", required=True, metavar="2024-06", help="2024-06, 2024-Q2, 2024-H1, 2024-9M, 2024"
        )
        parser.add_argument(
            "--calendar", choices=CALENDARS, help="the one the period is closed in by default, or month"
        )
        parser.add_argument("--frame", choices=FRAMES, help="the one the period begins in by default")
        parser.add_argument("--as-of", metavar="YYYY-MM-DD", help="as known at the end of this day; now by default")
        parser.add_argument("--report", action="append", choices=[*REPORTS, "all"], help="served by default")
        parser.add_argument(
            "--format", choices=("text", "json"), default="text", help="json: figures as a closing keeps them"
        )
        parser.add_argument("--verify", action="store_true", help="count again and compare; exit 1 on any difference")

    def handle(self, *args, **options):
        """Print the reports, then what the check found.

        Raises:
            CommandError: for a question that cannot be read, and with ``--verify`` when anything is different.
        """
        today = timezone.localdate()
        asked = _question(options, today)
        codes = options["report"] or ["served"]
        kinds = REPORTS.values() if "all" in codes else [REPORTS[code] for code in dict.fromkeys(codes)]
        basis = basis_of(asked.period, as_of=asked.as_of, today=today)
        if options["format"] == "json":
            self.stdout.write(_as_json(basis, [kind.code for kind in kinds]))
        else:
            self._print_head(basis)
            for kind in kinds:
                self._print(answer(kind, asked.period, frame=asked.frame, today=today, as_of=asked.as_of))
        if options["verify"]:
            self._verify(basis)

    def _print_head(self, basis: Basis) -> None:
        self.stdout.write(period_label(basis.period))
        self.stdout.write(_("Số liệu biết đến hết ngày %(day)s") % {"day": f"{basis.as_of:%d/%m/%Y}"})
        if basis.closing:
            closed = timezone.localtime(basis.closing.closed_at)
            words = _("Đã chốt lúc %(when)s, mã kiểm %(digest)s")
            self.stdout.write(words % {"when": f"{closed:%d/%m/%Y %H:%M}", "digest": basis.closing.digest or "–"})

    def _print(self, found: Answer) -> None:
        self.stdout.write(f"\n== {found.kind.title}")
        for table in found.tables:
            self.stdout.write(f"\n{table.title}")
            for line in _lines(table):
                self.stdout.write(line)
        self.stdout.write(f"\n{_('Cách tính')}: {rule_of(found)}")

    def _verify(self, basis: Basis) -> None:
        wrong, counted = by_hand_differences(basis.period, basis.moment), [SERVED.code]
        if basis.closing is None:
            self.stdout.write(_("Kỳ này chưa chốt vào lúc ấy: chỉ đối chiếu hai cách đếm lượt."))
        else:
            if not basis.closing.digest:
                raise CommandError(_("Kỳ này đã chốt, số liệu chưa tính xong để đối chiếu."))
            verdict = verify_closing(basis.closing)
            wrong += verdict.differences
            counted = verdict.counted_again
            if not verdict.intact:
                self.stdout.write(_("Số liệu lưu khi chốt không khớp mã kiểm."))
            for names, words in (
                (verdict.not_kept, _("Chưa có trong lần chốt: %(names)s")),
                (verdict.not_rebuilt, _("Không đếm lại được, chỉ đối chiếu mã kiểm và danh sách đã lưu: %(names)s")),
            ):
                if names:
                    self.stdout.write(words % {"names": _titles(names)})
        for one in wrong:
            self.stdout.write(in_words(one))
        if wrong or (basis.closing is not None and not verdict.holds):
            raise CommandError(_("Có %(count)s chỗ không khớp.") % {"count": max(len(wrong), 1)})
        self.stdout.write(_("Đếm lại từ các dòng đã ghi, khớp: %(names)s") % {"names": _titles(counted)})


def _titles(codes: list[str]) -> str:
    return ", ".join(str(REPORTS[code].title) for code in codes)


def in_words(one: Difference) -> str:
    """Return a difference as a line: report, dimension and key, what was kept and what is counted now."""
    place = " ".join(part for part in (one.dimension, one.key) if part)
    return f"{REPORTS[one.report].title}: {place}: {_plain(one.then)} → {_plain(one.now)}"


def _plain(numbers: list | None) -> str:
    return "–" if numbers is None else ", ".join(str(number) for number in numbers)


def _question(options: dict, today: date) -> ReportQuery:
    """Return what is asked.

    Raises:
        CommandError: with every message.
    """
    params = {name: options[name] or "" for name in ("period", "frame", "as_of")}
    found = question(params | {"calendar": options["calendar"] or MONTH}, today)
    return found if options["calendar"] else _where_closed(found, params, today)


def _where_closed(asked: ReportQuery, params: dict[str, str], today: date) -> ReportQuery:
    """Return the question in the calendar in which the period was closed by the day asked for; else as it is."""
    for calendar in CALENDARS:
        found = question(params | {"calendar": calendar}, today)
        if basis_of(found.period, as_of=found.as_of, today=today).closing is not None:
            return found
    return asked


def _as_json(basis: Basis, codes: list[str]) -> str:
    """Return the figures as a closing writes them down: those it keeps, or counted."""
    period: Period = basis.period
    if basis.closing is not None and basis.closing.digest:
        figures = {code: basis.closing.figures[code] for code in codes if code in basis.closing.figures}
        names = basis.closing.names
    else:
        names = {}
        figures = {code: counted_on(REPORTS[code], basis.scope) for code in codes}
    return canonical(period, figures, names).decode()


def _lines(table: Table) -> list[str]:
    """Return a table as lines of text, figures under their heads."""
    heads = [str(table.what), *(str(column.title) for column in table.columns)]
    shapes = [column.shape for column in table.columns]
    rows = [
        [str(row.name), *(value_in_words(cell.value, shape) for cell, shape in zip(row.cells, shapes, strict=True))]
        for row in table.rows
    ]
    widths = [max(len(line[at]) for line in [heads, *rows]) for at in range(len(heads))]
    return [
        "  ".join(
            [line[0].ljust(widths[0]), *(text.rjust(wide) for text, wide in zip(line[1:], widths[1:], strict=True))]
        )
        for line in [heads, *rows]
    ]
