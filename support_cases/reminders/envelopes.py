"""The words of a message: one line for each matter, the latest of several about one thing."""

from collections import defaultdict
from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cooperatives.errors import Words
from support_cases.models import Reminder, ReminderMessage
from support_cases.reminders.channels.base import Envelope, Line
from support_cases.reminders.sources import SOURCES


def envelope_for(message: ReminderMessage, rows: Sequence[Reminder]) -> Envelope:
    """Return the message in the language of its recipient; what is about one thing is one line."""
    with translation.override(message.recipient.language):
        lines = lines_for(latest(rows))
        return Envelope(
            identity=message.identity,
            recipient=message.recipient,
            subject=_subject(lines),
            greeting=_("Chào %(name)s,") % {"name": message.recipient},
            lines=lines,
            footer=_("Xem mọi nhắc việc: %(link)s") % {"link": settings.SITE_URL + reverse("support:reminders")},
        )


def latest(rows: Sequence[Reminder]) -> list[Reminder]:
    """Return of the rows about one thing the latest: after an outage −3, 0 and +1 are one matter. In their order."""
    last = {(row.rule, row.subject): row for row in sorted(rows, key=lambda row: (row.occurrence_on, row.pk))}
    return sorted(last.values(), key=lambda row: (row.anchor_on, row.pk))


def lines_for(rows: Sequence[Reminder]) -> list[Line]:
    """Return what a message says of each row, in the present language; at most one query for each kind of occasion."""
    details: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        details[row.rule].add(row.detail)
    words = {rule: SOURCES[rule].whats(found) for rule, found in details.items()}
    return [_line(row, words[row.rule][row.detail]) for row in rows]


def _line(row: Reminder, what: Words) -> Line:
    source = SOURCES[row.rule]
    title = source.title(row, what)
    if row.instead_of:
        title = _("%(title)s (thay %(person)s)") % {"title": title, "person": row.instead_of}
    return Line(title, str(source.advice), settings.SITE_URL + source.url(row), row.get_rule_display())


def _subject(lines: Sequence[Line]) -> str:
    if len(lines) == 1:
        return _("Nhắc việc: %(title)s") % {"title": lines[0].title}
    return ngettext("Nhắc việc: %(n)s việc cần xem", "Nhắc việc: %(n)s việc cần xem", len(lines)) % {"n": len(lines)}
