"""Reminders due in a period and what became of them, counted again row by row."""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from support_cases.choices import Occasion, ReminderChannel, ReminderState
from support_cases.models import Reminder
from support_cases.reports.answers import answer
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Period
from support_cases.reports.sending import NUMBERS, SENDING
from support_cases.reports.tables import ROWS
from tests.factories import make_case, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2024, 9, 1)
WAITING = ("due", "claimed", "sending")
PERIODS = [
    Period.parse("2024-06", MONTH),
    Period.parse("2024-Q2", ADMINISTRATIVE),
    Period.parse("2024", MONTH),
    Period.from_day_to_day(MONTH, date(2024, 5, 31), date(2024, 6, 1)),
]


@pytest.fixture
def ledger() -> list[Reminder]:
    """Sixty reminders around the ends of months, at any hour of the day here, which is another day elsewhere."""
    chance, case = random.Random(5), make_case(by=make_user(), today=TODAY)
    people = [make_user(), make_user()]
    for number in range(60):
        day = date(2024, 4, 28) + timedelta(days=chance.choice([0, 1, 2, 3, 16, 17, 32, 33, 34, 47, 48, 63, 64, 65]))
        hour, minute = chance.choice([(0, 0), (6, 59), (7, 0), (12, 0), (23, 59)])
        Reminder.objects.create(
            rule=chance.choice(Occasion.values), subject=f"case/{number}", anchor_on=day, occurrence_on=day, case=case,
            recipient=chance.choice(people), channel=chance.choice(ReminderChannel.values),
            state=chance.choice(ReminderState.values), reason="TimeoutError" if number % 3 else "done",
            run_at=datetime(day.year, day.month, day.day, hour, minute, tzinfo=HERE),
        )  # fmt: skip
    return list(Reminder.objects.all())


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.code)
def test_reminders_are_what_a_count_row_by_row_finds(ledger, period):
    found = answer(SENDING, period, frame="2022", today=TODAY)
    expected: dict[str, dict[str, Counter]] = {"total": {}, "month": {}, "occasion": {}, "channel": {}}
    for row in ledger:
        day = row.run_at.astimezone(HERE).date()
        if not period.start <= day <= period.end:
            continue
        month = next(str(one) for one in period.months() if period.part(one).start <= day <= period.part(one).end)
        for group, key in (("total", ""), ("month", month), ("occasion", row.rule), ("channel", row.channel)):
            expected[group].setdefault(key, Counter()).update(["due", "waiting" if row.state in WAITING else row.state])
    for group, rows in expected.items():
        figures = {key: numbers for key, numbers in found.figures[group].items() if any(numbers)}
        assert figures == {key: [n[one] for one in NUMBERS] for key, n in rows.items()}, group


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.code)
def test_every_number_opens_into_as_many_reminders_as_it_says(ledger, period):
    found = answer(SENDING, period, frame="2022", today=TODAY)
    for table in found.tables:
        for row in table.rows:
            for column, cell in zip(table.column_codes, row.cells, strict=True):
                if cell.behind == ROWS:
                    listed = SENDING.behind(found.basis.scope, table.code, row.code, column)
                    assert len(listed.rows) == cell.value, (table.code, row.code, column)
                else:
                    assert not cell.value or column == "share"


def test_what_is_due_is_what_became_of_it_together(ledger):
    for table in answer(SENDING, PERIODS[2], frame="2022", today=TODAY).tables[1:]:
        for row in table.rows:
            due, *rest = (cell.value for cell in row.cells)
            assert due == sum(rest)
        assert [sum(row.cells[at].value for row in table.rows[:-1]) for at in range(6)] == [
            cell.value for cell in table.rows[-1].cells
        ]


def test_at_a_past_moment_there_are_only_the_reminders_that_were_in_the_ledger(ledger):
    written = datetime(2024, 6, 5, 9, 0, tzinfo=HERE)
    Reminder.objects.update(created_at=written)
    due = {
        day: answer(SENDING, PERIODS[2], frame="2022", today=TODAY, as_of=date(2024, 6, day)).figures["total"]
        for day in (4, 5)
    }
    assert (due[4], due[5][""][0]) == ({}, len(ledger))


def test_a_line_of_the_list_says_to_whom_about_what_and_why_not(ledger):
    scope = answer(SENDING, PERIODS[2], frame="2022", today=TODAY).basis.scope
    listed = SENDING.behind(scope, "totals", "failed", "reminders")
    row = listed.rows[0]
    line = dict(zip([column.code for column in listed.columns], listed.line(row), strict=True))
    assert line["recipient"] == str(row.recipient)
    assert line["about"] == row.case.reference
    assert line["state"] == "Không gửi được"
    assert listed.address(row) == ("support:case", (row.case.reference,))


@pytest.mark.parametrize(
    "cell",
    [("totals", "x", "reminders"), ("totals", "due", "share"), ("month", "2023-01", "due"), ("x", "total", "due"),
     ("channel", "mail", "reminders")],
)  # fmt: skip
def test_a_cell_there_is_not_has_no_list(cell):
    scope = answer(SENDING, PERIODS[0], frame="2022", today=TODAY).basis.scope
    assert SENDING.behind(scope, *cell) is None


def test_the_report_takes_as_many_questions_however_many_reminders_there_are(ledger, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = answer(SENDING, PERIODS[2], frame="2022", today=TODAY)
        assert found.tables
    with django_assert_num_queries(1):
        listed = SENDING.behind(found.basis.scope, "totals", "due", "reminders")
        assert [(listed.line(row), listed.address(row)) for row in listed.rows]
