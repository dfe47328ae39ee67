"""The check digit of a Vietnamese tax code, which is also a cooperative's own code."""

import re

_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_SHAPE = re.compile(r"[0-9]{10}(-[0-9]{3})?")


def has_tax_code_shape(code: str) -> bool:
    """Whether ``code`` is ten digits, or ten digits, a hyphen and three digits (a branch)."""
    return bool(_SHAPE.fullmatch(code))


def check_digit_is_right(code: str) -> bool:
    """Whether the tenth digit is ``10 - (weighted sum of the first nine mod 11)``.

    A wrong digit is a reason to warn, never to refuse: old lists carry typing errors that only the
    certificate can settle.
    """
    if not has_tax_code_shape(code):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, code[:9], strict=True))
    return 10 - total % 11 == int(code[9])
