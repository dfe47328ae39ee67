"""Adjustments: what comes into a closed period is named once, in the report after, and the books add up."""

import random
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from cooperatives.models import Cooperative, PastState
from cooperatives.register import enter_cooperative
from htx_portal.accounts.models import Role
from support_cases.closing_checks import verify_closing
from support_cases.closings import close_period, reopen_period
from support_cases.consultations import Entry, log_consultation
from support_cases.corrections import replace_consultation, void_consultation
from support_cases.models import Closing, Consultation
from support_cases.reports.adjustments import ADJUSTMENTS, LATE, TAKEN_BACK
from support_cases.reports.answers import Answer, answer
from support_cases.reports.periods import MONTH, Month, Period
from support_cases.reports.served import served
from tests.factories import load_reference_units, make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HERE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2024, 12, 31)


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=HERE)


def month(number: int) -> Period:
    return Period(MONTH, Month(2024, number), Month(2024, number))


def entry(party, held: date, topics=("tax",)) -> Entry:
    return Entry(
        client_id=uuid4(), party=party, held_on=held, channel="phone", topics=topics, question="Hỏi",
        outcome="answered",
    )  # fmt: skip


def log(party, held: date, recorded: datetime, officer) -> Consultation:
    row, _ = log_consultation(entry(party, held), by=officer, today=TODAY, recorded_at=recorded)
    return row


def report(period: Period, as_of: date | None = None) -> Answer:
    return answer(ADJUSTMENTS, period, frame="2022", today=TODAY, as_of=as_of)


def named(found: Answer) -> set[str]:
    return set(found.figures["entry"])


@pytest.fixture
def office():
    """A cooperative, an officer and a manager."""
    return make_cooperative(), make_user(), make_user(Role.MANAGER)


def test_a_late_entry_is_named_in_the_report_of_the_next_month_and_in_no_other(office):
    party, officer, manager = office
    log(party, date(2024, 1, 10), at(date(2024, 1, 10)), officer)
    close_period(month(1), by=manager, today=TODAY, now=at(date(2024, 2, 2)))
    late = log(party, date(2024, 1, 20), at(date(2024, 2, 20)), officer)
    close_period(month(2), by=manager, today=TODAY, now=at(date(2024, 3, 2)))
    assert report(month(1)).figures["total"] == {"": [0, 0, 0]}
    february = report(month(2))
    assert february.figures["total"] == {"": [1, 0, 0]}
    assert named(february) == {f"{LATE}|{late.pk}"}
    line = february.table("entry").rows[0]
    assert (line.name, [cell.value for cell in line.cells]) == (
        party.name, ["Ghi muộn", date(2024, 1, 20), date(2024, 2, 20), officer.full_name, ""],
    )  # fmt: skip
    assert report(month(3)).figures["total"] == {"": [0, 0, 0]}


def test_a_corrected_entry_is_one_taken_back_and_one_come_late(office):
    party, officer, manager = office
    row = log(party, date(2024, 1, 10), at(date(2024, 1, 10)), officer)
    close_period(month(1), by=manager, today=TODAY, now=at(date(2024, 2, 2)))
    made, _ = replace_consultation(
        row, entry(party, date(2024, 1, 11), ["ocop"]), by=officer, reason="Sai ngày", today=TODAY,
        now=at(date(2024, 2, 9)),
    )  # fmt: skip
    found = report(month(2))
    assert named(found) == {f"{LATE}|{made.pk}", f"{TAKEN_BACK}|{row.pk}"}
    assert found.table("month").value("2024-01", "net") == 0
    assert served(month(1), frame="2022", today=TODAY).by_topic[5].consultations == 1


def test_a_cooperative_that_moved_after_the_closing_is_named_and_the_sent_figures_stay(office):
    load_reference_units()
    party, officer, manager = office
    log(party, date(2024, 1, 10), at(date(2024, 1, 10)), officer)
    close_period(month(1), by=manager, today=TODAY)
    before = [(line.code, line.consultations) for line in served(month(1), frame="2022", today=TODAY).by_unit]
    enter_cooperative(party, today=TODAY, commune_code="02146")
    assert PastState.objects.count() == 1
    assert [row.name for row in report(month(2)).table("moved").rows] == [party.name]
    assert [(line.code, line.consultations) for line in served(month(1), frame="2022", today=TODAY).by_unit] == before


def test_a_move_is_named_by_the_report_after_it_and_of_nobody_who_was_not_known_to_be_served(office):
    load_reference_units()
    party, officer, manager = office
    log(party, date(2024, 1, 10), at(date(2024, 1, 10)), officer)
    close_period(month(1), by=manager, today=TODAY, now=at(date(2024, 2, 2)))
    february = close_period(month(2), by=manager, today=TODAY, now=at(date(2024, 3, 2)))
    unserved = make_cooperative()
    for each in (party, unserved):
        enter_cooperative(each, today=TODAY, commune_code="02146")
    assert PastState.objects.update(until=at(date(2024, 3, 9))) == 2
    log(unserved, date(2024, 1, 11), at(date(2024, 3, 20)), officer)
    assert verify_closing(february).differences == []
    found = {day: report(month(3), date(2024, 3, day)).table("moved") for day in (8, 9, 20)}
    assert {day: {row.name for row in table.rows} for day, table in found.items()} == {
        8: set(), 9: {party.name}, 20: {party.name, unserved.name},
    }  # fmt: skip


def test_the_numbers_of_the_months_open_into_their_entries(office, client):
    party, officer, manager = office
    gone = log(party, date(2024, 1, 10), at(date(2024, 1, 10)), officer)
    close_period(month(1), by=manager, today=TODAY, now=at(date(2024, 2, 2)))
    void_consultation(gone, by=officer, reason="Ghi nhầm HTX", now=at(date(2024, 2, 9)))
    log(party, date(2024, 1, 20), at(date(2024, 2, 20)), officer)
    scope = report(month(2)).basis.scope
    listed = {column: ADJUSTMENTS.behind(scope, "month", "2024-01", column) for column in (LATE, TAKEN_BACK)}
    assert {column: found.rows.count() for column, found in listed.items()} == {LATE: 1, TAKEN_BACK: 1}
    assert listed[TAKEN_BACK].line(listed[TAKEN_BACK].rows[0])[-1] == "Ghi nhầm HTX"
    assert ADJUSTMENTS.behind(scope, "month", "x", LATE) is None
    client.force_login(manager)
    address = reverse("support:report") + "dieu-chinh/"
    page = client.get(address, {"period": "2024-02"}).content.decode()
    assert "Ghi nhầm HTX" in page


def test_what_a_report_named_that_was_taken_back_is_named_by_the_one_in_its_place(office):
    party, officer, manager = office
    close_period(month(1), by=manager, today=TODAY, now=at(date(2024, 2, 2)))
    first = log(party, date(2024, 1, 20), at(date(2024, 2, 20)), officer)
    february = close_period(month(2), by=manager, today=TODAY, now=at(date(2024, 3, 2)))
    second = log(party, date(2024, 1, 21), at(date(2024, 3, 9)), officer)
    close_period(month(3), by=manager, today=TODAY, now=at(date(2024, 4, 2)))
    third = log(party, date(2024, 1, 22), at(date(2024, 4, 9)), officer)
    reopen_period(february, by=manager, reason="Thiếu một huyện", now=at(date(2024, 4, 10)))
    close_period(month(2), by=manager, today=TODAY, now=at(date(2024, 4, 11)))
    assert [named(report(month(n))) for n in (2, 3, 4)] == [
        {f"{LATE}|{first.pk}", f"{LATE}|{third.pk}"}, {f"{LATE}|{second.pk}"}, set(),
    ]  # fmt: skip
    assert all(verify_closing(row).holds for row in Closing.objects.standing())


def test_a_closing_that_named_changes_holds_when_they_are_voided_and_their_cooperative_is_renamed(office):
    party, officer, manager = office
    close_period(month(1), by=manager, today=TODAY, now=at(date(2024, 2, 2)))
    late = log(party, date(2024, 1, 20), at(date(2024, 2, 20)), officer)
    february = close_period(month(2), by=manager, today=TODAY, now=at(date(2024, 3, 2)))
    before = report(month(2)).table("entry")
    void_consultation(late, by=officer, reason="Ghi nhầm", now=at(date(2024, 3, 9)))
    enter_cooperative(Cooperative.objects.get(pk=party.pk), today=TODAY)
    Cooperative.objects.filter(pk=party.pk).update(name="Hợp tác xã Tên Khác")
    assert verify_closing(february).differences == []
    assert report(month(2)).table("entry") == before


# Lives in which months are closed out of their order, opened again beneath closed ones and closed once more.
@pytest.mark.parametrize("seed", [3, 877, 959, 1217])
def test_what_was_sent_and_what_was_named_add_up_to_what_is_known(seed):
    """Months pass; entries come in time, late and wrong; months are closed late, out of order, or not at all."""
    chance = random.Random(seed)
    party, officer, manager = make_cooperative(), make_user(), make_user(Role.MANAGER)
    standing: list[Consultation] = []
    day = date(2024, 1, 2)
    closed: list[int] = []
    taken_back: list[int] = []
    while day < date(2024, 7, 1):
        turn = chance.random()
        if turn < 0.55:
            held = max(date(2024, 1, 1), day - timedelta(days=chance.choice([0, 0, 1, 20, 45, 90])))
            standing.append(log(party, held, at(day, 8), officer))
        elif turn < 0.7 and standing:
            row = standing.pop(chance.randrange(len(standing)))
            void_consultation(row, by=officer, reason="Ghi nhầm", now=at(day, 10))
        elif turn < 0.76 and closed and day.day > 20:
            taken_back.append(closed.pop(chance.randrange(len(closed))))
            rows = Closing.objects.standing().filter(first=str(Month(2024, taken_back[-1])))
            reopen_period(rows.get(), by=manager, reason="Thiếu", now=at(day, 11))
        elif over := [n for n in range(1, day.month) if n not in closed]:
            closed.append(over[0] if chance.random() < 0.8 else chance.choice(over))
            close_period(month(closed[-1]), by=manager, today=day, now=at(day, 12))
        day += timedelta(days=chance.choice([1, 2, 4]))
    for number in range(1, 7):
        for as_of in (None, date(2024, 4, 10)):
            assert_books_add_up(report(month(number), as_of))
    assert_named_once([report(month(n)) for n in sorted(closed)] + [report(month(7))], closed)


def assert_books_add_up(found: Answer) -> None:
    books = {name: n for name, (n,) in found.figures["books"].items()}
    parts = ("sent", "named_before", "named_now", "not_closed", "period")
    assert sum(books[name] for name in parts) == books["cumulative"]
    for name in ("sent", "not_closed"):
        opened = ADJUSTMENTS.behind(found.basis.scope, "books", name, "consultations")
        assert opened.rows.count() == books[name], (found.period, name)
    known = Consultation.objects.known_at(found.basis.moment).counted()
    assert books["cumulative"] == known.filter(held_on__range=(date(2024, 1, 1), found.period.end)).count()
    late, gone, _moved = found.figures["total"][""]
    assert books["named_now"] == late - gone == sum(a - b for a, b in found.figures["month"].values())
    assert len(found.figures["entry"]) == late + gone


def assert_named_once(reports: list[Answer], closed: list[int]) -> None:
    """Every change of a month since it was closed is named in exactly one of the reports made after that.

    Those are the reports of later months closed after it, and the one of the next month to be closed.
    """
    standing = {row.first: row for row in Closing.objects.standing()}
    for number in closed:
        code = str(Month(2024, number))
        made_after = [
            found
            for found in reports
            if found.period.first.number > number
            and (str(found.period.first) not in standing or standing[str(found.period.first)].pk > standing[code].pk)
        ]
        changes = [found.figures["month"].get(code, [0, 0]) for found in made_after]
        sent = standing[code].figures["served"]["total"].get("", [0, 0])[0]
        known = Consultation.objects.standing().filter(held_on__range=(month(number).start, month(number).end)).count()
        assert sent + sum(late - gone for late, gone in changes) == known
