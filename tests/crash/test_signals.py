"""The program is stopped, killed or held at moments that nobody chose."""

import asyncio
import random
import signal
import socket
import time
from pathlib import Path

import pytest
import yaml

from exporter.simulators import spoilt_answers
from tests.commands.conftest import Fleet
from tests.commands.program import NEVER, PATIENT, Running, fetch, fetch_when, run, running
from tests.crash.conftest import free_port
from tests.support.exposition import value, values

RUNS = "serverfleet_collector_runs_total"


def has_servers(page: str) -> bool:
    return len(values(page.encode(), "serverfleet_server_info")) == 12


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


async def ended(program: Running, fleet: Fleet, number: signal.Signals = signal.SIGTERM) -> None:
    """Send a signal; it ends in order."""
    assert await program.stop(number) == 0, program.err
    in_order(program, fleet)


def in_order(program: Running, fleet: Fleet) -> None:
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


async def test_a_signal_during_the_first_login_ends_it_without_waiting_for_the_answer(
    fleet: Fleet, tmp_path: Path
) -> None:
    hanging = fleet.simulation.faults.add(kind="delay", path="Sessions|token", seconds=NEVER)
    config = fleet.config(http={"timeout": "1d"})
    async with running(tmp_path, "run", "--config", config) as program:
        await program.until(lambda: True if hanging.hits == 2 else None)
        await ended(program, fleet)


async def test_a_signal_while_scrapers_do_not_read_their_answers_ends_it(
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
        # The first bytes of each answer are there, and nobody makes room for the others.
        await asyncio.gather(*(asyncio.to_thread(each.recv, 1) for each in idle))
        await ended(program, fleet)
        for each in idle:
            each.close()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """What a delay of the simulation lasts until: what comes meanwhile must not cut it short."""
    over = asyncio.Event()

    async def hold(*_: object) -> None:
        await over.wait()

    monkeypatch.setitem(spoilt_answers.INSTEAD, "delay", hold)
    return over


def pending(program: Running) -> int:
    """Return the signals that have been sent to a program, and that it has not taken."""
    status = Path(f"/proc/{program.pid}/status").read_text()
    return int(status.partition("\nShdPnd:")[2].split()[0], 16)


TERM, HUP, INT = signal.SIGTERM, signal.SIGHUP, signal.SIGINT


@pytest.mark.parametrize(
    "numbers",
    [(TERM, TERM), (INT, TERM), (HUP, TERM), (TERM, HUP), (HUP, TERM, HUP, HUP)],
    ids=lambda numbers: "-".join(number.name for number in numbers),
)
async def test_signals_that_race_end_it_as_one_does(
    fleet: Fleet, tmp_path: Path, held: asyncio.Event, numbers: tuple[signal.Signals, ...]
) -> None:
    async with running(tmp_path, "run", "--config", fleet.config()) as program:
        address = await program.address()
        await fetch_when(f"{address}/metrics", has_servers)
        logout = fleet.simulation.faults.add(kind="delay", path=r"Sessions\('")
        for number in numbers:
            program.send(number)
        await program.until(lambda: True if logout.hits else None)
        await program.until(lambda: None if pending(program) else True)
        held.set()
        assert await program.ended() == 0, program.err
        in_order(program, fleet)


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
    (tmp_path / "sitecustomize.py").write_text(PATIENT.read_text() + HANGS_UP)
    arguments = ("run", "--config", fleet.config())
    async with running(tmp_path, *arguments, PYTHONPATH=str(tmp_path)) as program:
        address = await program.address()
        await fetch_when(f"{address}/metrics", has_servers)
        await ended(program, fleet)


def test_a_hangup_ends_a_command_that_has_nothing_to_reload(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(HANGS_UP)

    assert run("metrics", PYTHONPATH=str(tmp_path)).code == -signal.SIGHUP


async def test_a_hangup_while_it_logs_out_does_not_cut_that_short(
    fleet: Fleet, tmp_path: Path, held: asyncio.Event
) -> None:
    async with running(tmp_path, "run", "--config", fleet.config()) as program:
        address = await program.address()
        await fetch_when(f"{address}/metrics", has_servers)
        logout = fleet.simulation.faults.add(kind="delay", path=r"Sessions\('")
        program.send(signal.SIGTERM)
        await program.until(lambda: True if logout.hits else None)
        program.send(signal.SIGHUP)
        await program.until(lambda: None if pending(program) else True)
        held.set()
        assert await program.ended() == 0, program.err
        in_order(program, fleet)


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
        began = time.monotonic()
        page = await fetch_when(f"{address}/metrics", has_servers)
        fleet.simulation.faults.add(kind="status", code=503)
        program.send(signal.SIGSTOP)
        held_at = time.monotonic()
        before = value(page.encode(), RUNS, source="com-demo", collector="servers")
        await asyncio.sleep(3)
        program.send(signal.SIGCONT)
        held_until = time.monotonic()
        page = await fetch(f"{address}/metrics")
        healthy = await fetch(f"{address}/-/healthy")
        awake = time.monotonic() - held_until + held_at - began
        after = value(page.encode(), RUNS, source="com-demo", collector="servers")
        fleet.simulation.faults.clear()
        await fetch_when(f"{address}/metrics", has_servers)
        await ended(program, fleet)

    assert values(page.encode(), "serverfleet_server_info") == []
    assert healthy == "healthy\n"
    # With half an interval for the jitter. Made up for, the held time would count as well.
    assert after - before <= 2 + awake / 0.25, "six runs were missed, and none is made up for"
