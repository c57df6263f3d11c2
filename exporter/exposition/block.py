"""How are the lines of one family of one collector kept, and how are they renewed cheaply?

A block is cut into shards of servers. A shard whose servers and readings are the same as before
keeps its bytes; one that was written anew but came out the same keeps its compressed piece.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from exporter.exposition.gzipped import checksum, deflated
from exporter.exposition.render import FamilyRenderer
from exporter.slices import Slices

SHARD = 512
"""Servers in a shard: small enough for the event loop, large enough to compress well."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A run of servers within a block."""

    start: int
    end: int
    """Offsets of its lines in the block."""
    series: int
    piece: bytes
    """Its lines, compressed; empty where there are no lines."""


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one family of one collector."""

    plain: bytes
    shards: tuple[Shard, ...]
    crc: int
    """Checksum of the lines."""

    @property
    def series(self) -> int:
        """How many samples there are."""
        return sum(shard.series for shard in self.shards)

    @property
    def pieces(self) -> tuple[bytes, ...]:
        """The lines, compressed."""
        return tuple(shard.piece for shard in self.shards)

    @property
    def compressed_size(self) -> int:
        """Bytes of all pieces."""
        return sum(len(shard.piece) for shard in self.shards)


EMPTY = Block(b"", (), 0)
_NO_SHARD = Shard(0, 0, 0, b"")


@dataclass(frozen=True, slots=True)
class Rows:
    """The servers of a source and one facet of each, in the order of exposition."""

    identities: Sequence[str]
    facets: Sequence[Struct | None]

    def changed_shards(self, before: "Rows | None") -> tuple[bool, ...]:
        """Tell for each shard whether it differs from the same shard of `before`."""
        starts = range(0, len(self.identities), SHARD)
        if before is None:
            return tuple(True for _ in starts)
        return tuple(
            self.identities[start : start + SHARD] != before.identities[start : start + SHARD]
            or self.facets[start : start + SHARD] != before.facets[start : start + SHARD]
            for start in starts
        )


async def renewed(
    renderer: FamilyRenderer, rows: Rows, changed: Sequence[bool], before: Block, slices: Slices
) -> Block:
    """Write a family's block, taking over what has not changed.

    Args:
        renderer: Writes the family.
        rows: The servers and their facets.
        changed: For each shard, whether it must be written.
        before: The former block; its shards are taken over where nothing changed.
        slices: Where to pause.
    """
    parts: list[bytes | memoryview] = []
    shards: list[Shard] = []
    offset = 0
    old_lines = memoryview(before.plain)
    for index, is_changed in enumerate(changed):
        old = before.shards[index] if index < len(before.shards) else _NO_SHARD
        part: bytes | memoryview = old_lines[old.start : old.end]
        shard = old
        if is_changed or old is _NO_SHARD:
            shard, part = _written(renderer, rows, index, old, part)
        shards.append(Shard(offset, offset + len(part), shard.series, shard.piece))
        parts.append(part)
        offset += len(part)
        await slices.breathe()
    if tuple(shards) == before.shards:
        return before
    plain = b"".join(parts)
    return Block(plain, tuple(shards), checksum(plain))


def _written(
    renderer: FamilyRenderer, rows: Rows, index: int, old: Shard, old_part: bytes | memoryview
) -> tuple[Shard, bytes]:
    start = index * SHARD
    lines, series = renderer.lines(
        rows.identities[start : start + SHARD], rows.facets[start : start + SHARD]
    )
    piece = old.piece if lines == old_part else deflated(lines)
    return Shard(0, len(lines), series, piece), lines
