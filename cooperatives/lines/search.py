"""Finding a line of the classification by its code or by words without accents."""

from cooperatives.models import VsicLine
from cooperatives.text import fold, nfc, western_digits

_MOST_CODE_DIGITS = 5


def find_lines(query: str, version: str | None, most: int) -> list[VsicLine]:
    """Return up to ``most`` lines that hold every word typed, best first; none for an empty query.

    First come codes that begin with what was typed, then names with the same accents, then names that begin so.
    """
    typed, folded = nfc(query).casefold(), fold(query)
    if not folded:
        return []
    found = list(VsicLine.objects.of_version(version).search(query))

    def rank(line: VsicLine) -> tuple:
        return (
            not line.code.startswith(folded),
            typed not in line.name_vi.casefold(),
            not fold(line.name_vi).startswith(folded),
            line.code,
            line.version,
        )

    return sorted(found, key=rank)[:most]


def understood(text: str, version: str | None, most: int = 5) -> list[VsicLine]:
    """Return the lines meant by what was typed into a field: one where it is clear, several where it is not.

    Clear is a code alone, a code before a name ("0130 Nhân và chăm sóc cây giống"), a whole name, or words that
    only one line holds; words typed with accents need not be shared with lines that hold them without.
    """
    code = western_digits(nfc(text)).partition(" ")[0]
    if code.isdecimal() and len(code) <= _MOST_CODE_DIGITS:
        named = list(VsicLine.objects.of_version(version).filter(code=code)[:most])
        if named:
            return named
    found = find_lines(text, version, most)
    exact = [line for line in found if fold(line.name_vi) == fold(text)]
    if not exact and not nfc(text).isascii():
        exact = [line for line in found if nfc(text).casefold() in line.name_vi.casefold()]
    return exact if len(exact) == 1 else found
