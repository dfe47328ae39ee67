"""Two people who change the same of many numbers: the second one is told, and writes over nothing unseen."""

from collections.abc import Mapping
from typing import Any

from cooperatives.errors import NotAllowedNow, Words


class Overtaken(NotAllowedNow):
    """Somebody else changed the same in the meantime; ``there`` says by measure what is there now, None for nothing."""

    def __init__(self, problem: Words, there: Mapping[str, Any]):
        super().__init__([problem])
        self.there = dict(there)


def refuse_overtaken(
    wanted: Mapping[str, Any], seen: Mapping[str, Any], there: Mapping[str, Any], problem: Words
) -> None:
    """Raise ``Overtaken`` where somebody else changed what the sender changes since it was ``seen``, and not to the
    same.
    """
    taken = {
        measure: there.get(measure)
        for measure, value in wanted.items()
        if there.get(measure) not in (seen.get(measure), value)
    }
    if taken:
        raise Overtaken(problem, taken)
