"""A source while it is polled, and the part of its servers that this process serves.

Everything is read whole and judged whole (is a list complete, has half of the fleet data?), and
divided once, here, before anything is kept. What is asked server by server is asked of the own ones
only, because that is all that the inventory lists as its own.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from msgspec import Struct

from exporter.catalogue import SOURCE_FAMILIES
from exporter.catalogue.family import Sharding
from exporter.config.source import SourceSettings
from exporter.model import Alert, Collected, Column, Description, Inventory, Server, Status
from exporter.shard import WHOLE, Shard
from exporter.slices import Slices
from exporter.sources.contract import Collector, Source

_OF_THE_FIRST = frozenset(
    family.facet for family in SOURCE_FAMILIES if family.sharding is Sharding.FIRST
)


@dataclass(slots=True)
class PolledSource:
    """A source while it is polled."""

    settings: SourceSettings
    vendor: str
    source: Source
    shard: Shard = WHOLE
    """Which of its servers are served here."""
    inventory: Inventory = field(default_factory=Inventory)
    """The last good one; after a change of settings that of the previous source, at first."""
    has_inventory: asyncio.Event = field(default_factory=asyncio.Event)
    attempted: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the first run of the inventory has ended, well or badly."""
    held_until: float = 0.0
    """Monotonic time before which the API asked not to be called."""

    @property
    def name(self) -> str:
        """The name in the configuration, and the value of the label `source`."""
        return self.settings.name

    @property
    def intervals(self) -> dict[str, float]:
        """The interval of each collector, in seconds."""
        return {collector.name: collector.interval for collector in self.source.collectors}

    @property
    def is_known(self) -> bool:
        """Whether its servers have been read at least once."""
        return self.has_inventory.is_set() or bool(self.inventory.everyone)

    def is_inventory(self, collector: Collector) -> bool:
        """Tell whether the other collectors depend on this one."""
        return collector is self.source.collectors[0]


async def inventory_from(collected: Collected, shard: Shard) -> Inventory:
    """Divide a list of servers into the own ones and those of other shards."""
    columns: dict[type, Mapping[str, Any]] = {
        column.facet: column.by_id for column in collected.columns
    }
    listed = collected.servers or ()
    own, others = (listed, ()) if shard.is_whole else await _divided(listed, shard)
    described = columns.get(Description, {})
    if others:
        described = {each.id: described[each.id] for each in own if each.id in described}
    return Inventory(own, columns.get(Status, {}), described, others)


async def own_part(collected: Collected, inventory: Inventory, shard: Shard) -> Collected:
    """Return what this process serves of a result.

    Servers that the inventory does not know yet are kept: whose they are is known when it does, and
    nothing is served of them before.
    """
    if shard.is_whole:
        return collected
    slices = Slices()
    foreign = {server.id for server in inventory.others}
    columns: list[Column[Struct]] = []
    for column in collected.columns:
        await slices.breathe()
        by_id = {key: facet for key, facet in column.by_id.items() if key not in foreign}
        columns.append(replace(column, by_id=by_id))
    return replace(
        collected,
        columns=tuple(columns),
        source_facets=tuple(
            facet
            for facet in collected.source_facets
            if shard.is_first or type(facet) not in _OF_THE_FIRST
        ),
        servers=None if collected.servers is None else inventory.servers,
        # One of a kind with the servers of the whole list: counted by one.
        duplicates=collected.duplicates if shard.is_first else 0,
        alerts=None
        if collected.alerts is None
        else tuple(_own_alerts(collected.alerts, inventory, shard)),
    )


def _own_alerts(alerts: tuple[Alert, ...], inventory: Inventory, shard: Shard) -> list[Alert]:
    """Choose the alerts of the own servers; those of no server are the first shard's."""
    if shard.is_first:
        foreign = {server.id for server in inventory.others}
        return [alert for alert in alerts if alert.device not in foreign]
    own = {server.id for server in inventory.servers}
    return [alert for alert in alerts if alert.device in own]


async def _divided(
    servers: tuple[Server, ...], shard: Shard
) -> tuple[tuple[Server, ...], tuple[Server, ...]]:
    slices = Slices()
    own: list[Server] = []
    others: list[Server] = []
    for server in servers:
        (own if shard.owns(server.serial) else others).append(server)
        await slices.breathe()
    return tuple(own), tuple(others)
