"""An agenda as iCalendar (RFC 5545): days without hours, the same bytes for the same rows."""

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event

from support_cases.reminders.agenda import Entry

#: How often a telephone is asked to look again.
_REFRESH = timedelta(hours=6)


def to_ics(entries: Iterable[Entry], name: str) -> bytes:
    """Return a calendar called ``name`` with one all-day event for each entry; alarms are left to the reader."""
    calendar = Calendar()
    calendar.add("prodid", "-//HTX portal//calendar feed//VI")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    for entry in entries:
        calendar.add_component(_event(entry, host))
    return calendar.to_ical()


def _event(entry: Entry, host: str) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid.replace('/', '-')}@{host}")
    event.add("dtstamp", entry.changed_at)
    event.add("dtstart", entry.on)
    event.add("dtend", entry.on + timedelta(days=1))
    event.add("summary", entry.title)
    if entry.advice:
        event.add("description", entry.advice)
    event.add("url", entry.url)
    event.add("transp", "TRANSPARENT")
    return event
