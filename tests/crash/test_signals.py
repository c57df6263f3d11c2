"""The program is stopped, killed or held at moments that nobody chose."""

import asyncio
import random
import signal
import socket
from pathlib import Path

import pytest
import yaml

from tests.commands.conftest import Fleet
from tests.commands.program import Running, fetch, fetch_when, run, running
from tests.crash.conftest import free_port
from tests.support.exposition import value, values

SOON = 4.0
RUNS = "serverfleet_collector_runs_total"


def has_servers(page: str) -> bool:
    return len(values(page.encode(), "serverfleet_server_info")) == 12


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


async def ended(program: Running, fleet: Fleet, *numbers: signal.Signals) -> None:
    """Send signals one right after the other; it ends as if there had been one."""
    for number in numbers[:-1]:
        program.send(number)
    code, seconds = await program.stop(numbers[-1])

    assert code == 0, program.err
    assert seconds < SOON
    assert fleet.simulation.open_sessions == 0
    assert "Traceback" not in program.err


async def test_killed_at_any_moment_it_serves_again_after_a_restart_and_leaves_nothing_broken(
    fleet: Fleet, tmp_path: Path
) -> None:
    config, port = fleet.config(collectors={"alerts": {"interval": "100ms"}}), free_port()
    folder = tmp_path / "logs"
    folder.mkdir()
    before = names(tmp_path)
    chance = random.Random(4)  # noqa: S311 - bad luck
    arguments = ("run", "--config", config, "--listen", f"127.0.0.1:{port}")
    for _ in range(4):
        async with running(folder, *arguments) as program:
            await asyncio.sleep(chance.uniform(0.2, 2.5))
            await program.kill()

    assert names(tmp_path) == before
    async with running(folder, *arguments) as program:
        address = await program.address()
        await fetch_when(f"{address}/metrics", has_servers)
        await program.stop()

    # What was killed could not log out; the appliance ends those sessions itself.
    assert fleet.simulation.open_sessions <= 4


async def test_a_signal_during_the_first_login_ends_it_soon(fleet: Fleet, tmp_path: Path) -> None:
    hanging = fleet.simulation.faults.add(kind="delay", path="Sessions|token", seconds=60)
    async with running(tmp_path, "run", "--config", fleet.config()) as program:
        await program.until(lambda: True if hanging.hits == 2 else None)
        await ended(program, fleet, signal.SIGTERM)


async def test_a_signal_while_scrapers_do_not_read_their_answers_ends_it_soon(
    fleet: Fleet, tmp_path: Path
) -> None:
    async with running(tmp_path, "run", "--config", fleet.config()) as program:
        address = await program.address()
        await fetch_when(f"{address}/metrics", has_servers)
        host, port = address.removeprefix("http://").split(":")
        idle = [socket.create_connection((host, int(port))) for _ in range(20)]
        for each in idle:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            each.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 50)
        await asyncio.sleep(0.3)
        await ended(program, fleet, signal.SIGTERM)
        for each in idle:
            each.close()


TERM, HUP, INT = signal.SIGTERM, signal.SIGHUP, signal.SIGINT


@pytest.mark.parametrize(
    "numbers",
    [(TERM, TERM), (INT, TERM), (HUP, TERM), (TERM, HUP), (HUP, TERM, HUP, HUP)],
    ids=lambda numbers: "-".join(number.name for number in numbers),
)
async def test_signals_that_race_end_it_as_one_does(
    fleet: Fleet, tmp_path: Path, numbers: tuple[signal.Signals, ...]
) -> None:
    # The logout takes a while: what comes meanwhile must not cut it short.
    async with running(tmp_path, "run", "--config", fleet.config()) as program:
        address = await program.address()
        await fetch_when(f"{address}/metrics", has_servers)
        fleet.simulation.faults.add(kind="delay", path=r"Sessions\('", seconds=0.4)
        await ended(program, fleet, *numbers)


HANGS_UP = """
import os, signal, sys

class HangsUp:
    def find_spec(self, name, path=None, target=None):
        if name == "exporter.cli":
            os.kill(os.getpid(), signal.SIGHUP)

sys.meta_path.insert(0, HangsUp())
"""
"""Run by Python itself before our program: it is hung up while it loads its modules."""


async def test_a_hangup_while_it_is_being_loaded_does_not_end_it(
    fleet: Fleet, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(HANGS_UP)
    arguments = ("run", "--config", fleet.config())
    async with running(tmp_path, *arguments, PYTHONPATH=str(tmp_path)) as program:
        await program.address()
        await ended(program, fleet, signal.SIGTERM)


def test_a_hangup_ends_a_command_that_has_nothing_to_reload(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(HANGS_UP)

    assert run("metrics", PYTHONPATH=str(tmp_path)).code == -signal.SIGHUP


async def test_a_hangup_while_it_logs_out_does_not_cut_that_short(
    fleet: Fleet, tmp_path: Path
) -> None:
    async with running(tmp_path, "run", "--config", fleet.config()) as program:
        address = await program.address()
        await fetch_when(f"{address}/metrics", has_servers)
        slow = fleet.simulation.faults.add(kind="delay", path=r"Sessions\('", seconds=0.5)
        program.send(signal.SIGTERM)
        await program.until(lambda: True if slow.hits else None)
        await ended(program, fleet, signal.SIGHUP)


async def test_held_for_longer_than_its_data_are_good_it_serves_none_that_are_older(
    fleet: Fleet, tmp_path: Path
) -> None:
    config = fleet.config(http={"timeout": "1s"})
    tree = yaml.safe_load(config.read_text())
    for entry, inventory in zip(tree["sources"], ("servers", "devices"), strict=True):
        entry["collectors"] = {inventory: {"interval": "500ms"}}
    config.write_text(yaml.safe_dump(tree))
    async with running(tmp_path, "run", "--config", config) as program:
        address = await program.address()
        page = await fetch_when(f"{address}/metrics", has_servers)
        fleet.simulation.faults.add(kind="status", code=503)
        program.send(signal.SIGSTOP)
        before = value(page.encode(), RUNS, source="com-demo", collector="servers")
        await asyncio.sleep(3)
        program.send(signal.SIGCONT)
        page = await fetch(f"{address}/metrics")
        healthy = await fetch(f"{address}/-/healthy")
        after = value(page.encode(), RUNS, source="com-demo", collector="servers")
        fleet.simulation.faults.clear()
        await fetch_when(f"{address}/metrics", has_servers)
        await ended(program, fleet, signal.SIGTERM)

    assert values(page.encode(), "serverfleet_server_info") == []
    assert healthy == "healthy\n"
    assert after - before <= 2, "six runs were missed, and none is made up for"
