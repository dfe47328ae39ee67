"""A large deterministic set for measuring: a whole country's cooperatives and four years of their work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from django.db import transaction

from cooperatives.models import Holiday
from support_cases.models import Consultation
from support_cases.reports.tallies import rebuild
from support_cases.scale.bulk import fast_inserts, reset_sequences, settle
from support_cases.scale.entries import Entries
from support_cases.scale.register import make_register
from support_cases.scale.season import entries_by_day

FIRST_DAY, LAST_DAY = date(2022, 1, 1), date(2025, 12, 31)
#: As many as there are tax codes to give them.
MOST_COOPERATIVES = 1_000_000
#: So many entries are held in memory at once.
_CHUNK = 10_000

__all__ = ["MOST_COOPERATIVES", "Scale", "has_real_entries", "make_scale"]


@dataclass(frozen=True)
class Scale:
    """How large the set is, and the seed every choice in it hangs on."""

    cooperatives: int
    consultations: int
    seed: int


def has_real_entries() -> bool:
    """Whether somebody's real work is in this database."""
    return Consultation.objects.filter(is_demo=False).exists()


def make_scale(scale: Scale, *, progress: Callable[[int], object] = lambda count: None) -> None:
    """Write the whole set in one transaction, then let the database look at its tables anew.

    The reference rows must be there. ``progress`` is called with the number of consultations just written.
    On equal tables the same scale gives the same rows, except for the versions of the counts, which tell
    the moment of the change.
    """
    rng = Random(scale.seed)  # noqa: S311 the same seed must give the same rows; nothing here is secret
    with transaction.atomic(), fast_inserts():
        register = make_register(scale.cooperatives, scale.seed, rng)
        entries = Entries(register, rng)
        days = [FIRST_DAY + timedelta(days=number) for number in range((LAST_DAY - FIRST_DAY).days + 1)]
        calendar = Holiday.objects.work_calendar()
        for day, count in entries_by_day(days, scale.consultations, calendar):
            for part in _parts(count):
                entries.hold(day, part)
                if entries.waiting >= _CHUNK:
                    progress(entries.write())
        progress(entries.write())
        entries.finish()
        for day in days:
            if day.day in (1, 15):
                rebuild(day)
        reset_sequences()
    settle()


def _parts(count: int) -> list[int]:
    """Return ``count`` split into parts of at most a chunk."""
    return [min(_CHUNK, count - start) for start in range(0, count, _CHUNK)]
