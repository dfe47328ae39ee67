"""What was asked for, approved and paid out, by lender, year or area."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import ExtractYear

from cooperatives.models import Disbursement

#: Dimensions of the sums: how a loan says them, and how a disbursement does. A year is that of the submission for
#: what was asked and approved, and that of the payment for what was paid out.
_DIMENSIONS = {
    "lender": (F("lender"), F("loan__lender")),
    "year": (ExtractYear("submitted_on"), ExtractYear("paid_on")),
    "district": (F("cooperative__old_district__code"), F("loan__cooperative__old_district__code")),
}
Key = tuple[str | int | None, ...]


@dataclass(frozen=True)
class Line:
    """The sums of one group of loans in whole đồng; ``key`` has a value for each dimension asked for."""

    key: Key
    loans: int = 0
    asked: int = 0
    approved: int = 0
    disbursed: int = 0


def sums(loans: QuerySet, by: Sequence[str] = ("lender", "year")) -> list[Line]:
    """Return one line for each combination of the dimensions ``by`` that ``loans`` or their payments have.

    ``loans`` is unsliced; ordered by key. Asked and approved stand in the year in which a loan was submitted,
    disbursed in the year in which it was paid, so the two years of one loan may be different lines. Loans and
    payments are summed apart, for a join would count a loan once for each payment. Two queries.

    Raises:
        KeyError: for a dimension there is none of.
    """
    asked = _grouped(loans, by, 0).annotate(n=Count("pk"), total_asked=Sum("requested"), total_approved=Sum("approved"))
    paid = Disbursement.objects.standing().filter(loan__in=loans.order_by().values("pk"))
    lines: dict[Key, Line] = {}
    for row in asked:
        key = _key(row, by)
        lines[key] = Line(key, row["n"], int(row["total_asked"]), int(row["total_approved"]))
    for row in _grouped(paid, by, 1).annotate(total=Sum("amount")):
        key = _key(row, by)
        lines[key] = replace(lines.get(key, Line(key)), disbursed=int(row["total"]))
    return sorted(lines.values(), key=lambda line: [(part is None, part) for part in line.key])


def total_of(lines: Iterable[Line], key: Key = ()) -> Line:
    """Return the sum of lines, under ``key``; no loan and no payment is in two lines of one call of :func:`sums`."""
    every = list(lines)
    return Line(
        key,
        sum(line.loans for line in every),
        sum(line.asked for line in every),
        sum(line.approved for line in every),
        sum(line.disbursed for line in every),
    )


def paid_line(lines: Iterable[Line], year: int) -> Line:
    """Return the sum of lines by year and lender, of what was paid out only what was paid in ``year``."""
    every = list(lines)
    in_year = total_of(line for line in every if line.key[0] == year)
    return replace(total_of(every), disbursed=in_year.disbursed)


def _grouped(rows: QuerySet, by: Sequence[str], side: int) -> QuerySet:
    """Return ``rows`` grouped by the dimensions, the keys under names no column has."""
    keys = {f"by_{name}": _DIMENSIONS[name][side] for name in by}
    return rows.order_by().values(**keys)


def _key(row: dict, by: Sequence[str]) -> Key:
    return tuple(row[f"by_{name}"] for name in by)
