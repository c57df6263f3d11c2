"""The process may open no more files."""

import os
import resource
import socket
from pathlib import Path

from tests.commands.conftest import Fleet
from tests.commands.program import Running, fetch_when, running
from tests.support.exposition import value

FEW = 40
POLLS = 15
CPU_OF_A_POLL = 0.1
"""Seconds of processor time: half of what spinning takes in an interval, and many polls."""


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def polls(fleet: Fleet) -> int:
    return sum(
        count for (_, _, path), count in fleet.simulation.requests.items() if "groups" in path
    )


def lines(program: Running) -> int:
    return len(program.err.splitlines())


def is_closed(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


async def test_without_free_descriptors_scrapes_are_refused_quietly_and_all_recovers(
    fleet: Fleet, tmp_path: Path
) -> None:
    config = fleet.config(collectors={"groups": {"interval": "200ms"}})
    async with running(tmp_path, "run", "--config", config, "--log.format", "json") as program:
        address = await program.address()
        await fetch_when(f"{address}/metrics", lambda page: "serverfleet_server_info" in page)
        host, port = address.removeprefix("http://").split(":")
        _, most = resource.prlimit(program.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(program.pid, resource.RLIMIT_NOFILE, (FEW, most))
        held = [socket.create_connection((host, int(port))) for _ in range(3 * FEW)]
        await program.event("no free file descriptors: connections are refused")
        written, used = lines(program), cpu_seconds(program.pid)
        polled = polls(fleet)
        await program.until(lambda: True if polls(fleet) >= polled + POLLS else None)
        used, written = cpu_seconds(program.pid) - used, lines(program) - written
        await program.until(lambda: True if sum(map(is_closed, held)) > FEW else None)

        # What is open stays open; a call that needs a new connection gets none.
        resource.prlimit(program.pid, resource.RLIMIT_NOFILE, (5, most))
        fleet.simulation.faults.add(kind="reset", path="groups", times=1)
        failed = await program.event("poll failed", collector="groups", reason="connect")

        resource.prlimit(program.pid, resource.RLIMIT_NOFILE, (most, most))
        for each in held:
            each.close()
        page = await fetch_when(
            f"{address}/metrics",
            lambda page: (
                value(
                    page.encode(),
                    "serverfleet_collector_success",
                    source="com-demo",
                    collector="groups",
                )
                == 1
            ),
        )
        code = await program.stop()

    assert "cannot connect (Too many open files)" in failed["error"]
    assert used < POLLS * CPU_OF_A_POLL, "it waits for free descriptors, and does not spin"
    assert written < 80
    assert program.err.count("no free file descriptors") == 1
    assert "Traceback" not in program.err
    assert value(page.encode(), "serverfleet_web_refused_total", reason="connections") > FEW
    assert code == 0
