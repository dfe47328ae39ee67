"""Choosing a cooperative or a founding group: short keys, search while typing, those an officer recorded last."""

import re

from django.db.models import F, Value
from django.db.models.functions import NullIf, StrIndex

from cooperatives.access import cooperatives_for, founding_groups_for
from cooperatives.models import Cooperative, FoundingGroup
from cooperatives.text import fold, search_key, search_terms, specific_name
from htx_portal.templatetags.portal import phone
from support_cases.models import Consultation

Party = Cooperative | FoundingGroup
_KEY = re.compile(r"(htx|nhom)-([0-9]{1,18})")
_SHORTEST_QUERY = 2
# By each of these names a cooperative can be found.
_PLACES = ("commune", "old_commune", "new_commune", "old_district")
# Entries looked through for the parties met last; one officer rarely sees more in a fortnight.
_LOOKED_THROUGH = 40


def key_of(party: Party) -> str:
    """Return the key of a party in forms and addresses: ``htx-12`` or ``nhom-3``."""
    return f"{'htx' if isinstance(party, Cooperative) else 'nhom'}-{party.pk}"


def short_name(party: Party) -> str:
    """Return the name with its kind abbreviated: "HTX Đồng Phúc"; a founding group keeps its name."""
    if isinstance(party, Cooperative):
        return f"{party.kind.upper()} {specific_name(party.name)}"
    return party.name


def find_party(user, key: str) -> Party | None:
    """Return the party with this key if ``user`` may see it; None for any other text."""
    match = _KEY.fullmatch(key.strip())
    if match is None:
        return None
    rows = cooperatives_for(user) if match[1] == "htx" else founding_groups_for(user)
    return rows.filter(pk=int(match[2])).first()


def search_parties(user, text: str, most: int = 8) -> list[Party]:
    """Return up to ``most`` cooperatives and then half as many founding groups that hold every word typed.

    The name typed exactly comes first, then names that begin so, then those with the words elsewhere in the
    name, then those found by place, phone or representative. Fewer than two letters find nothing. Two queries.
    """
    if len(fold(text)) < _SHORTEST_QUERY:
        return []
    wanted = " ".join(search_terms(text, places=True))
    # The name stands first in the key: the earlier the words, the surer they are a name and its beginning.
    place = StrIndex("search_key", Value(wanted))
    found = cooperatives_for(user).search(text).select_related(*_PLACES)
    nearest = found.annotate(place=NullIf(place, 0)).order_by(F("place").asc(nulls_last=True), "sort_key", "pk")
    ranked = sorted(nearest[: most * 4], key=lambda row: _distance(row, wanted))
    groups = founding_groups_for(user).search(text).select_related("commune")[: most // 2]
    return [*ranked[:most], *sorted(groups, key=lambda row: _distance(row, wanted))]


def found_by(party: Party, text: str) -> list[str]:
    """Return what, other than the name, made ``text`` find the party: its commune, phone, representative …"""
    name = fold(party.name)
    words = [word for word in search_terms(text) if word not in name]
    if isinstance(party, Cooperative):
        units = (party.commune, party.old_commune, party.new_commune, party.old_district)
        facts = [party.short_name, party.tax_code, party.representative]
    else:
        units, facts = (party.commune,), [party.contact]
    facts = [*(unit.full_name for unit in units if unit), *facts, phone(party.phone)]
    found = [fact for fact in facts if fact and any(word in search_key(fact) for word in words)]
    return list(dict.fromkeys(found))


def _distance(party: Party, wanted: str) -> int:
    """Return how far the name is from the words typed: 0 equal, 1 begins so, 2 holds every word, 3 does not."""
    name = fold(specific_name(party.name))
    if wanted in (name, fold(party.name)):
        return 0
    if name.startswith(wanted):
        return 1
    return 2 if all(word in name for word in wanted.split()) else 3


def named_exactly(parties: list[Party], text: str) -> Party | None:
    """Return the one party whose name is ``text``, accents and case aside; None when none or several are."""
    wanted = fold(text)
    exact = [party for party in parties if fold(party.name) == wanted]
    return exact[0] if len(exact) == 1 else None


def met_last(user, most: int = 6) -> tuple[list[Party], str]:
    """Return the parties ``user`` last recorded an entry of, latest first, and the channel used last ("" if none)."""
    rows = list(
        Consultation.objects.standing()
        .filter(recorded_by=user)
        .order_by("-recorded_at", "-pk")
        .select_related("cooperative", "founding_group")
        .defer("question", "advice")[:_LOOKED_THROUGH]
    )
    parties: dict[str, Party] = {}
    for row in rows:
        parties.setdefault(key_of(row.party), row.party)
    return list(parties.values())[:most], rows[0].channel if rows else ""
