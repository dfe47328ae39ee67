"""Reminders: sources (what there is), occasions (when), the ledger (once), channels (how), explanations (why)."""
