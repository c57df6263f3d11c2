"""`backfill`: what COM remembers becomes blocks of Prometheus."""

import asyncio
import subprocess
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from exporter.backfill.openmetrics import added_label
from exporter.backfill.span import written
from exporter.cli import main
from exporter.commands.backfill import Wish
from exporter.commands.backfill import backfill as command
from exporter.simulators import Simulation
from exporter.simulators.identity import Register
from tests.commands.conftest import Fleet
from tests.commands.program import Finished
from tests.e2e.programs import Prometheus, free_port, program, until

HOUR, DAY = 3600, 86400
ENERGY = "serverfleet_server_energy_last_hour_joules"
ENERGY_OF_DAY = "serverfleet_server_energy_last_day_joules"
COST = "serverfleet_server_energy_cost_last_day"
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


Backfill = Callable[..., Awaitable[Finished]]


@pytest.fixture
def backfill(past: Fleet, capsys: pytest.CaptureFixture[str]) -> Backfill:
    """Run the command in this process, in a thread with a loop of its own."""

    async def run(**changes: Any) -> Finished:
        wish = Wish("com-demo", START, END, past.folder / "past.om")
        code = await asyncio.to_thread(command, past.config(), replace(wish, **changes))
        return Finished(code, *capsys.readouterr())

    return run


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
    past: Fleet, backfill: Backfill
) -> None:
    done = await backfill(labels=(added_label('instance=a"b:10450'),))
    file = past.folder / "past.om"

    assert (done.code, done.out) == (0, ""), done.err
    assert "com-demo: 50 windows to read, about 50 requests (no limit is set)" in done.err
    assert "promtool tsdb create-blocks-from openmetrics" in done.err
    hours, days = truth(past, START, END, HOUR), truth(past, START, END, DAY)
    assert len(hours) >= 4
    for family, expected in ((ENERGY, hours), (ENERGY_OF_DAY, days)):
        found = read(file, family, source="com-demo", vendor="hpe")
        assert found == {
            serial: pytest.approx(values, abs=0.001)
            for serial, values in expected.items()
            if values  # a server may have no whole day, on some dates
        }
    assert read(file, COST, currency="USD").keys() == read(file, ENERGY_OF_DAY).keys()
    counters = read(file, COUNTER, instance='a"b:10450')
    for serial, values in hours.items():
        counter = counters[serial]
        assert counter.pop(min(values) - HOUR) == 0
        assert list(counter) == sorted(values)
        assert counter[max(values)] == pytest.approx(sum(values.values()), abs=0.1)
    assert list(past.folder.glob("past.om.*")) == []


async def test_one_that_was_stopped_goes_on_where_it_was(past: Fleet, backfill: Backfill) -> None:
    broken = past.simulation.faults.add(
        kind="status", path="energy-by-entity", query=written(START + DAY)[:13], code=403
    )
    first = await backfill()
    asked = past.simulation.requests.total()
    there = list(past.folder.glob("past.om*"))
    broken.remove()
    second = await backfill()

    assert first.code == 1
    assert "HTTP 403" in first.err
    assert "what was read is kept: the same command goes on from here" in first.err
    assert past.folder / "past.om" not in there
    assert second.code == 0
    assert past.simulation.requests.total() - asked < 50 - 15
    assert read(past.folder / "past.om", ENERGY).keys() == truth(past, START, END, HOUR).keys()


async def test_windows_that_the_api_refuses_are_left_out_and_counted(
    past: Fleet, backfill: Backfill
) -> None:
    query = f"start-date={written(START)[:10]}T"
    past.simulation.faults.add(kind="status", path="energy-by-entity", query=query, code=400)
    done = await backfill()

    assert done.code == 0
    assert "24 window(s) are refused by the API and left out" in done.err
    for values in read(past.folder / "past.om", ENERGY).values():
        assert min(values) > START + DAY


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"source": "ome-demo"}, "ome-demo is of type ome, which keeps no history of energy"),
        ({"source": "com"}, "there is no source 'com'; its sources: com-demo, ome-demo"),
        (
            {"start": int(time.time()) - 181 * DAY},
            "the API remembers 180 days: the earliest --from is 2",
        ),
        ({"start": END}, "--from must be before --to"),
        ({"end": int(time.time()) + 2 * HOUR}, "--to must be over: the latest is 2"),
        ({"families": ("up",)}, "up cannot be back-filled; these can: serverfleet_server_"),
        ({"output": Path("/")}, "/ exists: remove it, or name another --output"),
        ({"output": Path("/nowhere/past.om")}, "/nowhere is no directory"),
    ],
)
async def test_a_mistake_is_named_and_nothing_is_read(
    past: Fleet, backfill: Backfill, changes: dict[str, Any], said: str
) -> None:
    done = await backfill(**changes)

    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert not any("energy" in endpoint for _, _, endpoint in past.simulation.requests)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--to yesterday", "argument --to: write a date such as 2026-05-31, or an hour"),
        ("--from 2026-02-30", "argument --from: there is no 2026-02-30"),
        ("--label serial=x", "argument --label: serial is a label of the exporter's own"),
        ("--label currency=EUR", "argument --label: currency is a label of the exporter's own"),
        ("--label instance", "argument --label: write a label as NAME=VALUE"),
        ("--label __name__=x", "argument --label: write a label as NAME=VALUE"),
    ],
)
def test_an_option_that_cannot_be_read_is_named(
    option: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["backfill", "--config", "c.yaml", "--source", "a", *option.split()])

    assert ended.value.code == 2
    assert said in capsys.readouterr().err


async def test_only_the_families_that_are_asked_for_are_written(
    past: Fleet, backfill: Backfill
) -> None:
    assert (await backfill(families=(ENERGY,), end=START + DAY)).code == 0

    text = (past.folder / "past.om").read_text()
    assert {line.split("{")[0] for line in text.splitlines() if line[0] != "#"} == {ENERGY}
    assert text.endswith("# EOF\n")


@pytest.mark.tool(prometheus="prometheus", promtool="prometheus")
async def test_prometheus_answers_from_the_blocks(past: Fleet, backfill: Backfill) -> None:
    done = await backfill(labels=(("job", "serverfleet"),))
    assert done.code == 0, done.err
    data = past.folder / "data"
    promtool = ["promtool", "tsdb", "create-blocks-from", "openmetrics"]
    made = await asyncio.to_thread(
        subprocess.run,
        [*promtool, str(past.folder / "past.om"), str(data)],
        capture_output=True,
        check=False,
    )
    assert (made.returncode, made.stderr) == (0, b"")
    hours = truth(past, START, END, HOUR)
    whole = {serial: sum(values.values()) for serial, values in hours.items()}

    (past.folder / "prometheus.yml").write_text("{}")
    port = free_port()
    server = [
        "prometheus",
        f"--config.file={past.folder}/prometheus.yml",
        f"--storage.tsdb.path={data}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ]
    async with (
        program(server, past.folder / "prometheus.log"),
        aiohttp.ClientSession() as session,
    ):
        running = Prometheus(f"http://127.0.0.1:{port}", session)

        async def sums(expression: str) -> dict[str, float]:
            result = await running.ask("query", query=expression, time=str(END))
            return {each["metric"]["serial"]: float(each["value"][1]) for each in result["result"]}

        window = f'sum_over_time({ENERGY}{{job="serverfleet"}}[2d])'
        found = await until(lambda: sums(window), "the blocks are served")
        assert found == {serial: pytest.approx(total) for serial, total in whole.items()}
        last = f"{COUNTER}_total"
        assert await sums(f"max_over_time({last}[2d]) - min_over_time({last}[50h])") == {
            serial: pytest.approx(total) for serial, total in whole.items()
        }
