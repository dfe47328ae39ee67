"""A review of a cooperative's list in the making: where it starts, where it leads, what is wrong by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cooperatives.lines.change import list_before
from cooperatives.lines.difference import LineChange, Outcome, Problems, outcomes, problems_in
from cooperatives.models import BusinessLine, Cooperative, ListRevision, VsicLine


@dataclass(frozen=True)
class Review:
    """The list ``before``, the list ``after``, and the problems of the changes between them."""

    changes: Sequence[LineChange]
    before: Sequence[BusinessLine]
    after: Sequence[Outcome]
    problems: Problems

    @property
    def new_lines(self) -> list[VsicLine]:
        """The lines of the classification the changes bring in."""
        return [change.line for change in self.changes if change.line is not None]

    @property
    def left_out(self) -> list[BusinessLine]:
        """The lines of the list before that no change names; they stay as they are."""
        named = {change.present.pk for change in self.changes if change.present is not None}
        return [line for line in self.before if line.pk not in named]


def review(
    cooperative: Cooperative | None, changes: Sequence[LineChange], on: date, replacing: ListRevision | None = None
) -> Review:
    """Return what ``changes`` make of the list a change on the day ``on`` starts from; one query.

    Without changes nothing is wrong; without a cooperative the list is empty.
    """
    before = list_before(cooperative, on, replacing) if cooperative is not None else []
    problems = problems_in(before, changes) if changes else {}
    return Review(changes, before, outcomes(before, changes), problems)
