"""Who is told: officers in charge, managers, people of the cooperative; stand-ins for those who are away."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from htx_portal.accounts.models import Membership, Role, User
from support_cases.choices import OPEN_STATUSES, Audience
from support_cases.models import Case, Consultation
from support_cases.reminders.occasions import Occurrence, Scene


class Told(NamedTuple):
    """One person to be told, by which channels, and whom they stand in for."""

    person: User
    instead_of: User | None
    channels: frozenset[str]


def recipients_of(occurrences: Iterable[Occurrence], scene: Scene) -> dict[tuple, list[Told]]:
    """Return who is told of each occurrence, by its key; at most three queries for all of them.

    Where nobody is in charge any more the managers are told instead, so that nothing is lost with an account.
    """
    occurrences = list(occurrences)
    without_officer = (one.anchor for one in _telling(Audience.OFFICER, occurrences) if not one.anchor.officers)
    nobody = {anchor.cooperative_id for anchor in without_officer} - {None}
    found = responsible_officers(nobody)
    members = _members(_telling(Audience.COOPERATIVE, occurrences))
    keys = {pk for o in occurrences for pk in o.anchor.officers}.union(found.values(), *members.values())
    people = {user.pk: user for user in User.objects.filter(pk__in=keys, is_active=True)}

    def of(occurrence: Occurrence, audience: str) -> list[User]:
        anchor = occurrence.anchor
        if audience == Audience.COOPERATIVE:
            theirs = [people[pk] for pk in members.get(anchor.cooperative_id, ()) if pk in people]
            return [person for person in theirs if person.role == Role.COOPERATIVE]
        if audience == Audience.MANAGER:
            return list(scene.managers)
        keys = anchor.officers or (found.get(anchor.cooperative_id),)
        # Who acts for a cooperative now is an officer no more, whatever is still in that name.
        return [people[pk] for pk in keys if pk in people and people[pk].may_review] or list(scene.managers)

    return {one.key: _told(one, of, scene) for one in occurrences}


def _telling(audience: str, occurrences: Iterable[Occurrence]) -> Iterator[Occurrence]:
    """Yield the occurrences that one of their rules tells such people of."""
    return (one for one in occurrences if any(audience in rule.audience_list for rule in one.rules))


def responsible_officers(cooperatives: Iterable[int]) -> dict[int, int]:
    """Return the officer of each cooperative: of its newest open case, else of the last consultation with it."""
    cooperatives = set(cooperatives)
    # One sub-query a cooperative, each answered by an index; of a popular one not all rows are read.
    last = Consultation.objects.standing().filter(cooperative=OuterRef("pk")).order_by("-held_on", "-pk")
    newest = Case.objects.filter(cooperative=OuterRef("pk"), status__in=OPEN_STATUSES).order_by("-opened_on", "-pk")
    rows = Case._meta.get_field("cooperative").related_model.objects.filter(pk__in=cooperatives).order_by()
    found = rows.annotate(
        of_case=Subquery(newest.values("officer")[:1]), of_talk=Subquery(last.values("officer")[:1])
    ).values_list("pk", "of_case", "of_talk")
    return {pk: of_case or of_talk for pk, of_case, of_talk in found if of_case or of_talk}


def _members(occurrences: Iterable[Occurrence]) -> Mapping[int | None, list[int]]:
    """Return the keys of the people of the cooperatives concerned, in the order they came."""
    wanted = {one.anchor.cooperative_id for one in occurrences} - {None}
    found: dict[int | None, list[int]] = {}
    if wanted:
        rows = Membership.objects.filter(cooperative__in=wanted).order_by().values_list("pk", "cooperative", "user")
        for _pk, cooperative, user in sorted(rows):
            found.setdefault(cooperative, []).append(user)
    return found


def _told(occurrence: Occurrence, of, scene: Scene) -> list[Told]:
    """Return the people told of one occurrence, each once with all channels any rule names for them."""
    found: dict[int, Told] = {}
    for rule in occurrence.rules:
        for audience in rule.audience_list:
            for person in of(occurrence, audience):
                told, away = scene.stand_in(person, occurrence.run_on)
                known = found.get(told.pk)
                channels = frozenset(rule.channel_list) | (known.channels if known else frozenset())
                found[told.pk] = Told(told, known.instead_of if known else away, channels)
    return list(found.values())
