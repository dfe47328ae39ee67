"""Registration cases taken from opening to end, for the tests of several files."""

from datetime import date

from cooperatives.models import Cooperative, FoundingGroup
from support_cases.cases import change_case, open_case
from support_cases.models import Case
from support_cases.papers import mark_papers
from support_cases.workflow import take_step
from tests.factories import make_user

OPENED = date(2025, 9, 8)
TODAY = date(2026, 11, 23)
ANSWERED = date(2025, 9, 19)
#: The way of a case whose papers are in.
WAY = ("start", "intake", "submit", "await_result", "certificate", "complete")


def registration(party: Cooperative | FoundingGroup, procedure: str = "found", *, by=None, **details) -> Case:
    """Return a registration case of ``party`` opened on ``OPENED``, or on ``opened_on`` among the details."""
    opened = {name: details.pop(name) for name in ("opened_on", "event_on") if name in details}
    return open_case(
        party=party,
        topic="registration",
        title="Việc đăng ký",
        by=by or make_user(),
        today=TODAY,
        details={"procedure": procedure, **details},
        **{"opened_on": OPENED} | opened,
    )


def papers_in(case: Case) -> Case:
    """Return the case with all its papers in."""
    papers = set(case.checklist.values_list("pk", flat=True))
    return mark_papers(case, papers, by=case.officer, today=case.opened_on)


def step(case: Case, code: str, on: date | None = None, note: str = "") -> Case:
    """Return the case after one step on a day, without ``on`` that of its opening."""
    return take_step(case, code, by=case.officer, today=TODAY, effective_on=on or case.opened_on, note=note)


def walk(case: Case, *codes: str, on: date | None = None, note: str = "Có lý do") -> Case:
    """Return the case after these steps, papers in; ``note`` overrules what merely speaks against one."""
    case = papers_in(case)
    for code in codes:
        case = step(case, code, on, note)
    return case


def finish(case: Case, on: date = ANSWERED) -> Case:
    """Return the case taken all the way to its end on one day."""
    return walk(case, *[code for code in WAY if code != "start" or case.status == "new"], on=on)


def write(case: Case, **details) -> Case:
    """Return the case with these details written on it."""
    return change_case(Case.objects.get(pk=case.pk), {"details": details}, by=case.officer, today=TODAY)
