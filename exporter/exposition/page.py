"""Which bytes answer a scrape?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from exporter.exposition import gzipped
from exporter.exposition.block import Block, Shard
from exporter.exposition.gzipped import Text
from exporter.exposition.store import BLOCK_FAMILIES, Published, Store
from exporter.exposition.text import Format, header

EOF = Text.of(b"# EOF\n")


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
        self._is_kept = False
        """Whether a reader keeps what it decompresses; 200 at once shall not."""

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
        elif self._is_kept:
            yield from gzipped.inflated(self.pieces)
        else:
            yield from self._read_and_keep()

    def _read_and_keep(self) -> Iterator[bytes]:
        parts: list[bytes] = []
        self._is_kept = True
        try:
            for part in gzipped.inflated(self.pieces):
                parts.append(part)
                yield part
            self._text = tuple(parts)
        finally:
            self._is_kept = False


@dataclass(frozen=True, slots=True)
class Volume:
    """How much is served: series, and bytes in both encodings."""

    series: int
    plain: int
    compressed: int


class Pages:
    """Joins blocks to bodies, and remembers the whole ones until something changes."""

    def __init__(self, store: Store) -> None:
        """Prepare the headers of every family in both formats."""
        self._store = store
        self._headers = {
            (family.name, kind): _headed(header(family, kind).encode())
            for family in BLOCK_FAMILIES
            for kind in Format
        }
        self._whole: dict[Format, tuple[object, Body]] = {}
        self._volume: tuple[object, Volume] | None = None

    def whole(self, kind: Format) -> Body:
        """Return everything that is served now, without the exporter's own families."""
        state, served = self._now()
        known = self._whole.get(kind)
        if known and known[0] == state:
            return known[1]
        body = self._body(served, kind)
        # The other format's body may hold a text that nobody will ask for again.
        self._whole = {each: item for each, item in self._whole.items() if item[0] == state}
        self._whole[kind] = state, body
        return body

    def volume(self) -> Volume:
        """Return how much is served now, without headers and the exporter's own families."""
        state, served = self._now()
        if self._volume is None or self._volume[0] != state:
            self._volume = state, _volume(served)
        return self._volume[1]

    def _now(self) -> tuple[object, list[Published]]:
        """Return what is served, and a value that changes with it."""
        served = list(self._store.served())
        keys = tuple((source, name) for source, name, _ in served)
        return (self._store.generation, keys), [item for _, _, item in served]

    def narrowed(
        self,
        kind: Format,
        sources: Iterable[str] | None,
        collectors: Iterable[str] | None,
    ) -> Body:
        """Return what is served of some sources and collectors (None: of all)."""
        served = [item for _, _, item in self._store.served(sources, collectors)]
        return self._body(served, kind)

    def _body(self, served: Sequence[Published], kind: Format) -> Body:
        length = crc = 0
        pieces: list[bytes] = []
        for block in self._parts(served, kind):
            length += block.length
            crc = gzipped.joined_checksum(crc, block.crc, block.length)
            pieces += block.pieces
        return Body(b"".join(pieces), crc, length)

    def _parts(self, served: Sequence[Published], kind: Format) -> Iterator[Block]:
        """Give the header of each family that has lines, and its blocks."""
        for family in BLOCK_FAMILIES:
            blocks = [
                block
                for item in served
                if (block := item.blocks.get(family.name)) is not None and block.length
            ]
            if blocks:
                yield self._headers[family.name, kind]
                yield from blocks


def _headed(text: bytes) -> Block:
    """Let the header of a family look like its lines."""
    crc = gzipped.checksum(text)
    return Block.of((Shard(gzipped.deflated(text), len(text), crc, series=0),))


def _volume(served: Sequence[Published]) -> Volume:
    blocks = [block for item in served for block in item.blocks.values()]
    return Volume(
        sum(block.series for block in blocks),
        sum(block.length for block in blocks),
        sum(block.compressed_size for block in blocks),
    )
