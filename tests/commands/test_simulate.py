"""`simulate` and `demo`: both APIs without any real system."""

import re
import signal
import socket
from pathlib import Path

import pytest
import yaml

from exporter.config.load import parse
from exporter.sources.vendors import SOURCES
from tests.commands.program import (
    Running,
    fetch,
    fetch_when,
    run,
    run_beside,
    run_unread,
    running,
)
from tests.support.exposition import values


async def block_of(program: Running) -> str:
    """Wait for the whole block of sources."""

    def whole() -> str | None:
        out = program.out
        return out if "password: " in out and out.endswith("\n") else None

    return await program.until(whole)


async def test_simulate_prints_a_sources_block_and_nothing_after_it(tmp_path: Path) -> None:
    async with running(tmp_path, "simulate", "--servers", "9") as program:
        block = await block_of(program)
        config = tmp_path / "config.yaml"
        config.write_text(block)
        once = await run_beside("once", "--config", config)
        code = await program.stop()

    types = {name: kind.settings for name, kind in SOURCES.items()}
    assert {source.type for source in parse(block, types, {}, origin="test").sources} == {
        "com",
        "ome",
    }
    assert list(yaml.safe_load(block)) == ["sources"]
    assert once.code == 0
    assert len(values(once.out.encode(), "serverfleet_server_info")) == 9
    assert code == 0
    assert (program.out, program.err) == (block, "")


async def test_the_same_seed_makes_the_same_fleet(tmp_path: Path) -> None:
    infos = []
    for seed in ("5", "5", "6"):
        async with running(tmp_path, "simulate", "--servers", "6", "--seed", seed) as program:
            config = tmp_path / "config.yaml"
            config.write_text(await block_of(program))
            once = await run_beside("once", "--config", config)
            await program.stop()
        infos.append(sorted(re.findall(r'serverfleet_server_info\{.*?serial="(\w+)"', once.out)))

    assert infos[0] == infos[1] != infos[2]


async def test_sigint_ends_it_too(tmp_path: Path) -> None:
    async with running(tmp_path, "simulate", "--servers", "2") as program:
        await block_of(program)
        code = await program.stop(signal.SIGINT)

    assert (code, program.err) == (0, "")


@pytest.mark.parametrize("command", ["simulate", "demo"])
def test_a_port_that_is_taken_ends_it_with_1_and_a_clear_message(command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        done = run(command, "--servers", "2", "--listen", where)

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"cannot listen on {where}: ")
    assert "Traceback" not in done.err


def test_nobody_who_reads_the_block_is_no_reason_to_complain() -> None:
    done = run_unread("simulate", "--servers", "2")

    assert (done.code, done.err) == (0, "")


async def test_demo_says_where_to_look_and_serves_the_fleet_there(tmp_path: Path) -> None:
    async with running(tmp_path, "demo", "--servers", "8", "--listen", "127.0.0.1:0") as program:
        sentence = re.compile(r"8 simulated servers: look at (\S+)/ and (\S+)/metrics")
        found = await program.until(lambda: sentence.search(program.err))
        page = await fetch_when(
            f"{found[2]}/metrics",
            lambda page: len(values(page.encode(), "serverfleet_server_info")) == 8,
        )
        landing = await fetch(f"{found[1]}/")
        code = await program.stop()

    assert code == 0
    assert program.out == ""
    said = program.err + page + landing
    assert "demo-secret-" not in said
    assert "demo-password-" not in said
    assert "Traceback" not in program.err
