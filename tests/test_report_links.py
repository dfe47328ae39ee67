"""Every number of the report opens exactly what it counts."""

import html
import random
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache

from cooperatives.models import Cooperative
from support_cases.models import Consultation
from support_cases.pages.report_charts import Way, chart_of
from support_cases.pages.report_links import Links
from support_cases.reports.tables import Shape
from support_cases.support_types import SUPPORT_TYPES
from tests.factories import make_commune, make_consultation, make_cooperative, make_founding_group, make_user

pytestmark = pytest.mark.django_db

CHANNELS = ["office", "visit", "phone", "zalo", "meeting", "letter"]


@pytest.fixture
def random_year(client):
    """A year and a half of random entries by people of every kind, and a manager who looks at them."""
    cache.clear()
    dice = random.Random(2023)
    communes = [
        make_commune(),
        make_commune("Bằng Phúc", code="02041", district="Chợ Đồn", district_code="064"),
        make_commune("Côn Minh", code="02206", district="Na Rì", district_code="066"),
    ]
    parties = [make_cooperative(commune=dice.choice(communes)) for _ in range(9)]
    # A new commune that crosses old borders leaves the district open, an old one may lead nowhere.
    Cooperative.objects.filter(pk=parties[0].pk).update(old_district=None)
    Cooperative.objects.filter(pk=parties[1].pk).update(new_commune=None)
    gone, admin = make_user("staff"), make_user("admin")
    officers = [make_user("staff"), make_user("staff"), gone, admin]
    for _ in range(110):
        held = date(2022, 7, 1) + timedelta(days=dice.randrange(500))
        party = dice.choice(parties) if dice.random() < 0.85 else make_founding_group(formed_on=date(2022, 1, 1))
        row = make_consultation(
            party,
            by=dice.choice(officers),
            held_on=held,
            channel=dice.choice(CHANNELS),
            topics=dice.sample(list(SUPPORT_TYPES), dice.randint(1, 3)),
        )
        typed = held + timedelta(days=dice.randrange(60))
        Consultation.objects.filter(pk=row.pk).update(recorded_at=f"{typed}T09:00:00+07:00")
    gone.is_active = False
    gone.save()
    client.force_login(make_user("manager"))
    return client


def figures(context) -> Iterator[tuple[int, str, str]]:
    """Yield ``(number, address, what)`` of every number of the report, those of all lines of its tables."""
    for stat in context["stats"]:
        yield stat["value"], stat["url"], stat["label"]
        if "then" in stat:
            yield stat["then"], stat["then_url"], f"{stat['label']} năm trước"
    links = Links.of(context["report"], context["form"].query)
    for table in context["report"].tables:
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                if column.shape == Shape.COUNT:
                    yield cell.value, links.to(table, row, column, cell), f"{table.code} {row.code} {column.code}"


@pytest.mark.parametrize(
    "query",
    [
        "from=2023-01&to=2023-08",
        "from=2022-10&to=2023-03&frame=2025",
        "from=2023-02&to=2023-04&calendar=administrative",
        "from=2023-01&to=2023-06&as_of=2023-04-20",
        "from=2023-03&as_of=2023-03-31&calendar=administrative&frame=2025",
    ],
)
def test_every_number_opens_a_list_of_just_as_many(random_year, query):
    context = random_year.get(f"/bao-cao/?{query}").context
    shown = [(number, url, what) for number, url, what in figures(context) if number]
    assert all(url for _number, url, _what in shown)
    # All of them are opened where the figures are checked; here the pages are, for some of each kind.
    some = shown[:8] + random.Random(query).sample(shown, 20)
    opened = {what: (random_year.get(url).context["page"].paginator.count, number) for number, url, what in some}
    assert {what: counts for what, counts in opened.items() if counts[0] != counts[1]} == {}


def test_a_number_shown_is_a_number_linked(random_year):
    answer = random_year.get("/bao-cao/?from=2023-01&to=2023-08")
    page, context = html.unescape(answer.content.decode()), answer.context
    whole = {shown.table.code for shown in context["tables"] if not shown.left_out}
    assert {"totals", "month", "topic", "channel", "officer"} <= whole
    linked = [(url, what) for number, url, what in figures(context) if number and what.split()[0] in whole]
    assert [what for url, what in linked if f'href="{url}"' not in page] == []


@pytest.mark.parametrize(
    "query",
    [
        "from=2022-07&to=2023-10",
        "from=2022-08&to=2023-11&calendar=administrative&as_of=2023-06-20",
        "from=20/08/2022&to=15/10/2023&frame=2025",
    ],
)
def test_every_bar_of_months_added_up_opens_a_list_of_just_as_many(random_year, query):
    context = random_year.get(f"/bao-cao/?{query}").context
    links, found = Links.of(context["report"], context["form"].query), []
    for table in context["report"].tables:
        drawn = [chart_of(table, links, Way(months, linked=True)) for months in (3, 6, 12) if table.chart]
        bars = [bar for chart in drawn if chart.svg for bar in ET.fromstring(chart.svg).iter()]
        assert {bar.tag for bar in bars if bar.find("rect") is not None} <= {"g", "a"}
        assert not [bar for bar in bars if bar.tag == "g" and bar.find("rect") is not None]
        words = [(bar.get("href"), bar.find("title").text.rpartition(": ")[2]) for bar in bars if bar.tag == "a"]
        panels = [(panel.address, panel.total) for panel in (drawn[0].panels if drawn else ()) if panel.total != "0"]
        found += random.Random(query).sample(words, min(6, len(words))) + panels
    assert len(found) > 14
    opened = [(address, random_year.get(address).context["page"].paginator.count) for address, _number in found]
    assert opened == [(address, int(number)) for address, number in found]


@pytest.mark.parametrize("extra", ["", "&first=1", "&topic=tax", "&as_of=2023-04-20", "&unplaced=district"])
def test_lượt_of_the_cooperatives_add_up_and_open_as_many_entries(random_year, extra):
    address = f"/bao-cao/htx/?from=2023-02&to=2023-07{extra}"
    page = random_year.get(address).context["page"]
    assert page.paginator.count == len(page) > 0
    for row in page:
        assert random_year.get(row["url"]).context["page"].paginator.count == row["served"]
    assert len({row["cooperative"] for row in page}) == len(page)


def test_cooperatives_of_the_whole_period_carry_all_its_lượt(random_year):
    total = random_year.get("/bao-cao/?from=2023-02&to=2023-07").context["stats"][0]["value"]
    page = random_year.get("/bao-cao/htx/?from=2023-02&to=2023-07").context["page"]
    assert sum(row["served"] for row in page) == total
    assert [row["served"] for row in page] == sorted((row["served"] for row in page), reverse=True)


def test_links_say_whom_and_by_when(random_year):
    context = random_year.get("/bao-cao/?from=2023-01&to=2023-06&as_of=2023-04-20").context
    asked = parse_qs(urlsplit(context["stats"][0]["url"]).query)
    assert asked == {
        "held_from": ["2023-01-01"],
        "held_to": ["2023-06-30"],
        "party": ["cooperative"],
        "recorded_to": ["2023-04-20"],
    }


@pytest.mark.parametrize(
    "query",
    ["topic=nonsense", "officer=abc", "officer=999999", "district=9999", "channel=fax", "unplaced=x", "page=abc"],
)
def test_a_wrong_narrowing_finds_nothing_and_breaks_nothing(random_year, query):
    answer = random_year.get(f"/bao-cao/htx/?from=2023-01&to=2023-06&{query}")
    assert answer.status_code == 200
    assert (answer.context["page"].paginator.count > 0) == query.startswith("page")
