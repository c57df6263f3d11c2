"""Does the yardstick of the benchmarks serve what we serve? Else nothing could be compared."""

from typing import Any

import aiohttp
import pytest
import yaml
from prometheus_client import generate_latest

from bench.straightforward import Exporter, Fleet
from exporter.simulators import Simulation
from tests.e2e.rig import Rig, StoppedClock, samples

NOW = 1_780_000_000.0
MAIN = {"com": ("servers", "alerts"), "ome": ("devices", "alerts")}


async def theirs(tree: Any) -> Fleet:
    async with aiohttp.ClientSession() as session:
        exporter = Exporter(tree["sources"], session)
        await exporter.poll()
        return exporter.fleet


@pytest.mark.parametrize("seed", [1, 2])
async def test_both_serve_the_same_samples_of_the_main_collectors(seed: int) -> None:
    fleet = Simulation(servers=450, seed=seed, clock=lambda: NOW)
    async with fleet.serving() as base_url:
        rig = Rig(fleet, base_url, StoppedClock(NOW))
        ours = rig.exporter()
        try:
            for polled in ours.scheduler.sources:
                for collector in polled.source.collectors:
                    if collector.name in ("servers", "devices", "alerts"):
                        await ours.scheduler._runner.run(polled, collector)
            own = ours.exposition()
        finally:
            await rig.close()
        other = await theirs(yaml.safe_load(fleet.sources_yaml(base_url)))

    expected = dict(samples(generate_latest(other.registry)))
    served = samples(own)
    assert len(expected) > 15
    assert sum(map(len, expected.values())) > 10_000
    for name, found in expected.items():
        assert served[name] == found, name
    blocks = [block for _, _, item in ours.store.served() for block in item.blocks.items()]
    assert {name for name, block in blocks if block.series} == set(expected)
