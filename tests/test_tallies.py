"""The tallies against the entries: what is added up from them is what counting the rows gives, whatever happened."""

import random
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from io import StringIO
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cooperatives.models import Cooperative, find_commune
from cooperatives.register import enter_cooperative
from support_cases.closing_checks import verify_closing
from support_cases.closings import close_period
from support_cases.consultations import Entry, log_consultation
from support_cases.corrections import AlreadyVoid, replace_consultation, void_consultation
from support_cases.models import Consultation, ConsultationTopic, Tally
from support_cases.reports import planes, tally_reading
from support_cases.reports.answers import answer
from support_cases.reports.counting import count_figures
from support_cases.reports.coverage import COVERAGE
from support_cases.reports.kinds import Scope
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Month, Period
from support_cases.reports.served import SERVED
from support_cases.reports.tallied import TOTALS, tallied_figures, tallied_totals
from support_cases.reports.tallies import half_months, wrong_lines
from support_cases.reports.territory import TERRITORY
from support_cases.reports.workload import WORKLOAD
from tests.contents import nothing_written
from tests.factories import load_reference_units, make_consultation, make_cooperative, make_founding_group, make_user
from tests.racing import at_once

TODAY = date(2024, 6, 1)
NOW = datetime(2024, 6, 1, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
TOPICS = ["loan", "ocop", "tax", "registration"]
DAYS = [date(2022, 12, 14), date(2022, 12, 15), date(2022, 12, 31), date(2023, 1, 1), date(2023, 2, 28)]
PERIODS = [
    Period(MONTH, Month(2023, 1), Month(2023, 8)),
    Period(ADMINISTRATIVE, Month(2023, 1), Month(2023, 1)),
    Period(MONTH, Month(2022, 11), Month(2023, 2)),
    Period(MONTH, Month(2030, 1), Month(2030, 1)),
    Period.from_day_to_day(MONTH, date(2023, 1, 4), date(2023, 3, 20)),
    Period.from_day_to_day(ADMINISTRATIVE, date(2023, 2, 16), date(2023, 2, 18)),
    Period.from_day_to_day(ADMINISTRATIVE, date(2022, 12, 15), date(2023, 1, 2)),
]

database = pytest.mark.database


# --- Planes ---------------------------------------------------------------------------------------

NUMBERS = st.dictionaries(st.integers(0, 2 * planes.BLOCK - 1), st.integers(1, 700), max_size=30)


def blocks_of(numbers: dict[int, int]) -> list[bytes]:
    """The two stored blocks that hold ``numbers``."""
    block = planes.BLOCK
    return [planes.stored((at - n * block, many) for at, many in numbers.items() if at // block == n) for n in (0, 1)]


@given(NUMBERS, NUMBERS)
def test_planes_add_and_count_as_lists_of_numbers_do(some, others):
    size = 2 * planes.BLOCK
    sums = planes.added(planes.joined(blocks_of(some)), planes.joined(blocks_of(others)))
    expected = [some.get(at, 0) + others.get(at, 0) for at in range(size)]
    assert list(planes.spread(sums, size)) == expected
    assert planes.total(sums) == sum(expected)
    assert planes.present(sums).bit_count() == size - expected.count(0)


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([1, 1, -1])), max_size=60))
def test_one_step_after_the_other_gives_what_storing_the_outcome_gives(steps):
    block, numbers = b"", [0] * 10
    for place, step in steps:
        if numbers[place] + step < 0:
            with pytest.raises(ValueError, match=str(place)):
                planes.changed(block, place, step)
            continue
        numbers[place] += step
        block = planes.changed(block, place, step)
    assert block == planes.stored(enumerate(numbers))


# --- Tallies and entries --------------------------------------------------------------------------


class World:
    """A small register, and people who record, take back and put right."""

    def __init__(self):
        load_reference_units()
        units = [find_commune(code, date(2023, 1, 1)) for code in ("02041", "01933", "01864")]
        self.cooperatives = [make_cooperative(registered_on=date(2020, 1, 1), commune=unit) for unit in units * 2]
        # One block further, as in the register of a country.
        far = make_cooperative(registered_on=date(2020, 1, 1), commune=units[0])
        type(far).objects.filter(pk=far.pk).update(id=far.pk + 3 * planes.BLOCK)
        self.cooperatives.append(type(far).objects.get(pk=far.pk + 3 * planes.BLOCK))
        self.group = make_founding_group(commune=units[0], formed_on=date(2020, 1, 1))
        self.officers = [make_user() for _ in range(2)]

    def entry(self, chance: random.Random) -> Entry:
        """Anything somebody may record."""
        party = self.group if chance.random() < 0.15 else chance.choice(self.cooperatives)
        held = chance.choice([*DAYS, date(2022, 1, 1) + timedelta(days=chance.randrange(600))])
        return Entry(
            client_id=uuid4(), party=party, held_on=held, channel=chance.choice(["office", "phone"]),
            topics=chance.sample(TOPICS, chance.choice([1, 1, 2, 3])), question="Hỏi", outcome="answered",
        )  # fmt: skip

    def act(self, chance: random.Random) -> None:
        """Record an entry, take one back, put one right, or move a cooperative."""
        by, standing = chance.choice(self.officers), list(Consultation.objects.standing().order_by("pk"))
        what = chance.random()
        row = chance.choice(standing) if standing and what < 0.35 else None
        if row and what < 0.2:
            void_consultation(row, by=by, reason="Ghi nhầm", now=timezone.now())
        elif row:
            entry = self.entry(chance)
            replace_consultation(row, entry, by=by, reason="Sai ngày", today=TODAY, now=timezone.now())
        elif what < 0.45:
            moved = chance.choice(self.cooperatives)
            enter_cooperative(moved, today=TODAY, commune_code=chance.choice(["02041", "01864"]))
        else:
            log_consultation(self.entry(chance), by=by, today=TODAY)


def wrong() -> list[str]:
    """Every line that does not say what the entries say."""
    return [line for half_month in half_months() for line in wrong_lines(half_month)]


def assert_figures_agree(moment: datetime | None = None) -> None:
    for period in PERIODS:
        assert tallied_figures(period, moment) == count_figures(period, moment), period
        assert tallied_totals(period, moment) == count_figures(period, moment, *TOTALS), period
    for period in (PERIODS[0], PERIODS[4]):
        scope = Scope(period, moment, TODAY)
        for kind in (COVERAGE, TERRITORY, WORKLOAD):
            assert kind.compute(scope) == kind.recount(scope), (kind.code, period)


@database
@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_after_any_acts_the_figures_are_those_of_the_rows(seed, monkeypatch):
    world, chance = World(), random.Random(seed)
    moments = []
    for _ in range(4):
        for _ in range(25):
            world.act(chance)
        assert_figures_agree()
        assert wrong() == []
        moments.append(timezone.now())
    for few, moment in zip((1_000, 0, 0, 1_000), moments, strict=True):
        # What changed since is found by when that was where it is few, otherwise by the days it was held on.
        monkeypatch.setattr(tally_reading, "_FEW_UNDONE", few)
        assert_figures_agree(moment)
    assert Consultation.objects.filter(voided_at__isnull=False).count() > 10
    assert tallied_figures(PERIODS[0])["total"][""][0] > 5


@database
@pytest.mark.django_db
def test_entries_without_a_topic_count_under_none():
    row = make_consultation(held_on=date(2023, 1, 4), topics=["loan"])
    ConsultationTopic.objects.all().delete()
    call_command("rebuild_tallies", verbosity=0)
    assert_figures_agree()
    assert tallied_figures(PERIODS[0])["topic"] == {"": [1, 1]}
    void_consultation(row, by=row.officer, reason="Ghi nhầm", now=NOW)
    assert wrong() == []


@database
@pytest.mark.django_db
def test_where_too_much_came_in_since_a_moment_the_rows_are_counted(monkeypatch):
    world, chance = World(), random.Random(4)
    for _ in range(10):
        world.act(chance)
    moment = timezone.now()
    expected = tallied_figures(PERIODS[0], moment)
    for _ in range(10):
        log_consultation(replace(world.entry(chance), held_on=DAYS[3]), by=world.officers[0], today=TODAY)
    monkeypatch.setattr(tally_reading, "_MOST_UNDONE", 9)
    assert tallied_figures(PERIODS[0], moment) == expected == count_figures(PERIODS[0], moment)


@database
@pytest.mark.django_db
def test_what_was_recorded_or_voided_at_the_very_moment_came_after_it():
    """Whoever waited for a closing may be stamped with its very moment."""
    voided, recorded = make_consultation(held_on=date(2023, 1, 4)), make_consultation(held_on=date(2023, 1, 5))
    void_consultation(voided, by=voided.officer, reason="Ghi nhầm", now=NOW)
    Consultation.objects.filter(pk=voided.pk).update(recorded_at=NOW - timedelta(days=1))
    Consultation.objects.filter(pk=recorded.pk).update(recorded_at=NOW)
    assert tallied_figures(PERIODS[0], NOW)["total"] == {"": [1, 1]}
    assert_figures_agree(NOW)


@database
@pytest.mark.django_db
def test_so_much_is_undone_and_no_more(monkeypatch):
    moment = timezone.now()
    for day in (4, 5):
        make_consultation(held_on=date(2023, 1, day))
    asked = partial(tally_reading.Tallies, [*tally_reading.pieces_of(PERIODS[0])], (), moment)
    monkeypatch.setattr(tally_reading, "_MOST_UNDONE", 2)
    assert asked().lines("topic")
    monkeypatch.setattr(tally_reading, "_MOST_UNDONE", 1)
    with pytest.raises(tally_reading.CountInstead):
        asked()


@database
@pytest.mark.django_db
def test_what_cannot_be_undone_is_counted():
    moment = timezone.now()
    make_consultation(held_on=date(2023, 1, 4))
    Tally.objects.all().delete()
    assert tallied_figures(PERIODS[0], moment) == count_figures(PERIODS[0], moment)


@database
@pytest.mark.django_db
@pytest.mark.parametrize("is_past", [False, True], ids=["now", "a past moment"])
def test_whoever_records_while_figures_are_added_up_has_them_counted(monkeypatch, is_past):
    row = make_consultation(held_on=date(2023, 1, 4))
    other = make_consultation(held_on=date(2023, 1, 5))
    moment = timezone.now() if is_past else None
    real = tally_reading._kept

    def interrupted(*asked):
        found = list(real(*asked))
        if not Consultation.objects.get(pk=row.pk).is_void:
            void_consultation(row, by=row.officer, reason="Ghi nhầm", now=timezone.now())
            make_consultation(other.cooperative, held_on=date(2023, 1, 5))
        return found

    monkeypatch.setattr(tally_reading, "_kept", interrupted)
    assert tallied_figures(PERIODS[0], moment) == count_figures(PERIODS[0], moment)


@database
@pytest.mark.django_db
def test_an_entry_refused_or_sent_twice_changes_no_tally():
    world = World()
    entry = world.entry(random.Random(1))
    for _ in range(2):
        row, _new = log_consultation(entry, by=world.officers[0], today=TODAY, recorded_at=NOW)
    void_consultation(row, by=row.officer, reason="Ghi nhầm", now=NOW)
    with pytest.raises(AlreadyVoid):
        void_consultation(row, by=row.officer, reason="Ghi nhầm", now=NOW)
    assert wrong() == []
    assert not any(tally.counts for tally in Tally.objects.all())


@database
@pytest.mark.django_db
def test_whoever_takes_back_an_entry_the_tallies_do_not_know_puts_them_right():
    row = make_consultation(held_on=date(2023, 1, 4))
    make_consultation(held_on=date(2023, 1, 5))
    Tally.objects.all().delete()
    void_consultation(row, by=row.officer, reason="Ghi nhầm", now=NOW)
    assert wrong() == []
    assert_figures_agree()


@database
@pytest.mark.django_db(transaction=True)
def test_many_at_once_lose_nothing():
    world, chance = World(), random.Random(3)
    first = [log_consultation(world.entry(chance), by=world.officers[0], today=TODAY)[0] for _ in range(3)]
    twice = Entry(uuid4(), world.cooperatives[0], DAYS[0], "phone", ["loan"], "Hỏi", "answered")
    acts = [partial(log_consultation, world.entry(chance), by=world.officers[0], today=TODAY) for _ in range(4)]
    acts += [partial(log_consultation, twice, by=world.officers[0], today=TODAY) for _ in range(2)]
    acts += [partial(void_consultation, first[0], by=world.officers[1], reason="Nhầm", now=NOW) for _ in range(2)]
    acts += [
        partial(replace_consultation, first[1], world.entry(chance), by=by, reason="Sai", today=TODAY, now=NOW)
        for by in world.officers
    ]
    results = at_once(*acts)
    assert sum(isinstance(result, AlreadyVoid) for result in results) == 2
    assert Consultation.objects.standing().count() == 3 - 1 + 4 + 1
    assert wrong() == []
    assert_figures_agree()


# --- Commands -------------------------------------------------------------------------------------


@database
@pytest.mark.django_db
def test_checking_finds_what_is_wrong_and_rebuilding_puts_it_right():
    for day in (4, 20):
        make_consultation(held_on=date(2023, 1, day), topics=["loan"])
    out = StringIO()
    with nothing_written():
        call_command("check_tallies", stdout=out)
    assert out.getvalue() == "Mọi thứ đúng: 2 nửa tháng.\n"
    Tally.objects.filter(line="topic|loan", half_month=date(2023, 1, 15)).delete()
    Tally.objects.create(half_month=date(2023, 2, 15), line="total|", block=0, counts=b"\1".ljust(planes.PLANE, b"\0"))
    out = StringIO()
    with pytest.raises(CommandError, match="2 dòng"):
        call_command("check_tallies", stdout=out)
    assert out.getvalue() == "2023-01-15 topic|loan\n2023-02-15 total|\n"
    out = StringIO()
    call_command("rebuild_tallies", stdout=out)
    assert out.getvalue() == "Đã đếm lại 4 nửa tháng.\n"
    assert wrong() == []
    assert_figures_agree()


@database
@pytest.mark.django_db
def test_neither_command_minds_an_empty_database():
    call_command("rebuild_tallies", verbosity=0)
    call_command("check_tallies", stdout=StringIO())
    assert not Tally.objects.exists()


# --- What it costs --------------------------------------------------------------------------------


@database
@pytest.mark.django_db
def test_figures_of_now_cost_a_handful_of_queries_however_many_months(django_assert_num_queries):
    make_consultation(held_on=date(2023, 1, 4))
    for last in (1, 48):
        period = Period(MONTH, Month(2022, 1), Month(2022, 1).plus(last - 1))
        with django_assert_num_queries(4):
            tallied_figures(period)
        with django_assert_num_queries(6):
            tallied_figures(period, timezone.now())


@database
@pytest.mark.django_db
@pytest.mark.parametrize("kind", [COVERAGE, TERRITORY], ids=["coverage", "territory"])
def test_whole_half_months_are_answered_without_reading_an_entry(kind):
    make_consultation(held_on=date(2023, 1, 4))
    with CaptureQueriesContext(connection) as queries:
        assert kind.compute(Scope(PERIODS[0], None, TODAY))["total"][""][1] == 1
    asked = "".join(query["sql"] for query in queries)
    assert "support_cases_tally" in asked
    assert "support_cases_consultation" not in asked


@database
@pytest.mark.django_db
def test_a_closed_period_is_answered_without_counting():
    row = make_consultation(held_on=date(2023, 1, 4))
    period = Period(MONTH, Month(2023, 1), Month(2023, 1))
    close_period(period, by=row.officer, today=TODAY)
    with CaptureQueriesContext(connection) as queries:
        found = answer(SERVED, period, frame="2022", today=TODAY)
        assert found.table("totals").rows[0].cells[0].value == 1
    asked = "".join(query["sql"] for query in queries)
    assert "support_cases_closing" in asked
    assert "support_cases_consultation" not in asked
    assert "support_cases_tally" not in asked


@database
@pytest.mark.django_db
def test_a_closing_is_verified_by_the_rows_whatever_the_tallies_say():
    row = make_consultation(held_on=date(2023, 1, 4))
    closing = close_period(Period(MONTH, Month(2023, 1), Month(2023, 1)), by=row.officer, today=TODAY)
    assert closing.figures["served"]["total"] == {"": [1, 1]}
    Tally.objects.all().delete()
    assert verify_closing(closing).holds


@pytest.mark.django_db
def test_entries_of_a_month_and_of_an_area_are_found_by_an_index():
    if connection.vendor != "sqlite":
        pytest.skip("plans of small tables are read on SQLite")
    area = Cooperative.objects.filter(old_district__code="061").values("pk")
    month = Consultation.objects.standing().filter(held_on__range=DAYS[2:4]).order_by()
    for rows in (
        month,
        month.filter(cooperative__in=area),
        Consultation.objects.filter(recorded_at__gte=NOW).order_by(),
    ):
        assert re.search(r"SEARCH support_cases_consultation USING (COVERING )?INDEX", rows.explain()), rows.explain()
