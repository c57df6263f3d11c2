"""Builds exporters in front of a simulation, and reads what they serve."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from prometheus_client.parser import text_string_to_metric_families

from exporter.clock import Clock, SystemClock
from exporter.config.load import Config, parse
from exporter.lifecycle import Exporter
from exporter.shard import WHOLE, Shard
from exporter.simulators import Simulation
from exporter.sources.vendors import SOURCES

Labels = frozenset[tuple[str, str]]


class StoppedClock(SystemClock):
    """Waits and measures like any clock, while the calendar stands still."""

    def __init__(self, now: float) -> None:
        self._now = now

    def wall(self) -> float:
        """Return the same Unix time for ever."""
        return self._now


@dataclass
class Rig:
    """A served simulation and the exporters that were built for it."""

    simulation: Simulation
    base_url: str
    clock: Clock = field(default_factory=SystemClock)
    of_type: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Changes to the entries of a type of source."""
    exporters: list[Exporter] = field(default_factory=list)

    def config(self, **changes: Any) -> Config:
        """Return a configuration of both sources, with changes to each source's entry."""
        tree = yaml.safe_load(self.simulation.sources_yaml(self.base_url))
        for entry in tree["sources"]:
            entry.update(self.of_type.get(entry["type"], {}), **changes)
        types = {name: kind.settings for name, kind in SOURCES.items()}
        return parse(yaml.safe_dump(tree), types, {}, origin="test")

    def exporter(
        self, *, shard: Shard = WHOLE, state_file: Path | None = None, **changes: Any
    ) -> Exporter:
        """Build an exporter; it is closed with the rig."""
        config = replace(self.config(**changes), shard=shard)
        exporter = Exporter(config, self.clock, state_file=state_file)
        self.exporters.append(exporter)
        return exporter

    async def close(self) -> None:
        """Log out of everything."""
        for exporter in self.exporters:
            await exporter.scheduler.stop()


async def run_inventories(exporter: Exporter) -> bool:
    """Run the inventory of every source, and nothing else; tell whether all succeeded."""
    run = exporter.scheduler._runner.run
    sources = exporter.scheduler.sources
    return all(await asyncio.gather(*(run(each, each.source.collectors[0]) for each in sources)))


@lru_cache(maxsize=4)
def samples(exposition: bytes | str) -> Mapping[str, Mapping[Labels, float]]:
    """Read an exposition into values by sample name and labels; a duplicate fails."""
    text = exposition if isinstance(exposition, str) else exposition.decode()
    found: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            series = found.setdefault(sample.name, {})
            labels = frozenset(sample.labels.items())
            assert labels not in series, f"{sample.name}{dict(labels)} is served twice"
            series[labels] = sample.value
    return found


def value(exposition: bytes | str, name: str, **labels: str) -> float | None:
    """Return the one sample that has these labels among its own."""
    wanted = set(labels.items())
    found = [
        number for own, number in samples(exposition).get(name, {}).items() if wanted <= set(own)
    ]
    assert len(found) <= 1, f"{name}{labels} has {len(found)} samples"
    return found[0] if found else None
