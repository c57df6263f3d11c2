"""`backfill`: what COM remembers becomes blocks of Prometheus."""

import asyncio
import subprocess
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from exporter.backfill.span import written
from exporter.simulators import Simulation
from exporter.simulators.identity import Register
from tests.commands.conftest import Fleet
from tests.commands.program import Finished, run_beside
from tests.e2e.programs import free_port, program, until

HOUR, DAY = 3600, 86400
ENERGY = "serverfleet_server_energy_window_joules"
COUNTER = "serverfleet_server_energy_joules"
END = int(time.time() - 5 * DAY) // DAY * DAY
START = END - 2 * DAY


@pytest.fixture
async def past(tmp_path: Path) -> AsyncIterator[Fleet]:
    """A fleet whose servers have been there for longer than a backfill goes back."""
    simulation = Simulation(servers=8, seed=3, com_share=0.75)
    simulation.world.register = Register(3, 8000, 0)
    async with simulation.serving() as base_url:
        yield Fleet(simulation, base_url, tmp_path)


async def backfill(fleet: Fleet, *more: str, **changes: str) -> Finished:
    asked = {
        "config": str(fleet.config()),
        "source": "com-demo",
        "from": written(START),
        "to": written(END),
        "output": str(fleet.folder / "past.om"),
        **changes,
    }
    options = [word for name, text in asked.items() for word in (f"--{name}", text)]
    return await run_beside("backfill", *options, *more)


def truth(fleet: Fleet, begin: int, end: int, seconds: int) -> dict[str, dict[int, float]]:
    """Return joules by serial number and end of window."""
    world, energy = fleet.simulation.world, fleet.simulation.com_energy
    return {
        server.serial: {
            start + seconds: said.joules
            for start in range(begin, end, seconds)
            for said in [energy.settled(server.slot, start, start + seconds)]
            if said.complete and said.joules is not None
        }
        for server in world.com_servers()
        if world.has_energy(server.slot)
    }


def read(path: Path, name: str, **labels: str) -> dict[str, dict[float, float]]:
    """Read a family strictly, by serial number and time."""
    found: dict[str, dict[float, float]] = defaultdict(dict)
    for family in text_string_to_metric_families(path.read_text()):  # type: ignore[no-untyped-call]
        for sample in family.samples:
            if family.name == name and labels.items() <= sample.labels.items():
                found[sample.labels["serial"]][float(sample.timestamp)] = sample.value
    return dict(found)


async def test_every_window_is_written_at_its_end_and_the_counter_sums_the_hours(
    past: Fleet,
) -> None:
    done = await backfill(past, "--label", 'instance=a"b:10450')
    file = past.folder / "past.om"

    assert (done.code, done.out) == (0, ""), done.err
    assert "com-demo: 50 windows to read, about 50 requests (no limit is set)" in done.err
    assert "promtool tsdb create-blocks-from openmetrics" in done.err
    hours, days = truth(past, START, END, HOUR), truth(past, START, END, DAY)
    assert len(hours) >= 4
    for window, expected in (("1h", hours), ("1d", days)):
        found = read(file, ENERGY, window=window, source="com-demo", vendor="hpe")
        assert found == {
            serial: pytest.approx(values, abs=0.001) for serial, values in expected.items()
        }
    counters = read(file, COUNTER, instance='a"b:10450')
    for serial, values in hours.items():
        counter = counters[serial]
        assert counter.pop(min(values) - HOUR) == 0
        assert list(counter) == sorted(values)
        assert counter[max(values)] == pytest.approx(sum(values.values()), abs=0.1)
    assert list(past.folder.glob("past.om.*")) == []


async def test_one_that_was_stopped_goes_on_where_it_was(past: Fleet) -> None:
    past.simulation.faults.add(
        kind="status", path="energy-by-entity", status=403, probability=1.0, after=0
    ) if False else None
    failing = past.simulation.faults.add(kind="status", path="energy-by-entity", status=403)
    first = await backfill(past)
    past.simulation.faults.remove(failing.id)
    half = await backfill(past, output=str(past.folder / "past.om"), to=written(START + DAY))

    assert first.code == 1
    assert "the same command goes on from here" in first.err
    assert half.code == 0
