"""The rules of reminders in the admin site: what is ticked, what is refused beside which field, who may not delete."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from support_cases.choices import Audience, ReminderChannel
from support_cases.models import RefusedAddress, Reminder, ReminderMessage, ReminderRule
from tests.factories import make_case, make_user
from tests.reminding import make_rule, shipped_rules

pytestmark = pytest.mark.django_db

LIST, ADD = reverse("admin:support_cases_reminderrule_changelist"), reverse("admin:support_cases_reminderrule_add")
NEW = {
    "key": "deadline-soon", "occasion": "case_deadline", "offsets": "-3, 0, 1", "unit": "working_day",
    "repeat_every": "", "audience": ["manager", "officer"], "channels": ["mail", "app"], "grace_days": "2",
    "look_back_days": "30", "valid_from": "01/12/2026", "valid_to": "", "legal_document": "",
    "article": "", "confidence": "U", "note": "",
}  # fmt: skip


@pytest.fixture
def admin(client):
    """An administrator, signed in."""
    person = make_user("admin")
    client.force_login(person)
    return person


def change_page(rule) -> str:
    return reverse("admin:support_cases_reminderrule_change", args=[rule.pk])


def problems(answer) -> dict[str, list[str]]:
    """What a form that came back says beside its fields."""
    assert answer.status_code == 200
    return {name: list(words) for name, words in answer.context["adminform"].form.errors.items()}


def test_a_rule_is_entered_with_ticks_and_stored_in_order(client, admin):
    assert client.post(ADD, NEW).status_code == 302
    rule = ReminderRule.objects.get()
    assert (rule.audience, rule.channels) == ("officer,manager", "mail,app")
    assert (rule.offset_list, rule.valid_from, rule.edited_by) == ([-3, 0, 1], date(2026, 12, 1), admin)


def test_a_rule_comes_back_with_its_choices_ticked_and_is_changed(client, admin):
    rule = make_rule(
        "term_end", "-90", audience="officer,cooperative", channels="app,mail", edited_by=make_user("admin")
    )
    form = client.get(change_page(rule)).context["adminform"].form
    assert [form["audience"].value(), form["channels"].value()] == [["officer", "cooperative"], ["app", "mail"]]
    page = client.get(change_page(rule)).content.decode()
    assert page.count("checked") == 4
    posted = NEW | {"key": rule.key, "occasion": "term_end", "audience": ["cooperative"], "channels": ["app"]}
    assert client.post(change_page(rule), posted).status_code == 302
    rule.refresh_from_db()
    assert (rule.audience, rule.channels, rule.edited_by) == ("cooperative", "app", admin)


@pytest.mark.parametrize(
    ("typed", "beside"),
    [
        ({"offsets": ""}, "offsets"),
        ({"offsets": "ba ngày trước"}, "offsets"),
        ({"offsets": "-3; 0"}, "offsets"),
        ({"offsets": "99999"}, "offsets"),
        ({"offsets": "-1831"}, "offsets"),
        ({"offsets": "1\x00"}, "offsets"),
        ({"offsets": "-3," * 40}, "offsets"),
        ({"audience": []}, "audience"),
        ({"audience": ["everybody"]}, "audience"),
        ({"channels": []}, "channels"),
        ({"channels": ["mail", "pigeon"]}, "channels"),
        ({"repeat_every": "0"}, "repeat_every"),
        ({"repeat_every": "400"}, "repeat_every"),
        ({"look_back_days": "1000"}, "look_back_days"),
        ({"grace_days": "-1"}, "grace_days"),
        ({"occasion": "birthday"}, "occasion"),
        ({"unit": "fortnight"}, "unit"),
        ({"key": "có dấu cách"}, "key"),
        ({"valid_from": "30/02/2026"}, "valid_from"),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_beside_its_field_and_nothing_is_written(client, admin, typed, beside):
    answer = client.post(ADD, NEW | typed)
    assert list(problems(answer)) == [beside]
    assert answer.context["adminform"].form["note"].value() == NEW["note"]
    assert not ReminderRule.objects.exists()


def test_a_rule_that_ends_before_it_begins_or_is_there_already_is_refused(client, admin):
    assert list(problems(client.post(ADD, NEW | {"valid_to": "01/11/2026"})).values()) == [
        ["Ngày hết hiệu lực phải sau ngày có hiệu lực."]
    ]
    make_rule("case_deadline", key=NEW["key"], valid_from=date(2026, 12, 1))
    assert list(problems(client.post(ADD, NEW)).values()) == [["Đã có quy tắc mang mã này bắt đầu ngày này."]]


def test_the_list_says_in_words_when_whom_and_how(client, admin):
    make_rule("no_contact", "14", repeat_every=7, audience="officer,manager", channels="app,mail", key="quiet")
    page = client.get(LIST).content.decode()
    for words in ("14 (Ngày), rồi mỗi 7", "Cán bộ phụ trách, Lãnh đạo", "Thư điện tử, Trong cổng HTX"):
        assert words in page


def test_the_list_of_shipped_rules_opens_with_each_filter(client, admin):
    shipped_rules()
    for query in ({}, {"occasion__exact": "term_end"}, {"unit__exact": "month"}, {"q": "thuế"}):
        assert client.get(LIST, query).status_code == 200
    for rule in ReminderRule.objects.all():
        form = client.get(change_page(rule)).context["adminform"].form
        assert set(form["audience"].value()) <= set(Audience.values)
        assert set(form["channels"].value()) <= set(ReminderChannel.values)


def test_a_shipped_rule_saved_as_it_is_stays_as_it_is(client, admin):
    shipped_rules()
    for rule in ReminderRule.objects.all():
        form = client.get(change_page(rule)).context["adminform"].form
        posted = {name: form[name].value() for name in form.fields}
        posted = {name: value for name, value in posted.items() if value is not None and value is not False}
        days = {name: f"{posted[name]:%d/%m/%Y}" for name in ("valid_from", "valid_to") if posted.get(name)}
        answer = client.post(change_page(rule), posted | days)
        assert answer.status_code == 302
        again = ReminderRule.objects.get(pk=rule.pk)
        assert (again.offset_list, again.audience_list, again.channel_list) == (
            rule.offset_list, rule.audience_list, rule.channel_list,
        )  # fmt: skip


def test_no_rule_is_deleted_for_what_it_told_must_be_explained(client, admin):
    rule = make_rule("term_end", "-90")
    assert client.post(reverse("admin:support_cases_reminderrule_delete", args=[rule.pk])).status_code == 403
    assert ReminderRule.objects.exists()


def test_a_refused_address_is_taken_off_by_deleting_it_and_cannot_be_written(client, admin):
    row = RefusedAddress.objects.create(address="sai@example.vn", reason="550", refused_at=timezone.now())
    assert client.get(reverse("admin:support_cases_refusedaddress_add")).status_code == 403
    page = reverse("admin:support_cases_refusedaddress_change", args=[row.pk])
    assert client.post(page, {"address": "dung@example.vn"}).status_code == 403
    answer = client.post(reverse("admin:support_cases_refusedaddress_delete", args=[row.pk]), {"post": "yes"})
    assert answer.status_code == 302
    assert not RefusedAddress.objects.exists()


def test_the_ledger_and_its_messages_are_only_looked_at(client, admin):
    case = make_case()
    message = ReminderMessage.objects.create(
        recipient=case.officer, channel="mail", identity="<1@x>", run_at=timezone.now(), created_at=timezone.now()
    )
    row = Reminder.objects.create(
        rule="case_deadline", subject=f"case/{case.pk}", anchor_on=date(2026, 12, 1), occurrence_on=date(2026, 12, 1),
        case=case, recipient=case.officer, channel="mail", run_at=timezone.now(), message=message, state="skipped",
        reason="muted",
    )  # fmt: skip
    assert "Người nhận đã tắt nhắc" in client.get(reverse("admin:support_cases_reminder_changelist")).content.decode()
    for name, thing in (("reminder", row), ("remindermessage", message)):
        page = reverse(f"admin:support_cases_{name}_change", args=[thing.pk])
        assert client.get(page).status_code == 200
        assert client.post(page, {"state": "sent"}).status_code == 403
        assert client.get(reverse(f"admin:support_cases_{name}_add")).status_code == 403
        assert client.post(reverse(f"admin:support_cases_{name}_delete", args=[thing.pk])).status_code == 403
