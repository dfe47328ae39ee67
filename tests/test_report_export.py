"""Reports as workbooks and plain lines: the numbers of the tables, typed cells, nothing a spreadsheet would run."""

import csv
from datetime import date, datetime, time
from io import BytesIO, StringIO

import pytest
from django.core.cache import cache
from django.utils import timezone
from openpyxl import load_workbook

from cooperatives.models import AdminUnit
from cooperatives.models.past import keep_past_state
from support_cases.closings import close_period
from support_cases.exports.formulas import as_plain_text
from support_cases.exports.making import FileWanted, make
from support_cases.models import Consultation
from support_cases.reports.answers import answer
from support_cases.reports.periods import MONTH, Period
from support_cases.reports.registry import REPORTS
from support_cases.reports.served import RULE, SERVED
from support_cases.reports.tables import Shape
from tests.factories import make_consultation, make_cooperative, make_founding_group, make_user

pytestmark = pytest.mark.django_db

QUERY = "?from=2023-01&to=2023-08"
TODAY = date(2024, 2, 1)
EIGHT_MONTHS = Period.parse("2023-8M", MONTH)
RISKY = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x","y")', "%00=1", "＝1+1"]


@pytest.fixture
def manager(client):
    """A signed-in manager, with no figures of former tests in the cache."""
    cache.clear()
    user = make_user("manager")
    client.force_login(user)
    return user


def day_cell(year: int, month: int, day: int) -> datetime:
    """Return a day as a spreadsheet gives it back: midnight, without a zone."""
    return datetime.combine(date(year, month, day), time())


def workbook(client, query: str = QUERY):
    """Return the workbook behind the button, read back."""
    answer = client.get(f"/bao-cao/xuat.xlsx{query}")
    assert answer.status_code == 200
    return load_workbook(BytesIO(answer.content))


def rows_of(sheet) -> list[list]:
    """Return the values of a sheet below its heading."""
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


def front_of(book) -> dict:
    """Return what the first sheet says, by the names of its lines."""
    return {row[0].value: row[1].value for row in book.worksheets[0].iter_rows() if row[0].value}


def lines(client, query: str = QUERY, slug: str = "luot-htx") -> list[list[str]]:
    """Return the fields of the plain lines behind an address."""
    answer = client.get(f"/bao-cao/{slug}/tep.csv{query}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))


def some_entries(manager) -> None:
    """Entries of two years, of two cooperatives and a founding group."""
    one, two = make_cooperative(), make_cooperative()
    officer = make_user("staff")
    make_consultation(one, by=officer, held_on=date(2023, 1, 5), topics=["tax", "loan"], channel="zalo")
    make_consultation(one, by=officer, held_on=date(2023, 8, 31), channel="visit")
    make_consultation(two, by=manager, held_on=date(2023, 3, 3))
    make_consultation(two, held_on=date(2022, 3, 3))
    make_consultation(make_founding_group(), by=officer, held_on=date(2023, 4, 4))


def test_a_file_is_named_after_its_report_and_period(client, manager):
    xlsx = client.get(f"/bao-cao/luot-htx/tep.xlsx{QUERY}")
    assert xlsx["Content-Disposition"] == 'attachment; filename="bao-cao-luot-htx-2023-8M.xlsx"'
    assert xlsx["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    query = "?period=2023-Q2&calendar=administrative&frame=2025&as_of=2023-09-05"
    plain = client.get(f"/bao-cao/luot-htx/tep.csv{query}")
    name = "bao-cao-luot-htx-2023-Q2-ky-hanh-chinh-dia-ban-2025-biet-den-2023-09-05.csv"
    assert plain["Content-Disposition"] == f'attachment; filename="{name}"'


def test_the_first_address_of_the_workbook_still_answers(client, manager):
    first, now = client.get(f"/bao-cao/xuat.xlsx{QUERY}"), client.get(f"/bao-cao/luot-htx/tep.xlsx{QUERY}")
    assert first.content == now.content


@pytest.mark.parametrize("code", sorted(REPORTS))
@pytest.mark.parametrize("period", ["2023-08", "2023"])
def test_every_table_is_a_sheet_with_its_figures(client, manager, code, period):
    some_entries(manager)
    kind = REPORTS[code]
    found = answer(kind, Period.parse(period, MONTH), frame="2022", today=timezone.localdate())
    book = load_workbook(BytesIO(client.get(f"/bao-cao/{kind.slug}/tep.xlsx?period={period}").content))
    assert len(book.worksheets) == 1 + len(found.tables) + (code == "served")
    for sheet, table in zip(book.worksheets[1:], found.tables, strict=False):
        titles = [str(table.what), *(str(column.title) for column in table.columns)]
        assert [cell.value for cell in sheet[1]] == titles
        assert sheet.freeze_panes == "B2"
        written = rows_of(sheet)[: len(table.rows)]
        assert written == [[str(row.name), *map(as_cell, row.cells, table.columns)] for row in table.rows]


def as_cell(cell, column):
    """Return what openpyxl reads of a cell."""
    if cell.value in (None, ""):
        return "–" if column.shape in (Shape.PERCENT, Shape.DECIMAL) else None
    if isinstance(cell.value, date):
        return datetime.combine(cell.value, time())
    return cell.value if isinstance(cell.value, int | float) or column.shape == Shape.TEXT else float(cell.value)


@pytest.mark.parametrize("code", sorted(REPORTS))
def test_plain_lines_say_the_same_as_the_tables(client, manager, code):
    some_entries(manager)
    kind = REPORTS[code]
    found = answer(kind, EIGHT_MONTHS, frame="2022", today=timezone.localdate())
    for table in found.tables:
        head, *rows = lines(client, f"{QUERY}&bang={table.code}", kind.slug)
        assert head == [str(table.what), *(str(column.title) for column in table.columns)]
        assert rows == [[as_plain_text(str(row.name)), *map(as_field, row.cells)] for row in table.rows]
    everything = lines(client, QUERY, kind.slug)
    assert [[str(table.title)] in everything for table in found.tables] == [True] * len(found.tables)


def as_field(cell) -> str:
    """Return a value as plain lines write it: decimals after a comma, days as people write them."""
    if cell.value is None:
        return ""
    if isinstance(cell.value, date):
        return f"{cell.value:%d/%m/%Y}"
    return str(cell.value) if isinstance(cell.value, str) else str(cell.value).replace(".", ",")


def test_the_first_sheet_says_period_rule_and_whose_knowledge(client, manager):
    assert front_of(workbook(client, f"{QUERY}&calendar=administrative&as_of=05/09/2023")) == {
        "Kết quả tư vấn, hỗ trợ HTX": None,
        "Kỳ báo cáo": "8 tháng đầu năm 2023",
        "Từ ngày": day_cell(2022, 12, 15),
        "Đến ngày": day_cell(2023, 8, 14),
        "Cách tính tháng": "Từ ngày 15 đến ngày 14",
        "Địa bàn": "Huyện, thành phố cũ",
        "Số liệu biết đến hết ngày": day_cell(2023, 9, 5),
        "Chốt số liệu": "Chưa chốt",
        "Cách tính": str(RULE),
    }


def test_a_closed_period_gives_the_same_bytes_whatever_came_after(client, manager):
    officer = make_user("staff", full_name="Hoàng Thị Cán")
    party = make_cooperative("Hợp tác xã Đồng Phúc")
    entry = make_consultation(party, by=officer, held_on=date(2023, 5, 4))
    closing = close_period(EIGHT_MONTHS, by=manager, today=timezone.localdate())
    files = {name: client.get(f"/bao-cao/luot-htx/tep.{name}{QUERY}").content for name in ("xlsx", "csv", "docx")}
    front = front_of(load_workbook(BytesIO(files["xlsx"])))
    assert front["Mã kiểm"] == closing.digest
    assert front["Chốt số liệu"] == f"Đã chốt ngày {timezone.localdate(closing.closed_at):%d/%m/%Y}"
    make_consultation(party, by=officer, held_on=date(2023, 5, 5))
    Consultation.objects.filter(pk=entry.pk).update(voided_at=timezone.now(), voided_by=manager, void_reason="Nhầm")
    officer.full_name = "Hoàng Thị Khác"
    officer.save()
    party.old_district = AdminUnit.objects.old_districts().exclude(pk=party.old_district_id).first()
    keep_past_state(party, timezone.now())
    party.save()
    cache.clear()
    assert {name: client.get(f"/bao-cao/luot-htx/tep.{name}{QUERY}").content for name in files} == files


def test_each_entry_has_typed_days_and_words(client, manager):
    officer = make_user("staff", full_name="Hoàng Thị Cán")
    party = make_cooperative("Hợp tác xã Đồng Phúc", tax_code="0101234567")
    make_consultation(
        party, by=officer, held_on=date(2023, 5, 4), topics=["tax", "loan"], channel="phone",
        outcome="follow_up", follow_up_on=date(2023, 5, 20),
    )  # fmt: skip
    Consultation.objects.update(recorded_at="2023-05-06T23:30:00+07:00")
    sheet = workbook(client)["Lần tư vấn"]
    assert rows_of(sheet) == [
        [
            day_cell(2023, 5, 4), day_cell(2023, 5, 6), "Hợp tác xã Đồng Phúc", "0101234567", "huyện Ba Bể",
            "xã Đồng Phúc", "Tiếp cận vốn vay; Chính sách thuế", "Điện thoại", "Hẹn làm việc tiếp",
            "Hoàng Thị Cán", "có", day_cell(2023, 5, 20),
        ]
    ]  # fmt: skip
    assert sheet["A2"].number_format == "dd/mm/yyyy"
    assert lines(client, f"{QUERY}&bang=entries")[1] == [
        "04/05/2023", "06/05/2023", "Hợp tác xã Đồng Phúc", "0101234567", "huyện Ba Bể", "xã Đồng Phúc",
        "Tiếp cận vốn vay; Chính sách thuế", "Điện thoại", "Hẹn làm việc tiếp", "Hoàng Thị Cán", "có", "20/05/2023",
    ]  # fmt: skip


@pytest.mark.parametrize("name", [*RISKY, "http://x.vn"])
def test_nothing_typed_becomes_a_formula_or_a_link(client, manager, name):
    make_consultation(make_cooperative(name), held_on=date(2023, 5, 4))
    cell = workbook(client)["Lần tư vấn"]["C2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (name, "s", None)
    assert cell.quotePrefix == (name in RISKY)
    assert lines(client, f"{QUERY}&bang=entries")[1][2] == (f"'{name}" if name in RISKY else name)


def test_nothing_behind_a_comma_becomes_a_formula_where_commas_part_the_cells_of_a_file(client, manager):
    make_consultation(make_cooperative('HTX Rau, Quả,=1+1,"=2"'), held_on=date(2023, 5, 4))
    assert lines(client, f"{QUERY}&bang=entries")[1][2] == """HTX Rau, Quả,'=1+1,'"=2\""""


def test_the_knowledge_of_a_past_day_and_the_frame_are_kept(client, manager):
    early, late = make_consultation(held_on=date(2023, 5, 5)), make_consultation(held_on=date(2023, 5, 6))
    Consultation.objects.filter(pk=early.pk).update(recorded_at="2023-05-06T10:00:00+07:00")
    Consultation.objects.filter(pk=late.pk).update(recorded_at="2023-09-02T10:00:00+07:00")
    book = workbook(client, f"{QUERY}&as_of=01/09/2023&frame=2025")
    assert len(rows_of(book["Lần tư vấn"])) == 1
    assert front_of(book)["Địa bàn"] == "Xã, phường mới"
    assert ["xã Đồng Phúc", 1, 1] in rows_of(book["Theo địa bàn"])


def test_a_workbook_that_was_cut_says_so(manager):
    for _ in range(3):
        make_consultation(held_on=date(2023, 5, 5))
    found = answer(SERVED, EIGHT_MONTHS, frame="2022", today=TODAY)
    made = make(found, FileWanted("xlsx"), most=2)
    book = load_workbook(BytesIO(made.content))
    rows = rows_of(book["Lần tư vấn"])
    assert [row[0] for row in rows] == [
        day_cell(2023, 5, 5), day_cell(2023, 5, 5), None,
        "Tệp chỉ ghi 2 lần tư vấn đầu tiên của kỳ; hãy chọn kỳ ngắn hơn để có đủ.",
    ]  # fmt: skip
    assert rows_of(book["Số liệu chung"])[0][:2] == ["Lượt HTX được tư vấn", 3]


def test_an_empty_period_gives_whole_files(client, manager):
    assert rows_of(workbook(client, "?from=1995-01")["Lần tư vấn"]) == []
    assert len(lines(client, "?from=1995-01&bang=entries")) == 1


@pytest.mark.parametrize("code", sorted(REPORTS))
@pytest.mark.parametrize("extension", ["xlsx", "csv", "docx"])
def test_a_file_costs_the_same_queries_with_many_rows(client, manager, code, extension, django_assert_max_num_queries):
    address = f"/bao-cao/{REPORTS[code].slug}/tep.{extension}{QUERY}"
    some_entries(manager)
    with django_assert_max_num_queries(60) as few:
        client.get(address)
    for _ in range(30):
        make_consultation(held_on=date(2023, 5, 5), topics=["tax", "loan"])
    cache.clear()
    with django_assert_max_num_queries(len(few)):
        client.get(address)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/bao-cao/khong-co/tep.xlsx", 404),
        ("/bao-cao/luot-htx/tep.csv?bang=khong-co", 404),
        ("/bao-cao/luot-htx/tep.pdf", 404),
        ("/bao-cao/luot-htx/tep.xlsx?period=2023-13", 302),
        ("/bao-cao/luot-htx/tep.xlsx?from=%00&frame=x", 302),
        ("/bao-cao/tep/00000000-0000-0000-0000-000000000000/", 404),
        ("/bao-cao/tep/00000000-0000-0000-0000-000000000000/tai/", 404),
    ],
)
def test_what_is_not_there_is_not_found_and_what_cannot_be_read_leads_to_the_form(client, manager, address, status):
    assert client.get(address).status_code == status
