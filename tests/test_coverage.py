"""Coverage: served and not served make up the registered, in every area, of every kind and on every topic."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
import time_machine

from cooperatives.choices import ENDED_STATUSES
from cooperatives.models import Cooperative, find_commune
from cooperatives.register import enter_cooperative
from support_cases.closing_checks import verify_closing
from support_cases.closings import close_period
from support_cases.corrections import void_consultation
from support_cases.models.consultation import end_of
from support_cases.reports.answers import Answer, answer
from support_cases.reports.coverage import COVERAGE
from support_cases.reports.coverage_counts import counted_coverage, coverage_figures
from support_cases.reports.kinds import Scope
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Month, Period
from support_cases.reports.served import SERVED
from support_cases.support_types import SUPPORT_TYPES
from tests.factories import load_reference_units, make_consultation, make_cooperative, make_founding_group, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2024, 6, 1)
AUGUST = Period(MONTH, Month(2023, 8), Month(2023, 8))
SUMMER = Period.from_day_to_day(MONTH, date(2023, 6, 1), date(2023, 9, 10))
PLACES = ("02041", "01933", "01864", "01834", "02146")


@pytest.fixture(autouse=True)
def counted_anew(settings):
    """No cache, said explicitly: every report is counted."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


def asked(period: Period = AUGUST, *, as_of: date | None = None, frame: str = "2022", today: date = TODAY) -> Answer:
    return answer(COVERAGE, period, frame=frame, today=today, as_of=as_of)


def values(found: Answer, table: str) -> dict[str, list]:
    return {row.code: [cell.value for cell in row.cells] for row in found.table(table).rows}


def shown(found: Answer, table: str, row: str, column: str) -> list[str]:
    """The names in the list behind a figure."""
    listed = COVERAGE.behind(found.basis.scope, table, row, column)
    return [str(listed.line(one)[0]) for one in listed.rows]


# --- An oracle in plain Python --------------------------------------------------------------------


@dataclass
class State:
    """What the register said of a cooperative from a moment on."""

    since: datetime
    commune: str
    kind: str
    registered_on: date | None
    status: str


@dataclass
class Party:
    """A cooperative in plain Python: its states in order, and its lượt as day, moments and topics."""

    states: list[State]
    entries: list[tuple[date, datetime, datetime | None, frozenset[str]]] = field(default_factory=list)

    def at(self, moment: datetime) -> State | None:
        """What was known just before ``moment``, None before it was entered."""
        said = [state for state in self.states if state.since < moment]
        return said[-1] if said else None

    def topics(self, period: Period, moment: datetime) -> set[str] | None:
        """The topics it was served on, None where it was not."""
        found = [
            topics
            for held, recorded, voided, topics in self.entries
            if period.start <= held <= period.end and recorded < moment and not (voided and voided < moment)
        ]
        return set().union(*found) if found else None


OLD_DISTRICT = {"02041": "064", "01933": "061", "01864": "060", "01834": "058", "02146": "066"}
NEW_COMMUNE = {"02041": "01933", "01933": "01933", "01864": "01864", "01834": "01840", "02146": "02143"}
LONG_AFTER = datetime(2030, 1, 1, tzinfo=HERE)


def expected(parties: list[Party], period: Period, as_of: date | None) -> dict:
    """Registered and served in all and by area, kind and topic, and the served ones outside, party by party."""
    moment = end_of(as_of) if as_of else LONG_AFTER
    stand = min(as_of or TODAY, period.end)
    found = {name: Counter() for name in ("registered", "served", "topic", "crossed", "apart", "undated")}
    for party in parties:
        now = party.at(moment)
        # One that was entered later is judged by what was entered then.
        said = now or party.states[0]
        then = party.at(min(moment, end_of(stand))) or party.states[0]
        served = party.topics(period, moment)
        keys = [("", ""), ("district", OLD_DISTRICT[said.commune]), ("commune", NEW_COMMUNE[said.commune])]
        if then.status in ENDED_STATUSES:
            found["apart"]["ended"] += served is not None
        elif now is None or (said.registered_on and said.registered_on > stand):
            found["apart"]["later"] += served is not None
        elif said.registered_on is None:
            found["undated"]["", ""] += 1
            found["apart"]["undated"] += served is not None
        else:
            for key in [*keys, ("kind", said.kind)]:
                found["registered"][key] += 1
                found["served"][key] += served is not None
            for topic, key in product(served or (), keys):
                found["crossed"][topic, *key] += 1
    return found


def random_register(seed: int) -> list[Party]:
    """Cooperatives that were entered, moved, changed and ended while their lượt were recorded and taken back."""
    chance = random.Random(seed)
    load_reference_units()
    officer = make_user()
    parties = []
    for _ in range(20):
        entered = moment_of(chance, 2022)
        registered_on = chance.choice([None, date(2020, 1, 1), date(2020, 1, 1), date(2020, 1, 1), entered.date()])
        code = chance.choice(PLACES)
        with time_machine.travel(entered):
            commune = find_commune(code, date(2020, 1, 1))
            row = make_cooperative(commune=commune, registered_on=registered_on, kind=chance.choice(["tht", "htx"]))
        party = Party([State(entered, code, row.kind, registered_on, row.legal_status)])
        for _ in range(chance.randint(0, 3)):
            party.states.append(changed(chance, row, party.states[-1]))
        for _ in range(chance.randint(0, 4)):
            party.entries.append(recorded(chance, row, officer))
        parties.append(party)
    make_consultation(make_founding_group(), by=officer, today=TODAY, held_on=date(2023, 8, 9))
    return parties


def moment_of(chance: random.Random, year: int) -> datetime:
    day = date(year, 1, 1) + timedelta(days=chance.randint(0, 700))
    return datetime.combine(day, chance.choice([time(0, 0), time(9, 30), time(23, 59, 59)]), HERE)


def changed(chance: random.Random, row: Cooperative, last: State) -> State:
    """Change one fact of a cooperative some time later, and return what the register says from then on."""
    since = last.since + timedelta(days=chance.randint(1, 200), seconds=chance.choice([0, 1]))
    said = State(since, last.commune, last.kind, last.registered_on, last.status)
    match chance.choice(["move", "kind", "end", "date"]):
        case "move":
            said.commune = chance.choice(PLACES)
        case "kind":
            said.kind = row.kind = chance.choice(["tht", "htx", "lhhtx"])
        case "end":
            said.status = row.legal_status = chance.choice(["dissolved", "active", "revoked_tax", "suspended"])
        case "date":
            said.registered_on = row.registered_on = chance.choice([None, date(2021, 1, 1), date(2022, 1, 1)])
    row.commune = find_commune(said.commune, date(2020, 1, 1))
    with time_machine.travel(since, tick=False):
        enter_cooperative(row, today=since.date())
    return said


def recorded(chance: random.Random, row: Cooperative, officer) -> tuple:
    """Record a lượt, perhaps late and perhaps taken back, and return it."""
    held = max(date(2023, 6, 1) + timedelta(days=chance.randint(0, 100)), row.registered_on or date.min)
    typed = datetime.combine(held + timedelta(days=chance.choice([0, 0, 3, 40])), time(9), HERE)
    topics = chance.sample(["tax", "ocop", "loan"], chance.choice([1, 1, 2]))
    with time_machine.travel(typed, tick=False):
        entry = make_consultation(row, by=officer, today=typed.date(), held_on=held, topics=topics)
    voided = typed + timedelta(days=chance.randint(1, 60)) if chance.random() < 0.25 else None
    if voided:
        void_consultation(entry, by=officer, reason="Ghi nhầm", now=voided)
    return held, typed, voided, frozenset(topics)


@pytest.mark.parametrize("seed", range(3))
def test_every_figure_equals_a_count_by_hand(seed):
    parties = random_register(seed)
    quarter = Period(ADMINISTRATIVE, Month(2023, 7), Month(2023, 9))
    days = Period.from_day_to_day(MONTH, date(2023, 6, 20), date(2023, 8, 3))
    for period, as_of in product(
        (AUGUST, quarter, days), (None, date(2023, 7, 10), date(2023, 8, 31), date(2023, 10, 2))
    ):
        by_hand = expected(parties, period, as_of)
        for frame, area in (("2022", "district"), ("2025", "commune")):
            found = asked(period, as_of=as_of, frame=frame)
            assert_breakdowns(found, by_hand, area)
        assert found.figures == counted_coverage(found.basis.scope)
        assert values(found, "totals")["undated"][0] == by_hand["undated"]["", ""]
        assert len(shown(found, "totals", "undated", "cooperatives")) == by_hand["undated"]["", ""]
        assert {code: line[0] for code, line in values(found, "apart").items()} == {
            "served": by_hand["served"]["", ""],
            **{code: by_hand["apart"][code] for code in ("ended", "undated", "later")},
            "total": by_hand["served"]["", ""] + sum(by_hand["apart"].values()),
        }
        report = answer(SERVED, period, frame="2022", today=TODAY, as_of=as_of)
        assert values(found, "apart")["total"] == [report.figures.get("total", {}).get("", [0, 0])[1]]


def assert_breakdowns(found: Answer, by_hand: dict, area: str) -> None:
    """Compare the tables with the count by hand."""
    registered, served = by_hand["registered"], by_hand["served"]
    for dimension in (area, "kind"):
        for code, line in values(found, dimension).items():
            key = ("", "") if code == "total" else (dimension, code)
            assert line[:3] == [registered[key], served[key], registered[key] - served[key]], key
    for code, line in values(found, "topic").items():
        on = by_hand["crossed"][code, "", ""]
        assert line[:3] == [registered["", ""], on, registered["", ""] - on]
    columns = found.table(f"topic_{area}").column_codes
    for code, line in values(found, f"topic_{area}").items():
        key = ("", "") if code == "total" else (area, code)
        assert line == [by_hand["crossed"][topic, *key] for topic in columns]


def test_the_random_registers_hold_what_the_oracle_is_to_try():
    days = (None, date(2023, 7, 10), date(2023, 8, 5), date(2023, 8, 31), date(2023, 9, 20))
    by_hand = [expected(parties, SUMMER, day) for parties in map(random_register, range(3)) for day in days]
    for name in ("ended", "undated", "later"):
        assert sum(one["apart"][name] for one in by_hand) > 0, name
    assert all(0 < one["served"]["", ""] < one["registered"]["", ""] for one in by_hand)
    assert len({tuple(sorted(one["registered"].items())) for one in by_hand}) > 4


# --- What is registered ---------------------------------------------------------------------------


def entered(moment: datetime = datetime(2022, 1, 5, 9, tzinfo=HERE), **fields) -> Cooperative:
    with time_machine.travel(moment, tick=False):
        return make_cooperative(**fields)


def test_served_and_unserved_are_listed_by_name_with_the_day_they_were_last_served():
    served, unserved = entered(name="Hợp tác xã Bí Xanh"), entered(name="Hợp tác xã Ấm No")
    entered(name="Hợp tác xã Chè", registered_on=date(2023, 9, 1), moment=datetime(2023, 9, 2, 9, tzinfo=HERE))
    make_consultation(served, today=TODAY, held_on=date(2023, 8, 9))
    make_consultation(unserved, today=TODAY, held_on=date(2023, 3, 9))
    make_consultation(unserved, today=TODAY, held_on=date(2023, 9, 9))
    found = asked()
    assert {code: line[0] for code, line in values(found, "totals").items()} == {
        "registered": 2, "served": 1, "not_served": 1, "undated": 0,
    }  # fmt: skip
    listed = COVERAGE.behind(found.basis.scope, "totals", "not_served", "cooperatives")
    assert [listed.line(row) for row in listed.rows] == [
        ("Hợp tác xã Ấm No", "Hợp tác xã", "xã Đồng Phúc", date(2021, 3, 15), date(2023, 3, 9))
    ]
    assert [listed.address(row) for row in listed.rows] == [("cooperatives:detail", (unserved.pk,))]
    assert shown(found, "totals", "registered", "cooperatives") == ["Hợp tác xã Ấm No", "Hợp tác xã Bí Xanh"]
    assert shown(found, "topic", "ocop", "not_served") == ["Hợp tác xã Ấm No"]
    assert len(shown(found, "topic", "tax", "not_served")) == 2


def test_one_that_ended_after_the_period_was_registered_in_it():
    row = entered()
    with time_machine.travel(datetime(2023, 10, 5, 9, tzinfo=HERE)):
        row.legal_status = "dissolved"
        enter_cooperative(row, today=date(2023, 10, 5))
    october = Period(MONTH, Month(2023, 10), Month(2023, 10))
    assert values(asked(), "totals")["registered"][0] == 1
    assert values(asked(october), "totals")["registered"][0] == 0


def test_one_entered_after_the_moment_of_the_figures_is_not_among_the_undated():
    entered(registered_on=None)
    with time_machine.travel(datetime(2023, 9, 5, 9, tzinfo=HERE)):
        closing = close_period(AUGUST, by=make_user("manager"), today=date(2023, 9, 5))
    entered(registered_on=None, moment=datetime(2023, 9, 6, 9, tzinfo=HERE))
    day_before = asked(as_of=date(2023, 9, 4))
    assert values(day_before, "totals")["undated"][0] == 1
    assert len(shown(day_before, "totals", "undated", "cooperatives")) == 1
    assert values(asked(Period.parse("2023-09", MONTH)), "totals")["undated"][0] == 2
    assert verify_closing(closing).differences == []


def test_what_changed_later_on_the_day_of_the_figures_is_not_known():
    row = entered()
    with time_machine.travel(datetime(2023, 9, 5, 10, tzinfo=HERE)):
        row.legal_status = "dissolved"
        enter_cooperative(row, today=date(2023, 9, 5))
    for hour, registered in ((9, 1), (11, 0)):
        scope = Scope(Period.parse("2023", MONTH), datetime(2023, 9, 5, hour, tzinfo=HERE), date(2023, 9, 5))
        assert counted_coverage(scope)["total"] == coverage_figures(scope)["total"] == {"": [registered, 0]}


def test_the_running_period_is_judged_today_and_a_past_one_on_its_last_day():
    entered(registered_on=date(2024, 5, 30), moment=datetime(2024, 5, 30, 9, tzinfo=HERE))
    year = Period.parse("2024", MONTH)
    registered = [values(asked(year, today=day), "totals")["registered"][0] for day in (date(2024, 5, 29), TODAY)]
    assert registered == [0, 1]
    assert values(asked(Period.parse("2024-04", MONTH)), "totals")["registered"][0] == 0


def test_a_cached_figure_of_a_running_period_is_of_its_day(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "coverage"}}
    entered(registered_on=date(2024, 5, 30), moment=datetime(2024, 5, 30, 9, tzinfo=HERE))
    year = Period.parse("2024", MONTH)
    registered = [values(asked(year, today=day), "totals")["registered"][0] for day in (date(2024, 5, 29), TODAY)]
    assert registered == [0, 1]


def test_a_share_without_a_base_is_left_open():
    found = asked()
    assert values(found, "totals")["served"] == [0, None]
    assert values(found, "topic")["tax"] == [0, 0, 0, None]
    assert [row.code for row in found.table("topic").rows] == list(SUPPORT_TYPES)


def test_the_list_of_a_closed_month_stays_what_was_closed():
    moved, ended = entered(name="Hợp tác xã Ấm No"), entered(name="Hợp tác xã Bí Xanh")
    load_reference_units()
    with time_machine.travel(datetime(2023, 9, 5, 9, tzinfo=HERE)):
        close_period(AUGUST, by=make_user("manager"), today=date(2023, 9, 5))
    before = values(asked(), "district")
    with time_machine.travel(datetime(2023, 9, 6, 9, tzinfo=HERE)):
        enter_cooperative(moved, today=date(2023, 9, 6), commune_code="02041")
        ended.legal_status = "dissolved"
        enter_cooperative(ended, today=date(2023, 9, 6))
        make_consultation(moved, today=date(2023, 9, 6), held_on=date(2023, 8, 9))
    found = asked()
    assert values(found, "district") == before
    assert shown(found, "district", "061", "not_served") == ["Hợp tác xã Ấm No", "Hợp tác xã Bí Xanh"]
    assert shown(found, "district", "064", "not_served") == []


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("totals", "x", "cooperatives"), ("totals", "served", "share"), ("district", "061", "share"), ("", "", ""),
        ("x", "061", "served"), ("apart", "total", "cooperatives"), ("topic", "tax", "share"), ("apart", "ended", "x"),
    ],
)  # fmt: skip
def test_a_cell_there_is_not_lists_nothing(table, row, column):
    assert COVERAGE.behind(asked().basis.scope, table, row, column) is None


def test_the_figures_and_a_page_of_the_list_cost_the_same_however_many_there_are(django_assert_max_num_queries):
    for _ in range(3):
        make_consultation(entered(), today=TODAY, held_on=date(2023, 8, 9))
    with django_assert_max_num_queries(8):
        found = asked()
        assert len(found.tables) == 6
    with django_assert_max_num_queries(1):
        listed = COVERAGE.behind(found.basis.scope, "totals", "served", "cooperatives")
        assert len([listed.line(row) for row in listed.rows[:50]]) == 3
