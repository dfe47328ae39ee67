"""Reminders by mail, as a real mail server takes them: parts, headers, languages, long digests, hostile names."""

import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMultiAlternatives
from django.utils import translation
from django.utils.translation import gettext

from htx_portal.accounts.models import User
from support_cases.models import RefusedAddress, Reminder, ReminderMessage
from support_cases.reminders.channels.base import Envelope, Line
from support_cases.reminders.channels.mail import mail_of
from support_cases.reminders.delivery import deliver
from support_cases.reminders.sweep import sweep
from tests.factories import make_consultation, make_cooperative, make_user
from tests.reminding import make_rule
from tests.services import HOST, free_port

pytestmark = pytest.mark.django_db

TODAY = date(2023, 9, 20)  # a Wednesday
NOW = datetime(2023, 9, 20, 8, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
SITE = "https://cong-htx.example.vn"


class Office:
    """An SMTP handler that keeps what it accepts, and may answer to a recipient or to a text as it is told."""

    def __init__(self):
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.to_recipient = self.to_text = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        """Answer to one recipient."""
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server, session, envelope) -> str:
        """Answer to a text."""
        if self.to_text.startswith("250"):
            self.recipients.append(list(envelope.rcpt_tos))
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.to_text


@pytest.fixture
def office(settings) -> Iterator[Office]:
    """A real SMTP server, and settings that send there."""
    controller = Controller(Office(), hostname=HOST, port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, controller.port
    settings.DEFAULT_FROM_EMAIL = "Cổng HTX Bắc Kạn <nhac-viec@example.vn>"
    settings.SITE_URL = SITE
    yield controller.handler
    controller.stop(no_assert=True)


@pytest.fixture
def officer(db) -> User:
    return make_user(full_name="Hoàng Thị Thử", email="hoang@example.vn")


def appointments(officer: User, *names: str) -> list[str]:
    """Remind of an appointment with each; the states their mails ended in."""
    make_rule("follow_up_due", channels="mail")
    for name in names:
        make_consultation(
            make_cooperative(name), by=officer, today=TODAY, held_on=date(2023, 9, 5), outcome="follow_up",
            follow_up_on=TODAY,
        )  # fmt: skip
    return [deliver(pk, NOW) for pk in sweep(NOW)]


def part(mail: EmailMessage, kind: str) -> str:
    """The text of one part of a mail."""
    body = mail.get_body((kind,))
    assert body is not None
    return body.get_content()


class Reader(HTMLParser):
    """Gathers the links of a mail with their words, and every tag in it."""

    def __init__(self, text: str):
        super().__init__()
        self.links: dict[str, str] = {}
        self.tags: list[str] = []
        self._href = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note one tag."""
        self.tags.append(tag)
        self._href = dict(attrs).get("href", "") if tag == "a" else self._href

    def handle_endtag(self, tag):
        """Forget a link that ended."""
        self._href = "" if tag == "a" else self._href

    def handle_data(self, data):
        """Note the words of a link."""
        if self._href:
            self.links[self._href] = self.links.get(self._href, "") + data


def envelope(officer: User, lines: list[Line], **fields) -> Envelope:
    """An envelope with these lines."""
    usual = {
        "identity": "<htx-1@example.vn>",
        "subject": "Nhắc việc",
        "greeting": "Chào",
        "footer": f"{SITE}/nhac-viec/",
    }
    return Envelope(recipient=officer, lines=lines, **usual | fields)


def test_a_mail_has_a_text_and_a_page_that_lead_to_the_very_item(office, officer):
    assert appointments(officer, "Hợp tác xã Đồng Phúc") == ["sent"]
    [mail] = office.mails
    row = Reminder.objects.get()
    title = "Hẹn làm việc tiếp với Hợp tác xã Đồng Phúc ngày 20/09/2023"
    address = f"{SITE}/tu-van/{row.subject_id}/"
    assert mail.get_content_type() == "multipart/alternative"
    assert [each.get_content_type() for each in mail.iter_parts()] == ["text/plain", "text/html"]
    assert f"{title}\n{address}\n" in part(mail, "plain").replace("\r\n", "\n")
    page = Reader(part(mail, "html"))
    assert page.links[address] == title
    assert page.links[f"{SITE}/nhac-viec/"] == f"{SITE}/nhac-viec/"
    assert {"script", "img", "link", "style", "form"} & set(page.tags) == set()
    for kind in ("plain", "html"):
        assert "Tắt nhắc" in part(mail, kind)


def test_its_headers_say_who_and_what_and_that_a_machine_sent_it(office, officer):
    appointments(officer, "Hợp tác xã Đồng Phúc")
    [mail] = office.mails
    assert mail["Subject"].strip() == "Nhắc việc: Hẹn làm việc tiếp với Hợp tác xã Đồng Phúc ngày 20/09/2023"
    assert mail["To"] == "hoang@example.vn"
    assert mail["From"] == "Cổng HTX Bắc Kạn <nhac-viec@example.vn>"
    assert mail["Message-ID"] == ReminderMessage.objects.get().identity
    assert mail["Auto-Submitted"] == "auto-generated"
    assert office.recipients == [["hoang@example.vn"]]


def test_headers_travel_in_ascii_and_short_lines(officer):
    name = "Hợp tác xã Nông nghiệp hữu cơ Miến dong Nà Duồng, xã Côn Minh"
    raw = mail_of(envelope(officer, [Line(name, "", f"{SITE}/")], subject=f"Nhắc việc: {name}")).message().as_bytes()
    head = raw.partition(b"\n\n")[0]
    assert head.isascii()
    assert max(map(len, head.splitlines())) <= 78
    assert message_from_bytes(raw, policy=policy.default)["Subject"].strip() == f"Nhắc việc: {name}"


def test_a_person_who_reads_english_gets_english_words(office):
    officer = make_user(full_name="Hoang Thi Thu", email="hoang@example.vn", language="en")
    appointments(officer, "Dong Phuc")
    [mail] = office.mails
    assert '<html lang="en">' in part(mail, "html")
    with translation.override("en"):
        greeting = gettext("Chào %(name)s,") % {"name": officer}
    assert part(mail, "plain").splitlines()[0] == greeting
    assert greeting in part(mail, "html")


@pytest.mark.parametrize("sign", ["\r\nBcc: ke-xau@example.com\r\n\r\nxin", "\nX-Spy: 1", "\u2028", "\x00\x1b[31m"])
def test_a_name_cannot_add_headers_or_lines(officer, sign):
    name = f"Đồng{sign}Phúc"
    lines = [Line(f"Hẹn với {name}", "", f"{SITE}/tu-van/1/")]
    mail = mail_of(envelope(officer, lines, subject=f"Nhắc việc: {name}", greeting=f"Chào {name},"))
    seen = message_from_bytes(mail.message().as_bytes(), policy=policy.default)
    assert set(seen.keys()) == {
        "Content-Type", "MIME-Version", "Subject", "From", "To", "Message-ID", "Auto-Submitted", "Date",
    }  # fmt: skip
    assert seen["Subject"].strip().startswith("Nhắc việc: Đồng")
    assert seen["To"] == "hoang@example.vn"
    greeting = part(seen, "plain").splitlines()[0]
    assert greeting.startswith("Chào Đồng") and greeting.endswith("Phúc,")


def test_a_name_cannot_add_markup(office, officer):
    name = "<img src=x onerror=alert(1)> & <b>Con</b>"
    assert appointments(officer, name) == ["sent"]
    page = part(office.mails[0], "html")
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; &lt;b&gt;Con&lt;/b&gt;" in page
    assert {"img", "b"} & set(Reader(page).tags) == set()


def test_words_are_composed_however_they_were_entered(officer):
    parted = unicodedata.normalize("NFD", "Đồng Phúc")
    mail = mail_of(envelope(officer, [Line(parted, parted, f"{SITE}/")], subject=parted, greeting=parted))
    assert isinstance(mail, EmailMultiAlternatives)
    texts = [mail.subject, mail.body, mail.alternatives[0][0]]
    assert [unicodedata.is_normalized("NFC", str(text)) for text in texts] == [True, True, True]


def test_a_digest_is_grouped_by_kind_and_says_each_advice_once(officer):
    lines = [
        Line(f"{kind} số {number}", f"Xem {kind.lower()}", f"{SITE}/{kind[0]}/{number}/", kind)
        for number in range(3)
        for kind in ("Hẹn làm việc tiếp", "Hạn xử lý hồ sơ")
    ]
    mail = mail_of(envelope(officer, lines))
    text = str(mail.body)
    page = str(mail.alternatives[0][0])
    first, second = "== Hẹn làm việc tiếp ==", "== Hạn xử lý hồ sơ =="
    assert text.index(first) < text.index("Hẹn làm việc tiếp số 2") < text.index(second)
    assert text.index(second) < text.index("Hạn xử lý hồ sơ số 0")
    assert [text.count(advice) for advice in ("Xem hẹn làm việc tiếp", "Xem hạn xử lý hồ sơ")] == [1, 1]
    assert Reader(page).tags.count("h2") == 2
    assert {line.url for line in lines} <= Reader(page).links.keys()


def test_an_endless_digest_says_how_much_more_there_is(officer):
    lines = [Line(f"Việc số {number}", "", f"{SITE}/tu-van/{number}/") for number in range(137)]
    mail = mail_of(envelope(officer, lines))
    page = str(mail.alternatives[0][0])
    assert "Việc số 99\n" in mail.body and "Việc số 100\n" not in mail.body
    assert "và 37 việc nữa" in mail.body and "và 37 việc nữa" in page
    assert len(Reader(page).links) == 101
    assert len(page.encode()) < 50_000


@pytest.mark.parametrize("answer", ["550 5.1.1 No such user", "550 No such user here", "553 5.1.3 Bad address"])
def test_a_server_that_knows_nobody_of_that_name_marks_the_address(office, officer, answer):
    office.to_recipient = answer
    assert appointments(officer, "Đồng Phúc") == ["failed"]
    assert RefusedAddress.objects.get().address == "hoang@example.vn"
    assert office.mails == []


@pytest.mark.parametrize(
    "answer", ["550 5.7.1 Looks like advertising", "552 5.2.2 Mailbox full", "450 4.2.1 Try later"]
)
def test_other_refusals_say_nothing_against_the_address(office, officer, answer):
    office.to_recipient = answer
    assert appointments(officer, "Đồng Phúc") == [""]
    row = Reminder.objects.get()
    assert (row.state, row.attempts, row.reason) == ("due", 1, answer[4:])
    assert not RefusedAddress.objects.exists()


@pytest.mark.parametrize("answer", ["554 5.6.0 Not wanted", "451 4.3.0 Try later"])
def test_a_text_that_was_refused_is_tried_again(office, officer, answer):
    office.to_text = answer
    assert appointments(officer, "Đồng Phúc") == [""]
    assert list(Reminder.objects.values_list("state", "attempts")) == [("due", 1)]


@pytest.mark.parametrize(
    "address", ["hoang@example.vn\nBcc: x@example.com", "khong-co-a-cong", "a b@example.vn", "a@b,c@d"]
)
def test_what_is_no_address_fails_at_once_and_reaches_nobody(office, address):
    officer = make_user(full_name="Hoàng Thị Thử", email=address)
    assert appointments(officer, "Đồng Phúc") == ["failed"]
    assert Reminder.objects.get().reason == "InvalidAddress"
    assert office.mails == []
