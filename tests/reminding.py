"""Rules of reminders for tests, and one pass from what is due to what is delivered."""

from datetime import date, datetime

from django.conf import settings

from cooperatives.reference import add_missing
from support_cases.models import ReminderRule
from support_cases.reminders.delivery import deliver
from support_cases.reminders.sweep import sweep


def shipped_rules() -> None:
    """The rules every installation begins with."""
    add_missing(settings.FIXTURES_DIR / "reference" / "reminder_rules.csv", ReminderRule, ("key", "valid_from"))


def make_rule(occasion: str, offsets: str = "0", **values) -> ReminderRule:
    """One rule, told to the officer in the portal and by mail unless said otherwise."""
    defaults = {"key": f"{occasion.replace('_', '-')}-{ReminderRule.objects.count()}", "valid_from": date(2022, 1, 1)}
    rule = ReminderRule(**defaults | {"occasion": occasion, "offsets": offsets} | values)
    rule.full_clean()
    rule.save()
    return rule


def one_pass(now: datetime) -> list[str]:
    """Sweep and deliver what the sweep queued, as a worker would; the states the messages ended in."""
    return [deliver(pk, now) for pk in sweep(now)]
