"""Answers in gzip, made of pieces that were compressed at different times.

Each piece is raw deflate data of its own that ends on a byte, so pieces may be put behind one
another between a gzip header and a trailer. Whole gzip members could be joined as well, and RFC
1952 says that readers take that; but curl stops after the first member all the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from isal import isal_zlib

from exporter.exposition.crc import checksum

HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""Deflate, no name, no time, unknown system."""
_LEVEL = 2
_LAST_BLOCK = b"\x03\x00"
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


def trailer(crc: int, length: int) -> bytes:
    """Write the end of the stream, with the checksum and length of all that was compressed."""
    size = length & 0xFFFFFFFF
    return _LAST_BLOCK + crc.to_bytes(4, "little") + size.to_bytes(4, "little")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent."""

    length: int
    """Bytes of all parts."""
    parts: Iterable[bytes]
    """May be read once."""


class Body:
    """The ready part of an answer, compressed; its text is there once somebody has read it."""

    def __init__(self, pieces: bytes, crc: int, length: int) -> None:
        """Take the compressed pieces, and what the trailer of gzip needs.

        Args:
            pieces: Raw deflate data.
            crc: Checksum of the text.
            length: Bytes of the text.
        """
        self.pieces = pieces
        self.crc = crc
        self.length = length
        self._text: tuple[bytes, ...] | None = None
        self._is_being_kept = False
        """One reader keeps what it decompresses; 200 at once would fill the memory."""

    def compressed(self, end: Text) -> Answer:
        """Return one gzip stream of the text, with something behind it."""
        crc = checksum(end.plain, self.crc)
        last = end.deflated + trailer(crc, self.length + len(end.plain))
        parts = (HEADER, self.pieces, last)
        return Answer(sum(map(len, parts)), parts)

    def plain(self, end: Text) -> Answer:
        """Return the text, with something behind it; for the first reader it is decompressed."""
        return Answer(self.length + len(end.plain), chain(self._read(), (end.plain,)))

    def _read(self) -> Iterator[bytes]:
        if self._text is not None:
            yield from self._text
        elif self._is_being_kept:
            yield from inflated(self.pieces)
        else:
            yield from self._read_and_keep()

    def _read_and_keep(self) -> Iterator[bytes]:
        parts: list[bytes] = []
        self._is_being_kept = True
        try:
            for part in inflated(self.pieces):
                parts.append(part)
                yield part
            self._text = tuple(parts)
        finally:
            self._is_being_kept = False
