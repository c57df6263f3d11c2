"""How do pieces that were compressed at different times become one gzip stream?

Each piece is raw deflate data of its own that ends on a byte, so pieces may be put behind one
another between a gzip header and a trailer. Whole gzip members could be joined as well, and RFC
1952 says that readers take that; but curl stops after the first member all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from isal import isal_zlib

HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""Deflate, no name, no time, unknown system."""
_LEVEL = 2
_LAST_BLOCK = b"\x03\x00"
_ONES = 0xFFFFFFFF
_ZEROS = memoryview(bytes(2**20))
_READ = 2**13
"""Bytes that are decompressed at once. Lines become up to thirty times as long, and results of more
than a quarter of a megabyte take twice the time: each has memory that is new to the process."""


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


def inflated(pieces: bytes) -> Iterator[bytes]:
    """Give what was compressed to one or more pieces behind one another, in parts."""
    reader, view = isal_zlib.decompressobj(-15), memoryview(pieces)
    for start in range(0, len(view), _READ):
        yield reader.decompress(view[start : start + _READ])


def checksum(data: bytes | memoryview, before: int = 0) -> int:
    """Return the CRC-32 of data, or of data that come after those of the checksum `before`."""
    crc: int = isal_zlib.crc32(data, before)
    return crc


def trailer(crc: int, length: int) -> bytes:
    """Write the end of the stream, with the checksum and length of all that was compressed."""
    size = length & 0xFFFFFFFF
    return _LAST_BLOCK + crc.to_bytes(4, "little") + size.to_bytes(4, "little")


def joined_checksum(first: int, second: int, second_length: int) -> int:
    """Return the checksum of two texts behind one another, without reading them.

    A CRC is linear: what zeros as long as the second text make of the first checksum is what the
    second text makes of it, but for its own checksum. Processors run over zeros faster than we
    could multiply polynomials.
    """
    moved, left = first ^ _ONES, second_length
    while left:
        moved = checksum(_ZEROS[:left], moved)
        left -= min(left, len(_ZEROS))
    return moved ^ _ONES ^ second
