"""Closing a month: only one that is over, and what comes in afterwards is named."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from htx_portal.accounts.models import Role
from support_cases.models import Closing
from support_cases.reports.periods import MONTH, Month, Period
from support_cases.reports.served import served
from tests.factories import make_consultation, make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]
AUGUST = Period(MONTH, Month(2023, 8), Month(2023, 8))


def close(month: str, calendar: str = MONTH, days_ago: int = 0) -> Closing:
    """Close a month as it would have been ``days_ago``."""
    row = Closing.objects.create(calendar=calendar, month=month, closed_by=make_user(Role.ADMIN))
    Closing.objects.filter(pk=row.pk).update(closed_at=timezone.now() - timedelta(days=days_ago))
    return row


def report(period=AUGUST):
    """The report as it reads today."""
    return served(period, frame="2022", today=timezone.localdate())


def test_a_period_is_closed_when_each_of_its_months_is_in_its_own_calendar():
    close("2023-08")
    close("2023-07", "administrative")
    assert report().closed_on == timezone.localdate()
    assert report(Period(MONTH, Month(2023, 7), Month(2023, 8))).closed_on is None
    close("2023-07", days_ago=40)
    assert report(Period(MONTH, Month(2023, 7), Month(2023, 8))).closed_on == timezone.localdate()


def test_what_is_recorded_after_the_closing_is_counted_and_named_with_a_link_to_what_was_closed(client):
    cooperative = make_cooperative()
    early = make_consultation(cooperative, held_on=date(2023, 8, 10))
    type(early).objects.filter(pk=early.pk).update(recorded_at=timezone.now() - timedelta(days=9))
    close("2023-08", days_ago=5)
    make_consultation(cooperative, held_on=date(2023, 8, 20))
    assert (report().consultations, report().recorded_late) == (2, 1)
    client.force_login(make_user(Role.MANAGER))
    page = client.get("/bao-cao/?from=2023-08&to=2023-08").content.decode()
    assert "Có 1 lượt ghi sau khi chốt" in page
    closed_on = timezone.localdate() - timedelta(days=5)
    then = served(AUGUST, frame="2022", today=timezone.localdate(), as_of=closed_on)
    assert (then.consultations, then.recorded_late) == (1, 0)
    assert f"as_of={closed_on.isoformat()}" in page


@pytest.mark.parametrize("written", ["2023-08", "08/2023"])
def test_an_administrator_closes_a_month_that_is_over_however_it_is_written(client, written):
    client.force_login(make_user(Role.ADMIN))
    answer = client.post("/quan-tri/support_cases/closing/add/", {"calendar": "month", "month": written})
    assert (answer.status_code, Closing.objects.get().month) == (302, "2023-08")


@pytest.mark.parametrize("written", ["2099-01", "13/2023", "tháng 8", ""])
def test_a_month_not_over_or_not_readable_is_refused_beside_its_field(client, written):
    client.force_login(make_user(Role.ADMIN))
    answer = client.post("/quan-tri/support_cases/closing/add/", {"calendar": "month", "month": written})
    assert (answer.status_code, Closing.objects.count()) == (200, 0)
    assert "errorlist" in answer.content.decode()


@pytest.mark.parametrize(
    ("unit", "value", "taken"),
    [
        ("working_day", "10", True), ("working_day", "abc", False), ("working_day", "-1", False),
        ("times_minimum_wage", "1.5", True), ("percent", "1,5", False), ("date", "2026-01-01", True),
        ("date", "01/01/2026", False), ("text", "cao đẳng", True),
    ],
)  # fmt: skip
def test_a_rule_takes_only_values_of_its_unit(client, unit, value, taken):
    client.force_login(make_user(Role.ADMIN))
    sent = {"key": "some.rule", "value": value, "unit": unit, "valid_from": "01/01/2024", "confidence": "U"}
    answer = client.post("/quan-tri/cooperatives/legalrule/add/", sent)
    assert answer.status_code == (302 if taken else 200)
