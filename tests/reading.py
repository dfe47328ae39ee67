"""Pages and catalogues as somebody reads them."""

import re
from html.parser import HTMLParser
from pathlib import Path

import polib
from django.conf import settings

from htx_portal import catalogues

VIETNAMESE = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)

# Attributes that are read out or shown.
SPOKEN = ("alt", "aria-label", "placeholder", "title", "data-label")
# Words the portal's script says, handed to it by the page.
SAID_BY_SCRIPT = ("data-none", "data-found", "data-searching", "data-offline", "data-restored", "data-discard")
SILENT = ("script", "style")


class Page(HTMLParser):
    """``words`` are the pieces of text in their order, blanks trimmed; ``hidden`` the names and values of forms."""

    def __init__(self, text: str):
        super().__init__()
        self.words: list[str] = []
        self.hidden: list[tuple[str, str]] = []
        self._silent = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note what a tag says aloud and what it hides."""
        given = {name: value or "" for name, value in attrs}
        # What is written for others to copy stands in their language, and says so.
        self._silent = tag in SILENT or (tag == "textarea" and "lang" in given)
        self.words += [" ".join(given[name].split()) for name in SPOKEN if given.get(name, "").strip()]
        if tag == "script":
            self.words += [value for name, value in given.items() if name in SAID_BY_SCRIPT]
        if tag == "input" and given.get("type") == "hidden":
            self.hidden.append((given.get("name", ""), given.get("value", "")))
        if tag == "input" and given.get("type") in ("submit", "button"):
            self.words.append(given.get("value", ""))

    def handle_endtag(self, tag):
        """Listen again after a script, a style or a text to copy."""
        self._silent = self._silent and tag not in (*SILENT, "textarea")

    def handle_data(self, data):
        """Note running text."""
        if data.strip() and not self._silent:
            self.words.append(" ".join(data.split()))


def catalogue(language: str) -> polib.POFile:
    """Return the catalogue of a language as it is in the repository."""
    return catalogues.read(Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po")


def texts(entry: polib.POEntry) -> list[str]:
    """Return all forms of a translation."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
