"""The reference file of checklists into its table, and all reference files together."""

from collections import Counter
from pathlib import Path

from django.db import transaction

from cooperatives.reference import add_missing, load_register_reference
from support_cases.bases import pin_cases
from support_cases.models import ChecklistRule, LegalBasis, ReminderRule


def load_reference(folder: Path) -> Counter[str]:
    """Add what the tables lack of all reference files in ``folder``; return rows added by file name.

    Rows are known by their natural key; a row staff have edited stays as it is.

    Raises:
        BadDataFile: and nothing is written.
    """
    with transaction.atomic():
        added = load_register_reference(folder)
        key = ("topic", "variant", "code", "valid_from")
        added["checklist.csv"] = add_missing(folder / "checklist.csv", ChecklistRule, key)
        added["legal_bases.csv"] = add_missing(folder / "legal_bases.csv", LegalBasis, ("topic", "valid_from"))
        added["reminder_rules.csv"] = add_missing(folder / "reminder_rules.csv", ReminderRule, ("key", "valid_from"))
        pin_cases()
    return added
