"""Reminders: rules (what is due), ledger (claimed once), delivery (mail, in the app)."""
