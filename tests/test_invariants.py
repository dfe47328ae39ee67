"""What must hold of the ledger and of every open case: found where it does not, silent where it does."""

import re
from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from htx_portal.accounts.models import Role, User
from support_cases.models import Case, Reminder, ReminderMessage, ReminderMute, ReminderRule
from support_cases.reminders.invariants import violations
from support_cases.reminders.ledger import claim
from support_cases.workflow import take_step
from tests.contents import nothing_written
from tests.factories import make_case, make_cooperative, make_user
from tests.kept import put_demo_set
from tests.reminding import one_pass, shipped_rules

pytestmark = pytest.mark.django_db

OPENED = date(2023, 9, 1)
TODAY = date(2023, 9, 20)
NOW = datetime(2023, 9, 20, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
DAY = timedelta(days=1)


@pytest.fixture
def case(db) -> Case:
    """A case due today, of which its officer was told in the portal and by mail."""
    shipped_rules()
    officer = make_user(full_name="Hoàng Thị Thử", email="hoang@example.vn")
    case = make_case(make_cooperative("HTX Một"), by=officer, today=OPENED, due_on=TODAY)
    one_pass(NOW)
    assert set(Reminder.objects.values_list("state", flat=True)) == {"sent"}
    return case


def found(now: datetime = NOW) -> set[str]:
    """What is wrong, without where."""
    return {str(violation.what) for violation in violations(now)}


def test_a_world_made_by_the_portal_has_no_violation(case):
    take_step(case, "start", by=case.officer, today=TODAY)
    make_case(by=case.officer, today=OPENED, due_on=TODAY - 3 * DAY)
    for n in range(15):
        with nothing_written():
            assert found(NOW + n * DAY) == set()
        one_pass(NOW + n * DAY)
        assert found(NOW + n * DAY) == set()


def rows(channel: str = "mail", **values):
    """Change the rows of a channel behind the ledger's back."""
    return lambda: Reminder.objects.filter(channel=channel).update(**values)


def messages(channel: str = "mail", **values):
    """Change the messages of a channel behind the ledger's back."""
    return lambda: ReminderMessage.objects.filter(channel=channel).update(**values)


def unsent(state: str, channel: str = "mail", **values) -> list:
    """Rows and messages of a channel that agree on a state other than sent."""
    return [rows(channel, state=state, sent_at=None), messages(channel, state=state, **values)]


APART, HELD = "Trạng thái khác với tin chứa nó.", "Bị giữ quá lâu hoặc không rõ ai giữ."
EMPTY, OTHERS = "Tin không chứa nhắc việc nào.", "Nằm trong tin của người khác hoặc kênh khác."
NO_HOUR = "Đã gửi mà không có giờ gửi."
PLANTED = {
    "apart": ([rows(state="failed", sent_at=None)], {APART}),
    "held by no message": (
        [rows(state="claimed", message=None, sent_at=None)],
        {"Đang gửi mà không nằm trong tin nào.", EMPTY},
    ),
    "in a message to another": ([lambda: messages(recipient=make_user())()], {OTHERS}),
    "in a message of another channel": (
        [lambda: ReminderMessage.objects.filter(channel="mail").update(channel="webhook")],
        {OTHERS},
    ),
    "sent at no hour": ([rows(sent_at=None)], {NO_HOUR}),
    "message sent at no hour": ([messages(sent_at=None)], {NO_HOUR}),
    "an hour of sending and not sent": (
        [rows(state="unknown"), messages(state="unknown", reason="x")],
        {"Có giờ gửi mà chưa gửi."},
    ),
    "skipped for nothing": (
        [rows(state="skipped", sent_at=None, message=None)],
        {"Bỏ qua mà không có lý do.", EMPTY},
    ),
    "failed in the portal": (unsent("failed", "app", reason="x"), {"Nhắc trong cổng không thể hỏng hay dở dang."}),
    "seen and never there": ([rows(seen_at=NOW)], {"Đã xem mà chưa từng tới."}),
    "due for ever": (
        [
            rows(state="due", sent_at=None, message=None, run_at=NOW - 90 * DAY),
            lambda: ReminderMessage.objects.filter(channel="mail").delete(),
        ],
        {"Đến hạn quá lâu mà chưa gửi."},
    ),
    "a message of nothing": ([lambda: Reminder.objects.filter(channel="mail").delete()], {EMPTY}),
    "held for ever": (unsent("sending", lease_until=NOW - DAY), {HELD}),
    "held by nobody": (unsent("claimed", token=None), {HELD}),
    "a message skipped for nothing": (
        [rows(state="skipped", reason="done", sent_at=None), messages(state="skipped")],
        {"Bỏ qua mà không có lý do."},
    ),
    "failed for nothing": (unsent("failed"), {"Không gửi được mà không có lý do."}),
    "nobody in charge": ([lambda: User.objects.update(is_active=False)], {"Không có ai để nhắc."}),
    "no rule that reaches it": (
        [
            lambda: ReminderRule.objects.exclude(occasion="case_deadline").delete(),
            lambda: Case.objects.update(due_on=date(2023, 6, 1)),
        ],
        {"Không còn ngày nào phải nhắc."},
    ),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_each_thing_that_cannot_be_is_found(case, plant):
    acts, words = PLANTED[plant]
    for act in acts:
        act()
    assert found() == words


def test_a_case_muted_by_its_officer_or_without_rules_has_a_reason(case):
    ReminderMute.objects.create(person=case.officer, case=case, reason="Nghỉ", since=OPENED)
    assert found() == set()
    ReminderRule.objects.update(valid_to=OPENED)
    assert found() == set()


def test_a_message_somebody_is_sending_right_now_is_no_violation(case):
    make_case(by=case.officer, today=OPENED, due_on=TODAY + DAY)
    Reminder.objects.filter(channel="mail").update(state="due", sent_at=None)
    ReminderMessage.objects.filter(channel="mail").update(state="due", sent_at=None)
    claim(ReminderMessage.objects.filter(channel="mail").first().pk, NOW)
    assert found(NOW) == set()
    assert found(NOW + 2 * DAY) == {"Bị giữ quá lâu hoặc không rõ ai giữ."}


def test_the_cases_are_read_in_chunks_and_no_case_costs_a_query(case, monkeypatch):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert found() == set()
        return len(seen)

    few = queries()
    for _ in range(6):
        make_case(case.cooperative, by=case.officer, today=OPENED, due_on=TODAY + 5 * DAY)
    assert queries() == few
    monkeypatch.setattr("support_cases.reminders.invariants._CHUNK", 3)
    assert queries() > few


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("check_invariants", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_that_all_is_well_or_names_every_violation_and_fails(case):
    assert said("--on", "2023-09-20") == "Mọi thứ đúng: 1 hồ sơ đang mở, 6 dòng nhắc việc.\n"
    row = Reminder.objects.filter(channel="mail").first()
    Reminder.objects.filter(pk=row.pk).update(sent_at=None)
    out = StringIO()
    with pytest.raises(CommandError, match=re.escape("Có 1 chỗ sai.")):
        call_command("check_invariants", "--on", "2023-09-20", stdout=out)
    assert out.getvalue() == f"reminder {row.pk} {row.rule} {row.subject}: Đã gửi mà không có giờ gửi.\n"


def test_a_day_that_cannot_be_is_said_in_one_line(db):
    with pytest.raises(CommandError, match=re.escape("Ngày hôm nay không đúng, hãy ghi như 2023-09-20.")):
        said("--on", "hôm nay")


def test_the_demo_set_holds_after_days_of_sweeps(db):
    put_demo_set()
    assert User.objects.filter(role=Role.MANAGER).exists()
    start = datetime.now(tz=ZoneInfo("Asia/Ho_Chi_Minh")).replace(hour=9)
    for days in (0, 3):
        one_pass(start + days * DAY)
        assert list(violations(start + days * DAY)) == []
