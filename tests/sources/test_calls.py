"""How many calls a round takes: as many as pages where an API has lists, whatever the fleet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from exporter.config.load import parse
from exporter.model import Collected, GroupSizes, Inventory, Status
from exporter.simulators import Simulation
from exporter.sources.contract import Surroundings
from exporter.sources.vendors import SOURCES
from tests.e2e.rig import StoppedClock
from tests.support.observer import Witness

NOW = 1_780_000_000.0
ONE_BY_ONE = {"com": set[str](), "ome": {"health", "power", "power_manager", "hardware"}}
"""Collectors of what the API gives for one server at a time only."""
SMALLEST_PAGE = 100
REPORTS_OF_A_GROUP = 2
KINDS = pytest.mark.parametrize(("kind", "com_share"), [("com", 1.0), ("ome", 0.0)])


@dataclass
class Run:
    """What one run of a collector took."""

    calls: int
    items: int
    groups: int


async def round_of(kind: str, servers: int, com_share: float, *, lists: bool) -> Mapping[str, Run]:
    """Run the collectors of lists, or the others, of a fleet that one vendor manages."""
    simulation = Simulation(servers=servers, seed=3, clock=lambda: NOW, com_share=com_share)
    types = {name: each.settings for name, each in SOURCES.items()}
    runs: dict[str, Run] = {}
    async with simulation.serving() as url:
        config = parse(simulation.sources_yaml(url), types, {}, origin="test")
        settings = next(each for each in config.sources if each.type == kind)
        witness, inventory = Witness(), Inventory()
        source = SOURCES[kind].build(settings, Surroundings(StoppedClock(NOW), witness))
        for collector in source.collectors:
            if collector.name in ONE_BY_ONE[kind] and lists:
                continue
            if collector.name not in ONE_BY_ONE[kind] and not lists and inventory.servers:
                continue
            witness.requests.clear()
            collected = await collector.collect(inventory)
            runs[collector.name] = _run(len(witness.requests), collected)
            inventory = _inventory(collected) or inventory
        await source.close()
    assert len(inventory.servers) == servers
    return runs


@KINDS
async def test_ten_times_the_servers_take_more_calls_only_for_more_pages(
    kind: str, com_share: float
) -> None:
    few = await round_of(kind, 100, com_share, lists=True)
    many = await round_of(kind, 1000, com_share, lists=True)

    assert set(many) == set(SOURCES[kind].intervals) - ONE_BY_ONE[kind]
    for name, run in many.items():
        pages = run.items // SMALLEST_PAGE + 1
        most = few[name].calls + pages + REPORTS_OF_A_GROUP * run.groups
        assert run.calls <= most, name
        assert run.calls < 100, name


async def test_what_has_no_list_takes_calls_for_every_server() -> None:
    runs = await round_of("ome", 100, 0.0, lists=False)

    calls = {name: runs[name].calls for name in ONE_BY_ONE["ome"]}
    assert calls["health"] == 100
    assert calls["power"] == 2 * 100
    assert calls["hardware"] == 4 * 100
    # The plugin watches most of the servers.
    assert 80 < calls["power_manager"] <= 100 + 3


def _run(calls: int, collected: Collected) -> Run:
    sizes = (each for each in collected.source_facets if isinstance(each, GroupSizes))
    return Run(calls, collected.items, sum(len(each.members) for each in sizes))


def _inventory(collected: Collected) -> Inventory | None:
    if collected.servers is None:
        return None
    statuses: Any = next(each.by_id for each in collected.columns if each.facet is Status)
    return Inventory(collected.servers, statuses)
