"""Every shipped obligation and period 2020-2027 against a walk that knows only the files; days off and moves mixed."""

import csv
from calendar import monthrange
from datetime import date, timedelta
from itertools import product

from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from cooperatives.calendar import WorkCalendar
from cooperatives.models import DeadlineOverride, TaxObligation
from cooperatives.tax_calendar import Filer, calendar_for

FIRST, LAST = date(2020, 1, 1), date(2027, 12, 31)
MONTHS = list(product(range(2015, 2034), range(1, 13)))
FLAGS = ("employers_only", "not_agriculture", "voluntary", "by_fiscal_year")
days = st.integers(min_value=0, max_value=2921).map(lambda n: FIRST + timedelta(days=n))


def shipped() -> list[dict]:
    with (settings.FIXTURES_DIR / "reference" / "tax_obligations.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["frequency"] != "occurrence"]


def as_rule(row: dict) -> TaxObligation:
    values = {name: row[name] for name in ("code", "frequency", "edge", "filers")}
    values |= {name: int(row[name]) for name in ("months", "day", "position")}
    values |= {name: row[name] == "1" for name in FLAGS}
    ends = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
    return TaxObligation(**values, valid_from=date.fromisoformat(row["valid_from"]), valid_to=ends)


def owed(row: dict, filer: Filer) -> bool:
    """Whether the cooperative may have the obligation: nothing known of it says no."""
    other_filing = row["filers"] and filer.vat_filing not in ("unknown", row["filers"])
    if filer.vat_filing == "none" and row["employers_only"] == "1":
        other_filing = False
    no_wages = row["employers_only"] == "1" and filer.employs_people is False
    exempt = row["not_agriculture"] == "1" and filer.agriculture is True
    return not (other_filing or no_wages or exempt)


def walk(day: date, free: set[date]) -> date:
    while day.isoweekday() > 5 or day in free:
        day += timedelta(days=1)
    return day


def slow(row: dict, filer: Filer, free: set[date], moved: dict) -> list[tuple[date, str, str]]:
    length = {"month": 1, "quarter": 3, "year": 12}[row["frequency"]]
    begins = filer.fiscal_year_end_month % 12 + 1 if row["by_fiscal_year"] == "1" else 1
    found = []
    for place, (year, month) in enumerate(MONTHS[:-40]):
        if (month - begins) % length:
            continue
        first = date(year, month, 1)
        ey, em = MONTHS[place + length - 1]
        edge = first if row["edge"] == "start" else date(ey, em, monthrange(ey, em)[1])
        if not row["valid_from"] <= edge.isoformat() <= (row["valid_to"] or "9999"):
            continue
        dy, dm = MONTHS[MONTHS.index((edge.year, edge.month)) + int(row["months"])]
        last = monthrange(dy, dm)[1]
        due = walk(date(dy, dm, min(int(row["day"]) or last, last)), free)
        name = {1: f"{year}-{month:02d}", 3: f"{year}-Q{(month + 2) // 3}", 12: f"{year}"}[length]
        decree = moved.get((row["code"], name))
        if decree is not None and filer.agriculture is True:
            due = walk(decree, free)
        if FIRST <= due <= LAST:
            found.append((due, row["code"], name))
    return found


@given(st.data())
def test_every_shipped_obligation_of_every_period_falls_on_the_day_a_slow_walk_finds(data):
    free = set(data.draw(st.lists(days, max_size=120)))
    filer = Filer(
        data.draw(st.sampled_from(["unknown", "monthly", "quarterly", "none"])),
        data.draw(st.sampled_from([None, True, False])),
        data.draw(st.sampled_from([None, True, False])),
        data.draw(st.integers(min_value=1, max_value=12)),
    )
    rows = shipped()
    keys = sorted({(row["code"], name) for row in rows for _due, _code, name in slow(row, Filer("unknown"), set(), {})})
    moved = data.draw(st.dictionaries(st.sampled_from(keys), days, max_size=12))
    overrides = [
        DeadlineOverride(obligation_code=code, period=period, new_date=day) for (code, period), day in moved.items()
    ]
    found = calendar_for(filer, [as_rule(row) for row in rows], overrides, FIRST, LAST, WorkCalendar(set(free)))
    expected = [one for row in rows if owed(row, filer) for one in slow(row, filer, free, moved)]
    assert sorted((due.due_on, due.obligation.code, due.period.label) for due in found) == sorted(expected)
