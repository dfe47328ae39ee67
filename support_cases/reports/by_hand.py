"""The lượt counted a second time, one entry after another without SQL's help: slow, obvious, for checking only."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F

from cooperatives.models import as_known
from support_cases.models import Consultation, ConsultationTopic
from support_cases.reports.counting import FACTS, UNKNOWN
from support_cases.reports.kinds import Figures
from support_cases.reports.periods import Month, Period

_BREAKDOWNS = ("month", "topic", *FACTS, "channel", "officer")
_CHUNK = 900


@dataclass(frozen=True)
class _Entry:
    """One entry as it was known: whose it is, and every single thing it is counted under."""

    held_on: date
    cooperative: int | None
    topics: tuple[str, ...]
    places: dict[str, str]


def count_by_hand(period: Period, moment: datetime | None) -> Figures:
    """Return lượt and distinct HTX of a period as known just before ``moment``, in the shape ``count_figures`` has.

    What is counted here: the totals of the period and of those it is compared with, first-time HTX, founding groups,
    and the lines by month, topic, kind, place, channel and officer. Memory grows with the entries of two years.
    """
    parts = {"total": period, **period.compared()}
    last_year = period.year_before()
    starts = (period.year_start, last_year.year_start, *(part.start for part in parts.values()))
    known = list(_entries(min(starts), period.end, moment))
    figures: Figures = {}
    for name, part in parts.items():
        of_part = [entry for entry in known if part.start <= entry.held_on <= part.end]
        figures[name] = {UNKNOWN: _pair(of_part)}
    for name, part in (("first_time", period), ("first_time_last_year", last_year)):
        earlier = {entry.cooperative for entry in known if part.year_start <= entry.held_on < part.start}
        of_part = [entry for entry in known if part.start <= entry.held_on <= part.end]
        figures[name] = {UNKNOWN: _pair([entry for entry in of_part if entry.cooperative not in earlier])}
    inside = [entry for entry in known if period.start <= entry.held_on <= period.end]
    groups = sum(entry.cooperative is None for entry in inside)
    figures["founding_groups"] = {UNKNOWN: [groups, 0]}
    return figures | _lines(inside, period.calendar)


def _lines(inside: list[_Entry], calendar: str) -> Figures:
    """Return the lines of every breakdown; one without a lượt is none."""
    lines: dict[str, dict[str, list[_Entry]]] = {name: defaultdict(list) for name in _BREAKDOWNS}
    for entry in inside:
        lines["month"][str(Month.containing(entry.held_on, calendar))].append(entry)
        for topic in entry.topics:
            lines["topic"][topic].append(entry)
        for what, key in entry.places.items():
            lines[what][key].append(entry)
    counted = {what: {key: _pair(found) for key, found in groups.items()} for what, groups in lines.items()}
    return {what: {key: pair for key, pair in groups.items() if pair[0]} for what, groups in counted.items()}


def _pair(entries: list[_Entry]) -> list[int]:
    counted = [entry.cooperative for entry in entries if entry.cooperative is not None]
    return [len(counted), len(set(counted))]


def _entries(start: date, end: date, moment: datetime | None) -> Iterator[_Entry]:
    """Yield the entries held between two days, both included; two queries for each chunk."""
    rows = Consultation.objects.known_at(moment).filter(held_on__range=(start, end))
    facts = {f"of_{name}": as_known(fact, moment, "cooperative__") for name, fact in FACTS.items()}
    wanted = rows.order_by("pk").annotate(by=F("officer"), **facts)
    last = 0
    while chunk := list(
        wanted.filter(pk__gt=last).values("pk", "held_on", "cooperative", "channel", "by", *facts)[:_CHUNK]
    ):
        last = chunk[-1]["pk"]
        topics = defaultdict(list)
        told = ConsultationTopic.objects.filter(consultation__in=[row["pk"] for row in chunk])
        for consultation, topic in told.values_list("consultation", "topic"):
            topics[consultation].append(topic)
        for row in chunk:
            places = {name: _text(row[f"of_{name}"]) for name in FACTS}
            places |= {"channel": row["channel"], "officer": _text(row["by"])}
            yield _Entry(row["held_on"], row["cooperative"], tuple(topics[row["pk"]]) or (UNKNOWN,), places)


def _text(value) -> str:
    return UNKNOWN if value is None else str(value)
