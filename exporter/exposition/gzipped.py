"""How do pieces that were compressed at different times become one gzip stream?

Each piece is raw deflate data of its own that ends on a byte, so pieces may be put behind one
another between a gzip header and a trailer. Whole gzip members could be joined as well, and RFC
1952 says that readers take that; but curl stops after the first member all the same.
"""

from dataclasses import dataclass
from functools import cache

from isal import isal_zlib

HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""Deflate, no name, no time, unknown system."""
_LEVEL = 2
_LAST_BLOCK = b"\x03\x00"
_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of a page, plain and compressed."""

    plain: bytes
    deflated: bytes

    @classmethod
    def of(cls, plain: bytes) -> "Text":
        """Compress a piece."""
        return cls(plain, deflated(plain))


NOTHING = Text(b"", b"")


def deflated(data: bytes) -> bytes:
    """Compress to raw deflate data that ends on a byte; nothing stays nothing."""
    if not data:
        return b""
    compressor = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, -15)
    piece: bytes = compressor.compress(data) + compressor.flush(isal_zlib.Z_SYNC_FLUSH)
    return piece


def checksum(data: bytes, before: int = 0) -> int:
    """Return the CRC-32 of data, or of data that come after those of the checksum `before`."""
    crc: int = isal_zlib.crc32(data, before)
    return crc


def trailer(crc: int, length: int) -> bytes:
    """Write the end of the stream, with the checksum and length of all that was compressed."""
    size = length & 0xFFFFFFFF
    return _LAST_BLOCK + crc.to_bytes(4, "little") + size.to_bytes(4, "little")


def joined_checksum(first: int, second: int, second_length: int) -> int:
    """Return the checksum of two texts behind one another, without reading them.

    A CRC is a remainder of polynomials over GF(2): the first text is moved up by the length of the
    second, which multiplies its checksum by a power of x.
    """
    return _product(_power(second_length * 8), first) ^ second


def _product(a: int, b: int) -> int:
    """Multiply two remainders; the highest bit is the lowest power."""
    result, bit = 0, _ONE
    while bit:
        if a & bit:
            result ^= b
        bit >>= 1
        b = (b >> 1) ^ _POLYNOMIAL if b & 1 else b >> 1
    return result


@cache
def _square(times: int) -> int:
    """Return x squared so many times."""
    if times == 0:
        return _ONE >> 1
    half = _square(times - 1)
    return _product(half, half)


def _power(exponent: int) -> int:
    """Return x to a power."""
    result, times = _ONE, 0
    while exponent:
        if exponent & 1:
            result = _product(_square(times), result)
        exponent >>= 1
        times += 1
    return result
