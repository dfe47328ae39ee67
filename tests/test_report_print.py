"""A report on paper: all tables whole, nothing a link, and words where even paper has too little room."""

import re
from datetime import date

import pytest
from django.core.cache import cache

from support_cases.closings import close_period
from support_cases.models import Closing
from support_cases.pages import report_tables
from support_cases.reports.periods import MONTH, Period
from support_cases.reports.registry import REPORTS
from tests.factories import load_reference_units, make_consultation, make_user

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def on_one_day(monkeypatch):
    """Hold the day still, and forget figures of former tests."""
    monkeypatch.setattr("support_cases.pages.report_print.timezone.localdate", lambda *_: TODAY)
    cache.clear()


@pytest.fixture
def manager(client):
    """A signed-in manager."""
    user = make_user("manager")
    client.force_login(user)
    return user


def words(answer) -> str:
    """The words of a page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.mark.parametrize("slug", [kind.slug for kind in REPORTS.values()])
def test_every_report_has_all_its_lines_on_paper_and_no_links(client, manager, slug):
    load_reference_units()
    make_consultation(held_on=date(2023, 5, 5))
    answered = client.get(f"/bao-cao/{slug}/in/?from=2022-01&to=2025-12&frame=2025")
    assert answered.status_code == 200
    for shown in answered.context["tables"]:
        assert (len(shown.lines), shown.left_out) == (len(shown.table.rows), 0)
    main = re.search(r"<main.*</main>", answered.content.decode(), re.DOTALL)[0]
    assert "<a " not in main


def test_the_page_of_a_report_leads_to_paper_and_paper_back_to_it(client, manager):
    query = "period=2023-8M&frame=2025&as_of=2023-09-05"
    page = client.get(f"/bao-cao/do-bao-phu/?{query}")
    assert page.context["print_url"] == f"/bao-cao/do-bao-phu/in/?{'period=2023-8M&as_of=2023-09-05&frame=2025'}"
    paper = client.get(page.context["print_url"])
    assert paper.context["back_url"] == "/bao-cao/do-bao-phu/?period=2023-8M&as_of=2023-09-05&frame=2025"
    alone = client.get(f"/bao-cao/do-bao-phu/?{query}&bang=topic")
    assert [one.table.code for one in client.get(alone.context["print_url"]).context["tables"]] == ["topic"]


def test_paper_says_the_days_the_territory_the_rule_and_what_was_closed(client, manager):
    close_period(Period.parse("2024-05", MONTH), by=manager, today=TODAY)
    said = words(client.get("/bao-cao/luot-htx/in/?period=2024-05"))
    closing = Closing.objects.get()
    assert "Tháng 05/2024 (01/05/2024 – 31/05/2024)" in said
    assert "Địa bàn: huyện, thành phố cũ (trước 01/07/2025)" in said
    assert closing.names["rule"]["served"] in said
    assert closing.digest in said
    assert "Đã chốt số liệu ngày" in said


def test_a_table_too_long_for_paper_keeps_its_total_and_says_how_many_lines_are_left(client, manager, monkeypatch):
    monkeypatch.setattr(report_tables, "MOST_ON_PAPER", 5)
    load_reference_units()
    answered = client.get("/bao-cao/do-bao-phu/in/?period=2023&bang=topic")
    (shown,) = answered.context["tables"]
    left = len(shown.table.rows) - len(shown.lines)
    assert (shown.left_out, left > 0) == (left, True)
    assert f"trên đây là {len(shown.lines)} dòng, còn {left} dòng nữa có trong tệp Excel" in words(answered)


def test_what_cannot_be_asked_is_said_on_the_page_of_the_report(client, manager):
    answered = client.get("/bao-cao/do-bao-phu/in/?from=abc")
    assert answered.url == "/bao-cao/do-bao-phu/?from=abc"
    assert client.get("/bao-cao/do-bao-phu/in/?bang=nothing").status_code == 404
    assert client.get("/bao-cao/nothing/in/").status_code == 404
