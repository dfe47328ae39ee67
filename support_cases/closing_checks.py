"""Whether what was sent can still be counted: a closing against the rows, and one way of counting against another."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from support_cases.closings import counted_at, digest_of
from support_cases.models import Closing, KeptLists
from support_cases.reports.by_hand import count_by_hand
from support_cases.reports.counting import count_figures
from support_cases.reports.kept_lists import wrong_lists
from support_cases.reports.kinds import Figures, Names, ReportKind, Scope
from support_cases.reports.office import period_of
from support_cases.reports.periods import Period
from support_cases.reports.registry import REPORTS

#: The dimension under which a kept list that does not agree with its number is told; the key is its cell.
LISTS = "lists"


@dataclass(frozen=True)
class Difference:
    """One number that is not what it was: report, dimension, key, and the numbers then and now (None: not there)."""

    report: str
    dimension: str
    key: str
    then: list | None
    now: list | None


@dataclass(frozen=True)
class Verdict:
    """What a check of one closing found.

    ``intact`` says that the figures kept still have the digest they were closed with; ``not_kept`` names reports
    that came into the portal later; ``counted_again`` those that were compared with the rows; ``not_rebuilt`` those the
    rows of today cannot tell of a past day: of these the digest and the lists behind their numbers were checked.
    """

    closing: Closing
    intact: bool
    differences: list[Difference] = field(default_factory=list)
    not_kept: list[str] = field(default_factory=list)
    counted_again: list[str] = field(default_factory=list)
    not_rebuilt: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether what was sent was counted again to the last byte."""
        return self.intact and not self.differences


def verify_closing(closing: Closing) -> Verdict:
    """Count every report of a closed period again as known at its closing, and compare it with what was kept."""
    period = period_of(closing)
    intact = bool(closing.digest) and digest_of(period, closing.figures, closing.names) == closing.digest
    verdict = Verdict(closing, intact)
    for code, kind in REPORTS.items():
        if code not in closing.figures:
            verdict.not_kept.append(code)
        elif not kind.rebuilt:
            verdict.not_rebuilt.append(code)
            verdict.differences.extend(_lists_that_differ(closing, code))
        else:
            verdict.counted_again.append(code)
            again = counted_at(kind, period, closing.closed_at, from_rows=True)
            kept = closing.figures[code]
            verdict.differences.extend(differences(code, _rebuilt(kept, kind), _rebuilt(again, kind)))
    return verdict


def _rebuilt(figures: Figures, kind: ReportKind) -> Figures:
    """Return the figures the rows can tell of a past day."""
    return {name: lines for name, lines in figures.items() if name not in kind.not_rebuilt}


def _lists_that_differ(closing: Closing, code: str) -> Iterator[Difference]:
    """Yield the numbers of a report whose kept list is not as long as they say, or does not add up to them."""
    content = KeptLists.objects.filter(closing=closing, report=code).values_list("content", flat=True).first()
    if content is None:
        return
    scope = Scope(period_of(closing), closing.closed_at, timezone.localdate(closing.closed_at))
    for cell, number, rows in wrong_lists(REPORTS[code], scope, closing.figures[code], Names(closing.names), content):
        yield Difference(code, LISTS, cell, [number], None if rows is None else [rows])


def differences(report: str, then: Figures, now: Figures) -> list[Difference]:
    """Return where two sets of figures of one report are not the same, in the order of their names."""
    found = []
    for dimension in sorted({*then, *now}):
        before, after = then.get(dimension, {}), now.get(dimension, {})
        for key in sorted({*before, *after}):
            if before.get(key) != after.get(key):
                found.append(Difference(report, dimension, key, before.get(key), after.get(key)))
    return found


def by_hand_differences(period: Period, moment: datetime | None) -> list[Difference]:
    """Return where counting by SQL and counting one entry after another do not agree."""
    by_hand = count_by_hand(period, moment)
    counted = count_figures(period, moment)
    same = {name: lines for name, lines in counted.items() if name in by_hand}
    return differences("served", _with_zeros(same, by_hand), by_hand)


def _with_zeros(counted: Figures, by_hand: Figures) -> Figures:
    """Return the figures with a zero for each total SQL has no row for: it gives none for an empty group."""
    return {
        name: {key: counted.get(name, {}).get(key, [0, 0]) for key in lines} | counted.get(name, {})
        for name, lines in by_hand.items()
    }
