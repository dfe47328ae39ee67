"""Estimates of a running period: who enters them, when, and that they stand apart."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from cooperatives.errors import InvalidEntry, NotAllowedNow
from htx_portal.accounts.models import Role
from support_cases.estimates import Seen, record_estimates
from support_cases.models import PeriodEstimate
from support_cases.overtaking import Overtaken
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Period, Span
from support_cases.reports.summary import SUMMARY
from tests.contents import nothing_written
from tests.factories import make_user
from tests.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2024, 6, 20)
NOW = datetime(2024, 6, 20, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
JUNE = Period.parse("2024-06", MONTH)


def estimate(values: dict, period: Period = JUNE, **how) -> list[PeriodEstimate]:
    told = {"today": TODAY, "now": NOW} | how
    return record_estimates(period, values, **({"by": make_user(Role.MANAGER)} | told if "by" not in told else told))


def known() -> dict[str, int]:
    return dict(PeriodEstimate.objects.values_list("measure", "value"))


def test_estimates_are_entered_changed_and_taken_back():
    estimate({"consultations": 10, "disbursed": 5})
    estimate({"consultations": 12, "disbursed": None})
    assert known() == {"consultations": 12}


def test_what_is_said_again_keeps_who_said_it_first():
    estimate({"consultations": 10})
    estimate({"consultations": 10}, now=NOW + timedelta(hours=2))
    assert PeriodEstimate.objects.get().entered_at == NOW


@pytest.mark.parametrize(
    ("period", "today"),
    [
        (JUNE, date(2024, 5, 31)),
        (JUNE, date(2024, 7, 1)),
        (Period.parse("2024-06", ADMINISTRATIVE), date(2024, 6, 15)),
        (Period.from_day_to_day(MONTH, date(2024, 6, 3), date(2024, 6, 29)), TODAY),
    ],
    ids=["before", "over", "over in its own calendar", "of days"],
)
def test_only_a_running_period_of_whole_months_is_estimated(period, today):
    with nothing_written(), pytest.raises(NotAllowedNow):
        estimate({"consultations": 10}, period, today=today, by=None)


@pytest.mark.parametrize(
    ("values", "note", "field"),
    [
        ({"consultations": -1}, "", "consultations"),
        ({"consultations": 10**15 + 1}, "", "consultations"),
        ({"happiness": 1}, "", "happiness"),
        ({"consultations": 1}, "x" * 201, "note"),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(values, note, field):
    with nothing_written(), pytest.raises(InvalidEntry) as refusal:
        estimate(values, note=note, by=None)
    assert list(refusal.value.problems) == [field]


@pytest.mark.django_db(transaction=True)
def test_of_two_estimates_at_once_one_stands():
    manager = make_user(Role.MANAGER)
    at_once(*[lambda n=n: estimate({"consultations": n}, by=manager) for n in (10, 11)])
    assert list(known().values()) in ([10], [11])


@pytest.mark.django_db(transaction=True)
def test_of_two_who_start_from_nothing_at_once_one_is_told():
    manager = make_user(Role.MANAGER)
    acts = [lambda n=n: estimate({"consultations": n}, by=manager, seen=Seen({})) for n in (10, 11)]
    assert sorted(type(one).__name__ for one in at_once(*acts)) == ["Overtaken", "list"]
    assert list(known().values()) in ([10], [11])


def test_only_what_the_sender_changed_is_written():
    estimate({"consultations": 10, "disbursed": 5})
    seen = Seen({"consultations": 10, "disbursed": 5})
    estimate({"consultations": 12, "disbursed": 5, "cooperatives": 7}, seen=seen)
    estimate({"consultations": 10, "disbursed": None, "cooperatives": None}, seen=seen)
    assert known() == {"consultations": 12, "cooperatives": 7}


@pytest.mark.parametrize("typed", [None, 11])
def test_whoever_changes_what_was_changed_since_is_told_and_writes_nothing(typed):
    estimate({"consultations": 12})
    with nothing_written(), pytest.raises(Overtaken) as refusal:
        estimate({"consultations": typed, "disbursed": 1}, seen=Seen({"consultations": 10}), by=None)
    assert refusal.value.there == {"consultations": 12}


def test_a_new_note_goes_with_all_that_is_estimated():
    estimate({"consultations": 10, "disbursed": 5}, note="Cũ")
    seen = Seen({"consultations": 10, "disbursed": 5}, "Cũ")
    estimate({"consultations": 10, "disbursed": 5}, note="Mới", seen=seen)
    assert set(PeriodEstimate.objects.values_list("value", "note")) == {(10, "Mới"), (5, "Mới")}


# --- The page ----------------------------------------------------------------------------------------------


def address(span: Span, calendar: str = MONTH) -> str:
    period = Period.containing(timezone.localdate(), calendar, span)
    return f"{reverse('support:estimates')}?period={period.code}&calendar={calendar}"


def test_a_manager_estimates_the_running_quarter_and_sees_it_in_the_summary(client):
    client.force_login(make_user(Role.MANAGER, full_name="Triệu Thị Ước"))
    answer = client.post(address(Span.QUARTER), {"consultations": "1.200", "disbursed": "1,5 tỷ", "note": "Kế hoạch"})
    assert answer.status_code == 302
    assert known() == {"consultations": 1200, "disbursed": 1_500_000_000}
    page = client.get(answer["Location"]).text
    assert page.count("350tr đều được") == 1  # only money is asked for in words of money
    assert 'value="1.200"' in page and "Triệu Thị Ước" in page
    quarter = Period.containing(timezone.localdate(), MONTH, Span.QUARTER)
    summary = client.get(reverse("support:report-kind", args=[SUMMARY]) + f"?period={quarter.code}").text
    assert "1.500.000.000" in summary


@pytest.mark.parametrize("typed", ["nhiều", "350tr", "-5", "1e9", "9" * 300, "\x00"])
def test_what_is_no_number_is_refused_beside_it_and_kept(client, typed):
    client.force_login(make_user(Role.MANAGER))
    answer = client.post(address(Span.MONTH), {"consultations": typed})
    assert answer.status_code == 200
    assert "consultations" in answer.context["form"].errors
    assert known() == {}


@pytest.mark.parametrize("query", ["", "?period=1999-01", "?period=x&calendar=y", "?period=2024-06"])
def test_any_other_period_shows_the_running_month(client, query):
    client.force_login(make_user(Role.ADMIN))
    answer = client.get(reverse("support:estimates") + query)
    month = Period.containing(timezone.localdate(), MONTH, Span.MONTH)
    assert f"{month.start:%d/%m/%Y}" in answer.text


def test_a_stale_form_takes_nothing_back_and_is_told_where_it_was_overtaken(client):
    client.force_login(make_user(Role.MANAGER))
    client.post(address(Span.MONTH), {"consultations": "10"})
    stale = client.get(address(Span.MONTH)).context["form"]["seen"].value()
    client.post(address(Span.MONTH), {"consultations": "12", "disbursed": "5tr", "seen": stale})
    typed = {"consultations": "11", "cooperatives": "3", "seen": stale}
    answer = client.post(address(Span.MONTH), typed)
    assert known() == {"consultations": 12, "disbursed": 5_000_000}
    assert 'value="11"' in answer.text and "Người khác vừa ghi 12." in answer.text
    typed["seen"] = answer.context["form"]["seen"].value()
    assert client.post(address(Span.MONTH), typed).status_code == 302
    assert known() == {"consultations": 11, "disbursed": 5_000_000, "cooperatives": 3}


@pytest.mark.parametrize("seen", ["x", "consultations:²", "consultations:" + "9" * 5000, ":", "consultations:10:1"])
def test_a_form_that_says_nonsense_of_what_it_saw_overwrites_nothing(client, seen):
    client.force_login(make_user(Role.MANAGER))
    client.post(address(Span.MONTH), {"consultations": "10"})
    assert client.post(address(Span.MONTH), {"consultations": "11", "seen": seen}).status_code == 200
    assert known() == {"consultations": 10}


def test_staff_and_cooperatives_do_not_estimate(client):
    for role in (Role.STAFF, Role.COOPERATIVE):
        client.force_login(make_user(role))
        assert client.post(address(Span.MONTH), {"consultations": "5"}).status_code == 403
    assert known() == {}
