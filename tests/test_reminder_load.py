"""Many reminders at once: limits of one pass leave nobody out, only for later."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from support_cases.models import Reminder, ReminderMessage
from support_cases.reminders import bundles
from support_cases.reminders.bundles import bundle
from support_cases.reminders.entering import enter_due
from support_cases.reminders.occasions import Scene
from tests.factories import make_consultation, make_cooperative, make_user
from tests.reminding import make_rule

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FRIDAY, SATURDAY = date(2026, 3, 6), date(2026, 3, 7)
OFFICE = ZoneInfo("Asia/Ho_Chi_Minh")
AT_WORK = datetime(2026, 3, 6, 9, tzinfo=OFFICE)
DAY_OFF = datetime(2026, 3, 7, 9, tzinfo=OFFICE)


@pytest.fixture(autouse=True)
def rule(db):
    """The office reminds of appointments on their day, in the portal and by mail."""
    return make_rule("follow_up_due")


def appointments(officers: int, each: int) -> None:
    """Appointments due on Friday, so many for each of so many officers, entered into the ledger."""
    party = make_cooperative()
    for _ in range(officers):
        officer = make_user(email="hoang@example.vn")
        for _ in range(each):
            make_consultation(
                party, by=officer, outcome="follow_up", follow_up_on=FRIDAY, today=FRIDAY,
                held_on=FRIDAY - timedelta(days=1),
            )  # fmt: skip
    enter_due(FRIDAY)


def passes(now: datetime) -> list[int]:
    """Put into messages until a pass finds nothing; how many messages each pass made."""
    made = []
    while not made or made[-1]:
        made.append(bundle(now, Scene.on(now.date())))
    return made[:-1]


def test_on_a_day_off_what_waits_for_the_office_does_not_crowd_out_the_inboxes(monkeypatch):
    monkeypatch.setattr(bundles, "_MOST_RECIPIENTS", 2)
    appointments(officers=5, each=1)
    assert passes(DAY_OFF) == [2, 2, 1]
    assert not Reminder.objects.filter(channel="app", message__isnull=True).exists()
    assert not ReminderMessage.objects.filter(channel="mail").exists()


def test_more_people_than_one_pass_takes_are_told_by_the_next_ones(monkeypatch):
    monkeypatch.setattr(bundles, "_MOST_RECIPIENTS", 3)
    appointments(officers=4, each=1)
    assert passes(AT_WORK) == [3, 3, 2]
    assert not Reminder.objects.filter(message__isnull=True).exists()


def test_more_lines_than_one_message_takes_go_with_the_next_one(monkeypatch):
    monkeypatch.setattr(bundles, "MOST_LINES", 10)
    appointments(officers=1, each=25)
    assert passes(AT_WORK)[:2] == [2, 2]
    lengths = [message.rows.count() for message in ReminderMessage.objects.filter(channel="app").order_by("pk")]
    assert lengths == [10, 10, 5]
    assert not Reminder.objects.filter(message__isnull=True).exists()
