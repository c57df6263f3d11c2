"""The whole page of `/metrics`, joined from the blocks of every collector."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from exporter.exposition.block import Block, Shard
from exporter.exposition.crc import checksum, joined_checksum
from exporter.exposition.gzipped import Body, Text, deflated
from exporter.exposition.store import BLOCK_FAMILIES, Published, Store
from exporter.exposition.text import Format, header

EOF = Text.of(b"# EOF\n")


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
            crc = joined_checksum(crc, block.crc, block.length)
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
    crc = checksum(text)
    return Block.of((Shard(deflated(text), len(text), crc, series=0),))


def _volume(served: Sequence[Published]) -> Volume:
    blocks = [block for item in served for block in item.blocks.values()]
    return Volume(
        sum(block.series for block in blocks),
        sum(block.length for block in blocks),
        sum(block.compressed_size for block in blocks),
    )
