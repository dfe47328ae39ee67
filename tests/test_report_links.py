"""Every number of the report opens exactly what it counts."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache

from cooperatives.models import Cooperative
from support_cases.models import Consultation
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
    """Yield ``(number, address, what)`` of every number on the page."""
    for stat in context["stats"]:
        yield stat["value"], stat["url"], stat["label"]
        if "then" in stat:
            yield stat["then"], stat["then_url"], f"{stat['label']} năm trước"
    for table in context["tables"]:
        for row in table["rows"]:
            yield row.consultations, row.entries_url, f"{table['title']} {row.name} lượt"
            yield row.cooperatives, row.cooperatives_url, f"{table['title']} {row.name} HTX"
    for month in context["months"]:
        row, then = month["row"], month["then"]
        yield row.consultations, row.entries_url, f"{row.name} lượt"
        yield row.cooperatives, row.cooperatives_url, f"{row.name} HTX"
        yield then.consultations, then.entries_url, f"{then.name} lượt năm trước"


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
    opened = {}
    for number, url, what in figures(context):
        if number:
            assert url, what
            opened[what] = (random_year.get(url).context["page"].paginator.count, number)
    assert {what: counts for what, counts in opened.items() if counts[0] != counts[1]} == {}
    assert len(opened) >= 25


def test_a_number_shown_is_a_number_linked(random_year):
    page = random_year.get("/bao-cao/?from=2023-01&to=2023-08").content.decode()
    context = random_year.get("/bao-cao/?from=2023-01&to=2023-08").context
    for number, url, _what in figures(context):
        if number:
            shown = url.replace("&", "&amp;")
            assert f'href="{shown}"' in page or f'href="{url}"' in page


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
