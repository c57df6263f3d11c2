"""The blocks of every source that are served now, swapped whole and never changed in place."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat

from msgspec import Struct

from exporter.catalogue import SERVER_FAMILIES, SOURCE_FAMILIES
from exporter.catalogue.family import Family, Scope
from exporter.clock import Clock
from exporter.exposition.block import EMPTY, NO_ROWS, Block, Former, Rows, renewed
from exporter.exposition.render import FamilyRenderer
from exporter.exposition.text import labels_text
from exporter.model import Collected, Column, Server
from exporter.slices import Slices

BLOCK_FAMILIES: tuple[Family, ...] = (*SERVER_FAMILIES, *SOURCE_FAMILIES)
"""The families that are kept as blocks, in order of exposition."""


@dataclass(frozen=True, slots=True)
class Published:
    """What one collector of one source has given last."""

    collected: Collected
    rows: Mapping[type[Struct], Rows]
    blocks: Mapping[str, Block]
    """By family name."""
    until: float
    """Monotonic time up to which it is served."""


@dataclass(frozen=True, slots=True)
class Roster:
    """The servers of a source in order of exposition, with their identity labels written out."""

    servers: tuple[Server, ...] = ()
    ids: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything of one source."""

    name: str
    vendor: str
    roster: Roster = field(default_factory=Roster)
    collectors: Mapping[str, Published] = field(default_factory=dict)


Hidden = Mapping[type[Struct], Collection[str]]
"""Ids of the servers that a collector leaves out, by facet: another collector serves them."""


class Store:
    """Holds the blocks; a poll swaps them, a scrape only reads them."""

    def __init__(self, clock: Clock) -> None:
        """Begin with no source."""
        self._clock = clock
        self._shelves: dict[str, Shelf] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._renderers = {family.name: FamilyRenderer(family) for family in BLOCK_FAMILIES}
        self.generation = 0
        """Grows with every swap."""

    def add(self, source: str, vendor: str) -> None:
        """Make room for a source."""
        self._shelves[source] = Shelf(source, vendor)
        self._turns[source] = asyncio.Lock()

    def remove(self, source: str) -> None:
        """Serve nothing of a source any more, and forget it."""
        self._shelves = {name: shelf for name, shelf in self._shelves.items() if name != source}
        del self._turns[source]
        self.generation += 1

    def arrange(self, sources: Sequence[str]) -> None:
        """Serve the sources in this order."""
        self._shelves = {name: self._shelves[name] for name in sources}
        self.generation += 1

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the sources."""
        return tuple(self._shelves)

    def vendor(self, source: str) -> str:
        """Return the vendor of a source."""
        return self._shelves[source].vendor

    def servers(self, source: str) -> tuple[Server, ...]:
        """Return the servers of the last good inventory of a source."""
        return self._shelves[source].roster.servers

    async def publish(
        self, source: str, collector: str, collected: Collected, *, keep_for: float
    ) -> None:
        """Serve what a collector gave, in place of what it gave before.

        A new inventory is swapped together with every other collector's blocks, so that a server
        that is gone is gone everywhere at once.

        Args:
            source: The source's name.
            collector: The collector's name.
            collected: Its result.
            keep_for: Seconds for which it is served without a newer one.
        """
        async with self._turns[source]:
            shelf = self._shelves[source]
            slices = Slices()
            roster = await _roster(shelf, collected, slices)
            now = self._clock.monotonic()
            results = {
                n: item.collected for n, item in shelf.collectors.items() if item.until >= now
            }
            results[collector] = collected
            until = {n: item.until for n, item in shelf.collectors.items()}
            until[collector] = now + keep_for
            written = collectors_to_write(results, collector, every=roster is not shelf.roster)
            published = dict(shelf.collectors)
            for name, hidden in written.items():
                before = shelf.collectors.get(name)
                rows = await _all_rows(shelf, roster, results[name], hidden, slices)
                published[name] = await self._published(
                    results[name], rows, before, until[name], slices
                )
            # What was withdrawn in the meantime stays withdrawn.
            present = self._shelves[source].collectors
            kept = {n: item for n, item in published.items() if n == collector or n in present}
            self._swap(replace(shelf, roster=roster, collectors=kept))

    def withdraw(self, source: str, collector: str) -> None:
        """Serve nothing of a collector any more."""
        shelf = self._shelves[source]
        if collector in shelf.collectors:
            kept = {name: item for name, item in shelf.collectors.items() if name != collector}
            self._swap(replace(shelf, collectors=kept))

    def withdraw_others(self, source: str, collectors: Collection[str]) -> None:
        """Serve nothing any more of the collectors that a source no longer has."""
        for name in tuple(self._shelves[source].collectors):
            if name not in collectors:
                self.withdraw(source, name)

    def withdraw_expired(self) -> None:
        """Let go of blocks whose time is over."""
        now = self._clock.monotonic()
        for shelf in list(self._shelves.values()):
            kept = {name: item for name, item in shelf.collectors.items() if item.until >= now}
            if len(kept) < len(shelf.collectors):
                self._swap(replace(shelf, collectors=kept))

    def served(
        self, sources: Iterable[str] | None = None, collectors: Iterable[str] | None = None
    ) -> Iterator[tuple[str, str, Published]]:
        """Give (source, collector, blocks) of what may be served now, narrowed if asked."""
        now = self._clock.monotonic()
        wanted_sources = None if sources is None else set(sources)
        wanted_collectors = None if collectors is None else set(collectors)
        for name, shelf in self._shelves.items():
            if wanted_sources is not None and name not in wanted_sources:
                continue
            for collector, published in shelf.collectors.items():
                wanted = wanted_collectors is None or collector in wanted_collectors
                if wanted and published.until >= now:
                    yield name, collector, published

    def _swap(self, shelf: Shelf) -> None:
        self._shelves[shelf.name] = shelf
        self.generation += 1

    async def _published(
        self,
        collected: Collected,
        rows: Mapping[type[Struct], Rows],
        before: Published | None,
        until: float,
        slices: Slices,
    ) -> Published:
        blocks: dict[str, Block] = {}
        for facet_type, its_rows in rows.items():
            old_rows = before.rows.get(facet_type, NO_ROWS) if before else NO_ROWS
            changes = its_rows.changes(old_rows)
            await slices.breathe()
            for renderer in self._renderers.values():
                if renderer.family.facet is facet_type:
                    name = renderer.family.name
                    old = Former(old_rows, before.blocks.get(name, EMPTY) if before else EMPTY)
                    blocks[name] = await renewed(renderer, its_rows, changes, old, slices)
        return Published(collected, rows, blocks, until)


async def _all_rows(
    shelf: Shelf,
    roster: Roster,
    collected: Collected,
    hidden: Hidden,
    slices: Slices,
) -> Mapping[type[Struct], Rows]:
    """Bring every facet of a result into the order of exposition."""
    rows: dict[type[Struct], Rows] = {}
    for column in collected.columns:
        rows[column.facet] = _rows(roster, column, hidden.get(column.facet, ()))
        await slices.breathe()
    of_source = labels_text(Scope.SOURCE.labels, (shelf.name, shelf.vendor))
    for facet in collected.source_facets:
        rows[type(facet)] = Rows((of_source,), (facet,))
    return rows


async def _roster(shelf: Shelf, collected: Collected, slices: Slices) -> Roster:
    if collected.servers is None or collected.servers == shelf.roster.servers:
        return shelf.roster
    identities = []
    for server in collected.servers:
        own = (shelf.name, shelf.vendor, server.serial, server.name)
        identities.append(labels_text(Scope.SERVER.labels, own))
        await slices.breathe()
    ids = tuple(server.id for server in collected.servers)
    return Roster(collected.servers, ids, tuple(identities))


def _rows(roster: Roster, column: Column[Struct], hidden: Collection[str]) -> Rows:
    facets = list(map(column.by_id.get, roster.ids, repeat(column.default)))
    if hidden:
        for place, key in enumerate(roster.ids):
            if key in hidden:
                facets[place] = None
    return Rows(roster.identities, facets)


def collectors_to_write(
    results: Mapping[str, Collected], collector: str, *, every: bool
) -> Mapping[str, Hidden]:
    """Choose the collectors whose blocks are written after a run, and what each leaves out.

    Where several collectors read the same facet of a server, the one with the highest rank serves
    it. So a new result concerns every collector that ranks below it: it takes servers from them,
    or returns them.

    Args:
        results: The result of each collector, the new one included.
        collector: The collector with the new result.
        every: Whether all are written, because the servers changed.
    """
    new = results[collector]
    return {
        name: _hidden(results, name)
        for name, result in results.items()
        if every or name == collector or _outranks(new, result)
    }


def _outranks(one: Collected, other: Collected) -> bool:
    ranks = {column.facet: column.rank for column in one.columns}
    return any(ranks.get(column.facet, column.rank) > column.rank for column in other.columns)


def _hidden(results: Mapping[str, Collected], name: str) -> Hidden:
    ranks = {column.facet: column.rank for column in results[name].columns}
    hidden: dict[type[Struct], set[str]] = {}
    for other, result in results.items():
        for column in result.columns if other != name else ():
            if column.rank > ranks.get(column.facet, column.rank):
                hidden.setdefault(column.facet, set()).update(column.by_id)
    return hidden
