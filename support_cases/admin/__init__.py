"""The work in the admin site, one module for each subject; Django imports this package and finds them all."""

from support_cases.admin import estimates, reach, referrals, reminders, rules, work

__all__ = ["estimates", "reach", "referrals", "reminders", "rules", "work"]
