"""The report "cooperatives served" against a count in plain Python, and the cache that may never be stale."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from threading import Lock
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from cooperatives.models import AdminUnit, Cooperative, find_commune
from cooperatives.register import enter_cooperative
from htx_portal import settings as portal
from htx_portal.accounts.models import User
from support_cases.consultations import Entry, log_consultation
from support_cases.corrections import void_consultation
from support_cases.models import Consultation
from support_cases.reports import served as report_module
from support_cases.reports.counting import count_figures
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Month, Period
from support_cases.reports.served import Served, served
from support_cases.reports.tallied import tallied_figures
from tests.factories import load_reference_units, make_cooperative, make_founding_group, make_user
from tests.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2024, 6, 1)
NEW_COMMUNES_FROM = date(2025, 7, 1)
TOPICS = [
    "registration",
    "business_lines",
    "term_congress",
    "ocop",
    "loan",
    "tax",
    "human_resources",
    "trade_promotion",
]
CHANNELS = ["office", "visit", "phone", "zalo", "meeting", "letter"]
DISTRICTS = ["058", "060", "061", "062", "063", "064", "065", "066"]
PERIODS = [
    ((2023, 1), (2023, 8)),
    ((2023, 3), (2023, 3)),
    ((2022, 1), (2022, 12)),
    ((2022, 11), (2023, 2)),
]
AS_OF = [None, date(2023, 9, 1), date(2023, 2, 14)]


@dataclass(frozen=True)
class Fact:
    """One entry as the oracle knows it; ``cooperative`` is None for a founding group."""

    held: date
    recorded: datetime
    cooperative: int | None
    topics: frozenset[str]
    channel: str
    officer: int
    voided: datetime | None = None

    def stood(self, day: date) -> bool:
        """Whether the entry was known at the end of ``day`` and not yet taken back."""
        return self.recorded.date() <= day and not (self.voided and self.voided.date() <= day)


@dataclass
class World:
    """A register and entries: in the database, and again in plain Python."""

    chance: random.Random
    cooperatives: list[Cooperative]
    groups: list
    officers: list[User]
    facts: list[Fact]

    def record(self) -> Fact:
        """Record one more random entry."""
        chance = self.chance
        party = chance.choice(self.groups if chance.random() < 0.15 else self.cooperatives)
        held = self.day()
        moment = chance.choice([time(0, 0), time(9, 30), time(23, 59, 59, 999_999)])
        recorded = datetime.combine(held + timedelta(days=chance.choice([0, 0, 1, 3, 40, 200])), moment, HERE)
        topics = chance.sample(TOPICS, chance.choice([1, 1, 2, 3]))
        officer = chance.choice(self.officers)
        entry = Entry(
            client_id=uuid4(), party=party, held_on=held, channel=chance.choice(CHANNELS), topics=topics,
            question="Hỏi", outcome="answered",
        )  # fmt: skip
        row, _ = log_consultation(entry, by=self.officers[0], officer=officer, today=TODAY, recorded_at=recorded)
        voided = None
        if chance.random() < 0.2:
            voided = recorded + timedelta(days=chance.choice([0, 1, 30, 150]))
            void_consultation(row, by=officer, reason="Ghi nhầm", now=voided)
        number = party.pk if isinstance(party, Cooperative) else None
        self.facts.append(Fact(held, recorded, number, frozenset(topics), entry.channel, officer.pk, voided))
        return self.facts[-1]

    def day(self) -> date:
        """A day of 2021–2023, often where a month of one calendar ends."""
        month = Month(self.chance.choice([2021, 2022, 2022, 2023, 2023, 2023]), self.chance.randint(1, 12))
        first, last = month.first_day(MONTH), month.last_day(MONTH)
        edges = [first, first.replace(day=14), first.replace(day=15), last]
        return self.chance.choice([*edges, first + timedelta(days=self.chance.randint(0, 27))])


def make_world(seed: int, entries: int) -> World:
    """Cooperatives in every kind of place, groups, officers and random entries."""
    load_reference_units()
    old = [find_commune(code, date(2023, 1, 1)) for code in ("02041", "01933", "01864", "01834", "02146", "01864")]
    new = [find_commune(code, NEW_COMMUNES_FROM) for code in ("01933", "01933", "02143")]
    places = [{"commune": unit} for unit in [*old, *new]]
    places[-2]["old_district"] = AdminUnit.objects.get(code="064")
    cooperatives = [make_cooperative(registered_on=date(2020, 1, 1), **place) for place in places]
    groups = [make_founding_group(commune=old[0], formed_on=date(2020, 1, 1)) for _ in range(2)]
    groups[0].cooperative = cooperatives[0]
    groups[0].save()
    officers = [make_user(full_name=name) for name in ("Bàn Thị Một", "Ma Văn Hai", "Ma Văn Hai")]
    world = World(random.Random(seed), cooperatives, groups, officers, [])
    for _ in range(entries):
        world.record()
    return world


@pytest.fixture
def no_cache(settings):
    """No cache, said explicitly: every report is counted."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


@pytest.fixture
def real_cache(settings, redis_url):
    """The cache of a real installation, empty."""
    options = portal.CACHES["default"]["OPTIONS"] | {"IGNORE_EXCEPTIONS": False}
    settings.CACHES = {
        "default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": redis_url, "OPTIONS": options}
    }


# --- The oracle -----------------------------------------------------------------------------------


def month_of(day: date, calendar: str) -> tuple[int, int]:
    """The month of a day, said by hand: from the 15th on, the administrative month is the next one."""
    if calendar == MONTH or day.day < 15:
        return day.year, day.month
    return (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)


def months_between(first: tuple[int, int], last: tuple[int, int]) -> list[tuple[int, int]]:
    listed = [first]
    while listed[-1] < last:
        year, number = listed[-1]
        listed.append((year + 1, 1) if number == 12 else (year, number + 1))
    return listed


def line(code: str, facts: Iterable[Fact]) -> tuple[str, int, int]:
    """Code, lượt and distinct cooperatives of some entries."""
    facts = list(facts)
    return code, len(facts), len({fact.cooperative for fact in facts})


def expected(world: World, first, last, calendar: str, frame: str, as_of: date | None) -> dict:
    """The whole report, counted entry by entry."""
    now = as_of is None or as_of >= TODAY
    known = [f for f in world.facts if (not f.voided if now else f.stood(as_of))]
    months = months_between(first, last)
    before = [(year - 1, number) for year, number in months]
    inside = [f for f in known if month_of(f.held, calendar) in months]
    counted = [f for f in inside if f.cooperative]
    last_year = [f for f in known if f.cooperative and month_of(f.held, calendar) in before]

    def first_time(facts: list[Fact], begin: tuple[int, int]) -> int:
        served = {f.cooperative for f in known if (begin[0], 1) <= month_of(f.held, calendar) < begin}
        return len({f.cooperative for f in facts} - served)

    places = {row.pk: row for row in Cooperative.objects.select_related("old_district", "new_commune")}

    def unit(fact: Fact) -> str:
        row = places[fact.cooperative]
        place = row.old_district if frame == "2022" else row.new_commune
        return place.code if place else ""

    units = DISTRICTS if frame == "2022" else sorted({u.code for u in AdminUnit.objects.new_communes()})
    unknown = [f for f in counted if unit(f) == ""]
    people = {person.pk: str(person) for person in world.officers}
    busy = {pk: [f for f in counted if f.officer == pk] for pk in people}
    return {
        "totals": line("", counted)[1:],
        "first_time": first_time(counted, first),
        "first_time_last_year": first_time(last_year, (first[0] - 1, first[1])),
        "founding_groups": len(inside) - len(counted),
        "last_year": line("", last_year)[1:],
        "by_month": [line(text(m), (f for f in counted if month_of(f.held, calendar) == m)) for m in months],
        "by_month_last_year": [
            line(text(m), (f for f in last_year if month_of(f.held, calendar) == m)) for m in before
        ],
        "by_topic": [line(topic, (f for f in counted if topic in f.topics)) for topic in TOPICS],
        "by_unit": [line(code, (f for f in counted if unit(f) == code)) for code in units]
        + ([line("", unknown)] if unknown else []),
        "by_channel": [line(one, (f for f in counted if f.channel == one)) for one in CHANNELS],
        "by_officer": sorted(line(str(pk), facts) for pk, facts in busy.items() if facts),
    }


def text(month: tuple[int, int]) -> str:
    return f"{month[0]}-{month[1]:02d}"


def said(report: Served) -> dict:
    """What the report says, in the form of the oracle; officers by number, as the order of equals is free."""

    def lines(name: str) -> list[tuple[str, int, int]]:
        return [(one.code, one.consultations, one.cooperatives) for one in getattr(report, name)]

    return {
        "totals": (report.consultations, report.cooperatives),
        "first_time": report.first_time,
        "first_time_last_year": report.first_time_last_year,
        "founding_groups": report.founding_groups,
        "last_year": (report.last_year_consultations, report.last_year_cooperatives),
        **{name: lines(name) for name in ("by_month", "by_month_last_year", "by_topic", "by_unit", "by_channel")},
        "by_officer": sorted(lines("by_officer")),
    }


def asked(first, last, calendar: str = MONTH, frame: str = "2022", as_of: date | None = None) -> Served:
    return served(Period(calendar, Month(*first), Month(*last)), frame=frame, today=TODAY, as_of=as_of)


# --- Counting -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_every_figure_equals_a_count_by_hand(no_cache, seed):
    world = make_world(seed, 70)
    for first, last in PERIODS:
        for calendar in (MONTH, ADMINISTRATIVE):
            for frame in ("2022", "2025"):
                for as_of in AS_OF:
                    report = asked(first, last, calendar, frame, as_of)
                    assert said(report) == expected(world, first, last, calendar, frame, as_of)


def test_the_random_entries_hold_what_the_oracle_is_to_try(no_cache):
    world = make_world(1, 70)
    report = asked((2023, 4), (2023, 12))
    assert report.consultations > report.cooperatives > report.first_time > 0
    assert report.founding_groups > 0
    assert report.last_year_consultations > 0
    assert sum(one.consultations for one in report.by_topic) > report.consultations
    assert sum(one.cooperatives for one in report.by_month) > report.cooperatives
    assert report.by_unit[-1].code == ""
    assert len(world.facts) == Consultation.objects.count() == 70
    assert 5 < sum(fact.voided is not None for fact in world.facts) < 30
    assert any(f.stood(day) and f.voided for day in AS_OF if day for f in world.facts)


def test_breakdowns_by_what_an_entry_has_once_add_up_to_the_total(no_cache):
    make_world(4, 60)
    for frame in ("2022", "2025"):
        report = asked((2022, 1), (2023, 12), frame=frame)
        for lines in (report.by_month, report.by_unit, report.by_channel, report.by_officer):
            assert sum(one.consultations for one in lines) == report.consultations


def test_a_group_session_is_one_entry_for_each_cooperative(no_cache):
    world = make_world(5, 0)
    for party in world.cooperatives[:5]:
        entry = Entry(
            client_id=uuid4(), party=party, held_on=date(2023, 3, 1), channel="meeting", topics=["tax", "ocop"],
            question="Tập huấn", outcome="answered",
        )  # fmt: skip
        log_consultation(entry, by=world.officers[0], today=TODAY)
    report = asked((2023, 3), (2023, 3))
    assert (report.consultations, report.cooperatives) == (5, 5)
    assert {one.code: one.consultations for one in report.by_topic if one.consultations} == {"tax": 5, "ocop": 5}


def test_officers_stand_with_the_busiest_first_and_by_name_where_equal(no_cache):
    world = make_world(6, 0)
    for officer, times in zip(world.officers, (1, 1, 2), strict=True):
        for _ in range(times):
            entry = Entry(
                client_id=uuid4(), party=world.cooperatives[0], held_on=date(2023, 3, 1), channel="phone",
                topics=["tax"], question="Hỏi", outcome="answered",
            )  # fmt: skip
            log_consultation(entry, by=officer, today=TODAY)
    lines = asked((2023, 3), (2023, 3)).by_officer
    assert [(one.name, one.consultations) for one in lines] == [
        ("Ma Văn Hai", 2), ("Bàn Thị Một", 1), ("Ma Văn Hai", 1),
    ]  # fmt: skip


def test_an_empty_period_shows_every_line_with_zeros(no_cache):
    load_reference_units()
    report = asked((2019, 1), (2019, 2))
    assert served(report.period, frame="2022", today=TODAY, as_of=TODAY).as_of == TODAY
    assert (report.consultations, report.cooperatives, report.first_time, report.founding_groups) == (0, 0, 0, 0)
    assert [one.code for one in report.by_unit] == DISTRICTS
    assert [one.name for one in report.by_unit][:2] == ["thành phố Bắc Kạn", "huyện Pác Nặm"]
    assert [one.code for one in report.by_topic] == TOPICS
    assert [one.code for one in report.by_channel] == CHANNELS
    assert [one.code for one in report.by_month] == ["2019-01", "2019-02"]
    assert report.by_officer == []
    assert {one.consultations for one in [*report.by_unit, *report.by_topic, *report.by_channel]} == {0}


@pytest.mark.parametrize(
    ("this_year", "last_year", "change"),
    [(3, 2, 50.0), (1, 3, -66.7), (2, 2, 0.0), (0, 2, -100.0), (2, 0, None), (0, 0, None)],
)
def test_the_change_is_in_percent_of_last_year_and_none_without_a_base(no_cache, this_year, last_year, change):
    party, officer = make_cooperative(), make_user()
    for year, times in ((2023, this_year), (2022, last_year)):
        for _ in range(times):
            entry = Entry(
                client_id=uuid4(), party=party, held_on=date(year, 3, 9), channel="phone", topics=["tax"],
                question="Hỏi", outcome="answered",
            )  # fmt: skip
            log_consultation(entry, by=officer, today=TODAY)
    assert asked((2023, 3), (2023, 3)).change_percent == change


def test_all_figures_of_the_rows_are_one_statement(no_cache, django_assert_num_queries):
    make_world(7, 5)
    with django_assert_num_queries(1):
        count_figures(Period(MONTH, Month(2023, 1), Month(2023, 8)), None)


# --- The cache ------------------------------------------------------------------------------------


@pytest.mark.broker
def test_cached_figures_equal_a_fresh_count_after_every_new_entry(real_cache, monkeypatch):
    counts = []

    def counted(*question):
        counts.append(question)
        return tallied_figures(*question)

    monkeypatch.setattr(report_module, "tallied_figures", counted)
    world = make_world(8, 20)
    questions = [
        ((2023, 1), (2023, 8), MONTH, "2022", None),
        ((2023, 3), (2023, 3), ADMINISTRATIVE, "2025", None),
        ((2022, 1), (2022, 12), MONTH, "2025", date(2023, 9, 1)),
    ]
    for _ in range(10):
        world.record()
        for question in questions:
            fresh = said(asked(*question))
            before = len(counts)
            assert said(asked(*question)) == fresh == expected(world, *question)
            assert len(counts) == before, "asked again it came from the cache"
    assert len(counts) > len(questions)


@pytest.mark.broker
def test_an_entry_after_the_period_leaves_its_figures_in_the_cache(real_cache, monkeypatch):
    world = make_world(9, 10)
    asked((2022, 1), (2022, 3))
    monkeypatch.setattr(report_module, "tallied_figures", lambda *question: pytest.fail("counted again"))
    entry = Entry(
        client_id=uuid4(), party=world.cooperatives[0], held_on=date(2022, 4, 1), channel="phone", topics=["tax"],
        question="Hỏi", outcome="answered",
    )  # fmt: skip
    log_consultation(entry, by=world.officers[0], today=TODAY)
    asked((2022, 1), (2022, 3))


@pytest.mark.broker
def test_a_cooperative_that_moved_counts_at_its_new_place_at_once(real_cache):
    world = make_world(10, 30)
    question = ((2023, 1), (2023, 8), MONTH, "2022", None)
    before = said(asked(*question))
    for cooperative in world.cooperatives[:4]:
        row = Cooperative.objects.get(pk=cooperative.pk)
        enter_cooperative(row, today=date(2026, 11, 23), commune_code="02146")
        assert said(asked(*question)) == expected(world, *question)
    assert said(asked(*question))["by_unit"] != before["by_unit"]
    assert said(asked(*question))["totals"] == before["totals"]


@pytest.mark.broker
def test_a_late_entry_changes_the_figures_of_its_month_and_of_the_year_after(real_cache):
    world = make_world(11, 0)
    march = ((2023, 3), (2023, 3))
    assert (asked(*march).consultations, asked(*march).last_year_consultations) == (0, 0)
    for held in (date(2023, 3, 31), date(2022, 3, 1)):
        entry = Entry(
            client_id=uuid4(), party=world.cooperatives[0], held_on=held, channel="phone", topics=["tax"],
            question="Hỏi", outcome="answered",
        )  # fmt: skip
        log_consultation(entry, by=world.officers[0], today=TODAY)
    assert (asked(*march).consultations, asked(*march).last_year_consultations) == (1, 1)


@pytest.mark.broker
@pytest.mark.django_db(transaction=True)
def test_whoever_has_recorded_an_entry_finds_it_in_the_report_however_many_record_at_once(real_cache):
    cooperatives = [make_cooperative() for _ in range(4)]
    officer = make_user()
    recorded, lock, too_few = [0], Lock(), []

    def work(party):
        for _ in range(6):
            entry = Entry(
                client_id=uuid4(), party=party, held_on=date(2023, 3, 9), channel="phone", topics=["tax"],
                question="Hỏi", outcome="answered",
            )  # fmt: skip
            log_consultation(entry, by=officer, today=TODAY)
            with lock:
                recorded[0] += 1
                at_least = recorded[0]
            found = asked((2023, 3), (2023, 3)).consultations
            if found < at_least:
                too_few.append((found, at_least))

    assert at_once(*((lambda p=party: work(p)) for party in cooperatives)) == [None] * 4
    assert too_few == []
    assert asked((2023, 3), (2023, 3)).consultations == Consultation.objects.count() == 24


@pytest.mark.broker
def test_without_its_cache_the_report_still_answers(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": portal.CACHES["default"]["OPTIONS"],
        }
    }
    world = make_world(12, 10)
    question = ((2022, 1), (2023, 12), MONTH, "2022", None)
    assert said(asked(*question)) == expected(world, *question)
