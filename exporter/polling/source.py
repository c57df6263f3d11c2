"""What is kept of a source while it is polled?"""

import asyncio
from dataclasses import dataclass, field

from exporter.model import Inventory
from exporter.shard import WHOLE, Shard
from exporter.sources.contract import Collector, Source


@dataclass(slots=True)
class PolledSource:
    """A source while it is polled."""

    name: str
    vendor: str
    source: Source
    timeout: float
    """Seconds for one call."""
    concurrency: int = 1
    """Calls in flight, at most."""
    requests_per_minute: int = 0
    """Calls a minute, at most; 0 for any number."""
    shard: Shard = WHOLE
    """Which of its servers are served here."""
    inventory: Inventory = field(default_factory=Inventory)
    """The last good one; after a change of settings that of the former source, at first."""
    has_inventory: asyncio.Event = field(default_factory=asyncio.Event)
    attempted: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the first run of the inventory has ended, well or badly."""
    held_until: float = 0.0
    """Monotonic time before which the API asked not to be called."""

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
