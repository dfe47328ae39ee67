"""What looks wrong in a period before it is closed: each doubt with examples and the way to put them right."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate
from django.utils.translation import gettext as _

from cooperatives.models import Cooperative
from support_cases.models import Case, Closing, Consultation, ConsultationTopic
from support_cases.reports.counting import entries
from support_cases.reports.periods import Period
from support_cases.reports.served import period_name

#: So many examples of each doubt are shown; the rest is a number.
MOST_EXAMPLES = 5

#: The name of a page and its arguments.
Address = tuple[str, tuple]


@dataclass(frozen=True)
class Example:
    """One row that looks wrong, and the page on which it is put right."""

    words: str
    address: Address


@dataclass(frozen=True)
class Doubt:
    """One kind of thing that looks wrong: how many there are, in words, and the first of them."""

    code: str
    title: str
    count: int
    examples: tuple[Example, ...]

    @property
    def more(self) -> int:
        """How many there are besides the examples."""
        return self.count - len(self.examples)


def doubts_of(period: Period, *, today: date) -> list[Doubt]:
    """Return what looks wrong in ``period`` as things stand; a bounded number of queries, none where all is well.

    Nothing of it forbids closing: two talks with one cooperative on a day may both be real. People decide.
    """
    found = [
        _without_topic(period),
        _of_the_future(period, today),
        _double(period),
        _without_place(period),
        _overdue(period),
        _open_before(period),
        _nothing(period),
    ]
    return [doubt for doubt in found if doubt.count]


def _without_topic(period: Period) -> Doubt:
    rows = entries(period).filter(~Exists(ConsultationTopic.objects.filter(consultation=OuterRef("pk"))))
    return _of_entries("no_topic", _("Lần tư vấn chưa ghi nội dung"), rows)


def _of_the_future(period: Period, today: date) -> Doubt:
    """Entries held after they were recorded, and those whose day is still to come: a year or month mistyped."""
    rows = Consultation.objects.standing()
    # Days begin here before they do by UTC, so comparing moments leaves all of these and few others to be asked for
    # their day, which SQLite does slowly.
    early = rows.filter(held_on__range=(period.start, period.end), recorded_at__lt=F("held_on"))
    early = early.filter(held_on__gt=TruncDate("recorded_at"))
    found = early.order_by().values("pk").union(rows.filter(held_on__gt=today).order_by().values("pk"))
    return _of_entries("future", _("Lần tư vấn ghi ngày trong tương lai"), Consultation.objects.filter(pk__in=found))


def _double(period: Period) -> Doubt:
    """Entries with one party on one day beyond the first of that day."""
    nth = Window(RowNumber(), partition_by=["held_on", "cooperative", "founding_group"], order_by="pk")
    rows = entries(period).annotate(nth=nth).filter(nth__gt=1)
    return _of_entries("double", _("Lần tư vấn trùng HTX và ngày với lần khác"), rows)


def _of_entries(code: str, title: str, rows: QuerySet[Consultation]) -> Doubt:
    """Return a doubt about entries. Their keys are asked for first: joined to what is shown of them, the search for a
    few among hundreds of thousands would be planned as if they were many.
    """
    keys = list(rows.order_by("held_on", "pk").values_list("pk", flat=True)[: MOST_EXAMPLES + 1])
    count = len(keys) if len(keys) <= MOST_EXAMPLES else rows.order_by().values("pk").count()
    shown = Consultation.objects.filter(pk__in=keys[:MOST_EXAMPLES]).select_related("cooperative", "founding_group")
    examples = [
        Example(f"{row.held_on:%d/%m/%Y} · {row.party}", ("support:consultation", (row.pk,)))
        for row in (shown.order_by("held_on", "pk") if keys else ())
    ]
    return Doubt(code, title, count, tuple(examples))


def _without_place(period: Period) -> Doubt:
    """Cooperatives served in the period that lie in no old district or no new commune."""
    served = entries(period).filter(cooperative=OuterRef("pk")).order_by()
    rows = Cooperative.objects.filter(Q(old_district=None) | Q(new_commune=None)).filter(Exists(served))
    title = _("HTX được tư vấn chưa rõ địa bàn")
    return _doubt(
        "no_place", title, rows.order_by("pk"), lambda row: Example(row.name, ("cooperatives:detail", (row.pk,)))
    )


def _overdue(period: Period) -> Doubt:
    """Cases due by the end of the period that nobody finished: done and not written down, or late.

    Those that wait for the cooperative are not due.
    """
    rows = Case.objects.overdue(period.end + timedelta(days=1)).with_parties().order_by("due_on", "pk")
    return _doubt(
        "case_due",
        _("Hồ sơ đến hạn trong kỳ hoặc trước đó chưa kết thúc"),
        rows,
        lambda row: Example(f"{row.due_on:%d/%m/%Y} · {row.title} · {row.party}", ("support:case", (row.reference,))),
    )


def _open_before(period: Period) -> Doubt:
    """Months before the period, from the start of its year or the month before on, that nobody closed."""
    start = min(period.cumulative().first, period.first.plus(-1))
    first_entry = Consultation.objects.standing().aggregate(day=Min("held_on"))["day"]
    months = [Period(period.calendar, start.plus(n), start.plus(n)) for n in range(period.length + 12)]
    months = [one for one in months if one.last < period.first and first_entry and one.end >= first_entry]
    standing = Closing.objects.standing().filter(calendar=period.calendar, last__gte=str(start))
    closed = list(standing.values_list("first", "last"))
    still = [one for one in months if not any(first <= str(one.first) <= last for first, last in closed)]
    examples = tuple(Example(period_name(one), ("support:report-closing", (one,))) for one in still[:MOST_EXAMPLES])
    return Doubt("open_before", _("Tháng trước kỳ này chưa chốt"), len(still), examples)


def _nothing(period: Period) -> Doubt:
    """A period in which nothing at all was recorded."""
    title = _("Trong kỳ chưa ghi lần tư vấn nào")
    if entries(period).exists():
        return Doubt("nothing", title, 0, ())
    return Doubt("nothing", title, 1, (Example(_("Ghi tư vấn"), ("support:log", ())),))


def _doubt(code: str, title: str, rows: QuerySet, example: Callable[[Any], Example]) -> Doubt:
    """Return a doubt about ``rows``: one query for the examples, one for the number where there are more."""
    first = list(rows[: MOST_EXAMPLES + 1])
    count = len(first) if len(first) <= MOST_EXAMPLES else rows.count()
    return Doubt(code, title, count, tuple(example(row) for row in first[:MOST_EXAMPLES]))


def total_of(doubts: Iterable[Doubt]) -> int:
    """Return how many things look wrong in all."""
    return sum(doubt.count for doubt in doubts)
