"""Reports as documents: the form of Decree 30/2020, sentences whose numbers are those of the tables, whole annexes."""

import re
from datetime import UTC, date, datetime
from io import BytesIO

import docx
import pytest
from django.core.cache import cache
from django.utils import timezone
from docx.enum.section import WD_ORIENT
from docx.shared import Pt

from cooperatives.models import LegalRule
from support_cases.closings import close_period
from support_cases.exports.office import office_on
from support_cases.models import Consultation, YearlyTarget
from support_cases.reports.answers import answer
from support_cases.reports.narrative import answers_told, narrative, period_in_sentence
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Period
from support_cases.reports.registry import REPORTS
from support_cases.reports.summary import SUMMARY
from support_cases.reports.words import value_in_words
from tests.factories import make_case, make_consultation, make_cooperative, make_founding_group, make_user
from tests.law import rules_as_shipped

pytestmark = pytest.mark.django_db

AUGUST = Period.parse("2023-08", MONTH)
TODAY = date(2024, 2, 1)
QUERY = "?period=2023-08"


@pytest.fixture
def manager(client):
    """A signed-in manager of an office with its own words on documents, and what it did in two years."""
    cache.clear()
    LegalRule.objects.bulk_create(row for row in rules_as_shipped() if row.key.startswith("report."))
    user = make_user("manager")
    client.force_login(user)
    one, two = make_cooperative("Hợp tác xã A & <b>"), make_cooperative()
    officer = make_user("staff", full_name="Hoàng & Thị <Cán>")
    make_consultation(one, by=officer, held_on=date(2023, 8, 5), topics=["tax", "loan"], channel="zalo")
    make_consultation(one, by=officer, held_on=date(2023, 8, 31), topics=["tax"], channel="visit")
    make_consultation(two, by=user, held_on=date(2023, 8, 3), topics=["loan"], channel="zalo")
    make_consultation(two, by=user, held_on=date(2022, 8, 3))
    make_consultation(make_founding_group(), by=officer, held_on=date(2023, 8, 4))
    make_case(one, by=officer, today=date(2023, 8, 1))
    Consultation.objects.update(recorded_at="2023-09-01T08:00:00+07:00")
    return user


def read(client, slug: str = "tong-hop", query: str = QUERY):
    """Return the document behind an address, read back."""
    answer = client.get(f"/bao-cao/{slug}/tep.docx{query}")
    assert answer.status_code == 200
    return docx.Document(BytesIO(answer.content))


def lines_of(document) -> list[str]:
    """Return the paragraphs outside of tables that say something."""
    return [paragraph.text for paragraph in document.paragraphs if paragraph.text]


def cells_of(table) -> list[list[str]]:
    """Return the texts of a table, its first column of running numbers left out."""
    return [[cell.text for cell in row.cells][1:] for row in table.rows]


def told(period: Period = AUGUST, today: date = TODAY) -> list[str]:
    """Return the sentences on a period."""
    found = answer(SUMMARY, period, frame="2022", today=today)
    return [text for part in narrative(*answers_told(found)) for text in part.paragraphs]


@pytest.mark.parametrize("code", sorted(REPORTS))
@pytest.mark.parametrize("period", ["2023-08", "2023"])
def test_every_table_is_in_the_annex_with_the_figures_of_the_page(client, manager, code, period):
    kind = REPORTS[code]
    found = answer(kind, Period.parse(period, MONTH), frame="2022", today=timezone.localdate())
    document = read(client, kind.slug, f"?period={period}")
    # The first table is the heading, the second recipients and signature.
    for written, table in zip(document.tables[2:], found.tables, strict=False):
        head, *rows = cells_of(written)
        assert head == [str(table.what), *(str(column.title) for column in table.columns)]
        assert [row[1:] for row in rows] == [
            [value_in_words(cell.value, column.shape) for cell, column in zip(row.cells, table.columns, strict=True)]
            for row in table.rows
        ]
        assert [row[0].casefold() for row in rows] == [str(row.name).casefold() for row in table.rows]


def test_the_paper_is_a4_with_margins_and_times_new_roman_and_annexes_lie_across(client, manager):
    document = read(client)
    body, *annexes = document.sections
    assert [round(side.mm) for side in (body.page_width, body.page_height)] == [210, 297]
    margins = (body.top_margin, body.bottom_margin, body.left_margin, body.right_margin)
    assert [round(side.mm) for side in margins] == [20, 20, 30, 20]
    assert (document.styles["Normal"].font.name, document.styles["Normal"].font.size) == ("Times New Roman", Pt(14))
    assert [one.orientation for one in annexes] == [WD_ORIENT.LANDSCAPE] * 3
    assert 'w:pgNumType w:start="1"' in annexes[0]._sectPr.xml


def test_pages_are_numbered_in_the_top_margin_from_the_second_on(client, manager):
    document = read(client)
    assert all(section.different_first_page_header_footer for section in document.sections)
    assert " PAGE " in document.sections[0].header._element.xml
    assert document.sections[0].first_page_header.is_linked_to_previous


def test_the_heading_has_two_columns_of_state_and_office(client, manager):
    close_period(AUGUST, by=manager, today=TODAY, now=datetime(2023, 9, 5, 8, tzinfo=UTC))
    left, right = read(client).tables[0].rows[0].cells
    assert [p.text for p in left.paragraphs if p.text] == [
        "UBND TỈNH BẮC KẠN", "TỔ CÔNG TÁC HỖ TRỢ", "HỢP TÁC XÃ", "Số:         /BC-TCT",
    ]  # fmt: skip
    assert [p.text for p in right.paragraphs if p.text] == [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Bắc Kạn, ngày 05 tháng 9 năm 2023",
    ]


def test_name_recipients_and_signature_stand_where_they_belong_without_any_persons_name(client, manager):
    document = read(client)
    assert lines_of(document)[:2] == ["BÁO CÁO", "Kết quả tư vấn, hỗ trợ hợp tác xã tháng 8 năm 2023"]
    left, right = document.tables[1].rows[0].cells
    assert [p.text for p in left.paragraphs] == [
        "Nơi nhận:", "- Như trên;", "- Các thành viên Tổ công tác;", "- Lưu: VT, TCT.",
    ]  # fmt: skip
    assert [p.text for p in right.paragraphs if p.text] == ["TM. TỔ CÔNG TÁC", "TỔ TRƯỞNG"]


def test_the_office_is_called_as_on_the_day_of_the_document():
    LegalRule.objects.bulk_create(row for row in rules_as_shipped() if row.key.startswith("report."))
    before, after = office_on(date(2025, 6, 30)), office_on(date(2025, 7, 1))
    assert (before.place, after.place) == ("Bắc Kạn", "Thái Nguyên")
    assert before.name == "Tổ công tác hỗ trợ hợp tác xã"


def test_a_document_without_rules_for_its_words_is_still_whole(client, manager):
    LegalRule.objects.all().delete()
    assert "BÁO CÁO" in lines_of(read(client))


def test_the_sentences_say_what_was_done(manager):
    served, topics, area, kinds, channels, groups, flow, *measures = told()
    assert served == (
        "Trong kỳ đã tư vấn, hỗ trợ 03 lượt HTX cho 02 HTX (không trùng), trong đó 02 HTX được tư vấn lần đầu trong "
        "năm. So với cùng kỳ năm trước (01 lượt), số lượt HTX tăng 200%. Lũy kế từ đầu năm 2023 là 03 lượt HTX."
    )
    assert topics == (
        "Theo nội dung (một lượt có thể gồm nhiều nội dung): tiếp cận vốn vay 02 lượt; chính sách thuế 02 lượt."
    )
    assert (area, kinds) == ("Theo địa bàn: huyện Ba Bể 03 lượt.", "Theo loại hình: hợp tác xã 03 lượt.")
    assert channels == "Theo hình thức: Zalo 02 lượt; tại HTX 01 lượt."
    assert groups == "Ngoài ra đã tư vấn nhóm sáng lập 01 lần, ghi riêng, không tính vào lượt HTX."
    assert flow.startswith("Tổng số hồ sơ phải giải quyết trong kỳ là 01 hồ sơ, gồm: kỳ trước chuyển sang 0, tiếp ")
    assert measures[0] == "HTX thành lập mới: 0 (cùng kỳ năm trước 0); lũy kế từ đầu năm 0."


def test_the_yearly_plan_is_told_and_a_running_period_is_compared_with_nothing(manager):
    YearlyTarget.objects.create(year=2023, measure="consultations", value=1000)
    assert told()[0].endswith("Lũy kế từ đầu năm 2023 là 03 lượt HTX, đạt 0,3% kế hoạch năm (1.000 lượt).")
    assert "So với" not in told(today=date(2023, 8, 31))[0]


def test_a_whole_year_is_not_told_twice(manager):
    year = Period.parse("2023", MONTH)
    assert "Lũy kế" not in " ".join(told(year))
    assert told(year)[0].count("(01 lượt)") == 1


def test_every_number_of_the_sentences_is_one_of_the_tables(manager):
    found = answer(SUMMARY, AUGUST, frame="2022", today=TODAY)
    known = {
        value_in_words(cell.value, column.shape).strip("%-")
        for one in answers_told(found)
        for table in one.tables
        for row in table.rows
        for cell, column in zip(row.cells, table.columns, strict=True)
    }
    known.add(str(AUGUST.last.year))
    said = re.findall(r"\d[\d.,]*\d|\d", " ".join(told()))
    assert len(said) > 30
    assert {re.sub(r"^0(?=\d$)", "", number) for number in said} <= known


@pytest.mark.parametrize(
    ("name", "calendar", "words"),
    [
        ("2023-01", MONTH, "tháng 01 năm 2023"),
        ("2023-03", ADMINISTRATIVE, "tháng 3 năm 2023"),
        ("2023-Q2", MONTH, "quý II năm 2023"),
        ("2023-H2", MONTH, "6 tháng cuối năm 2023"),
        ("2023-9M", MONTH, "9 tháng đầu năm 2023"),
        ("2023", MONTH, "năm 2023"),
    ],
)
def test_a_period_is_named_as_titles_name_it(name, calendar, words):
    assert period_in_sentence(Period.parse(name, calendar)) == words


def test_days_are_named_from_to():
    period = Period.from_day_to_day(MONTH, date(2023, 8, 5), date(2023, 9, 4))
    assert period_in_sentence(period) == "từ ngày 05/08/2023 đến ngày 04/09/2023"


def test_the_document_of_the_office_is_in_vietnamese_whoever_asks(client, manager):
    client.cookies["django_language"] = "en"
    english = client.get(f"/bao-cao/tong-hop/tep.docx{QUERY}").content
    client.cookies["django_language"] = "vi"
    assert client.get(f"/bao-cao/tong-hop/tep.docx{QUERY}").content == english


def test_texts_with_signs_no_document_may_hold_do_no_harm(client, manager):
    manager.full_name = "Bà\x0b\x01 & <Ban>"
    manager.save()
    rows = [row for table in read(client, "luot-htx").tables for row in cells_of(table)]
    assert ["Bà & <Ban>", "1", "1"] in rows
