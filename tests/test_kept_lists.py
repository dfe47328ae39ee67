"""The rows behind the numbers of a closing stay what they were, also where the register writes its rows over."""

from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cooperatives.models import Cooperative, Disbursement, Loan, OcopProduct, OcopRating
from htx_portal.accounts.models import Role
from support_cases.closing_checks import verify_closing
from support_cases.closings import close_period, reopen_period
from support_cases.models import Closing, KeptLists
from support_cases.reports import kept_lists
from support_cases.reports.basis import basis_of
from support_cases.reports.opened import Opened, open_figure
from support_cases.reports.outcomes import OUTCOMES
from support_cases.reports.periods import MONTH, Period
from support_cases.reports.registry import REPORTS
from tests.factories import make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
JUNE = Period.parse("2024-06", MONTH)
TODAY, AFTER = date(2024, 7, 2), date(2024, 9, 9)
CLOSED_AT = datetime(2024, 7, 2, 9, tzinfo=HERE)
MILLION = 1_000_000
PAGE = "/bao-cao/ket-qua-theo-noi-dung/sau-so/?period=2024-06"
API = "/api/v1/reports/outcomes/rows/?period=2024-06"


def lend(party: Cooperative, asked: int, *, approved: int | None = None, day: int = 3) -> Loan:
    """A loan asked for, and mostly granted and half paid out, in June 2024."""
    loan = Loan.objects.create(
        cooperative=party, lender="vbsp", requested=asked, submitted_on=date(2024, 6, day), result="approved",
        approved=asked if approved is None else approved, decided_on=date(2024, 6, day + 5), disbursed=asked // 2,
    )  # fmt: skip
    Disbursement.objects.create(loan=loan, paid_on=date(2024, 6, day + 10), amount=asked // 2)
    return loan


def rate(party: Cooperative, name: str) -> OcopRating:
    """Four stars of June 2024."""
    product = OcopProduct.objects.create(cooperative=party, name=name, group="beverage", first_year=2022)
    return OcopRating.objects.create(
        product=product, criteria_version="2023", level="province", score=85, stars=4,
        decided_on=date(2024, 6, 4), valid_until=date(2027, 6, 4),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def in_july():
    """The morning before the closing: what is written down is known by then."""
    with time_machine.travel(CLOSED_AT - timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def parties() -> list[Cooperative]:
    """Three cooperatives."""
    return [make_cooperative(f"Hợp tác xã {name}") for name in ("An Bình", "Ba Bể", "Chợ Rã")]


@pytest.fixture
def loans(parties) -> list[Loan]:
    """A loan of each of them."""
    return [lend(party, number * 100 * MILLION) for number, party in enumerate(parties, start=1)]


def close(period: Period = JUNE) -> Closing:
    """Close a period in July."""
    return close_period(period, by=make_user(Role.MANAGER), today=TODAY, now=CLOSED_AT)


def opened(table: str, row: str, column: str, code: str = "outcomes") -> Opened | None:
    """What a figure of the closed month opens into in September."""
    return open_figure(REPORTS[code], basis_of(JUNE, as_of=None, today=AFTER), table, row, column)


def told(table: str, row: str, column: str, code: str = "outcomes") -> list[tuple]:
    """The lines of that: first value, last value, whether there is a way to it, and the remark."""
    found = opened(table, row, column, code)
    assert found is not None
    lines = found.lines(found.rows)
    return [(one.values[0], one.values[-1], one.address is not None, one.remark) for one in lines]


def test_a_list_stays_what_was_sent_when_loans_are_corrected_and_deleted(parties, loans):
    close()
    Loan.objects.filter(pk=loans[0].pk).update(lender="other")
    Disbursement.objects.filter(loan=loans[1]).delete()
    loans[1].delete()
    lend(parties[2], 900 * MILLION)
    assert told("loans", "vbsp", "asked") == [
        ("Hợp tác xã Chợ Rã", 300 * MILLION, True, ""),
        ("Hợp tác xã Ba Bể", 200 * MILLION, False, "không còn trong sổ"),
        ("Hợp tác xã An Bình", 100 * MILLION, True, "đã sửa sau khi chốt"),
    ]
    paid = [line[1] for line in told("money", "disbursed", "now", "summary")]
    assert paid == [150 * MILLION, 100 * MILLION, 50 * MILLION]


def test_a_rating_taken_away_stays_in_the_list_behind_its_number(parties):
    rows = [rate(parties[0], "Chè"), rate(parties[1], "Miến")]
    close()
    rows[0].delete()
    assert told("stars", "4", "won") == [
        ("Chè", date(2027, 6, 4), False, "không còn trong sổ"), ("Miến", date(2027, 6, 4), True, ""),
    ]  # fmt: skip
    assert told("stars", "total", "won", "outcomes") == told("measures", "stars_won", "now", "summary")


def test_a_figure_of_nothing_opens_into_nothing_whatever_came_after(parties):
    close()
    lend(parties[0], MILLION)
    assert opened("loans", "vbsp", "asked") is None
    assert opened("loans", "nobody", "asked") is None
    assert opened("x|y", "", "") is None


def test_page_and_api_list_what_was_sent(client, loans):
    close()
    Loan.objects.filter(pk=loans[0].pk).update(requested=999 * MILLION)
    Disbursement.objects.filter(loan=loans[1]).delete()
    loans[1].delete()
    client.force_login(make_user(Role.MANAGER))
    page = client.get(f"{PAGE}&bang=loans&dong=vbsp&cot=asked").content.decode()
    assert "Danh sách như khi chốt số liệu ngày 02/07/2024." in page
    assert [page.count(text) for text in ("100.000.000", "999.000.000", "03/06/2024")] == [2, 0, 3]
    assert page.count("đã sửa sau khi chốt") == page.count("không còn trong sổ") == page.count("Từ khi chốt") == 1
    assert [f"/{loan.pk}/" in page for loan in Loan.objects.order_by("pk")] == [True, True]
    rows = client.get(f"{API}&table=loans&row=vbsp&column=asked").json()
    assert rows["count"] == 3
    assert [row["requested"] for row in rows["results"]] == [300 * MILLION, 200 * MILLION, 100 * MILLION]
    assert rows["results"][0]["submitted_on"] == "2024-06-03"
    assert client.get(f"{API}&table=loans&row=agribank&column=asked").json()["count"] == 0


@pytest.mark.parametrize("day", ["closed", "running"])
def test_the_page_behind_a_sum_says_what_its_rows_of_all_pages_come_to(client, parties, day):
    for number in range(30):
        lend(parties[number % 3], (number + 1) * MILLION)
    if day == "closed":
        close()
        Loan.objects.filter(requested=MILLION).update(requested=999 * MILLION)
    client.force_login(make_user(Role.MANAGER))
    for column, total in (("asked_money", 465), ("granted_money", 465), ("paid_money", 232.5)):
        for at in (1, 2):
            page = client.get(f"{PAGE}&bang=loans&dong=vbsp&cot={column}&page={at}")
            assert f"Cộng: {round(total * MILLION):,} đồng".replace(",", ".") in page.content.decode()
            assert "30 dòng" in page.content.decode()
    assert "Cộng:" not in client.get(f"{PAGE}&bang=loans&dong=vbsp&cot=asked").content.decode()


def test_a_list_of_today_says_the_figure_that_was_closed(client, loans):
    close()
    KeptLists.objects.all().delete()
    loans[0].disbursements.all().delete()
    loans[0].delete()
    client.force_login(make_user(Role.MANAGER))
    page = client.get(f"{PAGE}&bang=loans&dong=vbsp&cot=asked_money").content.decode()
    assert "Con số đã chốt: 600.000.000" in page
    assert "Cộng: 500.000.000 đồng" in page


def test_a_kept_list_that_names_no_column_still_says_what_it_adds_up_to(client, loans):
    kept = KeptLists.objects.get(closing=close(), report="outcomes")
    for cell in kept.content["cells"].values():
        del cell[2:]
    kept.save()
    client.force_login(make_user(Role.MANAGER))
    page = client.get(f"{PAGE}&bang=loans&dong=vbsp&cot=asked_money").content.decode()
    assert "Cộng: 600.000.000 đồng" in page
    assert verify_closing(kept.closing).differences == []


@pytest.mark.parametrize("is_closed", [False, True])
def test_the_page_behind_a_figure_no_report_has_is_not_found(client, loans, is_closed):
    if is_closed:
        close()
    client.force_login(make_user(Role.MANAGER))
    there = {"bang": "loans", "dong": "agribank", "cot": "asked"}
    assert client.get(f"{PAGE}&{urlencode(there)}").status_code == 200
    for name in there:
        assert client.get(f"{PAGE}&{urlencode({**there, name: 'nope'})}").status_code == 404
        left = {one: code for one, code in there.items() if one != name}
        assert client.get(f"{PAGE}&{urlencode(left)}").status_code == 404
    flow = "/bao-cao/bien-dong-ho-so/sau-so/?period=2024-06"
    assert client.get(f"{flow}&bang=topic&dong=nope&cot=received").status_code == 404
    assert client.get(f"{flow}&bang=totals&dong=received&cot=cases").status_code == 200


@pytest.mark.parametrize(
    "cell",
    ["table=x&row=vbsp&column=asked", "table=loans&row=x&column=asked", "table=loans&row=vbsp&column=x"],
)
def test_the_api_lists_nothing_behind_a_figure_that_no_report_has(client, loans, cell):
    client.force_login(make_user(Role.MANAGER))
    assert client.get(f"{API}&{cell}").status_code == 404
    close()
    assert client.get(f"{API}&{cell}").status_code == 404


def test_the_api_asks_which_figure_is_meant(client):
    client.force_login(make_user(Role.MANAGER))
    needed = ["Mục này cần có nội dung."]
    answer = client.get(API)
    assert (answer.status_code, answer.json()) == (400, {"table": needed, "row": needed, "column": needed})
    assert client.get(f"{API}&table=&row=&column=asked").json() == {"table": ["Mục này không được để trống."]}


def test_in_english_heads_are_english_and_values_as_kept(loans):
    close()
    reader = Client(headers={"accept-language": "en"})
    reader.force_login(make_user(Role.MANAGER))
    reader.cookies["django_language"] = "en"
    page = reader.get(f"{PAGE}&bang=loans&dong=vbsp&cot=asked").content.decode()
    assert 'lang="en"' in page
    assert "Nơi cho vay" not in page
    assert "03/06/2024" in page


def test_pages_of_a_long_list_ask_no_more_than_a_short_one(client, parties):
    for number in range(60):
        lend(parties[number % 3], (number + 1) * MILLION)
    close()
    client.force_login(make_user(Role.MANAGER))
    asked = []
    for page in (1, 3):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answered = client.get(f"{PAGE}&bang=loans&dong=vbsp&cot=asked&page={page}")
        asked.append(len(queries))
        assert len(answered.content) < 50_000
    assert len(answered.context["lines"]) == 10
    assert asked[0] == asked[1] <= 12


def test_a_list_too_long_to_be_kept_says_that_it_is_of_today(client, loans, monkeypatch):
    monkeypatch.setattr(kept_lists, "MOST_ROWS", 2)
    close()
    loans[0].disbursements.all().delete()
    loans[0].delete()
    found = opened("loans", "vbsp", "asked")
    assert found is not None
    assert (len(found.rows), "không lưu khi chốt" in found.note) == (2, True)
    client.force_login(make_user(Role.MANAGER))
    assert "không lưu khi chốt" in client.get(f"{PAGE}&bang=loans&dong=vbsp&cot=asked").content.decode()


def test_a_closing_from_before_lists_were_kept_says_so_too(loans):
    close()
    KeptLists.objects.all().delete()
    found = opened("loans", "vbsp", "asked")
    assert found is not None
    assert "không lưu khi chốt" in found.note


def test_before_the_closing_and_after_it_is_taken_back_a_list_is_of_its_day(loans):
    closing = close()
    loans[0].disbursements.all().delete()
    loans[0].delete()
    before = open_figure(
        OUTCOMES, basis_of(JUNE, as_of=TODAY - timedelta(days=1), today=AFTER), "loans", "vbsp", "asked"
    )
    assert before is not None
    assert (len(before.rows), before.note) == (2, "")
    reopen_period(closing, by=make_user(Role.MANAGER), reason="Sửa khoản vay", now=CLOSED_AT + timedelta(days=9))
    assert len(told("loans", "vbsp", "asked")) == 2
    close_period(JUNE, by=make_user(Role.MANAGER), today=AFTER, now=CLOSED_AT + timedelta(days=20))
    assert len(told("loans", "vbsp", "asked")) == 2
    assert KeptLists.objects.filter(closing=closing, report="outcomes").count() == 1


def test_the_check_finds_a_list_that_does_not_agree_with_its_number(loans):
    closing = close()
    assert verify_closing(closing).differences == []
    kept = KeptLists.objects.get(closing=closing, report="outcomes")
    kept.content["cells"]["loans|vbsp|asked"][1].pop()
    del kept.content["cells"]["loans|total|paid_money"]
    kept.save()
    verdict = verify_closing(closing)
    assert [(one.dimension, one.key, one.then, one.now) for one in verdict.differences] == [
        ("lists", "loans|vbsp|asked", [3], [2]), ("lists", "loans|total|paid_money", [300 * MILLION], None),
    ]  # fmt: skip
    assert not verdict.holds


def test_each_row_is_kept_once_however_many_figures_count_it(loans):
    closing = close()
    kept = KeptLists.objects.get(closing=closing, report="outcomes").content
    assert kept["left_out"] == []
    assert len(kept["lines"]) == 3 * 2
    assert len(kept["cells"]) > 20
