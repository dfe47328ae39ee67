"""Inside the portal's settings: reports beside SQL by hand, and what an entry costs with its tallies.

`python -m tests.bench.figures ROUNDS`, on a filled database; prints JSON. Both sides take turns; CPU is that of this
process and of its backend. The numbers of both sides must be equal, or it fails.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from uuid import uuid4

import django

django.setup()

from django.db import connection  # noqa: E402

from cooperatives.models import Cooperative  # noqa: E402
from htx_portal.accounts.models import User  # noqa: E402
from support_cases import consultations  # noqa: E402
from support_cases.models import Consultation  # noqa: E402
from support_cases.reports.coverage import COVERAGE  # noqa: E402
from support_cases.reports.kinds import Figures, Scope  # noqa: E402
from support_cases.reports.periods import MONTH, Month, Period  # noqa: E402
from support_cases.reports.tallied import tallied_figures  # noqa: E402
from support_cases.reports.tallies import rebuild  # noqa: E402
from support_cases.reports.versions import half_month_of  # noqa: E402
from support_cases.reports.workload import WORKLOAD  # noqa: E402
from tests.bench.by_hand import figures_by_hand  # noqa: E402
from tests.bench.reports_by_hand import coverage_by_hand, workload_by_hand  # noqa: E402

PERIODS = {
    "four years": Period(MONTH, Month(2022, 1), Month(2025, 12)),
    "one year": Period(MONTH, Month(2024, 1), Month(2024, 12)),
    "one month": Period(MONTH, Month(2024, 6), Month(2024, 6)),
}
HELD_ON, TODAY = date(2025, 11, 20), date(2025, 12, 31)
ENTRIES_A_ROUND = 40
_TICKS = os.sysconf("SC_CLK_TCK")

#: Seconds of CPU and of the clock.
Cost = tuple[float, float]


def main(rounds: int) -> None:
    """Measure reports, entries and plans, and print everything found."""
    reports = {
        f"lượt, {title}": report(partial(tallied_figures, period), partial(figures_by_hand, period), rounds)
        for title, period in PERIODS.items()
    }
    year = Scope(PERIODS["one year"], None, PERIODS["one year"].end)
    reports["coverage, one year"] = report(partial(COVERAGE.compute, year), partial(coverage_by_hand, year), rounds)
    reports["work of officers, one year"] = report(
        partial(WORKLOAD.compute, year), partial(workload_by_hand, year), rounds
    )
    print(json.dumps({"reports": reports, "entry": entries(rounds), "plans": plans()}))


def report(portal: Callable[[], Figures], by_hand: Callable[[], Figures], rounds: int) -> dict:
    """Return the medians of both sides and of the ratios of neighbours.

    Raises:
        AssertionError: when they do not count the same.
    """
    assert portal() == by_hand(), (portal, by_hand)
    pairs = [(cost(portal), cost(by_hand)) for _ in range(rounds)]
    ratios = [(ours[0] / theirs[0], ours[1] / theirs[1]) for ours, theirs in pairs]
    sides = [middle([pair[0] for pair in pairs]), middle([pair[1] for pair in pairs]), middle(ratios)]
    return dict(zip(("portal", "by_hand", "ratio"), sides, strict=True))


def entries(rounds: int) -> dict:
    """Return what recording an entry costs with and without counting it, in turns of some entries each."""
    officer = User.objects.filter(role="staff").first()
    parties = list(Cooperative.objects.order_by("pk")[:: max(Cooperative.objects.count() // ENTRIES_A_ROUND, 1)])

    def record() -> None:
        for party in parties:
            entry = consultations.Entry(uuid4(), party, HELD_ON, "phone", ["loan", "tax"], "Hỏi", "answered")
            consultations.log_consultation(entry, by=officer, today=TODAY)

    counting = consultations.count_entry
    costs: dict[str, list[Cost]] = {"without": [], "with": []}
    for _ in range(rounds + 1):
        for name, count in (("without", lambda *entry: None), ("with", counting)):
            consultations.count_entry = count
            cpu, clock = cost(record)
            costs[name].append((cpu / len(parties), clock / len(parties)))
    rebuild(half_month_of(HELD_ON))
    # The first turn makes plans and fills caches.
    return {name: middle(found[1:]) for name, found in costs.items()}


def plans() -> dict[str, str]:
    """Return how the database finds the entries of a month, of the whole country and of one province."""
    period = PERIODS["one month"]
    month = Consultation.objects.standing().filter(held_on__range=(period.start, period.end)).order_by()
    province = Cooperative.objects.filter(old_district__parent__code="06").values("pk")
    asked = {"a month": month, "a month of one province": month.filter(cooperative__in=province)}
    return {title: " / ".join(line.strip() for line in rows.explain().splitlines()) for title, rows in asked.items()}


def cost(act: Callable[[], object]) -> Cost:
    """Return what one act costs."""
    cpu, clock = _cpu(), time.perf_counter()
    act()
    return _cpu() - cpu, time.perf_counter() - clock


def _cpu() -> float:
    """Return the seconds of CPU this process and its backend have had."""
    spent = time.process_time()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        said = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        spent += (int(said[11]) + int(said[12])) / _TICKS
    return spent


def middle(costs: list[Cost]) -> dict[str, float]:
    """Return the medians of CPU and clock."""
    return {name: statistics.median(each[place] for each in costs) for place, name in enumerate(("cpu", "wall"))}


if __name__ == "__main__":
    main(int(sys.argv[1]))
