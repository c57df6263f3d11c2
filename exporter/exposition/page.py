"""Which bytes answer a scrape?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from exporter.exposition import gzipped
from exporter.exposition.block import Block
from exporter.exposition.gzipped import Text
from exporter.exposition.store import BLOCK_FAMILIES, Published, Store
from exporter.exposition.text import Format, header

EOF = Text.of(b"# EOF\n")


@dataclass(frozen=True, slots=True)
class PlainBody:
    """The ready parts of an answer without compression."""

    parts: tuple[bytes, ...]

    def with_end(self, end: Text) -> tuple[bytes, ...]:
        """Return every part of the answer."""
        return (*self.parts, end.plain)


@dataclass(frozen=True, slots=True)
class GzipBody:
    """The ready compressed part of an answer, and what its trailer needs."""

    pieces: bytes
    crc: int
    length: int

    def with_end(self, end: Text) -> tuple[bytes, ...]:
        """Return every part of the answer, which is one gzip stream."""
        crc = gzipped.checksum(end.plain, self.crc)
        last = gzipped.trailer(crc, self.length + len(end.plain))
        return (gzipped.HEADER, self.pieces, end.deflated + last)


Body = PlainBody | GzipBody


@dataclass(frozen=True, slots=True)
class Volume:
    """How much is served: series, and bytes in both encodings."""

    series: int
    plain: int
    compressed: int


class Pages:
    """Joins blocks to bodies, and remembers the whole ones until something changes."""

    def __init__(self, store: Store) -> None:
        """Prepare the headers of every family in both formats, plain and compressed."""
        self._store = store
        self._headers = {
            (family.name, kind): _Header(header(family, kind).encode())
            for family in BLOCK_FAMILIES
            for kind in Format
        }
        self._whole: dict[tuple[Format, bool], tuple[object, Body]] = {}
        self._volume: tuple[object, Volume] | None = None

    def whole(self, kind: Format, *, compressed: bool) -> Body:
        """Return everything that is served now, without the exporter's own families."""
        state, served = self._now()
        known = self._whole.get((kind, compressed))
        if known and known[0] == state:
            return known[1]
        body = self._body(served, kind, compressed=compressed)
        self._whole[kind, compressed] = state, body
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
        *,
        compressed: bool,
    ) -> Body:
        """Return what is served of some sources and collectors (None: of all)."""
        served = [item for _, _, item in self._store.served(sources, collectors)]
        return self._body(served, kind, compressed=compressed)

    def _body(self, served: Sequence[Published], kind: Format, *, compressed: bool) -> Body:
        parts = list(self._parts(served, kind))
        if not compressed:
            return PlainBody(tuple(part.plain for part in parts))
        crc = 0
        for part in parts:
            crc = gzipped.joined_checksum(crc, part.crc, len(part.plain))
        pieces = b"".join(piece for part in parts for piece in part.pieces)
        return GzipBody(pieces, crc, sum(len(part.plain) for part in parts))

    def _parts(self, served: Sequence[Published], kind: Format) -> Iterator["_Header | Block"]:
        """Give the header of each family that has lines, and its blocks."""
        for family in BLOCK_FAMILIES:
            blocks = [
                block
                for item in served
                if (block := item.blocks.get(family.name)) is not None and block.plain
            ]
            if blocks:
                yield self._headers[family.name, kind]
                yield from blocks


class _Header:
    """The header of a family, with what a block has too."""

    def __init__(self, plain: bytes) -> None:
        self.plain = plain
        self.pieces = (gzipped.deflated(plain),)
        self.crc = gzipped.checksum(plain)


def _volume(served: Sequence[Published]) -> Volume:
    blocks = [block for item in served for block in item.blocks.values()]
    return Volume(
        sum(block.series for block in blocks),
        sum(len(block.plain) for block in blocks),
        sum(block.compressed_size for block in blocks),
    )
