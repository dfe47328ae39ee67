"""The parts an administrative document is made of (Decree 30/2020, Annex I), as a word processor holds them."""

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

FONT = "Times New Roman"
BODY, SMALL = 14, 11
#: Millimetres of paper and of its margins: top, bottom, left, right.
PAPER, MARGINS = (210, 297), (20, 20, 30, 20)
# The day inside every file, so that the same words give the same bytes.
_MADE = datetime(2022, 1, 1, tzinfo=UTC)
_ZIP_DAY = (1980, 1, 1, 0, 0, 0)
# A table of so many lines fits on one page.
_SHORT = 16
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def plain(text: object) -> str:
    """Return a text without the signs no document may hold."""
    return _NOT_IN_XML.sub("", str(text))


def new_document(title: str, author: str) -> Document:
    """Return an empty A4 document in Times New Roman whose pages are numbered from the second on."""
    document = docx.Document()
    facts = document.core_properties
    facts.title, facts.author, facts.last_modified_by, facts.comments = plain(title), plain(author), "", ""
    facts.created = facts.modified = _MADE
    facts.language = "vi-VN"
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(BODY)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(name), FONT)
    language = parse_xml(f'<w:lang {nsdecls("w")} w:val="vi-VN" w:eastAsia="vi-VN"/>')
    normal.element.rPr.append(language)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing = 1.0
    _set_modern(document)
    _set_paper(document.sections[0])
    _number_pages(document.sections[0])
    return document


def bytes_of(document: Document) -> bytes:
    """Return the file; the same document gives the same bytes whenever it is written."""
    written, steady = BytesIO(), BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(steady, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            fixed = zipfile.ZipInfo(item.filename, _ZIP_DAY)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(fixed, source.read(item))
    return steady.getvalue()


def write(
    paragraph: Paragraph,
    text: str,
    *,
    size: float = BODY,
    bold: bool = False,
    italic: bool = False,
    align: ALIGN | None = None,
    before: float = 0,
    after: float = 0,
    first_line: float = 0,
) -> Paragraph:
    """Write ``text`` into a paragraph; sizes and spaces in points, the first line's indent in centimetres."""
    run = paragraph.add_run(plain(text))
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    shape = paragraph.paragraph_format
    if align is not None:
        paragraph.alignment = align
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    if first_line:
        shape.first_line_indent = Cm(first_line)
    return paragraph


def rule_line(paragraph: Paragraph, width: float, line: float) -> None:
    """Make a paragraph a line of ``line`` centimetres in the middle of a space of ``width``."""
    shape = paragraph.paragraph_format
    side = Cm((width - line) / 2)
    shape.left_indent, shape.right_indent = side, side
    shape.space_before, shape.space_after, shape.line_spacing = Pt(3), Pt(0), Pt(2)
    border = f'<w:pBdr {nsdecls("w")}><w:top w:val="single" w:sz="6" w:space="1" w:color="000000"/></w:pBdr>'
    paragraph._p.get_or_add_pPr().insert_element_before(
        parse_xml(border), "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )
    paragraph.add_run().font.size = Pt(1)


def side_by_side(document: Document, widths: Sequence[float]):
    """Return the cells of a row without borders, as wide as ``widths`` in centimetres, that stays on one page."""
    table = document.add_table(rows=1, cols=len(widths))
    table.autofit = False
    row = table.rows[0]
    row._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
    margins = (
        f'<w:tblCellMar {nsdecls("w")}><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar>'
    )
    table._tbl.tblPr.append(parse_xml(margins))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for cell, width in zip(row.cells, widths, strict=True):
        cell.width = Cm(width)
    return row.cells


def new_landscape(document: Document) -> float:
    """Begin a landscape part with page numbers of its own; return how many centimetres across can be written on."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    _set_paper(section, landscape=True)
    numbers = parse_xml(f'<w:pgNumType {nsdecls("w")} w:start="1"/>')
    section._sectPr.insert_element_before(numbers, "w:cols", "w:titlePg", "w:docGrid")
    return (PAPER[1] - MARGINS[2] - MARGINS[3]) / 10


def add_grid(
    document: Document,
    head: Sequence[str],
    rows: Iterable[tuple[Sequence[str], bool]],
    *,
    widths: Sequence[float],
    aligns: Sequence[str],
    size: float,
) -> None:
    """Add a table with thin lines whose head comes again on every page.

    ``rows`` come with whether they are set apart as totals; ``aligns`` are left, right or center. A short table stays
    on one page. The markup is written at once: cell by cell a table of hundreds of lines would take seconds.
    """
    grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in widths)
    line = 'w:val="single" w:sz="4" w:space="0" w:color="000000"'
    sides = "".join(f"<w:{side} {line}/>" for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    lines = list(rows)
    short = len(lines) <= _SHORT
    body = "".join(
        _row(values, widths, aligns, size, bold=total, keep=short and at < len(lines))
        for at, (values, total) in enumerate(lines, start=1)
    )
    top = _row(head, widths, ["center"] * len(head), size, bold=True, head=True, keep=True)
    markup = (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{_twips(sum(widths))}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{sides}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{top}{body}</w:tbl>"
    )
    document.element.body.insert_element_before(parse_xml(markup), "w:sectPr")


def _row(
    values: Sequence[str],
    widths: Sequence[float],
    aligns: Sequence[str],
    size: float,
    *,
    bold: bool,
    head: bool = False,
    keep: bool = False,
) -> str:
    look = f'{"<w:b/>" if bold else ""}<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>'
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="EDEDED"/><w:vAlign w:val="center"/>' if head else ""
    together = "<w:keepNext/>" if keep else ""
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/>{shade}</w:tcPr>'
        f'<w:p><w:pPr>{together}<w:spacing w:before="40" w:after="40"/><w:jc w:val="{align}"/></w:pPr>'
        f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{escape(plain(value))}</w:t></w:r></w:p></w:tc>'
        for value, width, align in zip(values, widths, aligns, strict=True)
    )
    again = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{again}</w:trPr>{cells}</w:tr>"


def _twips(centimetres: float) -> int:
    return round(centimetres * 567)


def _set_paper(section, landscape: bool = False) -> None:
    wide, high = PAPER[::-1] if landscape else PAPER
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(wide / 10), Cm(high / 10)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
        Cm(side / 10) for side in MARGINS
    )
    section.header_distance = section.footer_distance = Cm(1)
    section.different_first_page_header_footer = True


def _number_pages(section) -> None:
    """Put the number of the page in the middle of the top margin; the first page has none."""
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = ALIGN.CENTER
    field = (
        f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "><w:r><w:rPr><w:sz w:val="{BODY * 2}"/></w:rPr>'
        "<w:t>2</w:t></w:r></w:fldSimple>"
    )
    paragraph._p.append(parse_xml(field))


def _set_modern(document: Document) -> None:
    """Let Word open the file as one of its own and not in its mode for old files."""
    setting = (
        f'<w:compat {nsdecls("w")}><w:compatSetting w:name="compatibilityMode" '
        'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
    )
    settings = document.settings.element
    for old in settings.findall(qn("w:compat")):
        settings.remove(old)
    settings.insert_element_before(
        parse_xml(setting), "w:docVars", "w:rsids", "m:mathPr", "w:themeFontLang", "w:clrSchemeMapping",
        "w:shapeDefaults", "w:decimalSymbol", "w:listSeparator",
    )  # fmt: skip
