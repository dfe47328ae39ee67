"""The secret address under which a person's telephone reads their calendar: made, renewed, taken back."""

from datetime import datetime

from htx_portal.accounts.models import User
from support_cases.models import CalendarFeed
from support_cases.models.operations import new_feed_secret


def make_feed(person: User, now: datetime) -> CalendarFeed:
    """Return the feed of ``person``, made now where there is none."""
    return CalendarFeed.objects.get_or_create(person=person, defaults={"made_at": now})[0]


def renew_feed(person: User, secret: str, now: datetime) -> bool:
    """Give the feed another secret if it still has ``secret``, so that a second click does not renew it again."""
    row = CalendarFeed.objects.filter(person=person).first()
    # Compared here: what was sent may hold what no database takes as a text.
    if row is None or row.secret != secret:
        return False
    mine = CalendarFeed.objects.filter(pk=row.pk, secret=row.secret)
    return bool(mine.update(secret=new_feed_secret(), made_at=now))


def revoke_feed(person: User) -> bool:
    """Take the feed of ``person`` back; return whether there was one."""
    return bool(CalendarFeed.objects.filter(person=person).delete()[0])


def open_feed(secret: str) -> CalendarFeed | None:
    """Return the feed with this secret, or None where there is none or its person may not sign in any more."""
    return CalendarFeed.objects.select_related("person").filter(secret=secret, person__is_active=True).first()
