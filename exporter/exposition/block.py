"""The lines of one family of one collector, and how they are written again after a change.

A block is cut into shards of servers, and kept compressed: scrapes are compressed, and text takes
twenty times the room. A shard whose servers and readings are the same as before keeps its piece.
Where only a few readings differ, only the lines of those servers are replaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from exporter.exposition.crc import checksum, joined_checksum
from exporter.exposition.gzipped import deflated, inflated
from exporter.exposition.render import FamilyRenderer
from exporter.slices import Slices

SHARD = 512
"""Servers in a shard: small enough for the event loop, large enough to compress well."""
FEW = SHARD // 8
"""Changed servers of a shard up to which their lines are exchanged one by one."""


@dataclass(frozen=True, slots=True)
class Shard:
    """The lines of a run of servers within a block."""

    piece: bytes
    """The lines, compressed; empty where there are none."""
    length: int
    """Bytes of the lines."""
    crc: int
    """Checksum of the lines."""
    series: int

    @property
    def lines(self) -> bytes:
        """The lines, decompressed anew."""
        return b"".join(inflated(self.piece))


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one family of one collector."""

    shards: tuple[Shard, ...] = ()
    length: int = 0
    """Bytes of the lines."""
    crc: int = 0
    """Checksum of the lines."""

    @classmethod
    def of(cls, shards: Sequence[Shard]) -> "Block":
        """Put shards behind one another."""
        length = crc = 0
        for shard in shards:
            length += shard.length
            crc = joined_checksum(crc, shard.crc, shard.length)
        return cls(tuple(shards), length, crc)

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


EMPTY = Block()
_NO_SHARD = Shard(b"", 0, 0, 0)


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

    def shard(self, index: int) -> Shard:
        """Return a shard; an empty one if there is none."""
        known = index < len(self.block.shards)
        return self.block.shards[index] if known else _NO_SHARD


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
    shards: list[Shard] = []
    for index, places in enumerate(changes):
        shards.append(_renewed_shard(renderer, rows, index, places, before))
        await slices.breathe()
    return before.block if tuple(shards) == before.block.shards else Block.of(shards)


def _renewed_shard(
    renderer: FamilyRenderer,
    rows: Rows,
    index: int,
    places: Sequence[int] | None,
    before: Former,
) -> Shard:
    old = before.shard(index)
    if places is not None:
        places = _concerned(renderer, rows, before.rows, places)
        if not places:
            return old
    lines = old.lines
    found = None
    if places is not None and len(places) <= FEW:
        found = _exchanged(renderer, rows, before.rows, places, lines)
    if found is None:
        this = slice(index * SHARD, (index + 1) * SHARD)
        new, series = renderer.lines(rows.identities[this], rows.facets[this])
    else:
        new, series = found[0], old.series + found[1]
    return old if new == lines else Shard(deflated(new), len(new), checksum(new), series)


def _concerned(
    renderer: FamilyRenderer, now: Rows, before: Rows, places: Sequence[int]
) -> list[int]:
    """Return those of some places whose lines in a family are others than before."""
    return [
        place
        for place in places
        if renderer.value(now.facets[place]) != renderer.value(before.facets[place])
    ]


def _exchanged(
    renderer: FamilyRenderer, now: Rows, before: Rows, places: Sequence[int], lines: bytes
) -> tuple[bytes, int] | None:
    """Exchange the lines of some servers.

    A server's lines are found by themselves: they begin with its identity, which no other has.

    Args:
        renderer: Writes the family.
        now: The servers and their facets.
        before: The same servers with their former facets.
        places: Those whose facets differ, in order.
        lines: What was written of `before`; it may hold the lines of other servers too.

    Returns:
        The new lines and how many they are more; None where lines have come or gone, so that there
        is nothing to put in their place.
    """
    parts: list[bytes] = []
    position = more = 0
    for place in places:
        identity = now.identities[place : place + 1]
        old, had = renderer.lines(identity, before.facets[place : place + 1])
        new, has = renderer.lines(identity, now.facets[place : place + 1])
        start = lines.find(old, position) if old and new else -1
        if start < 0:
            return None
        parts += (lines[position:start], new)
        position = start + len(old)
        more += has - had
    return b"".join((*parts, lines[position:])), more
