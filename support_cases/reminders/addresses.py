"""Addresses that refuse: marking one, and asking whether one is marked."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from htx_portal.accounts.models import User
from support_cases.models import RefusedAddress, Reminder, ReminderMessage
from support_cases.reminders.channels import CHANNELS


def refuse_address(address: str, reason: str, now: datetime) -> None:
    """Mark an address nobody is at; until it is taken off the list nothing is sent there."""
    RefusedAddress.objects.update_or_create(
        address=address.casefold(), defaults={"reason": reason[:200], "refused_at": now}
    )


def refusals_of(person: User) -> list[RefusedAddress]:
    """Return which of the addresses a person has now refuse. One query, none for a person without addresses."""
    addresses = {channel.address_of(person).casefold() for channel in CHANNELS.values() if channel.disturbs} - {""}
    return list(RefusedAddress.objects.filter(address__in=addresses)) if addresses else []


def is_refused(messages: Sequence[ReminderMessage]) -> set[int]:
    """Return the primary keys of those messages whose recipient's present address refuses. One query."""
    addresses = addresses_of(messages)
    refused = refused_among(addresses.values())
    return {pk for pk, address in addresses.items() if address in refused}


def addresses_of(sent: Sequence[Reminder] | Sequence[ReminderMessage]) -> dict[int, str]:
    """Return by primary key where rows or messages reach their recipient, folded; "" where they do not."""
    return {one.pk: CHANNELS[one.channel].address_of(one.recipient).casefold() for one in sent}


def refused_among(addresses: Iterable[str]) -> set[str]:
    """Return which of these folded addresses refuse. One query."""
    return set(RefusedAddress.objects.filter(address__in=set(addresses)).values_list("address", flat=True))
