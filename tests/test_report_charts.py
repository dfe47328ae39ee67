"""What charts of long periods and of many areas show, and which lines of long tables stand on a page."""

import html
import re
from datetime import date

import pytest
from django.core.cache import cache

from support_cases.pages.report_charts import Way, chart_of
from support_cases.pages.report_links import Links
from support_cases.pages.report_tables import shown_together
from support_cases.reports.flow import FLOW
from support_cases.reports.periods import MONTH, Month, Period
from support_cases.reports.query import ReportQuery
from support_cases.reports.tables import ROWS, Behind, Cell, Chart, Column, LateCells, Row, Table
from tests.factories import make_consultation, make_user

LINKS = Links(ReportQuery(Period.parse("2024", MONTH), "2022", None))
COLUMNS = (Column("done", "Xong"), Column("left", "Còn"))


def table(rows, kind="stacked", code="month", columns=COLUMNS):
    return Table(code, "Bảng", "Dòng", columns, tuple(rows), chart=Chart(kind, tuple(one.code for one in columns)))


def months(first: str, number: int):
    """Lines of so many months: the n-th has n and 1."""
    for at in range(number):
        month = Month.parse(first).plus(at)
        yield Row(str(month), month.label, (Cell(at + 1), Cell(1)))


def words(drawn, name: str) -> list[str]:
    """The texts of one kind in a chart, in order."""
    group = re.search(rf'<g class="{name}">(.*?)</g>', drawn.svg)[1]
    return re.findall(r"<text[^>]*>([^<]*)</text>", group)


@pytest.mark.parametrize(
    ("step", "sums", "note"),
    [
        (3, ["9", "18", "27", "36", "45", "54", "63", "72"], "Mỗi cột là một quý."),
        (6, ["27", "63", "99", "135"], "Mỗi cột là nửa năm."),
        (12, ["90", "234"], "Mỗi cột là một năm."),
    ],
)
def test_months_of_a_long_period_are_added_up_by_quarters_and_years(step, sums, note):
    drawn = chart_of(table(months("2022-01", 24)), LINKS, Way(step))
    assert words(drawn, "bar-label") == sums
    assert str(drawn.note) == note


def test_parts_of_quarters_stand_at_both_ends():
    drawn = chart_of(table(months("2022-03", 8)), LINKS, Way(3))
    assert words(drawn, "bar-label") == ["2", "12", "21", "9"]
    assert words(drawn, "axis-label") == ["I", "II", "III", "IV"]


def test_of_many_areas_the_largest_are_named_and_the_others_added_up():
    rows = [Row(f"{at:05}", f"xã {at}", (Cell(at), Cell(0))) for at in range(40)]
    rows.append(Row("total", "Tổng cộng", (Cell(780), Cell(0)), is_total=True))
    drawn = chart_of(table(rows, code="area"), LINKS)
    assert words(drawn, "row-label") == [f"Xã {at}" for at in range(28, 40)] + ["Còn lại (28)"]
    assert words(drawn, "row-figure") == [str(at) for at in range(28, 40)] + [str(sum(range(28)))]
    few = chart_of(table(rows[:13], code="area"), LINKS)
    assert words(few, "row-label") == [f"Xã {at}" for at in range(13)]


def linked_to(drawn) -> list[str]:
    """Where the bars of a chart lead, in order."""
    return [html.unescape(address) for address in re.findall(r'<a href="([^"]*)"', drawn.svg)]


def test_bars_of_rows_no_list_has_together_open_the_report_of_their_months_or_the_only_month_there_is():
    rows = [Row(f"2024-{n:02}", f"{n:02}/2024", (Cell(n, ROWS), Cell(int(n == 5), ROWS))) for n in range(1, 7)]
    links = Links(ReportQuery(Period.parse("2024-H1", MONTH), "2025", None), 7, FLOW, closed_on=date(2024, 7, 9))
    assert linked_to(chart_of(table(rows), links, Way(3, linked=True))) == [
        "?period=2024-Q1&frame=2025&as_of=2024-07-09",
        "?period=2024-Q2&frame=2025&as_of=2024-07-09",
        "/bao-cao/bien-dong-ho-so/sau-so/?period=2024-H1&frame=2025&bang=month&dong=2024-05&cot=left",
    ]


def test_the_bar_of_all_other_areas_opens_the_table_they_stand_in():
    rows = [Row(f"{at:05}", f"xã {at}", (Cell(at, ROWS), Cell(0))) for at in range(40)]
    links = Links(LINKS.query, kind=FLOW)
    addresses = linked_to(chart_of(table(rows, code="area"), links, Way(linked=True)))
    assert (len(addresses), addresses[-1]) == (13, "?period=2024&bang=area")


def test_small_charts_are_links_as_a_whole_and_not_on_paper():
    entries = [
        Behind("entries", (("district", "064"),), Period(MONTH, month, month)) for month in LINKS.query.period.months()
    ]
    rows = [Row(str(one.period.first), "", (Cell(at, one if at else None), Cell(0))) for at, one in enumerate(entries)]
    drawn = chart_of(table(rows, kind="multiples"), LINKS, Way(3, linked=True))
    within = "/tu-van/?held_from=2024-01-01&held_to=2024-12-31&party=cooperative&district=064"
    assert [(panel.total, panel.address) for panel in drawn.panels] == [("66", within), ("0", "")]
    assert "<a " not in "".join(panel.svg for panel in drawn.panels)
    assert [panel.address for panel in chart_of(table(rows, kind="multiples"), LINKS).panels] == ["", ""]


def test_short_figures_stand_above_many_bars():
    rows = list(months("2022-01", 48))
    assert len(words(chart_of(table(rows[:16], kind="trend"), LINKS), "bar-label")) == 16
    assert words(chart_of(table(rows, kind="trend"), LINKS), "bar-label") == []


def test_a_long_table_of_months_shows_the_last_ones_in_order():
    columns = tuple(Column(f"c{n}", f"Cột {n}") for n in range(8))
    rows = tuple(
        Row(str(month), month.label, tuple(Cell(1000 - at) for _ in columns))
        for at, month in enumerate(Period(MONTH, Month(2016, 1), Month(2025, 12)).months())
    )
    (shown,) = shown_together([Table("month", "Theo tháng", "Tháng", columns, rows)], LINKS)
    named = [re.search(r"<th[^>]*>([^<]*)<", line)[1] for line in shown.lines]
    assert named == [str(row.name) for row in rows[-len(named) :]]
    assert (shown.which, shown.left_out) == ("last", 120 - len(named))


def test_where_the_figures_of_a_line_lead_is_found_out_only_for_lines_that_are_put_together():
    asked = []

    def way(of, at):
        asked.append((of, at))
        return Behind("entries", (("topic", "tax"),))

    row = Row("x", "Dòng", LateCells((3, 0, "chữ"), way, "x"))
    assert (list(row.values), asked) == ([3, 0, "chữ"], [])
    assert row.cells == (Cell(3, way("x", 0)), Cell(0), Cell("chữ", way("x", 2)))
    assert asked == [("x", 0), ("x", 2)] * 2
    assert (row.cells[1:2], hash(row.cells)) == ((Cell(0),), hash(tuple(row.cells)))
    asked.clear()
    # Hundreds of columns are too wide for a page of many tables, and no line of them is put together.
    wide = tuple(Column(f"c{n}", f"Cột {n}") for n in range(1200))
    rows = tuple(Row(str(at), f"Dòng {at}", LateCells((1,) * 1200, way, at)) for at in range(3))
    (shown,) = shown_together([Table("wide", "Bảng", "Dòng", wide, rows)], LINKS)
    assert (shown.lines, shown.left_out, asked) == ([], 3, [])


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["from=2022-01&to=2025-12", "from=2016-05&to=2025-12"])
def test_every_chart_is_drawn_and_months_stand_in_order_on_the_page_of_years(client, query):
    cache.clear()
    for number in range(12):
        make_consultation(held_on=date(2023, 1 + number, 5), topics=["tax", "loan"])
    client.force_login(make_user("manager"))
    answered = client.get(f"/bao-cao/?{query}")
    assert len(answered.content) < 50_000
    tables = answered.context["tables"]
    assert [bool(shown.chart) for shown in tables] == [bool(shown.table.chart) for shown in tables]
    (months,) = [shown for shown in tables if shown.table.code == "month"]
    assert months.which == "last"
    # Where there is no room for links, the chart says where its bars are.
    unlinked = [shown for shown in tables if shown.chart and not shown.chart.linked]
    assert answered.text.count("Mở biểu đồ này để bấm vào từng cột") == len(unlinked)
    for shown in [one for one in tables if one.chart]:
        alone = client.get(f"/bao-cao/{shown.address}")
        assert (alone.context["alone"].chart.linked, len(alone.content) < 50_000) == (True, True)
        assert "Mở biểu đồ này" not in alone.text
