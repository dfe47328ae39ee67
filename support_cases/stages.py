"""The way of a case as its cooperative sees it: a few stages, where it stands now."""

from dataclasses import dataclass

from support_cases.choices import Status

_WAY = (Status.NEW, Status.ADVISING, Status.SUBMITTED, Status.WAITING_RESULT, Status.COMPLETED)


@dataclass(frozen=True)
class Stage:
    """One stop on the way, in public words; at most one of the two flags is set."""

    label: str
    is_done: bool
    is_current: bool


def stages_of(case) -> list[Stage]:
    """Return the stages of a case; empty for a case that ended before its goal.

    A kind with milestones of its own has those between the first and the last stage. Waiting for the cooperative is
    a pause and takes the place of the stage it interrupts.
    """
    kind = case.kind
    stops = kind.way(case)
    codes = [Status.NEW, *(stop.code for stop in stops), Status.COMPLETED] if stops else list(_WAY)
    labels = {code: kind.words_of(code) for code in codes if code in Status.values}
    labels |= {stop.code: stop.public_label for stop in stops}
    here = _place(case, codes, has_milestones=bool(stops))
    if here is None:
        return []
    if case.status == Status.WAITING_COOPERATIVE:
        labels[codes[here]] = kind.words_of(Status.WAITING_COOPERATIVE)
    finished = case.status == Status.COMPLETED
    return [
        Stage(str(labels[code]), is_done=place < here or finished, is_current=place == here and not finished)
        for place, code in enumerate(codes)
    ]


def _place(case, codes: list[str], *, has_milestones: bool) -> int | None:
    """Return which of the stops the case stands at, or None when it ended before its goal."""
    if case.status == Status.COMPLETED:
        return len(codes) - 1
    if not case.is_open:
        return None
    if has_milestones:
        return codes.index(case.milestone) if case.milestone in codes else 0
    return 1 if case.status == Status.WAITING_COOPERATIVE else codes.index(case.status)
