"""Many small numbers at once: plane ``k`` holds bit ``k`` of each, so that whole registers are added and masked.

A plane is one large integer, bit ``n`` of which belongs to number ``n``. Stored, the planes of a block of numbers
follow one another, lowest first, each ``PLANE`` bytes long; planes of nothing but zeros at the end are left out.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import zip_longest
from operator import or_

#: Numbers in one stored block, and bytes in one stored plane. A block of usual counts fits into one page of either
#: database, and a whole country into some ten blocks.
BLOCK = 4096
PLANE = BLOCK // 8
_AS_NUMBERS = bytes.maketrans(b"01", b"\0\1")


def changed(counts: bytes, place: int, step: int) -> bytes:
    """Return a stored block in which the number at ``place`` is one more or, for a negative ``step``, one less.

    Raises:
        ValueError: when it would be less than zero.
    """
    planes = bytearray(counts)
    at, bit = place // 8, 1 << place % 8
    done = bit if step > 0 else 0
    while True:
        if at >= len(planes):
            if step < 0:
                raise ValueError(place)
            planes.extend(bytes(PLANE))
        planes[at] ^= bit
        if planes[at] & bit == done:
            return trimmed(planes)
        at += PLANE


def stored(numbers: Iterable[tuple[int, int]]) -> bytes:
    """Return the block that holds ``numbers``, pairs of a place and a number."""
    planes = bytearray()
    for place, number in numbers:
        planes.extend(bytes(max(number.bit_length() * PLANE - len(planes), 0)))
        for k in range(number.bit_length()):
            planes[k * PLANE + place // 8] |= (number >> k & 1) << place % 8
    return trimmed(planes)


def trimmed(planes: bytearray) -> bytes:
    """Return stored planes without those of nothing but zeros at the end."""
    while planes and not any(planes[-PLANE:]):
        del planes[-PLANE:]
    return bytes(planes)


def joined(blocks: Sequence[bytes]) -> list[int]:
    """Return the planes of all numbers of ``blocks``, one stored block after the other."""
    highest = max(map(len, blocks), default=0)
    padded = [block if len(block) == highest else block.ljust(highest, b"\0") for block in blocks]
    return [
        int.from_bytes(b"".join([block[start : start + PLANE] for block in padded]), "little")
        for start in range(0, highest, PLANE)
    ]


def planes_of(block: bytes) -> list[int]:
    """Return the planes of one stored block."""
    return [int.from_bytes(block[start : start + PLANE], "little") for start in range(0, len(block), PLANE)]


def added(some: Sequence[int], others: Sequence[int]) -> list[int]:
    """Return the planes of the sums."""
    sums, carry = [], 0
    for one, other in zip_longest(some, others, fillvalue=0):
        half = one ^ other
        sums.append(half ^ carry)
        carry = one & other | half & carry
    return [*sums, carry] if carry else sums


def total(planes: Sequence[int]) -> int:
    """Return the sum of all numbers."""
    return sum([plane.bit_count() << k for k, plane in enumerate(planes)])


def present(planes: Sequence[int]) -> int:
    """Return the plane of the numbers that are not zero."""
    return reduce(or_, planes, 0)


def spread(planes: Sequence[int], size: int) -> Sequence[int]:
    """Return the first ``size`` numbers one by one; there must be no others."""
    lanes = 0
    for k, plane in enumerate(planes[:8]):
        # Each digit becomes a byte, eight planes at most, so that no byte runs over into the next.
        lanes |= int.from_bytes(f"{plane:0{size}b}".encode().translate(_AS_NUMBERS), "big") << k
    low = lanes.to_bytes(size, "big")[::-1]
    if len(planes) <= 8:
        return low
    return [one | more << 8 for one, more in zip(low, spread(planes[8:], size), strict=True)]
