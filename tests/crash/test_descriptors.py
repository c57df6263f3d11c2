"""The process may open no more files."""

import asyncio
import os
import resource
import socket
from pathlib import Path

from tests.commands.conftest import Fleet
from tests.commands.program import Running, fetch_when, running
from tests.support.exposition import value

FEW = 40


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
        await asyncio.sleep(3)
        used, written = cpu_seconds(program.pid) - used, lines(program) - written
        refused = sum(is_closed(each) for each in held)

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
        code, _ = await program.stop()

    assert "cannot connect (Too many open files)" in failed["error"]
    assert refused > FEW, "whoever cannot be served is told so, and does not wait"
    assert used < 1.5
    assert written < 80
    assert program.err.count("no free file descriptors") == 1
    assert "Traceback" not in program.err
    assert value(page.encode(), "serverfleet_web_refused_total", reason="connections") > FEW
    assert code == 0
