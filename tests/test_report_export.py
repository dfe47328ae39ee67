"""The report as a workbook: the same numbers as the page, typed cells, nothing a spreadsheet would run."""

from datetime import date, datetime, time
from io import BytesIO

import pytest
from django.core.cache import cache
from openpyxl import load_workbook

from support_cases.exports import served_xlsx
from support_cases.models import Consultation
from tests.factories import make_consultation, make_cooperative, make_founding_group, make_user

pytestmark = pytest.mark.django_db

QUERY = "?from=2023-01&to=2023-08"


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


def test_the_file_is_named_after_its_period_and_typed_as_a_workbook(client, manager):
    answer = client.get(f"/bao-cao/xuat.xlsx{QUERY}")
    assert answer["Content-Disposition"] == 'attachment; filename="bao-cao-htx-2023-01-2023-08.xlsx"'
    assert answer["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_the_workbook_says_the_same_as_the_page(client, manager):
    one, two = make_cooperative(), make_cooperative()
    officer = make_user("staff")
    make_consultation(one, by=officer, held_on=date(2023, 1, 5), topics=["tax", "loan"], channel="zalo")
    make_consultation(one, by=officer, held_on=date(2023, 8, 31), channel="visit")
    make_consultation(two, by=manager, held_on=date(2023, 3, 3))
    make_consultation(two, held_on=date(2022, 3, 3))
    make_consultation(make_founding_group(), by=officer, held_on=date(2023, 4, 4))
    page = client.get(f"/bao-cao/{QUERY}").context
    book = workbook(client)
    assert book.sheetnames == [
        "Tổng hợp", "Theo tháng", "Theo nội dung", "Theo địa bàn", "Theo hình thức", "Theo cán bộ", "Lần tư vấn",
    ]  # fmt: skip
    summary = {row[0].value: row[1].value for row in book["Tổng hợp"].iter_rows() if row[0].value}
    assert [summary[name] for name in (
        "Lượt HTX được tư vấn", "HTX không trùng", "HTX lần đầu trong năm",
        "Lần tư vấn nhóm sáng lập (không tính lượt)", "Lượt cùng kỳ năm trước",
        "Tăng, giảm lượt so với cùng kỳ (%)",
    )] == [3, 2, 2, 1, 1, 200]  # fmt: skip
    assert [stat["value"] for stat in page["stats"]] == [3, 2, 2, 1]
    assert summary["Từ ngày"] == day_cell(2023, 1, 1)
    assert summary["Cách tính"] == str(page["rule"])
    for table in page["tables"]:
        shown = [[row.name, row.consultations, row.cooperatives] for row in table["rows"]]
        assert rows_of(book[table["title"]]) == shown
    months = [[month["row"].consultations, month["row"].cooperatives] for month in page["months"]]
    assert [row[1:] for row in rows_of(book["Theo tháng"])] == months
    entries = rows_of(book["Lần tư vấn"])
    assert [row[10] for row in entries] == ["có", "có", "không", "có"]
    assert len(entries) == Consultation.objects.filter(held_on__year=2023).count()


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


@pytest.mark.parametrize(
    "name", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x","y")', "%00=1", "http://x.vn"]
)
def test_nothing_typed_becomes_a_formula_or_a_link(client, manager, name):
    make_consultation(make_cooperative(name), held_on=date(2023, 5, 4))
    cell = workbook(client)["Lần tư vấn"]["C2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (name, "s", None)
    assert cell.quotePrefix == (name[0] in "=+-@%")


def test_the_knowledge_of_a_past_day_and_the_frame_are_kept(client, manager):
    early, late = make_consultation(held_on=date(2023, 5, 5)), make_consultation(held_on=date(2023, 5, 6))
    Consultation.objects.filter(pk=early.pk).update(recorded_at="2023-05-06T10:00:00+07:00")
    Consultation.objects.filter(pk=late.pk).update(recorded_at="2023-09-02T10:00:00+07:00")
    book = workbook(client, f"{QUERY}&as_of=01/09/2023&frame=2025")
    assert len(rows_of(book["Lần tư vấn"])) == 1
    assert rows_of(book["Theo địa bàn"]) == [["xã Đồng Phúc", 1, 1]]
    assert book["Tổng hợp"]["B4"].value == day_cell(2023, 9, 1)


def test_a_workbook_that_was_cut_says_so(client, manager, monkeypatch):
    monkeypatch.setattr(served_xlsx, "MOST_ENTRIES", 2)
    monkeypatch.setattr("support_cases.pages.reports.MOST_ENTRIES", 2)
    for _ in range(3):
        make_consultation(held_on=date(2023, 5, 5))
    book = workbook(client)
    rows = rows_of(book["Lần tư vấn"])
    assert len(rows) == 3
    assert rows[-1][0] == "Tệp chỉ ghi 2 lần tư vấn đầu tiên của kỳ; hãy chọn kỳ ngắn hơn để có đủ."
    summary = {row[0].value: row[1].value for row in book["Tổng hợp"].iter_rows()}
    assert summary["Lượt HTX được tư vấn"] == 3


def test_an_empty_period_gives_a_whole_workbook(client, manager):
    book = workbook(client, "?from=1995-01")
    assert rows_of(book["Lần tư vấn"]) == []


def test_the_workbook_costs_the_same_queries_with_many_rows(client, manager, django_assert_max_num_queries):
    for _ in range(30):
        make_consultation(held_on=date(2023, 5, 5), topics=["tax", "loan"])
    cache.clear()
    with django_assert_max_num_queries(8):
        client.get(f"/bao-cao/xuat.xlsx{QUERY}")
