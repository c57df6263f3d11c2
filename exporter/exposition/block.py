"""How are the lines of one family of one collector kept, and how are they renewed cheaply?

A block is cut into shards of servers. A shard whose servers and readings are the same as before
keeps its bytes; where only a few readings differ, their lines are exchanged; and a shard that came
out the same keeps its compressed piece.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from exporter.exposition.gzipped import checksum, deflated
from exporter.exposition.patch import concerned, exchanged
from exporter.exposition.render import FamilyRenderer
from exporter.slices import Slices

SHARD = 512
"""Servers in a shard: small enough for the event loop, large enough to compress well."""
FEW = SHARD // 8
"""Changed servers of a shard up to which their lines are exchanged one by one."""


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

    def changes(self, before: "Rows") -> tuple[Sequence[int] | None, ...]:
        """Name for each shard the places of the facets that differ from those of `before`.

        A shard of which the servers themselves differ has None.
        """
        return tuple(
            self._changes(before, start, start + SHARD)
            for start in range(0, len(self.identities), SHARD)
        )

    def _changes(self, before: "Rows", start: int, end: int) -> Sequence[int] | None:
        is_same = self.identities is before.identities
        if not is_same and self.identities[start:end] != before.identities[start:end]:
            return None
        now, old = self.facets[start:end], before.facets[start:end]
        if now == old:
            return ()
        return [
            place
            for place, (new, former) in enumerate(zip(now, old, strict=True), start)
            if new is not former and new != former
        ]


NO_ROWS = Rows((), ())


@dataclass(frozen=True, slots=True)
class Former:
    """What was served of a family before."""

    rows: Rows = NO_ROWS
    block: Block = EMPTY

    def shard(self, index: int) -> tuple[Shard, memoryview]:
        """Return a shard and its lines; both are empty if there is none."""
        known = index < len(self.block.shards)
        shard = self.block.shards[index] if known else _NO_SHARD
        return shard, memoryview(self.block.plain)[shard.start : shard.end]


async def renewed(
    renderer: FamilyRenderer,
    rows: Rows,
    changes: Sequence[Sequence[int] | None],
    before: Former,
    slices: Slices,
) -> Block:
    """Write a family's block, taking over what has not changed.

    Args:
        renderer: Writes the family.
        rows: The servers and their facets.
        changes: What `rows.changes(before.rows)` says.
        before: What was served; its lines are taken over where nothing changed.
        slices: Where to pause.
    """
    parts: list[bytes | memoryview] = []
    shards: list[Shard] = []
    offset = 0
    for index, places in enumerate(changes):
        shard, part = _renewed_shard(renderer, rows, index, places, before)
        shards.append(Shard(offset, offset + len(part), shard.series, shard.piece))
        parts.append(part)
        offset += len(part)
        await slices.breathe()
    if tuple(shards) == before.block.shards:
        return before.block
    plain = b"".join(parts)
    return Block(plain, tuple(shards), checksum(plain))


def _renewed_shard(
    renderer: FamilyRenderer,
    rows: Rows,
    index: int,
    places: Sequence[int] | None,
    before: Former,
) -> tuple[Shard, bytes | memoryview]:
    old, part = before.shard(index)
    if places is not None:
        places = concerned(renderer, rows, before.rows, places)
        if not places:
            return old, part
    lines = bytes(part)
    found = None
    if places is not None and len(places) <= FEW:
        found = exchanged(renderer, rows, before.rows, places, lines)
    if found is None:
        this = slice(index * SHARD, (index + 1) * SHARD)
        new, series = renderer.lines(rows.identities[this], rows.facets[this])
    else:
        new, series = found[0], old.series + found[1]
    piece = old.piece if new == lines else deflated(new)
    return Shard(0, len(new), series, piece), new
