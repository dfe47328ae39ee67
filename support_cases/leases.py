"""One worker's hold on a row it works on for long: the row is the truth, and the queue only hurries.

Whoever takes a row by one conditional update writes until when it has it. A worker that dies leaves the row to the next
one when that time is over.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone


class Taken(Exception):
    """Another worker has the row, or nobody wants the work any more: this one was too slow."""


class Lease:
    """A row with a column ``leased_until``; the end that this worker wrote there tells whether it is still its own.

    ``rows`` is the row for as long as there is something to do about it, ``until`` the end written when it was taken,
    and each sign of progress moves that to ``length`` from then.
    """

    def __init__(self, rows: QuerySet, until: datetime | None, length: timedelta):
        self._rows, self._until, self._length = rows, until, length

    @property
    def mine(self) -> QuerySet:
        """The row, while this worker has it."""
        return self._rows.filter(leased_until=self._until)

    def tell(self, **progress: int) -> None:
        """Note the progress and take the row for longer. Raises ``Taken``."""
        until = timezone.now() + self._length
        if not self.mine.update(**progress, leased_until=until):
            raise Taken
        self._until = until

    def finish(self, **values) -> bool:
        """Write how it ended, unless somebody else has the row by now; return whether that was done."""
        return bool(self.mine.update(**values, leased_until=None))
