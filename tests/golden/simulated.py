"""A small simulated fleet as a page of `/metrics`, with every collector."""

from typing import Final

import yaml

from exporter.simulators import Simulation
from exporter.simulators.machines import SERVER
from tests.golden.served import config_of, page_of

NOW: Final = 1_780_000_000.0
SERVERS: Final = 4
SEED: Final = 7


async def page() -> str:
    """Return the stable part of the page."""
    simulation = Simulation(servers=SERVERS, seed=SEED, clock=lambda: NOW)
    world = simulation.world
    world.override(world.com_servers()[0].serial, component={"fans": "WARNING"})
    device = next(each for each in world.ome_devices() if each.type == SERVER)
    world.override(device.identifier, component={"memory": "CRITICAL"})
    async with simulation.serving() as url:
        entries = yaml.safe_load(simulation.sources_yaml(url))["sources"]
        return await page_of(config_of(entries), NOW, url)
