"""Every count of the lượt against plain Python: random lives of cooperatives, random periods, random knowledge."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.models import AdminUnit, Cooperative, find_commune
from cooperatives.register import enter_cooperative
from htx_portal.accounts.models import User
from support_cases.consultations import Entry, log_consultation
from support_cases.corrections import void_consultation
from support_cases.reports.counting import count_figures
from support_cases.reports.kinds import Scope
from support_cases.reports.periods import ADMINISTRATIVE, CALENDARS, MONTH, Period
from support_cases.reports.served import SERVED
from tests.factories import load_reference_units, make_cooperative, make_founding_group, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2026, 1, 1)
#: Old commune: its code, old district and new commune, as the resolution has them.
OLD = {"02041": ("064", "01933"), "01933": ("061", "01933"), "01864": ("060", "01864"), "01834": ("058", "01840")}
#: New communes where a cooperative founded after the merger may lie: one of one old district, one of two.
NEW = {"02143": "066", "01933": ""}
#: What is counted without a group is said also where it is nothing.
WHOLE = (
    "total", "previous", "last_year", "cumulative", "cumulative_last_year", "first_time",
    "first_time_last_year", "founding_groups",
)  # fmt: skip
BEGAN = datetime(2023, 1, 1, tzinfo=HERE)


# --- Lives ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where a cooperative lies: an old commune, or a new one with the old district that somebody picked."""

    code: str
    is_new: bool = False
    picked: str = ""

    @property
    def facts(self) -> dict[str, tuple[str, str]]:
        """Old district, old and new commune by code, each with the day it began; empty where not known."""
        if self.is_new:
            return {"district": self.picked or NEW[self.code], "old_commune": "", "commune": self.code}
        district, new = OLD[self.code]
        return {"district": district, "old_commune": self.code, "commune": new}


@dataclass(frozen=True)
class Change:
    """From this moment on the register says this of a cooperative."""

    party: int
    moment: datetime
    place: Place
    kind: str


@dataclass(frozen=True)
class Talk:
    """One entry: ``party`` is the place of a cooperative in its list, None for a founding group."""

    party: int | None
    held: date
    recorded: datetime
    topics: frozenset[str]
    channel: str
    officer: int
    voided: datetime | None

    def stood(self, moment: datetime | None) -> bool:
        """Whether it was known just before ``moment`` and not taken back by then."""
        if moment is None:
            return self.voided is None
        return self.recorded < moment and not (self.voided and self.voided < moment)


def moments(first: date, last: date):
    """Moments of these days, often the very first or last of a day."""
    clock = st.sampled_from([time(0, 0), time(9, 30), time(23, 59, 59, 999_999)])
    return st.builds(lambda day, at: datetime.combine(day, at, HERE), st.dates(first, last), clock)


#: Days of three years, often where a month of one of the calendars begins or ends.
held_days = st.one_of(
    st.dates(date(2023, 1, 1), date(2025, 10, 1)),
    st.builds(
        lambda year, month, day: date(year, month, day),
        st.sampled_from([2023, 2024, 2024]),
        st.sampled_from([1, 2, 3, 6, 12]),
        st.sampled_from([1, 14, 15, 28]),
    ),
)
places = st.one_of(
    st.sampled_from([Place(code) for code in OLD]),
    st.sampled_from([Place("02143", is_new=True), Place("01933", is_new=True), Place("01933", True, "064")]),
)
kinds = st.sampled_from(["tht", "htx", "lhhtx"])
changes = st.builds(Change, st.integers(0, 3), moments(date(2023, 6, 1), date(2025, 12, 1)), places, kinds)


@st.composite
def talks(draw) -> Talk:
    """An entry, typed on its day or later, perhaps taken back."""
    held = draw(held_days)
    typed = draw(moments(held, held + timedelta(days=draw(st.sampled_from([0, 0, 2, 60])))))
    voided = draw(st.one_of(st.none(), st.none(), st.integers(0, 90)))
    return Talk(
        party=draw(st.one_of(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.none())),
        held=held,
        recorded=typed,
        topics=draw(st.frozensets(st.sampled_from(["tax", "ocop", "loan"]), min_size=1, max_size=3)),
        channel=draw(st.sampled_from(["office", "phone"])),
        officer=draw(st.integers(0, 1)),
        voided=None if voided is None else typed + timedelta(days=voided),
    )


periods = st.one_of(
    st.builds(
        Period.parse,
        st.sampled_from(["2024-01", "2024-02", "2024-03", "2024-Q1", "2024-H1", "2024-H2", "2024-9M", "2024", "2023"]),
        st.sampled_from(CALENDARS),
    ),
    st.builds(
        lambda calendar, start, days: Period.from_day_to_day(calendar, start, start + timedelta(days=days)),
        st.sampled_from(CALENDARS),
        st.dates(date(2023, 11, 1), date(2024, 12, 31)),
        st.integers(0, 500),
    ),
)
known_until = st.one_of(st.none(), moments(date(2024, 1, 1), date(2025, 12, 1)))


class World:
    """The database side of the lives: the rows, written by the acts that everything is written by."""

    def __init__(self):
        load_reference_units()
        self.officers: list[User] = [make_user(), make_user()]
        with time_machine.travel(BEGAN, tick=False):
            self.group = make_founding_group(formed_on=date(2022, 1, 1))
        self.units = {
            "district": {unit.code: str(unit.pk) for unit in AdminUnit.objects.old_districts()},
            "old_commune": {unit.code: str(unit.pk) for unit in AdminUnit.objects.old_communes()},
            "commune": {unit.code: str(unit.pk) for unit in AdminUnit.objects.new_communes()},
        }
        self.parties: list[Cooperative] = []

    def live(self, starts: list[tuple[Place, str]], changes: list[Change], entries: list[Talk]) -> None:
        """Write down what happened."""
        with time_machine.travel(BEGAN, tick=False):
            self.parties = [make_cooperative(registered_on=date(2020, 1, 1)) for _ in starts]
            for party, (place, kind) in zip(self.parties, starts, strict=True):
                self._enter(party, place, kind)
        for change in sorted(changes, key=lambda one: one.moment):
            if change.party < len(starts):
                with time_machine.travel(change.moment, tick=False):
                    self._enter(self.parties[change.party], change.place, change.kind)
        for one in entries:
            party = self.group if one.party is None else self.parties[one.party % len(starts)]
            entry = Entry(
                client_id=uuid4(), party=party, held_on=one.held, channel=one.channel, topics=sorted(one.topics),
                question="Hỏi", outcome="answered",
            )  # fmt: skip
            officer = self.officers[one.officer]
            row, _ = log_consultation(entry, by=officer, today=TODAY, recorded_at=one.recorded)
            if one.voided:
                void_consultation(row, by=officer, reason="Ghi nhầm", now=one.voided)

    def _enter(self, row: Cooperative, place: Place, kind: str) -> None:
        row.kind = kind
        row.commune = find_commune(place.code, None if place.is_new else date(2023, 1, 1))
        row.old_district = AdminUnit.objects.get(code=place.picked) if place.picked else None
        enter_cooperative(row, today=TODAY)


# --- The count by hand ----------------------------------------------------------------------------


def month_of(day: date, calendar: str) -> str:
    """The month of a day: from the 15th on, the administrative month is the next one."""
    year, month = day.year, day.month
    if calendar == ADMINISTRATIVE and day.day >= 15:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return f"{year:04d}-{month:02d}"


def counted_by_hand(world: World, starts, changes, entries, period: Period, moment: datetime | None) -> dict:
    """Every dimension, entry by entry: ``[lượt, HTX]`` of each key."""
    found: dict[str, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    for dimension in WHOLE:
        found[dimension] = defaultdict(list, {"": []})
    stands = [one for one in entries if one.stood(moment)]

    def within(span: Period) -> list[Talk]:
        return [one for one in stands if span.start <= one.held <= span.end]

    def add(dimension: str, one: Talk, key: str = "") -> None:
        found[dimension][key].append(None if one.party is None else one.party % len(starts))

    for dimension, span in (
        ("previous", period.previous()),
        ("last_year", period.year_before()),
        ("cumulative", period.cumulative()),
        ("cumulative_last_year", period.year_before().cumulative()),
    ):
        for one in within(span):
            if one.party is not None:
                add(dimension, one)

    def earlier_in_year_of(part) -> set[int]:
        year = f"{part.first.year:04d}-01"
        return {
            one.party % len(starts) for one in stands
            if one.party is not None and one.held < part.start and month_of(one.held, period.calendar) >= year
        }  # fmt: skip

    last_year = period.year_before()
    earlier, earlier_then = earlier_in_year_of(period), earlier_in_year_of(last_year)
    for one in within(last_year):
        if one.party is not None:
            add("month_last_year", one, month_of(one.held, period.calendar))
            if one.party % len(starts) not in earlier_then:
                add("first_time_last_year", one)
    for one in within(period):
        if one.party is None:
            add("founding_groups", one)
            continue
        facts = facts_of(world, starts, changes, one.party % len(starts), moment)
        if one.party % len(starts) not in earlier:
            add("first_time", one)
        month = month_of(one.held, period.calendar)
        officer = str(world.officers[one.officer].pk)
        for dimension, key in {
            **facts, "total": "", "month": month, "channel": one.channel, "officer": officer,
            "month|district": f"{month}|{facts['district']}",
        }.items():  # fmt: skip
            add(dimension, one, key)
        for topic in one.topics:
            add("topic", one, topic)
            add("month|topic", one, f"{month}|{topic}")
            add("topic|district", one, f"{topic}|{facts['district']}")
            add("topic|commune", one, f"{topic}|{facts['commune']}")
    return {
        dimension: {key: [len(parties), len(set(parties) - {None})] for key, parties in keys.items()}
        for dimension, keys in found.items()
    }


def facts_of(world: World, starts, changes, party: int, moment: datetime | None) -> dict[str, str]:
    """Where a cooperative lay and of which kind it was, as known just before a moment, by the keys of figures."""
    place, kind = starts[party]
    for change in sorted(changes, key=lambda one: one.moment):
        if change.party == party and (moment is None or change.moment < moment):
            place, kind = change.place, change.kind
    facts = {name: world.units[name][code] if code else "" for name, code in place.facts.items()}
    return {**facts, "place": "|".join(facts.values()), "kind": kind}


# --- The same from the database -------------------------------------------------------------------


@pytest.fixture
def world() -> World:
    return World()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    starts=st.lists(st.tuples(places, kinds), min_size=1, max_size=4),
    changes=st.lists(changes, max_size=4),
    entries=st.lists(talks(), min_size=1, max_size=12),
    questions=st.lists(st.tuples(periods, known_until), min_size=3, max_size=6),
)
def test_every_figure_is_what_a_count_by_hand_finds(world, starts, changes, entries, questions):
    with transaction.atomic():
        world.live(starts, changes, entries)
        for period, moment in questions:
            by_hand = counted_by_hand(world, starts, changes, entries, period, moment)
            assert count_figures(period, moment) == by_hand, (period, moment)
            assert SERVED.compute(Scope(period, moment, TODAY)) == by_hand, (period, moment)
        transaction.set_rollback(True)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    starts=st.lists(st.tuples(places, kinds), min_size=2, max_size=4),
    changes=st.lists(changes, max_size=4),
    entries=st.lists(talks(), min_size=4, max_size=12),
    moment=known_until,
)
def test_figures_of_parts_make_up_the_figures_of_the_whole(world, starts, changes, entries, moment):
    with transaction.atomic():
        world.live(starts, changes, entries)
        year = Period.parse("2024", MONTH)
        whole, *months = [
            SERVED.compute(Scope(period, moment, TODAY))
            for period in (year, *(Period.parse(f"2024-{n:02d}", MONTH) for n in range(1, 13)))
        ]
        total = whole.get("total", {}).get("", [0, 0])
        for dimension in (
            "total",
            "kind",
            "district",
            "old_commune",
            "commune",
            "place",
            "channel",
            "officer",
            "topic",
        ):
            keys = whole.get(dimension, {})
            for key, numbers in keys.items():
                assert numbers[0] == sum(month.get(dimension, {}).get(key, [0, 0])[0] for month in months)
            if dimension != "topic":
                assert sum(numbers[0] for numbers in keys.values()) == total[0], dimension
            if dimension in ("kind", "district", "old_commune", "commune", "place"):
                assert sum(numbers[1] for numbers in keys.values()) == total[1], dimension
        # Who is new in a month of a year is new in that year once.
        first = [one.get("first_time", {}).get("", [0, 0])[1] for one in (*months, whole)]
        assert sum(first[:-1]) == first[-1] == total[1]
        transaction.set_rollback(True)
