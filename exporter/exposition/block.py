"""How are the lines of one family of one collector kept, and how are they renewed cheaply?

A block is cut into shards of servers. A shard whose servers and readings are the same as before
keeps its bytes; one that was written anew but came out the same keeps its gzip member.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from isal import isal_zlib
from msgspec import Struct

from exporter.exposition.render import FamilyRenderer
from exporter.slices import Slices

SHARD = 512
"""Servers in a shard: small enough for the event loop, large enough to compress well."""
_LEVEL = 2


def gzip_member(data: bytes) -> bytes:
    """Compress to one gzip member; members may be joined."""
    member: bytes = isal_zlib.compress(data, _LEVEL, wbits=31)
    return member


@dataclass(frozen=True, slots=True)
class Shard:
    """A run of servers within a block."""

    start: int
    end: int
    """Offsets of its lines in the block."""
    series: int
    member: bytes
    """Its lines as one gzip member; empty where there are no lines."""


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one family of one collector."""

    plain: bytes
    shards: tuple[Shard, ...]

    @property
    def series(self) -> int:
        """How many samples there are."""
        return sum(shard.series for shard in self.shards)

    @property
    def compressed_size(self) -> int:
        """Bytes of all members."""
        return sum(len(shard.member) for shard in self.shards)


EMPTY = Block(b"", ())
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
        shards.append(Shard(offset, offset + len(part), shard.series, shard.member))
        parts.append(part)
        offset += len(part)
        await slices.breathe()
    return before if tuple(shards) == before.shards else Block(b"".join(parts), tuple(shards))


def _written(
    renderer: FamilyRenderer, rows: Rows, index: int, old: Shard, old_part: bytes | memoryview
) -> tuple[Shard, bytes]:
    start = index * SHARD
    lines, series = renderer.lines(
        rows.identities[start : start + SHARD], rows.facets[start : start + SHARD]
    )
    member = old.member
    if lines != old_part:
        member = gzip_member(lines) if lines else b""
    return Shard(0, len(lines), series, member), lines
