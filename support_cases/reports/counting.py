"""Counting the lượt: the one rule in SQL, grouped in every way a report asks for.

One cooperative × one consultation entry = 1 lượt, even with several topics. Lượt by topic are counted per topic and
may add up to more than the total. Founding groups are counted apart. Distinct HTX are recomputed for every group.
An entry counts on the day it was held.
"""

from datetime import datetime

from django.db.models import CharField, Count, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat

from cooperatives.models import TWO_LEVELS_FROM, as_known
from support_cases.models import Consultation
from support_cases.reports.by_month import month_of
from support_cases.reports.kinds import Figures
from support_cases.reports.periods import Period

#: Dimensions that hang on a cooperative, and the fact of it that decides the key in each.
FACTS = {"kind": "kind", "district": "old_district", "old_commune": "old_commune", "commune": "new_commune"}
#: Territorial frames, and the dimension of their units.
UNIT_DIMENSION = {"2022": "district", "2025": "commune"}
FRAMES = tuple(UNIT_DIMENSION)
#: Where a count has no group, and where what an entry belongs to is not known.
UNKNOWN = ""
SEPARATOR = "|"


def frame_of(period: Period) -> str:
    """Return the frame a period is shown in unless another is asked for: that of its first day.

    What began while there were districts is shown by them to its end, so that a year compares with all years before.
    """
    old, new = FRAMES
    return new if period.start >= TWO_LEVELS_FROM else old


def entries(period: Period, moment: datetime | None = None) -> QuerySet[Consultation]:
    """Return the entries, founding groups included, held in ``period`` that stood just before ``moment``."""
    return Consultation.objects.known_at(moment).filter(held_on__range=(period.start, period.end))


def first_time_entries(period: Period, moment: datetime | None = None) -> QuerySet[Consultation]:
    """Return the period's counted entries of cooperatives not served before it in the same year.

    The year is that of the calendar and of the first month of the period.
    """
    earlier = (
        Consultation.objects.known_at(moment)
        .filter(cooperative=OuterRef("cooperative"), held_on__gte=period.year_start, held_on__lt=period.start)
        .order_by()
    )
    return entries(period, moment).counted().filter(~Exists(earlier))


def count_figures(period: Period, moment: datetime | None, *wanted: str) -> Figures:
    """Count the dimensions ``wanted`` or all in one statement: dimension → key → ``[lượt, distinct HTX]``.

    Each branch groups the entries anew, so that a join (an entry has several topics) never multiplies what another
    branch counts. Units and officers are keyed by the numbers of their rows; several keys are joined by
    a stroke. ``place`` is old district, old commune and new commune: at one moment a cooperative is in one place, so
    that lượt and HTX of places add up to those of everything they lie in.
    """
    counted = entries(period, moment).counted()
    last_year = entries(period.year_before(), moment).counted()
    month, topic = month_of(period, "held_on"), F("topics__topic")
    facts = {name: _fact(fact, moment) for name, fact in FACTS.items()}
    district, old_commune, commune = facts["district"], facts["old_commune"], facts["commune"]
    counts: dict[str, tuple] = {
        "total": (counted,),
        **{name: (entries(one, moment).counted(),) for name, one in period.compared().items()},
        "month_last_year": (last_year, month_of(period.year_before(), "held_on")),
        "first_time": (first_time_entries(period, moment),),
        "first_time_last_year": (first_time_entries(period.year_before(), moment),),
        "founding_groups": (entries(period, moment).of_founding_groups(),),
        "month": (counted, month),
        "topic": (counted, topic),
        **{name: (counted, fact) for name, fact in facts.items()},
        "place": (counted, _joined(district, old_commune, commune)),
        "channel": (counted, F("channel")),
        "officer": (counted, Cast("officer", CharField())),
        "month|topic": (counted, _joined(month, topic)),
        "month|district": (counted, _joined(month, district)),
        "topic|district": (counted, _joined(topic, district)),
        "topic|commune": (counted, _joined(topic, commune)),
    }
    branches = [_branch(dimension, *counts[dimension]) for dimension in wanted or counts]
    found: Figures = {}
    for dimension, key, n, distinct in branches[0].union(*branches[1:], all=True):
        found.setdefault(dimension, {})[key or UNKNOWN] = [n, distinct]
    return found


def _branch(dimension: str, rows, key=None):
    """Return the grouped query of one dimension; entries without a party of their own count nobody."""
    return (
        rows.order_by()
        .annotate(dimension=Value(dimension, CharField()), key=key or Value(UNKNOWN, CharField()))
        .values("dimension", "key")
        .annotate(n=Count("*"), distinct=Count("cooperative", distinct=True))
        .values_list("dimension", "key", "n", "distinct")
    )


def _fact(fact: str, moment: datetime | None):
    """Return a counted fact of the entry's cooperative as text."""
    return Cast(as_known(fact, moment, "cooperative__"), CharField())


def _joined(*keys):
    """Return several keys in one, any of which may be unknown."""
    known = [Coalesce(key, Value(UNKNOWN), output_field=CharField()) for key in keys]
    parts = [part for key in known for part in (Value(SEPARATOR), key)]
    return Concat(*parts[1:], output_field=CharField())
