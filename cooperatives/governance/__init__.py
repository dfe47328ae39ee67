"""Governance of a cooperative: general meetings and their rules, terms of office, what the law asks by when."""
