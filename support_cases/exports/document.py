"""A report as an administrative document leaders finish in a word processor: heading, body, signature, annexes."""

from collections.abc import Sequence
from datetime import date
from itertools import count

from django.utils.translation import gettext as _
from django.utils.translation import override
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN

from support_cases.exports import docx_form as form
from support_cases.exports.docx_widths import column_widths
from support_cases.exports.front import calendar_words, frame_words, notice_of, rule_of
from support_cases.exports.office import Office, office_on
from support_cases.reports.answers import Answer
from support_cases.reports.narrative import answers_told, exact_days, narrative, period_in_sentence
from support_cases.reports.served import SERVED
from support_cases.reports.summary import SUMMARY
from support_cases.reports.tables import Shape, Table
from support_cases.reports.words import value_in_words

#: Lines a table of the document has; more are in the workbook.
MOST_LINES = 500
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")
_LEFT, _RIGHT = 6.4, 9.6
# Room for hand and stamp, and for the name leaders write below it.
_LINES_TO_SIGN = 5
_TOLD_BY_SENTENCES = (SERVED, SUMMARY)


def document(found: Answer) -> bytes:
    """Return a .docx of the answer, in Vietnamese whoever asks: a document of the office has one language.

    The summary and the served report say in sentences what was done; of the others the tables speak.
    """
    with override("vi"):
        return _document(found)


def _document(found: Answer) -> bytes:
    told = answers_told(found) if found.kind in _TOLD_BY_SENTENCES else [found]
    annexes = [found, *(one for one in told if one.kind is not found.kind and found.kind is SUMMARY)]
    day = found.basis.as_of
    office = office_on(day)
    page = form.new_document(_title(found), office.name)
    _heading(page, office, day)
    _name(page, found)
    _body(page, found, office, told)
    _ending(page, office)
    for number, annex in enumerate(annexes):
        tables = annex.tables if annex is found else annex.own_tables
        _annex(page, annex, tables, office, "" if len(annexes) == 1 else f" {_ROMAN[number]}")
    return form.bytes_of(page)


def _title(found: Answer) -> str:
    if found.kind in _TOLD_BY_SENTENCES:
        return _("Kết quả tư vấn, hỗ trợ hợp tác xã %(period)s") % {"period": period_in_sentence(found.period)}
    return f"{found.kind.title} {period_in_sentence(found.period)}"


def _heading(page: Document, office: Office, day: date) -> None:
    """Write the two columns above: who issues and the number, the name of the state and place and date."""
    left, right = form.side_by_side(page, (_LEFT, _RIGHT))
    lines = [
        *_lines(left, office.superior_body.upper(), size=12),
        *_lines(left, office.issuing_body.upper(), size=12, bold=True),
    ]
    form.rule_line(left.add_paragraph(), _LEFT, 2.2)
    number = _("Số:         /%(code)s") % {"code": office.code}
    form.write(left.add_paragraph(), number, size=13, align=ALIGN.CENTER, before=6)
    state = right.paragraphs[0]
    form.write(state, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=12.5, bold=True, align=ALIGN.CENTER)
    form.write(right.add_paragraph(), "Độc lập - Tự do - Hạnh phúc", size=13.5, bold=True, align=ALIGN.CENTER)
    form.rule_line(right.add_paragraph(), _RIGHT, 5.9)
    before = 6 if len(lines) < 3 else 20
    form.write(right.add_paragraph(), _place_and_day(office, day), italic=True, align=ALIGN.CENTER, before=before)


def _lines(cell, text: str, **look) -> list:
    """Write the lines of a text into a cell, each a paragraph in the middle."""
    written = []
    for line in filter(None, (part.strip() for part in text.split("|"))):
        first = cell.paragraphs[0]
        paragraph = first if not first.runs and len(cell.paragraphs) == 1 else cell.add_paragraph()
        written.append(form.write(paragraph, line, align=ALIGN.CENTER, **look))
    return written


def _place_and_day(office: Office, day: date) -> str:
    """Return place and date; a nought stands before days below 10 and the months 1 and 2 only."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    words = _("%(place)s, ngày %(day)s tháng %(month)s năm %(year)s")
    return words % {"place": office.place, "day": f"{day.day:02d}", "month": month, "year": day.year}


def _name(page: Document, found: Answer) -> None:
    form.write(page.add_paragraph(), _("BÁO CÁO"), bold=True, align=ALIGN.CENTER, before=16)
    form.write(page.add_paragraph(), _title(found), bold=True, align=ALIGN.CENTER)
    form.rule_line(page.add_paragraph(), 16, 4)


def _body(page: Document, found: Answer, office: Office, told: Sequence[Answer]) -> None:
    if office.addressee:
        addressee = _("Kính gửi: %(name)s") % {"name": office.addressee}
        form.write(page.add_paragraph(), addressee, align=ALIGN.CENTER, before=12, after=6)
    opening = _("%(office)s báo cáo %(title)s (số liệu %(days)s) như sau:") % {
        "office": office.name,
        "title": f"{_title(found)[:1].lower()}{_title(found)[1:]}",
        "days": exact_days(found.period),
    }
    _paragraph(page, opening)
    parts = narrative(*told) if len(told) > 1 else []
    for number, part in enumerate(parts):
        _section(page, f"{_ROMAN[number]}. {part.title.upper()}")
        for text in part.paragraphs:
            _paragraph(page, text)
    if not parts:
        _paragraph(page, _("Số liệu chi tiết tại phụ lục kèm theo."))
    else:
        for more, title in enumerate((_("Khó khăn, vướng mắc"), _("Nhiệm vụ kỳ sau và kiến nghị")), start=len(parts)):
            _section(page, f"{_ROMAN[more]}. {title.upper()}")
            _paragraph(page, "…" * 3)
    _paragraph(page, _knowledge(found))
    notices = map(notice_of, [found, *told])
    for notice in dict.fromkeys(filter(None, notices)):
        _paragraph(page, notice)
    _paragraph(page, _("Trên đây là báo cáo của %(office)s./.") % {"office": office.name})


def _knowledge(found: Answer) -> str:
    """Return how months and places are counted and whose knowledge the figures are."""
    basis = found.basis
    known = {
        "calendar": calendar_words(found.period.calendar).lower(),
        "frame": frame_words(found.frame).lower(),
        "day": f"{basis.as_of:%d/%m/%Y}",
    }
    if basis.closed_on is not None:
        words = _("Số liệu theo kỳ %(calendar)s, địa bàn %(frame)s, đã chốt ngày %(day)s.")
        return words % (known | {"day": f"{basis.closed_on:%d/%m/%Y}"})
    if not basis.scope.is_running:
        return _("Số liệu theo kỳ %(calendar)s, địa bàn %(frame)s, chưa chốt, biết đến hết ngày %(day)s.") % known
    return _("Kỳ chưa kết thúc; số liệu theo kỳ %(calendar)s, địa bàn %(frame)s, biết đến hết ngày %(day)s.") % known


def _section(page: Document, title: str) -> None:
    paragraph = form.write(page.add_paragraph(), title, bold=True, before=8, after=4, first_line=1.27)
    paragraph.paragraph_format.keep_with_next = True


def _paragraph(page: Document, text: str, **look) -> None:
    form.write(page.add_paragraph(), text, align=ALIGN.JUSTIFY, before=3, after=3, first_line=1.27, **look)


def _ending(page: Document, office: Office) -> None:
    """Write the recipients on the left and the signature on the right, with room for hand and stamp."""
    page.paragraphs[-1].paragraph_format.keep_with_next = True
    form.write(page.add_paragraph(), "", size=6)
    left, right = form.side_by_side(page, (_LEFT + 1, _RIGHT - 1))
    form.write(left.paragraphs[0], _("Nơi nhận:"), size=12, bold=True, italic=True)
    for line in filter(None, (part.strip() for part in office.recipients.split("|"))):
        form.write(left.add_paragraph(), f"- {line}", size=form.SMALL)
    signs = [office.signer_authority.upper(), office.signer_title.upper()]
    _lines(right, "|".join(filter(None, signs)), bold=True)
    for _line in range(_LINES_TO_SIGN):
        form.write(right.add_paragraph(), "", align=ALIGN.CENTER)


def _annex(page: Document, found: Answer, tables: list[Table], office: Office, number: str) -> None:
    width = form.new_landscape(page)
    form.write(page.add_paragraph(), _("Phụ lục%(number)s") % {"number": number}, bold=True, align=ALIGN.CENTER)
    title = f"{str(found.kind.title).upper()} {period_in_sentence(found.period).upper()}"
    form.write(page.add_paragraph(), title, bold=True, align=ALIGN.CENTER)
    with_report = _("(Kèm theo Báo cáo số:         /%(code)s ngày       tháng       năm          của %(office)s)")
    said = with_report % {"code": office.code, "office": office.name}
    form.write(page.add_paragraph(), said, italic=True, align=ALIGN.CENTER, after=6)
    notes = [_("Cách tính: %(rule)s") % {"rule": rule_of(found)}]
    if found.basis.closing is not None and found.basis.closing.digest:
        notes.append(_("Mã kiểm của số liệu đã chốt: %(digest)s.") % {"digest": found.basis.closing.digest})
    for note in notes:
        form.write(page.add_paragraph(), note, size=form.SMALL, italic=True, align=ALIGN.JUSTIFY, after=3)
    for at, table in enumerate(tables, start=1):
        _table(page, f"{at}. {table.title}", table, width)


def _table(page: Document, title: str, table: Table, width: float) -> None:
    heading = form.write(page.add_paragraph(), title, size=13, bold=True, before=12, after=4)
    heading.paragraph_format.keep_with_next = True
    head = [_("TT"), str(table.what), *(str(column.title) for column in table.columns)]
    rows, numbers = [], count(1)
    for row in table.rows[:MOST_LINES]:
        number = "" if row.is_total else str(next(numbers))
        values = [
            value_in_words(cell.value, column.shape) for cell, column in zip(row.cells, table.columns, strict=True)
        ]
        rows.append(([number, _capital(str(row.name)), *values], row.is_total))
    words = {1} | {at for at, column in enumerate(table.columns, start=2) if column.shape == Shape.TEXT}
    size, widths = column_widths(head, [values for values, _total in rows], words, width)
    aligns = ["center", *("left" if at in words else "right" for at in range(1, len(head)))]
    form.add_grid(page, head, rows, widths=widths, aligns=aligns, size=size)
    notes = [str(table.note)] if table.note else []
    if len(table.rows) > MOST_LINES:
        notes.append(_("Còn %(n)s dòng, có đủ trong tệp Excel.") % {"n": len(table.rows) - MOST_LINES})
    for note in notes:
        form.write(page.add_paragraph(), note, size=12, italic=True, before=3)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
