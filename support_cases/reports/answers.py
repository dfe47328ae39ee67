"""One report on one period, answered from the closing that keeps it or by counting."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.core.cache import cache

from support_cases.models import Closing
from support_cases.reports.basis import Basis, basis_of
from support_cases.reports.kinds import Figures, Names, ReportKind
from support_cases.reports.periods import Period
from support_cases.reports.tables import Table
from support_cases.reports.versions import version_until

_KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Answer:
    """The figures of one report, what they rest on, and their tables in the territorial frame asked for.

    ``kept`` says whether the figures are those of the closing it rests on.
    """

    kind: ReportKind
    period: Period
    frame: str
    basis: Basis
    figures: Figures
    names: Names = field(compare=False)
    kept: bool

    @property
    def is_of_today(self) -> bool:
        """Whether a past day was asked for and some of the figures are nevertheless those of today's register."""
        return self.basis.moment is not None and not self.kept and not self.kind.rebuilt

    @property
    def tables(self) -> list[Table]:
        """All tables: its own, then what it carries of another report."""
        return [*self.own_tables, *self._carried_tables]

    @cached_property
    def own_tables(self) -> list[Table]:
        """The tables in the language in force when they are first asked for."""
        return self.kind.lay_out(self.basis.scope, self.figures, self.names, self.frame)

    @cached_property
    def _carried_tables(self) -> list[Table]:
        carries = self.kind.carries
        return carries.lay_out(self.basis.scope, self.carried, self.names) if carries else []

    @cached_property
    def carried(self) -> Figures:
        """The figures it carries of another report: what its closing keeps of it, or counted when first asked for."""
        if self.kind.carries is None:
            return {}
        kept = _kept(self.kind.carries.code, self.basis)[0]
        return self.kind.carries.compute(self.basis.scope) if kept is None else kept

    def table(self, code: str) -> Table:
        """Return one table by its code; what is carried is counted only for its own. Raises ``KeyError``."""
        found = next((table for table in self.own_tables if table.code == code), None)
        found = found or next((table for table in self._carried_tables if table.code == code), None)
        if found is None:
            raise KeyError(code)
        return found


def answer(
    kind: ReportKind,
    period: Period,
    *,
    frame: str,
    today: date,
    as_of: date | None = None,
    closing: int | None = None,
) -> Answer:
    """Return the report of ``kind`` on ``period``.

    ``as_of`` rebuilds what was known at the end of that day; a day not yet over means now. A period that was closed
    by then answers with the figures its closing keeps: what was sent. ``closing`` asks for those of one closing of the
    period by its number, reopened since or not.

    Raises:
        InvalidEntry: under ``closing``, where the period has none of that number.
    """
    return answer_on(kind, basis_of(period, as_of=as_of, today=today, closing=closing), frame)


def answer_on(kind: ReportKind, basis: Basis, frame: str) -> Answer:
    """Return the report of ``kind`` on what another one rests on."""
    kept, names = _kept(kind.code, basis)
    figures = figures_of(kind, basis) if kept is None else kept
    return Answer(kind, basis.period, frame, basis, figures, Names(names, basis.moment), kept is not None)


def _kept(code: str, basis: Basis) -> tuple[Figures | None, dict | None]:
    """Return the figures of a report its closing keeps, and the names; None where there are none."""
    if basis.closing is None:
        return None, None
    # Of all it keeps, the figures of this report alone.
    rows = Closing.objects.filter(pk=basis.closing.pk).values_list(f"figures__{code}", "names")
    kept: tuple[Figures | None, dict | None] = rows.get()
    return kept


def figures_of(kind: ReportKind, basis: Basis) -> Figures:
    """Return the figures counted on ``basis``, from the cache where nothing they hang on has changed."""
    if not kind.versioned:
        return kind.compute(basis.scope)
    # What there is on the last day of a running period is another thing tomorrow.
    state = f"{basis.moment}|{basis.scope.stand}|{version_until(basis.period.end)}"
    asked = f"{kind.code}|{basis.period}|{state}"
    key = "report:" + hashlib.sha256(asked.encode()).hexdigest()
    found = cache.get(key)
    if found is None:
        found = kind.compute(basis.scope)
        cache.set(key, found, timeout=_KEPT_SECONDS)
    return found
