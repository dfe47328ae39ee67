"""The figures of the lượt as lines with names: every breakdown with its zeros, in the order people read it."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from cooperatives.choices import Kind, UnitKind
from cooperatives.models import AdminUnit
from support_cases.choices import Channel
from support_cases.reports.counting import UNIT_DIMENSION, UNKNOWN
from support_cases.reports.kinds import Figures, Names
from support_cases.reports.periods import Period
from support_cases.reports.tables import Cell, Column, leading
from support_cases.support_types import topic_choices

#: The units of the territory by the dimension they are counted in.
UNITS_OF = {
    "district": AdminUnit.objects.old_districts,
    "commune": AdminUnit.objects.new_communes,
    "old_commune": AdminUnit.objects.old_communes,
}
#: Beyond so many units only those with figures are shown.
MOST_UNITS = 120

#: Key in the figures, code for the outside, name for people.
Named = tuple[str, str, str]


@dataclass(frozen=True)
class Line:
    """One line of a breakdown: what it is about, its lượt and its distinct HTX.

    ``code`` is what the outside knows the line by (official unit code, topic, channel, officer's number);
    empty where what the entries belong to is not known.
    """

    code: str
    name: str
    consultations: int = 0
    cooperatives: int = 0


class ServedLines:
    """The figures of one period, read by total and by line."""

    def __init__(self, period: Period, frame: str, figures: Figures, names: Names):
        self.period, self.frame = period, frame
        self.figures, self.names = figures, names

    @property
    def consultations(self) -> int:
        """Lượt of the period."""
        return self.total("total")[0]

    @property
    def cooperatives(self) -> int:
        """Distinct HTX of the period."""
        return self.total("total")[1]

    @property
    def first_time(self) -> int:
        """Distinct HTX not served before in the same year."""
        return self.total("first_time")[1]

    @property
    def first_time_last_year(self) -> int:
        """Distinct HTX of the same period a year before, not served before in that year."""
        return self.total("first_time_last_year")[1]

    @property
    def founding_groups(self) -> int:
        """Entries of founding groups, which are no lượt."""
        return self.total("founding_groups")[0]

    @property
    def last_year_consultations(self) -> int:
        """Lượt of the same period a year before."""
        return self.total("last_year")[0]

    @property
    def last_year_cooperatives(self) -> int:
        """Distinct HTX of the same period a year before."""
        return self.total("last_year")[1]

    @cached_property
    def by_month(self) -> list[Line]:
        """The months in order."""
        return self._lines("month", months(self.period))

    @cached_property
    def by_month_last_year(self) -> list[Line]:
        """The same months of the year before."""
        return self._lines("month_last_year", months(self.period.year_before()))

    @cached_property
    def by_topic(self) -> list[Line]:
        """The topics; their lượt may add up to more than the total."""
        return self._lines("topic", topics(self.of("topic")))

    @cached_property
    def by_channel(self) -> list[Line]:
        """The channels."""
        return self._lines("channel", same(Channel.choices))

    @cached_property
    def by_kind(self) -> list[Line]:
        """The kinds of cooperative."""
        return self._lines("kind", same(Kind.choices))

    @cached_property
    def by_unit(self) -> list[Line]:
        """The units of the frame; their names are one query, made when they are first asked for."""
        return self.units(UNIT_DIMENSION[self.frame])

    @cached_property
    def by_officer(self) -> list[Line]:
        """The officers, most lượt first; their names are one query, made when they are first asked for."""
        found = self.of("officer")
        known = self.names.officers(found).items()
        ordered = sorted(known, key=lambda one: (-found[one[0]][0], one[1], int(one[0])))
        return self._lines("officer", [(key, key, name) for key, name in ordered])

    def units(self, dimension: str) -> list[Line]:
        """Return the lines by ``district``, ``commune`` (new) or ``old_commune``, in the order of their codes."""
        found = self.of(dimension)
        return self._lines(dimension, units(dimension, found, self.names))

    def of(self, dimension: str) -> dict[str, list]:
        """Return the numbers of one dimension by their keys."""
        return self.figures.get(dimension, {})

    def total(self, dimension: str) -> list:
        """Return lượt and distinct HTX of a dimension that has no keys."""
        return self.of(dimension).get(UNKNOWN, [0, 0])

    def _lines(self, dimension: str, named: list[Named]) -> list[Line]:
        """Return a line for each name in order, zeros included, then one for what is not known."""
        found = self.of(dimension)
        return [Line(code, str(name), *found.get(key, [0, 0])) for key, code, name in with_unknown(named, found)]


def same(pairs: Iterable[tuple]) -> list[Named]:
    """Return names of lines whose key is also their code."""
    return [(str(code), str(code), str(name)) for code, name in pairs]


def topics(found: Iterable[str]) -> list[Named]:
    """Return all topics, and at the end those of kinds whose file was taken away."""
    known = same(topic_choices())
    codes = {key for key, _code, _name in known}
    return known + same((key, key) for key in found if key and key not in codes)


def months(period: Period) -> list[Named]:
    """Return the months of a period."""
    return same((month, month.label) for month in period.months())


def with_unknown(named: Iterable[Named], found: Container[str]) -> list[Named]:
    """Return the lines, and at the end one for what is not known where anything was found there."""
    return [*named, *([(UNKNOWN, "", str(_("Chưa xác định")))] if UNKNOWN in found else [])]


def served_columns() -> tuple[Column, Column]:
    """Return the two columns of every breakdown of the lượt."""
    return Column("consultations", _("Lượt")), Column("cooperatives", _("Số HTX"))


def served_cells(
    consultations: int, cooperatives: int, *, period: Period | None = None, **filters: str
) -> tuple[Cell, Cell]:
    """Return lượt and distinct HTX in the order of these columns, leading to the entries and HTX they count."""
    return (
        leading(consultations, "entries", period=period, **filters),
        leading(cooperatives, "cooperatives", period=period, **filters),
    )


def units(dimension: str, found: Iterable[str], names: Names) -> list[Named]:
    """Return the units of a dimension in code order, under their official codes.

    All units while they fit on a page, so that an area nobody served is seen; otherwise the served ones. Of a closed
    period those there were then: a commune founded since gives it no line.
    """
    wanted = [key for key in found if key]
    coded = UNITS_OF[dimension]().values_list("pk", "code", "kind", "name")
    if names.kept_units:
        coded = coded.filter(pk__in=names.kept_units)
    shown = list(coded[: MOST_UNITS + 1]) if len(wanted) <= MOST_UNITS else None
    if shown is None or len(shown) > MOST_UNITS:
        shown = list(coded.filter(pk__in=[int(key) for key in wanted]))
    kinds = {kind.value: str(kind.label) for kind in UnitKind}
    called = names.units({str(pk): f"{kinds[kind]} {name}" for pk, _code, kind, name in shown})
    return [(str(pk), code, called[str(pk)]) for pk, code, _kind, _name in shown]
