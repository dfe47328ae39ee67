"""The work in the admin site, one module for each subject; Django imports this package and finds them all."""

from support_cases.admin import referrals, reminders, rules, work

__all__ = ["referrals", "reminders", "rules", "work"]
