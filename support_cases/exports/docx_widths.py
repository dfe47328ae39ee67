"""How wide the columns of a printed table are, and how large its letters, so that no number is broken in two."""

from collections.abc import Collection, Sequence

_SIZES = (12.0, 11.0, 10.0, 9.0)
# Widths of letters of Times New Roman in parts of their size, a little more than the mean; digits are a half.
_DIGIT, _LETTER, _BOLD, _BOLD_CAPITAL = 0.5, 0.48, 0.53, 0.76
_CENTIMETRES, _SIDES = 2.54 / 72, 0.3
# Numbers, words, and the most words take.
_NARROWEST, _NARROWEST_WORDS, _WIDEST = 1.0, 3.2, 11.0
# What columns are given where there is room.
_USUAL, _USUAL_WORDS = 2.6, 6.0


def column_widths(
    head: Sequence[str], rows: Sequence[Sequence[str]], words: Collection[int], width: float
) -> tuple[float, list[float]]:
    """Return the size of letters in points and the width of each column in centimetres.

    The columns at the places ``words`` may break between words, all others are as wide as their longest value; the
    size is the largest with which everything fits in ``width``.
    """
    for size in _SIZES:
        least = [_least(size, head[at], _column(rows, at), at in words) for at in range(len(head))]
        if sum(least) <= width:
            break
    wanted = [_wanted(size, head[at], _column(rows, at), at in words, least[at]) for at in range(len(head))]
    room = max(width - sum(least), 0)
    more = sum(wanted) - sum(least)
    share = min(room / more, 1) if more else 0
    return size, [low + (high - low) * share for low, high in zip(least, wanted, strict=True)]


def _column(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    return [row[at] for row in rows]


def _least(size: float, title: str, values: Sequence[str], breaks: bool) -> float:
    """Return the width in which no word of the title and, unless it ``breaks``, no value is broken."""
    if breaks:
        inside = max((_longest_word(value) for value in values), default=0) * _LETTER
    else:
        inside = max((len(value) for value in values), default=0) * _DIGIT
    titled = max((_bold(word) for word in title.split()), default=0)
    return max(_NARROWEST_WORDS if breaks else _NARROWEST, max(inside, titled) * size * _CENTIMETRES + _SIDES)


def _wanted(size: float, title: str, values: Sequence[str], breaks: bool, least: float) -> float:
    """Return the width a column takes where there is room: values on one line, titles on two."""
    longest = max((len(value) for value in values), default=0) * (_LETTER if breaks else _DIGIT)
    wanted = max(longest, _bold(title) / 2) * size * _CENTIMETRES + _SIDES
    usual = _USUAL_WORDS if breaks else _USUAL if len(title) > 2 else 0
    return max(least, min(max(wanted, usual), _WIDEST))


def _longest_word(text: str) -> int:
    return max((len(word) for word in text.split()), default=0)


def _bold(text: str) -> float:
    """Return how wide bold letters are, in parts of their size."""
    return sum(_BOLD_CAPITAL if letter.isupper() else _BOLD for letter in text)
