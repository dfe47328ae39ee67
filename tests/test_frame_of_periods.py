"""The frame a period is shown in when none is asked for: districts until they ended, the new communes since."""

import re
from datetime import date, timedelta
from io import BytesIO, StringIO

import docx
import pytest
from django.core.cache import cache
from django.core.management import call_command

from cooperatives.choices import UnitLevel
from cooperatives.models import TWO_LEVELS_FROM, AdminUnit
from support_cases.closings import close_period
from support_cases.pages.report_periods import offered
from support_cases.reports.counting import frame_of
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Period
from support_cases.reports.query import ReportQuery, read_query
from tests.factories import load_reference_units, make_consultation, make_cooperative, make_user

pytestmark = pytest.mark.django_db

LAST, FIRST = date(2025, 6, 30), date(2025, 7, 1)
#: Periods on both sides of the day, with the frame of their first day; a month of the administrative calendar begins
#: on the 15th of the month before.
PERIODS = [
    ("2022", MONTH, "2022"), ("2025-06", MONTH, "2022"), ("2025-Q2", MONTH, "2022"), ("2025-H1", MONTH, "2022"),
    ("2025-8M", MONTH, "2022"), ("2025", MONTH, "2022"), ("2025-07", MONTH, "2025"), ("2025-Q3", MONTH, "2025"),
    ("2025-H2", MONTH, "2025"), ("2026", MONTH, "2025"), ("2025-07", ADMINISTRATIVE, "2022"),
    ("2025-Q3", ADMINISTRATIVE, "2022"), ("2025-08", ADMINISTRATIVE, "2025"), ("2026", ADMINISTRATIVE, "2025"),
]  # fmt: skip
#: What a page, an API and a file are asked on either side, the name of the place, and the one in the other frame.
SIDES = [
    ("period=2025-06", "2022", "huyện Ba Bể", "xã Đồng Phúc"),
    ("period=2025", "2022", "huyện Ba Bể", "xã Đồng Phúc"),
    ("period=2025-08", "2025", "xã Đồng Phúc", "huyện Ba Bể"),
    ("from=01/07/2025&to=20/08/2025", "2025", "xã Đồng Phúc", "huyện Ba Bể"),
    ("from=30/06/2025&to=20/08/2025", "2022", "huyện Ba Bể", "xã Đồng Phúc"),
]
OTHER = {"2022": "2025", "2025": "2022"}


@pytest.fixture
def manager(client):
    """A signed-in manager of an office that served one cooperative on days around the merger."""
    cache.clear()
    load_reference_units()
    user = make_user("manager")
    client.force_login(user)
    cooperative = make_cooperative()
    for day in (date(2025, 6, 10), LAST, FIRST, date(2025, 8, 10)):
        make_consultation(cooperative, by=user, held_on=day)
    return user


def units_of_page(answer) -> list[str]:
    """Return the units that were served, as the page of a report names them."""
    return [row.name for row in answer.context["report"].table("unit").rows if row.cells[0].value]


def words_of(answer) -> str:
    """Return the sentences of a Word file."""
    return " ".join(paragraph.text for paragraph in docx.Document(BytesIO(answer.content)).paragraphs)


def test_the_units_themselves_begin_and_end_by_that_day():
    load_reference_units()
    assert {unit.valid_from for unit in AdminUnit.objects.new_communes()} == {TWO_LEVELS_FROM} == {FIRST}
    ended = set(AdminUnit.objects.filter(level=UnitLevel.DISTRICT).values_list("valid_to", flat=True))
    assert ended == {TWO_LEVELS_FROM - timedelta(days=1)} == {LAST}


@pytest.mark.parametrize(("period", "calendar", "frame"), PERIODS)
def test_a_period_is_shown_in_the_frame_of_its_first_day_and_the_frame_asked_for_wins(period, calendar, frame):
    one = Period.parse(period, calendar)
    asked = {"period": period, "calendar": calendar}
    assert frame_of(one) == frame
    assert read_query(asked, LAST) == read_query(asked | {"frame": ""}, LAST) == ReportQuery(one, frame, None)
    for other in ("2022", "2025"):
        assert read_query(asked | {"frame": other}, LAST) == ReportQuery(one, other, None)


def test_every_first_day_decides():
    for days in range(-400, 400):
        day = FIRST + timedelta(days=days)
        assert frame_of(Period.from_day_to_day(MONTH, day, day)) == ("2025" if days >= 0 else "2022")


@pytest.mark.parametrize(("query", "frame", "place", "other_place"), SIDES)
def test_page_print_api_and_word_say_the_same_units(client, manager, query, frame, place, other_place):
    for more, shown, unit in (("", frame, place), (f"&frame={OTHER[frame]}", OTHER[frame], other_place)):
        page = client.get(f"/bao-cao/?{query}{more}")
        assert (page.context["report"].frame, units_of_page(page)) == (shown, [unit])
        paper = client.get(page.context["print_url"])
        assert (paper.context["report"].frame, units_of_page(paper)) == (shown, [unit])
        body = client.get(f"/api/v1/reports/served/?{query}{more}").json()
        named = [line["name"] for line in body["by_unit"] if line["consultations"]]
        assert (body["frame"], named) == (shown, [unit])
        assert client.get(f"/api/v1/reports/coverage/?{query}{more}").json()["frame"] == shown
        document = client.get(f"/bao-cao/luot-htx/tep.docx?{query}{more}")
        said = words_of(document)
        assert f"Theo địa bàn: {unit} {body['totals']['consultations']:02d} lượt." in said
        assert ({"huyện Ba Bể", "xã Đồng Phúc"} - {unit}).pop() not in said
        assert f"địa bàn {'xã, phường mới' if shown == '2025' else 'huyện, thành phố cũ'}" in said


@pytest.mark.parametrize(("query", "frame", "place", "other_place"), SIDES)
def test_addresses_and_names_of_files_tell_the_frame_where_it_is_not_the_periods_own(
    client, manager, query, frame, place, other_place
):
    other = OTHER[frame]
    for more, mark, part in (
        ("", "", ""), (f"&frame={frame}", "", ""), (f"&frame={other}", f"frame={other}", f"-dia-ban-{other}"),
    ):  # fmt: skip
        page = client.get(f"/bao-cao/?{query}{more}")
        shown = page.context
        assert shown["form"]["frame"].value() == mark.removeprefix("frame=")
        urls = [shown["print_url"], *(url for _w, url in shown["files"]), *(one["url"] for one in shown["reports"])]
        assert {"".join(re.findall(r"frame=\d+", url)) for url in urls} == {mark}
        back = client.get(shown["print_url"]).context["back_url"]
        assert client.get(back).context["report"].frame == shown["report"].frame
        for words, url in shown["files"]:
            name = re.findall(r'filename="(.+)"', client.get(url)["Content-Disposition"])[0]
            assert re.findall(r"-dia-ban-\d+", name) == ([part] if part else []), words


def test_periods_offered_are_shown_in_their_own_frame_until_another_is_chosen():
    spring, autumn = Period.parse("2025-Q2", MONTH), Period.parse("2025-Q4", MONTH)

    def urls(period: Period, frame: str) -> list[str]:
        links = offered([("", spring), ("", autumn)], ReportQuery(period, frame, None))
        return [link["url"] for link in links]

    own = ["?period=2025-Q2", "?period=2025-Q4"]
    assert urls(spring, "2022") == urls(autumn, "2025") == own
    assert urls(spring, "2025") == ["?period=2025-Q2&frame=2025", "?period=2025-Q4"]
    assert urls(autumn, "2022") == ["?period=2025-Q2", "?period=2025-Q4&frame=2022"]


def test_the_form_of_a_late_month_sent_for_an_early_one_shows_the_districts(client, manager):
    form = client.get("/bao-cao/?period=2025-08").context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}
    page = client.get("/bao-cao/", sent | {"from": "06/2025", "to": "06/2025"})
    assert (page.context["report"].frame, units_of_page(page)) == ("2022", ["huyện Ba Bể"])


@pytest.mark.parametrize(
    ("query", "has_districts"),
    [("period=2025-06&frame=2025", True), ("period=2025", True), ("period=2025-08", False),
     ("period=2025-08&frame=2022", True)],
)  # fmt: skip
def test_months_are_crossed_with_districts_while_there_were_any_or_where_asked(client, manager, query, has_districts):
    page = client.get(f"/bao-cao/?{query}")
    assert ("month_district" in [table.code for table in page.context["report"].tables]) == has_districts
    document = docx.Document(BytesIO(client.get(f"/bao-cao/luot-htx/tep.docx?{query}").content))
    said = " ".join(cell.text for table in document.tables for cell in table.rows[0].cells)
    assert ("Huyện Pác Nặm" in said) == has_districts


def test_commands_ask_as_the_page_does(manager):
    def said(name: str, *options: str) -> str:
        out = StringIO()
        call_command(name, *options, stdout=out)
        return out.getvalue()

    assert "huyện Ba Bể" in said("monthly_report", "--period", "2025-06")
    late = said("monthly_report", "--period", "2025-08")
    assert "xã Đồng Phúc" in late and "huyện Ba Bể" not in late
    assert "huyện Ba Bể" in said("monthly_report", "--period", "2025-08", "--frame", "2022")
    of_2022, of_2025 = (said("report_units", "--period", "2025-08", "--frame", frame) for frame in ("2022", "2025"))
    assert of_2022 != of_2025 == said("report_units", "--period", "2025-08")
    assert said("report_units", "--period", "2025-08", "--against", "2025") == of_2022
    assert said("report_units", "--period", "2025-08", "--against", "2022") == of_2025


def test_a_closing_keeps_the_same_figures_in_whatever_frame_they_are_read(client, manager):
    august = Period.parse("2025-08", MONTH)
    close_period(august, by=manager, today=date(2025, 9, 5))
    doors = ("/api/v1/reports/served/?period=2025-08", "/api/v1/reports/coverage/?period=2025-08")
    (served, coverage), (served_2022, coverage_2022) = (
        [client.get(f"{door}{more}").json() for door in doors] for more in ("", "&frame=2022")
    )
    assert served["totals"] == served_2022["totals"] and served["closed"]
    assert coverage["digest"] and coverage["digest"] == coverage_2022["digest"]
    call_command("check_closings", stdout=StringIO())
