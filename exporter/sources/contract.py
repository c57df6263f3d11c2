"""What must a vendor's source offer, and what does it get?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from msgspec import Struct

from exporter.clock import Clock
from exporter.config.source import SourceSettings
from exporter.model import Collected, Energy, Inventory, Window
from exporter.sources.calls import Calls, Feed
from exporter.sources.observer import ApiObserver
from exporter.sources.response_memory import ResponseMemory


class Collector(Protocol):
    """One kind of reading of one source, polled at its own interval."""

    @property
    def name(self) -> str:
        """The name in the configuration, and the value of the label `collector`."""
        ...

    @property
    def interval(self) -> float:
        """Seconds between two runs, as it is now in force; may grow while a fall-back is used."""
        ...

    async def collect(self, inventory: Inventory) -> Collected:
        """Read everything once.

        Args:
            inventory: The servers of the last successful inventory; empty for the inventory itself.

        Raises:
            SourceError: The run failed; nothing of it counts.
        """
        ...


class Source(Protocol):
    """One configured API."""

    @property
    def collectors(self) -> tuple[Collector, ...]:
        """The enabled collectors; the first is the inventory, on which the others depend."""
        ...

    async def close(self) -> None:
        """Log out and close the connections; never raises."""
        ...


class EnergyArchive(Protocol):
    """Tells the energy of closed windows of the past."""

    @property
    def reach(self) -> float:
        """Seconds into the past for which it can be asked."""
        ...

    @property
    def page(self) -> int:
        """Servers that one call tells of."""
        ...

    async def read(self, window: Window, start: int) -> Mapping[str, Energy]:
        """Read what each server used in a window, where that is known for the whole of it.

        Args:
            window: Its length.
            start: Its first Unix second.

        Returns:
            The energy by the vendor's server id.

        Raises:
            SourceError: The window could not be read; with `http_4xx`, the API refuses this window.
        """
        ...

    def serial(self, server_id: str) -> str:
        """Return the serial number of a server that is in no inventory."""
        ...


@dataclass(frozen=True, slots=True)
class EnergyReadings:
    """How a vendor tells how much energy its servers use."""

    collector: str
    """The collector that reads it; it gives the servers' own counters, unless there is an archive.
    """
    archive: Callable[[Any], EnergyArchive] | None = None
    """Takes the archive out of a source of this vendor, where there are windows and no counter."""


@dataclass(frozen=True, slots=True)
class ZoneStatus:
    """The time zone of an API whose times name none."""

    configured: str
    """Empty where none is."""
    found: str
    """What the API states; empty where it states none."""
    differ: bool
    """Whether both are known and have different offsets now."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a source gets from outside: the time and somebody to tell about its calls."""

    clock: Clock
    observer: ApiObserver
    memory: ResponseMemory = field(default_factory=ResponseMemory)
    """What large responses of all sources share."""


@dataclass(frozen=True, slots=True)
class SourceType:
    """A vendor: what its entry in the configuration looks like and how it is built."""

    vendor: str
    """The value of the label `vendor`."""
    settings: type[SourceSettings]
    build: Callable[[Any, Surroundings], Source]
    collectors: Mapping[str, float]
    """Names and default intervals in seconds; the first is the inventory."""
    calls: Calls
    """What each collector asks, and what for."""
    error: type[Struct]
    """What is read of an answer with an error status."""
    words: frozenset[str] = frozenset()
    """Words of the requests that are the same for everybody, besides those of the calls."""
    energy: EnergyReadings | None = None
    """None: the vendor tells nothing of energy."""
    zone: Callable[[Any], ZoneStatus | None] | None = None
    """Returns the time zone of a source of this vendor, None before it was asked for; absent where
    every time names its zone."""

    @property
    def feeds(self) -> Mapping[str, tuple[Feed, ...]]:
        """Which calls and fields feed each family, by collector."""
        return {
            name: tuple(feed for call in calls for feed in call.feeds)
            for name, calls in self.calls.items()
        }
