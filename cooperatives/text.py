"""Vietnamese text: one normal form, the accent-folded search key, the dictionary sort key. Pure functions."""

import re
import unicodedata

# The order of the Vietnamese alphabet and of its tones (level, huyền, hỏi, ngã, sắc, nặng).
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_RANK = {letter: f"{index:02d}" for index, letter in enumerate(_ALPHABET)}
# Every name in the register begins with one of these, so they tell nothing when searching.
_KIND_WORDS = re.compile(r"\b(?:lien hiep hop tac xa|hop tac xa|to hop tac|lhhtx|htx|tht)\b")
# What a place is called by before its name. In a query with accents they have theirs, for "Phương" is a name;
# without, such a word may be the first of a name ("tinh dau"), which is told by one word more. Social work and
# members are no places, and a number alone names none.
_UNIT = r"(?:thị (?:trấn|xã)|thành phố|xã(?! (?:hội|viên)(?!\S))|phường|huyện|tỉnh|quận|tp|tx|tt)(?!\S)"
_BARE_UNIT = r"(?:thi (?:tran|xa)|thanh pho|xa(?! (?:hoi|vien)(?!\S))|phuong|huyen|tinh|quan|tp|tx|tt)(?!\S)"
_UNITS_BEFORE_NAMES = re.compile(rf"(?<!\S)(?:{_UNIT} )+(?!{_UNIT})(?=[^\W\d])")
_BARE_UNITS_BEFORE_NAMES = re.compile(rf"(?<!\S)(?:{_BARE_UNIT} )+(?!{_BARE_UNIT})(?=[^\W\d]\S* [^-\s])")
# Names that agree in so many letters may stand in any order.
_SORTED_LETTERS = 60
_KIND_PREFIX = re.compile(r"^(?:liên hiệp hợp tác xã|hợp tác xã|tổ hợp tác|lhhtx|htx|tht)\b", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
# Control and zero-width characters that come with pasted text; a line made of them is an empty line.
# So do marks that turn the reading direction round, with which a name could pass for another.
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
# No name is longer, and databases refuse patterns that are too long.
_LONGEST_QUERY = 300
_NOT_DIGIT = re.compile(r"\D")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+")
# An amount in words: a figure, decimals after a comma or a dot, and the unit (folded).
_IN_UNITS = re.compile(r"(\d+)(?:[.,](\d+))? ?(ti|trieu|tr|nghin|ngan|k)")
_UNITS = {"ti": 10**9, "trieu": 10**6, "tr": 10**6, "nghin": 1000, "ngan": 1000, "k": 1000}


#: What the name of an organisation of each kind begins with (Decree 92/2024/NĐ-CP, Article 15), in any language.
FIRST_WORDS = {"htx": "Hợp tác xã", "lhhtx": "Liên hiệp hợp tác xã", "tht": "Tổ hợp tác"}


def nfc(text: str) -> str:
    """Return ``text`` in Unicode NFC with runs of white space collapsed and the ends trimmed.

    Text pasted from Zalo, macOS or Excel is often NFD, which compares unequal to the same words typed.
    """
    return _SPACES.sub(" ", _composed(text)).strip()


def nfc_lines(text: str) -> str:
    """Return ``text`` in NFC with its line breaks kept, trailing spaces and outer blank lines removed."""
    lines = _composed(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _composed(text: str) -> str:
    # Invisible characters go first: one between a letter and its mark would keep the two from joining.
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def fold(text: str) -> str:
    """Return the form in which words are compared without accents.

    NFC, đ→d, marks and invisible characters removed, case folded, y→i (sỹ = sĩ), everything else that is no
    letter or digit becomes a space.
    """
    lowered = _composed(text).casefold().replace("đ", "d")
    bare = "".join(c for c in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(c))
    words = "".join(c if c.isalnum() else " " for c in bare.replace("y", "i"))
    return _SPACES.sub(" ", words).strip()


def search_key(*parts: str | None) -> str:
    """Return one folded string of all ``parts``, to be stored and searched with :func:`search_terms`.

    Numbers written with dots or spaces (tax codes, phones) are kept both as written and as bare digits.
    """
    folded: list[str] = []
    for part in parts:
        if not part:
            continue
        folded.append(fold(part))
        digits = digits_only(part)
        if len(digits) >= 4 and digits != folded[-1]:
            folded.append(digits)
    return " ".join(dict.fromkeys(piece for piece in folded if piece))


def search_terms(query: str, limit: int = 8, *, places: bool = False) -> list[str]:
    """Return the folded words of ``query`` that must all occur in a search key, at most ``limit``.

    The words every name has in common (hợp tác xã, HTX …) are left out, unless nothing else was typed; so is, but
    with ``places``, what a place is called by before its name (xã, phường, huyện …), for keys hold bare names. A
    query that is a number in groups ("0912 345 678") is one term. Of an endless query the beginning counts.
    """
    query = query[:_LONGEST_QUERY]
    digits = digits_only(query)
    if len(digits) >= 4 and not any(c.isalpha() for c in query):
        return [normal_phone(digits)]
    folded = fold(query)
    specific = _without_kinds(query, folded)
    if not places:
        units = _BARE_UNITS_BEFORE_NAMES if specific.isascii() else _UNITS_BEFORE_NAMES
        specific = units.sub("", specific)
    return (fold(specific) or folded).split()[:limit]


def _without_kinds(query: str, folded: str) -> str:
    """Return the words of ``query`` in small letters as typed, with a dash for each word of a kind of organisation.

    They come folded where the words of both do not stand side by side, as of letters nobody types.
    """
    kinds = _KIND_WORDS.sub(lambda found: " ".join("-" * len(found[0].split())), folded).split()
    lowered = _composed(query).casefold()
    typed = "".join(c if c.isalnum() or unicodedata.combining(c) else " " for c in lowered).split()
    if len(typed) != len(kinds):
        return " ".join(kinds)
    return " ".join("-" if kind == "-" else word for kind, word in zip(kinds, typed, strict=True))


def sort_key(text: str) -> str:
    """Return a key that sorts as a Vietnamese dictionary does: by letters first, by tones where letters tie.

    Comparing the keys as plain ASCII gives the order in every database, whatever its collation.
    """
    letters: list[str] = []
    tones: list[str] = []
    for char in nfc(text).casefold()[:_SORTED_LETTERS]:
        tone = 0
        base = char
        for mark in unicodedata.normalize("NFD", char)[1:]:
            tone = _TONES.get(mark, tone)
        if tone:
            kept = [m for m in unicodedata.normalize("NFD", char) if m not in _TONES]
            base = unicodedata.normalize("NFC", "".join(kept))
        if base in _RANK:
            letters.append("b" + _RANK[base])
            tones.append(str(tone))
        elif base.isascii() and base.isdigit():
            letters.append("a0" + base)
            tones.append("0")
        elif not letters or letters[-1] != "000":
            letters.append("000")
            tones.append("0")
    return "".join(letters) + " " + "".join(tones)


def specific_name(name: str) -> str:
    """Return ``name`` without the kind it begins with: "Hợp tác xã Đồng Phúc" gives "Đồng Phúc".

    Lists are sorted by it; a name that is nothing but the kind is returned whole.
    """
    normal = nfc(name)
    return _KIND_PREFIX.sub("", normal).strip() or normal


def normal_phone(text: str) -> str:
    """Return the digits of a Vietnamese phone number with the leading 0: "+84 912 345 678" → "0912345678".

    A text without any digit comes back as it is, so that it is refused and not silently dropped.
    """
    digits = digits_only(text)
    if not digits:
        return nfc(text)
    if digits.startswith("84") and len(digits) in (11, 12):
        return "0" + digits[2:]
    return digits


def digits_only(text: str) -> str:
    """Return the digits of ``text`` in order, full-width ones and those of other scripts as 0–9."""
    return _NOT_DIGIT.sub("", western_digits(text))


def western_digits(text: str) -> str:
    """Return ``text`` with decimal digits of any script written as 0–9: "４７00" gives "4700"."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def parse_whole(text: str) -> int:
    """Return the whole number that ``text`` says in digits: "1234", "1.234", "1,234", "1 234".

    Raises:
        ValueError: when it is none.
    """
    typed = nfc(text).strip()
    if not _GROUPED.fullmatch(typed):
        raise ValueError(text)
    return int(digits_only(typed))


def parse_dong(text: str) -> int:
    """Return the whole đồng that ``text`` says: "1.234.567", "1,234,567 đ", "350tr", "1,5 tỷ".

    Dots and commas are thousand marks in a bare figure and a decimal mark before a unit.

    Raises:
        ValueError: when it is no amount, or no whole number of đồng.
    """
    typed = nfc(text).casefold().removesuffix("vnđ").removesuffix("đồng").removesuffix("đ").strip()
    if _GROUPED.fullmatch(typed):
        return int(digits_only(typed))
    words = "".join(c if c in ".," else fold(c) or " " for c in typed)
    said = _IN_UNITS.fullmatch(words)
    if said is None:
        raise ValueError(text)
    whole, decimals, unit = said.groups()
    amount, rest = divmod(int(whole + (decimals or "")) * _UNITS[unit], 10 ** len(decimals or ""))
    if rest:
        raise ValueError(text)
    return int(amount)
