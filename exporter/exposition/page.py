"""Which bytes answer a scrape?"""

from collections.abc import Iterable
from dataclasses import dataclass

from exporter.exposition.block import Block, gzip_member
from exporter.exposition.store import BLOCK_FAMILIES, Published, Store
from exporter.exposition.text import Format, header

EOF = b"# EOF\n"
EOF_MEMBER = gzip_member(EOF)


@dataclass(frozen=True, slots=True)
class Body:
    """The ready parts of an answer."""

    parts: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(map(len, self.parts))


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

    def whole(self, kind: Format, *, compressed: bool) -> Body:
        """Return everything that is served now, without the exporter's own families."""
        served = list(self._store.served())
        state = (self._store.generation, tuple((source, name) for source, name, _ in served))
        known = self._whole.get((kind, compressed))
        if known and known[0] == state:
            return known[1]
        body = self._body((item for _, _, item in served), kind, compressed)
        if compressed:
            body = Body((b"".join(body.parts),))
        self._whole[kind, compressed] = state, body
        return body

    def narrowed(
        self,
        kind: Format,
        sources: Iterable[str] | None,
        collectors: Iterable[str] | None,
        *,
        compressed: bool,
    ) -> Body:
        """Return what is served of some sources and collectors (None: of all)."""
        served = (item for _, _, item in self._store.served(sources, collectors))
        return self._body(served, kind, compressed)

    def _body(self, served: Iterable[Published], kind: Format, compressed: bool) -> Body:
        headers = self._header_members if compressed else self._headers
        published = list(served)
        parts: list[bytes] = []
        for family in BLOCK_FAMILIES:
            blocks = [
                block
                for item in published
                if (block := item.blocks.get(family.name)) is not None and block.plain
            ]
            if blocks:
                parts.append(headers[family.name, kind])
                for block in blocks:
                    parts.extend(_bytes_of(block, compressed))
        return Body(tuple(parts))


def _bytes_of(block: Block, compressed: bool) -> Iterable[bytes]:
    return [shard.member for shard in block.shards] if compressed else [block.plain]
