"""How does a fleet look random and yet be the same on every run?

By hashing keys instead of drawing numbers: the same key gives the same value at any time, in any
order, without anything being stored.
"""

from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MASK: Final = (1 << 64) - 1


def noise(*key: int) -> int:
    """Return 53 bits that depend on the key alone; Python hashes tuples of ints without a salt."""
    return ((hash(key) * 0x9E3779B97F4A7C15) & _MASK) >> 11


def unit(*key: int) -> float:
    """Return a number in [0, 1) that depends on the key alone."""
    return noise(*key) / (1 << 53)


def pick(options: Sequence[T], *key: int) -> T:
    """Return one of the options, chosen by the key."""
    return options[noise(*key) % len(options)]


def base36(number: int, width: int) -> str:
    """Write a number with digits and capital letters, padded to `width` characters."""
    text = ""
    for _ in range(width):
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text


def uuid_text(*key: int) -> str:
    """Return a version 4 UUID in its usual text form that depends on the key alone."""
    high, low = noise(*key, 1), noise(*key, 2)
    text = f"{(high << 53 | low) & ((1 << 104) - 1):026x}"
    return f"{text[:8]}-{text[8:12]}-4{text[12:15]}-a{text[15:18]}-{text[14:26]}"


def mac_address(*key: int) -> str:
    """Return a MAC address in lower case with colons that depends on the key alone."""
    d = f"{noise(*key):014x}"
    return f"b4:7a:{d[6:8]}:{d[8:10]}:{d[10:12]}:{d[12:]}"
