"""The measures leaders follow, each counted in a period and in those it is compared with."""

from dataclasses import replace

from django.db.models import CharField, Value

from support_cases.models import Measure, PeriodEstimate, TargetChange, YearlyTarget
from support_cases.reports import outcome_sources as of
from support_cases.reports.case_lists import listed_lines
from support_cases.reports.counting import UNKNOWN
from support_cases.reports.kinds import Figures, Listed, Scope
from support_cases.reports.office import months_of
from support_cases.reports.periods import COMPARED, Period
from support_cases.reports.sources import COOPERATIVES_AT, MONEY_AT, ROWS_AT, Source, branch, found_in
from support_cases.reports.spells import Spells
from support_cases.reports.tallied import tallied_totals

#: Measures in đồng; all others are counts.
MONEY_MEASURES = (Measure.DISBURSED,)
#: Measures counted from rows of the register: the source, and which of its numbers.
SOURCES: dict[str, tuple[Source, int]] = {
    Measure.COOPERATIVES_FOUNDED: (of.FOUNDED, ROWS_AT),
    Measure.LOANS_APPROVED: (of.GRANTED, ROWS_AT),
    Measure.DISBURSED: (of.PAID_OUT, MONEY_AT),
    Measure.STARS_WON: (of.WON, ROWS_AT),
    Measure.TERMS_RENEWED: (of.RENEWED, COOPERATIVES_AT),
    Measure.PLACEMENTS: (of.PEOPLE, ROWS_AT),
}
#: The period, and what it is compared with.
TIMES = ("now", *COMPARED)
# Of these the count of the period itself tells who was served for the first time.
_FIRST_TIME = {"now": "first_time", "last_year": "first_time_last_year"}


def times_of(period: Period) -> dict[str, Period]:
    """Return the period and those it is compared with, by their names in ``TIMES``."""
    return {"now": period, **period.compared()}


def count_measures(scope: Scope) -> Figures:
    """Count every measure in every time, with target and estimate: name → measure → ``[number]``.

    Without a target or an estimate there is no number of it.
    """
    found: Figures = {name: {} for name in TIMES}
    _add_served(found, scope)
    _add_finished(found, scope)
    _add_from_sources(found, scope)
    found["target"] = {measure: [value] for measure, value in _targets_of(scope).items()}
    found["estimate"] = {row.measure: [row.value] for row in estimates_of(scope)}
    return found


def estimates_of(scope: Scope):
    """Return what was expected of exactly this period, as entered before the moment of the scope."""
    period = scope.period
    if period.days:
        return PeriodEstimate.objects.none()
    rows = PeriodEstimate.objects.filter(**months_of(period))
    return rows if scope.moment is None else rows.filter(entered_at__lt=scope.moment)


def _targets_of(scope: Scope) -> dict[str, int]:
    """Return what the plan of the year asked for by measure, as it stood before the moment of the scope."""
    year = scope.period.last.year
    asked: dict[str, int | None] = dict(YearlyTarget.objects.filter(year=year).values_list("measure", "value"))
    if scope.moment is not None:
        # What was changed since is undone, the latest first.
        since = TargetChange.objects.filter(year=year, changed_at__gte=scope.moment).order_by("-pk")
        asked |= dict(since.values_list("measure", "was_value"))
    return {measure: value for measure, value in asked.items() if value is not None}


def rows_of_measure(scope: Scope, measure: str, time: str) -> Listed | None:
    """Return the rows a measure counts in one of ``TIMES``; None where the entries themselves are what it counts."""
    at = replace(scope, period=times_of(scope.period)[time])
    if measure == Measure.CASES_FINISHED:
        lines = Spells(at.period.start, at.period.end, at.moment).lines("finished")
        return listed_lines(Measure.CASES_FINISHED.label, lines)
    if measure not in SOURCES:
        return None
    source, number = SOURCES[measure]
    return source.behind(at, at=number)


def _add_served(found: Figures, scope: Scope) -> None:
    """Add lượt, distinct and first-time HTX, by the one count of the report "served"."""
    counted = tallied_totals(scope.period, scope.moment)
    for name, period in times_of(scope.period).items():
        entries, cooperatives = counted.get("total" if name == "now" else name, {}).get(UNKNOWN, [0, 0])
        found[name][Measure.CONSULTATIONS] = [entries]
        found[name][Measure.COOPERATIVES] = [cooperatives]
        if name in _FIRST_TIME:
            _n, cooperatives = counted.get(_FIRST_TIME[name], {}).get(UNKNOWN, [0, 0])
        elif not _begins_the_year(period):
            _n, cooperatives = tallied_totals(period, scope.moment).get("first_time", {}).get(UNKNOWN, [0, 0])
        found[name][Measure.FIRST_TIME] = [cooperatives]


def _begins_the_year(period: Period) -> bool:
    """Whether nobody can have been served before the period in the same year: everybody in it is new."""
    return period.start == period.year_start


def _add_finished(found: Figures, scope: Scope) -> None:
    """Add the cases finished, as the report "flow" counts them by day: one statement for all times."""
    times = times_of(scope.period)
    first, last = min(one.start for one in times.values()), max(one.end for one in times.values())
    by_day = Spells(first, last, scope.moment).sums().get("ended", {})
    for name, period in times.items():
        start, end = period.start.isoformat(), period.end.isoformat()
        finished = [numbers for day, numbers in by_day.items() if start <= day <= end]
        found[name][Measure.CASES_FINISHED] = [sum(on_time + late for _i, _r, _o, on_time, late, *_rest in finished)]


def _add_from_sources(found: Figures, scope: Scope) -> None:
    """Add what rows of the register tell, in one statement."""
    branches = [
        branch(source, source.rows(replace(scope, period=period)), name, Value(str(measure), CharField()))
        for name, period in times_of(scope.period).items()
        for measure, (source, _at) in SOURCES.items()
    ]
    counted = found_in(branches)
    for name in TIMES:
        for measure, (_source, at) in SOURCES.items():
            found[name][measure] = [counted.get(name, {}).get(measure, [0, 0, 0])[at]]
