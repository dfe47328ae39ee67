"""The work in the admin site, one module for each subject; Django imports this package and finds them all."""

from support_cases.admin import referrals, rules, work

__all__ = ["referrals", "rules", "work"]
