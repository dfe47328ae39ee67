"""A simulated country around the real area: provinces, old districts, old and new communes."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from cooperatives.choices import UnitKind, UnitLevel
from cooperatives.models import TWO_LEVELS_FROM, AdminUnit, Place, place_of
from support_cases.scale.bulk import Table
from support_cases.scale.words import FIRST_SYLLABLES, MARK, SECOND_SYLLABLES

#: Thirty-four with the real one, as many as the country has since July 2025.
_INVENTED_PROVINCES = 33
_DISTRICTS, _COMMUNES_IN_DISTRICT, _MERGED_IN_DISTRICT = 15, 15, 6
_FIRST_CODE, _CODES_IN_PROVINCE = 90_000, 300
_BEGAN, _LAST_OLD_DAY = date(1900, 1, 1), TWO_LEVELS_FROM - timedelta(days=1)


@dataclass(frozen=True)
class Country:
    """Where a cooperative may lie: places of old communes, in the order of their codes."""

    real: list[Place]
    invented: list[Place]


def make_country(seed: int) -> Country:
    """Add the invented units unless a former run did, and return all places of old communes."""
    if not AdminUnit.objects.filter(code=_code(1, 0), valid_from=_BEGAN).exists():
        table = Table(AdminUnit)
        rng = Random(seed)  # noqa: S311 invented names, the same for the same seed
        for number in range(1, _INVENTED_PROVINCES + 1):
            _add_province(table, number, rng)
        # Units point at units of their own table, so parents and successors were added before.
        table.write()
    communes = (
        AdminUnit.objects.communes()
        .filter(parent__level=UnitLevel.DISTRICT)
        .select_related("parent", "successor")
        .order_by("code", "valid_from")
    )
    places = [place_of(commune) for commune in communes]
    is_invented = [place.commune.name.endswith(MARK) for place in places]
    return Country(
        real=[place for place, invented in zip(places, is_invented, strict=True) if not invented],
        invented=[place for place, invented in zip(places, is_invented, strict=True) if invented],
    )


def _code(province: int, number: int) -> str:
    return str(_FIRST_CODE + (province - 1) * _CODES_IN_PROVINCE + number)


def _add_province(table: Table, number: int, rng: Random) -> None:
    """Add one province with its districts, the communes in them, and what they were merged into."""
    top = _unit(table, _code(number, 0), UnitLevel.PROVINCE, UnitKind.TINH, f"Mẫu {number:02d} {MARK}")
    next_code = _DISTRICTS + 1
    for place in range(1, _DISTRICTS + 1):
        district = _unit(
            table, _code(number, place), UnitLevel.DISTRICT, UnitKind.HUYEN, _name(rng), top, valid_to=_LAST_OLD_DAY
        )
        codes = [_code(number, next_code + step) for step in range(_COMMUNES_IN_DISTRICT)]
        next_code += _COMMUNES_IN_DISTRICT
        # Each new commune keeps the code of the first one merged into it, as most real ones do.
        merged = [
            _unit(table, code, UnitLevel.COMMUNE, UnitKind.XA, _name(rng), top, valid_from=TWO_LEVELS_FROM)
            for code in codes[:_MERGED_IN_DISTRICT]
        ]
        for step, code in enumerate(codes):
            _unit(
                table, code, UnitLevel.COMMUNE, UnitKind.XA, _name(rng), district,
                successor=merged[step % _MERGED_IN_DISTRICT], valid_to=_LAST_OLD_DAY,
            )  # fmt: skip


def _name(rng: Random) -> str:
    return f"{rng.choice(FIRST_SYLLABLES)} {rng.choice(SECOND_SYLLABLES)} {MARK}"


def _unit(table: Table, code, level, kind, name, parent=None, *, successor=None, valid_from=_BEGAN, valid_to=None):
    """Let one unit wait in the table and return it."""
    unit = AdminUnit(
        id=table.next_id(), code=code, level=level, kind=kind, name=name, parent=parent, successor=successor,
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    table.add(unit)
    return unit
