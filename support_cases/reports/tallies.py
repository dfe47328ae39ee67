"""The tallies: kept by whoever writes an entry, in that transaction, built anew from the entries, compared with them.

See docs/decisions/0017. Everything here runs under the version of the half-month, so that of two who write entries of
the same days one waits for the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.db import transaction
from django.db.models import CharField, Count, F, Max, Min, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from support_cases.models import Consultation, CountingVersion, Tally
from support_cases.reports.planes import BLOCK, changed, stored
from support_cases.reports.versions import half_month_of, raise_version

TOTAL = "total|"
GROUPS = "founding_groups|"
_NO_TOPIC = ""
#: Tallies written at once.
_CHUNK = 500

#: Line and block → the stored numbers of its cooperatives.
Counted = dict[tuple[str, int], bytes]


def count_entry(row: Consultation, topics: Iterable[str], step: int) -> None:
    """Count an entry in, or out for a ``step`` of minus one; runs in the transaction that does so, after its version
    was raised. Two statements. Tallies that cannot be right are built anew from the rows.
    """
    half_month = half_month_of(row.held_on)
    block, place = divmod(row.cooperative_id or row.founding_group_id, BLOCK)
    lines = lines_of(row, topics)
    rows = Tally.objects.filter(half_month=half_month, line__in=lines, block=block)
    known = dict(rows.values_list("line", "counts"))
    try:
        counts = {line: changed(bytes(known.get(line, b"")), place, step) for line in lines}
    except ValueError:
        rebuild(half_month)
        return
    Tally.objects.bulk_create(
        [Tally(half_month=half_month, line=line, block=block, counts=counts[line]) for line in lines],
        update_conflicts=True,
        unique_fields=["half_month", "line", "block"],
        update_fields=["counts"],
    )


def lines_of(row: Consultation, topics: Iterable[str]) -> list[str]:
    """Return the lines of the report an entry is counted on."""
    if row.cooperative_id is None:
        return [GROUPS]
    about = [f"topic|{topic}" for topic in topics] or [f"topic|{_NO_TOPIC}"]
    return [TOTAL, f"channel|{row.channel}", f"officer|{row.officer_id}", *about]


def half_months() -> Iterator[date]:
    """Yield the first days of all half-months from the first that has an entry or a tally to the last."""
    days = Consultation.objects.aggregate(first=Min("held_on"), last=Max("held_on"))
    kept = Tally.objects.aggregate(first=Min("half_month"), last=Max("half_month"))
    known = [half_month_of(day) for day in (*days.values(), *kept.values()) if day]
    if known:
        half_month, last = min(known), max(known)
        while half_month <= last:
            yield half_month
            half_month = after(half_month)


def after(half_month: date) -> date:
    """Return the first day of the half-month after one."""
    return half_month_of(half_month + timedelta(days=14 if half_month.day == 1 else 17))


def rebuild(half_month: date) -> None:
    """Count the entries of a half-month anew; whoever is recording one waits."""
    with transaction.atomic():
        raise_version(half_month)
        Tally.objects.filter(half_month=half_month).delete()
        counted = counted_in(_entries_of(half_month))
        Tally.objects.bulk_create(
            [
                Tally(half_month=half_month, line=line, block=block, counts=counts)
                for (line, block), counts in counted.items()
            ],
            batch_size=_CHUNK,
        )


def wrong_lines(half_month: date) -> list[str]:
    """Return the lines whose tallies do not say what the entries of the half-month say, in order."""
    with transaction.atomic():
        # Nobody records an entry of these days between the two readings.
        list(CountingVersion.objects.select_for_update().filter(half_month=half_month))
        kept = Tally.objects.filter(half_month=half_month).values_list("line", "block", "counts")
        found = {(line, block): bytes(counts) for line, block, counts in kept if counts}
        counted = counted_in(_entries_of(half_month))
    places = found.keys() | counted.keys()
    return sorted({place[0] for place in places if found.get(place) != counted.get(place)})


def counted_in(rows: QuerySet[Consultation], *wanted: str) -> Counted:
    """Return what the tallies of ``rows`` alone would be, of the dimensions ``wanted`` or of all; one query each."""
    numbers: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    lots = rows.counted()
    dimensions = [
        ("total", lots, "cooperative", Value("")),
        ("channel", lots, "cooperative", F("channel")),
        ("officer", lots, "cooperative", Cast("officer", CharField())),
        ("topic", lots, "cooperative", Coalesce(F("topics__topic"), Value(_NO_TOPIC))),
        ("founding_groups", rows.of_founding_groups(), "founding_group", Value("")),
    ]
    for dimension, counted, party, key in dimensions:
        if wanted and dimension not in wanted:
            continue
        groups = counted.order_by().annotate(key=key).values_list("key", party).annotate(n=Count("*"))
        for name, number, n in groups:
            block, place = divmod(number, BLOCK)
            numbers[f"{dimension}|{name}", block].append((place, n))
    return {place: stored(found) for place, found in numbers.items()}


def _entries_of(half_month: date) -> QuerySet[Consultation]:
    return Consultation.objects.standing().filter(held_on__gte=half_month, held_on__lt=after(half_month))
