"""Nobody reads what the program writes, or there is no room for it."""

import asyncio
import json
import os
import resource
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exporter.streams import LOST
from tests.commands.conftest import Fleet
from tests.commands.program import PATIENCE, PROGRAM, environment, fetch_when
from tests.crash.conftest import free_port
from tests.support.exposition import values


@asynccontextmanager
async def started(*arguments: object, **options: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the program with streams of the test's choice."""
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, *map(str, arguments), env=environment(), **options
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def goes_on(port: int, process: asyncio.subprocess.Process) -> int:
    """Wait until it has polled again and again; then end it, and return its exit code."""

    def often(page: str) -> bool:
        where = {"source": "com-demo", "collector": "alerts"}
        return sum(values(page.encode(), "serverfleet_collector_runs_total", **where)) >= 3

    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await fetch_when(f"http://127.0.0.1:{port}/metrics", often)
                break
            except OSError:
                assert process.returncode is None
                await asyncio.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    return await asyncio.wait_for(process.wait(), PATIENCE)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def a_full_disk() -> int:
    return os.open("/dev/full", os.O_WRONLY)


def a_pipe_that_nobody_reads_any_more() -> int:
    ours, theirs = os.pipe()
    os.close(ours)
    return theirs


_UNREAD: list[int] = []


def a_pipe_whose_reader_stands_still() -> int:
    ours, theirs = os.pipe()
    _UNREAD.append(ours)
    os.set_blocking(theirs, False)
    try:
        while True:
            os.write(theirs, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(theirs, True)
    return theirs


@pytest.mark.parametrize(
    "stderr",
    [a_full_disk, a_pipe_that_nobody_reads_any_more, a_pipe_whose_reader_stands_still],
)
async def test_a_log_that_cannot_be_written_stops_neither_polling_nor_serving(
    fleet: Fleet, stderr: Callable[[], int]
) -> None:
    port = free_port()
    config = fleet.config(collectors={"alerts": {"interval": "200ms"}})
    where = stderr()
    async with started(
        *("run", "--config", config, "--listen", f"127.0.0.1:{port}", "--log.level", "debug"),
        stdin=subprocess.DEVNULL,
        stdout=where,
        stderr=where,
    ) as process:
        os.close(where)
        code = await goes_on(port, process)
    while _UNREAD:
        os.close(_UNREAD.pop())

    assert code == 0
    assert fleet.simulation.open_sessions == 0


async def test_standard_streams_that_are_closed_are_no_reason_to_end(fleet: Fleet) -> None:
    port = free_port()
    config = fleet.config(collectors={"alerts": {"interval": "200ms"}})

    def close_all() -> None:
        for number in range(3):
            os.close(number)

    async with started(
        *("run", "--config", config, "--listen", f"127.0.0.1:{port}"), preexec_fn=close_all
    ) as process:
        code = await goes_on(port, process)

    assert code == 0
    assert fleet.simulation.open_sessions == 0


async def test_lines_that_were_lost_are_counted_as_soon_as_somebody_reads_again(
    fleet: Fleet,
) -> None:
    theirs = a_pipe_whose_reader_stands_still()
    (ours,) = _UNREAD
    _UNREAD.clear()
    port = free_port()
    config = fleet.config(collectors={"alerts": {"interval": "200ms"}})
    async with started(
        *("run", "--config", config, "--listen", f"127.0.0.1:{port}"), stderr=theirs
    ) as process:
        os.close(theirs)
        address = f"http://127.0.0.1:{port}/metrics"
        while True:
            try:
                await fetch_when(address, lambda page: "serverfleet_server_info" in page)
                break
            except OSError:
                await asyncio.sleep(0.05)
        reading = asyncio.create_task(asyncio.to_thread(read_until_end, ours))
        assert await goes_on(port, process) == 0
    lines = (await reading).replace(b"x" * 4096, b"").lstrip(b"x").splitlines()

    first, *others = [json.loads(line) for line in lines]
    assert first["event"].startswith(LOST)
    assert first["level"] == "warning"
    assert int(first["event"].rpartition(" ")[2]) > 0
    assert "poll succeeded" in {each["event"] for each in others}


def read_until_end(number: int) -> bytes:
    with open(number, "rb") as file:
        return file.read()


@pytest.mark.parametrize("command", [["metrics"], ["once", "--config"]])
async def test_an_output_that_cannot_be_written_ends_with_1_and_a_sentence(
    fleet: Fleet, command: list[object]
) -> None:
    arguments = [*command, fleet.config()] if "--config" in command else command
    full = a_full_disk()
    async with started(
        *arguments, "--log.level", "error", stdout=full, stderr=subprocess.PIPE
    ) as process:
        os.close(full)
        _, said = await process.communicate()

    assert said.decode() == "cannot write the output: No space left on device\n"
    assert process.returncode == 1
    assert fleet.simulation.open_sessions == 0


@pytest.mark.parametrize("stderr", [a_full_disk, a_pipe_that_nobody_reads_any_more])
async def test_the_exit_code_tells_of_a_bad_configuration_where_nothing_can_be_written(
    tmp_path: Path, stderr: Callable[[], int]
) -> None:
    where = stderr()
    bad = tmp_path / "config.yaml"
    bad.write_text("sources: []")
    async with started("run", "--config", bad, stderr=where) as process:
        os.close(where)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 2


@pytest.mark.parametrize("stderr", [a_full_disk, a_pipe_that_nobody_reads_any_more])
async def test_the_exit_code_tells_that_files_differ_where_nothing_can_be_written(
    tmp_path: Path, stderr: Callable[[], int]
) -> None:
    where = stderr()
    (tmp_path / "config.example.yaml").write_text("changed")
    async with started("assets", "--output", tmp_path, stderr=where) as process:
        os.close(where)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 2

    assert names(tmp_path) == ["config.example.yaml"]


@pytest.mark.parametrize("stderr", [a_full_disk, a_pipe_that_nobody_reads_any_more])
async def test_a_backfill_is_written_where_nothing_can_be_said(
    fleet: Fleet, tmp_path: Path, stderr: Callable[[], int]
) -> None:
    where, output = stderr(), tmp_path / "past.om"
    to = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=5)
    span = ("--from", f"{to - timedelta(days=1):%Y-%m-%d}", "--to", f"{to:%Y-%m-%d}")
    arguments = ("--config", fleet.config(), "--source", "com-demo", "--output", output)
    async with started("backfill", *arguments, *span, stderr=where) as process:
        os.close(where)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0

    assert output.read_text().endswith("# EOF\n")


async def test_a_capture_that_meets_a_full_disk_ends_with_1_and_what_is_there_can_be_read(
    fleet: Fleet, tmp_path: Path
) -> None:
    def little_room() -> None:
        # Enough for the manifest, and for no list of servers.
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    output = tmp_path / "captured"
    async with started(
        *("capture", "--config", fleet.config(), "--source", "com-demo", "--output", output),
        stderr=subprocess.PIPE,
        preexec_fn=little_room,
    ) as process:
        _, said = await process.communicate()

    assert process.returncode == 1
    assert said.decode().splitlines()[-1].endswith("File too large; the capture is incomplete")
    assert [each.name for each in output.rglob("*.partial")] == []
    assert json.loads((output / "capture.json").read_text())["complete"] is False
    for each in output.rglob("*.json"):
        json.loads(each.read_text())


async def test_a_capture_that_may_not_write_ends_with_2_before_anything_is_asked(
    fleet: Fleet,
) -> None:
    async with started(
        *("capture", "--config", fleet.config(), "--source", "com-demo"),
        *("--output", "/proc/serverfleet-capture"),
        stderr=subprocess.PIPE,
    ) as process:
        _, said = await process.communicate()

    assert process.returncode == 2
    assert said.decode().startswith("cannot write to /proc/serverfleet-capture: ")
    assert not fleet.simulation.requests
