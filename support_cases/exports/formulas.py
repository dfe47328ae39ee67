"""Texts that a spreadsheet would take for the start of a formula."""

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet might run ``text``."""
    return text.startswith(_STARTS)


def as_plain_text(text: str) -> str:
    """Return ``text`` for a file that has no types: behind an apostrophe where it might be run."""
    return f"'{text}" if looks_like_formula(text) else text
