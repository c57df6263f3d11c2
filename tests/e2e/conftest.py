"""A simulated fleet and a whole exporter in front of it, over real sockets."""

from collections.abc import AsyncIterator

import pytest

from exporter.simulators import Simulation
from tests.e2e.rig import Rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    simulation = Simulation(servers=40, seed=7)
    async with simulation.serving() as base_url:
        rig = Rig(simulation, base_url)
        try:
            yield rig
        finally:
            await rig.close()
