"""The human-resource support: what a month is worth, which months count, and the acts that record it."""
