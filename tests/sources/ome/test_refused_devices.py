"""Devices of a simulated appliance that refuse, and what is served of them meanwhile."""

from typing import TYPE_CHECKING

import pytest

from exporter.model import Inventory, PowerDraw
from exporter.simulators import Simulation
from tests.sources.ome.simulated import column, known, run

if TYPE_CHECKING:
    from exporter.sources.contract import Source
    from tests.sources.ome.conftest import FakeClock

INTERVAL = 300.0
"""Seconds between two runs of the collector `power`."""


@pytest.fixture
def simulation(clock: "FakeClock") -> Simulation:
    clock.now = 1_750_000_400.0
    return Simulation(servers=400, seed=7, clock=clock.wall, com_share=0)


def refuse(simulation: Simulation, devices: list[str], resource: str = "Power") -> None:
    some = "|".join(devices)
    path = rf"Devices\(({some})\)/{resource}$"
    simulation.faults.add(kind="status", vendor="ome", path=path, code=400)


async def test_380_of_400_devices_that_refuse_keep_their_last_good_power_for_three_intervals(
    source: "Source", simulation: Simulation, clock: "FakeClock"
) -> None:
    inventory = await known(source)
    first = column(await run(source, "power", inventory), PowerDraw)
    refusing = [server.id for server in inventory.servers][:380]
    refuse(simulation, refusing)
    kept = {key: draw for key, draw in first.items() if key in refusing}
    assert len(inventory.servers) == 400
    assert len(kept) > 300

    for _ in range(2):
        clock.now += INTERVAL
        served = column(await run(source, "power", inventory), PowerDraw)
        assert {key: served.get(key) for key in kept} == kept

    clock.now += INTERVAL + 1
    served = column(await run(source, "power", inventory), PowerDraw)
    assert served
    assert not served.keys() & kept.keys()


async def test_devices_that_refused_for_two_runs_are_served_with_new_power_as_soon_as_they_answer(
    source: "Source", simulation: Simulation, clock: "FakeClock"
) -> None:
    inventory = await known(source)
    first = column(await run(source, "power", inventory), PowerDraw)
    refusing = [server.id for server in inventory.servers][:380]
    refuse(simulation, refusing)
    for _ in range(2):
        clock.now += INTERVAL
        await run(source, "power", inventory)
    simulation.faults.clear()

    clock.now += INTERVAL
    served = await run(source, "power", inventory)

    # A few of a fleet are out of reach at any time, and then give no power.
    draws = column(served, PowerDraw)
    answering = [key for key in refusing if key in draws]
    assert len(answering) > 300
    # Some draw the same number of watts as before.
    assert sum(draws[key] != first.get(key) for key in answering) > 200
    assert served.problems == 0


@pytest.mark.parametrize(
    ("collector", "resource", "interval"),
    [("power", "Power", INTERVAL), ("health", "SubSystemHealth", INTERVAL)],
)
async def test_a_new_device_that_refuses_once_is_asked_in_the_next_run(
    source: "Source",
    simulation: Simulation,
    clock: "FakeClock",
    collector: str,
    resource: str,
    interval: float,
) -> None:
    whole = await known(source)
    new = whole.servers[0]
    others = Inventory(tuple(each for each in whole.servers if each is not new))
    await run(source, collector, others)
    refuse(simulation, [new.id], resource)
    await run(source, collector, whole)
    simulation.faults.clear()
    fault = simulation.faults.add(
        kind="delay", vendor="ome", path=rf"Devices\({new.id}\)/{resource}$", seconds=0.0
    )

    clock.now += interval
    await run(source, collector, whole)

    assert fault.hits == 1
