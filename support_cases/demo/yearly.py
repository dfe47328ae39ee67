"""Year figures, plans and an estimate of the demo set."""

from collections.abc import Mapping
from datetime import date

from cooperatives.models import Cooperative, YearFigures
from cooperatives.yearly import FIGURES, record_year_figures
from htx_portal.accounts.models import User
from support_cases.demo.files import DemoFiles, Row
from support_cases.demo.work import afternoon_of
from support_cases.estimates import record_estimates
from support_cases.models import Measure, YearlyTarget
from support_cases.reports.periods import MONTH, Period, Span
from support_cases.targets import Target, set_targets

_FLAGS = ("value_chain", "high_tech")
#: Month and day on which the plan of the next year was made.
_PLANNED_ON = (12, 20)
#: What the leaders expect of the running quarter.
_EXPECTED = {Measure.CONSULTATIONS: 40, Measure.COOPERATIVES: 28, Measure.DISBURSED: 600_000_000}


def enter_year_figures(files: DemoFiles, cooperatives: Mapping[str, Cooperative], people: Mapping[str, User]) -> None:
    """Enter what cooperatives reported, the plans of four years and one estimate. Raises ``BadDataFile``."""
    for row in files.rows("year_figures"):
        with row.told():
            figures = _figures(row, cooperatives[row.text("cooperative")])
            now = afternoon_of(row.day("recorded_on"))
            record_year_figures(figures, by=people["canbo"], today=row.today, now=now)
    for row in files.rows("targets"):
        with row.told():
            _plan(row, people["lanhdao"])
    quarter = Period.containing(files.today, MONTH, Span.QUARTER)
    now = afternoon_of(max(quarter.start, files.today.replace(day=1)))
    told = {measure.value: value for measure, value in _EXPECTED.items()}
    record_estimates(quarter, told, note="Theo lịch làm việc quý.", by=people["lanhdao"], today=files.today, now=now)


def _plan(row: Row, leader: User) -> None:
    """Set one target at the end of the year before, unless people planned that year before the set was loaded."""
    year, measure = row.number("year"), row.text("measure")
    if YearlyTarget.objects.filter(year=year, measure=measure).exists():
        return
    asked = Target(row.number("value"), row.text("decision"))
    now = afternoon_of(min(date(year - 1, *_PLANNED_ON), row.today))
    set_targets(year, {measure: asked}, by=leader, now=now)


def _figures(row: Row, cooperative: Cooperative) -> YearFigures:
    """Return the unsaved figures of one line; an empty cell is not known."""
    figures = YearFigures(cooperative=cooperative, year=row.number("year"), source=row.text("source"))
    for name in FIGURES:
        cell = row.text(name) if name == "rating" else row.number(name)
        setattr(figures, name, None if cell is None else bool(cell) if name in _FLAGS else cell)
    return figures
