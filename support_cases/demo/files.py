"""The files of the demo set: cells with dates that may hang on today, and refusals that name the line."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cooperatives.errors import RuleError
from cooperatives.reference import BadDataFile, at_line, numbered_rows

_RELATIVE = re.compile(r"^today(?:([+-]\d+)d)?$")


@dataclass(frozen=True)
class Row:
    """One line of a demo file; cells are read by the name of their column, an empty cell is no value."""

    path: Path
    line: int
    cells: dict[str, str]
    today: date

    def text(self, name: str) -> str:
        """The cell as text, empty when empty."""
        return self.cells[name]

    def number(self, name: str) -> int | None:
        """The cell as a whole number, or None."""
        return int(self.cells[name]) if self.cells[name] else None

    def day(self, name: str) -> date | None:
        """The cell as a date, or None; ``today-10d`` and ``today+45d`` are counted from today."""
        return self.day_in(self.cells[name]) if self.cells[name] else None

    def day_in(self, text: str) -> date:
        """The date that ``text`` says, ISO or counted from today. Raises ValueError for anything else."""
        relative = _RELATIVE.match(text)
        if relative:
            return self.today + timedelta(days=int(relative[1] or 0))
        return date.fromisoformat(text)

    def parts(self, name: str) -> list[str]:
        """The cell's pieces between semicolons."""
        return [part.strip() for part in self.cells[name].split(";") if part.strip()]

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn any refusal in the block into a ``BadDataFile`` with this file and line."""
        try:
            yield
        except (RuleError, ValidationError, ValueError, LookupError) as refusal:
            raise BadDataFile(at_line(self.path, self.line, _words_of(refusal))) from refusal


class DemoFiles:
    """The demo folder read on one day."""

    def __init__(self, folder: Path, today: date):
        self.folder = folder
        self.today = today

    def has(self, name: str) -> bool:
        """Whether there is a file ``<name>.csv``."""
        return (self.folder / f"{name}.csv").exists()

    def rows(self, name: str) -> Iterator[Row]:
        """Yield the rows of ``<name>.csv`` in order. Raises ``BadDataFile`` for an unreadable file."""
        path = self.folder / f"{name}.csv"
        for line, cells in numbered_rows(path):
            yield Row(path, line, cells, self.today)


def _words_of(refusal: Exception) -> str:
    """Return a refusal in one line, with the names of the fields it is about."""
    if isinstance(refusal, ValidationError):
        return "; ".join(f"{name}: {' '.join(texts)}" for name, texts in refusal.message_dict.items())
    problems = getattr(refusal, "problems", None)
    if isinstance(problems, dict):
        said = [f"{name}: {' '.join(map(str, texts))}" for name, texts in problems.items()]
        return "; ".join(said)
    if isinstance(refusal, LookupError):
        return _("không có “%(name)s”") % {"name": refusal.args[0]}
    return str(refusal)
