"""Draft reports at the end of a period: made once, caught up with, told to leaders until the period is closed."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from cooperatives.models import LegalRule
from htx_portal.accounts.models import Role
from support_cases.choices import Occasion, SkipReason
from support_cases.closings import close_period, reopen_period
from support_cases.drafts import make_drafts
from support_cases.models import PeriodDraft, Reminder
from support_cases.models.consultation import end_of
from support_cases.reminders.accounting import close_books
from support_cases.reminders.entering import enter_due
from support_cases.reminders.envelopes import lines_for
from support_cases.reminders.explain import explain
from support_cases.reminders.invariants import violations
from support_cases.reminders.sources import SOURCES
from support_cases.reports.office import office_calendar, period_of
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Period
from tests.factories import make_case, make_consultation, make_user
from tests.racing import at_once
from tests.reminding import one_pass, shipped_rules

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def at(year: int, month: int, day: int, hour: int = 8) -> datetime:
    """A moment of the portal's time zone."""
    return end_of(date(year, month, day)) - timedelta(days=1) + timedelta(hours=hour)


def drafts() -> list[str]:
    """The periods that have a draft, in the order they were made."""
    return [period_of(row).code for row in PeriodDraft.objects.order_by("pk")]


def test_the_calendar_of_the_office_is_that_of_its_rule():
    assert office_calendar(date(2026, 1, 1)) == ADMINISTRATIVE
    LegalRule.objects.create(key="report.calendar", value="month", unit="choice", valid_from=date(2026, 1, 1))
    assert (office_calendar(date(2025, 12, 31)), office_calendar(date(2026, 1, 1))) == (ADMINISTRATIVE, MONTH)


def test_the_draft_of_a_period_is_made_on_the_day_after_it_and_once():
    make_consultation(held_on=date(2023, 3, 20), today=date(2023, 3, 20))
    assert (make_drafts(at(2023, 4, 14)), drafts()) == (0, [])
    assert (make_drafts(at(2023, 4, 15, 0)), make_drafts(at(2023, 4, 15, 1)), drafts()) == (1, 0, ["2023-04"])
    draft = PeriodDraft.objects.get()
    assert (draft.figures["served"]["total"], draft.made_at, draft.doubts) == ({"": [0, 0]}, at(2023, 4, 15, 0), 0)


def test_a_year_ends_with_its_last_month_quarter_and_half():
    make_consultation(held_on=date(2023, 12, 1), today=date(2023, 12, 1))
    assert make_drafts(at(2023, 12, 15)) == 4
    assert sorted(drafts()) == ["2023", "2023-12", "2023-H2", "2023-Q4"]


def test_a_standstill_is_caught_up_with_and_closed_periods_are_left_out():
    make_consultation(held_on=date(2023, 1, 5), today=date(2023, 1, 5))
    close_period(Period.parse("2023-02", ADMINISTRATIVE), by=make_user(Role.MANAGER), today=date(2023, 5, 1))
    assert make_drafts(at(2023, 4, 20)) == 4
    assert drafts() == ["2023-01", "2023-03", "2023-Q1", "2023-04"]


def test_leaders_are_told_the_day_after_and_not_once_it_is_closed():
    shipped_rules()
    manager = make_user(Role.MANAGER, email="lanhdao@example.vn")
    make_user()
    make_consultation(held_on=date(2023, 3, 20), today=date(2023, 3, 20))
    make_drafts(at(2023, 4, 15, 1))
    one_pass(at(2023, 4, 15, 8))
    assert not Reminder.objects.filter(rule=Occasion.PERIOD_ENDED, state="sent").exists()
    one_pass(at(2023, 4, 17, 8))
    told = Reminder.objects.filter(rule=Occasion.PERIOD_ENDED, state="sent")
    assert {row.recipient for row in told} == {manager}
    line = lines_for(told[:1])[0]
    assert line.title == "Đã lập báo cáo dự thảo: Tháng 04/2023 (15/03/2023 – 14/04/2023)"
    assert line.url.endswith("/bao-cao/chot/administrative-2023-04-2023-04/")
    closing = close_period(Period.parse("2023-04", ADMINISTRATIVE), by=manager, today=date(2023, 4, 18))
    assert SOURCES[Occasion.PERIOD_ENDED].why_over(told[0]) == SkipReason.DONE
    enter_due(date(2023, 4, 20), occasions=[Occasion.PERIOD_ENDED])
    assert not Reminder.objects.filter(rule=Occasion.PERIOD_ENDED, occurrence_on=date(2023, 4, 20)).exists()
    reopen_period(closing, by=manager, reason="Thiếu một huyện", now=timezone.now())
    enter_due(date(2023, 4, 20), occasions=[Occasion.PERIOD_ENDED])
    assert Reminder.objects.filter(rule=Occasion.PERIOD_ENDED, occurrence_on=date(2023, 4, 20)).exists()


def test_what_is_due_when_it_is_closed_is_skipped_at_sending():
    shipped_rules()
    manager = make_user(Role.MANAGER)
    make_consultation(held_on=date(2023, 3, 20), today=date(2023, 3, 20))
    make_drafts(at(2023, 4, 15, 1))
    enter_due(date(2023, 4, 17), occasions=[Occasion.PERIOD_ENDED])
    close_period(Period.parse("2023-04", ADMINISTRATIVE), by=manager, today=date(2023, 4, 17))
    one_pass(at(2023, 4, 17, 8))
    rows = Reminder.objects.filter(rule=Occasion.PERIOD_ENDED)
    assert {(row.state, row.reason) for row in rows} == {("skipped", SkipReason.DONE)}


def test_pages_books_and_invariants_know_the_occasion(client):
    shipped_rules()
    manager = make_user(Role.MANAGER)
    case = make_case(opened_on=date(2023, 4, 3), today=date(2023, 4, 3), due_on=date(2023, 5, 30))
    make_consultation(held_on=date(2023, 3, 20), today=date(2023, 3, 20))
    make_drafts(at(2023, 4, 15, 1))
    one_pass(at(2023, 4, 17, 8))
    client.force_login(manager)
    page = client.get("/nhac-viec/")
    assert "Đã lập báo cáo dự thảo" in page.text
    row = Reminder.objects.get(rule=Occasion.PERIOD_ENDED, channel="app")
    assert client.get(f"/nhac-viec/{row.pk}/loi-nhan/").status_code == 404
    assert client.get(SOURCES[Occasion.PERIOD_ENDED].url(row)).status_code == 200
    found = {one.code: one for one in explain(case, date(2023, 4, 17)).occasions}
    assert found[Occasion.PERIOD_ENDED].none == "Nhắc theo kỳ báo cáo, không theo hồ sơ."
    assert [str(one) for one in violations(at(2023, 4, 17, 9)) if "period" in str(one)] == []
    assert close_books(date(2023, 4, 17), None).violations.total() == 0


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_make_one_draft():
    make_consultation(held_on=date(2023, 3, 20), today=date(2023, 3, 20))
    now = at(2023, 4, 15, 1)
    made = at_once(lambda: make_drafts(now), lambda: make_drafts(now))
    assert sorted(made) == [0, 1]
    assert drafts() == ["2023-04"]
