"""Which agency is asked when: the registrar of a place on a day, and all agencies of a day.

No border in time is written here: who registers where, and since when, are rows.
"""

from datetime import date

from cooperatives.choices import AgencyKind
from cooperatives.models import AdminUnit, Agency, Cooperative, FoundingGroup, place_of


def agencies_on(day: date, kind: str | None = None):
    """Return the agencies that worked on ``day``, of one kind or of all, with their areas."""
    rows = Agency.objects.in_force(day).select_related("unit")
    return rows.of_kind(kind) if kind else rows


def registrar_for(party: Cooperative | FoundingGroup, day: date) -> Agency | None:
    """Return the business registrar of a cooperative or founding group on ``day``.

    The old district's office registered while there were districts, the new commune's does since; None where
    the old district of a new commune that joins several is not chosen yet, for days before the merger.
    """
    return _registrar_of(_areas_of(party), day)


def registrar_of_commune(commune: AdminUnit, day: date) -> Agency | None:
    """Return the business registrar of a commune, old or new, on ``day``; None as for :func:`registrar_for`."""
    place = place_of(commune)
    return _registrar_of([place.old_district, place.new_commune], day)


def heir_on(agency: Agency, day: date) -> Agency | None:
    """Return who does the work of ``agency`` on ``day``, followed from successor to successor; None where not known."""
    passed: set[int] = set()
    heir: Agency | None = agency
    while heir is not None and not heir.was_there_on(day) and heir.pk not in passed:
        passed.add(heir.pk)
        heir = heir.successor
    return heir if heir is not None and heir.was_there_on(day) else None


def _areas_of(party: Cooperative | FoundingGroup) -> list[AdminUnit | None]:
    """Return the areas whose registrar may be the party's: old district and new commune."""
    if isinstance(party, FoundingGroup):
        place = place_of(party.commune)
        return [place.old_district, place.new_commune]
    return [party.old_district, party.new_commune]


def _registrar_of(areas: list[AdminUnit | None], day: date) -> Agency | None:
    """Return the registrar of one of the areas on ``day``."""
    units = [unit for unit in areas if unit is not None]
    return agencies_on(day, AgencyKind.REGISTRAR).filter(unit__in=units).order_by("-valid_from", "-pk").first()
