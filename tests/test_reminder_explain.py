"""Why a reminder went, did not go, or when the next will: the page, the command, and that they tell the truth."""

from datetime import date, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cooperatives.models import Agency, Holiday
from htx_portal.accounts.models import Role, User
from support_cases.models import Case, Reminder, ReminderMute, SignOfLife
from support_cases.referrals import refer
from support_cases.reminders.explain import explain
from support_cases.reminders.next_ones import Next, NoNext, NoReminder, next_reminder, next_reminders
from support_cases.reminders.occasions import Scene
from support_cases.workflow import take_step
from tests.contents import nothing_written
from tests.factories import make_case, make_consultation, make_user
from tests.reminding import make_rule, one_pass, shipped_rules

pytestmark = pytest.mark.django_db

OPENED = date(2023, 9, 1)
TODAY = date(2023, 9, 20)  # a Wednesday
DAY = timedelta(days=1)


def at(day: date = TODAY, hour: int = 8) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
def officer(db) -> User:
    return make_user(full_name="Hoàng Thị Thử", email="hoang@example.vn")


def case_due(officer: User, due_on: date | None = TODAY, **fields) -> Case:
    case = make_case(fields.pop("party", None), by=officer, today=OPENED, **fields)
    Case.objects.filter(pk=case.pk).update(due_on=due_on)
    return Case.objects.get(pk=case.pk)


def occasion(case: Case, code: str, on: date = TODAY, **how):
    return next(one for one in explain(case, on, **how).occasions if one.code == code)


def days(case: Case, code: str = "case_deadline", on: date = TODAY, **how):
    """The days of the only thing of an occasion."""
    [thing] = occasion(case, code, on, **how).things
    return thing.days


# --- Words ------------------------------------------------------------------------------------------------


def test_the_arithmetic_is_said_in_words(officer):
    make_rule("case_deadline", "-3, 0, 1", unit="working_day", key="han")
    case = case_due(officer)
    assert [(day.standing, day.arithmetic, day.rules) for day in days(case, on=date(2023, 9, 10))] == [
        ("ahead", "Hạn 20/09/2023 trừ 3 ngày làm việc = 15/09/2023", "han"),
        ("ahead", "Hạn 20/09/2023, nhắc đúng ngày", "han"),
        ("ahead", "Hạn 20/09/2023 cộng 1 ngày làm việc = 21/09/2023", "han"),
    ]


def test_a_day_off_is_said_with_the_day_that_takes_its_place(officer):
    make_rule("case_deadline", "-3, 3")
    Holiday.objects.create(day=date(2023, 9, 15), kind="off", name="Nghỉ")
    case = case_due(officer)
    make_rule("no_contact", "1", unit="month")
    assert [day.arithmetic for day in days(case, on=date(2023, 9, 10))] == [
        "Hạn 20/09/2023 trừ 3 ngày = 17/09/2023; 17/09/2023 là ngày nghỉ nên nhắc 14/09/2023",
        "Hạn 20/09/2023 cộng 3 ngày = 23/09/2023; 23/09/2023 là ngày nghỉ nên nhắc 25/09/2023",
    ]
    assert [day.arithmetic for day in days(case, "no_contact", on=date(2023, 9, 10))] == [
        "Từ ngày 01/09/2023 cộng 1 tháng = 01/10/2023; 01/10/2023 là ngày nghỉ nên nhắc 02/10/2023"
    ]


def test_rules_are_said_in_words_also_those_out_of_force(officer):
    make_rule("case_deadline", "-3, 0, 1", unit="working_day", key="han", grace_days=2)
    make_rule("case_deadline", "5", key="cu", valid_to=date(2022, 12, 31), audience="manager", channels="app")
    rules = occasion(case_due(officer), "case_deadline").rules
    assert {(rule.key, rule.words, rule.in_force) for rule in rules} == {
        (
            "han",
            "trước 3 ngày làm việc, đúng ngày, sau 1 ngày làm việc; nhắc Cán bộ phụ trách; Thư điện tử, Trong cổng "
            "HTX; hiệu lực từ 01/01/2022; hoãn 2 ngày sau khi vừa liên hệ",
            True,
        ),
        ("cu", "sau 5 ngày; nhắc Lãnh đạo; Trong cổng HTX; hiệu lực từ 01/01/2022 đến hết 31/12/2022", False),
    }


def test_what_happened_is_said_by_person_channel_state_and_hour(officer):
    make_rule("case_deadline")
    User.objects.filter(pk=officer.pk).update(email="")
    case = case_due(officer)
    one_pass(at())
    [day] = days(case)
    assert day.standing == "done"
    assert set(day.happened) == {
        "Hoàng Thị Thử · Trong cổng HTX: Đã gửi 08:00 20/09/2023",
        "Hoàng Thị Thử · Thư điện tử: Bỏ qua (Chưa có địa chỉ nhận)",
    }
    assert day.ahead == ""


@pytest.mark.parametrize(
    ("hold", "words", "ahead"),
    [
        ("muted", "Người nhận đã tắt nhắc", ""),
        ("own_action", "Người nhận vừa tự làm", ""),
        ("grace", "Vừa liên hệ nên hoãn đến 22/09/2023", "Sẽ nhắc Hoàng Thị Thử ngày 22/09/2023"),
    ],
)
def test_what_holds_a_reminder_back_is_said(officer, hold, words, ahead):
    make_rule("case_deadline", grace_days=2, channels="app")
    case = case_due(officer)
    if hold == "muted":
        ReminderMute.objects.create(person=officer, case=case, reason="Nghỉ", since=OPENED)
    elif hold == "own_action":
        take_step(case, "start", by=officer, today=TODAY)
    else:
        make_consultation(case.cooperative, by=officer, today=TODAY, held_on=TODAY)
    [day] = days(case)
    assert (list(day.holds), day.ahead) == ([f"Hoàng Thị Thử · Trong cổng HTX: {words}"], ahead)


def test_outside_the_hours_the_next_opening_is_named(officer):
    make_rule("case_deadline")
    case = case_due(officer, date(2023, 9, 22))
    friday_evening = at(date(2023, 9, 22), 18)
    [day] = days(case, on=friday_evening.date(), now=friday_evening)
    assert day.ahead == "Sẽ nhắc Hoàng Thị Thử ngày 25/09/2023"


def test_a_mail_that_could_not_go_is_said_with_the_hour_of_the_next_try(officer, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    make_rule("case_deadline", channels="mail")
    case = case_due(officer)
    one_pass(at())
    [day] = days(case, now=at())
    assert list(day.holds) == [
        "Hoàng Thị Thử · Thư điện tử: gửi chưa được (ConnectionRefusedError), thử lại từ 08:02 20/09/2023"
    ]


def test_why_there_is_nothing_of_an_occasion_is_said(officer):
    shipped_rules()
    case = case_due(officer, None)
    said = {one.code: one.none for one in explain(case, TODAY).occasions}
    assert said["case_deadline"] == "Hồ sơ không có hạn xử lý."
    assert said["waiting_cooperative"] == "Hồ sơ không chờ HTX bổ sung."
    assert said["follow_up_due"] == "Hiện không có việc nào để nhắc."
    assert said["no_contact"] == ""
    waiting = take_step(take_step(case, "start", by=officer, today=TODAY), "request_papers", by=officer, today=TODAY)
    assert occasion(waiting, "case_deadline").none == "Hồ sơ đang chờ HTX bổ sung nên không tính hạn."
    closed = take_step(waiting, "withdraw", by=officer, today=TODAY, note="HTX rút")
    assert occasion(closed, "case_deadline").none == "Hồ sơ đã kết thúc."


def test_without_a_rule_every_occasion_says_so(officer):
    said = {one.none for one in explain(case_due(officer), TODAY).occasions}
    # What hangs on a reporting period is no matter of a case.
    assert said == {"Không có quy tắc nào đang hiệu lực.", "Nhắc theo kỳ báo cáo, không theo hồ sơ."}


def test_processes_that_fell_silent_are_said(officer):
    case = case_due(officer)
    assert explain(case, TODAY).silent == ""
    SignOfLife.objects.create(process="worker", seen_at=timezone.now() - timedelta(hours=2))
    assert explain(case, TODAY).silent.startswith("Tiến trình gửi nhắc việc không hoạt động từ ")


def test_explaining_changes_nothing(officer):
    shipped_rules()
    case = case_due(officer)
    one_pass(at())
    with nothing_written():
        explain(case, TODAY)
        next_reminder(case, TODAY)


# --- The next one -----------------------------------------------------------------------------------------


def follow_up(case: Case, officer: User):
    make_consultation(
        case.cooperative, by=officer, today=OPENED + DAY, held_on=OPENED + DAY, cases=[case], outcome="follow_up",
        follow_up_on=date(2023, 9, 24),
    )  # fmt: skip


def waits(case: Case, officer: User):
    started = take_step(case, "start", by=officer, today=OPENED)
    take_step(started, "request_papers", by=officer, today=date(2023, 9, 15))


def referred(case: Case, officer: User):
    agency = Agency.objects.create(code="thue", kind="tax", name_vi="Chi cục Thuế", valid_from=date(2020, 1, 1))
    started = take_step(case, "start", by=officer, today=OPENED)
    refer(started, agency, "Hỏi", by=officer, today=date(2023, 9, 6), expected_on=date(2023, 9, 19))


def spoken(case: Case, officer: User):
    make_consultation(case.cooperative, by=officer, today=TODAY, held_on=TODAY)


def muted(case: Case, officer: User):
    ReminderMute.objects.create(person=officer, case=case, reason="Nghỉ", since=OPENED, until=date(2023, 9, 25))


def acted(case: Case, officer: User):
    take_step(case, "start", by=officer, today=TODAY)


def gone(case: Case, officer: User):
    User.objects.filter(pk=officer.pk).update(is_active=False)


def told_today(case: Case, officer: User):
    one_pass(at())


WORLDS = [follow_up, waits, referred, spoken, muted, acted, gone, told_today]


@pytest.mark.parametrize("due_on", [TODAY, date(2023, 9, 23), None])
@pytest.mark.parametrize("event", WORLDS, ids=[event.__name__ for event in WORLDS])
def test_what_is_said_to_be_next_is_what_the_portal_then_sends(officer, event, due_on):
    shipped_rules()
    make_user(Role.MANAGER, full_name="Nông Thị Thử", email="nong@example.vn")
    case = case_due(officer, due_on)
    event(case, officer)
    case.refresh_from_db()
    before = set(Reminder.objects.filter(state="sent").values_list("pk", flat=True))
    said = next_reminder(case, TODAY, at(hour=9))
    assert isinstance(said, Next)
    day, sent = TODAY, []
    while not sent:
        one_pass(at(day, 9))
        sent = list(
            Reminder.objects.filter(state="sent", case=case).exclude(pk__in=before).order_by("pk")
            .values_list("rule", "occurrence_on", "recipient")
        )  # fmt: skip
        day += DAY
    assert said.day == day - DAY
    mine = {row[2] for row in sent if row[:2] == (said.plan.occasion, said.plan.one.occurrence_on)}
    assert {told.person.pk for told in said.told} == mine


def test_of_two_on_one_day_it_is_always_the_same_one(officer):
    make_rule("case_deadline")
    make_rule("no_contact", "19")
    case = case_due(officer)
    said = next_reminder(case, TODAY)
    assert (said.day, said.plan.occasion) == (TODAY, "case_deadline")
    assert str(said) == "20/09/2023 – Hạn xử lý hồ sơ, nhắc Hoàng Thị Thử"


def why(case: Case) -> NoNext | None:
    said = next_reminder(case, TODAY)
    return said.why if isinstance(said, NoReminder) else None


def test_a_case_without_a_next_reminder_has_a_reason(officer):
    case = case_due(officer)
    assert why(case) == NoNext.NO_RULE
    rule = make_rule("case_deadline")
    assert why(case) is None
    User.objects.filter(pk=officer.pk).update(is_active=False)
    assert why(case) == NoNext.NOBODY
    User.objects.filter(pk=officer.pk).update(is_active=True, email="")
    rule.channels = "mail"
    rule.save()
    assert why(case) == NoNext.UNREACHABLE
    ReminderMute.objects.create(person=officer, case=case, reason="Nghỉ", since=OPENED)
    assert why(case) == NoNext.MUTED
    Case.objects.filter(pk=case.pk).update(due_on=None)
    assert why(Case.objects.get(pk=case.pk)) == NoNext.NOTHING_AHEAD
    take_step(case, "withdraw", by=officer, today=TODAY, note="HTX rút")
    assert why(Case.objects.get(pk=case.pk)) == NoNext.CLOSED


def test_an_appointment_of_two_cases_is_next_for_both(officer):
    make_rule("follow_up_due")
    one = case_due(officer)
    two = case_due(officer, party=one.cooperative)
    make_consultation(
        one.cooperative, by=officer, today=TODAY, held_on=OPENED, cases=[one, two], outcome="follow_up",
        follow_up_on=date(2023, 9, 25),
    )  # fmt: skip
    found = next_reminders([one, two], Scene.on(TODAY))
    assert [found[case.pk].day for case in (one, two)] == [date(2023, 9, 25)] * 2


def test_many_cases_are_asked_for_in_as_many_queries_as_few(officer):
    shipped_rules()
    counts = []
    for more in (2, 10):
        for _ in range(more):
            follow_up(case_due(officer), officer)
        cases = list(Case.objects.all())
        with CaptureQueriesContext(connection) as seen:
            next_reminders(cases, Scene.on(TODAY))
        counts.append(len(seen))
    assert counts[0] == counts[1]


# --- The page ---------------------------------------------------------------------------------------------


def page(case: Case, user: User, query: str = ""):
    client = Client()
    client.force_login(user)
    return client.get(f"/ho-so/{case.reference}/nhac-viec/{query}")


@pytest.fixture
def today(db) -> date:
    return timezone.localdate()


@pytest.fixture
def waiting(officer, today) -> Case:
    """A case that has been waiting for its cooperative for a week; the cooperative has somebody to be told."""
    shipped_rules()
    case = make_case(by=officer, today=today - 30 * DAY)
    started = take_step(case, "start", by=officer, today=today - 30 * DAY)
    case = take_step(started, "request_papers", by=officer, today=today - 8 * DAY)
    make_user(Role.COOPERATIVE, cooperative=case.cooperative, username="gd", full_name="Giám đốc", email="gd@x.vn")
    return case


def test_the_page_says_to_the_office_what_the_function_says(waiting, officer, today):
    one_pass(timezone.now())
    answer = page(waiting, officer)
    text = answer.content.decode()
    said = explain(waiting, today, now=timezone.now())
    assert str(said.next) in text
    for one in said.occasions:
        assert one.label in text
        for thing in one.things:
            assert all(day.arithmetic in text for day in thing.days)
    assert "Giám đốc" in text


def test_the_people_of_a_cooperative_read_only_what_is_told_to_them(waiting, officer):
    one_pass(timezone.now())
    ReminderMute.objects.create(person=officer, case=waiting, reason="Nghỉ", since=OPENED)
    text = page(waiting, User.objects.get(username="gd")).content.decode()
    main = text[text.index("<main") :]
    assert "Chờ HTX bổ sung" in main
    for unsaid in ("Hoàng Thị Thử", "tắt nhắc", "waiting-cooperative", "Lâu chưa liên hệ", "Hạn xử lý"):
        assert unsaid not in main


def test_other_cooperatives_find_no_page_and_strangers_sign_in(waiting):
    assert page(waiting, make_user(Role.COOPERATIVE, cooperative=make_case().cooperative)).status_code == 404
    assert Client().get(f"/ho-so/{waiting.reference}/nhac-viec/").status_code == 302


def test_the_page_of_the_case_links_it(waiting, officer):
    client = Client()
    client.force_login(officer)
    assert f"/ho-so/{waiting.reference}/nhac-viec/" in client.get(f"/ho-so/{waiting.reference}/").content.decode()


def test_the_ledger_is_shown_fifty_rows_a_page_and_no_row_costs_a_query(waiting, officer, today):
    def add(first: int, last: int):
        Reminder.objects.bulk_create(
            Reminder(
                rule="waiting_cooperative", subject=f"case/{waiting.pk}", anchor_on=today, recipient=officer,
                occurrence_on=date(2021, 1, 1) + n * DAY, case=waiting, cooperative=waiting.cooperative,
                channel="mail", state="sent", run_at=timezone.now(), sent_at=timezone.now(),
            )
            for n in range(first, last)
        )  # fmt: skip

    counts = []
    for first, last in ((0, 3), (3, 60)):
        add(first, last)
        with CaptureQueriesContext(connection) as seen:
            answer = page(waiting, officer)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert len(answer.context["history"]) == 50
    assert len(page(waiting, officer, "?page=2").context["history"]) == 10
    assert len(answer.content) < 50_000


# --- The command ------------------------------------------------------------------------------------------


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("explain_reminder", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_same(officer):
    shipped_rules()
    case = case_due(officer)
    text = told(case.reference.lower(), "--on", "2023-09-14")
    assert "Nhắc tiếp: 15/09/2023 – Hạn xử lý hồ sơ, nhắc Hoàng Thị Thử" in text
    assert "Hạn 20/09/2023 trừ 3 ngày làm việc = 15/09/2023 [case-deadline]" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["TCT-000000-0000"], "Không có hồ sơ TCT-000000-0000."),
        (["'; drop table"], "Không có hồ sơ '; drop table."),
        (["TCT", "--on", "2023-13-40"], "Ngày 2023-13-40 không đúng, hãy ghi như 2023-09-20."),
    ],
)
def test_a_case_or_day_that_cannot_be_is_said_in_one_line(db, arguments, words):
    with pytest.raises(CommandError) as refusal:
        told(*arguments)
    assert str(refusal.value) == words
