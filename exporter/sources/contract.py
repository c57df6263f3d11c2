"""What a vendor declares of itself, and what its sources get and offer."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from aiohttp import web
from msgspec import Struct

from exporter.clock import Clock
from exporter.config.source import CollectorSettings, SourceSettings, with_collectors
from exporter.model import Collected, Energy, Inventory, Window
from exporter.sources.body import ResponseMemory
from exporter.sources.calls import Call, Feed
from exporter.sources.observer import ApiObserver

S_co = TypeVar("S_co", bound=CollectorSettings, covariant=True)
P = TypeVar("P", bound="Parts")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ANYTHING = "replay"
"""Stands for every credential."""


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
    """Returns the archive of a source, where there are windows and no counter."""


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


class Parts(Protocol):
    """What the collectors of one source share: its client and its settings."""

    async def close(self) -> None:
        """Log out and close the connections; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class CollectorSetup(Generic[S_co]):
    """How one collector of one source is configured."""

    name: str
    interval: float
    """Seconds between two runs."""
    settings: S_co


@dataclass(frozen=True, slots=True)
class CollectorSpec(Generic[P]):
    """A collector, as its vendor declares it."""

    name: str
    """Its key under `collectors` in the configuration, and the value of the label `collector`."""
    interval: float
    """Seconds between two runs, unless others are configured."""
    build: Callable[[P, CollectorSetup[Any]], Collector]
    calls: tuple[Call[Any], ...]
    """What is asked for the families that it serves."""
    settings: type[CollectorSettings] = CollectorSettings
    """What can be set for it."""


class VendorSource(Generic[P]):
    """One source: what its collectors share, and those that are enabled."""

    def __init__(
        self, parts: P, settings: SourceSettings, specs: Iterable[CollectorSpec[P]]
    ) -> None:
        """Build the enabled collectors; nothing is sent yet."""
        self.parts = parts
        by_name = settings.by_collector
        self.collectors: tuple[Collector, ...] = tuple(
            spec.build(parts, CollectorSetup(spec.name, own.interval or spec.interval, own))
            for spec in specs
            if (own := by_name[spec.name]).enabled
        )

    async def close(self) -> None:
        """Log out and close the connections; never raises."""
        await self.parts.close()


@dataclass(frozen=True, slots=True)
class StandIn:
    """How a capture of a source is logged in to when it is replayed."""

    kept: frozenset[str]
    """Settings that say how to ask, and nothing about whom."""
    routes: tuple[tuple[str, str, Handler], ...]
    """Method, path and handler of each login."""
    credentials: Callable[[str], dict[str, Any]]
    """Settings with which the stand-in at an address is logged in to."""


@dataclass(frozen=True, kw_only=True)
class SourceType(Generic[P]):
    """A vendor, as its folder declares it."""

    vendor: str
    """The value of the label `vendor`."""
    own_settings: type[SourceSettings]
    """Of one of its sources, without those of its collectors."""
    connect: Callable[[Any, Surroundings], P]
    """Builds what the collectors of a source share; needs a running event loop."""
    stand_in: StandIn
    """How a capture of one of its sources is logged in to."""
    specs: tuple[CollectorSpec[P], ...]
    """Its collectors; the first is the inventory."""
    error: type[Struct] | None = None
    """What is read of an answer with an error status; a capture keeps nothing else of it."""
    words: frozenset[str] = frozenset()
    """Words of the requests that are the same for everybody, besides those of the calls."""
    energy: EnergyReadings | None = None
    """None: the vendor has no energy readings."""
    zone: Callable[[VendorSource[P]], ZoneStatus | None] | None = None
    """Returns the time zone of a source, None before it was asked for; absent where every time
    names its zone."""

    @cached_property
    def settings(self) -> type[SourceSettings]:
        """The settings of one of its sources."""
        return with_collectors(self.own_settings, {spec.name: spec.settings for spec in self.specs})

    @cached_property
    def intervals(self) -> Mapping[str, float]:
        """The default interval of each collector, in seconds; the inventory's first."""
        return {spec.name: spec.interval for spec in self.specs}

    @property
    def calls(self) -> Iterator[Call[Any]]:
        """What all collectors ask."""
        return (call for spec in self.specs for call in spec.calls)

    @property
    def feeds(self) -> Mapping[str, tuple[Feed, ...]]:
        """Which calls and fields feed each family, by collector."""
        return {
            spec.name: tuple(feed for call in spec.calls for feed in call.feeds)
            for spec in self.specs
        }

    def build(self, settings: SourceSettings, surroundings: Surroundings) -> VendorSource[P]:
        """Build a source; nothing is sent yet. Needs a running event loop."""
        return VendorSource(self.connect(settings, surroundings), settings, self.specs)
