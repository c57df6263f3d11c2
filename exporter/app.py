"""Builds an exporter from a configuration. Nothing is called, opened or listened on."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exporter import __version__
from exporter.catalogue import own as families
from exporter.clock import Clock, SystemClock
from exporter.config.load import Config
from exporter.config.source import SourceSettings
from exporter.energy.collectors import kept
from exporter.energy.ledger import Ledger
from exporter.exposition.page import Pages
from exporter.exposition.store import Store
from exporter.polling.metrics import CollectorMetrics, RunTelemetry
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import PolledSource
from exporter.shard import Shard
from exporter.sources.body import ResponseMemory
from exporter.sources.contract import Source, Surroundings
from exporter.sources.vendors import SOURCES
from exporter.telemetry.metrics import OwnMetrics
from exporter.telemetry.page import OwnPage
from exporter.telemetry.process import LedgerTelemetry
from exporter.telemetry.source import SourceTelemetry


@dataclass(frozen=True, slots=True)
class Clocks:
    """The time of the exporter, and that of single sources that do not live in the present."""

    own: Clock = field(default_factory=SystemClock)
    of_sources: Mapping[str, Clock] = field(default_factory=dict)

    def of(self, source: str) -> Clock:
        """Return the clock of a source."""
        return self.of_sources.get(source, self.own)


@dataclass(frozen=True, slots=True)
class BuiltSource:
    """A source, and the metrics of its calls."""

    polled: PolledSource
    telemetry: SourceTelemetry


@dataclass(frozen=True, slots=True)
class SourceBuilder:
    """Builds sources with what all of them share."""

    clocks: Clocks
    metrics: OwnMetrics
    ledger: Ledger | None
    shard: Shard
    memory: ResponseMemory = field(default_factory=ResponseMemory)

    def build(self, settings: SourceSettings) -> BuiltSource:
        """Build a source.

        Raises:
            OSError: A file that it needs cannot be read.
        """
        kind, clock = SOURCES[settings.type], self.clocks.of(settings.name)
        telemetry = SourceTelemetry(self.metrics, settings, kind.vendor)
        source: Source = kind.build(settings, Surroundings(clock, telemetry, self.memory))
        if self.ledger is not None:
            source = kept(source, settings, kind.energy, self.ledger, clock)
        polled = PolledSource(settings, kind.vendor, source, self.shard)
        return BuiltSource(polled, telemetry)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of an exporter."""

    clock: Clock
    metrics: OwnMetrics
    ledger: Ledger | None
    builder: SourceBuilder
    sources: tuple[BuiltSource, ...]
    """Those of the start."""
    store: Store
    pages: Pages
    runs: RunTelemetry
    scheduler: Scheduler
    own: OwnPage


def build(config: Config, clocks: Clocks, state_file: Path | None = None) -> Parts:
    """Build every part.

    Args:
        config: What to poll.
        clocks: Where the time comes from.
        state_file: Where the energy of every server is kept; None: nowhere.

    Raises:
        OSError: A source cannot be built.
    """
    clock, metrics = clocks.own, OwnMetrics()
    ledger = Ledger(state_file, clock, LedgerTelemetry(metrics)) if state_file else None
    builder = SourceBuilder(clocks, metrics, ledger, config.shard)
    sources = tuple(map(builder.build, config.sources))
    store, runs = Store(clock), RunTelemetry(metrics)
    pages = Pages(store)
    polled = [built.polled for built in sources]
    scheduler = Scheduler(polled, store, clock, telemetry=runs)
    mirror = CollectorMetrics(metrics, scheduler, store).mirror
    own = OwnPage(metrics, store, pages, clock, mirror)
    _describe(metrics, config.shard)
    return Parts(clock, metrics, ledger, builder, sources, store, pages, runs, scheduler, own)


def _describe(metrics: OwnMetrics, shard: Shard) -> None:
    """Show what is known of an exporter before anything happens."""
    metrics.set(families.BUILD_INFO, 1, __version__, platform.python_version())
    metrics.set(families.SHARD_ORDINAL, shard.index, str(shard.index))
    metrics.set(families.TOTAL_SHARDS, shard.total)
    metrics.increase(families.SERIES_DROPPED_TOTAL, "duplicate", by=0)
