"""By mail, through the mail server of the settings."""

import re
import smtplib

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import sanitize_address
from django.template.loader import render_to_string

from support_cases.choices import ReminderChannel
from support_cases.reminders.channels.base import AddressRefused, Channel, ChannelDown, Envelope, NotSent, Uncertain
from support_cases.reminders.channels.wording import text_of, wording_of

#: Answers of a mail server that mean: nobody of this name here.
_NOBODY = frozenset({550, 551, 553})
#: Enhanced status codes (RFC 3463) of an address at which there is nobody. Others, such as a full mailbox (5.2.2) or a
#: mail that was taken for advertising (5.7.1), say nothing against the address.
_NOBODY_ENHANCED = re.compile(r"5\.(?:0\.0|1\.[0-9]{1,3}|2\.1)")
_ONE_ADDRESS = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+")
_ENHANCED = re.compile(r"\s*([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")


def means_nobody(status: str) -> bool:
    """Whether an enhanced status code says that there is nobody at the address."""
    return _NOBODY_ENHANCED.fullmatch(status) is not None


class MailChannel(Channel):
    """One mail to one person."""

    code = ReminderChannel.MAIL

    def address_of(self, person):
        """The address of the account."""
        return person.email

    def send(self, envelope, hand_over):
        """Open the line, hand over, send: until the line stands nothing can have left."""
        _check_address(envelope.recipient.email)
        connection = get_connection()
        try:
            connection.open()
        except (OSError, smtplib.SMTPException) as trouble:
            raise ChannelDown(type(trouble).__name__) from trouble
        try:
            message = mail_of(envelope, connection)
            if hand_over():
                message.send()
        except smtplib.SMTPRecipientsRefused as trouble:
            raise _refusal(*next(iter(trouble.recipients.values()))) from trouble
        except smtplib.SMTPServerDisconnected as trouble:
            raise Uncertain(type(trouble).__name__) from trouble
        except smtplib.SMTPException as trouble:
            # The server answered and refused, so the message is not on its way.
            raise NotSent(type(trouble).__name__) from trouble
        except OSError as trouble:
            raise Uncertain(type(trouble).__name__) from trouble
        finally:
            connection.close()


def mail_of(envelope: Envelope, connection=None) -> EmailMultiAlternatives:
    """Return the mail of an envelope; its Message-ID is the same at every attempt, so that copies can be told."""
    words = wording_of(envelope)
    mail = EmailMultiAlternatives(
        subject=words.subject,
        body=text_of(words),
        to=[envelope.recipient.email],
        # No holiday notice shall answer a machine (RFC 3834).
        headers={"Message-ID": envelope.identity, "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
    mail.attach_alternative(render_to_string("support/mail/reminder.html", {"words": words}), "text/html")
    return mail


def _check_address(address: str) -> None:
    """Refuse what no mail can be addressed to: it would fail in the same way at every attempt."""
    if not _ONE_ADDRESS.fullmatch(address):
        raise AddressRefused("InvalidAddress")
    try:
        sanitize_address(address, "utf-8")
    except ValueError as trouble:
        raise AddressRefused("InvalidAddress") from trouble


def _refusal(code: int, words: bytes) -> NotSent | AddressRefused:
    """Return what the answer to a recipient means."""
    said = words.decode(errors="replace")
    enhanced = _ENHANCED.match(said)
    if code in _NOBODY and (enhanced is None or means_nobody(enhanced[1])):
        return AddressRefused(said)
    return NotSent(said if enhanced else smtplib.SMTPRecipientsRefused.__name__)
