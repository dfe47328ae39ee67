"""The register of the large set: officers, cooperatives all over the country, founding groups."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from cooperatives.choices import ActualState, CharterReview, Kind, LegalStatus
from cooperatives.models import Cooperative, FoundingGroup, Place
from cooperatives.tax_code import check_digit_is_right
from cooperatives.text import search_key
from htx_portal.accounts.models import Role, User
from support_cases.scale.bulk import Table
from support_cases.scale.territory import Country, make_country
from support_cases.scale.words import (
    ACTIVITIES,
    FAMILY_NAMES,
    FIRST_SYLLABLES,
    GIVEN_NAMES,
    MIDDLE_NAMES,
    SECOND_SYLLABLES,
)

_OFFICERS = 50
_REAL_SHARE = 0.1
_CHUNK = 5_000
_ENTERED_AT = datetime(2022, 1, 1, 1, tzinfo=UTC)
#: Every cooperative must be there before its first consultation; four in five were before the four years.
_OLDEST, _BEFORE_THE_YEARS, _NEWEST = date(1998, 1, 5), date(2021, 12, 31), date(2025, 6, 30)
_KINDS = ((Kind.HTX, "Hợp tác xã"), (Kind.THT, "Tổ hợp tác"), (Kind.LHHTX, "Liên hiệp hợp tác xã"))


@dataclass
class Register:
    """What the entries need to know of the parties; position ``n`` in the lists is one cooperative."""

    ids: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    registered_on: list[date] = field(default_factory=list)
    officer_of: list[int] = field(default_factory=list)
    #: Positions of cooperatives that were there before the four years.
    old: list[int] = field(default_factory=list)
    #: How often a cooperative comes, cumulated: a few come all the time, most now and then.
    weights: list[float] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    officers: list[int] = field(default_factory=list)


def make_register(count: int, seed: int, rng: Random) -> Register:
    """Write ``count`` cooperatives, their officers and some founding groups, and return what entries need."""
    country = make_country(seed)
    register = Register(officers=_officers())
    table = Table(Cooperative)
    for number in range(count):
        _add_cooperative(table, number, country, register, rng)
        if len(table.rows) >= _CHUNK:
            table.write()
    table.write()
    _add_groups(max(1, count // 100), country, register, rng)
    weights = [1 / (rank + 10) ** 0.75 for rank in range(count)]
    rng.shuffle(weights)
    register.weights = list(accumulate(weights))
    return register


def _officers() -> list[int]:
    """Return the keys of fifty officers, made unless a former run did; nobody can sign in as them."""
    names = [f"mau-can-bo-{number:02d}" for number in range(1, _OFFICERS + 1)]
    present = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    User.objects.bulk_create(
        User(
            username=name,
            full_name=f"Cán bộ mẫu {name[-2:]}",
            role=Role.STAFF,
            password=UNUSABLE_PASSWORD_PREFIX,
            is_demo=True,
            date_joined=_ENTERED_AT,
        )
        for name in names
        if name not in present
    )
    return list(User.objects.filter(username__in=names).order_by("username").values_list("pk", flat=True))


def _add_cooperative(table: Table, number: int, country: Country, register: Register, rng: Random) -> None:
    """Invent one cooperative, let it wait in the table and note it in the register."""
    places = country.real if rng.random() < _REAL_SHARE else country.invented
    position = rng.randrange(len(places))
    # The first one is always an old one, so that every day has somebody to advise.
    is_old = number == 0 or rng.random() < 0.8
    registered_on = _day(rng, _OLDEST, _BEFORE_THE_YEARS) if is_old else _day(rng, _BEFORE_THE_YEARS, _NEWEST)
    row = _cooperative(table.next_id(), registered_on, places[position], rng)
    table.add(row)
    if is_old:
        register.old.append(number)
    register.ids.append(row.pk)
    register.names.append(row.name)
    register.registered_on.append(registered_on)
    register.officer_of.append(register.officers[position * _OFFICERS // len(places)])


def _cooperative(pk: int, registered_on: date, place: Place, rng: Random) -> Cooperative:
    """Return one invented cooperative with its search and sort keys, as a person would have entered it."""
    (kind, word) = rng.choices(_KINDS, weights=(92, 7, 1))[0]
    activity = rng.choice(ACTIVITIES)
    tax_code = _tax_code(pk) if kind != Kind.THT and rng.random() < 0.96 else None
    cooperative = Cooperative(
        id=pk,
        name=f"{word} {activity} {_place_name(rng)} {rng.randrange(1, 100)}",
        kind=kind,
        tax_code=tax_code,
        certificate_no=tax_code or "",
        registered_on=registered_on,
        legal_status=rng.choices((LegalStatus.ACTIVE, LegalStatus.SUSPENDED, LegalStatus.DISSOLVING), (94, 4, 2))[0],
        actual_state=rng.choices((ActualState.OPERATING, ActualState.SLUGGISH, ActualState.STOPPED), (80, 14, 6))[0],
        charter_review=rng.choice(CharterReview.values),
        commune=place.commune,
        old_commune=place.old_commune,
        new_commune=place.new_commune,
        old_district=place.old_district,
        representative=_person(rng),
        phone=f"09{rng.randrange(10**8):08d}",
        members=rng.randrange(7, 120),
        charter_capital=rng.randrange(1, 60) * 50_000_000,
        main_activity=activity,
        is_demo=True,
        created_at=_ENTERED_AT,
        updated_at=_ENTERED_AT,
    )
    cooperative.refresh_keys()
    return cooperative


def _tax_code(pk: int) -> str | None:
    """Return a code with a right check digit that no other row of the set has; None for a number without one."""
    start = f"{990_000_000 + pk}"
    return next((start + digit for digit in "0123456789" if check_digit_is_right(start + digit)), None)


def _add_groups(count: int, country: Country, register: Register, rng: Random) -> None:
    """Invent founding groups, formed in the half-year before the four years."""
    table = Table(FoundingGroup)
    for _number in range(count):
        place, name, contact = rng.choice(country.invented), f"Nhóm sáng lập {_place_name(rng)}", _person(rng)
        group = FoundingGroup(
            id=table.next_id(),
            name=name,
            commune=place.commune,
            contact=contact,
            formed_on=_day(rng, date(2021, 7, 1), _BEFORE_THE_YEARS),
            is_demo=True,
            search_key=search_key(name, contact, place.commune.name),
            created_at=_ENTERED_AT,
        )
        table.add(group)
        register.groups.append(group.pk)
    table.write()


def _place_name(rng: Random) -> str:
    return f"{rng.choice(FIRST_SYLLABLES)} {rng.choice(SECOND_SYLLABLES)}"


def _person(rng: Random) -> str:
    return f"{rng.choice(FAMILY_NAMES)} {rng.choice(MIDDLE_NAMES)} {rng.choice(GIVEN_NAMES)}"


def _day(rng: Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randrange((last - first).days + 1))
