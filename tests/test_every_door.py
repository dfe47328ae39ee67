"""One function, many doors: every number of every report is the same on page and paper, from the API and in every file.

The data are random, another set for every seed; the numbers are read back from what each door shows, by reading
their words, and compared with the tables the report is made of.
"""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from io import BytesIO, StringIO
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from docx import Document
from openpyxl import load_workbook

from cooperatives.models import Cooperative, Disbursement, Loan, OcopProduct, OcopRating, Term
from support_cases.closings import close_period
from support_cases.models import Consultation
from support_cases.pages.report_links import Links, address_of
from support_cases.reports.answers import Answer, answer
from support_cases.reports.periods import MONTH, Period
from support_cases.reports.query import ReportQuery, read_query
from support_cases.reports.registry import REPORTS
from support_cases.reports.served import SERVED
from support_cases.reports.tables import ROWS, WORDS, Shape, Table
from support_cases.reports.words import value_in_words
from tests.factories import make_consultation, make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2024, 8, 20, 10, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
TODAY = NOW.date()
SEED = 5
QUESTIONS = [
    {"period": "2024-7M"},
    {"period": "2024-Q1", "calendar": "administrative", "frame": "2025"},
    {"from": "2023-11-10", "to": "2024-02-20", "as_of": "2024-03-01"},
    {"period": "2024-08"},
    {"period": "2024-05", "frame": "2025"},
]


@pytest.fixture(scope="module")
def manager(django_db_setup, django_db_blocker) -> Iterator[Client]:
    """A manager on random data: entries, cases and what came of them, with one month closed and something late."""
    with django_db_blocker.unblock(), transaction.atomic(), time_machine.travel(NOW, tick=False):
        cache.clear()
        call_command("load_reference", stdout=StringIO())
        call_command("seed_scale", cooperatives=30, consultations=250, seed=SEED, stdout=StringIO())
        person = make_user("manager")
        outcomes(random.Random(SEED))
        close_period(Period.parse("2024-05", MONTH), by=person, today=TODAY)
        for party in Cooperative.objects.filter(registered_on__lt=date(2024, 1, 1)).order_by("pk")[:3]:
            make_consultation(party, held_on=date(2024, 5, 10), today=TODAY)
        client = Client()
        client.force_login(person)
        yield client
        transaction.set_rollback(True)
        cache.clear()


def outcomes(dice: random.Random) -> None:
    """Random loans, stars and terms of the cooperatives there are."""
    for party in Cooperative.objects.all():
        began = date(2023, 1, 1) + timedelta(days=dice.randrange(580))
        asked = dice.randrange(50, 900) * 1_000_000
        loan = Loan.objects.create(
            cooperative=party, lender=dice.choice(["vbsp", "agribank"]), requested=asked, submitted_on=began,
            approved=asked, result="approved", disbursed=asked // 3,
        )  # fmt: skip
        Disbursement.objects.create(loan=loan, paid_on=began + timedelta(days=20), amount=asked // 3)
        product = OcopProduct.objects.create(cooperative=party, name="Chè", group="beverage", first_year=2022)
        OcopRating.objects.create(
            product=product, criteria_version="2023", level="province", score=85, stars=dice.choice([3, 4]),
            decided_on=began, valid_until=began + timedelta(days=300),
        )  # fmt: skip
        Term.objects.get_or_create(
            cooperative=party, started_on=began, defaults={"ends_on": began + timedelta(days=dice.randrange(200, 900))}
        )


# ------------------------------------------------------------------- reading


@dataclass
class Shown:
    """A table as a page shows it; every line is its name and its values, and whether it is a total."""

    title: str = ""
    lines: list[tuple[list[str], bool]] = field(default_factory=list)


class Tables(HTMLParser):
    """The tables of a page, in order."""

    def __init__(self, text: str):
        super().__init__()
        self.found: list[Shown] = []
        self._into: list[str] | None = None
        self._body = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Open a table, a line or a cell."""
        given = dict(attrs)
        if tag == "table":
            self.found.append(Shown())
        elif tag == "tbody":
            self._body = True
        elif tag == "tr" and self._body:
            self.found[-1].lines.append(([], given.get("class") == "total"))
        elif tag in ("th", "td", "caption") and (self._body or tag == "caption"):
            self._into = [] if "colspan" not in given else None

    def handle_endtag(self, tag):
        """Close a cell or the lines."""
        if tag == "tbody":
            self._body = False
        if tag in ("th", "td", "caption") and self._into is not None:
            words = "".join(self._into).strip()
            if tag == "caption":
                self.found[-1].title = words
            else:
                self.found[-1].lines[-1][0].append(words)
            self._into = None

    def handle_data(self, data):
        """Note what stands in a cell."""
        if self._into is not None:
            self._into.append(data)


def number(words: str) -> float | None:
    """The number somebody reads: "1.234.567", "12,5%", "3,0"; a dash is none."""
    if words == "–":
        return None
    return float(words.removesuffix("%").replace(".", "").replace(",", "."))


def read(words: str, shape: Shape):
    """What somebody reads in a cell of that kind."""
    return words if shape in WORDS else number(words)


def expected(value, shape: Shape):
    """The same as the table of the report holds it."""
    if value is None or value == "":
        return "–" if shape in WORDS else None
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if shape in WORDS:
        return str(value)
    return round(float(value), 1)


def of_table(table: Table) -> list[list]:
    """Name and values of every line, totals last: a table that is shown in pages has them at its end."""
    rows = sorted(table.rows, key=lambda row: row.is_total)
    return [
        [first_large(str(row.name)), *(expected(cell.value, column.shape) for cell, column in zip_of(row, table))]
        for row in rows
    ]


def zip_of(row, table: Table):
    """The cells of a line, each with its column."""
    return list(zip(row.cells, table.columns, strict=True))


def first_large(words: str) -> str:
    """A name as a page begins it."""
    return words[:1].upper() + words[1:]


def of_page(shown: Shown, table: Table) -> list[list]:
    """Name and values of every line a page shows of a table."""
    lines = sorted(shown.lines, key=lambda line: line[1])
    shapes = [column.shape for column in table.columns]
    return [[words[0], *map(read, words[1:], shapes)] if len(words) > 1 else words for words, _total in lines if words]


# --------------------------------------------------------------------- doors


@dataclass(frozen=True)
class Asked:
    """One report on one question."""

    found: Answer
    query: dict[str, str]

    @property
    def page(self) -> str:
        """The address of its page."""
        return f"{address_of(self.found.kind)}?{urlencode(self.query)}"


def every_report(query: dict[str, str]) -> list[Asked]:
    """All reports on one question."""
    asked = read_query(query, TODAY)
    as_of = asked.as_of if asked.as_of and asked.as_of < TODAY else None
    return [
        Asked(answer(kind, asked.period, frame=asked.frame, today=TODAY, as_of=as_of), query)
        for kind in REPORTS.values()
    ]


def page_tables(client: Client, asked: Asked) -> list[list[list]]:
    """The tables of the page; one that is cut there is read from the pages that show it alone."""
    answered = client.get(asked.page)
    assert answered.status_code == 200
    assert len(answered.content) < 50_000, asked.page
    shown = Tables(answered.content.decode()).found
    tables = asked.found.tables
    assert [one.title for one in shown] == [str(table.title) for table in tables]
    cut = {at for at, one in enumerate(answered.context["tables"]) if one.left_out}
    return [
        alone(client, asked, table) if at in cut else of_page(one, table)
        for at, (one, table) in enumerate(zip(shown, tables, strict=True))
    ]


def alone(client: Client, asked: Asked, table: Table) -> list[list]:
    """A table read page by page."""
    lines, number, pages = [], 1, 1
    while number <= pages:
        answered = client.get(f"{asked.page}&bang={table.code}&page={number}")
        assert len(answered.content) < 50_000, (asked.page, table.code)
        (shown,) = Tables(answered.content.decode()).found
        last = number == answered.context["alone"].page.paginator.num_pages
        lines += [line for line in shown.lines if last or not line[1]]
        pages, number = answered.context["alone"].page.paginator.num_pages, number + 1
    return of_page(Shown(lines=lines), table)


def printed_tables(client: Client, asked: Asked) -> list[list[list]]:
    """The tables of the page for paper, which are whole."""
    answered = client.get(f"/bao-cao/{asked.found.kind.slug}/in/?{urlencode(asked.query)}")
    shown = Tables(answered.content.decode()).found
    tables = asked.found.tables
    assert [one.title for one in shown] == [str(table.title) for table in tables]
    return [of_page(one, table) for one, table in zip(shown, tables, strict=True)]


def api_tables(client: Client, asked: Asked) -> list[list[list]]:
    """The tables of the API."""
    body = client.get(f"/api/v1/reports/{asked.found.kind.code}/tables/?{urlencode(asked.query)}").json()
    found = []
    for got, table in zip(body["tables"], asked.found.tables, strict=True):
        assert [column["code"] for column in got["columns"]] == table.column_codes
        rows = sorted(got["rows"], key=lambda row: row["is_total"])
        found.append([[first_large(row["name"]), *map(said, row["values"].values(), shapes(table))] for row in rows])
    return found


def said(value, shape: Shape):
    """A value of the API as it would be read."""
    if shape == Shape.DAY and value:
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    return expected(Decimal(value) if shape not in WORDS and isinstance(value, str) else value, shape)


def shapes(table: Table) -> list[Shape]:
    """The shapes of the columns."""
    return [column.shape for column in table.columns]


def workbook_tables(client: Client, asked: Asked) -> list[list[list]]:
    """The sheets of the workbook after the first, one for each table; numbers must be numbers."""
    body = file_of(client, asked, "xlsx")
    book = load_workbook(BytesIO(body), read_only=True)
    found = []
    for sheet, table in zip(book.worksheets[1:], asked.found.tables, strict=False):
        rows = list(sheet.iter_rows(min_row=2, max_row=1 + len(table.rows), values_only=True)) if table.rows else []
        totals = [row.is_total for row in table.rows]
        lines = sorted(zip(rows, totals, strict=True), key=lambda line: line[1])
        found.append([[first_large(row[0]), *map(typed, padded(row, table), shapes(table))] for row, _total in lines])
    return found


def padded(row: tuple, table: Table) -> list:
    """The values of a row of a sheet; cells at its end that hold nothing are not there."""
    return [*row[1:], *[None] * (1 + len(table.columns) - len(row))]


def typed(value, shape: Shape):
    """A value of a cell as it would be read."""
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y}"
    if shape not in WORDS and value is not None and value != "–":
        assert isinstance(value, int | float), value
    return expected(None if value == "–" else value, shape)


def csv_tables(client: Client, asked: Asked) -> list[list[list]]:
    """The tables of the plain file, one below the other, each under its title and its head."""
    lines = list(csv.reader(StringIO(file_of(client, asked, "csv").decode("utf-8-sig")), delimiter=";"))
    found, at = [], 0
    for table in asked.found.tables:
        at = lines.index([str(table.title)], at) + 2
        assert lines[at - 1] == [str(table.what), *(str(column.title) for column in table.columns)]
        rows = zip(lines[at : at + len(table.rows)], [row.is_total for row in table.rows], strict=True)
        ordered = sorted(rows, key=lambda line: line[1])
        found.append([[first_large(row[0]), *map(plain, row[1:], shapes(table))] for row, _total in ordered])
    return found


def plain(words: str, shape: Shape):
    """A field of a plain file as it would be read; one with nothing in it has no value."""
    if shape in WORDS:
        return words or "–"
    return round(float(words.replace(",", ".")), 1) if words else None


def document_tables(client: Client, asked: Asked) -> list[list[list]]:
    """The tables of the annexes of the document."""
    book = Document(BytesIO(file_of(client, asked, "docx")))
    grids = [[[cell.text for cell in row.cells] for row in table.rows] for table in book.tables]
    found, at = [], 0
    for table in asked.found.tables:
        head = [str(table.what), *(str(column.title) for column in table.columns)]
        at = next(place for place in range(at, len(grids)) if grids[place] and grids[place][0][1:] == head) + 1
        lines = zip(grids[at - 1][1:], [row.is_total for row in table.rows], strict=True)
        ordered = sorted(lines, key=lambda line: line[1])
        found.append([[first_large(row[1]), *map(read, row[2:], shapes(table))] for row, _total in ordered])
    return found


def file_of(client: Client, asked: Asked, extension: str, **more: str) -> bytes:
    """The bytes of a file."""
    kind = asked.found.kind
    answered = client.get(f"/bao-cao/{kind.slug}/tep.{extension}?{urlencode(asked.query | more)}")
    assert answered.status_code == 200, (kind.code, extension)
    return b"".join(answered)


DOORS = {
    "page": page_tables,
    "print": printed_tables,
    "api": api_tables,
    "xlsx": workbook_tables,
    "csv": csv_tables,
    "docx": document_tables,
}


# --------------------------------------------------------------------- tests


@pytest.mark.parametrize("query", QUESTIONS, ids=lambda query: "-".join(query.values()))
@pytest.mark.parametrize("door", DOORS)
@time_machine.travel(NOW, tick=False)
def test_every_door_shows_the_numbers_of_every_report(manager, query, door):
    compared = 0
    for asked in every_report(query):
        shown = DOORS[door](manager, asked)
        for got, table in zip(shown, asked.found.tables, strict=True):
            assert got == of_table(table), (door, asked.found.kind.code, table.code)
            compared += sum(len(row) - 1 for row in got)
    assert compared > 300


@pytest.mark.parametrize("query", QUESTIONS, ids=lambda query: "-".join(query.values()))
@time_machine.travel(NOW, tick=False)
def test_the_contract_of_the_api_says_what_the_tables_say(manager, query):
    body = manager.get("/api/v1/reports/served/", query).json()
    found = next(asked.found for asked in every_report(query) if asked.found.kind is SERVED)
    totals = {row.code: row.cells[0].value for row in found.table("totals").rows}
    assert body["totals"] == {name: totals[name] for name in body["totals"]}
    for name in ("month", "topic", "unit", "channel"):
        table = found.table(name)
        lines = [(line[name] or "", line["consultations"], line["cooperatives"]) for line in body[f"by_{name}"]]
        assert lines == [(row.code, row.cells[0].value, row.cells[1].value) for row in table.rows], name
    assert body["same_period_last_year"]["consultations"] == found.table("totals").value("consultations", "last_year")


@time_machine.travel(NOW, tick=False)
def test_the_first_page_of_a_manager_says_what_the_report_says(manager):
    shown = manager.get("/").context
    for tile, code in zip(shown["tiles"], ("2024-08", "2024-07"), strict=True):
        found = answer(SERVED, Period.parse(code, MONTH), frame="2022", today=TODAY)
        totals = found.table("totals")
        assert (tile["served"], tile["cooperatives"], tile["then"]) == (
            totals.value("consultations", "now"),
            totals.value("cooperatives", "now"),
            totals.value("consultations", "last_year"),
        )
    whole = answer(SERVED, Period.parse("2024-7M", MONTH), frame="2022", today=TODAY).table("totals")
    assert shown["year"]["served"] == whole.value("consultations", "now")
    so_far = answer(SERVED, Period.parse("2024-8M", MONTH), frame="2022", today=TODAY).table("topic")
    served = {str(row.name): row.cells[0].value for row in so_far.rows if row.cells[0].value}
    assert {topic["name"]: topic["served"] for topic in shown["topics"]} == served


@time_machine.travel(NOW, tick=False)
def test_what_came_after_a_closing_is_at_no_door(manager):
    closed = {asked.found.kind.code: asked for asked in every_report({"period": "2024-05"})}[SERVED.code]
    open_ones = Consultation.objects.counted().standing().filter(held_on__range=("2024-05-01", "2024-05-31")).count()
    assert closed.found.table("totals").value("consultations", "now") == open_ones - 3
    assert "Có 3 lượt ghi sau khi chốt" in manager.get(closed.page).content.decode()


@pytest.mark.parametrize("query", [QUESTIONS[2], QUESTIONS[4]], ids=lambda query: "-".join(query.values()))
@time_machine.travel(NOW, tick=False)
def test_a_figure_opens_a_list_of_as_many_rows_on_the_page_and_from_the_api(manager, query):
    opened = {}
    for asked in every_report(query):
        links = Links.of(asked.found, ReportQuery(asked.found.period, asked.found.frame, asked_on(query)))
        for table, row, column, cell in some_figures(asked.found):
            place = (asked.found.kind.code, table.code, row.code, column.code)
            address = links.to(table, row, column, cell)
            answered = manager.get(address)
            shown = answered.context["page"].paginator.count
            opened[place] = (shown, cell.value)
            if answered.context.get("summed"):
                opened[place] = (answered.context["total"], value_in_words(cell.value, column.shape))
            if cell.behind == ROWS:
                cell_of = {"table": table.code, "row": row.code, "column": column.code}
                listed = manager.get(f"/api/v1/reports/{asked.found.kind.code}/rows/", query | cell_of).json()
                assert listed["count"] == shown, place
                assert len(listed["results"]) == len(answered.context["lines"]), place
    assert {place: counts for place, counts in opened.items() if counts[0] != counts[1]} == {}
    assert {place[0] for place in opened} >= {"served", "coverage"}


def asked_on(query: dict[str, str]) -> date | None:
    """The past day a question names."""
    return date.fromisoformat(query["as_of"]) if "as_of" in query else None


def some_figures(found: Answer) -> list[tuple]:
    """A few counts of each table of a report that lead somewhere."""
    dice, some = random.Random(SEED), []
    for table in found.tables:
        leading = [
            (table, row, column, cell)
            for row in table.rows
            for cell, column in zip_of(row, table)
            if cell.behind is not None and cell.behind.door != "report" and column.shape == Shape.COUNT
        ]
        some += dice.sample(leading, min(2, len(leading)))
    return some
