"""The tax calendar: which obligation of a cooperative falls on which day, and why. It never computes tax due."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from cooperatives.calendar import WorkCalendar, add_months
from cooperatives.choices import LegalStatus
from cooperatives.errors import InvalidEntry
from cooperatives.models import Cooperative, DeadlineOverride, Holiday, TaxObligation, TaxProfile
from cooperatives.models.tax import PeriodEdge, TaxFrequency, VatFiling

# A year, the longest a rule may count after it, and as much again for a decree: older periods need no look.
_FURTHEST_MOVE = 12 + 24 + 12
_USUAL_MONTHS, _MOST_MONTHS = 12, 24
_LENGTH = {TaxFrequency.MONTH: 1, TaxFrequency.QUARTER: 3, TaxFrequency.YEAR: 12}
_FILING = ("vat_filing", "employs_people", "agriculture")


@dataclass(frozen=True)
class Filer:
    """What of a cooperative decides its obligations; None and ``unknown`` mean nobody asked yet."""

    vat_filing: str = VatFiling.UNKNOWN
    employs_people: bool | None = None
    agriculture: bool | None = None
    fiscal_year_end_month: int = 12


@dataclass(frozen=True)
class Period:
    """A month, quarter or year an obligation is about: 2026-05, 2026-Q2, 2026."""

    label: str
    start: date
    end: date


@dataclass(frozen=True)
class Due:
    """One obligation of one period and its day.

    ``statutory_on`` is what the rule says, ``shifted_on`` the next working day where that is a day off; ``due_on`` is
    the latter, or the day of the decree in ``moved`` where that is surely for the cooperative. ``certain`` is False
    where something hangs on what nobody asked yet.
    """

    obligation: TaxObligation
    period: Period
    statutory_on: date
    shifted_on: date
    due_on: date
    moved: DeadlineOverride | None
    certain: bool

    @property
    def may_be_later(self) -> bool:
        """Whether a decree would give a later day, if it is for this cooperative."""
        return self.moved is not None and self.due_on < self.moved.new_date

    def days_left(self, today: date) -> int:
        """Return calendar days until the day, negative when past."""
        return (self.due_on - today).days


def periods(frequency: str, first: date, last: date, end_month: int = 12) -> Iterator[Period]:
    """Yield the periods that begin between two days; a year ends with ``end_month`` and is called by its first year."""
    length = _LENGTH[TaxFrequency(frequency)]
    offset = end_month % 12 if frequency == TaxFrequency.YEAR else 0
    start = date(first.year - 1, offset + 1, 1)
    while start <= last:
        following = add_months(start, length)
        if start >= first:
            yield Period(_label(frequency, start), start, date.fromordinal(following.toordinal() - 1))
        start = following


def statutory_day(obligation: TaxObligation, period: Period) -> date:
    """Return the day the rule names for a period, days off not yet thought of."""
    edge = period.start if obligation.edge == PeriodEdge.START else period.end
    month = add_months(edge.replace(day=1), obligation.months)
    last = date.fromordinal(add_months(month, 1).toordinal() - 1)
    return month.replace(day=min(obligation.day or last.day, last.day))


def calendar_for(
    filer: Filer,
    obligations: Sequence[TaxObligation],
    overrides: Iterable[DeadlineOverride],
    first: date,
    last: date,
    work_calendar: WorkCalendar,
) -> list[Due]:
    """Return what falls due between two days, by day, then in the order of the obligations.

    A rule counts for the periods whose edge lies in its time; a day off moves to the next working day; a decree moves
    one period of those it is for.
    """
    moved = {(row.obligation_code, row.period): row for row in overrides}
    found = []
    for obligation in obligations:
        concerned = _concerned(obligation, filer)
        if concerned is None:
            continue
        for period in _periods_of(obligation, filer, first, last):
            due = _due(obligation, period, moved.get((obligation.code, period.label)), filer, work_calendar, concerned)
            if first <= due.due_on <= last:
                found.append(due)
    return sorted(found, key=lambda due: (due.due_on, due.obligation.position, due.obligation.code, due.period.label))


def span_of(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """Return from when to when a calendar is shown: a year from today where nothing else is asked for.

    Raises:
        InvalidEntry: under ``first`` or ``last``, for a span that ends before it begins or is longer than two years.
    """
    first = first or today
    if not 1990 <= first.year <= 2100:
        raise InvalidEntry({"first": [_("Ngày này quá xa, xin kiểm tra năm.")]})
    last = last or add_months(first, _USUAL_MONTHS)
    if last < first:
        raise InvalidEntry({"last": [_("Ngày cuối phải sau ngày đầu.")]})
    if last > add_months(first, _MOST_MONTHS):
        raise InvalidEntry({"last": [_("Nhiều nhất 24 tháng mỗi lần xem.")]})
    return first, last


def tax_calendar(cooperative: Cooperative, first: date, last: date) -> list[Due]:
    """Return the calendar of one cooperative between two days. Four queries."""
    return calendar_for(filer_of(cooperative), *_rules(), first, last, Holiday.objects.work_calendar())


def due_of(obligation: TaxObligation, label: str, filer: Filer) -> Due | None:
    """Return the day of one obligation for the period called ``label``, or None where its rule has no such period.

    A rule has none outside its time: there is no licence fee of 2026.
    """
    if obligation.frequency == TaxFrequency.OCCURRENCE:
        return None
    year = int(label[:4])
    spans = _periods_of(obligation, filer, date(year, 1, 1), date(year, 12, 31))
    period = next((period for period in spans if period.label == label), None)
    moved = DeadlineOverride.objects.filter(obligation_code=obligation.code, period=label).first()
    calendar = Holiday.objects.work_calendar()
    return _due(obligation, period, moved, filer, calendar, certain=True) if period else None


def filer_of(cooperative: Cooperative) -> Filer:
    """Return what is known of how a cooperative files."""
    profile = TaxProfile.objects.filter(pk=cooperative.pk).first()
    known = {name: getattr(profile, name) for name in _FILING} if profile else {}
    return Filer(**known, fiscal_year_end_month=cooperative.fiscal_year_end_month)


def coming_days(first: date, last: date) -> list[tuple[Due, int]]:
    """Return what falls due between two days in the whole register, each with how many cooperatives it concerns.

    Cooperatives that file alike are counted together, so that the work does not grow with their number.
    """
    alike = (
        Cooperative.objects.exclude(legal_status=LegalStatus.DISSOLVED)
        .order_by()
        .values("fiscal_year_end_month", *(f"tax_profile__{name}" for name in _FILING))
        .annotate(number=Count("pk"))
    )
    rules, calendar = _rules(), Holiday.objects.work_calendar()
    concerned: Counter[tuple] = Counter()
    known: dict[tuple, Due] = {}
    for row in alike:
        values = {name: row[f"tax_profile__{name}"] for name in _FILING}
        values["vat_filing"] = values["vat_filing"] or VatFiling.UNKNOWN
        filer = Filer(**values, fiscal_year_end_month=row["fiscal_year_end_month"])
        for due in calendar_for(filer, *rules, first, last, calendar):
            key = (due.due_on, due.obligation.position, due.obligation.code, due.period.label)
            known.setdefault(key, due)
            concerned[key] += row["number"]
    return [(known[key], concerned[key]) for key in sorted(known)]


def certain_days(cooperatives: QuerySet, first: date, last: date, *, chunk: int) -> Iterator[tuple[int, Due]]:
    """Yield the key of each of ``cooperatives`` with each day between two days that surely is its own.

    The days are counted once for all that file alike and the rows read ``chunk`` at a time. A period that was over
    before the cooperative was registered is not its own.
    """
    rules, calendar = _rules(), Holiday.objects.work_calendar()
    known: dict[Filer, list[Due]] = {}
    columns = ("pk", "registered_on", *(f"tax_profile__{name}" for name in _FILING), "fiscal_year_end_month")
    for pk, registered_on, vat_filing, *rest in cooperatives.order_by("pk").values_list(*columns).iterator(chunk):
        filer = Filer(vat_filing or VatFiling.UNKNOWN, *rest)
        if filer not in known:
            known[filer] = [due for due in calendar_for(filer, *rules, first, last, calendar) if due.certain]
        for due in known[filer]:
            if registered_on is None or registered_on <= due.period.end:
                yield pk, due


def record_profile(cooperative: Cooperative, values: dict, *, by) -> TaxProfile:
    """Write what is known of how a cooperative files, columns in ``values`` only, and return the row."""
    with transaction.atomic():
        Cooperative.objects.select_for_update().get(pk=cooperative.pk)
        profile, _new = TaxProfile.objects.get_or_create(cooperative=cooperative)
        for name, value in values.items():
            setattr(profile, name, value)
        profile.edited_by = by
        profile.save()
    return profile


def _rules() -> tuple[list[TaxObligation], list[DeadlineOverride]]:
    """Return all rules of the calendar: a few dozen rows."""
    return list(TaxObligation.objects.exclude(frequency=TaxFrequency.OCCURRENCE)), list(DeadlineOverride.objects.all())


def _label(frequency: str, start: date) -> str:
    if frequency == TaxFrequency.MONTH:
        return f"{start:%Y-%m}"
    return f"{start.year}-Q{(start.month + 2) // 3}" if frequency == TaxFrequency.QUARTER else f"{start.year}"


def _periods_of(obligation: TaxObligation, filer: Filer, first: date, last: date) -> Iterator[Period]:
    """Yield the periods whose day may lie between two days and whose edge lies in the time of the rule."""
    month = filer.fiscal_year_end_month if obligation.by_fiscal_year else 12
    for period in periods(obligation.frequency, add_months(first, -_FURTHEST_MOVE), last, month):
        edge = period.start if obligation.edge == PeriodEdge.START else period.end
        if obligation.valid_from <= edge and (obligation.valid_to is None or edge <= obligation.valid_to):
            yield period


def _concerned(obligation: TaxObligation, filer: Filer) -> bool | None:
    """Return whether an obligation is the filer's: True, None for not, False where it hangs on what is unknown."""
    fits = _fits_filing(obligation, filer)
    if (
        fits is None
        or (obligation.employers_only and filer.employs_people is False)
        or (obligation.not_agriculture and filer.agriculture)
    ):
        return None
    unknown = (
        not fits
        or (obligation.employers_only and filer.employs_people is None)
        or (obligation.not_agriculture and filer.agriculture is None)
        or obligation.voluntary
    )
    return not unknown


def _fits_filing(obligation: TaxObligation, filer: Filer) -> bool | None:
    """Return whether returns of this rhythm are the filer's: True, None for not, False where that is unknown.

    Who declares no value added tax may still withhold income tax of wages, and only the tax office knows in which
    rhythm.
    """
    if not obligation.filers or filer.vat_filing == obligation.filers:
        return True
    open_question = filer.vat_filing == VatFiling.UNKNOWN or (
        filer.vat_filing == VatFiling.NONE and obligation.employers_only
    )
    return False if open_question else None


def _due(
    obligation: TaxObligation,
    period: Period,
    moved: DeadlineOverride | None,
    filer: Filer,
    calendar: WorkCalendar,
    certain: bool,
) -> Due:
    statutory = statutory_day(obligation, period)
    shifted = calendar.next_working_day(statutory)
    if moved is not None and moved.agriculture_only and filer.agriculture is False:
        moved = None
    # While nobody asked whether the decree is for this cooperative, the nearer day is the safe one to tell.
    sure = moved is not None and not (moved.agriculture_only and filer.agriculture is None)
    due_on = calendar.next_working_day(moved.new_date) if moved and sure else shifted
    certain = certain and (moved is None or sure)
    return Due(obligation, period, statutory, shifted, due_on, moved, certain)
