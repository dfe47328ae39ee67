"""By mail, through the mail server of the settings."""

import smtplib

from django.core.mail import EmailMultiAlternatives, get_connection

from support_cases.choices import ReminderChannel
from support_cases.reminders.channels.base import AddressRefused, Channel, ChannelDown, Envelope, NotSent, Uncertain

#: Answers of a mail server that mean: nobody of this name here.
_NOBODY = frozenset({550, 551, 553})


class MailChannel(Channel):
    """One mail to one person."""

    code = ReminderChannel.MAIL

    def address_of(self, person):
        """The address of the account."""
        return person.email

    def send(self, envelope, hand_over):
        """Open the line, hand over, send: until the line stands nothing can have left."""
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
            code, words = next(iter(trouble.recipients.values()))
            if code in _NOBODY:
                raise AddressRefused(words.decode(errors="replace")) from trouble
            raise NotSent(type(trouble).__name__) from trouble
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
    parts = [envelope.greeting]
    parts += ["\n".join(text for text in (line.title, line.advice, line.url) if text) for line in envelope.lines]
    return EmailMultiAlternatives(
        subject=envelope.subject,
        body="\n\n".join([*parts, envelope.footer, ""]),
        to=[envelope.recipient.email],
        headers={"Message-ID": envelope.identity},
        connection=connection,
    )
