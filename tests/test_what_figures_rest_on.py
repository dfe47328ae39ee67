"""What a report says of its own figures: not compared while the period runs, and not everything told of a past day."""

import html
from datetime import date
from io import BytesIO

import docx
import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from cooperatives.models import find_commune
from support_cases.closings import close_period
from support_cases.exports.csv_file import csv_file
from support_cases.exports.front import notice_of
from support_cases.reports.answers import answer
from support_cases.reports.periods import MONTH, Period
from support_cases.reports.registry import REPORTS
from support_cases.reports.served import served
from tests.factories import load_reference_units, make_commune, make_consultation, make_cooperative, make_user

pytestmark = pytest.mark.django_db

MAY = Period.parse("2024-05", MONTH)
TODAY = date(2026, 11, 23)
WORDS = "lấy theo sổ hôm nay"


@pytest.fixture(autouse=True)
def forgetful():
    """Forget figures of former tests."""
    cache.clear()


def asked(code: str, period=MAY, *, today=TODAY, as_of=None):
    return answer(REPORTS[code], period, frame="2022", today=today, as_of=as_of)


def test_a_running_period_is_compared_in_percent_by_no_report():
    make_consultation(held_on=date(2023, 5, 5))
    running, over = date(2024, 5, 31), date(2024, 6, 1)
    assert served(MAY, frame="2022", today=running).change_percent is None
    assert served(MAY, frame="2022", today=over).change_percent == -100
    for today, percent in ((running, None), (over, -100)):
        assert asked("served", today=today).table("totals").value("consultations", "change") == percent
        assert asked("summary", today=today).table("measures").value("consultations", "change_last_year") == percent


def test_a_past_day_is_told_whole_or_the_reader_is_told_what_is_not():
    told = {code: notice_of(asked(code, as_of=date(2024, 7, 1))) for code in REPORTS}
    assert {code for code, words in told.items() if words} == {"outcomes", "sending", "summary", "indicators"}
    assert WORDS in told["outcomes"]
    assert not any(notice_of(asked(code)) for code in REPORTS)


def test_page_api_and_file_say_so_and_a_closed_period_does_not(client):
    manager = make_user("manager")
    client.force_login(manager)
    past = "?period=2024-05&as_of=2024-07-01"
    page, api = "/bao-cao/ket-qua-theo-noi-dung/", "/api/v1/reports/outcomes/tables/"
    assert WORDS in client.get(f"{page}{past}").content.decode()
    assert WORDS in client.get(f"{api}{past}").json()["notice"]
    assert WORDS in csv_file(asked("outcomes", as_of=date(2024, 7, 1))).decode()
    assert client.get(f"/api/v1/reports/served/tables/{past}").json()["notice"] == ""
    close_period(MAY, by=manager, today=TODAY)
    assert WORDS not in client.get(f"{page}?period=2024-05").content.decode()
    assert client.get(f"{api}?period=2024-05").json()["notice"] == ""


def test_a_past_day_finds_a_period_running_or_over_as_it_was_then(client):
    """At every door, whenever it is asked; a day that is known to its end is over."""
    client.force_login(make_user("manager"))
    for day, runs in (("2024-05-20", True), ("2024-05-31", False), ("2024-06-09", False)):
        asked_for = f"?period=2024-05&as_of={day}"
        for page in ("/bao-cao/", "/bao-cao/luot-htx/in/"):
            assert ("Kỳ này chưa kết thúc" in client.get(f"{page}{asked_for}").content.decode()) is runs
        paper = docx.Document(BytesIO(client.get(f"/bao-cao/luot-htx/tep.docx{asked_for}").content))
        assert any("Kỳ chưa kết thúc" in one.text for one in paper.paragraphs) is runs
        assert client.get(f"/api/v1/reports/served/{asked_for}").json()["period"]["complete"] is not runs


def test_the_closing_page_gives_the_rule_in_the_readers_language(client):
    make_consultation(make_cooperative(), held_on=date(2024, 5, 5))
    manager = make_user("manager")
    close_period(MAY, by=manager, today=timezone.localdate())
    client.force_login(manager)
    with translation.override("en"):
        english = str(REPORTS["served"].rule)
    client.cookies["django_language"] = "en"
    assert english in html.unescape(client.get("/bao-cao/chot/month-2024-05-2024-05/").content.decode())


def test_a_commune_founded_after_the_closing_gives_the_closed_report_no_line(client):
    load_reference_units()
    make_consultation(make_cooperative(commune=find_commune("02041", date(2024, 1, 1))), held_on=date(2024, 5, 5))
    manager = make_user("manager")
    client.force_login(manager)
    close_period(MAY, by=manager, today=TODAY)
    asked = [f"/api/v1/reports/served/?period=2024-05&frame={frame}" for frame in ("2022", "2025")]
    before = [client.get(address).content for address in asked]
    make_commune("Xã Thử", code="99991", district="Huyện Thử", district_code="999")
    assert [client.get(address).content for address in asked] == before
    still_open = client.get("/api/v1/reports/served/?period=2024-04&frame=2025").json()
    assert "99991" in {line["unit"] for line in still_open["by_unit"]}


def test_days_until_28_february_are_compared_with_days_until_28_february():
    make_consultation(held_on=date(2024, 2, 28))
    make_consultation(held_on=date(2024, 2, 29))
    period = Period.from_day_to_day(MONTH, date(2025, 1, 10), date(2025, 2, 28))
    february = asked("served", period).table("month").rows[1]
    then = february.cells[2]
    assert (then.value, then.behind.period.end) == (1, date(2024, 2, 28))
