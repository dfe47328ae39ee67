"""Counting one year: the register on its last day, and what its cooperatives reported of it."""

from dataclasses import replace
from functools import lru_cache

from django.db.models import BooleanField, Case, Count, F, FloatField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast

from cooperatives.choices import ActualState, Kind, LegalStatus
from cooperatives.models import Cooperative, YearFigures, YearRating, as_known
from support_cases.reports import outcome_sources as of
from support_cases.reports.counting import UNKNOWN
from support_cases.reports.kinds import Scope
from support_cases.reports.periods import Month, Period
from support_cases.reports.registered import Register
from support_cases.reports.sources import COOPERATIVES_AT, figures_of_sources

YEARS = ("year", "last_year")
#: Indicators that add up what cooperatives reported.
SUMMED = ("members", "workers", "managers", "managers_vocational", "managers_college")
#: Indicators that count cooperatives: what makes one count, and what makes it one that was told of.
FLAGS: dict[str, tuple[Q, Q]] = {
    "good": (Q(rating=YearRating.GOOD), ~Q(rating=YearRating.NONE)),
    "fair": (Q(rating=YearRating.FAIR), ~Q(rating=YearRating.NONE)),
    "value_chain": (Q(value_chain=True), Q(value_chain__isnull=False)),
    "value_chain_agriculture": (
        Q(value_chain=True, cooperative__tax_profile__agriculture=True),
        Q(value_chain__isnull=False, cooperative__tax_profile__agriculture=True),
    ),
    "high_tech": (Q(high_tech=True), Q(high_tech__isnull=False)),
}
#: Averages: what makes a cooperative one that was told of.
AVERAGED: dict[str, Q] = {
    "revenue": Q(revenue__isnull=False),
    "profit": Q(profit__isnull=False),
    "worker_income": Q(worker_income__isnull=False, workers__gt=0),
}
_WORKING = (ActualState.OPERATING, ActualState.SLUGGISH)


def year_scope(scope: Scope, name: str) -> Scope:
    """Return the whole ``year`` in which the period of the scope ends, or the ``last_year`` before it."""
    year = scope.period.last.year - YEARS.index(name)
    return replace(scope, period=Period(scope.period.calendar, Month(year, 1), Month(year, 12)))


def count_year(scope: Scope) -> dict[str, list]:
    """Count one year in three statements.

    Of the register ``[cooperatives]``; of what was reported ``[number, cooperatives that told it]``; of an average
    ``[total, weight, cooperatives that told it]``, in đồng.
    """
    return _register(scope) | _reported(scope)


def registered_of(scope: Scope, indicator: str) -> QuerySet[Cooperative]:
    """Return who was registered on the last day: ``total``, of one ``kind_…``, ``active`` or ``stopped``."""
    rows = _registered(scope)
    if indicator.startswith("kind_"):
        return rows.filter(in_kind=indicator.removeprefix("kind_"))
    return rows if indicator == "total" else rows.filter(works=indicator == "active")


def reports_of(scope: Scope, indicator: str, *, told: bool) -> QuerySet[YearFigures]:
    """Return the reports an indicator counts, or with ``told`` those that say anything of it."""
    rows = _reports(scope)
    if indicator in FLAGS:
        return rows.filter(FLAGS[indicator][told])
    return rows.filter(AVERAGED.get(indicator, Q(**{f"{indicator}__isnull": False})))


@lru_cache(maxsize=4)
def _register_seen(scope: Scope) -> Register:
    """Return the register of a year; put together once, for every list behind a figure asks for it."""
    return Register(scope)


def _registered(scope: Scope) -> QuerySet[Cooperative]:
    """Return the registered ones, each with whether it ``works``: by its papers and in fact."""
    register = _register_seen(scope)
    active = Q(status_then=LegalStatus.ACTIVE, state_then__in=_WORKING)
    works = Case(When(active, then=Value(True)), default=Value(False), output_field=BooleanField())
    return register.registered.annotate(state_then=as_known("actual_state", register.judged)).annotate(works=works)


def _register(scope: Scope) -> dict[str, list]:
    found = {name: [0] for name in ("total", *(f"kind_{kind}" for kind in Kind.values), "active", "stopped")}
    for row in _registered(scope).order_by().values("in_kind", "works").annotate(n=Count("pk")):
        for name in ("total", f"kind_{row['in_kind']}", "active" if row["works"] else "stopped"):
            found[name][0] += row["n"]
    happened = figures_of_sources(scope, [(of.FOUNDED, ""), (of.ENDED, "")])
    for name, source in (("founded", of.FOUNDED), ("ended", of.ENDED)):
        found[name] = [happened.get(source.code, {}).get(UNKNOWN, [0, 0, 0])[COOPERATIVES_AT]]
    return found


def _reports(scope: Scope) -> QuerySet[YearFigures]:
    """Return what was reported of the year by cooperatives registered on its last day."""
    registered = _register_seen(scope).registered.order_by().values("pk")
    rows = YearFigures.objects.filter(year=scope.period.last.year, cooperative__in=registered)
    return rows if scope.moment is None else rows.filter(recorded_at__lt=scope.moment)


def _reported(scope: Scope) -> dict[str, list]:
    """Count everything reported, in one statement."""
    # As floats: a slip of the keyboard times another is more than a whole number of the database holds.
    income = Cast(F("worker_income"), FloatField()) * Cast(F("workers"), FloatField())
    asked = {f"{name}_n": Count("pk", filter=Q(**{f"{name}__isnull": False})) for name in SUMMED}
    asked |= {f"{name}_sum": Sum(name) for name in SUMMED}
    for name, (counts, told) in FLAGS.items():
        asked |= {f"{name}_sum": Count("pk", filter=counts), f"{name}_n": Count("pk", filter=told)}
    for name, told in AVERAGED.items():
        asked[f"{name}_n"] = Count("pk", filter=told)
    asked |= {
        "revenue_sum": Sum("revenue"),
        "profit_sum": Sum("profit"),
        "worker_income_sum": Sum(income, filter=AVERAGED["worker_income"]),
        "people": Sum("workers", filter=AVERAGED["worker_income"]),
    }
    found = _reports(scope).aggregate(**asked)
    numbers = {name: [int(found[f"{name}_sum"] or 0), found[f"{name}_n"]] for name in (*SUMMED, *FLAGS)}
    for name in AVERAGED:
        told = found[f"{name}_n"]
        weight = int(found["people"] or 0) if name == "worker_income" else told
        numbers[name] = [int(found[f"{name}_sum"] or 0), weight, told]
    return numbers
