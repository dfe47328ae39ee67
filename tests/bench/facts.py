"""What the requests of a benchmark are about: sessions, and rows that are there."""

from dataclasses import dataclass

#: How many different requests of one operation take turns.
VARIANTS = 12


@dataclass(frozen=True)
class Facts:
    """Who signs in and what is asked for.

    ``busiest`` are (topic, month, channel) with many entries, ``receipts`` (reference, secret) of open cases,
    ``first_month`` is the month of the earliest entry, YYYY-MM.
    """

    staff_session: str
    manager_session: str
    token: str
    cooperatives: list[int]
    receipts: list[tuple[str, str]]
    searches: list[str]
    busiest: list[tuple[str, str, str]]
    first_month: str
