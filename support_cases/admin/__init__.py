"""The work in the admin site, one module for each subject; Django imports this package and finds them all."""

from support_cases.admin import rules, work

__all__ = ["rules", "work"]
