"""The month report as a workbook: figures and rows in, bytes out."""

from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from support_cases.choices import Channel, Outcome
from support_cases.models import Consultation
from support_cases.reports.behind import topics_in_words
from support_cases.reports.served import Line, Served

#: Entries one workbook holds; the rest is cut and the sheet says so.
MOST_ENTRIES = 20_000
# What a spreadsheet would take for the start of a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_WIDE, _NARROW = 44, 14


def served_workbook(report: Served, *, label: str, rule: str, rows: Sequence[Consultation], known_by: date) -> bytes:
    """Return an .xlsx of ``report``: a summary, one sheet for each breakdown, and the entries ``rows``.

    ``rows`` come with their lists (``with_lists``) and may be one more than ``MOST_ENTRIES``, which tells
    that there are more. Texts are written as texts, whatever they begin with; days are typed days.
    """
    buffer = BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "dd/mm/yyyy",
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        writer = _Writer(book)
        writer.sheet(_("Tổng hợp"), None, _summary(report, label, rule, known_by), (_WIDE, 24))
        for title, what, lines in _breakdowns(report):
            writer.sheet(title, [what, _("Lượt"), _("Số HTX")], _figures(lines), (_WIDE, _NARROW, _NARROW))
        widths = (_NARROW, _NARROW, _WIDE, _NARROW, 28, 28, _WIDE, 20, 20, 26, 10, _NARROW)
        writer.sheet(_("Lần tư vấn"), _entry_head(), _entries(rows), widths)
    return buffer.getvalue()


class _Writer:
    """Writes rows cell by cell, in order, each value by its type."""

    def __init__(self, book: xlsxwriter.Workbook):
        self.book = book
        plain = {"font_name": "Times New Roman", "font_size": 12, "valign": "top", "text_wrap": True}
        self.text = book.add_format(plain)
        # Excel keeps such a cell a text also after somebody edits it.
        self.quoted = book.add_format(plain | {"quote_prefix": True})
        self.head = book.add_format(plain | {"bold": True, "bottom": 1})
        self.day = book.add_format(plain | {"num_format": "dd/mm/yyyy", "align": "left"})
        self.number = book.add_format(plain | {"num_format": "#,##0"})

    def sheet(self, title: str, head: list[str] | None, rows: Iterable[Sequence], widths: Sequence[int]):
        """Add one sheet; ``head`` stays in sight while scrolling."""
        sheet = self.book.add_worksheet(title)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        if head is not None:
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
            rows = [[_Head(words) for words in head], *rows]
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                self._cell(sheet, number, column, value)

    def _cell(self, sheet, row: int, column: int, value) -> None:
        if isinstance(value, _Head):
            sheet.write_string(row, column, value, self.head)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self.day)
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, self.number)
        elif value is not None:
            text = str(value)
            risky = text.startswith(_FORMULA_STARTS)
            sheet.write_string(row, column, text, self.quoted if risky else self.text)


class _Head(str):
    """A cell that names what is under or beside it."""


def _summary(report: Served, label: str, rule: str, known_by: date) -> list[list]:
    change = report.change_percent
    return [
        [_Head(_("Kết quả tư vấn, hỗ trợ HTX")), label],
        [_("Từ ngày"), report.period.start],
        [_("Đến ngày"), report.period.end],
        [_("Số liệu biết đến hết ngày"), known_by],
        [_("Chốt số liệu"), _("Đã chốt") if report.closed else _("Chưa chốt")],
        [],
        [_("Lượt HTX được tư vấn"), report.consultations],
        [_("HTX không trùng"), report.cooperatives],
        [_("HTX lần đầu trong năm"), report.first_time],
        [_("Lần tư vấn nhóm sáng lập (không tính lượt)"), report.founding_groups],
        [_("Lượt cùng kỳ năm trước"), report.last_year_consultations],
        [_("HTX không trùng cùng kỳ năm trước"), report.last_year_cooperatives],
        [_("Tăng, giảm lượt so với cùng kỳ (%)"), _("không có số liệu gốc") if change is None else change],
        [],
        [_Head(_("Cách tính")), rule],
    ]


def _breakdowns(report: Served) -> list[tuple[str, str, list[Line]]]:
    return [
        (_("Theo tháng"), _("Tháng"), report.by_month),
        (_("Theo nội dung"), _("Nội dung"), report.by_topic),
        (_("Theo địa bàn"), _("Địa bàn"), report.by_unit),
        (_("Theo hình thức"), _("Hình thức"), report.by_channel),
        (_("Theo cán bộ"), _("Cán bộ"), report.by_officer),
    ]


def _figures(lines: list[Line]) -> list[list]:
    return [[line.name, line.consultations, line.cooperatives] for line in lines]


def _entry_head() -> list[str]:
    return [
        _("Ngày tư vấn"), _("Ngày ghi"), _("HTX, nhóm sáng lập"), _("Mã số thuế"), _("Địa bàn huyện cũ"),
        _("Xã mới"), _("Nội dung"), _("Hình thức"), _("Kết quả"), _("Cán bộ"), _("Tính lượt"), _("Hẹn tiếp"),
    ]  # fmt: skip


def _entries(rows: Sequence[Consultation]) -> Iterable[Sequence]:
    """Yield one line for each entry, and a plain note where the workbook was cut."""
    words = _Words()
    for row in rows[:MOST_ENTRIES]:
        cooperative = row.cooperative
        yield [
            row.held_on,
            timezone.localdate(row.recorded_at),
            row.party.name,
            cooperative.tax_code if cooperative else None,
            words.unit(cooperative.old_district) if cooperative else None,
            words.unit(cooperative.new_commune) if cooperative else None,
            words.topics(row.topic_list),
            words.channels[row.channel],
            words.outcomes[row.outcome],
            str(row.officer),
            words.yes if cooperative else words.no,
            row.follow_up_day,
        ]
    if len(rows) > MOST_ENTRIES:
        note = _("Tệp chỉ ghi %(most)s lần tư vấn đầu tiên của kỳ; hãy chọn kỳ ngắn hơn để có đủ.")
        yield [_Head(note % {"most": MOST_ENTRIES})]


class _Words:
    """Labels in the language of the reader, each looked up once: asked per row they cost more than the file."""

    def __init__(self):
        self.channels = {value: str(label) for value, label in Channel.choices}
        self.outcomes = {value: str(label) for value, label in Outcome.choices}
        self.yes, self.no = _("có"), _("không")
        self._units: dict[int, str] = {}
        self._topics: dict[str | None, str] = {}

    def unit(self, unit) -> str | None:
        """Return the full name of a unit, or None where the place is not known."""
        if unit is None:
            return None
        if unit.pk not in self._units:
            self._units[unit.pk] = unit.full_name
        return self._units[unit.pk]

    def topics(self, topic_list: str | None) -> str:
        """Return the labels of joined topics."""
        if topic_list not in self._topics:
            self._topics[topic_list] = "; ".join(topics_in_words(topic_list))
        return self._topics[topic_list]
