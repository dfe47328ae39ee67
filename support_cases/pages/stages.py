"""The way of a case as its cooperative sees it: a few stages, where it stands now."""

from dataclasses import dataclass

from support_cases.choices import Status
from support_cases.support_types import SupportType

_WAY = (Status.NEW, Status.ADVISING, Status.SUBMITTED, Status.WAITING_RESULT, Status.COMPLETED)


@dataclass(frozen=True)
class Stage:
    """One stop on the way, in public words; at most one of the two flags is set."""

    label: str
    is_done: bool
    is_current: bool


def stages_of(kind: SupportType, status: str) -> list[Stage]:
    """Return the stages of a case of ``kind``; empty for a case that ended before its goal.

    Waiting for the cooperative is a pause of the advising stage and takes its place.
    """
    way = list(_WAY)
    if status == Status.WAITING_COOPERATIVE:
        way[1] = Status.WAITING_COOPERATIVE
    if status not in way:
        return []
    here = way.index(Status(status))
    finished = status == Status.COMPLETED
    return [
        Stage(str(kind.stage(stop)), is_done=place < here or finished, is_current=place == here and not finished)
        for place, stop in enumerate(way)
    ]
