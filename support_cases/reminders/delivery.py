"""Bringing one reminder to its recipient, by mail or in the app."""

import smtplib
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import gettext as _

from support_cases.choices import ReminderChannel
from support_cases.models import Reminder
from support_cases.reminders import ledger
from support_cases.reminders.rules import reason_to_skip


def deliver(pk: int, now: datetime) -> str:
    """Deliver reminder ``pk`` if it is due and nobody else has it; return the state it ended in, or ``""``.

    The state of the appointment is read again after the claim, so a reminder that is no longer wanted is
    skipped. The connection is opened before the row is marked as sending: until then nothing can have left.
    """
    token = ledger.claim(pk, now)
    if token is None:
        return ""
    reminder = Reminder.objects.select_related(
        "recipient", "follow_up__consultation__cooperative", "follow_up__consultation__founding_group"
    ).get(pk=pk)
    reason = reason_to_skip(reminder)
    if reason:
        ledger.skipped(pk, token, reason)
    elif reminder.channel == ReminderChannel.APP:
        ledger.begin_sending(pk, token, now)
        ledger.sent(pk, token, now)
    else:
        _send_mail(reminder, token, now)
    return Reminder.objects.values_list("state", flat=True).get(pk=pk)


def _send_mail(reminder: Reminder, token, now: datetime) -> None:
    """Send the mail of a claimed reminder and note what is known of its fate."""
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as trouble:
        ledger.not_sent(reminder.pk, token, now, reminder.attempts, type(trouble).__name__)
        return
    try:
        message = message_for(reminder, connection)
        if not ledger.begin_sending(reminder.pk, token, now):
            return
        message.send()
    except smtplib.SMTPServerDisconnected as trouble:
        ledger.uncertain(reminder.pk, token, type(trouble).__name__)
    except smtplib.SMTPException as trouble:
        # The server answered and refused, so the message is not on its way.
        ledger.not_sent(reminder.pk, token, now, reminder.attempts, type(trouble).__name__)
    except OSError as trouble:
        ledger.uncertain(reminder.pk, token, type(trouble).__name__)
    else:
        ledger.sent(reminder.pk, token, now)
    finally:
        connection.close()


def message_for(reminder: Reminder, connection=None) -> EmailMessage:
    """Return the mail of a reminder in the recipient's language, with a link to the exact entry.

    The Message-ID is the same at every attempt, so that a mail box can tell a second copy.
    """
    consultation = reminder.follow_up.consultation
    link = settings.SITE_URL + reverse("support:consultation", args=[consultation.pk])
    with translation.override(reminder.recipient.language):
        words = {
            "party": consultation.party.name,
            "due": formats.date_format(reminder.follow_up.due_on),
            "held": formats.date_format(consultation.held_on),
            "link": link,
            "name": str(reminder.recipient),
        }
        subject = _("Nhắc việc: hẹn làm việc tiếp với %(party)s ngày %(due)s") % words
        body = (
            _(
                "Chào %(name)s,\n\n"
                "Hẹn làm việc tiếp với %(party)s đến hạn ngày %(due)s (lần tư vấn ngày %(held)s).\n\n"
                "Mở lần tư vấn: %(link)s\n\n"
                "Khi đã làm xong, bấm “Đã làm” trên trang đó để không bị nhắc lại.\n"
            )
            % words
        )
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    host = sender.rpartition("@")[2] or "localhost"
    return EmailMessage(
        subject=subject,
        body=body,
        to=[reminder.recipient.email],
        headers={"Message-ID": f"<htx-reminder-{reminder.pk}-{reminder.created_at:%Y%m%d%H%M%S}@{host}>"},
        connection=connection,
    )
