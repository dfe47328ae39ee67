"""Targets of a year: who sets them, what is kept of it, and what the reports make of them."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from cooperatives.errors import InvalidEntry
from htx_portal.accounts.models import Role
from support_cases.closings import close_period, counted_at
from support_cases.models import TargetChange, YearlyTarget
from support_cases.overtaking import Overtaken
from support_cases.reports.answers import answer
from support_cases.reports.periods import MONTH, Period
from support_cases.reports.summary import SUMMARY
from support_cases.targets import Target, set_targets, targets_of
from tests.contents import nothing_written
from tests.factories import make_consultation, make_user
from tests.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOW = datetime(2024, 1, 5, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
TODAY = date(2024, 6, 20)
PLAN = "12/KH-UBND"
JANUARY = Period.parse("2024-01", MONTH)


def plan(targets: dict, *, year: int = 2024, now: datetime = NOW, seen=None, by=None) -> list[TargetChange]:
    return set_targets(year, targets, by=by or make_user(Role.MANAGER), now=now, seen=seen)


def log() -> list[tuple]:
    rows = TargetChange.objects.order_by("pk")
    return list(rows.values_list("measure", "was_value", "was_decision", "value", "decision"))


def test_targets_are_set_changed_and_taken_back_and_all_of_it_is_on_record():
    plan({"consultations": Target(140, PLAN), "disbursed": Target(5)})
    plan({"consultations": Target(150, "40/QĐ"), "disbursed": None}, now=NOW + timedelta(days=90))
    assert targets_of(2024) == {"consultations": Target(150, "40/QĐ")}
    assert log() == [
        ("consultations", None, "", 140, PLAN),
        ("disbursed", None, "", 5, ""),
        ("consultations", 140, PLAN, 150, "40/QĐ"),
        ("disbursed", 5, "", None, ""),
    ]


def test_who_set_a_target_and_when_is_kept():
    leader = make_user(Role.MANAGER)
    plan({"consultations": Target(140)}, by=leader)
    assert list(TargetChange.objects.values_list("changed_by", "changed_at")) == [(leader.pk, NOW)]


def test_what_is_said_again_is_not_logged_again():
    leader = make_user(Role.MANAGER)
    plan({"consultations": Target(140, PLAN), "cooperatives": None}, by=leader)
    with nothing_written():
        assert plan({"consultations": Target(140, f" {PLAN} "), "cooperatives": None}, by=leader) == []


@pytest.mark.parametrize(
    ("targets", "year", "field"),
    [
        ({"consultations": Target(-1)}, 2024, "consultations"),
        ({"consultations": Target(10**15 + 1)}, 2024, "consultations"),
        ({"happiness": Target(1)}, 2024, "happiness"),
        ({"happiness": None}, 2024, "happiness"),
        ({"consultations": Target(1, "x" * 161)}, 2024, "consultations_decision"),
        ({"consultations": Target(1)}, 1999, "year"),
        ({"consultations": Target(1)}, 2101, "year"),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(targets, year, field):
    leader = make_user(Role.MANAGER)
    with nothing_written(), pytest.raises(InvalidEntry) as refusal:
        plan(targets, year=year, by=leader)
    assert list(refusal.value.problems) == [field]


def test_only_what_the_sender_changed_is_written():
    plan({"consultations": Target(10), "disbursed": Target(5)})
    seen = {"consultations": Target(10), "disbursed": Target(5)}
    plan({"consultations": Target(12), "disbursed": Target(5), "cooperatives": Target(7)}, seen=seen)
    plan({"consultations": Target(10), "disbursed": None, "cooperatives": None}, seen=seen)
    assert targets_of(2024) == {"consultations": Target(12), "cooperatives": Target(7)}


@pytest.mark.parametrize("typed", [None, Target(11), Target(12, "another paper")])
def test_whoever_changes_what_was_changed_since_is_told_and_writes_nothing(typed):
    leader = make_user(Role.MANAGER)
    plan({"consultations": Target(12)})
    with nothing_written(), pytest.raises(Overtaken) as refusal:
        plan({"consultations": typed, "disbursed": Target(1)}, seen={"consultations": Target(10)}, by=leader)
    assert refusal.value.there == {"consultations": Target(12)}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_set_a_target_at_once_the_log_tells_both_in_order():
    leader = make_user(Role.MANAGER)
    at_once(*[lambda n=n: plan({"consultations": Target(n)}, by=leader) for n in (10, 11)])
    (_measure, _was, _paper, first, _), (_measure, was, _paper, last, _) = log()
    assert (was, sorted([first, last]), targets_of(2024)) == (first, [10, 11], {"consultations": Target(last)})


@pytest.mark.django_db(transaction=True)
def test_of_two_who_start_from_nothing_at_once_one_is_told():
    leader = make_user(Role.MANAGER)
    acts = [lambda n=n: plan({"consultations": Target(n)}, by=leader, seen={}) for n in (10, 11)]
    assert sorted(type(one).__name__ for one in at_once(*acts)) == ["Overtaken", "list"]
    assert len(log()) == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_target_set_twice_at_once_is_set_once():
    leader = make_user(Role.MANAGER)
    at_once(*[lambda: plan({"consultations": Target(10)}, by=leader, seen={})] * 2)
    assert log() == [("consultations", None, "", 10, "")]


# --- What the reports make of them -------------------------------------------------------------------------


def target_in_report(**asked) -> int | None:
    found = answer(SUMMARY, JANUARY, frame="2022", today=TODAY, **asked)
    return found.table("measures").value("consultations", "target")


def test_a_past_day_is_told_the_target_of_that_day():
    YearlyTarget.objects.create(year=2024, measure="first_time", value=3)  # from before changes were kept
    for months, target in ((0, Target(140)), (2, Target(150)), (4, None)):
        plan({"consultations": target}, now=NOW + timedelta(days=30 * months))
    days = (date(2024, 1, 4), date(2024, 1, 5), date(2024, 3, 4), date(2024, 3, 5), date(2024, 6, 1))
    assert [target_in_report(as_of=day) for day in days] == [None, 140, 140, 150, None]
    assert target_in_report() is None


def test_a_closed_period_keeps_the_target_it_was_closed_with():
    leader = make_user(Role.MANAGER)
    plan({"consultations": Target(140)}, by=leader)
    close_period(JANUARY, by=leader, today=TODAY)
    plan({"consultations": Target(999)}, by=leader, now=timezone.now())
    assert target_in_report() == 140


def test_a_target_asked_for_before_a_closing_and_set_after_it_is_not_in_its_figures():
    leader, clicked = make_user(Role.MANAGER), timezone.now()
    closing = close_period(JANUARY, by=leader, today=TODAY)
    plan({"consultations": Target(140)}, by=leader, now=clicked)
    assert TargetChange.objects.get().changed_at >= closing.closed_at
    assert counted_at(SUMMARY, JANUARY, closing.closed_at)["target"] == {}


# --- The page ----------------------------------------------------------------------------------------------

ADDRESS = "/bao-cao/chi-tieu-ke-hoach/?nam=2024"


def test_a_manager_sets_the_targets_of_a_year_and_the_summary_has_their_percent(client):
    client.force_login(make_user(Role.MANAGER, full_name="Triệu Thị Kế"))
    typed = {"consultations": "1.200", "disbursed": "1,2 tỷ", "stars_won": "6", "decision": PLAN}
    answered = client.post(ADDRESS, typed | {"stars_won_decision": "7/QĐ"})
    assert (answered.status_code, answered["Location"]) == (302, ADDRESS)
    assert targets_of(2024) == {
        "consultations": Target(1200, PLAN),
        "disbursed": Target(1_200_000_000, PLAN),
        "stars_won": Target(6, "7/QĐ"),
    }
    page = client.get(ADDRESS).text
    assert page.count("1,2 tỷ đều được") == 1  # only money is asked for in words of money
    assert 'value="1.200"' in page and page.count("Triệu Thị Kế") >= 3
    summary = client.get(reverse("support:report-kind", args=[SUMMARY]) + "?period=2024-06").text
    assert "1.200.000.000" in summary and f'href="{ADDRESS}"' in summary


def sent(client) -> dict[str, str]:
    """Return what the browser of somebody who changes nothing would send."""
    form = client.get(ADDRESS).context["form"]
    return {field.html_name: str(field.value() or "") for field in form}


def test_saving_again_without_a_change_writes_nothing(client):
    client.force_login(make_user(Role.MANAGER))
    plan({"consultations": Target(1200, PLAN)})
    typed = sent(client)
    before = log()
    assert client.post(ADDRESS, typed).status_code == 302
    assert log() == before


def test_a_stale_form_takes_nothing_back_and_is_told_where_it_was_overtaken(client):
    client.force_login(make_user(Role.MANAGER))
    plan({"consultations": Target(10)})
    typed = sent(client)
    plan({"consultations": Target(12, PLAN), "disbursed": Target(5)})
    typed |= {"consultations": "11", "cooperatives": "3"}
    answered = client.post(ADDRESS, typed)
    assert targets_of(2024) == {"consultations": Target(12, PLAN), "disbursed": Target(5)}
    assert 'value="11"' in answered.text and f"Người khác vừa ghi 12 ({PLAN})." in answered.text
    typed = {field.html_name: str(field.value() or "") for field in answered.context["form"]}
    assert client.post(ADDRESS, typed).status_code == 302
    assert targets_of(2024) == {"consultations": Target(11), "disbursed": Target(5), "cooperatives": Target(3)}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        *[({"consultations": bad}, "consultations") for bad in ("nhiều", "350tr", "-5", "1e9", "9" * 300, "\x00")],
        ({"disbursed": "2000000 tỷ"}, "disbursed"),
        ({"consultations": "5", "consultations_decision": "\x00"}, "consultations_decision"),
        ({"consultations": "5", "decision": "x" * 161}, "decision"),
        ({"consultations_decision": PLAN}, "consultations"),
    ],
)
def test_what_cannot_be_read_is_refused_beside_it(client, typed, field):
    client.force_login(make_user(Role.MANAGER))
    answered = client.post(ADDRESS, typed)
    assert answered.status_code == 200
    assert list(answered.context["form"].errors) == [field]
    assert targets_of(2024) == {}


@pytest.mark.parametrize("seen", ["x", "²", "9" * 5000, "-1", "10 "])
def test_a_form_that_says_nonsense_of_what_it_saw_overwrites_nothing(client, seen):
    client.force_login(make_user(Role.MANAGER))
    plan({"consultations": Target(12)})
    assert client.post(ADDRESS, {"consultations": "11", "consultations_seen": seen}).status_code == 200
    assert targets_of(2024) == {"consultations": Target(12)}


@pytest.mark.parametrize("year", ["", "1999", "2101", "x", "²⁰²⁴", "2024.0", "\x00", "9" * 500])
def test_any_other_year_shows_this_one(client, year):
    client.force_login(make_user(Role.ADMIN))
    assert client.get("/bao-cao/chi-tieu-ke-hoach/", {"nam": year}).context["year"] == str(timezone.localdate().year)


@pytest.mark.parametrize("year", ["2000", "2100"])
def test_the_first_and_the_last_year_can_be_planned(client, year):
    client.force_login(make_user(Role.MANAGER))
    address = f"/bao-cao/chi-tieu-ke-hoach/?nam={year}"
    assert client.post(address, {"consultations": "5"}).status_code == 302
    assert client.get(address).context["year"] == year


def test_staff_see_the_targets_and_do_not_set_them(client):
    client.force_login(make_user(Role.STAFF))
    plan({"consultations": Target(1234, PLAN)})
    page = client.get(ADDRESS)
    assert "1.234" in page.text and PLAN in page.text and "<form class=" not in page.text
    with nothing_written():
        assert client.post(ADDRESS, {"consultations": "5"}).status_code == 403


@pytest.mark.parametrize("address", [ADDRESS, "/bao-cao/uoc-thuc-hien/"])
def test_what_was_counted_beside_the_plan_opens_into_its_entries(client, address):
    today = timezone.localdate()
    client.force_login(make_user(Role.MANAGER))
    make_consultation(held_on=date(2024, 2, 1) if "2024" in address else today)
    found = {link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)">1</a>', client.get(address).text)}
    doors = {reverse("support:consultations"), reverse("support:report-cooperatives")}
    assert {link.partition("?")[0] for link in found} == doors
    assert [client.get(link).context["page"].paginator.count for link in found] == [1] * len(found)


def test_people_of_cooperatives_do_not_see_the_targets(client):
    client.force_login(make_user(Role.COOPERATIVE))
    assert client.get(ADDRESS).status_code == 403


def test_the_page_asks_as_much_for_a_long_log_as_for_a_short_one(client, django_assert_max_num_queries):
    client.force_login(make_user(Role.MANAGER))
    leaders = [make_user(Role.MANAGER) for _ in range(3)]
    for turn in range(30):
        plan({"consultations": Target(turn + 1)}, by=leaders[turn % 3])
    client.get(ADDRESS)
    with django_assert_max_num_queries(45):
        page = client.get(ADDRESS)
    assert len(page.context["page"]) == 25
