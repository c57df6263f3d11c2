"""How is a page sent, with and without compression, when it is kept compressed?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from exporter.exposition import gzipped
from exporter.exposition.gzipped import Text


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
        crc = gzipped.checksum(end.plain, self.crc)
        last = end.deflated + gzipped.trailer(crc, self.length + len(end.plain))
        parts = (gzipped.HEADER, self.pieces, last)
        return Answer(sum(map(len, parts)), parts)

    def plain(self, end: Text) -> Answer:
        """Return the text, with something behind it; for the first reader it is decompressed."""
        return Answer(self.length + len(end.plain), chain(self._read(), (end.plain,)))

    def _read(self) -> Iterator[bytes]:
        if self._text is not None:
            yield from self._text
        elif self._is_being_kept:
            yield from gzipped.inflated(self.pieces)
        else:
            yield from self._read_and_keep()

    def _read_and_keep(self) -> Iterator[bytes]:
        parts: list[bytes] = []
        self._is_being_kept = True
        try:
            for part in gzipped.inflated(self.pieces):
                parts.append(part)
                yield part
            self._text = tuple(parts)
        finally:
            self._is_being_kept = False
