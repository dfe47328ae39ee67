"""Obligations with their days: of one cooperative, and of all of them in one list that never holds all of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import overload

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from cooperatives.choices import Confidence, ObligationKind, ObligationState
from cooperatives.errors import Words
from cooperatives.governance.duties import DUTIES
from cooperatives.governance.duty import Duty, Scene
from cooperatives.governance.lawbook import Deadline
from cooperatives.models import Cooperative

#: How many days before its end an obligation is called near, where the office set nothing (``obligations.soon_days``).
_SOON_DAYS = 60


@dataclass(frozen=True)
class Obligation:
    """One thing one cooperative owes. Days are None where the register does not know what to count from.

    ``due_on`` is the last day, ``ends_on`` the end by the calendar: they differ where that is a day off.
    """

    cooperative: Cooperative
    duty: Duty
    scene: Scene
    anchor_on: date | None
    deadline: Deadline | None

    @property
    def kind(self) -> ObligationKind:
        """Which duty it is."""
        return self.duty.kind

    @property
    def ends_on(self) -> date | None:
        """The end by the calendar."""
        return self.deadline.ends_on if self.deadline else None

    @property
    def due_on(self) -> date | None:
        """The last day."""
        return self.deadline.last_day if self.deadline else None

    @property
    def days_left(self) -> int | None:
        """Calendar days until the last day, below zero when it is past."""
        return (self.deadline.last_day - self.scene.today).days if self.deadline else None

    @property
    def state(self) -> ObligationState:
        """How urgent it is."""
        return state_of(self.deadline, self.scene)

    @property
    def arithmetic(self) -> Words:
        """How the last day was counted, in words."""
        counted = self.duty.arithmetic(self.anchor_on, self.scene)
        if self.deadline is None or self.deadline.ends_on == self.deadline.last_day:
            return counted
        moved = _("Hạn theo lịch %(end)s là ngày nghỉ nên được làm đến hết ngày %(last)s.")
        days = {"end": f"{self.deadline.ends_on:%d/%m/%Y}", "last": f"{self.deadline.last_day:%d/%m/%Y}"}
        return f"{counted} {moved % days}"

    @property
    def source(self) -> str:
        """Law and article; "" where no document is named."""
        rule = self.duty.rule(self.anchor_on, self.scene)
        return ", ".join(part for part in (rule.legal_document, rule.article) if part) if rule else ""

    @property
    def confidence(self) -> str:
        """How sure the office is of the rule."""
        rule = self.duty.rule(self.anchor_on, self.scene)
        return rule.confidence if rule else Confidence.UNSURE

    @property
    def confidence_label(self) -> Words:
        """The same in words."""
        return Confidence(self.confidence).label


def state_of(deadline: Deadline | None, scene: Scene) -> ObligationState:
    """Return how urgent something owed by ``deadline`` is."""
    if deadline is None:
        return ObligationState.UNKNOWN
    if deadline.last_day < scene.today:
        return ObligationState.LATE
    near = scene.book.number("obligations.soon_days", scene.today)
    soon = timedelta(days=_SOON_DAYS if near is None else near)
    return ObligationState.SOON if deadline.last_day - scene.today <= soon else ObligationState.OK


def obligations_of(cooperative: Cooperative, today: date) -> list[Obligation]:
    """Return what ``cooperative`` owes, the most urgent first, what is not known last."""
    return obligations_among(Cooperative.objects.filter(pk=cooperative.pk), today)


def obligations_among(cooperatives: QuerySet, today: date) -> list[Obligation]:
    """Return what the few ``cooperatives`` owe, the most urgent first; one query a kind and two for the law."""
    everything = ObligationList(cooperatives, Scene.on(today))
    return everything[0 : len(everything)]


@dataclass(frozen=True)
class Bucket:
    """How many cooperatives owe one duty counted from one day."""

    place: int
    anchor_on: date | None
    deadline: Deadline | None
    count: int

    @property
    def stream(self) -> tuple[int, bool]:
        """The rows that come one after another from one query: of one duty, dated or not."""
        return self.place, self.anchor_on is None


#: Of a group the rows from one place up to another.
Share = tuple[Bucket, int, int]


class ObligationList(Sequence[Obligation]):
    """All obligations of many cooperatives in the order of their last days, fetched page by page.

    The database counts the cooperatives by duty and by the day they count from, a few thousand groups however many
    cooperatives there are; the groups are put in order here, and of a page only its own rows are read. Within one
    duty a later day to count from never ends sooner, so the rows of a page are one slice for each duty.
    """

    def __init__(
        self,
        cooperatives: QuerySet,
        scene: Scene,
        *,
        kind: str = "",
        state: str = "",
        within: int | None = None,
        descending: bool = False,
    ):
        """``within``: only what is late or due within so many days."""
        self.scene, self.descending = scene, descending
        standing = cooperatives.standing().order_by()
        self._rows = {
            place: duty.bound(standing, scene) for place, duty in enumerate(DUTIES) if not kind or duty.kind == kind
        }
        found = [bucket for place in self._rows for bucket in self._counted(place)]
        self.buckets = sorted((b for b in found if self._wanted(b, state, within)), key=self._order)

    def __len__(self):
        return sum(bucket.count for bucket in self.buckets)

    @overload
    def __getitem__(self, wanted: int) -> Obligation: ...

    @overload
    def __getitem__(self, wanted: slice) -> list[Obligation]: ...

    def __getitem__(self, wanted):
        """Return the obligations of a slice; one query for each duty in it, and one for the cooperatives."""
        if isinstance(wanted, int):
            return self[wanted : wanted + 1][0]
        start, stop, _step = wanted.indices(len(self))
        shares = list(self._shares(start, stop))
        read = {stream: self._read(stream, shares) for stream in {bucket.stream for bucket, _low, _high in shares}}
        keys = [pk for rows in read.values() for pk, _anchor in rows]
        found = Cooperative.objects.select_related("old_district", "commune").in_bulk(keys)
        ready = {stream: iter(rows) for stream, rows in read.items()}
        return list(self._merged(shares, ready, found))

    def totals(self) -> dict[ObligationKind, dict[ObligationState, int]]:
        """Return how many there are of each kind and state; kinds without any are left out."""
        found: dict[ObligationKind, dict[ObligationState, int]] = {}
        for bucket in self.buckets:
            states = found.setdefault(DUTIES[bucket.place].kind, dict.fromkeys(ObligationState, 0))
            states[state_of(bucket.deadline, self.scene)] += bucket.count
        return {duty.kind: found[duty.kind] for duty in DUTIES if duty.kind in found}

    def _counted(self, place: int) -> Iterator[Bucket]:
        duty = DUTIES[place]
        for anchor, count in self._rows[place].values_list("anchor_on").annotate(count=Count("pk")):
            deadline = duty.deadline(anchor, self.scene) if anchor is not None else None
            if deadline is not None or (anchor is None and duty.may_be_unknown):
                yield Bucket(place, anchor, deadline, count)

    def _wanted(self, bucket: Bucket, state: str, within: int | None) -> bool:
        """Whether the filters let a group in."""
        if state and state_of(bucket.deadline, self.scene) != state:
            return False
        if within is None:
            return True
        return bucket.deadline is not None and (bucket.deadline.last_day - self.scene.today).days <= within

    def _order(self, bucket: Bucket) -> tuple:
        """Return the sorting key: by last day, then duty, then the day counted from; what is not known last."""
        if bucket.anchor_on is None or bucket.deadline is None:
            return (1, 0, bucket.place, 0)
        turn = -1 if self.descending else 1
        return (0, turn * bucket.deadline.last_day.toordinal(), bucket.place, turn * bucket.anchor_on.toordinal())

    def _shares(self, start: int, stop: int) -> Iterator[Share]:
        """Yield the groups a slice shows something of, each with the places of its first row and after its last."""
        passed = 0
        for bucket in self.buckets:
            low, high = (min(max(edge - passed, 0), bucket.count) for edge in (start, stop))
            if low < high:
                yield bucket, low, high
            passed += bucket.count

    def _read(self, stream: tuple[int, bool], shares: Sequence[Share]) -> list[tuple[int, date | None]]:
        """Return key and day counted from of the rows of a stream in the slice, in the order of the list."""
        place, unknown = stream
        mine = [share for share in shares if share[0].stream == stream]
        skip, take = mine[0][1], sum(high - low for _bucket, low, high in mine)
        days = [bucket.anchor_on for bucket, _low, _high in mine]
        rows, by_name = self._rows[place], ("sort_key", "pk")
        if unknown:
            rows = rows.filter(anchor_on__isnull=True).order_by(*by_name)
        elif len(days) == 1:
            # Alone in the index of names: the rows of one day need no sorting, however many there are.
            rows = rows.filter(anchor_on=days[0]).order_by(*by_name)
        else:
            rows = rows.filter(anchor_on__in=days)
            rows = rows.order_by("-anchor_on" if self.descending else "anchor_on", *by_name)
        return list(rows.values_list("pk", "anchor_on")[skip : skip + take])

    def _merged(
        self, shares: Iterable[Share], ready: Mapping, found: Mapping[int, Cooperative]
    ) -> Iterator[Obligation]:
        """Yield the rows of the slice in order, taking each group's share from its stream.

        A cooperative that was changed or taken away since it was counted leaves its place empty.
        """
        for bucket, low, high in shares:
            for pk, anchor in islice(ready[bucket.stream], high - low):
                duty = DUTIES[bucket.place]
                if pk in found:
                    yield Obligation(found[pk], duty, self.scene, anchor, anchor and duty.deadline(anchor, self.scene))
