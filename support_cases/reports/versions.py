"""Which state of the entries a set of figures was computed from."""

from datetime import date

from django.db.models import F, Max, Subquery, Sum

from cooperatives.models import Cooperative
from support_cases.models import CountingVersion


def half_month_of(day: date) -> date:
    """Return the first day of the half-month of ``day``: the 1st, or the 15th."""
    return day.replace(day=15 if day.day >= 15 else 1)


def raise_version(day: date) -> None:
    """Note that an entry held on ``day`` was added, changed or taken away; runs in that transaction."""
    half = half_month_of(day)
    if not CountingVersion.objects.filter(half_month=half).update(version=F("version") + 1):
        _, created = CountingVersion.objects.get_or_create(half_month=half)
        if not created:
            CountingVersion.objects.filter(half_month=half).update(version=F("version") + 1)


def version_until(day: date) -> str:
    """Return a text that changes whenever figures of periods ending by ``day`` may change.

    Holds the entries of all half-months up to that day (first-time cooperatives depend on the past) and the
    last change in the register (a moved cooperative counts elsewhere). One query over a few dozen small rows.
    """
    last_change = Cooperative.objects.order_by("-updated_at").values("updated_at")[:1]
    seen = CountingVersion.objects.filter(half_month__lte=day).aggregate(
        total=Sum("version"), register=Max(Subquery(last_change))
    )
    return f"{seen['total'] or 0}-{seen['register'] or ''}"
