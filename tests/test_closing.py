"""Closing a period: its figures are kept with their rule and a digest, and stay what they were."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cooperatives.errors import InvalidEntry, NotAllowedNow
from htx_portal.accounts.models import Role
from support_cases.closings import AlreadyClosed, close_period, digest_of, reopen_period
from support_cases.corrections import void_consultation
from support_cases.models import Closing
from support_cases.reports.office import period_of
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Month, Period
from support_cases.reports.served import served
from tests.factories import make_consultation, make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]
AUGUST = Period(MONTH, Month(2023, 8), Month(2023, 8))


def close(period=AUGUST) -> Closing:
    """Close a period now."""
    return close_period(period, by=make_user(Role.MANAGER), today=timezone.localdate())


def report(period=AUGUST, as_of=None):
    """The report as it reads today."""
    return served(period, frame="2022", today=timezone.localdate(), as_of=as_of)


def test_a_closing_keeps_the_figures_with_their_rule_and_a_digest():
    make_consultation(held_on=date(2023, 8, 10))
    closing = close()
    assert closing.figures["served"]["total"] == {"": [1, 1]}
    assert closing.digest == digest_of(AUGUST, closing.figures, closing.names)
    assert closing.names["rule"]["served"].startswith("Một HTX")
    assert period_of(closing) == AUGUST


def test_a_closed_period_answers_what_was_closed_whatever_came_in_or_was_taken_back_since():
    cooperative = make_cooperative()
    row = make_consultation(cooperative, held_on=date(2023, 8, 10))
    close()
    make_consultation(cooperative, held_on=date(2023, 8, 20))
    make_consultation(cooperative, held_on=date(2023, 8, 21))
    void_consultation(row, by=make_user(), reason="Ghi nhầm", now=timezone.now())
    assert (report().consultations, report().recorded_late, report().voided_late) == (1, 2, 1)
    assert report(Period(MONTH, Month(2023, 7), Month(2023, 8))).consultations == 2


def test_a_running_period_days_and_a_closed_period_cannot_be_closed():
    this_month = Month.containing(timezone.localdate(), MONTH)
    for period in (
        Period(MONTH, this_month, this_month),
        Period(MONTH, Month(2023, 8), Month(2023, 8), (date(2023, 8, 2), date(2023, 8, 9))),
    ):
        with pytest.raises(NotAllowedNow):
            close(period)
    close()
    with pytest.raises(AlreadyClosed):
        close()
    assert Closing.objects.count() == 1


def test_a_closing_is_reopened_with_a_reason_once_and_kept():
    make_consultation(held_on=date(2023, 8, 10))
    closing, manager = close(), make_user(Role.MANAGER)
    make_consultation(held_on=date(2023, 8, 20))
    with pytest.raises(InvalidEntry):
        reopen_period(closing, by=manager, reason="  ", now=timezone.now())
    reopen_period(closing, by=manager, reason="Thiếu một huyện", now=timezone.now())
    with pytest.raises(NotAllowedNow):
        reopen_period(closing, by=manager, reason="Lần nữa", now=timezone.now())
    assert (report().consultations, report().closed) == (2, False)
    again = close()
    assert [row.reopen_reason for row in Closing.objects.order_by("pk")] == ["Thiếu một huyện", ""]
    assert again.figures["served"]["total"] == {"": [2, 2]}


def test_a_longer_period_is_closed_by_its_own_closing_in_its_own_calendar():
    july = Month(2023, 7)
    close()
    close(Period(MONTH, july, july))
    both = Period(MONTH, july, Month(2023, 8))
    # Its figures would still change.
    assert (report(both).closed_on, report(both).closed) == (None, False)
    close(both)
    assert report(both).closed_on == timezone.localdate()
    assert report(Period(ADMINISTRATIVE, july, july)).closed_on is None


def test_a_day_before_the_closing_shows_what_was_known_then():
    row = make_consultation(held_on=date(2023, 8, 10))
    type(row).objects.filter(pk=row.pk).update(recorded_at=timezone.now() - timedelta(days=9))
    make_consultation(held_on=date(2023, 8, 11))
    close()
    assert report(as_of=timezone.localdate() - timedelta(days=3)).consultations == 1
    assert (report().consultations, report().closed) == (2, True)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "31/12/2099"])
@pytest.mark.parametrize(
    "address",
    [
        "/bao-cao/?period=2023-08", "/bao-cao/qua-han-ton-dong/?from=2023-08", "/api/v1/reports/served/?period=2023-08",
        "/api/v1/reports/attention/?from=2023-08", "/api/v1/reports/flow/?from=2023-08",
        "/bao-cao/qua-han-ton-dong/sau-so/?bang=stale&dong=a&cot=n&period=2023-08",
    ],
)  # fmt: skip
def test_a_day_of_knowledge_out_of_all_time_is_answered(client, address, day):
    client.force_login(make_user(Role.MANAGER))
    # A day before there are days is refused in words, by the page itself or the one it leads back to.
    answers = (200, 404) if day != "0001-01-01" else (200, 302, 400)
    assert client.get(f"{address}&as_of={day}").status_code in answers


def test_a_day_of_knowledge_that_has_not_come_means_now():
    assert report(as_of=date(2099, 12, 31)).as_of == timezone.localdate()
