"""What a source of reminders says: which things there are to be reminded of, and their words."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy

from cooperatives.errors import Words
from support_cases.choices import Occasion, SkipReason
from support_cases.models import Reminder
from support_cases.reminders.occasions import Anchor, Within

CHUNK = 500


class Source:
    """One kind of occasion. Sweep, check at sending and explanation all ask :meth:`anchors`, so they cannot differ."""

    occasion: ClassVar[Occasion]
    #: What the recipient reads; knows ``party``, ``what`` and ``day``.
    sentence: ClassVar[Words] = gettext_lazy("%(party)s: %(what)s")
    #: What the person is to do.
    advice: ClassVar[Words] = ""
    #: Whether it is looked for at every sweep; others, which go through the whole register, each quarter of an hour.
    is_quick: ClassVar[bool] = True
    #: Whether its day is one by which something is to be done; else it is one since which something lasts.
    is_deadline: ClassVar[bool] = True

    def anchors(self, first: date, last: date, today: date, within: Within) -> Iterator[Anchor]:
        """Yield what stands as of ``today`` and whose day lies between two days, in memory that does not grow."""
        raise NotImplementedError

    def why_over(self, reminder: Reminder) -> SkipReason:
        """Return why there is nothing any more to be reminded of; a query or two."""
        return SkipReason.OVER

    def what(self, detail: str) -> Words:
        """Return the words of a detail in the present language; no query, see :meth:`whats`."""
        return detail

    def whats(self, details: Collection[str]) -> Mapping[str, Words]:
        """Return the words of many details; where they have to be looked up, one query for all of them."""
        return {detail: self.what(detail) for detail in details}

    def url(self, reminder: Reminder) -> str:
        """Return the path of the page where the thing is dealt with."""
        if reminder.case_id:
            return reverse("support:case", args=[reminder.case.reference])
        if reminder.cooperative_id:
            return reverse("cooperatives:detail", args=[reminder.cooperative_id])
        return reverse("home")

    def title(self, reminder: Reminder, what: Words) -> str:
        """Return the sentence for a reminder in the present language; ``what`` are the words of its detail."""
        party = reminder.party
        words = {
            "party": party.name if party else "",
            "what": str(what),
            "day": f"{reminder.anchor_on:%d/%m/%Y}",
            "case": reminder.case.title if reminder.case else "",
        }
        return str(self.sentence) % words
