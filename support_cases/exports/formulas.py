"""Texts that a spreadsheet would take for the start of a formula."""

import re

# The last four are the wide forms of the first, which some spreadsheets take for them.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
# Where a spreadsheet that parts by commas would begin a cell within a text.
_INNER_START = re.compile(r'(?<=[,\t])(?="*[=+\-@|%＝＋－＠])')


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet might run ``text``."""
    return text.startswith(_STARTS)


def as_plain_text(text: str) -> str:
    """Return ``text`` for a file that has no types: behind an apostrophe where it, or what follows a comma in it, might
    be run. A file parted by semicolons is parted by commas where a computer is set to another language.
    """
    guarded = _INNER_START.sub("'", text)
    return f"'{guarded}" if looks_like_formula(text) else guarded
