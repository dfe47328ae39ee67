"""Choosing a cooperative or a founding group: short keys, search while typing, those an officer met last."""

import re

from cooperatives.access import cooperatives_for, founding_groups_for
from cooperatives.models import Cooperative, FoundingGroup
from cooperatives.text import fold, search_terms, specific_name
from support_cases.models import Consultation

Party = Cooperative | FoundingGroup
_KEY = re.compile(r"(htx|nhom)-([0-9]{1,18})")
_SHORTEST_QUERY = 2
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

    Those with the words in the name come before those found by place, phone or representative. Fewer than
    two letters find nothing. Two queries.
    """
    if len(fold(text)) < _SHORTEST_QUERY:
        return []
    words = search_terms(text)
    found = cooperatives_for(user).search(text).select_related("commune")[: most * 4]
    named_first = sorted(found, key=lambda row: not all(word in fold(row.name) for word in words))
    groups = founding_groups_for(user).search(text).select_related("commune")[: most // 2]
    return [*named_first[:most], *groups]


def named_exactly(parties: list[Party], text: str) -> Party | None:
    """Return the one party whose name is ``text``, accents and case aside; None when none or several are."""
    wanted = fold(text)
    exact = [party for party in parties if fold(party.name) == wanted]
    return exact[0] if len(exact) == 1 else None


def met_last(user, most: int = 6) -> tuple[list[Party], str]:
    """Return the parties ``user`` last consulted, latest first, and the channel used last ("" if none)."""
    rows = list(
        Consultation.objects.filter(officer=user)
        .select_related("cooperative", "founding_group")
        .defer("question", "advice")[:_LOOKED_THROUGH]
    )
    parties = {key_of(row.party): row.party for row in reversed(rows)}
    return list(reversed(parties.values()))[:most], rows[0].channel if rows else ""
