"""Which cooperatives there were on a day, as the register said it, and which of them a period served."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from cooperatives.choices import ENDED_STATUSES
from cooperatives.models import Cooperative, PastState, as_known
from support_cases.models import Consultation
from support_cases.models.consultation import end_of
from support_cases.reports.counting import FACTS, entries
from support_cases.reports.kinds import Scope

#: Why a cooperative that was served is not among the registered ones.
ENDED, UNDATED, LATER = "ended", "undated", "later"


@dataclass(frozen=True)
class Register:
    """The register as a report sees it.

    Registered is who was in the register just before the moment of the figures, with a day of registration no later
    than the day states are judged on, and had not ended by that day as far as the register knew then.
    """

    scope: Scope

    @property
    def judged(self) -> datetime:
        """The end of what is known of states: of the day they are judged on, or the moment of the figures."""
        stand_end = end_of(self.scope.stand)
        return stand_end if self.scope.moment is None else min(stand_end, self.scope.moment)

    @cached_property
    def known(self) -> QuerySet[Cooperative]:
        """Every cooperative that was entered, with what was known of it (``is_kind``, ``in_district``, …), whether
        the period served it (``served``) and as what it counts (``standing``: empty for a registered one).
        """
        told = self._told(self.judged, self.scope.moment)
        return told.annotate(served=Exists(self.entries.filter(cooperative=OuterRef("pk"))))

    def each(self, *columns: str) -> Iterator[tuple]:
        """Yield the key of every cooperative and some of what ``known`` says of it, but ``served``; two queries.

        Most have never changed since, and of these it need not be asked one by one what was said before.
        """
        changed = PastState.objects.filter(until__gte=self.judged).values("cooperative")
        for rows in (self._told(None, None).exclude(pk__in=changed), self.known.filter(pk__in=changed)):
            yield from rows.order_by().values_list("pk", *columns)

    def _told(self, judged: datetime | None, moment: datetime | None) -> QuerySet[Cooperative]:
        """Return ``known`` but ``served``, of a register that was read just before ``judged`` and ``moment``."""
        rows = Cooperative.objects.order_by("sort_key", "pk").annotate(
            status_then=as_known("legal_status", judged),
            registered_then=as_known("registered_on", moment),
            **{f"in_{name}": as_known(fact, moment) for name, fact in FACTS.items()},
        )
        known = Q() if self.scope.moment is None else Q(created_at__lt=self.scope.moment)
        standing = Case(
            When(status_then__in=ENDED_STATUSES, then=Value(ENDED)),
            # Who was entered later was no line of the register yet, dated or not.
            When(Q(registered_then__isnull=True) & known, then=Value(UNDATED)),
            When(Q(registered_then__lte=self.scope.stand) & known, then=Value("")),
            default=Value(LATER),
            output_field=CharField(),
        )
        return rows.annotate(standing=standing)

    @property
    def registered(self) -> QuerySet[Cooperative]:
        """The registered ones."""
        return self.known.filter(standing="")

    @property
    def entries(self) -> QuerySet[Consultation]:
        """The lượt of the period."""
        return entries(self.scope.period, self.scope.moment).counted().order_by()

    def about(self, topic: str) -> QuerySet[Cooperative]:
        """The registered ones that an entry about ``topic`` (empty: an entry without topic) served."""
        own = self.entries.filter(cooperative=OuterRef("pk"))
        own = own.filter(topics__topic=topic) if topic else own.filter(topics__isnull=True)
        return self.registered.filter(Exists(own))

    def fact(self, name: str, via: str = ""):
        """Return the expression of one of ``FACTS``; ``via`` leads from the row asked to the cooperative."""
        return as_known(FACTS[name], self.scope.moment, via)
