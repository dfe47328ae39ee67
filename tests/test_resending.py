"""Messages that failed or are of unknown fate: who sees them, sending one again once, letting one be."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cooperatives.errors import InvalidEntry, NotAllowedNow
from htx_portal.accounts.models import Role, User
from support_cases.choices import reason_words
from support_cases.models import RefusedAddress, Reminder, ReminderMessage
from support_cases.reminders.delivery import deliver
from support_cases.reminders.ledger import LOST_AFTER, release_expired
from support_cases.reminders.resending import let_be, resend, undelivered_for
from support_cases.reminders.sweep import sweep
from tests.factories import make_case, make_cooperative, make_user
from tests.racing import at_once
from tests.reminding import make_rule

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOW = datetime(2023, 9, 20, 3, tzinfo=UTC)  # a Wednesday, ten o'clock in the office
ADDRESS = "/nhac-viec/khong-gui-duoc/"


@pytest.fixture
def officer(db) -> User:
    return make_user(full_name="Hoàng Thị Thử", email="hoang@example.vn")


@pytest.fixture
def manager(db) -> User:
    return make_user(Role.MANAGER, full_name="Nông Thị Thử", email="nong@example.vn")


def troubled(officer: User, state: str = "unknown", cases: int = 1, **fields) -> ReminderMessage:
    """A mail about cases due today that ended badly."""
    usual = {"reason": "SMTPServerDisconnected", "channel": "mail"} | fields
    number = ReminderMessage.objects.count()
    message = ReminderMessage.objects.create(
        recipient=officer, state=state, identity=f"<htx-{number}@example.vn>", run_at=NOW, created_at=NOW, attempts=8,
        **usual,
    )  # fmt: skip
    party = make_cooperative(f"Hợp tác xã Đồng Phúc {number}")
    today = NOW.date()
    for place in range(cases):
        case = make_case(
            party, by=officer, title=f"Việc {number}.{place}", today=today - timedelta(days=30), due_on=today
        )
        Reminder.objects.create(
            rule="case_deadline", subject=f"case/{case.pk}", anchor_on=today, occurrence_on=today, case=case,
            cooperative=party, message=message, recipient=officer, state=state, run_at=NOW, attempts=8, **usual,
        )  # fmt: skip
    return message


def fates() -> list[tuple[str, str]]:
    """State and reason of all messages, then of all rows."""
    return [*ReminderMessage.objects.values_list("state", "reason"), *Reminder.objects.values_list("state", "reason")]


@pytest.mark.parametrize(("state", "attempts"), [("failed", 0), ("unknown", 1)])
def test_a_message_goes_once_more_under_the_same_identity(officer, manager, state, attempts):
    make_rule("case_deadline", channels="mail")
    message = troubled(officer, state)
    assert resend(message, by=manager, now=NOW)
    assert fates() == [("due", "")] * 2
    message.refresh_from_db()
    assert (message.attempts, message.resent_by, message.resent_at) == (attempts, manager, NOW)
    assert sweep(NOW) == [message.pk]
    assert deliver(message.pk, NOW) == "sent"
    assert mail.outbox[0].extra_headers["Message-ID"] == message.identity
    assert Reminder.objects.get().attempts == 1


def test_a_second_click_sends_nothing(officer, manager):
    make_rule("case_deadline", channels="mail")
    message = troubled(officer)
    assert [resend(message, by=manager, now=NOW) for _ in range(2)] == [True, False]
    assert [deliver(message.pk, NOW) for _ in range(2)] == ["sent", ""]
    assert not resend(message, by=manager, now=NOW)
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_clicks_at_once_one_counts(officer, manager):
    message = troubled(officer, cases=3)
    clicks = [lambda: resend(message, by=manager, now=NOW)] * 4 + [
        lambda: let_be(message, "Đã gọi điện", by=manager)
    ] * 2
    results = at_once(*clicks)
    assert sorted(results) == [False] * 5 + [True]
    assert len(set(fates())) == 1


def test_it_is_asked_again_whether_it_is_still_wanted(officer, manager):
    make_rule("case_deadline", channels="mail")
    message = troubled(officer, "failed")
    User.objects.filter(pk=officer.pk).update(is_active=False)
    resend(message, by=manager, now=NOW)
    assert deliver(message.pk, NOW) == ""
    assert mail.outbox == []
    assert ("skipped", "inactive") in fates()


def test_while_it_waits_it_stays_whole(officer, manager):
    message = troubled(officer, cases=2)
    resend(message, by=manager, now=NOW)
    assert release_expired(NOW + 2 * LOST_AFTER) == (0, 0)
    assert fates() == [("due", "")] * 3
    assert set(Reminder.objects.values_list("message", flat=True)) == {message.pk}


def test_nothing_is_sent_again_to_an_address_that_refuses(officer, manager):
    message = troubled(officer, "failed")
    RefusedAddress.objects.create(address="hoang@example.vn", refused_at=NOW)
    with pytest.raises(NotAllowedNow):
        resend(message, by=manager, now=NOW)
    assert fates() == [("failed", "SMTPServerDisconnected")] * 2
    User.objects.filter(pk=officer.pk).update(email="moi@example.vn")
    assert resend(ReminderMessage.objects.get(), by=manager, now=NOW)


def test_one_that_need_not_be_sent_says_why_and_who_says_so(officer, manager):
    message = troubled(officer)
    assert [let_be(message, " Đã gọi điện ", by=manager) for _ in range(2)] == [True, False]
    assert fates() == [("skipped", "Đã gọi điện (Nông Thị Thử)")] * 2


@pytest.mark.parametrize("reason", ["", "  ", "\u200b", "x" * 121])
def test_without_a_short_reason_it_stays(officer, manager, reason):
    message = troubled(officer)
    with pytest.raises(InvalidEntry):
        let_be(message, reason, by=manager)
    assert fates()[0][0] == "unknown"


# --- The page ----------------------------------------------------------------------------------------------


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_leaders_see_all_and_officers_their_own(officer, manager):
    mine, other = troubled(officer), troubled(make_user(full_name="Lý Văn Thử"))
    everybody = [manager, make_user(Role.ADMIN)]
    assert [list(undelivered_for(person)) for person in everybody] == [[other, mine]] * 2
    assert list(undelivered_for(officer)) == [mine]
    assert list(undelivered_for(make_user(Role.COOPERATIVE))) == []


def test_the_page_says_who_what_why_and_how_often(officer, manager):
    troubled(officer, cases=7)
    page = signed_in(manager).get(ADDRESS).text
    for words in (
        "Hoàng Thị Thử",
        "Không rõ đã tới chưa",
        "Thư điện tử",
        "đã thử 8 lần",
        "20/09/2023 10:00",
        "Việc 0.0",
    ):
        assert words in page
    assert "Đường truyền bị ngắt giữa chừng" in page and "SMTPServerDisconnected" not in page
    assert "Việc 0.4" in page and "Việc 0.5" not in page and "và 2 việc nữa" in page


def test_what_was_sent_skipped_or_is_due_is_not_on_the_page(officer, manager):
    for state in ("sent", "skipped", "due", "claimed", "sending"):
        troubled(officer, state)
    assert signed_in(manager).get(ADDRESS).context["items"] == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 3),
        ("?trang-thai=failed", 1),
        ("?trang-thai=unknown", 2),
        ("?kenh=webhook", 1),
        ("?kenh=mail&trang-thai=failed", 1),
        ("?kenh=webhook&trang-thai=failed", 0),
        ("?kenh=app%00&trang-thai=due&page=-7", 3),
    ],
)
def test_the_page_is_narrowed_by_state_and_channel(officer, manager, query, found):
    troubled(officer, "failed")
    troubled(officer)
    troubled(officer, channel="webhook")
    assert len(signed_in(manager).get(ADDRESS + query).context["items"]) == found


def test_many_messages_take_as_many_queries_as_few_and_come_by_pages(officer, manager):
    client = signed_in(manager)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(ADDRESS).status_code == 200
        return len(seen)

    def month(message: ReminderMessage, number: int) -> None:
        day = NOW.date()
        Reminder.objects.create(
            rule="placement_confirm", subject=f"placement/{number}/2023-08", cooperative=make_cooperative(),
            detail="2023-08/Kỹ sư", anchor_on=day - timedelta(days=1), occurrence_on=day, message=message,
            recipient=officer, channel="mail", state=message.state, reason=message.reason, run_at=NOW,
        )  # fmt: skip

    month(troubled(officer, cases=2), 1)
    queries()
    few = queries()
    for number in range(30):
        month(troubled(officer, "failed", cases=6), number + 2)
    assert queries() == few
    answer = client.get(ADDRESS)
    assert len(answer.context["items"]) == 25
    assert len(answer.content) < 50_000
    assert len(client.get(f"{ADDRESS}?page=2").context["items"]) == 6


def test_by_the_button_it_is_sent_again_once(officer):
    message = troubled(officer)
    client = signed_in(officer)
    for words in ("Sẽ gửi lại trong vài phút", "đã được xử lý từ trước"):
        answer = client.post(f"{ADDRESS}{message.pk}/gui-lai/", follow=True)
        assert answer.redirect_chain == [(ADDRESS, 302)]
        assert words in answer.text
    assert fates() == [("due", "")] * 2


def test_the_button_is_not_offered_for_an_address_that_refuses_nor_obeyed(officer):
    message = troubled(officer, "failed")
    RefusedAddress.objects.create(address="hoang@example.vn", refused_at=NOW)
    client = signed_in(officer)
    assert "gui-lai" not in client.get(ADDRESS).text
    assert "đang bị từ chối" in client.post(f"{ADDRESS}{message.pk}/gui-lai/", follow=True).text
    assert fates()[0][0] == "failed"


def test_a_reason_is_asked_for_beside_its_field_and_kept(officer):
    message = troubled(officer)
    client = signed_in(officer)
    address = f"{ADDRESS}{message.pk}/khong-can/"
    assert "Việc 0.0" in client.get(address).text
    assert client.post(address, {"reason": " "}).context["form"].errors["reason"]
    too_long = client.post(address, {"reason": "dài " * 60})
    assert too_long.context["form"].errors["reason"] and "dài dài" in too_long.text
    assert fates()[0][0] == "unknown"
    assert client.post(address, {"reason": "Đã gọi điện"}, follow=True).redirect_chain == [(ADDRESS, 302)]
    assert fates() == [("skipped", "Đã gọi điện (Hoàng Thị Thử)")] * 2
    assert "đã được xử lý từ trước" in client.get(address).text


def test_nobody_touches_messages_of_a_colleague(officer):
    message = troubled(make_user(full_name="Lý Văn Thử"))
    client = signed_in(officer)
    assert client.post(f"{ADDRESS}{message.pk}/gui-lai/").status_code == 404
    assert client.post(f"{ADDRESS}{message.pk}/khong-can/", {"reason": "x"}).status_code == 404
    assert client.get(f"{ADDRESS}{message.pk}/gui-lai/").status_code == 405
    assert fates()[0][0] == "unknown"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("muted", "Người nhận đã tắt nhắc"),
        ("bounced", "Máy chủ thư của người nhận trả lại"),
        ("gaierror", "Không tìm thấy máy chủ theo tên"),
        ("ConnectionRefusedError", "Không nối được máy chủ"),
        ("HTTP 503", "Máy chủ trả lời: HTTP 503"),
        ("5.1.1 No such user", "Máy chủ trả lời: 5.1.1 No such user"),
        ("Đã gọi điện (Nông Thị Thử)", "Đã gọi điện (Nông Thị Thử)"),
        ("", ""),
    ],
)
@pytest.mark.once
def test_reasons_are_told_in_words(code, words):
    assert reason_words(code) == words
