"""What an obligation is: whom it binds, from which day it counts, when it ends.

The database finds the day each cooperative counts from (``anchor_on``), Python counts from it; so a rule is
written once, for one cooperative and for all of them.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import DateField, QuerySet, Value

from cooperatives.choices import Kind, ObligationKind
from cooperatives.errors import Words
from cooperatives.governance.lawbook import Deadline, Lawbook
from cooperatives.models import LegalRule

_RULES = ("annual_update.", "capital.", "charter.", "congress.", "obligations.")
#: Kinds of organisation that have a general meeting, bodies and a charter.
WITH_CONGRESS = (Kind.HTX, Kind.LHHTX)


@dataclass(frozen=True)
class Scene:
    """The day that is asked about, and the law."""

    today: date
    book: Lawbook

    @classmethod
    def on(cls, today: date) -> "Scene":
        """Return the scene of a day; two queries."""
        return cls(today, Lawbook.read(*_RULES))


class Duty:
    """One kind of obligation. ``anchor`` is the day it counts from; None where the register does not know it."""

    kind: ObligationKind
    #: What the cooperative does about it, as its people read it.
    advice: Words
    #: The rule that sets the term and says where it is written.
    rule_key: str
    #: Whether a cooperative without an anchor still owes this, only nobody can say by when.
    may_be_unknown = False

    def bound(self, cooperatives: QuerySet, scene: Scene) -> QuerySet:
        """Return those of ``cooperatives`` that owe this, each with its ``anchor_on``."""
        raise NotImplementedError

    def deadline(self, anchor: date, scene: Scene) -> Deadline | None:
        """Return by when it is owed; None where no rule says so. Later anchors never end sooner."""
        raise NotImplementedError

    def rule(self, anchor: date | None, scene: Scene) -> LegalRule | None:
        """Return the rule that is counted by."""
        return scene.book.rule(self.rule_key, anchor or scene.today)

    def arithmetic(self, anchor: date | None, scene: Scene) -> Words:
        """Return how the day was counted, in a sentence without its end."""
        raise NotImplementedError


def nobody(cooperatives: QuerySet) -> QuerySet:
    """Return no rows, in the shape of those there might be."""
    return cooperatives.annotate(anchor_on=Value(None, output_field=DateField())).none()


def constant(day: date) -> Value:
    """Return a day as the database computes with it."""
    return Value(day, output_field=DateField())


def spoken(day: date) -> str:
    """Return a day as it is written in a sentence."""
    return f"{day:%d/%m/%Y}"
