"""``manage.py report_units``: the lượt of a period by the units of one territorial frame beside those of another."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from htx_portal.templatetags.portal import number
from support_cases.management.questions import question
from support_cases.reports.answers import Answer, answer
from support_cases.reports.counting import FRAMES
from support_cases.reports.periods import ADMINISTRATIVE, CALENDARS, MONTH, MOST_MONTHS, Month, Period
from support_cases.reports.places import Difference, Unit, differences, places, units_of
from support_cases.reports.query import ReportQuery
from support_cases.reports.served import period_label
from support_cases.reports.tables import Table, Value
from support_cases.reports.territory import TERRITORY
from support_cases.reports.versions import years_with_entries

_WIDTH = 64


class Command(BaseCommand):
    """Prints the figures by unit and, if asked, whether the sums of all frames agree; fails where they do not."""

    help = "Print lượt and cooperatives by the units of one frame beside another, and check that the sums agree."

    def add_arguments(self, parser):
        """Take the frames, the period and the day whose knowledge is asked for."""
        parser.add_argument(
            "--frame",
            choices=FRAMES,
            help="the frame whose units head the lines; the one the period begins in by default",
        )
        parser.add_argument("--against", choices=FRAMES, help="the frame that stands beside; the other one by default")
        parser.add_argument(
            "--check-sum", action="store_true", help="compare the sums of all frames; exit 1 if unequal"
        )
        parser.add_argument("--period", metavar="2024-06", help="2024-06, 2024-Q2, 2024-H1, 2024-9M or 2024; all years")
        parser.add_argument("--calendar", choices=CALENDARS, default=MONTH)
        parser.add_argument("--as-of", metavar="YYYY-MM-DD", help="as known at the end of this day; now by default")

    def handle(self, *args, **options):
        """Print the table, then the check.

        Raises:
            CommandError: for a question that cannot be read, and with ``--check-sum`` when sums do not agree.
        """
        if options["against"] and options["against"] == options["frame"]:
            raise CommandError(_("Chọn hai hệ địa bàn khác nhau để đối chiếu."))
        today = timezone.localdate()
        asked = _question(options, today)
        found = answer(TERRITORY, asked.period, frame=asked.frame, today=today, as_of=asked.as_of)
        self.stdout.write(f"{TERRITORY.title}\n{period_label(asked.period)}")
        self.stdout.write(_("Số liệu biết đến hết ngày %(day)s") % {"day": f"{found.basis.as_of:%d/%m/%Y}"})
        self._print(found.table(f"frame_{asked.frame}"))
        if options["check_sum"]:
            self._check(found)

    def _print(self, table: Table) -> None:
        """Print the lines with figures; what lies in a unit stands in from it, with its unit of the other frame."""
        self.stdout.write(_line(str(table.what), *(str(column.title) for column in table.columns[1:])))
        for row in table.rows:
            beside, *figures = (cell.value for cell in row.cells)
            if any(figures) or row.code == table.rows[-1].code:
                name = f"  {row.name} ↔ {beside}" if beside else str(row.name)
                self.stdout.write(_line(name, *(_said(value) for value in figures)))

    def _check(self, found: Answer) -> None:
        sums = found.table("sums")
        for row in sums.rows:
            entries, cooperatives = (sums.value(row.code, column) for column in ("consultations", "cooperatives"))
            self.stdout.write(_line(str(row.name), _said(entries), _said(cooperatives)))
        units = units_of(places(found.figures), found.names)
        wrong = differences(found.figures, units)
        for one in wrong:
            self.stdout.write(_in_words(one, units))
        if wrong:
            raise CommandError(_("Có %(count)s chỗ không khớp.") % {"count": len(wrong)})
        self.stdout.write(_("Các tổng theo hai hệ địa bàn bằng nhau."))


def _question(options: dict, today: date) -> ReportQuery:
    """Return what is asked; without a period all years in which entries were held.

    Raises:
        CommandError: with every message.
    """
    params = {name: options[name] or "" for name in ("period", "calendar", "frame", "as_of")}
    if options["against"] and not options["frame"]:
        params["frame"] = next(frame for frame in FRAMES if frame != options["against"])
    whole = None if params["period"] else _all_years(params["calendar"])
    if whole:
        params |= {"from": str(whole.first), "to": str(whole.last)}
    return question(params, today)


def _all_years(calendar: str) -> Period | None:
    """Return the years in which entries were held, as many as a report answers for; None without entries."""
    years = [day.year for day in years_with_entries()]
    if not years:
        return None
    # The second half of December belongs to the administrative year after it.
    last = max(years) + (calendar == ADMINISTRATIVE)
    first = max(min(years), last - MOST_MONTHS // 12 + 1)
    return Period(calendar, Month(first, 1), Month(last, 12))


def _line(name: str, *values: str) -> str:
    return f"{name:<{_WIDTH}}" + "".join(f"{value:>12}" for value in values)


def _said(value: Value) -> str:
    return number(value) if isinstance(value, int) else str(value or "")


def _in_words(one: Difference, units: dict[str, dict[str, Unit]]) -> str:
    """Return a difference in words, with the units it is about."""
    called = {"district": _("huyện cũ"), "old_commune": _("xã cũ"), "commune": _("xã mới"), "place": _("nơi đóng")}
    what = {"what": called[one.dimension]}
    if one.counted is None or one.summed is None:
        words = _("%(unit)s: có HTX mà sổ đăng ký ghi %(what)s khác %(official)s.")
        official = _named(units[one.dimension], one.official)
        return words % (what | {"unit": _named(units["old_commune"], one.key), "official": official})
    figures = {
        "counted": number(one.counted[0]), "cooperatives": number(one.counted[1]),
        "summed": number(one.summed[0]), "summed_cooperatives": number(one.summed[1]),
    }  # fmt: skip
    sums = _("đếm được %(counted)s lượt, %(cooperatives)s HTX; cộng lại %(summed)s lượt, %(summed_cooperatives)s HTX")
    name = what["what"] if one.key is None else _named(units[one.dimension], one.key)
    return f"{name}: {sums % figures}"


def _named(units: dict[str, Unit], key: str | None) -> str:
    return units[key].name if key in units else key or _("Chưa xác định")
