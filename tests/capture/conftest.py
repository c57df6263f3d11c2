"""Rounds of simulated sources, and what is saved of them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from exporter.capture.exchanges import Exchanges
from exporter.capture.folder import Folder
from exporter.capture.replay import Replay, StandingClock
from exporter.catalogue.servers import SERVER_FAMILIES
from exporter.catalogue.sources import SOURCE_FAMILIES
from exporter.clock import Clock
from exporter.commands.capture import save
from exporter.config.load import Config, parse
from exporter.lifecycle import Exporter
from exporter.simulators import Simulation
from exporter.sources.observer import Exchange, Silence
from exporter.sources.vendors import SOURCES
from tests.support.exposition import samples

NOW = 1_784_000_700.0
TYPES = {name: kind.settings for name, kind in SOURCES.items()}
VENDORS = tuple(SOURCES)
KEY = b"k" * 32
OF_FLEET = frozenset(family.name for family in (*SERVER_FAMILIES, *SOURCE_FAMILIES))


def exchanges(
    vendor: str = "ome", api: str = "https://a", secrets: Iterable[str] = ()
) -> Exchanges:
    """What replaces in the answers of one vendor."""
    return Exchanges(KEY, api, secrets, SOURCES[vendor])


class Listener(Silence):
    """Keeps every exchange."""

    def __init__(self) -> None:
        self.heard: list[Exchange] = []

    def exchange(self, exchange: Exchange) -> None:
        self.heard.append(exchange)


def simulation(servers: int = 60) -> Simulation:
    """A fleet at a time that stands still."""
    return Simulation(servers=servers, seed=7, clock=lambda: NOW)


def config_of(simulated: Simulation, address: str, vendor: str, **changes: object) -> Config:
    """The configuration of one of the simulated sources."""
    tree = yaml.safe_load(simulated.sources_yaml(address))
    (entry,) = (each for each in tree["sources"] if each["type"] == vendor)
    return parse(yaml.safe_dump({"sources": [entry | changes]}), TYPES, {}, origin="test")


async def exposition(config: Config, clocks: Mapping[str, Clock] | None = None) -> bytes:
    """What `once` writes, at the time of the simulation."""
    exporter = Exporter(config, StandingClock(NOW), clocks)
    try:
        await exporter.scheduler.run_all_once()
        return exporter.exposition()
    finally:
        await exporter.scheduler.stop()


async def captured(config: Config, path: Path) -> Path:
    """Capture the one source of a configuration."""
    await save(config.sources[0], Folder(path), NOW)
    return path


async def replayed(path: Path) -> bytes:
    """What `once` writes of a capture."""
    replay = Replay.of(path)
    async with replay.serving() as address:
        entry = replay.entry("replayed", address)
        config = parse(yaml.safe_dump({"sources": [entry]}), TYPES, {}, origin="test")
        return await exposition(config, {"replayed": replay.clock})


def of_fleet(text: bytes, without: frozenset[str]) -> list[tuple[object, ...]]:
    """Every sample that is not about the exporter itself, in an order that names nobody."""
    found = [
        (
            sample.name,
            tuple(sorted(pair for pair in sample.labels.items() if pair[0] not in without)),
            sample.value,
        )
        for sample in samples(text)
        if sample.name in OF_FLEET
    ]
    return sorted(found)
