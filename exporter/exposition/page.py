"""Which bytes answer a scrape?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exporter.exposition.block import Block, gzip_member
from exporter.exposition.store import BLOCK_FAMILIES, Published, Store
from exporter.exposition.text import Format, header

EOF = b"# EOF\n"
EOF_MEMBER = gzip_member(EOF)
_EMPTY_MEMBER = gzip_member(b"")


@dataclass(frozen=True, slots=True)
class Body:
    """The ready parts of an answer."""

    parts: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(map(len, self.parts))


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
            (family.name, kind): header(family, kind).encode()
            for family in BLOCK_FAMILIES
            for kind in Format
        }
        self._header_members = {key: gzip_member(text) for key, text in self._headers.items()}
        self._whole: dict[tuple[Format, bool], tuple[object, Body]] = {}
        self._volume: tuple[object, Volume] | None = None

    def whole(self, kind: Format, *, compressed: bool) -> Body:
        """Return everything that is served now, without the exporter's own families."""
        state, served = self._now()
        known = self._whole.get((kind, compressed))
        if known and known[0] == state:
            return known[1]
        body = self._body(served, kind, compressed)
        if compressed:
            body = Body((b"".join(body.parts),))
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
        return self._body(served, kind, compressed)

    def _body(self, served: Sequence[Published], kind: Format, compressed: bool) -> Body:
        headers = self._header_members if compressed else self._headers
        parts: list[bytes] = []
        for family in BLOCK_FAMILIES:
            blocks = [
                block
                for item in served
                if (block := item.blocks.get(family.name)) is not None and block.plain
            ]
            if blocks:
                parts.append(headers[family.name, kind])
                for block in blocks:
                    parts.extend(_bytes_of(block, compressed))
        if compressed and not parts:
            # Nothing at all is no valid gzip, and Prometheus would call it a failed scrape.
            parts.append(_EMPTY_MEMBER)
        return Body(tuple(parts))


def _volume(served: Sequence[Published]) -> Volume:
    blocks = [block for item in served for block in item.blocks.values()]
    return Volume(
        sum(block.series for block in blocks),
        sum(len(block.plain) for block in blocks),
        sum(block.compressed_size for block in blocks),
    )


def _bytes_of(block: Block, compressed: bool) -> Iterable[bytes]:
    return [shard.member for shard in block.shards] if compressed else [block.plain]
