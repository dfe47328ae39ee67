"""Asked again at sending: whether it still stands, whom it is for, whether this is a day and an hour for it."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from cooperatives.models import Agency, Holiday, LegalRule
from htx_portal.accounts.models import Role, User
from support_cases.consultations import finish_follow_up
from support_cases.corrections import void_consultation
from support_cases.models import (
    Absence,
    Case,
    FollowUp,
    RefusedAddress,
    Reminder,
    ReminderMessage,
    ReminderMute,
    ReminderRule,
)
from support_cases.referrals import answer, escalate_late, refer
from support_cases.reminders.accounting import close_books
from support_cases.reminders.delivery import deliver
from support_cases.reminders.sweep import sweep
from support_cases.workflow import take_step
from tests.factories import make_case, make_consultation, make_cooperative, make_founding_group, make_user
from tests.reminding import make_rule, one_pass

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OPENED = date(2023, 9, 1)
TODAY = date(2023, 9, 20)  # a Wednesday
DAY = timedelta(days=1)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def at(day: date = TODAY, hour: int = 8, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


@pytest.fixture
def officer(db) -> User:
    return make_user(full_name="Hoàng Thị Thử", email="hoang@example.vn")


@pytest.fixture
def colleague(db) -> User:
    return make_user(full_name="Lý Văn Thử", email="ly@example.vn")


@pytest.fixture
def manager(db) -> User:
    return make_user(Role.MANAGER, full_name="Nông Thị Thử", email="nong@example.vn")


def appointment(officer: User, due_on: date = TODAY, **fields) -> FollowUp:
    """An open appointment, out of a talk two weeks before."""
    fields = {"held_on": date(2023, 9, 5)} | fields
    return make_consultation(by=officer, today=TODAY, outcome="follow_up", follow_up_on=due_on, **fields).follow_up


def case_due(officer: User, due_on: date = TODAY, **fields) -> Case:
    """A case opened on 01/09 that is to be done by a day."""
    return make_case(fields.pop("party", None), by=officer, today=OPENED, due_on=due_on, **fields)


def fates(**which) -> set[tuple[str, str, str]]:
    """Recipient, state and reason of the rows, channels that agree told once."""
    rows = Reminder.objects.filter(**which).select_related("recipient")
    return {(row.recipient.full_name, row.state, row.reason) for row in rows}


def letters() -> list[str]:
    return [sent.to[0] for sent in mail.outbox]


# --- Whether it still stands -----------------------------------------------------------------------


def do(row: FollowUp):
    finish_follow_up(row, by=row.consultation.officer, today=TODAY)


def void(row: FollowUp):
    void_consultation(row.consultation, by=row.consultation.officer, reason="Ghi nhầm", now=at())


def move(row: FollowUp):
    FollowUp.objects.filter(pk=row.pk).update(due_on=TODAY + 3 * DAY)


@pytest.mark.parametrize(("event", "reason"), [(do, "done"), (void, "voided"), (move, "moved")])
def test_an_appointment_that_changed_between_sweep_and_sending_is_not_sent(officer, event, reason):
    make_rule("follow_up_due")
    row = appointment(officer)
    messages = sweep(at())
    event(row)
    assert [deliver(pk, at()) for pk in messages] == ["", ""]
    assert fates() == {("Hoàng Thị Thử", "skipped", reason)}
    assert not ReminderMessage.objects.exists()
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda case, by: take_step(case, "withdraw", by=by, today=TODAY - DAY, note="HTX rút"), "closed"),
        (lambda case, by: Case.objects.filter(pk=case.pk).update(due_on=date(2023, 10, 20)), "moved"),
        (lambda case, by: take_step(case, "request_papers", by=by, today=TODAY - DAY), "moved"),
    ],
    ids=["closed", "put off", "waits"],
)
def test_a_case_that_changed_between_sweep_and_sending_is_not_sent(officer, colleague, change, reason):
    make_rule("case_deadline")
    case = take_step(case_due(officer), "start", by=officer, today=OPENED)
    messages = sweep(at())
    change(case, colleague)
    assert [deliver(pk, at()) for pk in messages] == ["", ""]
    assert fates() == {("Hoàng Thị Thử", "skipped", reason)}


def test_a_case_reopened_in_time_is_reminded_of_after_all(officer, colleague):
    make_rule("case_deadline")
    case = take_step(case_due(officer), "start", by=officer, today=OPENED)
    messages = sweep(at())
    closed = take_step(case, "withdraw", by=colleague, today=TODAY - DAY, note="HTX rút")
    assert [deliver(pk, at()) for pk in messages] == ["", ""]
    take_step(closed, "reopen", by=colleague, today=TODAY, note="HTX làm tiếp")
    assert one_pass(at(hour=9)) == ["sent", "sent"]
    assert fates() == {("Hoàng Thị Thử", "sent", "")}
    assert letters() == ["hoang@example.vn"]


def test_what_was_told_once_does_not_come_back(officer, colleague):
    make_rule("case_deadline")
    case = take_step(case_due(officer), "start", by=officer, today=OPENED)
    one_pass(at())
    closed = take_step(case, "withdraw", by=colleague, today=TODAY, note="HTX rút")
    take_step(closed, "reopen", by=colleague, today=TODAY, note="HTX làm tiếp")
    assert one_pass(at(hour=9)) == []
    assert letters() == ["hoang@example.vn"]


def test_a_day_off_entered_later_does_not_tell_a_second_time(officer):
    make_rule("case_deadline", "-3", unit="working_day")
    case_due(officer, TODAY + 5 * DAY)
    assert one_pass(at()) == ["sent", "sent"]
    Holiday.objects.create(day=TODAY + DAY, name="Nghỉ bù")
    assert one_pass(at(hour=9)) == []
    ReminderRule.objects.update(offsets="-5, -3, -1")
    assert one_pass(at(hour=10)) == []
    assert sweep(at(TODAY + 2 * DAY)) != []
    assert close_books(TODAY).violations == {}
    assert Reminder.objects.filter(occurrence_on__lt=TODAY).count() == 0


def test_an_answered_referral_is_not_asked_for(officer):
    make_rule("referral_late", "1", unit="working_day")
    agency = Agency.objects.create(code="thue", kind="tax", name_vi="Chi cục Thuế", valid_from=date(2020, 1, 1))
    case = take_step(case_due(officer, None), "start", by=officer, today=OPENED)
    late = refer(case, agency, "Hỏi nợ thuế", by=officer, today=date(2023, 9, 4), expected_on=TODAY - DAY)
    messages = sweep(at())
    answer(late, by=officer, kind="answered", words="Không nợ", today=TODAY)
    assert [deliver(pk, at()) for pk in messages] == ["", ""]
    assert fates() == {("Hoàng Thị Thử", "skipped", "done")}


def test_a_rule_taken_out_of_force_since_the_sweep_sends_nothing(officer):
    rule = make_rule("follow_up_due")
    appointment(officer)
    messages = sweep(at())
    ReminderRule.objects.filter(pk=rule.pk).update(valid_to=TODAY - DAY)
    assert [deliver(pk, at()) for pk in messages] == ["", ""]
    assert {state for _name, state, _reason in fates()} == {"skipped"}


def test_a_rule_that_gave_up_its_mails_since_the_sweep_sends_none(officer):
    rule = make_rule("follow_up_due")
    appointment(officer)
    messages = sweep(at())
    ReminderRule.objects.filter(pk=rule.pk).update(channels="app")
    for pk in messages:
        deliver(pk, at())
    assert fates(channel="mail") == {("Hoàng Thị Thử", "skipped", "other_channel")}
    assert fates(channel="app") == {("Hoàng Thị Thử", "sent", "")}


def test_a_rule_that_changed_its_way_since_the_sweep_tells_by_the_new_way_once(officer):
    rule = make_rule("follow_up_due", channels="mail")
    appointment(officer)
    messages = sweep(at())
    ReminderRule.objects.filter(pk=rule.pk).update(channels="app")
    assert [deliver(pk, at()) for pk in messages] == [""]
    one_pass(at(minute=1))
    assert fates(channel="mail") == {("Hoàng Thị Thử", "skipped", "other_channel")}
    assert fates(channel="app") == {("Hoàng Thị Thử", "sent", "")}
    assert one_pass(at(minute=2)) == []
    assert letters() == []


def test_a_way_given_up_by_its_rule_comes_to_rest_even_if_nothing_goes_by_the_new_one(officer):
    rule = make_rule("case_deadline", channels="mail")
    case = case_due(officer)
    messages = sweep(at())
    ReminderRule.objects.filter(pk=rule.pk).update(channels="app")
    ReminderMute.objects.create(person=officer, case=case, reason="Đã biết", since=TODAY)
    for pk in messages:
        deliver(pk, at())
    one_pass(at(minute=1))
    assert fates() == {("Hoàng Thị Thử", "skipped", "other_channel"), ("Hoàng Thị Thử", "skipped", "muted")}
    assert one_pass(at(minute=2)) == []


def test_a_rule_that_changed_its_way_to_and_fro_tells_by_the_last_one(officer):
    rule = make_rule("follow_up_due", channels="mail")
    appointment(officer)
    for minute, way in enumerate(("app", "mail")):
        messages = sweep(at(minute=minute))
        ReminderRule.objects.filter(pk=rule.pk).update(channels=way)
        assert [deliver(pk, at(minute=minute)) for pk in messages] == [""]
    one_pass(at(minute=5))
    assert fates(channel="mail") == {("Hoàng Thị Thử", "sent", "")}
    assert fates(channel="app") == {("Hoàng Thị Thử", "skipped", "other_channel")}
    assert one_pass(at(minute=6)) == []


# --- Grace ------------------------------------------------------------------------------------------


def test_after_any_contact_a_reminder_is_held_for_the_grace_of_its_rule_and_then_sent(officer, colleague):
    make_rule("case_deadline", grace_days=3)
    case = case_due(officer)
    make_consultation(case.cooperative, by=colleague, today=TODAY, held_on=TODAY - DAY, channel="phone")
    assert one_pass(at()) == ["", ""]
    held = Reminder.objects.filter(channel="mail").get()
    assert (held.state, held.reason, held.run_at, held.attempts, held.message) == (
        "due", "grace", at(TODAY + 2 * DAY, 7), 0, None,
    )  # fmt: skip
    assert one_pass(at(TODAY + DAY)) == []
    assert one_pass(at(TODAY + 2 * DAY)) == ["sent", "sent"]
    assert fates() == {("Hoàng Thị Thử", "sent", "")}
    assert letters() == ["hoang@example.vn"]


def test_a_grace_that_ends_on_a_day_off_ends_on_the_next_working_day(officer):
    make_rule("case_deadline", grace_days=3)
    case = case_due(officer)
    make_consultation(case.cooperative, by=officer, today=TODAY, held_on=TODAY)
    one_pass(at())
    assert set(Reminder.objects.values_list("run_at", flat=True)) == {at(date(2023, 9, 25), 7)}


def test_each_further_contact_holds_it_longer(officer):
    make_rule("case_deadline", grace_days=2)
    case = case_due(officer)
    for days in (0, 2):
        make_consultation(case.cooperative, by=officer, today=TODAY + days * DAY, held_on=TODAY + days * DAY)
        one_pass(at(TODAY + days * DAY))
    assert set(Reminder.objects.values_list("reason", "run_at")) == {("grace", at(date(2023, 9, 25), 7))}


@pytest.mark.parametrize("held_on", [TODAY - 3 * DAY, TODAY - 10 * DAY])
def test_a_contact_of_long_ago_holds_nothing(officer, held_on):
    make_rule("case_deadline", grace_days=3)
    case = case_due(officer)
    make_consultation(case.cooperative, by=officer, today=TODAY, held_on=held_on)
    assert one_pass(at()) == ["sent", "sent"]


def test_a_contact_with_another_cooperative_or_one_voided_holds_nothing(officer):
    make_rule("case_deadline", grace_days=3)
    case = case_due(officer)
    make_consultation(by=officer, today=TODAY, held_on=TODAY)
    mistaken = make_consultation(case.cooperative, by=officer, today=TODAY, held_on=TODAY)
    void_consultation(mistaken, by=officer, reason="Ghi nhầm", now=at())
    assert one_pass(at()) == ["sent", "sent"]


def test_a_contact_with_a_group_holds_what_is_due_for_the_group_and_for_what_it_became(officer):
    make_rule("case_deadline", grace_days=3)
    group = make_founding_group()
    grown = case_due(officer, party=group)
    grown.cooperative = make_cooperative()
    grown.save()
    make_consultation(group, by=officer, today=TODAY, held_on=TODAY)
    assert one_pass(at()) == ["", ""]
    assert {reason for _name, _state, reason in fates()} == {"grace"}


# --- Never to the actor, never where muted --------------------------------------------------------------


def test_who_took_a_step_since_that_day_is_not_told_but_others_are(officer, colleague, manager):
    make_rule("case_deadline", "-1", unit="working_day", audience="officer,manager")
    case = case_due(officer, TODAY + DAY)
    take_step(case, "start", by=officer, today=TODAY)
    one_pass(at())
    assert fates() == {("Hoàng Thị Thử", "skipped", "own_action"), ("Nông Thị Thử", "sent", "")}
    assert letters() == ["nong@example.vn"]


def test_a_step_before_that_day_or_by_another_person_keeps_nobody_from_being_told(officer, colleague):
    make_rule("case_deadline", "-1", unit="working_day")
    case = take_step(case_due(officer, TODAY + DAY), "start", by=officer, today=TODAY - DAY)
    take_step(case, "submit", by=colleague, today=TODAY)
    assert one_pass(at()) == ["sent", "sent"]
    assert letters() == ["hoang@example.vn"]


@pytest.mark.parametrize(
    ("mute", "told"),
    [
        ({}, False),
        ({"occasion": "case_deadline"}, False),
        ({"occasion": "no_contact"}, True),
        ({"since": TODAY + DAY}, True),
        ({"until": TODAY - DAY, "since": OPENED}, True),
        ({"until": TODAY, "since": TODAY}, False),
    ],
)
def test_a_muted_case_is_not_told_to_who_muted_it_while_the_mute_holds(officer, manager, mute, told):
    make_rule("case_deadline", audience="officer,manager")
    case = case_due(officer)
    ReminderMute.objects.create(**{"person": officer, "case": case, "reason": "Đang nghỉ", "since": OPENED} | mute)
    one_pass(at())
    own = ("Hoàng Thị Thử", "sent", "") if told else ("Hoàng Thị Thử", "skipped", "muted")
    assert fates() == {own, ("Nông Thị Thử", "sent", "")}


def test_a_muted_cooperative_mutes_all_its_cases_and_no_others(officer):
    make_rule("case_deadline")
    muted, other = case_due(officer), case_due(officer)
    ReminderMute.objects.create(person=officer, cooperative=muted.cooperative, reason="Nghỉ", since=OPENED)
    one_pass(at())
    assert fates(case=muted) == {("Hoàng Thị Thử", "skipped", "muted")}
    assert fates(case=other) == {("Hoàng Thị Thử", "sent", "")}


# --- Who is told ------------------------------------------------------------------------------------


def test_in_the_place_of_an_inactive_officer_the_managers_are_told(officer, manager):
    make_rule("case_deadline")
    case_due(officer)
    User.objects.filter(pk=officer.pk).update(is_active=False)
    one_pass(at())
    assert fates() == {("Nông Thị Thử", "sent", "")}


def test_an_officer_who_left_since_the_sweep_hands_over_to_the_managers(officer, manager):
    make_rule("case_deadline")
    case_due(officer)
    messages = sweep(at())
    User.objects.filter(pk=officer.pk).update(is_active=False)
    assert [deliver(pk, at()) for pk in messages] == ["", ""]
    one_pass(at(minute=1))
    assert fates() == {("Hoàng Thị Thử", "skipped", "inactive"), ("Nông Thị Thử", "sent", "")}
    assert letters() == ["nong@example.vn"]


def test_an_officer_who_acts_for_a_cooperative_by_now_is_not_told_of_the_offices_work(officer, manager):
    make_rule("case_deadline")
    case_due(officer)
    messages = sweep(at())
    User.objects.filter(pk=officer.pk).update(role=Role.COOPERATIVE)
    assert [deliver(pk, at()) for pk in messages] == ["", ""]
    one_pass(at(minute=1))
    assert fates() == {("Hoàng Thị Thử", "skipped", "other_recipient"), ("Nông Thị Thử", "sent", "")}
    assert letters() == ["nong@example.vn"]


def test_a_case_handed_over_since_the_sweep_is_told_to_the_new_officer_only(officer, colleague):
    make_rule("case_deadline")
    case = case_due(officer)
    messages = sweep(at())
    Case.objects.filter(pk=case.pk).update(officer=colleague)
    assert [deliver(pk, at()) for pk in messages] == ["", ""]
    one_pass(at(minute=1))
    assert fates() == {("Hoàng Thị Thử", "skipped", "other_recipient"), ("Lý Văn Thử", "sent", "")}
    assert letters() == ["ly@example.vn"]


def test_a_case_handed_over_and_back_again_is_told_to_the_first_officer_after_all(officer, colleague):
    make_rule("case_deadline")
    case = case_due(officer)
    for minute, now_in_charge in enumerate((colleague, officer)):
        messages = sweep(at(minute=minute))
        Case.objects.filter(pk=case.pk).update(officer=now_in_charge)
        assert {deliver(pk, at(minute=minute)) for pk in messages} == {""}
    one_pass(at(minute=5))
    assert fates() == {("Hoàng Thị Thử", "sent", ""), ("Lý Văn Thử", "skipped", "other_recipient")}
    assert letters() == ["hoang@example.vn"]


def test_a_worker_that_dies_at_the_hand_over_leaves_the_matter_with_somebody(officer, colleague, monkeypatch):
    make_rule("case_deadline")
    case = case_due(officer)
    messages = sweep(at())
    Case.objects.filter(pk=case.pk).update(officer=colleague)

    def die(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("support_cases.reminders.ledger.skip", die)
        for pk in messages:
            with pytest.raises(KeyboardInterrupt):
                deliver(pk, at())
    for minute in (10, 11, 12):
        one_pass(at(minute=minute))
    assert fates() == {("Hoàng Thị Thử", "skipped", "other_recipient"), ("Lý Văn Thử", "sent", "")}


def test_in_the_place_of_who_is_away_the_stand_in_is_told_and_reads_for_whom(officer, colleague):
    make_rule("case_deadline")
    case_due(officer)
    Absence.objects.create(
        person=officer, stand_in=colleague, first_day=TODAY, last_day=TODAY, reason="Nghỉ phép", entered_by=officer
    )
    one_pass(at())
    assert fates() == {("Lý Văn Thử", "sent", "")}
    assert set(Reminder.objects.values_list("instead_of", flat=True)) == {officer.pk}
    assert "Hoàng Thị Thử" in mail.outbox[0].body


def test_an_absence_entered_since_the_sweep_is_heeded(officer, colleague):
    make_rule("case_deadline")
    case_due(officer)
    messages = sweep(at())
    Absence.objects.create(
        person=officer, stand_in=colleague, first_day=TODAY, last_day=TODAY, reason="Ốm", entered_by=officer
    )
    for pk in messages:
        deliver(pk, at())
    one_pass(at(minute=1))
    assert letters() == ["ly@example.vn"]


def test_the_managers_are_told_of_an_appointment_days_late_and_the_officer_not_again(officer, manager):
    make_rule("follow_up_due")
    make_rule("follow_up_due", "5", unit="working_day", audience="manager", channels="app")
    appointment(officer)
    for n in range(8):
        one_pass(at(TODAY + n * DAY))
    rows = Reminder.objects.order_by("pk").values_list("recipient__full_name", "channel", "occurrence_on")
    assert list(rows) == [
        ("Hoàng Thị Thử", "app", TODAY),
        ("Hoàng Thị Thử", "mail", TODAY),
        ("Nông Thị Thử", "app", date(2023, 9, 27)),
    ]


def test_two_occasions_of_one_case_on_one_day_are_each_told_to_their_own(officer, manager):
    make_rule("case_deadline", audience="manager")
    make_rule("no_contact", "19", audience="officer")
    case_due(officer)
    one_pass(at())
    assert fates(rule="case_deadline") == {("Nông Thị Thử", "sent", "")}
    assert fates(rule="no_contact") == {("Hoàng Thị Thử", "sent", "")}


def test_an_officer_who_is_the_manager_as_well_gets_one_reminder(manager):
    make_rule("case_deadline")
    make_rule("case_deadline", audience="manager")
    case = case_due(make_user())
    Case.objects.filter(pk=case.pk).update(officer=manager)
    one_pass(at())
    assert letters() == ["nong@example.vn"]


def test_an_escalation_is_told_to_the_managers(officer, manager):
    make_rule("referral_escalated", audience="manager")
    for key, days in (("answer_working_days", 5), ("escalate_after_working_days", 2)):
        LegalRule.objects.create(key=f"referral.{key}", value=days, unit="working_day", valid_from=OPENED)
    agency = Agency.objects.create(code="thue", kind="tax", name_vi="Chi cục Thuế", valid_from=date(2020, 1, 1))
    case = take_step(case_due(officer, None), "start", by=officer, today=OPENED)
    refer(case, agency, "Hỏi nợ thuế", by=officer, today=date(2023, 9, 6))
    assert escalate_late(TODAY) == 1
    one_pass(at())
    assert fates() == {("Nông Thị Thử", "sent", "")}
    assert "Chi cục Thuế" in mail.outbox[0].subject


def test_the_active_people_of_a_cooperative_are_told_where_the_rule_says_so_and_those_of_others_never(officer):
    make_rule("waiting_cooperative", "5", audience="cooperative")
    case = take_step(case_due(officer), "start", by=officer, today=OPENED)
    take_step(case, "request_papers", by=officer, today=TODAY - 5 * DAY)
    make_user(Role.COOPERATIVE, cooperative=case.cooperative, full_name="Giám đốc", email="gd@example.vn")
    make_user(Role.COOPERATIVE, cooperative=case.cooperative, full_name="Kế toán", email="")
    make_user(Role.COOPERATIVE, cooperative=case.cooperative, full_name="Người cũ", is_active=False)
    make_user(Role.COOPERATIVE, cooperative=make_cooperative(), full_name="HTX khác", email="khac@example.vn")
    one_pass(at())
    assert fates(channel="app") == {("Giám đốc", "sent", ""), ("Kế toán", "sent", "")}
    assert fates(channel="mail") == {("Giám đốc", "sent", ""), ("Kế toán", "skipped", "no_address")}
    assert letters() == ["gd@example.vn"]


# --- Whom the channel reaches ---------------------------------------------------------------------------


def test_without_an_address_no_mail_goes_but_the_portal_tells(officer):
    make_rule("follow_up_due")
    User.objects.filter(pk=officer.pk).update(email="")
    appointment(officer)
    one_pass(at())
    assert fates(channel="mail") == {("Hoàng Thị Thử", "skipped", "no_address")}
    assert fates(channel="app") == {("Hoàng Thị Thử", "sent", "")}


def test_to_an_address_that_was_refused_nothing_is_sent_in_whatever_case_it_is_written(officer):
    make_rule("follow_up_due")
    User.objects.filter(pk=officer.pk).update(email="Hoang@Example.vn")
    RefusedAddress.objects.create(address="hoang@example.vn", refused_at=at())
    appointment(officer)
    one_pass(at())
    assert fates(channel="mail") == {("Hoàng Thị Thử", "skipped", "refused_address")}
    assert fates(channel="app") == {("Hoàng Thị Thử", "sent", "")}
    assert mail.outbox == []


# --- Hours and days -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hour", "minute", "goes"), [(0, 30, False), (6, 59, False), (7, 0, True), (16, 59, True), (17, 0, False)]
)
def test_mails_leave_in_working_hours_and_the_portal_is_told_from_the_opening_on(officer, hour, minute, goes):
    make_rule("follow_up_due")
    appointment(officer)
    one_pass(at(hour=hour, minute=minute))
    assert (letters() == ["hoang@example.vn"]) is goes
    assert (fates(channel="app") == {("Hoàng Thị Thử", "sent", "")}) is (hour >= 7)
    one_pass(at(TODAY + DAY))
    assert letters() == ["hoang@example.vn"]


def test_the_hours_are_those_of_the_offices_rules(officer):
    make_rule("follow_up_due")
    for key, hour in (("opens", 9), ("closes", 11)):
        LegalRule.objects.create(key=f"reminder.window_{key}_hour", value=hour, unit="hour", valid_from=OPENED)
    appointment(officer)
    sent = []
    for hour in (8, 9):
        one_pass(at(hour=hour))
        sent.append(len(mail.outbox))
    assert sent == [0, 1]


SATURDAY = date(2023, 9, 23)


def test_what_is_due_on_a_weekend_is_told_on_the_friday_before_it(officer):
    make_rule("follow_up_due")
    appointment(officer, SATURDAY + DAY)
    one_pass(at(SATURDAY - 2 * DAY))
    assert letters() == []
    one_pass(at(SATURDAY - DAY))
    assert letters() == ["hoang@example.vn"]
    assert set(Reminder.objects.values_list("occurrence_on", flat=True)) == {SATURDAY + DAY}
    for n in range(3):
        one_pass(at(SATURDAY + n * DAY))
    assert len(mail.outbox) == 1


def test_what_follows_up_on_a_weekend_is_told_on_the_monday_after_it(officer):
    make_rule("follow_up_due", "2")
    appointment(officer, SATURDAY - 2 * DAY)
    told = {}
    for n in range(-1, 4):
        one_pass(at(SATURDAY + n * DAY))
        told[(SATURDAY + n * DAY).isoformat()] = len(mail.outbox)
    assert told == {"2023-09-22": 0, "2023-09-23": 0, "2023-09-24": 0, "2023-09-25": 1, "2023-09-26": 1}


def test_a_saturday_worked_for_another_day_is_a_day_to_send(officer):
    make_rule("follow_up_due")
    Holiday.objects.create(day=SATURDAY, kind="working", name="Làm bù")
    appointment(officer, SATURDAY)
    one_pass(at(SATURDAY - DAY))
    assert letters() == []
    one_pass(at(SATURDAY))
    assert letters() == ["hoang@example.vn"]


def test_what_falls_due_in_tet_is_told_before_it_and_nothing_is_sent_in_it(officer):
    tet = date(2024, 2, 8)
    for n in range(7):
        Holiday.objects.create(day=tet + n * DAY, kind="off", name="Tết Nguyên đán")
    make_rule("follow_up_due")
    make_rule("case_deadline", "1")
    appointment(officer, tet + 4 * DAY)
    case_due(officer, tet + 2 * DAY)
    one_pass(at(tet - 2 * DAY))
    assert letters() == []
    one_pass(at(tet - DAY))
    assert letters() == ["hoang@example.vn"]
    for n in range(7):
        one_pass(at(tet + n * DAY))
    assert len(mail.outbox) == 1, "what follows up waits until Tết is over"
    one_pass(at(tet + 7 * DAY))
    assert len(mail.outbox) == 2


# --- Digest ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("matters", "mails"), [(4, 4), (5, 5), (6, 1)])
def test_above_the_threshold_a_mornings_mails_are_one(officer, matters, mails):
    LegalRule.objects.create(key="reminder.digest_above", value=5, unit="message", valid_from=OPENED)
    make_rule("follow_up_due")
    for n in range(matters):
        appointment(officer, party=make_cooperative(f"Hợp tác xã Số {n}"))
    one_pass(at())
    assert len(mail.outbox) == mails
    assert fates() == {("Hoàng Thị Thử", "sent", "")}
    if mails == 1:
        assert all(f"Hợp tác xã Số {n}" in mail.outbox[0].body for n in range(matters))


def test_a_digest_is_of_one_person(officer, colleague):
    make_rule("follow_up_due")
    for by in (officer, colleague):
        for _ in range(7):
            appointment(by)
    one_pass(at())
    assert sorted(letters()) == ["hoang@example.vn", "ly@example.vn"]


def test_in_a_digest_one_matter_is_one_line_however_often_it_came_due(officer):
    make_rule("case_deadline", "-3, 0, 1", unit="working_day")
    case_due(officer, TODAY - 2 * DAY, title="Đăng ký nhãn hiệu")
    one_pass(at())
    assert Reminder.objects.filter(channel="mail", state="sent").count() == 3
    [sent] = mail.outbox
    assert sent.body.count("Đăng ký nhãn hiệu") == 1
