"""Which files a report is written as, and how long one takes."""

from dataclasses import dataclass

from support_cases.exports.csv_file import csv_file
from support_cases.exports.document import document
from support_cases.exports.entry_lines import ENTRIES, MOST_ENTRIES, count_entries
from support_cases.exports.front import file_name
from support_cases.exports.workbook import Progress, workbook
from support_cases.reports.answers import Answer
from support_cases.reports.served import SERVED

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv; charset=utf-8",
}
#: Files with more entries are written by the worker: these take about a second.
MOST_AT_ONCE = 2_000


@dataclass(frozen=True)
class FileWanted:
    """One file of an answer; ``table`` narrows a csv to one table or to the entries."""

    format: str
    table: str = ""


@dataclass(frozen=True)
class MadeFile:
    """A file that is written."""

    name: str
    content: bytes


def has_entries(found: Answer, wanted: FileWanted) -> bool:
    """Whether the file lists the entries one by one."""
    if found.kind is not SERVED:
        return False
    return wanted.format == "xlsx" or (wanted.format == "csv" and wanted.table == ENTRIES)


def check_table(found: Answer, wanted: FileWanted) -> None:
    """Raise ``KeyError`` where the file is of a table there is not."""
    if wanted.table and not has_entries(found, wanted):
        found.table(wanted.table)


def entries_in(found: Answer, wanted: FileWanted) -> int:
    """Return how many entries the file will list, at most one more than it can hold."""
    return count_entries(found) if has_entries(found, wanted) else 0


def make(
    found: Answer, wanted: FileWanted, *, most: int = MOST_ENTRIES, tell: Progress = lambda done: None
) -> MadeFile:
    """Write the file in the language in force.

    Raises:
        KeyError: for a format, or a table, there is not.
    """
    writers = {
        "xlsx": lambda: workbook(found, most=most, tell=tell),
        "docx": lambda: document(found),
        "csv": lambda: csv_file(found, wanted.table, most=most, tell=tell),
    }
    return MadeFile(file_name(found, wanted.format), writers[wanted.format]())
