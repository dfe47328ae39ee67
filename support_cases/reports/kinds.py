"""What a report is: one registered function that counts, one that lays out, asked by every door alike."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from cooperatives.errors import Words
from cooperatives.models import Cooperative, FoundingGroup, called_then, names_then
from htx_portal.accounts.models import User
from support_cases.reports.periods import Period
from support_cases.reports.tables import Column, Table, Value

#: Dimension → key → numbers: what a count found. Nothing but what JSON holds, so that a closing can keep it.
Figures = dict[str, dict[str, list]]
#: Under this word the names of a closing hold the rule of each report, in Vietnamese.
RULES = "rule"


@dataclass(frozen=True)
class Scope:
    """What is counted: a period, as known just before ``moment`` (None: now), seen from ``day``.

    ``day`` is the last day of that knowledge; what is overdue, open or registered is judged on it, or on the last
    day of the period where that is earlier.
    """

    period: Period
    moment: datetime | None
    day: date

    @property
    def stand(self) -> date:
        """The day on which states are judged."""
        return min(self.day, self.period.end)

    @property
    def is_running(self) -> bool:
        """Whether some of the period was still to come: ``day`` itself is over only where knowledge ends with it."""
        return self.period.end > self.day or (self.moment is None and self.period.end == self.day)


class Names:
    """What units, officers and cooperatives are called; of a closed period, what they were called then.

    Of a past ``moment`` nobody closed, cooperatives are called what the register said then.
    """

    def __init__(self, kept: dict[str, dict[str, str]] | None = None, moment: datetime | None = None):
        self._kept, self._moment = kept or {}, moment
        self._found: dict[str, dict[str, str]] = {}

    def officers(self, keys: Iterable[str]) -> dict[str, str]:
        """Return the names of officers by their numbers as text; one query for those not known yet."""
        return self._called("officer", keys, _officers)

    def cooperatives(self, keys: Iterable[str]) -> dict[str, str]:
        """Return the names of cooperatives by their numbers as text; one query for those not known yet."""
        return self._called("cooperative", keys, self._cooperatives)

    def founding_groups(self, keys: Iterable[str]) -> dict[str, str]:
        """Return the names of founding groups by their numbers as text; two queries for those not known yet."""
        return self._called("founding_group", keys, self._founding_groups)

    def _called(self, what: str, keys: Iterable[str], read: Callable[[list[int]], Iterable[tuple]]) -> dict[str, str]:
        found = self._found.setdefault(what, dict(self._kept.get(what, {})))
        wanted = [key for key in keys if key]
        missing = sorted({int(key) for key in wanted if key not in found})
        if missing:
            found.update({str(number): name for number, name in read(missing)})
        return {key: found.get(key, key) for key in wanted}

    def _cooperatives(self, numbers: list[int]) -> Iterable[tuple[int, str]]:
        rows = Cooperative.objects.filter(pk__in=numbers)
        return rows.annotate(called=called_then(self._moment, "")).values_list("pk", "called")

    def _founding_groups(self, numbers: list[int]) -> Iterable[tuple[int, str]]:
        now = dict(FoundingGroup.objects.filter(pk__in=numbers).values_list("pk", "name"))
        return (now | names_then(self._moment, numbers, FoundingGroup)).items()

    def rule(self, code: str) -> str:
        """Return the rule a closing keeps of a report, in Vietnamese; "" where it keeps none."""
        return self._kept.get(RULES, {}).get(code, "")

    @property
    def kept_units(self) -> list[int]:
        """The numbers of the units that were named when the period was closed; none while it is open."""
        return [int(key) for key in self._kept.get("unit", {})]

    def units(self, called: dict[str, str]) -> dict[str, str]:
        """Return the names of units by the numbers of their rows as text: ``called`` now, or as kept."""
        found = self._found.setdefault("unit", {})
        found.update({key: self._kept.get("unit", {}).get(key, name) for key, name in called.items()})
        return {key: found[key] for key in called}

    def known(self) -> dict[str, dict[str, str]]:
        """Return every name that was asked for, to be kept with the figures."""
        return {what: dict(sorted(found.items())) for what, found in sorted(self._found.items())}


def _officers(numbers: list[int]) -> list[tuple[int, str]]:
    people = User.objects.filter(pk__in=numbers).values_list("pk", "full_name", "username")
    return [(pk, full or username) for pk, full, username in people]


@dataclass(frozen=True)
class Listed:
    """The rows behind one figure, in a fixed order: as many as a count says, or the ones a sum of money adds up.

    ``line`` turns one row into its values for ``columns`` and ``address`` into the page that shows it, as
    ``(name, arguments)``, or None. ``summed`` is the code of the column that adds up to the figure, and what the rows
    call it in a query; empty where the figure counts the rows.
    """

    title: Words
    rows: QuerySet
    columns: tuple[Column, ...]
    line: Callable[[Any], tuple[Value, ...]]
    address: Callable[[Any], tuple[str, tuple] | None]
    summed: str = ""


@dataclass(frozen=True)
class Carried:
    """What a report tells of another one, whose ``code`` names the figures a closing keeps of it.

    ``compute`` counts as much of them as ``lay_out`` and the sentences need.
    """

    code: str
    compute: Callable[[Scope], Figures]
    lay_out: Callable[[Scope, Figures, Names], list[Table]]


@dataclass(frozen=True)
class ReportKind:
    """One report.

    ``compute`` counts, in a bounded number of queries; ``lay_out`` turns figures into tables in the language of
    the reader and asks the database for nothing but names; ``behind`` returns what a cell with ``ROWS`` behind it
    lists, by the codes of table, line and column, or None for a cell there is not. ``slug`` is its address under
    ``/bao-cao/``. ``rebuilt`` says whether the figures of a past day can be counted again from the rows; where not,
    a closing alone tells what was sent; ``not_rebuilt`` are dimensions of which that is so. ``versioned`` says whether
    nothing but entries and the register decides the figures, so that the version of both tells whether they are still
    true. ``of_entries`` says whether it counts lượt of its period. ``recount`` gives the same figures as ``compute``
    out of the rows alone, where ``compute`` adds up something that is kept. ``carries`` is what it tells of another
    report below its own tables.
    """

    code: str
    slug: str
    title: Words
    rule: Words
    compute: Callable[[Scope], Figures]
    lay_out: Callable[[Scope, Figures, Names, str], list[Table]]
    behind: Callable[[Scope, str, str, str], Listed | None] | None = None
    rebuilt: bool = True
    not_rebuilt: tuple[str, ...] = ()
    versioned: bool = False
    of_entries: bool = False
    recount: Callable[[Scope], Figures] | None = None
    carries: Carried | None = None

    def listed(self, scope: Scope, table: str, row: str, column: str) -> Listed | None:
        """Return what ``behind`` does for codes somebody sent; None too for those no database takes."""
        if self.behind is None or "\x00" in f"{table}{row}{column}":
            return None
        return self.behind(scope, table, row, column)
