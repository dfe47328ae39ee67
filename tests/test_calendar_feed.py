"""A person's calendar behind a secret: who reads it, what is in it, and that reading changes nothing."""

from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from cooperatives.models import Agency, Holiday, TaxObligation
from htx_portal.accounts.models import Membership
from htx_portal.launcher.programs import programs
from htx_portal.log_lines import without_secrets
from support_cases.models import CalendarFeed, Case, Referral, Reminder, ReminderMute
from support_cases.referrals import escalate_late, refer
from support_cases.reminders.absences import enter_absence
from support_cases.reminders.agenda import MOST, agenda_for
from support_cases.reminders.entering import enter_due
from support_cases.reminders.feeds import make_feed, renew_feed, revoke_feed
from support_cases.reminders.muting import mute
from support_cases.workflow import take_step
from tests.factories import make_case, make_consultation, make_cooperative, make_user
from tests.portal_world import own_models
from tests.racing import at_once
from tests.reminding import make_rule, shipped_rules

pytestmark = pytest.mark.django_db

PAGE = "/nhac-viec/lich/"
MONDAY = date(2026, 11, 30)
MADE = timezone.make_aware(datetime.combine(date(2026, 11, 1), time(8)))


def days(count: int) -> date:
    """A day counted from Monday."""
    return MONDAY + timedelta(days=count)


def agenda(person, today: date = MONDAY) -> list[tuple[date, str]]:
    """The days in a person's calendar."""
    return [(entry.on, entry.title) for entry in agenda_for(person, today, MADE)]


def appointment(party, officer, day: date, **fields):
    """An appointment, made three weeks before Monday."""
    values = {"held_on": days(-21), "today": days(-21), "outcome": "follow_up", "follow_up_on": day}
    return make_consultation(party, by=officer, **values | fields)


def case_of(party, officer, appointment_on: date | None = None, **fields) -> Case:
    """A case opened three weeks before Monday."""
    case = make_case(party, by=officer, today=days(-21), **fields)
    Case.objects.filter(pk=case.pk).update(appointment_on=appointment_on)
    case.refresh_from_db()
    return case


def read(client, person) -> Calendar:
    """The calendar as a telephone reads it."""
    answer = client.get(f"/lich/{make_feed(person, MADE).secret}.ics")
    assert answer.status_code == 200
    return Calendar.from_ical(answer.content)


@pytest.fixture
def party():
    """A cooperative."""
    return make_cooperative("Hợp tác xã Miến dong")


@pytest.fixture
def officer():
    """An officer."""
    return make_user("staff", full_name="Đặng Thị Ưng")


# --- What is in it ------------------------------------------------------------------------------------------


def test_an_officer_finds_own_appointments_due_days_and_days_of_results(officer, party):
    other = make_user("staff")
    appointment(party, officer, days(3)), appointment(party, other, days(3))
    case_of(party, officer, title="Nâng hạng", due_on=days(5), appointment_on=days(9))
    case_of(party, other, title="Của người khác", due_on=days(5))
    assert agenda(officer) == [
        (days(3), "Hẹn làm việc tiếp: Hợp tác xã Miến dong"),
        (days(5), "Hạn xử lý: Nâng hạng (Hợp tác xã Miến dong)"),
        (days(9), "Hẹn trả kết quả: Nâng hạng (Hợp tác xã Miến dong)"),
    ]


def test_what_is_done_ended_waiting_or_of_long_ago_is_not_in_it(officer, party):
    appointment(party, officer, days(3)).follow_up.__class__.objects.update(done_on=MONDAY, done_by=officer)
    appointment(party, officer, days(-20), held_on=days(-200), today=days(-200)).follow_up.__class__.objects.filter(
        done_on=None
    ).update(due_on=days(-100))
    ended = case_of(party, officer, due_on=days(5), appointment_on=days(6))
    take_step(ended, "stop", by=officer, today=days(-20), note="Thôi.")
    waiting = case_of(party, officer, due_on=days(5))
    for step in ("start", "request_papers"):
        take_step(waiting, step, by=officer, today=days(-20), note="Thiếu giấy.")
    case_of(party, officer, due_on=days(500))
    assert agenda(officer) == []


def test_what_will_be_reminded_of_is_in_it_on_the_day_people_are_told(officer, party):
    make_rule("no_contact", "14", repeat_every=14)
    case_of(party, officer, title="Nâng hạng")
    Holiday.objects.create(day=days(7), kind="off", name="Nghỉ")
    # Opened on a Monday three weeks ago, told after fourteen days and again after twenty-eight, a holiday.
    assert agenda(officer) == [(days(8), "Chưa liên hệ với Hợp tác xã Miến dong từ ngày 09/11/2026: Nâng hạng")]


def test_an_agency_that_owes_an_answer_stands_on_its_day(officer, party):
    make_rule("referral_late", "1", unit="working_day")
    agency = Agency.objects.create(code="tax", kind="tax", name_vi="Thuế cơ sở", valid_from=date(2020, 1, 1))
    case = case_of(party, officer, title="Nâng hạng")
    refer(case, agency, "Hỏi.", by=officer, today=days(-1), expected_on=days(4))
    assert agenda(officer) == [(days(4), "Thuế cơ sở chưa trả lời (hẹn 04/12/2026): Nâng hạng")]
    rows = [(entry.url, entry.uid) for entry in agenda_for(officer, MONDAY, MADE)]
    assert rows == [
        (f"http://127.0.0.1:8000/ho-so/{case.reference}/", f"referral_late/referral/{Referral.objects.get().pk}")
    ]


def test_a_leader_finds_what_is_overdue_and_what_they_were_told_of(officer, party):
    manager = make_user("manager")
    agency = Agency.objects.create(code="tax", kind="tax", name_vi="Thuế cơ sở", valid_from=date(2020, 1, 1))
    case = case_of(party, officer, title="Nâng hạng", due_on=days(-3))
    case_of(party, manager, title="Việc của lãnh đạo", due_on=days(2))
    case_of(party, officer, title="Còn hạn", due_on=days(2))
    refer(case, agency, "Hỏi.", by=officer, today=days(-20), sent_on=days(-20), expected_on=days(-15))
    Referral.objects.update(escalated_on=days(-2))
    assert agenda(manager) == [
        (days(-3), "Quá hạn xử lý: Nâng hạng (Hợp tác xã Miến dong), Đặng Thị Ưng"),
        (days(-2), "Báo lãnh đạo: Thuế cơ sở chậm trả lời hồ sơ Nâng hạng (Hợp tác xã Miến dong)"),
        (days(2), "Hạn xử lý: Việc của lãnh đạo (Hợp tác xã Miến dong)"),
    ]
    assert escalate_late(MONDAY) == 0


def test_people_of_a_cooperative_find_their_own_and_no_day_of_the_office(officer, party):
    make_rule("waiting_cooperative", "5", repeat_every=14, audience="cooperative")
    make_rule("no_contact", "14")
    member, stranger = (
        make_user("cooperative", cooperative=party),
        make_user("cooperative", cooperative=make_cooperative()),
    )
    appointment(party, officer, days(3))
    case_of(party, officer, title="Nâng hạng", due_on=days(5), appointment_on=days(9))
    waiting = case_of(party, officer, title="Thuế", topic="tax", due_on=days(5))
    for step in ("start", "request_papers"):
        take_step(waiting, step, by=officer, today=MONDAY, note="Thiếu giấy.")
    assert agenda(member) == [
        (days(3), "Hẹn làm việc tiếp: Hợp tác xã Miến dong"),
        (days(7), "Hợp tác xã Miến dong chưa bổ sung giấy tờ từ ngày 30/11/2026: Thuế"),
        (days(9), "Hẹn trả kết quả: Nâng hạng (Hợp tác xã Miến dong)"),
    ]
    assert agenda(stranger) == []
    Membership.objects.filter(user=member).delete()
    assert agenda(member) == []


def test_the_days_of_the_register_reach_who_is_in_charge_and_the_cooperative_itself(officer, party):
    shipped_rules()
    member, other = make_user("cooperative", cooperative=party), make_user("staff")
    appointment(party, officer, days(1)), appointment(make_cooperative(), other, days(1))
    party.terms.create(started_on=date(2022, 1, 20), ends_on=date(2027, 1, 20))
    product = party.ocop_products.create(name="Miến dong", group="food", first_year=2022)
    product.ratings.create(
        criteria_version="2023", level="province", score=85, stars=4, decided_on=date(2024, 5, 9),
        valid_until=date(2027, 5, 9),
    )  # fmt: skip
    TaxObligation.objects.create(
        code="licence", title_vi="Lệ phí", title_en="Fee", frequency="year", months=1, day=30,
        legal_document="139/2016/NĐ-CP", valid_from=date(2020, 1, 1),
    )  # fmt: skip
    of_register = [
        (date(2027, 1, 20), "Nhiệm kỳ của Hợp tác xã Miến dong hết ngày 20/01/2027"),
        (date(2027, 5, 9), "Giấy chứng nhận OCOP của Miến dong"),
    ]
    mine = {title: on for on, title in agenda(officer)}
    theirs = {title: on for on, title in agenda(member)}
    for on, title in of_register:
        assert [day for words, day in mine.items() if title in words] == [on]
        assert [day for words, day in theirs.items() if title in words] == [on]
        assert [words for _on, words in agenda(other) if "Miến dong" in words] == []
    assert [on for words, on in theirs.items() if "Lệ phí" in words] == [date(2027, 2, 1)]
    assert [on for words, on in mine.items() if "Lệ phí" in words] == []


def test_a_calendar_holds_what_the_ledger_will(officer, party):
    """Whoever is told of a thing by the sweep of its day has that thing in the calendar, and nobody else."""
    shipped_rules()
    member, other = make_user("cooperative", cooperative=party), make_user("staff")
    party.terms.create(started_on=date(2022, 1, 20), ends_on=days(100))
    case_of(party, other, title="Nâng hạng")
    case_of(party, officer, title="Vốn", topic="loan")
    seen = {
        who: {(entry.uid.partition("/")[0], entry.uid.partition("/")[2]) for entry in agenda_for(who, MONDAY, MADE)}
        for who in (officer, other, member)
    }
    for ahead in range(0, 120, 6):
        enter_due(days(ahead))
    skipped = ("follow_up_due", "case_deadline")
    for who, found in seen.items():
        told = set(who.reminders.exclude(rule__in=skipped).values_list("rule", "subject"))
        assert told
        assert told <= found
        # What is further off than these days is in the calendar besides, if anything is.
        later = {entry.uid for entry in agenda_for(who, days(120), MADE)}
        assert {key for key in found - told if key[0] not in skipped} <= {tuple(uid.split("/", 1)) for uid in later}


def test_muted_matters_are_left_out_as_long_as_they_are_muted(officer, party):
    appointment(party, officer, days(3)), appointment(party, officer, days(9))
    case = case_of(
        make_cooperative("Hợp tác xã Khác"), officer, title="Nâng hạng", due_on=days(4), appointment_on=days(5)
    )
    mute(officer, party, "Chờ.", today=MONDAY, until=days(5))
    mute(officer, case, "Chờ.", today=MONDAY, occasion="no_contact")
    assert [on for on, _title in agenda(officer)] == [days(4), days(5), days(9)]
    mute(officer, case, "Chờ.", today=MONDAY)
    assert [on for on, _title in agenda(officer)] == [days(9)]


def test_a_stand_in_finds_the_days_of_who_is_away_and_those_are_gone_from_the_others(officer, party):
    make_rule("no_contact", "28")
    deputy, third = make_user("staff", full_name="Lý Văn Thay"), make_user("staff")
    case_of(party, officer, title="Nâng hạng", due_on=days(2))
    case_of(party, officer, title="Về sau", due_on=days(12))
    enter_absence(officer, third, MONDAY, days(9), "Nghỉ.", by=officer, today=MONDAY)
    enter_absence(third, deputy, MONDAY, days(9), "Nghỉ.", by=third, today=MONDAY)
    silent = "Chưa liên hệ với Hợp tác xã Miến dong từ ngày 09/11/2026: Nâng hạng (thay Đặng Thị Ưng)"
    assert (days(7), silent) in agenda(deputy)
    assert (days(2), "Hạn xử lý: Nâng hạng (Hợp tác xã Miến dong)") in agenda(deputy)
    assert agenda(officer) == [(days(12), "Hạn xử lý: Về sau (Hợp tác xã Miến dong)")]
    assert agenda(third) == []


def test_an_agenda_is_bounded_the_nearest_days_first(officer, party, monkeypatch):
    monkeypatch.setattr("support_cases.reminders.agenda.MOST", 3)
    for day in (40, 30, 1, 20, -2):
        appointment(party, officer, days(day))
    assert MOST == 500
    assert [on for on, _title in agenda(officer)] == [days(1), days(20), days(30)]
    assert [on for on, _title in agenda(officer, days(25))] == [days(20), days(30), days(40)]


def test_many_rows_take_as_many_queries_as_few(
    officer, party, django_assert_num_queries, django_assert_max_num_queries
):
    shipped_rules()
    agency = Agency.objects.create(code="tax", kind="tax", name_vi="Thuế cơ sở", valid_from=date(2020, 1, 1))

    def grow(count: int) -> None:
        for _ in range(count):
            case = case_of(make_cooperative(), officer, due_on=days(5), appointment_on=days(6))
            refer(case, agency, "Hỏi.", by=officer, today=days(-1), expected_on=days(4))
            appointment(case.cooperative, officer, days(8))
            case.cooperative.terms.create(started_on=date(2022, 1, 20), ends_on=date(2027, 1, 20))

    grow(1)
    with django_assert_max_num_queries(80) as few:
        agenda_for(officer, MONDAY, MADE)
    grow(9)
    with django_assert_num_queries(len(few)):
        assert len(agenda_for(officer, MONDAY, MADE)) > 50


# --- The file -----------------------------------------------------------------------------------------------


def test_the_file_is_a_calendar_of_whole_days_the_same_at_every_reading(client, officer, party):
    today = timezone.localdate()
    party.name = "Hợp tác xã Ưu Đãi, “Đường; Phượng”\\ " + "dài " * 20
    party.save()
    entry = make_consultation(party, by=officer, outcome="follow_up", follow_up_on=today + timedelta(days=3))
    calendar = read(client, officer)
    (event,) = calendar.walk("VEVENT")
    assert str(calendar["X-WR-CALNAME"]) == "Nhắc việc HTX – Đặng Thị Ưng"
    assert str(event["SUMMARY"]) == f"Hẹn làm việc tiếp: {party.name}".strip()
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (today + timedelta(days=3), today + timedelta(days=4))
    assert event["DTSTAMP"].dt == entry.recorded_at.replace(microsecond=0)
    assert str(event["UID"]) == f"follow_up_due-consultation-{entry.pk}@127.0.0.1"
    assert str(event["URL"]) == f"http://127.0.0.1:8000/tu-van/{entry.pk}/"
    assert calendar.walk("VALARM") == []
    address = f"/lich/{officer.calendar_feed.secret}.ics"
    first, second = client.get(address), client.get(address)
    assert first.content == second.content
    assert all(len(line) <= 75 for line in first.content.split(b"\r\n"))
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert first["Cache-Control"].startswith("private")


def test_a_day_that_moves_keeps_its_name(officer, party):
    case = case_of(party, officer, due_on=days(5))
    before = [entry.uid for entry in agenda_for(officer, MONDAY, MADE)]
    Case.objects.filter(pk=case.pk).update(due_on=days(8))
    after = agenda_for(officer, MONDAY, MADE)
    assert ([entry.uid for entry in after], after[0].on) == (before, days(8))


def test_the_file_speaks_the_language_of_its_person(client, officer, party):
    officer.language = "en"
    officer.save()
    assert read(client, officer)["PRODID"]
    assert client.get(f"/lich/{officer.calendar_feed.secret}.ics", headers={"Accept-Language": "vi"}).status_code == 200


def test_reading_writes_nothing(client, officer, party):
    make_consultation(party, by=officer, outcome="follow_up", follow_up_on=timezone.localdate())
    feed = make_feed(officer, MADE)
    before = {model: list(model._default_manager.order_by("pk").values()) for model in own_models()}
    for ask in (client.get, client.head):
        assert ask(f"/lich/{feed.secret}.ics").status_code == 200
    assert before == {model: list(model._default_manager.order_by("pk").values()) for model in own_models()}
    assert client.head(f"/lich/{feed.secret}.ics").content == b""
    assert not client.cookies


# --- Who reads it -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", ["x" * 43, "a" * 20, "ngắn", "x", "%00" * 30, "../" * 10, "x" * 5000])
def test_a_wrong_secret_finds_nothing(client, officer, secret):
    make_feed(officer, MADE)
    assert client.get(f"/lich/{secret}.ics").status_code == 404


def test_only_reading_is_answered(client, officer):
    address = f"/lich/{make_feed(officer, MADE).secret}.ics"
    assert [getattr(client, method)(address).status_code for method in ("post", "put", "delete", "patch")] == [405] * 4


def test_an_account_that_ended_is_read_no_more_and_a_new_role_counts_at_once(client, officer, party):
    case = make_case(party, by=officer, due_on=timezone.localdate() + timedelta(days=3), title="Việc của cơ quan")
    assert len(read(client, officer).walk("VEVENT")) == 1
    officer.role = "cooperative"
    officer.save()
    assert read(client, officer).walk("VEVENT") == []
    officer.is_active = False
    officer.save()
    assert client.get(f"/lich/{officer.calendar_feed.secret}.ics").status_code == 404
    assert case.officer == officer


def test_the_page_makes_renews_and_takes_back(client, officer):
    client.force_login(officer)
    assert "Tạo địa chỉ lịch" in client.get(PAGE).text
    for _ in range(2):
        client.post(PAGE, {"act": "make"})
    first = CalendarFeed.objects.get()
    page = client.get(PAGE)
    assert f"http://127.0.0.1:8000/lich/{first.secret}.ics" in page.text
    assert f'href="webcal://127.0.0.1:8000/lich/{first.secret}.ics"' in page.text
    assert "<svg" in page.text and "no-store" in page["Cache-Control"]
    for _ in range(2):
        client.post(PAGE, {"act": "renew", "secret": first.secret})
    second = CalendarFeed.objects.get()
    stranger = Client()
    assert second.secret != first.secret
    assert [stranger.get(f"/lich/{feed.secret}.ics").status_code for feed in (first, second)] == [404, 200]
    client.post(PAGE, {"act": "renew", "secret": "\x00" * 43})
    assert CalendarFeed.objects.get() == second
    client.post(PAGE, {"act": "revoke"})
    client.post(PAGE, {"act": "revoke"})
    assert stranger.get(f"/lich/{second.secret}.ics").status_code == 404
    assert client.post(PAGE, {"act": "x"}).status_code == client.post(PAGE).status_code == 302


def test_each_has_their_own_and_nobody_another_ones(client, officer):
    theirs = make_feed(officer, MADE)
    for role in ("staff", "manager", "admin", "cooperative"):
        client.force_login(make_user(role))
        client.post(PAGE, {"act": "renew", "secret": theirs.secret})
        client.post(PAGE, {"act": "revoke"})
        assert theirs.secret not in client.get(PAGE).text
    theirs.refresh_from_db()
    assert CalendarFeed.objects.get().secret == theirs.secret


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_and_renew_once(officer):
    feeds = at_once(*[lambda: make_feed(officer, MADE)] * 3)
    assert {feed.secret for feed in feeds} == {CalendarFeed.objects.get().secret}
    assert sorted(at_once(*[lambda: renew_feed(officer, feeds[0].secret, MADE)] * 3)) == [False, False, True]
    assert sorted(at_once(*[lambda: revoke_feed(officer)] * 3)) == [False, False, True]


def test_no_log_holds_a_secret(officer, tmp_path):
    secret = make_feed(officer, MADE).secret
    line = f'[28/Nov/2026] "GET /lich/{secret}.ics" 200; https://htx.example.vn/lich/{secret}.ics?x=1'
    assert without_secrets(line) == '[28/Nov/2026] "GET /lich/…" 200; https://htx.example.vn/lich/…?x=1'
    assert without_secrets("/nhac-viec/lich/ /htx/12/lich-thue/") == "/nhac-viec/lich/ /htx/12/lich-thue/"
    (web,) = [program for program in programs(tmp_path, 8000, own_broker=False) if program.name == "web"]
    assert web.command[web.command.index("--logger-class") + 1] == "htx_portal.launcher.web_log.WebLog"
    assert not Reminder.objects.exists() and not ReminderMute.objects.exists()
