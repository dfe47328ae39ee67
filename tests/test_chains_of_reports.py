"""Reports are read in chains: a change to closed months is named once in each, and the books of each add up."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from htx_portal.accounts.models import Role
from support_cases.closing_checks import verify_closing
from support_cases.closings import close_period, reopen_period
from support_cases.consultations import Entry, log_consultation
from support_cases.corrections import void_consultation
from support_cases.models import Closing, Consultation
from support_cases.reports.adjustments import ADJUSTMENTS, LATE, TAKEN_BACK
from support_cases.reports.answers import Answer, answer
from support_cases.reports.kinds import Scope
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Month, Period, Span
from tests.factories import make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HERE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2025, 3, 31)
YEAR = 2024
#: The chains: which codes of periods are read one after the other.
CHAINS = (
    [f"2024-{n:02d}" for n in range(1, 11)],
    [f"2024-Q{n}" for n in range(1, 5)],
    ["2024-H1", "2024-H2"],
    [f"2024-{n}M" for n in (2, 4, 5, 7, 8)] + ["2024"],
)
CLOSED = ["2024-01", "2024-02", "2024-03", "2024-05", "2024-Q1", "2024-Q2", "2024-H1", "2024-4M", "2024-5M", "2024-7M"]


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=HERE)


def period(code: str, calendar: str = MONTH) -> Period:
    return Period.parse(code, calendar)


def log(party, held: date, recorded: datetime, officer) -> Consultation:
    entry = Entry(
        client_id=uuid4(), party=party, held_on=held, channel="phone", topics=("tax",), question="Hỏi",
        outcome="answered",
    )  # fmt: skip
    return log_consultation(entry, by=officer, today=TODAY, recorded_at=recorded)[0]


def report(code: str, calendar: str = MONTH) -> Answer:
    return answer(ADJUSTMENTS, period(code, calendar), frame="2022", today=TODAY)


def books(found: Answer) -> dict[str, int]:
    return {name: n for name, (n,) in found.figures["books"].items()}


@pytest.fixture
def office():
    """A cooperative, an officer and a manager."""
    return make_cooperative(), make_user(), make_user(Role.MANAGER)


@pytest.fixture
def eight_months(office):
    """Eight months of 2024 closed with 8 lượt; since then one came late and one was taken back."""
    party, officer, manager = office
    rows = [log(party, date(YEAR, n, 10), at(date(YEAR, n, 10)), officer) for n in range(1, 9)]
    close_period(period("2024-8M"), by=manager, today=TODAY, now=at(date(YEAR, 9, 10)))
    log(party, date(YEAR, 9, 20), at(date(YEAR, 9, 20)), officer)
    late = [log(party, date(YEAR, 6, n), at(date(YEAR, 9, 25)), officer) for n in (10, 11)]
    void_consultation(rows[2], by=officer, reason="Ghi nhầm", now=at(date(YEAR, 9, 26)))
    return {f"{LATE}|{row.pk}" for row in late} | {f"{TAKEN_BACK}|{rows[2].pk}"}


@pytest.mark.parametrize("code", ["2024-09", "2024-Q4", "2024-9M", "2024"])
def test_changes_of_closed_first_months_are_named_in_the_next_report_of_every_chain(eight_months, code):
    found = report(code)
    assert set(found.figures["entry"]) == eight_months
    told = books(found)
    assert (told["sent"], told["named_before"], told["named_now"], told["cumulative"]) == (8, 0, 1, 10)
    rest = {"2024-09": (0, 1), "2024-Q4": (1, 0), "2024-9M": (0, 1), "2024": (0, 1)}[code]
    assert (told["not_closed"], told["period"]) == rest


def test_what_the_report_after_has_named_is_named_no_more_in_its_chain(eight_months, office):
    close_period(period("2024-09"), by=office[2], today=TODAY, now=at(date(YEAR, 10, 5)))
    assert report("2024-10").figures["entry"] == {}
    assert books(report("2024-10"))["named_before"] == 1
    assert set(report("2024-9M").figures["entry"]) == eight_months
    close_period(period("2024-9M"), by=office[2], today=TODAY, now=at(date(YEAR, 10, 6)))
    assert report("2024").figures["entry"] == {}
    assert books(report("2024")) | {"period": 0} == {
        "sent": 10, "named_before": 0, "named_now": 0, "not_closed": 0, "period": 0, "cumulative": 10,
    }  # fmt: skip


def test_a_month_closed_by_itself_and_within_eight_months_was_sent_once(eight_months, office):
    close_period(period("2024-01"), by=office[2], today=TODAY, now=at(date(YEAR, 10, 1)))
    assert books(report("2024-09"))["sent"] == 8
    assert books(report("2024-9M"))["sent"] == 8


def test_the_changes_of_this_year_and_of_years_before_are_summed_apart(office):
    party, officer, manager = office
    for code, day in (("2024-12", date(2024, 12, 20)), ("2025-01", date(2025, 1, 20))):
        close_period(period(code, ADMINISTRATIVE), by=manager, today=TODAY, now=at(day))
    log(party, date(2024, 12, 1), at(date(2025, 2, 1)), officer)
    log(party, date(2025, 1, 5), at(date(2025, 2, 1)), officer)
    found = report("2025-02", ADMINISTRATIVE)
    sums = {row.code: row.cells[2].value for row in found.table("month").rows if row.is_total}
    assert sums == {"year": 1, "years_before": 1, "": 2}
    assert books(found)["named_now"] == 1


@pytest.mark.parametrize(
    "address",
    ["", "dia-ban/", "do-bao-phu/", "tong-hop/", "cong-viec-can-bo/", "chot/month-2024-01-2024-08/"],
)
def test_every_page_with_the_closed_lượt_says_what_came_in_since(eight_months, office, client, address):
    client.force_login(office[2])
    page = client.get(f"{reverse('support:report')}{address}", {"period": "2024-8M"}).content.decode()
    assert "Có 2 lượt ghi sau khi chốt" in page
    assert "Có 1 lượt đã báo cáo bị hủy hoặc thay sau khi chốt" in page


# ------------------------------------------------------------------- oracle


@dataclass(frozen=True)
class Event:
    """One change: the month an entry was held in, when, and by how much the lượt of that month changed."""

    held: date
    at: datetime
    change: int


class Oracle:
    """Who names what, told one change after another."""

    def __init__(self):
        self.closings = [
            (Period(row.calendar, Month.parse(row.first), Month.parse(row.last)), row.closed_at, row.reopened_at)
            for row in Closing.objects.order_by("closed_at", "pk")
        ]
        rows = Consultation.objects.counted()
        self.events = [Event(row.held_on, row.recorded_at, 1) for row in rows]
        self.events += [Event(row.held_on, row.voided_at, -1) for row in rows if row.voided_at]

    def standing(self, moment):
        return [
            (one, closed)
            for one, closed, reopened in self.closings
            if (closed < moment and (not reopened or reopened >= moment))
        ]

    def sent_by(self, asked: Period, month: Month, moment):
        """The closing by which readers of a report heard of a month: period and moment, or None."""
        found = []
        for one, closed in self.standing(moment):
            if not one.first <= month <= one.last:
                continue
            adds_up = asked.first.number == 1 and asked.length > 1
            if one.last < asked.first or (
                adds_up and one != asked and asked.first <= one.first and one.last <= asked.last
            ):
                found.append((one, closed))
        cumulative = asked.span in (Span.FIRST_MONTHS, Span.YEAR) or month >= asked.first
        if cumulative:
            own = [pair for pair in found if pair[0].first.number == 1 and pair[0].length > 1]
            own.sort(key=lambda pair: -pair[0].length)
        else:
            own = [pair for pair in found if pair[0].span == asked.span]
        return (own or sorted(found, key=lambda pair: pair[1]) or [None])[0]

    def names(self, asked: Period, moment, event: Event) -> bool:
        """Whether the report as known just before a moment names a change."""
        month = Month.containing(event.held, asked.calendar)
        sent = self.sent_by(asked, month, moment)
        if sent is None or not sent[1] <= event.at < moment:
            return False
        chain = next(chain for chain in CHAINS if asked.code in chain)
        return not any(
            self.names(other, closed, event)
            for other, closed in self.standing(moment)
            if other.code in chain and other != asked
        )

    def net(self, asked: Period, moment) -> dict[str, int]:
        """By how much the named changes change each month; months without a change left out."""
        found: dict[str, int] = {}
        for event in self.events:
            if self.names(asked, moment, event):
                month = str(Month.containing(event.held, asked.calendar))
                found[month] = found.get(month, 0) + event.change
        return {month: n for month, n in found.items() if n}

    def count(self, first: date, last: date, moment) -> int:
        return sum(one.change for one in self.events if first <= one.held <= last and one.at < moment)

    def sent(self, asked: Period, moment) -> int:
        """The lượt of the months of the year as they were sent."""
        total = 0
        for n in range(1, asked.last.number + 1):
            month = Month(asked.last.year, n)
            by = self.sent_by(asked, month, moment)
            if by:
                total += self.count(month.first_day(asked.calendar), month.last_day(asked.calendar), by[1])
        return total


@pytest.mark.parametrize("seed", range(3))
def test_every_chain_names_a_change_once_and_adds_up_whatever_is_closed_and_reopened(seed):
    """Months and longer periods are closed in any order, some reopened, while entries come in late and are voided."""
    chance = random.Random(seed)
    party, officer, manager = make_cooperative(), make_user(), make_user(Role.MANAGER)
    standing: list[Consultation] = []
    open_ones, closed = [period(code) for code in CLOSED], []
    day = date(YEAR, 1, 2)
    while day < date(YEAR, 9, 20):
        turn = chance.random()
        ready = [one for one in open_ones if one.end < day]
        if turn < 0.5:
            held = max(date(YEAR, 1, 1), day - timedelta(days=chance.choice([0, 1, 30, 60, 120])))
            standing.append(log(party, held, at(day, 8), officer))
        elif turn < 0.65 and standing:
            row = standing.pop(chance.randrange(len(standing)))
            void_consultation(row, by=officer, reason="Ghi nhầm", now=at(day, 10))
        elif turn < 0.72 and closed and seed:
            one = closed.pop(chance.randrange(len(closed)))
            reopen_period(one, by=manager, reason="Thiếu", now=at(day, 11))
            open_ones.append(Period(MONTH, Month.parse(one.first), Month.parse(one.last)))
        elif ready:
            one = chance.choice(ready)
            open_ones.remove(one)
            closed.append(close(one, manager, at(day, 12), with_figures=len(closed) % 3 == 0))
        day += timedelta(days=chance.choice([1, 2, 4, 6]))
    oracle = Oracle()
    for chain in CHAINS:
        for code in chain:
            assert_as_told(oracle, period(code))
    assert all(verify_closing(row).holds for row in closed if row.digest)


def close(one: Period, manager, moment: datetime, *, with_figures: bool) -> Closing:
    """Close a period; one whose figures are still to be counted is closed all the same."""
    if with_figures:
        return close_period(one, by=manager, today=TODAY, now=moment)
    first, last = str(one.first), str(one.last)
    return Closing.objects.create(calendar=MONTH, first=first, last=last, closed_at=moment, closed_by=manager)


def assert_as_told(oracle: Oracle, asked: Period) -> None:
    """The report as it is known now, and as it was known on a past day, against the oracle."""
    for moment in (None, at(date(YEAR, 6, 20))):
        until = moment or at(date(2026, 1, 1))
        found = ADJUSTMENTS.compute(Scope(asked, moment, TODAY))
        net = {month: late - gone for month, (late, gone) in found["month"].items() if late != gone}
        assert net == oracle.net(asked, until), (asked.code, moment)
        told = {name: n for name, (n,) in found["books"].items()}
        parts = ("sent", "named_before", "named_now", "not_closed", "period")
        assert sum(told[name] for name in parts) == told["cumulative"]
        assert told["cumulative"] == oracle.count(date(YEAR, 1, 1), asked.end, until)
        assert told["sent"] == oracle.sent(asked, until), (asked.code, moment)
        assert told["named_now"] == sum(net.values())
