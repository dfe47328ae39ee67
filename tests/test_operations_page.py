"""How the sending fares, in figures: on a page of its own and, in short, on the manager's page."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from htx_portal.accounts.models import Role, User
from support_cases.models import Reminder, ReminderMessage
from support_cases.reminders.figures import figures, sent_today, window
from support_cases.reminders.signs import note
from tests.factories import make_case, make_cooperative, make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2023, 9, 20, 10, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))  # a Wednesday
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ADDRESS = "/nhac-viec/van-hanh/"


@pytest.fixture
def officer(db) -> User:
    return make_user(full_name="Hoàng Thị Thử", email="hoang@example.vn")


def row(officer: User, run_at: datetime, state: str = "due", message_state: str | None = None, **fields) -> Reminder:
    """A reminder, in a message of a state or in none."""
    case = make_case(make_cooperative(), by=officer)
    message = None
    if message_state:
        message = ReminderMessage.objects.create(
            recipient=officer, channel="mail", state=message_state, identity=f"<{case.pk}@example.vn>", run_at=run_at,
            created_at=run_at, **fields,
        )  # fmt: skip
    made = Reminder.objects.create(
        rule="case_deadline", subject=f"case/{case.pk}", anchor_on=run_at, occurrence_on=run_at, case=case,
        cooperative=case.cooperative, message=message, recipient=officer, channel="mail", state=state, run_at=run_at,
        **fields,
    )  # fmt: skip
    Reminder.objects.filter(pk=made.pk).update(created_at=run_at)
    return made


def test_what_was_entered_late_has_not_waited_since_its_day(officer):
    late = row(officer, NOW - DAY)
    Reminder.objects.filter(pk=late.pk).update(created_at=NOW - 2 * MINUTE)
    assert figures(NOW).oldest_at == NOW - 2 * MINUTE


def test_what_is_due_and_not_sent_is_counted_since_the_oldest(officer):
    row(officer, NOW - 3 * MINUTE)
    row(officer, NOW - 40 * MINUTE, "claimed", "claimed")
    row(officer, NOW - MINUTE, "sending", "sending")
    row(officer, NOW + DAY)
    row(officer, NOW - DAY, "sent", "sent", sent_at=NOW - DAY)
    row(officer, NOW - DAY, "skipped")
    row(officer, NOW - DAY, "failed", "failed")
    row(officer, NOW - DAY, "unknown", "unknown")
    row(officer, NOW - DAY, "unknown", "unknown")
    found = figures(NOW)
    assert (found.waiting, found.oldest_at, found.failed, found.unknown) == (3, NOW - 40 * MINUTE, 1, 2)
    assert found.in_trouble == 3


def test_what_waits_for_its_next_attempt_has_been_due_all_the_while(officer):
    tried = row(officer, NOW + 30 * MINUTE, attempts=4)
    Reminder.objects.filter(pk=tried.pk).update(created_at=NOW - 60 * MINUTE)
    assert figures(NOW)[1:3] == (1, NOW - 60 * MINUTE)


def test_where_nothing_waits_there_is_no_oldest():
    assert figures(NOW)[1:] == (0, None, 0, 0)


def test_what_was_sent_today_is_counted_by_the_day_of_the_office(officer):
    midnight = NOW.replace(hour=0)
    for moment in (midnight - MINUTE, midnight, NOW, midnight + DAY):
        row(officer, moment, "sent", "sent", sent_at=moment)
    assert sent_today(NOW) == 2


def test_the_next_opening_is_told():
    assert window(NOW) == (True, NOW)
    friday_evening = datetime(2023, 9, 22, 20, tzinfo=NOW.tzinfo)
    shut, opens_at = window(friday_evening)
    assert not shut
    assert timezone.localtime(opens_at).strftime("%A %H") == "Monday 07"


# --- The pages ---------------------------------------------------------------------------------------------


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


@pytest.mark.parametrize(("role", "status"), [("staff", 200), ("manager", 200), ("admin", 200), ("cooperative", 403)])
def test_the_page_is_for_those_who_review(role, status):
    assert signed_in(role).get(ADDRESS).status_code == status


def test_the_page_leads_to_what_failed_and_what_is_unknown(officer):
    row(officer, NOW, "failed", "failed")
    row(officer, NOW, "unknown", "unknown")
    page = signed_in(Role.MANAGER).get(ADDRESS).text
    for state in ("failed", "unknown"):
        assert f'href="/nhac-viec/khong-gui-duoc/?trang-thai={state}"' in page


def test_the_page_says_who_is_silent_and_that_nothing_is_lost():
    note("worker", timezone.now())
    client = signed_in(Role.MANAGER)
    page = client.get(ADDRESS).text
    assert "Im lặng" in page and "Đang chạy" in page and "chưa thấy bao giờ" in page
    assert "Không việc nào bị mất" in page
    note("beat", timezone.now())
    page = client.get(ADDRESS).text
    assert "Im lặng" not in page and "Không việc nào bị mất" not in page


def test_the_managers_page_tells_in_short(officer):
    row(officer, timezone.now() - 5 * MINUTE)
    row(officer, timezone.now() - DAY, "failed", "failed")
    client = signed_in(Role.MANAGER)
    page = client.get("/").text
    assert "tin nhắc việc không gửi được" in page and "1 nhắc việc chờ gửi" in page and "Máy gửi im lặng" in page
    assert 'href="/nhac-viec/khong-gui-duoc/"' in page and f'href="{ADDRESS}"' in page
    for process in ("worker", "beat"):
        note(process, timezone.now())
    assert "Máy gửi im lặng" not in client.get("/").text


def test_administrators_and_the_tabs_of_reminders_lead_there():
    assert f'href="{ADDRESS}"' in signed_in(Role.ADMIN).get("/").text
    assert f'href="{ADDRESS}"' in signed_in(Role.STAFF).get("/nhac-viec/").text


def test_figures_take_as_many_queries_for_much_as_for_little(officer):
    client = signed_in(Role.MANAGER)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(ADDRESS).status_code == 200
        return len(seen)

    row(officer, NOW)
    queries()
    few = queries()
    for state in ("due", "failed", "sent", "unknown") * 8:
        row(officer, NOW, state, state)
    assert queries() == few
